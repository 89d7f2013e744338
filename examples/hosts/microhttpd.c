/* libistauth in a server on libmicrohttpd: a pool of threads, each of which answers whole requests.
 *
 * Worth knowing about libmicrohttpd: it decodes the path before it calls, so the target has to be
 * taken from MHD_OPTION_URI_LOG_CALLBACK; MHD_lookup_connection_value finds the first of repeated
 * headers only; and its time limit is on idle time, so that a proxy in front of it should bound the
 * whole request. */
#include "site.h"

#include "isteam/listen.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define THREADS 8u
#define CONNECTIONS_MAX 500u
#define IDLE_SECONDS 20u
#define HEADERS_MAX (64u * 1024u) /* an authorization request is a long line */
#define DRAINED_MAX (1024u * 1024u)

/* One request from its first line until its response is sent: the response lives in the arena. */
typedef struct exchange {
    struct MHD_Connection *connection;
    istauth_request request;
    char address[INET6_ADDRSTRLEN];
    bool begun;
    char *body;
    size_t size; /* of the body, as far as it has come */
    istauth_arena arena;
    char buffer[ISTAUTH_ARENA_BUFFER];
} exchange;

/* --- the request --- */

/* The first that is heard of a request, and the only place that shows the target as it was sent. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    exchange *x = calloc(1, sizeof(*x));
    istauth_str copy;

    if (!x)
        return NULL;
    x->connection = connection;
    site_arena(ctx, &x->arena, x->buffer, sizeof(x->buffer));
    if (istauth_arena_copy(&copy, &x->arena, istauth_str_of(target))) {
        free(x);
        return NULL;
    }
    x->request = (istauth_request)ISTAUTH_REQUEST_INIT;
    site_read_target(&x->request, copy);
    return x;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    exchange *x = *state;

    (void)ctx;
    (void)connection;
    (void)why;
    if (x)
        istauth_arena_wipe(&x->arena);
    free(x);
}

typedef struct search {
    const char *name;
    size_t nth;
    istauth_str found;
} search;

static enum MHD_Result match(void *ctx, enum MHD_ValueKind kind, const char *name,
                             const char *value)
{
    search *s = ctx;

    (void)kind;
    if (strcasecmp(name, s->name) != 0 || s->nth-- > 0)
        return MHD_YES;
    s->found = istauth_str_of(value ? value : "");
    return MHD_NO; /* look no further */
}

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    exchange *x = ctx;
    search s = { name, nth, { NULL, 0 } };

    MHD_get_connection_values(x->connection, MHD_HEADER_KIND, match, &s);
    return s.found;
}

static void read_address(exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;

    if (peer && peer->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, x->address,
                  sizeof(x->address));
    if (peer && peer->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr,
                  x->address, sizeof(x->address));
}

static void read_head(exchange *x, const char *method)
{
    read_address(x);
    x->request.method = istauth_str_of(method);
    x->request.address = istauth_str_of(x->address);
    x->request.header = header;
    x->request.ctx = x;
}

/* A piece of the body. What is too much is counted and dropped: most clients listen for an answer
 * only when they have sent all. There is an end to that as well, and then the connection is cut. */
static enum MHD_Result take_body(exchange *x, const char *piece, size_t *size)
{
    if (!x->body)
        x->body = istauth_arena_alloc(&x->arena, SITE_BODY_MAX); /* it is wiped, as a password is */
    if (!x->body)
        return MHD_NO;
    if (x->size + *size <= SITE_BODY_MAX)
        memcpy(x->body + x->size, piece, *size);
    x->size += *size;
    *size = 0;
    return x->size <= DRAINED_MAX ? MHD_YES : MHD_NO;
}

/* --- the response --- */

/* Every text that came from the library ends in a NUL; libmicrohttpd wants it so. It leaves a
 * HEAD's body out by itself. */
static enum MHD_Result send_response(exchange *x, const istauth_response *response)
{
    struct MHD_Response *out = MHD_create_response_from_buffer(
        response->body.n, (void *)(uintptr_t)response->body.p, MHD_RESPMEM_PERSISTENT);
    enum MHD_Result sent = out ? MHD_YES : MHD_NO;

    for (size_t i = 0; sent == MHD_YES && i < response->header_count; i++)
        sent =
            MHD_add_response_header(out, response->headers[i].name.p, response->headers[i].value.p);
    if (sent == MHD_YES)
        sent = MHD_queue_response(x->connection, (unsigned)response->status, out);
    if (out)
        MHD_destroy_response(out); /* counted: it lives until it is sent */
    return sent;
}

static enum MHD_Result answer(site *s, exchange *x)
{
    istauth_response response;

    if (x->size > SITE_BODY_MAX) {
        site_refuse(&response, s, ISTAUTH_E_TOO_LARGE, &x->arena);
        return send_response(x, &response);
    }
    x->request.body.p = x->body;
    x->request.body.n = x->size;
    site_answer(&response, s, &x->request, &x->arena);
    return send_response(x, &response);
}

/* Called when the header is there, for each piece of the body, and when that is complete. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *piece,
                                  size_t *size, void **state)
{
    exchange *x = *state;

    (void)connection;
    (void)path; /* decoded: "/%6dcp" would be "/mcp" here */
    (void)version;
    if (!x)
        return MHD_NO; /* there was no memory for it */
    if (!x->begun) {
        x->begun = true;
        read_head(x, method);
        return MHD_YES;
    }
    return *size ? take_body(x, piece, size) : answer(ctx, x);
}

static struct MHD_Daemon *start(site *s, int listening)
{
    return MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, on_request, s, MHD_OPTION_LISTEN_SOCKET,
        listening, MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_LIMIT,
        CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEADERS_MAX, MHD_OPTION_URI_LOG_CALLBACK,
        on_target, s, MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_END);
}

int main(int argc, char **argv)
{
    struct MHD_Daemon *daemon = NULL;
    char url[LISTEN_URL_SIZE];
    site_options options;
    sigset_t signals;
    int listening, code = 1;
    site *s;

    if (!site_options_read(&options, argc, argv))
        return 2;
    site_hold_signals(&signals);
    s = site_open(&options);
    listening = s ? listen_on(url, options.listen) : -1;
    if (listening >= 0)
        daemon = start(s, listening);
    if (daemon) {
        code = site_wait(s, &signals, "microhttpd", url);
        MHD_stop_daemon(daemon); /* waits for the requests that are being answered */
    }
    site_close(s);
    return code;
}
