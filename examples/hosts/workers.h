/* A few threads that do what an event loop must not: wait for a store. A bounded queue leads to
 * them, and a list leads back. It knows no event loop: libevent, libev, libuv or one's own are
 * served alike. */
#ifndef HOSTS_WORKERS_H
#define HOSTS_WORKERS_H

#include <stdbool.h>

#define WORKERS 4      /* about as many as the store serves at once */
#define WAITING_MAX 64 /* jobs that wait for one of them */

/* The first member of what a host keeps of a request. */
typedef struct job {
    struct job *next;
} job;

typedef struct workers workers;

/* `run` does a job, on a worker. `wake` follows each job that is done, on the worker as well: it
 * tells the loop to call workers_take, by the one function of the loop's that may be called from
 * another thread (event_active, ev_async_send, uv_async_send, a byte into a pipe). NULL when
 * threads or memory are short. */
workers *workers_start(void (*run)(void *ctx, job *j), void (*wake)(void *ctx), void *ctx);

/* Give a job away. False: too many wait already, and it is still yours. Never blocks for long. */
bool workers_give(workers *w, job *j);

/* A job that is done, or NULL when there is none. Several may be done for one `wake`. */
job *workers_take(workers *w);

/* Wait for those that run and begin no other; workers_take gives all that is left, whether done or
 * not. */
void workers_stop(workers *w);
void workers_free(workers *w); /* NULL-safe; stopped, and empty */

#endif
