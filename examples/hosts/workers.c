#include "workers.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct list {
    job *first, **end;
    unsigned count;
} list;

struct workers {
    void (*run)(void *ctx, job *j);
    void (*wake)(void *ctx);
    void *ctx;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t work;
    list waiting, done;
    bool stop;
    unsigned count;
    pthread_t threads[WORKERS];
};

static void append(list *l, job *j)
{
    j->next = NULL;
    *l->end = j;
    l->end = &j->next;
    l->count++;
}

static job *shift(list *l)
{
    job *j = l->first;

    if (!j)
        return NULL;
    l->first = j->next;
    if (!l->first)
        l->end = &l->first;
    l->count--;
    return j;
}

/* The next job; NULL when there is to be no other. */
static job *next(workers *w)
{
    job *j = NULL;

    pthread_mutex_lock(&w->lock);
    while (!w->stop && !(j = shift(&w->waiting)))
        pthread_cond_wait(&w->work, &w->lock);
    pthread_mutex_unlock(&w->lock);
    return j;
}

static void *work(void *ctx)
{
    workers *w = ctx;
    job *j;

    while ((j = next(w))) {
        w->run(w->ctx, j);
        pthread_mutex_lock(&w->lock);
        append(&w->done, j);
        pthread_mutex_unlock(&w->lock);
        w->wake(w->ctx);
    }
    return NULL;
}

workers *workers_start(void (*run)(void *ctx, job *j), void (*wake)(void *ctx), void *ctx)
{
    workers *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->run = run;
    w->wake = wake;
    w->ctx = ctx;
    w->waiting.end = &w->waiting.first;
    w->done.end = &w->done.first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    while (w->count < WORKERS && !pthread_create(&w->threads[w->count], NULL, work, w))
        w->count++;
    if (w->count == WORKERS)
        return w;
    workers_stop(w);
    workers_free(w);
    return NULL;
}

bool workers_give(workers *w, job *j)
{
    bool room;

    pthread_mutex_lock(&w->lock);
    room = w->waiting.count < WAITING_MAX;
    if (room)
        append(&w->waiting, j);
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    return room;
}

job *workers_take(workers *w)
{
    job *j;

    pthread_mutex_lock(&w->lock);
    j = shift(&w->done);
    pthread_mutex_unlock(&w->lock);
    return j;
}

void workers_stop(workers *w)
{
    job *j;

    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    while (w->count)
        pthread_join(w->threads[--w->count], NULL);
    while ((j = shift(&w->waiting)))
        append(&w->done, j);
}

void workers_free(workers *w)
{
    if (!w)
        return;
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->work);
    free(w);
}
