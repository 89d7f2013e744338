/* An allocator that counts, fails when told to, and looks into what is given back. Safe for
 * threads. */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <istauth/arena.h>

#include <pthread.h>

typedef struct failing_alloc {
    pthread_mutex_t mutex;
    size_t calls;      /* allocations asked for since failing_alloc_plan */
    size_t fail_at;    /* the call that fails, from 1; 0: none */
    bool forever;      /* and every later one */
    size_t failed;     /* calls that did */
    size_t live;       /* blocks that were not given back */
    size_t live_bytes; /* in them */
    istauth_str needle;
    size_t needles_released; /* blocks that held it when they were given back */
} failing_alloc;

void failing_alloc_init(failing_alloc *f);

/* Borrows f. */
istauth_allocator failing_alloc_allocator(failing_alloc *f);

/* Count from 0 again and fail the nth call, once or from then on; 0 never fails. */
void failing_alloc_plan(failing_alloc *f, size_t nth, bool forever);

/* Count the blocks that still hold these bytes when they are released: for secrets that should
 * have been wiped. Borrowed. */
void failing_alloc_watch(failing_alloc *f, istauth_str needle);

#endif
