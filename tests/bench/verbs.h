/* The verbs of every day, measured on a store that has its grants already: grant n has the access token
 * of key bench_key("access", n) and the refresh token of bench_key("refresh", n), from 1. */
#ifndef BENCH_VERBS_H
#define BENCH_VERBS_H

#include <istauth/store.h>

#define BENCH_T0 1700000000
#define BENCH_THREADS 2

/* SHA-256 of a name and a number. */
istauth_key bench_key(const char *kind, unsigned n);

/* End the program, saying why. */
_Noreturn void bench_stop(const char *what);

/* Print what token_get and refresh_rotate take with one thread and with several, for some seconds
 * each, and what it takes to purge the access tokens of an hour. */
void bench_verbs(const istauth_store *store, unsigned grants);

#endif
