/* The PostgreSQL store's insides, shared by lib/stores/postgres*.c.
 *
 * An op is one statement, or a few that are sent together as one transaction: postgres_sql.c has
 * their texts, postgres_call.c sends them, again where that is safe, postgres_pool.c keeps the
 * connections. Who locks what, in which order: see postgres_sql.c. */
#ifndef ISTAUTH_STORES_POSTGRES_I_H
#define ISTAUTH_STORES_POSTGRES_I_H

#include <istauth/postgres_store.h>

#include <libpq-fe.h>
#include <pthread.h>

#define PG_PARAMS 24   /* of one statement, at most */
#define PG_STEPS 12    /* statements of one transaction, at most */
#define PG_PURGE 1000  /* records that one purge removes, at most */
#define PG_VISITS 1000 /* idle clients that one purge looks at, at most */

enum pg_statement {
    PG_BEGIN,
    PG_COMMIT,
    PG_CLIENT_PUT,
    PG_CLIENT_GET,
    PG_CLIENT_UPDATE,
    PG_CLIENT_REVOKE,
    PG_CLIENT_DELETE,
    PG_CLIENT_LIST,
    PG_CLIENT_IS_SAME,
    PG_CODE_PUT,
    PG_CODE_GET,
    PG_CODE_REDEEM,
    PG_CODE_IS_OURS,
    PG_TOKEN_GET,
    PG_TOKEN_IS_OURS,
    PG_TOKEN_FOLLOWS_CODE,
    PG_TOKEN_FOLLOWS_TOKEN,
    PG_REFRESH_ROTATE,
    PG_RETRY_GET,
    PG_TOKEN_REVOKE,
    PG_GRANT_REVOKE,
    PG_GRANT_TOUCH,
    PG_GRANT_LIST,
    PG_APP_LIST,
    PG_APP_DISCONNECT,
    PG_SUBJECT_REVOKE,
    PG_WORKSPACE_REMOVE,
    PG_PERSONAL_PUT,
    PG_MACHINE_PUT,
    PG_PERSONAL_LIST,
    PG_PERSONAL_REVOKE,
    PG_NONCE_CLAIM,
    PG_PURGE_LOOK,
    PG_PURGE_LOCK,
    PG_PURGE_RETRIES,
    PG_PURGE_CODES,
    PG_PURGE_TOKENS,
    PG_PURGE_GRANTS,
    PG_PURGE_NONCES,
    PG_PURGE_LOCK_CLIENTS,
    PG_PURGE_CLIENTS,
    PG_STATEMENTS
};

struct pg_conn {
    PGconn *pq;
    struct pg_conn *next; /* in the list of idle ones */
};

/* Where a purge goes on among the idle clients. */
struct pg_cursor {
    int64_t used_at;
    char client_id[2705]; /* more than an index can hold */
    size_t n;
    unsigned first; /* the kind that comes first */
};

struct pg {
    PQconninfoOption *options; /* conninfo, parsed */
    char *sql[PG_STATEMENTS];  /* with the schema's name in place */
    char schema[64];
    unsigned connections;
    int timeout_ms;
    bool pooled;

    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t freed;
    struct pg_conn *idle; /* last used first */
    unsigned open;        /* idle, in use, or being opened */
    struct pg_cursor cursor;
};

/* --- postgres_time.c: milliseconds of the monotonic clock --- */

int64_t istauth__pg_now(void);
int istauth__pg_left(int64_t deadline); /* 0 when it is over */
void istauth__pg_pause(unsigned attempt, int64_t deadline);

/* --- postgres_wire.c: what libpq does, with poll() and a deadline --- */

/* Wait until the socket is ready for `events` (poll's). false: it was not. */
bool istauth__pg_wait(const PGconn *pq, short events, int64_t deadline);
/* Send everything that libpq holds back. */
bool istauth__pg_flush(PGconn *pq, int64_t deadline);
/* The next result, which may be NULL, as PQgetResult. false: the connection is of no more use. */
bool istauth__pg_result(PGresult **out, PGconn *pq, int64_t deadline);

/* --- postgres_connect.c, postgres_session.c --- */

/* A connection that is ready for statements; NULL when none of the hosts gave one in time. `error`
 * may be NULL. */
PGconn *istauth__pg_connect(const struct pg *pg, int64_t deadline, istauth_error *error);
/* Settings and prepared statements, in one round trip. */
bool istauth__pg_session(const struct pg *pg, PGconn *pq, int64_t deadline, istauth_error *error);
/* Bring the tables up to date. */
istauth_status istauth__pg_migrate(struct pg *pg, int64_t deadline, istauth_error *error);
/* libpq's message, first line only. */
void istauth__pg_explain(istauth_error *error, istauth_status status, const char *what,
                         const char *message);

/* --- postgres_pool.c --- */

/* One of the connections, or a new one; NULL when there was none in time. */
struct pg_conn *istauth__pg_take(struct pg *pg, int64_t deadline);
/* Give it back; `keep` false: close it. */
void istauth__pg_give(struct pg *pg, struct pg_conn *conn, bool keep);

/* --- postgres_bind.c: parameters in binary. What cannot be bound fails the call --- */

struct pg_bind {
    const char *values[PG_PARAMS];
    int lengths[PG_PARAMS];
    char small[PG_PARAMS][16];
    void *lists[6]; /* allocated; see istauth__pg_unbind */
    int count, list_count;
    bool failed; /* no memory, or more than the protocol can carry */
};

void istauth__pg_bind_null(struct pg_bind *b);
void istauth__pg_bind_bytes(struct pg_bind *b, const void *p, size_t n);
void istauth__pg_bind_text(struct pg_bind *b, istauth_str text);
void istauth__pg_bind_key(struct pg_bind *b, const istauth_key *key); /* borrowed */
void istauth__pg_bind_int8(struct pg_bind *b, int64_t value);
/* As a LIMIT: what is more than it can be is as good as the most. */
void istauth__pg_bind_limit(struct pg_bind *b, size_t limit);
void istauth__pg_bind_int2(struct pg_bind *b, int value);
void istauth__pg_bind_bool(struct pg_bind *b, bool value);
/* false: the text is no id, so that nothing has it. */
bool istauth__pg_bind_id(struct pg_bind *b, const istauth_id *id);
void istauth__pg_bind_texts(struct pg_bind *b, istauth_str_list list);
/* `count` values of `each` bytes as bytea[] or uuid[]. */
void istauth__pg_bind_blobs(struct pg_bind *b, const void *values, size_t each, size_t count);
void istauth__pg_unbind(struct pg_bind *b);
/* Could the database hold it? Anything else is the name of nothing there, and no trouble. */
bool istauth__pg_is_text(istauth_str text);

/* --- postgres_call.c --- */

struct pg_step {
    enum pg_statement statement;
    const struct pg_bind *bind; /* NULL: no parameters */
};

struct pg_call {
    struct pg *pg;
    int64_t deadline;
    bool once;   /* not to be sent again unless it surely had no effect */
    bool unsure; /* an attempt before the last one may have taken effect */
    PGresult *results[PG_STEPS];
};

struct pg_call istauth__pg_begin(struct pg *pg);
/* OK: call->results has one for each step. EXISTS: a unique key is taken. UNAVAILABLE,
 * NO_MEMORY. */
istauth_status istauth__pg_run(struct pg_call *call, const struct pg_step *steps, size_t count);
istauth_status istauth__pg_run_one(struct pg_call *call, enum pg_statement statement,
                                   const struct pg_bind *bind);
void istauth__pg_end(struct pg_call *call);
/* Rows that the results have, and rows that a step changed. */
int istauth__pg_rows(const struct pg_call *call);
size_t istauth__pg_changed(const PGresult *result);
/* begin, run one, end, unbind: OK, or NOT_FOUND when there is no row. */
istauth_status istauth__pg_find(struct pg *pg, enum pg_statement statement, struct pg_bind *bind);

/* --- postgres_read.c: one row, its texts copied with one allocation --- */

struct pg_row {
    const PGresult *result;
    int row, column;
    istauth_str *items; /* room for the lists */
    char *text;         /* room for the texts */
    bool broken;        /* a value that is not what the statement asks for */
};

istauth_status istauth__pg_row(struct pg_row *r, const PGresult *result, int row,
                               istauth_arena *arena);
istauth_str istauth__pg_read_text(struct pg_row *r);
istauth_str_list istauth__pg_read_texts(struct pg_row *r);
int64_t istauth__pg_read_int8(struct pg_row *r);
int istauth__pg_read_int2(struct pg_row *r);
bool istauth__pg_read_bool(struct pg_row *r);
void istauth__pg_read_bytes(struct pg_row *r, void *out, size_t n);
void istauth__pg_read_grant(struct pg_row *r, istauth_grant *out); /* the GRANT columns */

/* --- postgres_grants.c --- */

void istauth__pg_bind_grant(struct pg_bind *b, const istauth_grant *grant);

extern const char *const istauth__pg_sql[PG_STATEMENTS];
/* The text with the schema's name for each '@'; NULL: no memory. */
char *istauth__pg_expand(const struct pg *pg, const char *sql);

/* --- the ops --- */

istauth_status istauth__pg_client_put(void *ctx, const istauth_client *client);
istauth_status istauth__pg_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                      istauth_client *out);
istauth_status istauth__pg_client_update(void *ctx, const istauth_client *client);
istauth_status istauth__pg_client_delete(void *ctx, istauth_str client_id, istauth_time now);
istauth_status istauth__pg_client_list(void *ctx, istauth_str after, size_t limit,
                                       istauth_arena *arena, istauth_clients *out);
istauth_status istauth__pg_code_put(void *ctx, const istauth_code *code,
                                    const istauth_grant *grant);
istauth_status istauth__pg_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                    istauth_code_entry *out);
istauth_status istauth__pg_code_redeem(void *ctx, const istauth_key *key,
                                       istauth_token_list tokens, istauth_time now);
istauth_status istauth__pg_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_token_entry *out);
istauth_status istauth__pg_refresh_rotate(void *ctx, const istauth_key *key,
                                          istauth_token_list tokens, const istauth_retry *retry,
                                          istauth_time now);
istauth_status istauth__pg_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_retry *out);
istauth_status istauth__pg_token_revoke(void *ctx, const istauth_key *key, istauth_time now);
istauth_status istauth__pg_grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now);
istauth_status istauth__pg_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now);
istauth_status istauth__pg_grant_list(void *ctx, istauth_str client_id, const istauth_id *after,
                                      size_t limit, istauth_arena *arena,
                                      istauth_grant_entries *out);
istauth_status istauth__pg_app_list(void *ctx, istauth_str subject, size_t limit,
                                    istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__pg_app_disconnect(void *ctx, istauth_str subject,
                                          istauth_str_list client_ids, istauth_time now,
                                          size_t *count);
istauth_status istauth__pg_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                          size_t *count);
istauth_status istauth__pg_workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                            istauth_time now, size_t *count);
istauth_status istauth__pg_personal_put(void *ctx, const istauth_token *token,
                                        const istauth_grant *grant);
istauth_status istauth__pg_personal_list(void *ctx, istauth_str subject, size_t limit,
                                         istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__pg_personal_revoke(void *ctx, istauth_str subject,
                                           const istauth_id *grant_id, istauth_time now);
istauth_status istauth__pg_machine_put(void *ctx, const istauth_token *token,
                                       const istauth_grant *grant);
istauth_status istauth__pg_nonce_claim(void *ctx, const istauth_key *key,
                                       istauth_time expires_at);
istauth_status istauth__pg_purge(void *ctx, const istauth_purge_bounds *bounds, size_t *removed);

#endif
