#include "health.h"

#include "log.h"
#include "text.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define GOOD_FOR 1000 /* milliseconds that an answer holds */

struct health {
    const istauth_server *server;
    pthread_mutex_t looking;
    atomic_bool good, draining;
    _Atomic int64_t looked_at;
};

health *health_new(const istauth_server *server)
{
    health *h = malloc(sizeof(*h));

    if (!h)
        return NULL;
    h->server = server;
    pthread_mutex_init(&h->looking, NULL);
    atomic_init(&h->good, true); /* it was opened a moment ago */
    atomic_init(&h->draining, false);
    atomic_init(&h->looked_at, log_milliseconds() - GOOD_FOR);
    return h;
}

void health_free(health *h)
{
    if (!h)
        return;
    pthread_mutex_destroy(&h->looking);
    free(h);
}

void health_drain(health *h)
{
    atomic_store(&h->draining, true);
}

static bool is_fresh(health *h)
{
    return log_milliseconds() - atomic_load(&h->looked_at) < GOOD_FOR;
}

/* The place behind the last client: one look into an index, and nothing is read. */
static void look(health *h, istauth_arena *arena)
{
    istauth_clients none;
    istauth_status st = istauth_clients_list(&none, h->server, ISTAUTH_STR("~~~~"), 1, arena);
    bool was_good = atomic_exchange(&h->good, !st);

    atomic_store(&h->looked_at, log_milliseconds());
    if (st && was_good)
        log_note("health: the store fails: ", istauth_str_of(istauth_status_name(st)));
}

/* While one looks, which may take as long as the store's patience, the others get the last answer:
 * a store that hangs must not take every thread with it. */
static bool is_ready(health *h, istauth_arena *arena)
{
    if (!is_fresh(h) && pthread_mutex_trylock(&h->looking) == 0) {
        if (!is_fresh(h))
            look(h, arena);
        pthread_mutex_unlock(&h->looking);
    }
    return atomic_load(&h->good) && !atomic_load(&h->draining);
}

static void answer(istauth_response *response, int status, istauth_str body)
{
    response->status = status;
    response->body = body;
    response->headers[0] = (istauth_header){ ISTAUTH_STR("Content-Type"),
                                             ISTAUTH_STR("text/plain; charset=utf-8") };
    response->headers[1] =
        (istauth_header){ ISTAUTH_STR("Cache-Control"), ISTAUTH_STR("no-store") };
    response->header_count = 2;
}

/* No detail for strangers: the log has it. */
bool health_serve(health *h, istauth_response *response, const istauth_request *request,
                  istauth_arena *arena)
{
    bool live = text_is(request->path, PATH_LIVE);

    if (!live && !text_is(request->path, PATH_READY))
        return false;
    if (!text_is(request->method, "GET") && !text_is(request->method, "HEAD")) {
        answer(response, 405, ISTAUTH_STR("GET\n"));
        response->headers[response->header_count++] =
            (istauth_header){ ISTAUTH_STR("Allow"), ISTAUTH_STR("GET, HEAD") };
    } else if (live || is_ready(h, arena)) {
        answer(response, 200, ISTAUTH_STR("ok\n"));
    } else {
        answer(response, 503, ISTAUTH_STR("unavailable\n"));
    }
    return true;
}
