/* Processes beside a case, forked before its store is opened, each with a handle of its own on the
 * store's data. They are let go all at once, and answer through a pipe; one that dies or does not
 * answer fails the case. */
#ifndef CHECK_PROCESSES_I_H
#define CHECK_PROCESSES_I_H

#include "check/world_i.h"

#include <stdatomic.h>
#include <sys/types.h>

typedef struct answer {
    unsigned number; /* what it is about */
    istauth_status status;
} answer;

typedef struct processes {
    store_world *w;
    unsigned count;
    /* In each process, whose world has a handle of its own. */
    void (*work)(struct processes *p, unsigned number);
    /* In the case's process: called with the store open and every process attached; may fail. */
    void (*lead)(struct processes *p);
    void *arg;
    /* from here on processes.c's own */
    unsigned turns, number;
    atomic_uint *awake; /* in memory that all share: how many starts were waited for, by all together */
    int start[2][2], from[ISTAUTH_STORE_CHECK_THREADS], to;
    pid_t pids[ISTAUTH_STORE_CHECK_THREADS];
} processes;

/* Fork them, open the store, let `lead` go on until it returns or fails, and end them. */
void processes_run(processes *p);

/* --- for the lead --- */

/* Let every process go on from its next processes_wait. */
void processes_start(processes *p);

/* The next answer of this process. */
answer processes_answer(processes *p, unsigned number);

/* The same when it may have died: false when it did and has no more answers. */
bool processes_last_answer(processes *p, unsigned number, answer *a);

void processes_kill(processes *p, unsigned number);

/* --- for the work --- */

/* Until the next start. False: the lead is over; return. */
bool processes_wait(processes *p);
void processes_tell(processes *p, unsigned number, istauth_status status);

#endif
