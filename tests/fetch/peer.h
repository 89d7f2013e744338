/* Who is at the other end: a TLS server that answers by path, and listeners at places where nobody
 * should ever call. */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include "fetch/authority.h"

#include <pthread.h>
#include <stddef.h>

/* What is answered to one path. */
typedef struct answer {
    const char *path;
    const char *bytes; /* status line, headers and body */
    int pause;         /* milliseconds before each further byte; 0: all at once */
    int endless;       /* the body is repeated until nobody reads */
} answer;

typedef struct peer {
    int listening, port;
    SSL_CTX *tls; /* NULL: plain */
    const answer *answers;
    size_t count;
    pthread_t thread;
    pthread_mutex_t lock;
    int stopping;
    size_t connections, requests;
    char request[4096]; /* the last one, with its headers */
} peer;

/* Serve `answers` at this IPv4 address; `tls` is owned by the peer. The connection is closed after
 * each. */
void peer_start(peer *p, const char *address, SSL_CTX *tls, const answer *answers, size_t count);
void peer_stop(peer *p);
size_t peer_connections(peer *p);
size_t peer_requests(peer *p);

/* A listener on every address of this machine, of both families, at one port. */
typedef struct trap {
    int four, six, port;
} trap;

void trap_open(trap *t);
/* How many connections have been made to it since it was asked last. */
size_t trap_visits(const trap *t);
void trap_close(trap *t);

#endif
