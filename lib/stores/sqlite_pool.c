#include "stores/sqlite_i.h"

#include <stdlib.h>
#include <time.h>

struct sql_waiter {
    struct sql_waiter *next;
    pthread_cond_t woken;
    struct sql_connection *given;
};

bool istauth__sqlite_pool_init(struct sql_pool *p, const struct sql_store *store, size_t count,
                               bool writes)
{
    p->all = calloc(count, sizeof(*p->all));
    if (!p->all)
        return false;
    if (pthread_mutex_init(&p->mutex, NULL)) {
        free(p->all);
        return false;
    }
    p->count = count;
    p->first = NULL;
    p->last = &p->first;
    p->free = NULL;
    for (size_t i = count; i--;) {
        p->all[i].store = store;
        p->all[i].writes = writes;
        p->all[i].next = p->free;
        p->free = &p->all[i];
    }
    return true;
}

void istauth__sqlite_pool_wipe(struct sql_pool *p)
{
    for (size_t i = 0; i < p->count; i++)
        istauth__sqlite_disconnect(&p->all[i]);
    (void)pthread_mutex_destroy(&p->mutex);
    free(p->all);
}

static void leave(struct sql_pool *p, struct sql_waiter *w)
{
    struct sql_waiter **at = &p->first;

    while (*at != w)
        at = &(*at)->next;
    *at = w->next;
    if (!*at)
        p->last = at;
}

static bool cond_init(pthread_cond_t *cond)
{
    pthread_condattr_t attributes;
    int failed;

    if (pthread_condattr_init(&attributes))
        return false;
    failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (!failed)
        failed = pthread_cond_init(cond, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return !failed;
}

/* NULL at the deadline. Under the pool's mutex. */
static struct sql_connection *wait_for(struct sql_pool *p, int64_t deadline)
{
    struct timespec until = { (time_t)(deadline / 1000), (long)(deadline % 1000) * 1000000 };
    struct sql_waiter w = { .next = NULL, .given = NULL };
    int failed = 0;

    if (!cond_init(&w.woken))
        return NULL;
    *p->last = &w;
    p->last = &w.next;
    while (!w.given && !failed)
        failed = pthread_cond_timedwait(&w.woken, &p->mutex, &until);
    if (!w.given)
        leave(p, &w);
    (void)pthread_cond_destroy(&w.woken);
    return w.given;
}

istauth_status istauth__sqlite_take(struct sql_connection **c, struct sql_pool *p)
{
    int64_t deadline = istauth__sqlite_now() + p->all->store->options.busy_timeout_ms;
    struct sql_connection *got;
    int rc = SQLITE_OK;

    (void)pthread_mutex_lock(&p->mutex); /* cannot fail on a default mutex that we initialised */
    got = p->free;
    if (got)
        p->free = got->next;
    else
        got = wait_for(p, deadline);
    (void)pthread_mutex_unlock(&p->mutex);
    if (!got)
        return ISTAUTH_E_UNAVAILABLE;
    got->deadline = deadline;
    if (!got->db)
        rc = istauth__sqlite_connect(got);
    if (rc) {
        istauth__sqlite_give(p, got);
        return istauth__sqlite_status(rc);
    }
    *c = got;
    return ISTAUTH_OK;
}

/* Under the pool's mutex. */
static bool serve_first(struct sql_pool *p, struct sql_connection *c)
{
    struct sql_waiter *w = p->first;

    if (!w)
        return false;
    p->first = w->next;
    if (!p->first)
        p->last = &p->first;
    w->given = c;
    (void)pthread_cond_signal(&w->woken);
    return true;
}

bool istauth__sqlite_pass(struct sql_pool *p, struct sql_connection *c)
{
    bool passed;

    (void)pthread_mutex_lock(&p->mutex);
    passed = serve_first(p, c);
    (void)pthread_mutex_unlock(&p->mutex);
    return passed;
}

void istauth__sqlite_give(struct sql_pool *p, struct sql_connection *c)
{
    (void)pthread_mutex_lock(&p->mutex);
    if (!serve_first(p, c)) {
        c->next = p->free;
        p->free = c;
    }
    (void)pthread_mutex_unlock(&p->mutex);
}

size_t istauth__sqlite_waiting(struct sql_pool *p)
{
    size_t n = 0;

    (void)pthread_mutex_lock(&p->mutex);
    for (const struct sql_waiter *w = p->first; w; w = w->next)
        n++;
    (void)pthread_mutex_unlock(&p->mutex);
    return n;
}
