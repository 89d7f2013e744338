/* An MCP server as there are many: it owns its HTTP loop, its users sign in with a password, and its
 * MCP endpoint trusts whoever reaches it. docs/existing-server.md puts authorization in front.
 *
 *     server PORT */
#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 5 /* seconds for a request */

/* --- HTTP: one request at a time, its texts in one buffer --- */

typedef struct request {
    int connection;
    char text[65536];
    char *method, *path, *query, *headers, *body; /* headers: the raw block of lines */
    size_t body_n;
} request;

static void respond(const request *r, int status, const char *headers, const char *body, size_t n)
{
    char head[65536];
    int size = snprintf(head, sizeof(head),
                        "HTTP/1.1 %d \r\n%sContent-Length: %zu\r\nConnection: close\r\n\r\n", status,
                        headers, n);

    if (size < 0 || (size_t)size >= sizeof(head))
        return;
    if (send(r->connection, head, (size_t)size, MSG_NOSIGNAL) == size && strcmp(r->method, "HEAD") != 0)
        (void)!send(r->connection, body, n, MSG_NOSIGNAL);
}

static void respond_text(const request *r, int status, const char *headers, const char *body)
{
    respond(r, status, headers, body, strlen(body));
}

/* The value of a header in these lines, up to the end of its own; NULL when it is not there. */
static const char *header_in(const char *lines, const char *name)
{
    size_t n = strlen(name);

    for (const char *line = lines; *line; line = strchr(line, '\n') + 1)
        if (strncasecmp(line, name, n) == 0 && line[n] == ':')
            return line + n + 1 + strspn(line + n + 1, " ");
    return NULL;
}

static const char *header_of(const request *r, const char *name)
{
    return header_in(r->headers, name);
}

/* How long the body is: digits that are said once, or nothing. There are no chunks here. */
static bool read_length(request *r)
{
    const char *text = header_of(r, "content-length");
    char *end;

    r->body_n = 0;
    if (header_of(r, "transfer-encoding"))
        return false;
    if (!text)
        return true;
    r->body_n = strtoul(text, &end, 10); /* it takes "-1", and that for a very large one */
    return text[strspn(text, "0123456789")] == '\r' && end > text && r->body_n < sizeof(r->text) &&
           !header_in(text, "content-length");
}

/* "METHOD target version\r\n", the lines of the header, an empty line. */
static bool cut_head(request *r, char *end)
{
    char *target, *version;

    end[2] = '\0'; /* keeps the last line's own end */
    r->body = end + 4;
    r->method = r->text;
    target = strchr(r->text, ' ');
    r->headers = strstr(r->text, "\r\n");
    if (!target || !r->headers || target > r->headers)
        return false;
    *r->headers = '\0';
    r->headers += 2;
    *target++ = '\0';
    version = strchr(target, ' ');
    if (!version)
        return false;
    *version = '\0';
    r->path = target;
    r->query = strchr(target, '?');
    if (r->query)
        *r->query++ = '\0';
    else
        r->query = version;
    return true;
}

static bool receive(request *r)
{
    const time_t until = time(NULL) + PATIENCE; /* for all of it: a byte now and then is not enough */
    size_t n = 0, wanted = 0;
    char *end = NULL;
    ssize_t got;

    while (!end || n < wanted) {
        got = recv(r->connection, r->text + n, sizeof(r->text) - 1 - n, 0);
        if (got <= 0 || time(NULL) > until)
            return false; /* gone, too slow, or too large */
        n += (size_t)got;
        r->text[n] = '\0';
        if (end || !(end = strstr(r->text, "\r\n\r\n")))
            continue;
        if (!cut_head(r, end) || !read_length(r))
            return false;
        wanted = (size_t)(r->body - r->text) + r->body_n;
        if (wanted >= sizeof(r->text))
            return false;
    }
    return true;
}

/* --- people: sessions of those who signed in --- */

static char sessions[64][33];
static size_t session_next;

/* The session of this id, which ends where its cookie does. */
static const char *session_at(const char *id)
{
    for (size_t i = 0; i < 64; i++)
        if (sessions[i][0] && strcspn(id, "; \r") == 32 && strncmp(id, sessions[i], 32) == 0)
            return sessions[i];
    return NULL;
}

/* The session that a cookie header names, up to the end of its line; NULL when there is none. */
static const char *session_of(const char *cookie)
{
    for (; cookie && *cookie != '\r'; cookie += *cookie == ';' ? 1 + strspn(cookie + 1, " ") : 0) {
        if (strncmp(cookie, "session=", 8) == 0)
            return session_at(cookie + 8);
        cookie += strcspn(cookie, ";\r");
    }
    return NULL;
}

/* Where to go after signing in, "next=..." in the query: a path of ours, and so never one that begins
 * with two slashes. Decoded in place; NULL when it is not one. */
static const char *next_of(const request *r)
{
    char *next = strncmp(r->query, "next=", 5) == 0 ? r->query + 5 : r->query, *out = next;
    unsigned byte;

    for (const char *in = next; *in; in++, out++) {
        *out = *in;
        if (*in == '%' && sscanf(in + 1, "%2x", &byte) == 1 && byte >= ' ') {
            *out = (char)byte;
            in += 2;
        }
    }
    *out = '\0';
    return next[0] == '/' && next[1] != '/' && next[1] != '\\' ? next : NULL;
}

static void show_sign_in(const request *r)
{
    respond_text(r, 200, "Content-Type: text/html\r\nCache-Control: no-store\r\n",
                 "<!doctype html><html lang=en><title>Sign in</title><form method=post><input "
                 "type=password name=password aria-label=Password><button>Sign in</button></form>");
}

static void sign_in(const request *r)
{
    char headers[32768], *session = sessions[session_next++ % 64];
    const char *next = next_of(r);
    unsigned char random[16];
    int size;

    if (!next || strcmp(r->body, "password=lovelace") != 0 ||
        getrandom(random, sizeof(random), 0) != sizeof(random)) {
        respond_text(r, 403, "", "");
        return;
    }
    for (size_t i = 0; i < sizeof(random); i++)
        snprintf(session + 2 * i, 3, "%02x", random[i]);
    size = snprintf(headers, sizeof(headers),
                    "Set-Cookie: session=%s; HttpOnly; SameSite=Lax; Path=/\r\nLocation: %s\r\n",
                    session, next);
    if ((size_t)size < sizeof(headers))
        respond_text(r, 303, headers, "");
    else
        respond_text(r, 414, "", ""); /* half a place is another place */
}

/* --- MCP --- */

#define MCP_HEADERS "" /* of every answer of /mcp */

static void respond_mcp(const request *r, int status, const char *body)
{
    respond_text(r, status, *body ? "Content-Type: application/json\r\n" MCP_HEADERS : MCP_HEADERS, body);
}

static int count;

static int count_read(void)
{
    return count;
}

static int count_up(void)
{
    return ++count;
}

static const struct tool {
    const char *name;
    int (*run)(void);
} tools[] = {
    { "count_read", count_read },
    { "count_up", count_up },
};

static const struct tool *find_tool(const cJSON *params)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(params, "name"));

    for (size_t i = 0; name && i < sizeof(tools) / sizeof(tools[0]); i++)
        if (strcmp(name, tools[i].name) == 0)
            return &tools[i];
    return NULL;
}

static cJSON *list_tools(void)
{
    cJSON *result = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(result, "tools");

    for (size_t i = 0; i < sizeof(tools) / sizeof(tools[0]); i++) {
        cJSON *tool = cJSON_Parse("{\"inputSchema\":{\"type\":\"object\"}}");

        cJSON_AddStringToObject(tool, "name", tools[i].name);
        cJSON_AddItemToArray(list, tool);
    }
    return result;
}

static cJSON *result_of(int value)
{
    char text[80];

    snprintf(text, sizeof(text), "{\"content\":[{\"type\":\"text\",\"text\":\"%d\"}]}", value);
    return cJSON_Parse(text);
}

static void answer(const request *r, const cJSON *id, cJSON *result)
{
    cJSON *reply = cJSON_Parse("{\"jsonrpc\":\"2.0\"}");
    char *text;

    cJSON_AddItemToObject(reply, "id", cJSON_Duplicate(id, true));
    cJSON_AddItemToObject(reply, result ? "result" : "error",
                          result ? result : cJSON_Parse("{\"code\":-32601,\"message\":\"Unknown\"}"));
    text = cJSON_PrintUnformatted(reply);
    respond_mcp(r, text ? 200 : 503, text ? text : "");
    free(text);
    cJSON_Delete(reply);
}

static void call_tool(request *r, const cJSON *id, const cJSON *params)
{
    const struct tool *tool = find_tool(params);

    answer(r, id, tool ? result_of(tool->run()) : NULL);
}

static void run(request *r, const char *method, const cJSON *id, const cJSON *params)
{
    if (strcmp(method, "initialize") == 0)
        answer(r, id, cJSON_Parse("{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                                  "\"serverInfo\":{\"name\":\"counter\",\"version\":\"1\"}}"));
    else if (strcmp(method, "tools/list") == 0)
        answer(r, id, list_tools());
    else if (strcmp(method, "tools/call") == 0)
        call_tool(r, id, params);
    else
        answer(r, id, NULL);
}

/* One that comes back as it was sent: cJSON writes 15 digits of a number. */
static bool is_id(const cJSON *id)
{
    double most = 999999999999999.0, n = cJSON_GetNumberValue(id);

    return cJSON_IsString(id) || (n >= -most && n <= most && n == (double)(long long)n);
}

static void mcp(request *r)
{
    cJSON *message = cJSON_ParseWithLength(r->body, r->body_n);
    const char *method = cJSON_GetStringValue(cJSON_GetObjectItem(message, "method"));
    const cJSON *id = cJSON_GetObjectItem(message, "id");

    if (strcmp(r->method, "POST") != 0)
        respond_mcp(r, 405, "");
    else if (!method || (id && !is_id(id)))
        respond_mcp(r, 400, "");
    else if (!id) /* a notification */
        respond_mcp(r, 202, "");
    else
        run(r, method, id, cJSON_GetObjectItem(message, "params"));
    cJSON_Delete(message);
}

/* --- the loop --- */

static void dispatch(request *r)
{
    if (strcmp(r->path, "/mcp") == 0)
        mcp(r);
    else if (strcmp(r->path, "/login") == 0 && strcmp(r->method, "POST") == 0)
        sign_in(r);
    else if (strcmp(r->path, "/login") == 0)
        show_sign_in(r);
    else if (strcmp(r->path, "/") == 0 && !session_of(header_of(r, "cookie")))
        respond_text(r, 303, "Location: /login?next=/\r\n", "");
    else if (strcmp(r->path, "/") == 0)
        respond_text(r, 200, "Content-Type: text/plain\r\n", "You are signed in.\n");
    else
        respond_text(r, 404, "", "");
}

static int listen_on(const char *port)
{
    struct sockaddr_in local = { .sin_family = AF_INET };
    int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (!*port || strlen(port) > 5 || port[strspn(port, "0123456789")] || atoi(port) > 65535) {
        errno = EINVAL;
        return -1;
    }
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sin_port = htons((uint16_t)atoi(port));
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(s, (struct sockaddr *)&local, sizeof(local)) || listen(s, 64))
        return -1;
    return s;
}

int main(int argc, char **argv)
{
    const char *port = argc > 1 ? argv[1] : "8080";
    const struct timeval patience = { PATIENCE, 0 };
    int listener = listen_on(port);
    static request r;
    char origin[32];

    snprintf(origin, sizeof(origin), "http://127.0.0.1:%.5s", port);
    if (listener < 0) {
        perror("server");
        return 1;
    }
    printf("server: listening on %s\n", origin);
    fflush(stdout);
    while ((r.connection = accept(listener, NULL, NULL)) >= 0 || errno == ECONNABORTED || errno == EINTR) {
        if (r.connection < 0)
            continue; /* gone before it was there */
        setsockopt(r.connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(r.connection, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (receive(&r))
            dispatch(&r);
        close(r.connection);
    }
    return 1;
}
