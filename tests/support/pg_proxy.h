/* A proxy in front of a PostgreSQL socket that counts what goes through, and fails on purpose. */
#ifndef PG_PROXY_H
#define PG_PROXY_H

#include <pthread.h>
#include <stdatomic.h>

typedef enum pg_proxy_fault {
    PG_PROXY_NONE,
    PG_PROXY_CUT_BEFORE, /* the next request is not passed on, and its connection is cut */
    PG_PROXY_CUT_AFTER,  /* the answer to the next request is held back: cut when it is there */
    PG_PROXY_HANG        /* from now on nothing is passed on */
} pg_proxy_fault;

typedef struct pg_proxy {
    char dir[64]; /* "host=%s" leads through it */
    char target[108];
    int listener;
    pthread_t thread;
    atomic_bool over;
    atomic_int fault;       /* a pg_proxy_fault; cuts happen once */
    atomic_uint trips;      /* requests that wait for an answer: Query and Sync */
    atomic_uint statements; /* executed in them */
    atomic_uint connections, live;
} pg_proxy;

/* `host` is the directory of the server's socket. Abort when something is missing. */
void pg_proxy_start(pg_proxy *p, const char *host);
void pg_proxy_stop(pg_proxy *p);

#endif
