/* Threads beside a case. Only the case's own thread may fail: theirs note what they saw, and it is
 * judged when they stand still. */
#ifndef CHECK_CREW_I_H
#define CHECK_CREW_I_H

#include "check/world_i.h"

#include <stdatomic.h>

typedef struct crew {
    unsigned count;
    void (*work)(struct crew *c, unsigned number); /* in each thread; ends once `over` is set */
    void (*lead)(struct crew *c);                  /* in the case's thread; may fail the case */
    void (*dismiss)(struct crew *c); /* wake those who wait for the lead; NULL: nobody does */
    void *arg;
    atomic_bool over;
} crew;

/* Until `lead` has returned, or failed, and every thread has ended. */
void crew_run(crew *c);

#endif
