/* The inside of the SQLite store.
 *
 * A connection is used by one thread at a time. There is one that writes, and a few that read;
 * whoever wants one takes it from its pool and gives it back. Each keeps its prepared
 * statements. Every wait, for a connection or for another process's lock, ends at the op's
 * deadline. */
#ifndef ISTAUTH_SQLITE_I_H
#define ISTAUTH_SQLITE_I_H

#include <istauth/sqlite_store.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sqlite3.h>

/* "IsAu", in the header of every file of ours; sqlite_schema.c has it in decimal. */
#define SQL_APPLICATION_ID 0x49734175

/* --- sqlite_schema.c: step n brings a file from version n to n + 1 --- */

extern const char *const istauth__sqlite_migrations[];
extern const int istauth__sqlite_schema; /* how many there are: the version this library makes */

/* --- sqlite_statements.c --- */

enum sql_id {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_SAVEPOINT,
    SQL_RELEASE,
    SQL_UNDO,
    SQL_CLIENT_PUT,
    SQL_CLIENT_GET,
    SQL_CLIENT_UPDATE,
    SQL_CLIENT_DELETE,
    SQL_CLIENT_LIST,
    SQL_CLIENT_USED,
    SQL_CLIENT_REVOKE,
    SQL_GRANT_PUT,
    SQL_GRANT_EXISTS,
    SQL_GRANT_REVOKE,
    SQL_GRANT_TOUCH,
    SQL_GRANT_LIST,
    SQL_GRANT_REDEEMED,
    SQL_GRANT_ROTATED,
    SQL_CODE_PUT,
    SQL_CODE_GET,
    SQL_CODE_FIND,
    SQL_CODE_SPEND,
    SQL_TOKEN_PUT,
    SQL_TOKEN_GET,
    SQL_TOKEN_FIND,
    SQL_TOKEN_SPEND,
    SQL_TOKEN_REVOKE,
    SQL_RETRY_GET,
    SQL_APP_LIST,
    SQL_APP_DISCONNECT,
    SQL_SUBJECT_REVOKE,
    SQL_WORKSPACE_NEXT,
    SQL_WORKSPACE_SET,
    SQL_PERSONAL_LIST,
    SQL_PERSONAL_REVOKE,
    SQL_NONCE_CLAIM,
    SQL_PURGE_CODES,
    SQL_PURGE_RETRIES,
    SQL_PURGE_TOKENS,
    SQL_PURGE_OVER_GRANTS,
    SQL_PURGE_OVER_TOKENS,
    SQL_PURGE_NONCES,
    SQL_PURGE_GRANT,
    SQL_PURGE_UNUSED,
    SQL_PURGE_IDLE,
    SQL_PURGE_LIVE,
    SQL_STATEMENTS
};

extern const char *const istauth__sqlite_statements[SQL_STATEMENTS];

/* --- sqlite_connection.c --- */

struct sql_connection {
    struct sql_connection *next; /* in the list of free ones */
    const struct sql_store *store;
    sqlite3 *db; /* NULL: not opened yet */
    bool writes;
    int64_t deadline; /* of the op that has it, as of istauth__sqlite_now */
    sqlite3_stmt *statements[SQL_STATEMENTS];
};

/* Milliseconds of a clock that is never set. */
int64_t istauth__sqlite_now(void);
/* About a millisecond, a little more or less each time. */
void istauth__sqlite_pause(void);

/* Open the file for c, which is not open; an SQLite code. */
int istauth__sqlite_connect(struct sql_connection *c);
void istauth__sqlite_disconnect(struct sql_connection *c);
/* The prepared statement; an SQLite code. */
int istauth__sqlite_prepare(sqlite3_stmt **s, struct sql_connection *c, enum sql_id id);
/* What an SQLite code means to a caller of the store. */
istauth_status istauth__sqlite_status(int rc);

/* --- sqlite_pool.c --- */

struct sql_waiter;

struct sql_pool {
    pthread_mutex_t mutex;
    struct sql_connection *free;
    struct sql_waiter *first, **last; /* served in the order they came */
    struct sql_connection *all;
    size_t count;
};

bool istauth__sqlite_pool_init(struct sql_pool *p, const struct sql_store *store, size_t count,
                               bool writes);
void istauth__sqlite_pool_wipe(struct sql_pool *p);
/* A connection that is open, or UNAVAILABLE at the deadline, or what kept it from opening. */
istauth_status istauth__sqlite_take(struct sql_connection **c, struct sql_pool *p);
void istauth__sqlite_give(struct sql_pool *p, struct sql_connection *c);
/* Give it to whoever waits first; false: nobody does, and the caller keeps it. */
bool istauth__sqlite_pass(struct sql_pool *p, struct sql_connection *c);
/* How many wait for one at this moment. */
size_t istauth__sqlite_waiting(struct sql_pool *p);

/* --- the store --- */

/* Where the next look at old clients goes on. */
struct sql_cursor {
    int64_t time, serial;
};

struct sql_member;

struct sql_store {
    istauth_sqlite_options options;
    struct sql_pool writer, readers;
    atomic_uint first_kind; /* that purge begins with */

    /* Of whoever has the connection that writes: */
    struct sql_member *members; /* ops that wait for the commit of the open transaction */
    unsigned member_count;
    unsigned in_a_row; /* commits, each with somebody waiting behind it */
    struct sql_cursor unused, idle;
    char path[];
};

/* --- sqlite_file.c --- */

/* Make the file if it is not there. */
istauth_status istauth__sqlite_create(const char *path, istauth_error *error);
/* Open it for c, and see that it is ours and sound, in WAL mode and of this library's schema. */
istauth_status istauth__sqlite_ready(struct sql_connection *c, istauth_error *error);
/* Note what went wrong; returns `st`. */
istauth_status istauth__sqlite_refuse(istauth_error *error, istauth_status st, const char *detail);

/* --- sqlite_query.c: run one prepared statement --- */

/* Parameters are bound in the order of their numbers. What is bound is borrowed until the end. The
 * first trouble is kept and told at the end; nothing runs after it. */
struct sql_query {
    struct sql_connection *c;
    sqlite3_stmt *s;
    int rc;
    int bound;
};

struct sql_query istauth__sqlite_query(struct sql_connection *c, enum sql_id id);
void istauth__sqlite_bind_number(struct sql_query *q, int64_t number);
/* As a LIMIT: what is more than it can be is as good as the most. */
void istauth__sqlite_bind_limit(struct sql_query *q, size_t limit);
void istauth__sqlite_bind_text(struct sql_query *q, istauth_str text);
void istauth__sqlite_bind_id(struct sql_query *q, const istauth_id *id);
void istauth__sqlite_bind_key(struct sql_query *q, const istauth_key *key);
void istauth__sqlite_bind_bytes(struct sql_query *q, istauth_str bytes);
void istauth__sqlite_bind_list(struct sql_query *q, istauth_str_list list);
/* Is there a row (another one)? */
bool istauth__sqlite_step(struct sql_query *q);
int64_t istauth__sqlite_number(const struct sql_query *q, int column);
bool istauth__sqlite_flag(const struct sql_query *q, int column);
/* As it lies there: until the next step, without a NUL. */
istauth_str istauth__sqlite_text(const struct sql_query *q, int column);
istauth_key istauth__sqlite_key(const struct sql_query *q, int column);
/* Ends the statement: what its first trouble means, or `st` if there was none. */
istauth_status istauth__sqlite_end(struct sql_query *q, istauth_status st);
/* Step to its end, and count the rows that changed (may be NULL). */
istauth_status istauth__sqlite_run(struct sql_query *q, size_t *changed);
/* The same for one that must find something to change: else NOT_FOUND. */
istauth_status istauth__sqlite_run_found(struct sql_query *q);

/* Copy the first `count` columns, texts, and the lists in the `list_count` columns behind them
 * into the arena, in one allocation. OK, NO_MEMORY, UNAVAILABLE (a list is damaged). */
istauth_status istauth__sqlite_copy(istauth_str *texts, int count, istauth_str_list *lists,
                                    int list_count, const struct sql_query *q,
                                    istauth_arena *arena);

/* Every row that the statement finds, each an item of this size; ends the query. On failure out and
 * out_count are untouched. */
typedef istauth_status (*sql_item_reader)(void *out, const struct sql_query *q,
                                          istauth_arena *arena);
istauth_status istauth__sqlite_read_all(void **out, size_t *out_count, size_t size,
                                        struct sql_query *q, sql_item_reader read,
                                        istauth_arena *arena);

/* Read one row by its key with a connection of the readers': `read` is handed what the statement
 * found. What `read` answers, NOT_FOUND, or the trouble there was. */
typedef istauth_status (*sql_row_reader)(void *out, const struct sql_query *q,
                                         const istauth_key *key, istauth_arena *arena);
istauth_status istauth__sqlite_find(void *out, struct sql_store *m, enum sql_id id,
                                    const istauth_key *key, sql_row_reader read,
                                    istauth_arena *arena);

/* --- sqlite_list.c: lists of texts as netstrings --- */

size_t istauth__sqlite_list_room(istauth_str_list list);
/* Writes exactly that much. */
void istauth__sqlite_list_write(char *out, istauth_str_list list);
/* Cut one text off the front of *rest; false: there is none, or it is damaged. */
bool istauth__sqlite_list_next(istauth_str *text, istauth_str *rest);
/* False when it is damaged. */
bool istauth__sqlite_list_count(size_t *count, istauth_str list);

/* --- sqlite_write.c: one op that writes is one transaction, or a part of one --- */

istauth_status istauth__sqlite_begin(struct sql_connection **c, struct sql_store *m);
/* Commit if `st` is OK, else undo it. Returns `st`, or why it could not be committed. */
istauth_status istauth__sqlite_finish(struct sql_store *m, struct sql_connection *c,
                                      istauth_status st);

/* --- the ops --- */

istauth_status istauth__sqlite_client_put(void *ctx, const istauth_client *client);
istauth_status istauth__sqlite_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                          istauth_client *out);
istauth_status istauth__sqlite_client_update(void *ctx, const istauth_client *client);
istauth_status istauth__sqlite_client_delete(void *ctx, istauth_str client_id, istauth_time now);
istauth_status istauth__sqlite_client_list(void *ctx, istauth_str after, size_t limit,
                                           istauth_arena *arena, istauth_clients *out);
/* The client and its grants, in a transaction. */
istauth_status istauth__sqlite_client_remove(struct sql_connection *c, istauth_str client_id);

/* Columns of a grant: five texts and its workspaces, read with others in front of them by
 * istauth__sqlite_copy, and some more from `column` on. */
#define SQL_GRANT_TEXTS "g.subject, g.client_id, g.name, g.scopes, g.resource, g.workspaces"
#define SQL_GRANT_REST \
    "g.id, g.auth_time, g.created_at, g.issued_at, g.used_at, g.pending, g.revoked"
enum { SQL_SUBJECT, SQL_CLIENT_ID, SQL_NAME, SQL_SCOPES, SQL_RESOURCE, SQL_GRANT_TEXT_COUNT };
enum { SQL_GRANT_REST_COUNT = 7 };
istauth_status istauth__sqlite_grant_read(istauth_grant *out, const istauth_str *texts,
                                          istauth_str_list workspaces, const struct sql_query *q,
                                          int column);
/* What sets a grant apart when it is put. */
struct sql_grant_kind {
    bool personal; /* it has no client */
    bool perpetual;
    bool pending;
};
/* OK, EXISTS, NOT_FOUND (its client). *serial is what its code and tokens name it by. */
istauth_status istauth__sqlite_grant_put(int64_t *serial, struct sql_connection *c,
                                         const istauth_grant *grant, struct sql_grant_kind kind);
/* Run a statement that takes a grant's serial and a time. */
istauth_status istauth__sqlite_grant_note(struct sql_connection *c, enum sql_id id,
                                          int64_t grant_serial, istauth_time now);
istauth_status istauth__sqlite_grant_revoke(void *ctx, const istauth_id *grant_id,
                                            istauth_time now);
istauth_status istauth__sqlite_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now);
istauth_status istauth__sqlite_grant_list(void *ctx, istauth_str client_id,
                                          const istauth_id *after, size_t limit,
                                          istauth_arena *arena, istauth_grant_entries *out);

istauth_status istauth__sqlite_code_put(void *ctx, const istauth_code *code,
                                        const istauth_grant *grant);
istauth_status istauth__sqlite_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                        istauth_code_entry *out);
istauth_status istauth__sqlite_code_redeem(void *ctx, const istauth_key *key,
                                           istauth_token_list tokens, istauth_time now);

/* Keep the tokens for a grant. OK, EXISTS. */
istauth_status istauth__sqlite_tokens_put(struct sql_connection *c, istauth_token_list tokens,
                                          int64_t grant_serial);
istauth_status istauth__sqlite_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                         istauth_token_entry *out);
istauth_status istauth__sqlite_refresh_rotate(void *ctx, const istauth_key *key,
                                              istauth_token_list tokens, const istauth_retry *retry,
                                              istauth_time now);
istauth_status istauth__sqlite_token_revoke(void *ctx, const istauth_key *key, istauth_time now);

/* Note in the grant that it issued `tokens` at `now`, and what is kept for a retry (NULL:
 * nothing). */
istauth_status istauth__sqlite_retry_put(struct sql_connection *c, int64_t grant_serial,
                                         const istauth_key *spent, istauth_token_list tokens,
                                         const istauth_retry *retry, istauth_time now);
istauth_status istauth__sqlite_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                         istauth_retry *out);

istauth_status istauth__sqlite_app_list(void *ctx, istauth_str subject, size_t limit,
                                        istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__sqlite_app_disconnect(void *ctx, istauth_str subject,
                                              istauth_str_list client_ids, istauth_time now,
                                              size_t *count);
istauth_status istauth__sqlite_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                              size_t *count);
istauth_status istauth__sqlite_workspace_remove(void *ctx, istauth_str subject,
                                                istauth_str workspace, istauth_time now,
                                                size_t *count);
istauth_status istauth__sqlite_personal_put(void *ctx, const istauth_token *token,
                                            const istauth_grant *grant);
istauth_status istauth__sqlite_personal_list(void *ctx, istauth_str subject, size_t limit,
                                             istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__sqlite_personal_revoke(void *ctx, istauth_str subject,
                                               const istauth_id *grant_id, istauth_time now);
istauth_status istauth__sqlite_machine_put(void *ctx, const istauth_token *token,
                                           const istauth_grant *grant);

istauth_status istauth__sqlite_nonce_claim(void *ctx, const istauth_key *key,
                                           istauth_time expires_at);
istauth_status istauth__sqlite_purge(void *ctx, const istauth_purge_bounds *bounds,
                                     size_t *removed);

#endif
