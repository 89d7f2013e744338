#include "check/crew_i.h"

#include "check/assert_i.h"

#include <pthread.h>

struct gate {
    pthread_mutex_t shut; /* until all threads are there: or those who are could wait for ever */
    crew *c;
    failure f;
};

struct member {
    struct gate *gate;
    unsigned number;
    pthread_t thread;
};

static void *enter(void *arg)
{
    struct member *m = arg;
    crew *c = m->gate->c;

    pthread_mutex_lock(&m->gate->shut);
    pthread_mutex_unlock(&m->gate->shut);
    if (!atomic_load(&c->over))
        c->work(c, m->number);
    return NULL;
}

static unsigned hire(struct member *members, struct gate *gate)
{
    unsigned n = 0;

    for (; n < gate->c->count; n++) {
        members[n].gate = gate;
        members[n].number = n;
        if (pthread_create(&members[n].thread, NULL, enter, &members[n]))
            break;
    }
    return n;
}

static void lead(void *arg)
{
    crew *c = arg;

    c->lead(c);
}

void crew_run(crew *c)
{
    struct member members[ISTAUTH_STORE_CHECK_THREADS];
    struct gate gate = { .shut = PTHREAD_MUTEX_INITIALIZER, .c = c };
    bool complete, led = true;
    unsigned n;

    atomic_store(&c->over, false);
    pthread_mutex_lock(&gate.shut);
    n = hire(members, &gate);
    complete = n == c->count;
    if (!complete)
        atomic_store(&c->over, true);
    pthread_mutex_unlock(&gate.shut);
    if (complete) {
        led = attempt(&gate.f, lead, c);
        atomic_store(&c->over, true);
        if (c->dismiss)
            c->dismiss(c);
    }
    while (n)
        pthread_join(members[--n].thread, NULL);
    pthread_mutex_destroy(&gate.shut);
    assert_true(complete); /* every thread could be created */
    if (!led)
        fail_again(&gate.f);
}
