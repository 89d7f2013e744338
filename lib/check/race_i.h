/* Rounds in which several do something to one store at once: threads on one handle, or processes
 * with a handle each. */
#ifndef CHECK_RACE_I_H
#define CHECK_RACE_I_H

#include "check/world_i.h"

struct race;

typedef struct contest {
    unsigned racers; /* 0: as many as the options say */
    void (*setup)(store_world *w);
    /* Each round: `prepare`, every racer's `step` at once, `judge`. A step may run in another
     * thread, or process, and fails nothing: it answers. */
    void (*prepare)(store_world *w, unsigned round);
    istauth_status (*step)(store_world *w, unsigned round, unsigned racer);
    void (*judge)(const struct race *r, unsigned round);
} contest;

typedef struct race {
    store_world *w;
    const contest *of;
    unsigned racers;
    istauth_status answers[ISTAUTH_STORE_CHECK_THREADS]; /* of this round, by racer */
} race;

race race_of(store_world *w, const contest *of);

void race_threads(store_world *w, const contest *of); /* w is open */
void race_processes(store_world *w, const contest *of); /* w is opened behind the forks */

#endif
