#include "check/race_i.h"

#include "check/assert_i.h"
#include "check/crew_i.h"

#include <pthread.h>

race race_of(store_world *w, const contest *of)
{
    race r = { .w = w, .of = of, .racers = of->racers ? of->racers : w->options->threads };

    return r;
}

struct track {
    race race;
    unsigned round;
    pthread_barrier_t start, end;
};

static void step(crew *c, unsigned number)
{
    struct track *t = c->arg;

    for (;;) {
        pthread_barrier_wait(&t->start);
        if (atomic_load(&c->over))
            return;
        t->race.answers[number] = t->race.of->step(t->race.w, t->round, number);
        pthread_barrier_wait(&t->end);
    }
}

static void lead(crew *c)
{
    struct track *t = c->arg;
    race *r = &t->race;

    for (t->round = 0; t->round < r->w->options->rounds; t->round++) {
        r->of->prepare(r->w, t->round);
        pthread_barrier_wait(&t->start);
        pthread_barrier_wait(&t->end);
        r->of->judge(r, t->round);
        istauth_arena_wipe(&r->w->arena);
    }
}

/* Whether the lead ended or failed, the racers wait for the next start. */
static void dismiss(crew *c)
{
    struct track *t = c->arg;

    pthread_barrier_wait(&t->start);
}

void race_threads(store_world *w, const contest *of)
{
    struct track t = { .race = race_of(w, of) };
    crew c = { t.race.racers, step, lead, dismiss, &t, false };

    of->setup(w);
    assert_int_equal(pthread_barrier_init(&t.start, NULL, t.race.racers + 1), 0);
    assert_int_equal(pthread_barrier_init(&t.end, NULL, t.race.racers + 1), 0);
    crew_run(&c);
    pthread_barrier_destroy(&t.start);
    pthread_barrier_destroy(&t.end);
}
