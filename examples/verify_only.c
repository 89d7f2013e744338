/* An MCP server that issues no tokens: it shares the SQLite file of the authorization server,
 * another process of this machine, and so knows at once what is good and what was revoked.
 *
 *   cc verify_only.c -o verify_only \
 *     $(pkg-config --cflags --libs libistauth-sqlite libmicrohttpd libcjson)
 *
 * Beside the example server, which has to know the second resource:
 *
 *   build/isteam --store sqlite:auth.db --notes http://127.0.0.1:8082/mcp
 *   build/verify_only http://127.0.0.1:8080 auth.db http://127.0.0.1:8082/mcp 8082
 *
 * Both processes run as the same user: the file is its owner's alone. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <istauth.h>
#include <istauth/sqlite_store.h>

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define BODY_MAX (64u * 1024u)
#define THREADS 4u
#define IDLE_SECONDS 30u
#define TEXT_MAX 512
#define TALLIES 64

#define INVALID_REQUEST (-32600) /* JSON-RPC 2.0 5.1 */
#define METHOD_NOT_FOUND (-32601)
#define INVALID_PARAMS (-32602)
#define PARSE_ERROR (-32700)

typedef struct service {
    istauth_store store;
    istauth_server *server;
    istauth_str path; /* of the resource: where its MCP endpoint is */
    struct MHD_Daemon *daemon;
} service;

/* A call that may be made: its caller is proven. */
typedef struct call {
    const service *service;
    const istauth_access *access;
    istauth_response *response;
    istauth_arena *arena;
    const cJSON *id;
} call;

/* --- the tools: a tally per workspace --- */

typedef struct tool {
    const char *name, *description;
    istauth_str scope;
    bool in_workspace; /* has an argument "workspace", the one that it touches */
    void (*run)(char text[TEXT_MAX], const istauth_access *access, const char *workspace);
} tool;

/* No person stands behind a machine: it has no subject. */
static void whoami(char text[TEXT_MAX], const istauth_access *access, const char *workspace)
{
    istauth_str who = access->machine ? access->client_id : access->subject;

    (void)workspace;
    snprintf(text, TEXT_MAX, "%s %.*s, in %zu workspace(s)", access->machine ? "machine" : "person",
             (int)who.n, who.p, access->workspaces.count);
}

static unsigned tally(const char *workspace, unsigned step)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static struct {
        char workspace[ISTAUTH_WORKSPACE_ID_MAX + 1];
        unsigned count;
    } tallies[TALLIES];
    unsigned count = 0;
    size_t i = 0;

    pthread_mutex_lock(&mutex);
    while (i < TALLIES && tallies[i].count && strcmp(tallies[i].workspace, workspace) != 0)
        i++;
    if (i < TALLIES) {
        snprintf(tallies[i].workspace, sizeof(tallies[i].workspace), "%s", workspace);
        count = tallies[i].count += step;
    }
    pthread_mutex_unlock(&mutex);
    return count;
}

static void read_tally(char text[TEXT_MAX], const istauth_access *access, const char *workspace)
{
    (void)access;
    snprintf(text, TEXT_MAX, "%s: %u", workspace, tally(workspace, 0));
}

static void raise_tally(char text[TEXT_MAX], const istauth_access *access, const char *workspace)
{
    (void)access;
    snprintf(text, TEXT_MAX, "%s: %u", workspace, tally(workspace, 1));
}

static const tool tools[] = {
    { "whoami", "Who is calling", ISTAUTH_STR_INIT("mcp:read"), false, whoami },
    { "read_tally", "How often raise_tally was called", ISTAUTH_STR_INIT("mcp:read"), true,
      read_tally },
    { "raise_tally", "Add one to the tally", ISTAUTH_STR_INIT("mcp"), true, raise_tally },
};

#define TOOL_COUNT (sizeof(tools) / sizeof(tools[0]))

/* --- JSON-RPC: what an MCP server is without authorization --- */

/* Takes `answer`, which may be NULL for lack of memory. */
static void reply(const call *c, int status, cJSON *answer)
{
    char *text = answer ? cJSON_PrintUnformatted(answer) : NULL;
    istauth_str body = { NULL, 0 };

    if (!text || istauth_arena_copy(&body, c->arena, istauth_str_of(text)))
        status = 503;
    cJSON_free(text);
    cJSON_Delete(answer);
    istauth_response_init(c->response, status, "application/json", body);
    istauth_response_add_cors(c->response);
}

/* Browsers let their scripts see none without these fields, not even that all went well. */
static void bare(const call *c, int status)
{
    istauth_response_init(c->response, status, NULL, istauth_str_of(NULL));
    istauth_response_add_cors(c->response);
}

static cJSON *message(const call *c)
{
    cJSON *m = cJSON_CreateObject();

    cJSON_AddStringToObject(m, "jsonrpc", "2.0");
    cJSON_AddItemToObject(m, "id", c->id ? cJSON_Duplicate(c->id, false) : cJSON_CreateNull());
    return m;
}

static void fail(const call *c, int code, const char *why)
{
    cJSON *m = message(c), *error = cJSON_AddObjectToObject(m, "error");

    cJSON_AddNumberToObject(error, "code", code);
    cJSON_AddStringToObject(error, "message", why);
    reply(c, code == PARSE_ERROR || code == INVALID_REQUEST ? 400 : 200, m);
}

static void initialize(const call *c, const cJSON *params)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(params, "protocolVersion");
    cJSON *m = message(c), *result = cJSON_AddObjectToObject(m, "result"), *part;

    cJSON_AddStringToObject(result, "protocolVersion",
                            cJSON_IsString(version) ? version->valuestring : "2025-11-25");
    part = cJSON_AddObjectToObject(result, "capabilities");
    cJSON_AddObjectToObject(part, "tools");
    part = cJSON_AddObjectToObject(result, "serverInfo");
    cJSON_AddStringToObject(part, "name", "verify_only");
    cJSON_AddStringToObject(part, "version", ISTAUTH_VERSION);
    reply(c, 200, m);
}

static void pong(const call *c)
{
    cJSON *m = message(c);

    cJSON_AddObjectToObject(m, "result");
    reply(c, 200, m);
}

static cJSON *describe(const tool *t)
{
    cJSON *described = cJSON_CreateObject(), *schema, *part;

    cJSON_AddStringToObject(described, "name", t->name);
    cJSON_AddStringToObject(described, "description", t->description);
    schema = cJSON_AddObjectToObject(described, "inputSchema");
    cJSON_AddStringToObject(schema, "type", "object");
    if (!t->in_workspace)
        return described;
    part = cJSON_AddObjectToObject(cJSON_AddObjectToObject(schema, "properties"), "workspace");
    cJSON_AddStringToObject(part, "type", "string");
    cJSON_AddItemToArray(cJSON_AddArrayToObject(schema, "required"),
                         cJSON_CreateString("workspace"));
    return described;
}

static void list_tools(const call *c)
{
    cJSON *m = message(c), *result = cJSON_AddObjectToObject(m, "result");
    cJSON *list = cJSON_AddArrayToObject(result, "tools");

    for (size_t i = 0; i < TOOL_COUNT; i++)
        cJSON_AddItemToArray(list, describe(&tools[i]));
    reply(c, 200, m);
}

/* The second question of authorization: may this caller use this tool on this workspace? */
static void run_tool(const call *c, const tool *t, const char *workspace)
{
    char text[TEXT_MAX];
    cJSON *m, *part;

    if (!istauth_permit(c->response, c->access, c->service->server, t->scope,
                        istauth_str_of(workspace), c->arena))
        return;
    t->run(text, c->access, workspace);
    m = message(c);
    part = cJSON_AddArrayToObject(cJSON_AddObjectToObject(m, "result"), "content");
    cJSON_AddItemToArray(part, cJSON_CreateObject());
    part = cJSON_GetArrayItem(part, 0);
    cJSON_AddStringToObject(part, "type", "text");
    cJSON_AddStringToObject(part, "text", text);
    reply(c, 200, m);
}

static void call_tool(const call *c, const cJSON *params)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, "name"));
    const cJSON *arguments = cJSON_GetObjectItemCaseSensitive(params, "arguments");
    const char *workspace =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(arguments, "workspace"));
    const tool *t = tools;

    while (t < tools + TOOL_COUNT && (!name || strcmp(t->name, name) != 0))
        t++;
    if (t == tools + TOOL_COUNT)
        fail(c, INVALID_PARAMS, "no such tool");
    else if (t->in_workspace && !istauth_workspace_id_is_valid(istauth_str_of(workspace)))
        fail(c, INVALID_PARAMS, "which workspace?");
    else
        run_tool(c, t, t->in_workspace ? workspace : NULL);
}

/* Gives back what was sent: cJSON writes 15 digits of a number. */
static bool is_id(const cJSON *id)
{
    double most = 999999999999999.0, n = cJSON_GetNumberValue(id);

    return cJSON_IsString(id) || (n >= -most && n <= most && n == (double)(long long)n);
}

static void dispatch(call *c, const cJSON *request)
{
    const char *method = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, "method"));
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(request, "params");

    c->id = cJSON_GetObjectItemCaseSensitive(request, "id");
    if (!method || (c->id && !is_id(c->id))) {
        c->id = NULL;
        fail(c, INVALID_REQUEST, "not a request");
    } else if (!c->id) /* a notification */
        bare(c, 202);
    else if (strcmp(method, "initialize") == 0)
        initialize(c, params);
    else if (strcmp(method, "ping") == 0)
        pong(c);
    else if (strcmp(method, "tools/list") == 0)
        list_tools(c);
    else if (strcmp(method, "tools/call") == 0)
        call_tool(c, params);
    else
        fail(c, METHOD_NOT_FOUND, "no such method");
}

/* --- authorization: all of it --- */

/* The first question: who is calling? Before anything that she sent is parsed. */
static void serve_mcp(const service *s, istauth_response *response, const istauth_request *request,
                      istauth_arena *arena)
{
    istauth_access access;
    call c = { s, &access, response, arena, NULL };
    cJSON *parsed;

    if (!istauth_protect(response, &access, s->server, request, istauth_str_of(NULL), arena))
        return;
    if (!istauth_str_equal(request->method, ISTAUTH_STR("POST"))) {
        bare(&c, 405);
        response->headers[response->header_count].name = ISTAUTH_STR("Allow");
        response->headers[response->header_count++].value = ISTAUTH_STR("POST, OPTIONS");
        return;
    }
    parsed = cJSON_ParseWithLength(request->body.p, request->body.n);
    if (parsed)
        dispatch(&c, parsed);
    else
        fail(&c, PARSE_ERROR, "not JSON");
    cJSON_Delete(parsed);
}

static void serve(const service *s, istauth_response *response, const istauth_request *request,
                  istauth_arena *arena)
{
    istauth_authorization never;
    bool open;

    if (istauth_handle(response, &open, &never, s->server, request, arena))
        return; /* the metadata, which says whose tokens open this server */
    if (istauth_str_equal(request->path, s->path))
        serve_mcp(s, response, request, arena);
    else
        response->status = 404;
}

/* What was refused, and why; the authorization server logs the rest. */
static void on_event(void *ctx, const istauth_event *event)
{
    (void)ctx;
    fprintf(stderr, "event %s status=%s address=%.*s\n", istauth_event_name(event->kind),
            istauth_status_name(event->status), (int)event->address.n, event->address.p);
}

static bool make_server(service *s, const char *issuer, const char *file, const char *resource)
{
    istauth_resource here = { istauth_str_of(resource), ISTAUTH_STR("Tally") };
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_error error = { ISTAUTH_OK, "" };

    if (!istauth_sqlite_store_open(&s->store, file, NULL, &error)) {
        config.store = s->store;
        config.issuer = istauth_str_of(issuer);
        config.resources = &here; /* the authorization server has it among its own, too */
        config.resource_count = 1;
        config.resource_server_only = true;
        config.hooks.event = on_event;
        s->path = istauth_identifier_path(here.identifier);
        if (!istauth_server_new(&s->server, &config, &error))
            return true;
    }
    fprintf(stderr, "verify_only: %s: %s\n", istauth_status_name(error.status), error.detail);
    return false;
}

/* --- libmicrohttpd --- */

/* One request's body, which comes in pieces. */
typedef struct exchange {
    size_t n;
    bool too_large;
    char body[BODY_MAX];
} exchange;

typedef struct header_search {
    const char *name;
    size_t nth;
    istauth_str value;
} header_search;

static enum MHD_Result match_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    header_search *s = ctx;

    (void)kind;
    if (strcasecmp(name, s->name) != 0 || s->nth-- > 0)
        return MHD_YES;
    s->value = istauth_str_of(value ? value : "");
    return MHD_NO; /* found */
}

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    header_search s = { name, nth, { NULL, 0 } };

    MHD_get_connection_values(ctx, MHD_HEADER_KIND, match_header, &s);
    return s.value;
}

static const char *address_of(struct MHD_Connection *connection, char text[INET_ADDRSTRLEN])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr_in *peer = info ? (const void *)info->client_addr : NULL;

    return peer ? inet_ntop(AF_INET, &peer->sin_addr, text, INET_ADDRSTRLEN) : NULL;
}

/* It is copied: the arena does not outlive this function, and nothing in it is secret. */
static enum MHD_Result send_response(struct MHD_Connection *connection,
                                     const istauth_response *response)
{
    struct MHD_Response *out = MHD_create_response_from_buffer(
        response->body.n, (void *)(uintptr_t)response->body.p, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result sent = out ? MHD_YES : MHD_NO;

    for (size_t i = 0; sent == MHD_YES && i < response->header_count; i++)
        sent =
            MHD_add_response_header(out, response->headers[i].name.p, response->headers[i].value.p);
    if (sent == MHD_YES)
        sent = MHD_queue_response(connection, (unsigned)response->status, out);
    if (out)
        MHD_destroy_response(out);
    return sent;
}

static enum MHD_Result answer(const service *s, struct MHD_Connection *connection, const char *path,
                              const char *method, const exchange *x)
{
    char room[ISTAUTH_ARENA_BUFFER], address[INET_ADDRSTRLEN];
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_response response = { .status = 413 };
    istauth_arena arena;
    enum MHD_Result sent;

    request.method = istauth_str_of(method);
    request.path = istauth_str_of(path);
    request.body = (istauth_str){ x->body, x->n };
    request.address = istauth_str_of(address_of(connection, address));
    request.header = header;
    request.ctx = connection;
    istauth_server_arena(s->server, &arena, room, sizeof(room));
    if (!x->too_large)
        serve(s, &response, &request, &arena);
    sent = send_response(connection, &response);
    istauth_arena_wipe(&arena);
    return sent;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *piece,
                                  size_t *size, void **state)
{
    exchange *x = *state;

    (void)version;
    if (!x) { /* the first call: the body follows */
        *state = x = malloc(sizeof(*x));
        if (!x)
            return MHD_NO;
        x->n = 0;
        x->too_large = false;
        return MHD_YES;
    }
    if (*size == 0)
        return answer(ctx, connection, path, method, x);
    if (*size > sizeof(x->body) - x->n)
        x->too_large = true; /* the rest is read, and not kept */
    else
        memcpy(x->body + x->n, piece, *size);
    x->n += x->too_large ? 0 : *size;
    *size = 0;
    return MHD_YES;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)ctx;
    (void)connection;
    (void)why;
    free(*state);
    *state = NULL;
}

/* Paths are compared as they came: "%6Dcp" is not "mcp". */
static size_t leave_encoded(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strlen(text);
}

/* The number of a port; 0: it is none. */
static uint16_t port_of(const char *text)
{
    bool good = *text && strlen(text) <= 5 && text[strspn(text, "0123456789")] == '\0';
    unsigned long n = good ? strtoul(text, NULL, 10) : 0;

    return n <= 65535 ? (uint16_t)n : 0;
}

static bool listen_at(service *s, const char *port)
{
    struct sockaddr_in here = { .sin_family = AF_INET };

    here.sin_port = htons(port_of(port));
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (here.sin_port)
        s->daemon = MHD_start_daemon(
            MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, on_request, s, MHD_OPTION_SOCK_ADDR, &here,
            MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
            MHD_OPTION_UNESCAPE_CALLBACK, leave_encoded, NULL, MHD_OPTION_NOTIFY_COMPLETED,
            on_completed, NULL, MHD_OPTION_END);
    if (!s->daemon)
        fprintf(stderr, "verify_only: cannot listen on port %s\n", port);
    return s->daemon;
}

int main(int argc, char **argv)
{
    service s = { .server = NULL };
    sigset_t signals;
    int code = 1, caught;

    if (argc != 5) {
        fputs("usage: verify_only ISSUER STORE_FILE RESOURCE PORT\n", stderr);
        return 2;
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before there are threads */
    signal(SIGPIPE, SIG_IGN);
    if (make_server(&s, argv[1], argv[2], argv[3]) && listen_at(&s, argv[4])) {
        printf("verify_only: listening on http://127.0.0.1:%s\n", argv[4]);
        fflush(stdout);
        code = sigwait(&signals, &caught) ? 1 : 0;
        MHD_stop_daemon(s.daemon);
    }
    istauth_server_free(s.server);
    istauth_sqlite_store_close(&s.store);
    return code;
}
