/* For authors of backends: the conformance kit, in a library of its own
 * (pkg-config libistauth-check). docs/writing-a-store.md walks through it.
 *
 *   int main(void)
 *   {
 *       istauth_store_fixture f = ISTAUTH_STORE_FIXTURE_INIT;
 *
 *       f.open = open_mine;
 *       f.close = close_mine;
 *       return istauth_store_check(&f, NULL) != 0;
 *   }
 *
 * Each case is named after the clause of store.h that it holds the store against. */
#ifndef ISTAUTH_STORE_CHECK_H
#define ISTAUTH_STORE_CHECK_H

#include <istauth/store.h>

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the kit comes by stores. Its functions are called from one thread at a time, `env` first.
 * One store is open at a time; `close` removes what the last `open` made. */
typedef struct istauth_store_fixture {
    size_t size;      /* set by ISTAUTH_STORE_FIXTURE_INIT */
    const char *name; /* for the report; may be NULL */

    /* A fresh, empty store. */
    istauth_status (*open)(void *env, istauth_store *out);
    /* The end of it and of its data. After a `reopen` that failed store->ctx is NULL. */
    void (*close)(void *env, istauth_store *store);

    /* Close the handle and open the same data again, as after a restart; in and out: *store. NULL: a
     * volatile store, whose durable cases are skipped. Ends with store->ctx NULL when it fails. */
    istauth_status (*reopen)(void *env, istauth_store *store);

    /* A second handle on the data of the last `open`, called in a process that was forked BEFORE that
     * `open`: what `env` says of the place must hold there too, so it cannot be a name that `open`
     * makes up. NULL: a store of one process, whose cases with several are skipped. */
    istauth_status (*attach)(void *env, istauth_store *out);
    /* Close that handle and leave the data. Needed with attach. */
    void (*detach)(void *env, istauth_store *store);

    void *env;
} istauth_store_fixture;

#define ISTAUTH_STORE_FIXTURE_INIT \
    { sizeof(istauth_store_fixture), NULL, NULL, NULL, NULL, NULL, NULL, NULL }

#define ISTAUTH_STORE_CHECK_THREADS 64 /* at most */

typedef struct istauth_store_check_options {
    size_t size;      /* set by ISTAUTH_STORE_CHECK_OPTIONS_INIT */
    const char *only; /* a clause such as "S-3", or a case's name; NULL: every case */
    unsigned threads; /* that race each other, and processes; 2 to the maximum above */
    unsigned rounds;  /* of each race */
    unsigned flood;   /* records of the case that floods the store */
    FILE *report;     /* NULL: stdout */
} istauth_store_check_options;

/* Small enough for every build; races deserve thousands of rounds now and then. */
#define ISTAUTH_STORE_CHECK_OPTIONS_INIT \
    { sizeof(istauth_store_check_options), NULL, 4, 100, 500, NULL }

/* Run the cases, each against a store of its own, and report in TAP version 13: `ok` or `not ok` with
 * the case's clause and name, then what was wrong; `# SKIP` for what the store does not claim to do.
 *
 * `options` may be NULL for the defaults. A store that hangs hangs the kit, except in the cases with
 * several processes. Processes of a case are forked from this one, which must have no other threads.
 *
 * Returns how many cases failed; an `only` that names none counts as one, and so do a fixture or
 * options that are outside what is said above.
 * since 0.1 */
ISTAUTH_API int istauth_store_check(const istauth_store_fixture *fixture,
                                    const istauth_store_check_options *options);

#ifdef __cplusplus
}
#endif

#endif
