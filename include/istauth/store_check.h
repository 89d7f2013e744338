/* For authors of backends: the conformance kit, in a library of its own
 * (pkg-config libistauth-check). docs/writing-a-store.md walks through it.
 *
 *   istauth_status open_mine(void *env, istauth_store *out);
 *   void close_mine(void *env, istauth_store *store);
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

#include <pthread.h>
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
    /* The end of it and of its data. store->ctx is NULL after a `reopen` that failed. */
    void (*close)(void *env, istauth_store *store);

    /* Close the handle and open the same data again, as after a restart: *store in and out. When it
     * fails the old handle is closed all the same. NULL: a volatile store, whose durable cases are
     * skipped. */
    istauth_status (*reopen)(void *env, istauth_store *store);

    /* A second handle on the data of the last `open`, in a process that was forked BEFORE that
     * `open`: what `env` says of the place must hold there too, so it cannot be a name that `open`
     * makes up. NULL: a store of one process, whose cases with several are skipped. */
    istauth_status (*attach)(void *env, istauth_store *out);
    /* Close that handle and leave the data. Needed with attach. */
    void (*detach)(void *env, istauth_store *store);

    void *env; /* first argument of each */
} istauth_store_fixture;

/* A fixture without functions: fill in at least open and close. */
#define ISTAUTH_STORE_FIXTURE_INIT \
    { sizeof(istauth_store_fixture), NULL, NULL, NULL, NULL, NULL, NULL, NULL }

#define ISTAUTH_STORE_CHECK_THREADS 64 /* at most */

/* What to check, how hard, and where to say so. */
typedef struct istauth_store_check_options {
    size_t size;      /* set by ISTAUTH_STORE_CHECK_OPTIONS_INIT */
    const char *only; /* a clause such as "S-3", or a case's name; NULL: every case */
    unsigned threads; /* that race each other, and processes; 2 to the maximum above */
    unsigned rounds;  /* of each race */
    unsigned flood;   /* records of the cases that fill the store */
    unsigned seconds; /* that a process of a case may take to answer */
    FILE *report;     /* NULL: stdout */
} istauth_store_check_options;

/* Small enough for every build; races deserve thousands of rounds now and then. */
#define ISTAUTH_STORE_CHECK_OPTIONS_INIT \
    { sizeof(istauth_store_check_options), NULL, 4, 100, 500, 60, NULL }

/* Run the cases, each against a store of its own, and report in TAP version 13: `ok` or `not ok`
 * with the case's clause and name, then what was wrong; `# SKIP` for what the store does not claim.
 *
 * `options` may be NULL for the defaults. A store that hangs hangs the kit, except in the cases
 * with several processes, which are forked from this one: it must have no other threads.
 *
 * Returns how many cases failed; an `only` that names none counts as one, and so do a fixture or
 * options that are outside what is said above.
 * since 0.1 */
ISTAUTH_API int istauth_store_check(const istauth_store_fixture *fixture,
                                    const istauth_store_check_options *options);

/* --- a store that counts its calls and fails when told to: for tests of what uses one --- */

/* The functions of a store. */
typedef enum istauth_store_op {
    /* each op of istauth_store_ops by its name */

    ISTAUTH_STORE_CLIENT_PUT,
    ISTAUTH_STORE_CLIENT_GET,
    ISTAUTH_STORE_CLIENT_UPDATE,
    ISTAUTH_STORE_CLIENT_DELETE,
    ISTAUTH_STORE_CLIENT_LIST,
    ISTAUTH_STORE_CODE_PUT,
    ISTAUTH_STORE_CODE_GET,
    ISTAUTH_STORE_CODE_REDEEM,
    ISTAUTH_STORE_TOKEN_GET,
    ISTAUTH_STORE_REFRESH_ROTATE,
    ISTAUTH_STORE_RETRY_GET,
    ISTAUTH_STORE_TOKEN_REVOKE,
    ISTAUTH_STORE_GRANT_REVOKE,
    ISTAUTH_STORE_GRANT_TOUCH,
    ISTAUTH_STORE_GRANT_LIST,
    ISTAUTH_STORE_APP_LIST,
    ISTAUTH_STORE_APP_DISCONNECT,
    ISTAUTH_STORE_SUBJECT_REVOKE,
    ISTAUTH_STORE_WORKSPACE_REMOVE,
    ISTAUTH_STORE_PERSONAL_PUT,
    ISTAUTH_STORE_PERSONAL_LIST,
    ISTAUTH_STORE_PERSONAL_REVOKE,
    ISTAUTH_STORE_MACHINE_PUT,
    ISTAUTH_STORE_NONCE_CLAIM,
    ISTAUTH_STORE_PURGE,
    ISTAUTH_STORE_ANY /* every op counts */
} istauth_store_op;

/* The op's name, such as "client_put"; "any" for ISTAUTH_STORE_ANY, "unknown" for what is none.
 * Static text. since 0.1 */
ISTAUTH_API const char *istauth_store_op_name(istauth_store_op op);

/* How a call fails. */
enum {
    ISTAUTH_FAULT_ONCE = 0,         /* it alone, without taking effect */
    ISTAUTH_FAULT_FOREVER = 1 << 0, /* it, and every later one */
    ISTAUTH_FAULT_AFTER = 1 << 1    /* the call takes effect, but nobody learns: "commit unknown" */
};

/* Visible for its size only: use the functions. There is nothing to free. */
typedef struct istauth_store_shim {
    istauth_store real;    /* what does the work */
    pthread_mutex_t mutex; /* over all that follows */
    size_t calls[ISTAUTH_STORE_ANY + 1]; /* of each op, and of all together */
    istauth_store_op op;   /* which is to fail */
    size_t nth;            /* which call of it; 0: none */
    size_t faults;         /* how many were answered as planned */
    istauth_status status; /* what it answers then */
    unsigned how;          /* ISTAUTH_FAULT_... */
} istauth_store_shim;

/* Count the calls of `real`, which is borrowed, without failing any. The store that is returned
 * works on *shim and is as safe for threads as `real` is. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_store istauth_store_shim_wrap(istauth_store_shim *shim,
                                                                   istauth_store real);

/* Count from 0 again, and answer `status` instead of the nth call of `op`, from 1; 0: never. What a
 * call that fails would have written to its results is not written. since 0.1 */
ISTAUTH_API void istauth_store_shim_plan(istauth_store_shim *shim, istauth_store_op op, size_t nth,
                                         istauth_status status, unsigned how);

/* Calls of an op, or of all together, since istauth_store_shim_wrap or _plan, failed ones
 * included. since 0.1 */
ISTAUTH_API size_t istauth_store_shim_calls(istauth_store_shim *shim, istauth_store_op op);

/* How many of them were answered as planned. since 0.1 */
ISTAUTH_API size_t istauth_store_shim_faults(istauth_store_shim *shim);

#ifdef __cplusplus
}
#endif

#endif
