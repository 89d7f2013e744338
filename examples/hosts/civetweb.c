/* libistauth in a server on civetweb: a pool of threads, each of which answers whole requests in
 * one blocking function.
 *
 * Worth knowing about civetweb: begin_request is the place, because behind it civetweb answers CORS
 * preflights by itself and cleans paths. Without decode_url=no the path is decoded before. The body
 * of a HEAD has to be left out here. A connection that is kept alive holds a thread until it has
 * idled for keep_alive_timeout_ms. request_timeout_ms is for the header as a whole, but for each
 * read of a body, so that a proxy in front of it should bound that. */
#include "site.h"

#include <civetweb.h>
#include <stdio.h>
#include <strings.h>

#define DRAINED_MAX (1024u * 1024u)

/* --- the request --- */

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    const struct mg_request_info *info = ctx;
    istauth_str none = { NULL, 0 };

    for (int i = 0; i < info->num_headers; i++)
        if (strcasecmp(info->http_headers[i].name, name) == 0 && nth-- == 0)
            return istauth_str_of(info->http_headers[i].value);
    return none;
}

static istauth_request request_of(const struct mg_request_info *info)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;

    site_read_target(&request, istauth_str_of(info->request_uri));
    request.query = istauth_str_of(info->query_string);
    request.method = istauth_str_of(info->request_method);
    request.address = istauth_str_of(info->remote_addr);
    request.header = header;
    request.ctx = (void *)(uintptr_t)info;
    return request;
}

/* What is too much is read and dropped: most clients listen for an answer only when they have sent
 * all. There is an end to that as well, and then the connection is closed behind the answer. */
static void drain(struct mg_connection *connection)
{
    char piece[4096];
    size_t drained = 0;
    int n;

    while (drained < DRAINED_MAX && (n = mg_read(connection, piece, sizeof(piece))) > 0)
        drained += (size_t)n;
    mg_disable_connection_keep_alive(connection);
}

/* The whole body, in the arena, which is wiped: a password may be in it. */
static istauth_status read_body(istauth_str *body, struct mg_connection *connection,
                                istauth_arena *arena)
{
    char *room = istauth_arena_alloc(arena, SITE_BODY_MAX + 1);
    size_t size = 0;
    int n = 0;

    if (!room)
        return ISTAUTH_E_NO_MEMORY;
    while (size <= SITE_BODY_MAX &&
           (n = mg_read(connection, room + size, SITE_BODY_MAX + 1 - size)) > 0)
        size += (size_t)n;
    if (size > SITE_BODY_MAX) {
        drain(connection);
        return ISTAUTH_E_TOO_LARGE;
    }
    body->p = room;
    body->n = size;
    return n < 0 ? ISTAUTH_E_INVALID_REQUEST : ISTAUTH_OK;
}

/* --- the response --- */

static void send_response(struct mg_connection *connection, const istauth_response *response,
                          bool with_body)
{
    char length[24];

    mg_response_header_start(connection, response->status);
    for (size_t i = 0; i < response->header_count; i++)
        mg_response_header_add(connection, response->headers[i].name.p,
                               response->headers[i].value.p, (int)response->headers[i].value.n);
    if (response->status != 204) {
        snprintf(length, sizeof(length), "%zu", response->body.n);
        mg_response_header_add(connection, "Content-Length", length, -1);
    }
    mg_response_header_send(connection);
    if (with_body && response->body.n)
        mg_write(connection, response->body.p, response->body.n);
}

static int on_request(struct mg_connection *connection)
{
    istauth_request request = request_of(mg_get_request_info(connection));
    site *s = mg_get_user_data(mg_get_context(connection));
    char buffer[ISTAUTH_ARENA_BUFFER];
    istauth_response response;
    istauth_arena arena;
    istauth_status st;

    site_arena(s, &arena, buffer, sizeof(buffer));
    st = read_body(&request.body, connection, &arena);
    if (st)
        site_refuse(&response, s, st, &arena);
    else
        site_answer(&response, s, &request, &arena);
    send_response(connection, &response, !istauth_str_equal(request.method, ISTAUTH_STR("HEAD")));
    istauth_arena_wipe(&arena);
    return response.status; /* not 0: it is answered */
}

static struct mg_context *start(site *s, const char *listen)
{
    static const struct mg_callbacks callbacks = { .begin_request = on_request };
    /* clang-format off */
    const char *options[] = {
        "listening_ports", listen,
        "decode_url", "no",
        "num_threads", "50",
        "request_timeout_ms", "10000",
        "enable_keep_alive", "yes",
        "keep_alive_timeout_ms", "5000",
        "tcp_nodelay", "1",          /* header and body are two writes */
        "max_request_size", "65536", /* of the header: an authorization request is a long line */
        NULL
    };
    /* clang-format on */
    struct mg_context *context = mg_start(&callbacks, s, options);

    if (!context)
        fprintf(stderr, "--listen %s: cannot listen there\n", listen);
    return context;
}

int main(int argc, char **argv)
{
    struct mg_context *context = NULL;
    site_options options;
    sigset_t signals;
    char url[128];
    int code = 1;
    site *s;

    if (!site_options_read(&options, argc, argv))
        return 2;
    site_hold_signals(&signals);
    mg_init_library(MG_FEATURES_DEFAULT);
    s = site_open(&options);
    if (s)
        context = start(s, options.listen);
    if (context) {
        snprintf(url, sizeof(url), "http://%s", options.listen);
        code = site_wait(s, &signals, "civetweb", url);
        mg_stop(context); /* waits for the requests that are being answered */
    }
    site_close(s);
    mg_exit_library();
    return code;
}
