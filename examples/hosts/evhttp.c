/* libistauth in an event loop: libevent's evhttp.
 *
 * The loop must never block, and the library blocks on the store. So the loop reads a request to
 * its end, copies what the library needs and gives it to a worker (workers.h). The worker answers
 * it and calls event_active(), which is the only libevent function that it calls: everything else
 * of libevent's belongs to the loop, which then takes the answer and writes it out.
 *
 * Two things can go wrong on the way. Too many requests wait already: 503 with Retry-After at once,
 * because nobody is served by a queue that only grows. Or the client is gone before its answer is
 * there: evhttp has freed the request by then, so on_gone has made the exchange forget it, and the
 * answer is dropped. What it did in the store is done, as it is when an answer is lost on the wire.
 *
 * Worth knowing about evhttp: evhttp_request_get_uri() is the target as it was sent; OPTIONS has to
 * be allowed; the body of a HEAD has to be left out here. Its time limit is on idle time and it
 * takes as many connections as there are files, so that a proxy in front of it should bound
 * both. */
#include "site.h"

#include "workers.h"

#include "isteam/listen.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/thread.h>
#include <event2/util.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define METHODS                                                                                 \
    (EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PUT | \
     EVHTTP_REQ_DELETE)
#define IDLE_SECONDS 20
#define HEADERS_MAX (64 * 1024)   /* an authorization request is a long line */
#define DRAINED_MAX (1024 * 1024) /* beyond it evhttp answers 413 by itself, and closes */
#define LINGER_SECONDS 4          /* at the end, for answers; less than the store waits */

/* The loop's, but for the site and what the workers are called with. */
typedef struct server {
    site *site;
    workers *workers;
    struct event_base *loop;
    struct evhttp *http;
    struct evhttp_bound_socket *listening;
    struct event *wake, *end;
    size_t open; /* exchanges that there are */
    bool ending;
} server;

/* One request and its answer. All its texts are in its arena, so that a worker needs nothing of
 * evhttp's. */
typedef struct exchange {
    job job;
    server *of;
    struct evhttp_request *http; /* the loop's alone; NULL when the client is gone */
    bool answered;
    istauth_request request;
    istauth_response response;
    istauth_header *headers;
    size_t header_count;
    istauth_arena arena;
    char buffer[ISTAUTH_ARENA_BUFFER];
} exchange;

/* --- on a worker --- */

static void run(void *ctx, job *j)
{
    server *v = ctx;
    exchange *x = (exchange *)j;

    site_answer(&x->response, v->site, &x->request, &x->arena);
}

static void wake(void *ctx)
{
    server *v = ctx;

    event_active(v->wake, 0, 0);
}

/* --- the loop: responses --- */

static void exchange_free(exchange *x)
{
    server *v = x->of;

    istauth_arena_wipe(&x->arena);
    free(x);
    if (--v->open == 0 && v->ending)
        event_base_loopexit(v->loop, NULL);
}

/* The connection fails, at the latest when an answer is written to it. It takes its request along,
 * unless it has let go of that already: then the request is ours. */
static void on_gone(struct evhttp_connection *connection, void *ctx)
{
    exchange *x = ctx;

    (void)connection;
    if (!evhttp_request_get_connection(x->http))
        evhttp_request_free(x->http);
    x->http = NULL;
    if (x->answered)
        exchange_free(x); /* otherwise a worker has it */
}

static void on_sent(struct evhttp_request *http, void *ctx)
{
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), NULL, NULL);
    exchange_free(ctx);
}

static void send_response(exchange *x)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(x->http);
    struct evbuffer *body = evhttp_request_get_output_buffer(x->http);
    const istauth_response *r = &x->response;
    char length[24];

    for (size_t i = 0; i < r->header_count; i++)
        evhttp_add_header(headers, r->headers[i].name.p, r->headers[i].value.p);
    snprintf(length, sizeof(length), "%zu", r->body.n);
    if (r->status != 204)
        evhttp_add_header(headers, "Content-Length", length);
    if (r->body.n && evhttp_request_get_command(x->http) != EVHTTP_REQ_HEAD)
        evbuffer_add(body, r->body.p, r->body.n); /* a copy */
    evhttp_request_set_on_complete_cb(x->http, on_sent, x);
    evhttp_send_reply(x->http, r->status, NULL, NULL);
}

static void finish(exchange *x)
{
    x->answered = true;
    if (x->http)
        send_response(x);
    else
        exchange_free(x);
}

static void on_wake(evutil_socket_t none, short events, void *ctx)
{
    server *v = ctx;
    job *j;

    (void)none;
    (void)events;
    while ((j = workers_take(v->workers)))
        finish((exchange *)j);
}

/* --- the loop: requests --- */

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    const exchange *x = ctx;
    istauth_str none = { NULL, 0 };

    for (size_t i = 0; i < x->header_count; i++)
        if (evutil_ascii_strcasecmp(x->headers[i].name.p, name) == 0 && nth-- == 0)
            return x->headers[i].value;
    return none;
}

static istauth_str method_of(struct evhttp_request *http)
{
    switch (evhttp_request_get_command(http)) {
    case EVHTTP_REQ_GET:
        return ISTAUTH_STR("GET");
    case EVHTTP_REQ_POST:
        return ISTAUTH_STR("POST");
    case EVHTTP_REQ_HEAD:
        return ISTAUTH_STR("HEAD");
    case EVHTTP_REQ_OPTIONS:
        return ISTAUTH_STR("OPTIONS");
    case EVHTTP_REQ_PUT:
        return ISTAUTH_STR("PUT");
    case EVHTTP_REQ_DELETE:
        return ISTAUTH_STR("DELETE");
    default:
        return ISTAUTH_STR("?"); /* which nothing serves */
    }
}

static istauth_status copy_headers(exchange *x, struct evkeyvalq *from)
{
    istauth_status st = ISTAUTH_OK;
    struct evkeyval *field;
    size_t count = 0;

    for (field = from->tqh_first; field; field = field->next.tqe_next)
        count++;
    x->headers = istauth_arena_alloc(&x->arena, (count + 1) * sizeof(*x->headers));
    if (!x->headers)
        return ISTAUTH_E_NO_MEMORY;
    for (field = from->tqh_first; field && !st; field = field->next.tqe_next) {
        istauth_header *to = &x->headers[x->header_count++];

        st = istauth_arena_copy(&to->name, &x->arena, istauth_str_of(field->key));
        if (!st)
            st = istauth_arena_copy(&to->value, &x->arena, istauth_str_of(field->value));
    }
    return st;
}

static istauth_status copy_body(exchange *x, struct evbuffer *from)
{
    size_t size = evbuffer_get_length(from);
    char *room;

    if (size > SITE_BODY_MAX)
        return ISTAUTH_E_TOO_LARGE;
    room = istauth_arena_alloc(&x->arena, size + 1);
    if (!room)
        return ISTAUTH_E_NO_MEMORY;
    evbuffer_remove(from, room, size);
    x->request.body.p = room;
    x->request.body.n = size;
    return ISTAUTH_OK;
}

static istauth_status copy_request(exchange *x)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;
    const char *uri = evhttp_request_get_uri(x->http);
    istauth_str target;
    istauth_status st;
    char *address;
    ev_uint16_t port;

    x->request = request;
    x->request.method = method_of(x->http);
    x->request.header = header;
    x->request.ctx = x;
    evhttp_connection_get_peer(evhttp_request_get_connection(x->http), &address, &port);
    st = istauth_arena_copy(&x->request.address, &x->arena, istauth_str_of(address));
    if (!st)
        st = istauth_arena_copy(&target, &x->arena, istauth_str_of(uri));
    if (!st)
        st = copy_headers(x, evhttp_request_get_input_headers(x->http));
    if (!st)
        st = copy_body(x, evhttp_request_get_input_buffer(x->http));
    if (!st)
        site_read_target(&x->request, target);
    return st;
}

static void on_request(struct evhttp_request *http, void *ctx)
{
    server *v = ctx;
    exchange *x = calloc(1, sizeof(*x));
    istauth_status st;

    if (!x) {
        evhttp_send_error(http, 503, NULL);
        return;
    }
    x->of = v;
    x->http = http;
    v->open++;
    site_arena(v->site, &x->arena, x->buffer, sizeof(x->buffer));
    evhttp_connection_set_closecb(evhttp_request_get_connection(http), on_gone, x);
    st = copy_request(x);
    if (!st && !workers_give(v->workers, &x->job))
        st = ISTAUTH_E_UNAVAILABLE;
    if (!st)
        return;
    site_refuse(&x->response, v->site, st, &x->arena);
    finish(x);
}

/* --- start and end --- */

/* No new connections; requests that came before get their answers. */
static void on_end(evutil_socket_t none, short events, void *ctx)
{
    static const struct timeval linger = { LINGER_SECONDS, 0 };
    server *v = ctx;

    (void)none;
    (void)events;
    v->ending = true;
    evhttp_del_accept_socket(v->http, v->listening);
    event_base_loopexit(v->loop, v->open ? &linger : NULL);
}

static bool make(server *v, int listening)
{
    evthread_use_pthreads(); /* first: then event_active() may be called on other threads */
    v->loop = event_base_new();
    v->http = v->loop ? evhttp_new(v->loop) : NULL;
    if (!v->http)
        return false;
    evhttp_set_gencb(v->http, on_request, v);
    evhttp_set_allowed_methods(v->http, METHODS);
    evhttp_set_timeout(v->http, IDLE_SECONDS);
    evhttp_set_max_headers_size(v->http, HEADERS_MAX);
    evhttp_set_max_body_size(v->http, DRAINED_MAX);
    v->listening = evhttp_accept_socket_with_handle(v->http, listening);
    v->wake = event_new(v->loop, -1, EV_PERSIST, on_wake, v);
    v->end = event_new(v->loop, -1, EV_PERSIST, on_end, v);
    return v->listening && v->wake && v->end;
}

static void *loop(void *ctx)
{
    server *v = ctx;

    /* While every connection waits for a worker there is nothing that the loop could wait for. */
    event_base_loop(v->loop, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* The loop has a thread of its own, so that the main one may wait for signals and tidy up. */
static int serve(server *v, const sigset_t *signals, const char *url)
{
    pthread_t looping;
    int code;

    v->workers = workers_start(run, wake, v);
    if (!v->workers)
        return 1;
    if (pthread_create(&looping, NULL, loop, v)) {
        workers_stop(v->workers);
        return 1;
    }
    code = site_wait(v->site, signals, "evhttp", url);
    event_active(v->end, 0, 0);
    pthread_join(looping, NULL);
    workers_stop(v->workers);
    return code;
}

static void unmake(server *v)
{
    job *j;

    if (v->http)
        evhttp_free(v->http); /* and with it the connections: on_gone is called for each */
    while (v->workers && (j = workers_take(v->workers)))
        exchange_free((exchange *)j);
    workers_free(v->workers);
    if (v->wake)
        event_free(v->wake);
    if (v->end)
        event_free(v->end);
    if (v->loop)
        event_base_free(v->loop);
}

int main(int argc, char **argv)
{
    char url[LISTEN_URL_SIZE];
    server v = { .site = NULL };
    site_options options;
    int listening, code = 1;
    sigset_t signals;

    if (!site_options_read(&options, argc, argv))
        return 2;
    site_hold_signals(&signals);
    v.site = site_open(&options);
    listening = v.site ? listen_on(url, options.listen) : -1;
    if (listening >= 0 && make(&v, listening))
        code = serve(&v, &signals, url);
    unmake(&v);
    site_close(v.site);
    return code;
}
