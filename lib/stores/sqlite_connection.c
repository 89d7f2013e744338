#include "stores/sqlite_i.h"

#include <time.h>

int64_t istauth__sqlite_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Jitter, so that processes that wait for one another do not knock in step. */
void istauth__sqlite_pause(void)
{
    struct timespec t = { 0, 500000 };
    uint32_t jitter;

    sqlite3_randomness(sizeof(jitter), &jitter);
    t.tv_nsec += (long)(jitter % 1000000);
    (void)nanosleep(&t, NULL); /* a signal only shortens it */
}

/* SQLite's own handler waits longer and longer, up to 100 ms: under load the last one to come would
 * starve. Short naps give everyone the same chance. */
static int wait_for_lock(void *arg, int times)
{
    const struct sql_connection *c = arg;

    (void)times;
    if (istauth__sqlite_now() >= c->deadline)
        return 0;
    istauth__sqlite_pause();
    return 1;
}

/* The file may have been written by anyone: nothing in its schema may run code of its choosing,
 * and no statement of ours may damage it. */
static int protect(sqlite3 *db)
{
    static const struct {
        int option, on;
    } settings[] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },      { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
        { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },    { SQLITE_DBCONFIG_DQS_DML, 0 },
        { SQLITE_DBCONFIG_DQS_DDL, 0 },
    };
    int rc = SQLITE_OK;

    for (size_t i = 0; !rc && i < sizeof(settings) / sizeof(settings[0]); i++)
        rc = sqlite3_db_config(db, settings[i].option, settings[i].on, NULL);
    return rc;
}

/* Settings of a connection, which the file does not keep. Sorting stays in memory: no temporary
 * file gets to hold what is in the store. */
static int configure(const struct sql_connection *c)
{
    static const char *const synchronous[] = { "PRAGMA synchronous = FULL",
                                               "PRAGMA synchronous = NORMAL",
                                               "PRAGMA synchronous = OFF" };
    int rc = sqlite3_exec(c->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);

    if (rc)
        return rc;
    if (!c->writes)
        return sqlite3_exec(c->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    rc = sqlite3_exec(c->db, synchronous[c->store->options.synchronous], NULL, NULL, NULL);
    if (rc)
        return rc;
    /* What a great purge made of the WAL does not stay on the disk. */
    return sqlite3_exec(c->db, "PRAGMA journal_size_limit = 16777216", NULL, NULL, NULL);
}

int istauth__sqlite_connect(struct sql_connection *c)
{
    int rc = sqlite3_open_v2(c->store->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                             NULL);

    if (!rc)
        rc = sqlite3_extended_result_codes(c->db, 1);
    if (!rc)
        rc = sqlite3_busy_handler(c->db, wait_for_lock, c);
    if (!rc)
        rc = protect(c->db);
    if (!rc)
        rc = configure(c);
    if (rc)
        istauth__sqlite_disconnect(c);
    return rc;
}

void istauth__sqlite_disconnect(struct sql_connection *c)
{
    for (int id = 0; id < SQL_STATEMENTS; id++) {
        (void)sqlite3_finalize(c->statements[id]); /* tells only of its last run */
        c->statements[id] = NULL;
    }
    (void)sqlite3_close(c->db); /* cannot be busy: its statements are gone */
    c->db = NULL;
}

int istauth__sqlite_prepare(sqlite3_stmt **s, struct sql_connection *c, enum sql_id id)
{
    int rc = SQLITE_OK;

    if (!c->statements[id])
        rc = sqlite3_prepare_v3(c->db, istauth__sqlite_statements[id], -1,
                                SQLITE_PREPARE_PERSISTENT, &c->statements[id], NULL);
    *s = c->statements[id];
    return rc;
}

istauth_status istauth__sqlite_status(int rc)
{
    switch (rc) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return ISTAUTH_OK;
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
    case SQLITE_CONSTRAINT_UNIQUE:
        return ISTAUTH_E_EXISTS;
    case SQLITE_IOERR_NOMEM:
    case SQLITE_TOOBIG:
        return ISTAUTH_E_NO_MEMORY;
    default:
        return (rc & 0xff) == SQLITE_NOMEM ? ISTAUTH_E_NO_MEMORY : ISTAUTH_E_UNAVAILABLE;
    }
}
