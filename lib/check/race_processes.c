#include "check/race_i.h"

#include "check/assert_i.h"
#include "check/processes_i.h"

static void step(processes *p, unsigned number)
{
    const race *r = p->arg;

    for (unsigned round = 0; processes_wait(p); round++)
        processes_tell(p, round, r->of->step(p->w, round, number));
}

static void collect(processes *p, race *r, unsigned round)
{
    for (unsigned i = 0; i < r->racers; i++) {
        answer a = processes_answer(p, i);

        assert_int_equal(a.number, round);
        r->answers[i] = a.status;
    }
}

static void lead(processes *p)
{
    race *r = p->arg;

    r->of->setup(p->w);
    for (unsigned round = 0; round < p->w->options->rounds; round++) {
        r->of->prepare(p->w, round);
        processes_start(p);
        collect(p, r, round);
        r->of->judge(r, round);
        istauth_arena_wipe(&p->w->arena);
    }
}

void race_processes(store_world *w, const contest *of)
{
    race r = race_of(w, of);
    processes p = { .w = w, .count = r.racers, .work = step, .lead = lead, .arg = &r };

    processes_run(&p);
}
