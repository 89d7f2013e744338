/* hello: the smallest MCP server that clients can sign in to, on libmicrohttpd.
 *
 *     cc hello.c $(pkg-config --cflags --libs libistauth libmicrohttpd libcjson) -o hello
 *     ./hello 8080
 *
 * Everyone who opens it is Ada, and everything is forgotten when it ends: what is marked "yours" is
 * what your own server has already. examples/hosts/ shows more of a host. */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <istauth.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- the library's part, as in README.md --- */

void answer_mcp(istauth_response *response, const istauth_server *server,
                const istauth_request *request, const istauth_access *access,
                istauth_arena *arena);

/* Yours: whom the session cookie names, if anyone. */
static istauth_status who(void *ctx, istauth_visitor *visitor,
                          const istauth_request *request, istauth_arena *arena)
{
    (void)ctx, (void)request, (void)arena;
    visitor->subject = ISTAUTH_STR("ada");
    visitor->name = ISTAUTH_STR("Ada Lovelace");
    visitor->binding = ISTAUTH_STR("her session's id");
    return ISTAUTH_OK;
}

/* Once. The server is immutable and shared by all threads. */
static istauth_server *start(const char *issuer, const char *endpoint,
                             istauth_store *store)
{
    istauth_resource mcp = { istauth_str_of(endpoint), ISTAUTH_STR("Hello") };
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_server *server;

    if (istauth_memory_store_new(store, NULL, NULL))
        return NULL;
    config.issuer = istauth_str_of(issuer); /* never taken from a request */
    config.resources = &mcp;
    config.resource_count = 1;
    config.store = *store;
    config.hooks.visitor = who;
    config.sign_in = ISTAUTH_STR("/login?next="); /* yours, too */
    return istauth_server_new(&server, &config, NULL) ? NULL : server;
}

/* Every request: discovery, registration, consent, tokens, revocation; then yours. */
static void serve(istauth_response *response, const istauth_server *server,
                  const istauth_request *request, istauth_arena *arena)
{
    istauth_access access;

    if (istauth_handle(response, NULL, NULL, server, request, arena))
        return;
    if (!istauth_str_equal(request->path, ISTAUTH_STR("/mcp")))
        istauth_response_init(response, 404, NULL, ISTAUTH_STR(""));
    else if (istauth_protect(response, &access, server, request, ISTAUTH_STR(""),
                             arena))
        answer_mcp(response, server, request, &access, arena);
}

/* --- yours: the tools --- */

static cJSON *whoami(const istauth_access *access)
{
    cJSON *result = cJSON_CreateObject(), *text = cJSON_CreateObject();
    char said[256];

    snprintf(said, sizeof(said), "You are %.*s.", (int)access->subject.n, access->subject.p);
    cJSON_AddStringToObject(text, "type", "text");
    cJSON_AddStringToObject(text, "text", said);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(result, "content"), text);
    return result;
}

/* The result of a method, as JSON; NULL when there is no such method. */
static cJSON *run(const char *method, const istauth_access *access)
{
    static const char about[] = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                                "\"serverInfo\":{\"name\":\"hello\",\"version\":\"1\"}}";
    static const char tools[] =
        "{\"tools\":[{\"name\":\"whoami\",\"inputSchema\":{\"type\":\"object\"}}]}";

    if (strcmp(method, "initialize") == 0)
        return cJSON_Parse(about);
    if (strcmp(method, "tools/list") == 0)
        return cJSON_Parse(tools);
    return strcmp(method, "tools/call") == 0 ? whoami(access) : NULL;
}

/* One that comes back as it was sent: cJSON writes 15 digits of a number. */
static bool is_id(const cJSON *id)
{
    double most = 999999999999999.0, n = cJSON_GetNumberValue(id);

    return cJSON_IsString(id) || (n >= -most && n <= most && n == (double)(long long)n);
}

static cJSON *reply_to(const cJSON *message, const cJSON *id, const istauth_access *access)
{
    const char *method = cJSON_GetStringValue(cJSON_GetObjectItem(message, "method"));
    cJSON *reply = cJSON_CreateObject(), *result;

    result = run(method ? method : "", access);
    cJSON_AddStringToObject(reply, "jsonrpc", "2.0");
    cJSON_AddItemToObject(reply, "id", cJSON_Duplicate(id, true));
    cJSON_AddItemToObject(reply, result ? "result" : "error",
                          result ? result : cJSON_Parse("{\"code\":-32601,\"message\":\"Unknown\"}"));
    return reply;
}

/* A tool says which scope it needs, and the workspace that it touches, if it has one. */
void answer_mcp(istauth_response *response, const istauth_server *server,
                const istauth_request *request, const istauth_access *access, istauth_arena *arena)
{
    cJSON *message, *id, *reply;
    istauth_str json = ISTAUTH_STR("");
    char *text;

    if (!istauth_permit(response, access, server, ISTAUTH_STR("mcp:read"), ISTAUTH_STR(""), arena))
        return;
    message = cJSON_ParseWithLength(request->body.p, request->body.n);
    id = cJSON_GetObjectItem(message, "id");
    reply = id && is_id(id) ? reply_to(message, id, access) : NULL;
    text = reply ? cJSON_PrintUnformatted(reply) : NULL;
    if (!istauth_str_equal(request->method, ISTAUTH_STR("POST")))
        istauth_response_init(response, 405, NULL, json);
    else if (!message || (id && !is_id(id)))
        istauth_response_init(response, 400, NULL, json);
    else if (!id) /* a notification */
        istauth_response_init(response, 202, NULL, json);
    else if (!text || istauth_arena_copy(&json, arena, istauth_str_of(text)))
        istauth_response_init(response, 503, NULL, json);
    else
        istauth_response_init(response, 200, "application/json", json);
    istauth_response_add_cors(response);
    free(text);
    cJSON_Delete(reply);
    cJSON_Delete(message);
}

/* --- yours: the HTTP server --- */

/* A request on its way: its target as it was sent, not decoded, and its body piece by piece. */
typedef struct exchange {
    struct MHD_Connection *connection;
    bool begun;
    char target[17000]; /* longer than an authorization request may be */
    char body[65536];
    size_t n, total;
} exchange;

typedef struct wanted {
    const char *name;
    size_t nth;
    istauth_str value;
} wanted;

static enum MHD_Result look(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    wanted *w = ctx;

    (void)kind;
    if (strcasecmp(name, w->name) != 0 || w->nth-- > 0)
        return MHD_YES;
    w->value = istauth_str_of(value);
    return MHD_NO;
}

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    wanted w = { name, nth, { NULL, 0 } };

    MHD_get_connection_values(((exchange *)ctx)->connection, MHD_HEADER_KIND, look, &w);
    return w.value;
}

static enum MHD_Result send_out(struct MHD_Connection *connection, const istauth_response *response)
{
    struct MHD_Response *out = MHD_create_response_from_buffer(
        response->body.n, (void *)(uintptr_t)response->body.p, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result sent;

    if (!out)
        return MHD_NO;
    sent = MHD_YES;
    for (size_t i = 0; sent == MHD_YES && i < response->header_count; i++)
        sent = MHD_add_response_header(out, response->headers[i].name.p,
                                       response->headers[i].value.p);
    if (sent == MHD_YES)
        sent = MHD_queue_response(connection, (unsigned)response->status, out);
    MHD_destroy_response(out);
    return sent;
}

static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    exchange *x = calloc(1, sizeof(*x));

    (void)ctx;
    if (!x || strlen(target) >= sizeof(x->target)) {
        free(x);
        return NULL; /* and on_request hangs up */
    }
    strcpy(x->target, target);
    x->connection = connection;
    return x;
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode why)
{
    (void)ctx, (void)connection, (void)why;
    free(*state);
}

static enum MHD_Result answer(const istauth_server *server, exchange *x, const char *method)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;
    size_t path = strcspn(x->target, "?");
    char room[ISTAUTH_ARENA_BUFFER];
    istauth_response response;
    enum MHD_Result sent;
    istauth_arena arena;

    request.method = istauth_str_of(method);
    request.path = (istauth_str){ x->target, path };
    request.query = istauth_str_of(x->target + path + (x->target[path] == '?'));
    request.body = (istauth_str){ x->body, x->n };
    request.header = header;
    request.ctx = x;
    istauth_server_arena(server, &arena, room, sizeof(room));
    if (x->total > x->n)
        istauth_response_init(&response, 413, NULL, ISTAUTH_STR(""));
    else
        serve(&response, server, &request, &arena);
    sent = send_out(x->connection, &response);
    istauth_arena_wipe(&arena);
    return sent;
}

static enum MHD_Result on_request(void *server, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *piece,
                                  size_t *piece_n, void **state)
{
    exchange *x = *state;
    size_t n;

    (void)connection, (void)url, (void)version;
    if (!x)
        return MHD_NO;
    if (!x->begun) {
        x->begun = true;
        return MHD_YES;
    }
    if (!*piece_n)
        return answer(server, x, method);
    n = *piece_n < sizeof(x->body) - x->n ? *piece_n : sizeof(x->body) - x->n;
    memcpy(x->body + x->n, piece, n);
    x->n += n;
    x->total += *piece_n;
    *piece_n = 0;
    return MHD_YES;
}

static struct MHD_Daemon *listen_on(const char *port, istauth_server *server)
{
    struct sockaddr_in local = { .sin_family = AF_INET };

    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sin_port = htons((uint16_t)atoi(port));
    return MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, on_request, server,
                            MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&local, MHD_OPTION_URI_LOG_CALLBACK,
                            on_target, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
                            MHD_OPTION_THREAD_POOL_SIZE, 4u, MHD_OPTION_CONNECTION_TIMEOUT, 30u,
                            MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    const char *port = argc > 1 ? argv[1] : "8080";
    struct MHD_Daemon *daemon = NULL;
    char issuer[64], endpoint[80];
    istauth_store store = { NULL, NULL };
    istauth_server *server;
    sigset_t ends;
    int signal;

    if (argc > 2 || atoi(port) < 1 || atoi(port) > 65535) {
        fputs("usage: hello [PORT]\n", stderr);
        return 2;
    }
    snprintf(issuer, sizeof(issuer), "http://127.0.0.1:%.40s", port);
    snprintf(endpoint, sizeof(endpoint), "%s/mcp", issuer);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    server = start(issuer, endpoint, &store);
    if (server)
        daemon = listen_on(port, server);
    if (daemon) {
        printf("hello: the MCP server is %s\n", endpoint);
        fflush(stdout);
        sigwait(&ends, &signal);
        MHD_stop_daemon(daemon);
    } else {
        fprintf(stderr, server ? "hello: cannot listen on port %s: does something else?\n"
                               : "hello: %s is no port\n", port);
    }
    istauth_server_free(server);
    istauth_memory_store_free(&store);
    return daemon ? 0 : 1;
}
