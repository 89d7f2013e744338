/* libistauth in an event loop: libevent's evhttp, one thread that never blocks, and a few workers that do.
 *
 * The loop reads a request to its end, copies what the library needs and puts it into a queue. A worker
 * answers it, which may wait for the store, and hands the answer back: into a list, and event_active() wakes
 * the loop, which writes it out. That is the only libevent function that a worker calls; everything else of
 * libevent's belongs to the loop alone.
 *
 * Two things can go wrong on the way. The queue is full: 503 with Retry-After, at once, because a client that
 * waits in a queue that only grows is not served either. The client is gone before its answer is there: then
 * the request that evhttp owned is gone, too, and the answer is dropped; what it did in the store is done, as
 * it is when a response is lost on the wire.
 *
 * Worth knowing about evhttp: evhttp_request_get_uri() is the target as it was sent; OPTIONS has to be allowed; a HEAD's body is written unless it is left
 * out here; its time limit is on idle time and there is no bound on connections, so that a proxy in front of it should bound both. */
#include "site.h"

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

#define WORKERS 4       /* about as many as the store can serve at once */
#define QUEUE_MAX 128   /* requests that wait for one of them */
#define IDLE_SECONDS 20
#define HEADERS_MAX (64 * 1024)
#define DRAINED_MAX (1024 * 1024) /* beyond it evhttp answers 413 by itself, and closes */
#define LINGER_SECONDS 5          /* at the end, for answers that are still being written */

typedef struct server server;

/* One request and its answer. Its texts are in its arena, so that a worker needs nothing of evhttp's. */
typedef struct exchange {
    struct exchange *next;
    server *of;
    struct evhttp_request *http; /* the loop's; NULL when the client is gone */
    bool answered;
    istauth_request request;
    istauth_response response;
    istauth_header *headers;
    size_t header_count;
    istauth_arena arena;
    char buffer[ISTAUTH_ARENA_BUFFER];
} exchange;

typedef struct queue {
    exchange *first, **end;
    size_t count;
} queue;

struct server {
    site *site;
    struct event_base *loop;
    struct evhttp *http;
    struct evhttp_bound_socket *listening;
    struct event *wake, *end;
    size_t open; /* exchanges that there are */
    bool ending;
    pthread_mutex_t lock; /* of what loop and workers share: */
    pthread_cond_t work;
    queue waiting, done;
    bool stop;
};

static void put(queue *q, exchange *x)
{
    x->next = NULL;
    *q->end = x;
    q->end = &x->next;
    q->count++;
}

static exchange *take(queue *q)
{
    exchange *x = q->first;

    if (!x)
        return NULL;
    q->first = x->next;
    q->count--;
    if (!q->first)
        q->end = &q->first;
    return x;
}

/* --- the workers --- */

/* The next request to answer; NULL when there are none any more. */
static exchange *next(server *v)
{
    exchange *x = NULL;

    pthread_mutex_lock(&v->lock);
    while (!v->stop && !(x = take(&v->waiting)))
        pthread_cond_wait(&v->work, &v->lock);
    pthread_mutex_unlock(&v->lock);
    return x;
}

static void *worker(void *ctx)
{
    server *v = ctx;
    exchange *x;

    while ((x = next(v))) {
        site_answer(&x->response, v->site, &x->request, &x->arena);
        pthread_mutex_lock(&v->lock);
        put(&v->done, x);
        pthread_mutex_unlock(&v->lock);
        event_active(v->wake, 0, 0);
    }
    return NULL;
}

/* False: the queue is full. */
static bool hand_over(server *v, exchange *x)
{
    bool room;

    pthread_mutex_lock(&v->lock);
    room = v->waiting.count < QUEUE_MAX;
    if (room)
        put(&v->waiting, x);
    pthread_cond_signal(&v->work);
    pthread_mutex_unlock(&v->lock);
    return room;
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

static void on_gone(struct evhttp_connection *connection, void *ctx)
{
    exchange *x = ctx;

    (void)connection;
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
    if (evhttp_request_get_command(x->http) != EVHTTP_REQ_HEAD)
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
    exchange *x;

    (void)none;
    (void)events;
    do {
        pthread_mutex_lock(&v->lock);
        x = take(&v->done);
        pthread_mutex_unlock(&v->lock);
        if (x)
            finish(x);
    } while (x);
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
        st = istauth_arena_copy(&target, &x->arena, istauth_str_of(evhttp_request_get_uri(x->http)));
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
    if (!st && !hand_over(v, x))
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
    evthread_use_pthreads(); /* before the loop is made: event_active() is safe to call from elsewhere then */
    v->loop = event_base_new();
    v->http = v->loop ? evhttp_new(v->loop) : NULL;
    if (!v->http)
        return false;
    evhttp_set_gencb(v->http, on_request, v);
    evhttp_set_allowed_methods(v->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD |
                                            EVHTTP_REQ_OPTIONS | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
    evhttp_set_timeout(v->http, IDLE_SECONDS);
    evhttp_set_max_headers_size(v->http, HEADERS_MAX);
    evhttp_set_max_body_size(v->http, DRAINED_MAX);
    v->listening = evhttp_accept_socket_with_handle(v->http, listening);
    v->wake = event_new(v->loop, -1, EV_PERSIST, on_wake, v);
    v->end = event_new(v->loop, -1, EV_PERSIST, on_end, v);
    v->waiting.end = &v->waiting.first;
    v->done.end = &v->done.first;
    return v->listening && v->wake && v->end;
}

static void *loop(void *ctx)
{
    server *v = ctx;

    /* While every connection waits for a worker there is nothing that the loop could wait for. */
    event_base_loop(v->loop, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

static pthread_t start(void *(*run)(void *), server *v)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, v)) {
        fputs("cannot start a thread\n", stderr);
        exit(1);
    }
    return thread;
}

static void stop_workers(server *v, const pthread_t workers[WORKERS])
{
    pthread_mutex_lock(&v->lock);
    v->stop = true;
    pthread_cond_broadcast(&v->work);
    pthread_mutex_unlock(&v->lock);
    for (size_t i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
}

static int serve(server *v, const sigset_t *signals, const char *url)
{
    pthread_t workers[WORKERS], looping = start(loop, v);
    int code;

    for (size_t i = 0; i < WORKERS; i++)
        workers[i] = start(worker, v);
    code = site_wait(v->site, signals, "evhttp", url);
    event_active(v->end, 0, 0);
    pthread_join(looping, NULL);
    stop_workers(v, workers);
    return code;
}

static void drop(queue *q)
{
    exchange *x;

    while ((x = take(q)))
        exchange_free(x);
}

static void unmake(server *v)
{
    if (v->http)
        evhttp_free(v->http); /* and with it the connections: on_gone is called for each */
    drop(&v->waiting);
    drop(&v->done);
    if (v->wake)
        event_free(v->wake);
    if (v->end)
        event_free(v->end);
    if (v->loop)
        event_base_free(v->loop);
}

int main(int argc, char **argv)
{
    server v = { .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER };
    char url[LISTEN_URL_SIZE];
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
