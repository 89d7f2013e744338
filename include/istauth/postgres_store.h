/* The store for hosts that outgrow one machine: PostgreSQL, through libpq. A library of its own,
 * libistauth-postgres.
 *
 * Any number of threads, processes and machines share one database. docs/postgres.md is for those
 * who run it. */
#ifndef ISTAUTH_POSTGRES_STORE_H
#define ISTAUTH_POSTGRES_STORE_H

#include <istauth/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How to use the database. */
typedef struct istauth_postgres_options {
    size_t size;          /* set by ISTAUTH_POSTGRES_OPTIONS_INIT */
    unsigned connections; /* at most so many, opened as they are needed; 1 to 1000 */
    unsigned timeout_ms;  /* the most that an op takes, with waiting, connecting and trying again;
                           * 10 to 600000 */
    const char *schema;   /* where the tables are: a-z, 0-9 and _, no digit first, at most 48 */
    bool pooled; /* a proxy hands a connection to another client after each transaction: leave
                  * nothing in a session, neither prepared statements nor settings */
} istauth_postgres_options;

/* The defaults. */
#define ISTAUTH_POSTGRES_OPTIONS_INIT \
    { sizeof(istauth_postgres_options), 8, 5000, "istauth", false }

/* Open a store in *store, owned: close it with istauth_postgres_store_close. `conninfo` is libpq's,
 * as keywords or URI; what it leaves out libpq takes from its environment. It is copied, like
 * `options`, which may be NULL for the defaults above. Several hosts are tried in order, each with
 * a share of the time. target_session_attrs is read-write unless conninfo says otherwise: a
 * replica shows a token alive after its revocation. A process that forks opens its store
 * afterwards.
 *
 * Tables are made, or brought up to this version, in one transaction; of several processes that
 * start at once one does it. The names of hosts are resolved by libpq without a time limit.
 *
 * An op whose connection was lost is sent again within its time where its answer is exact all the
 * same: code_redeem and refresh_rotate recognise tokens of their own. nonce_claim answers
 * UNAVAILABLE then. app_disconnect, subject_revoke, workspace_remove and purge do what they
 * promise but may count too little.
 *
 * One purge removes at most 1000 records, whatever its limit. `error` may be NULL; its detail never
 * holds the password.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT     options or conninfo are malformed
 * ISTAUTH_E_CONFIG       the database is not encoded in UTF8, or its tables are newer than this
 *                        library
 * ISTAUTH_E_UNAVAILABLE  no connection within the time, or the database refused
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_postgres_store_open(istauth_store *store, const char *conninfo,
                            const istauth_postgres_options *options, istauth_error *error);

/* Close its connections and free it. No call on it may be running. NULL-safe (ctx may be NULL).
 * since 0.1 */
ISTAUTH_API void istauth_postgres_store_close(istauth_store *store);

#ifdef __cplusplus
}
#endif

#endif
