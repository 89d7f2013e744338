/* What has to be true of a file before the store works on it. Nothing is written to one that is not
 * ours. */
#include "stores/sqlite_i.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

istauth_status istauth__sqlite_refuse(istauth_error *error, istauth_status st, const char *detail)
{
    if (error) {
        error->status = st;
        (void)snprintf(error->detail, sizeof(error->detail), "%s", detail);
    }
    return st;
}

/* SQLite would make the file as the umask has it. What it makes beside a file gets that file's
 * mode. */
istauth_status istauth__sqlite_create(const char *path, istauth_error *error)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0 && errno != EEXIST)
        return istauth__sqlite_refuse(error, ISTAUTH_E_UNAVAILABLE,
                                      "the file cannot be made: see that its folder exists and "
                                      "that this process may write there");
    if (fd >= 0)
        (void)close(fd); /* nothing was written */
    return ISTAUTH_OK;
}

/* Why SQLite could not go on, and what to do about it. */
static const char *detail_of(int rc)
{
    switch (rc & 0xff) {
    case SQLITE_NOTADB:
        return "the file is not a libistauth store, nor any SQLite file: give another path";
    case SQLITE_CORRUPT:
        return "the file is corrupt: put back a backup, or try .recover of the sqlite3 shell";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "another process keeps the file locked: end it, or allow a longer busy_timeout_ms";
    case SQLITE_READONLY:
        return "the file is read-only: let this process write to it and to its folder";
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return "the file, or the -wal and -shm files beside it, cannot be opened: see who owns "
               "them and the folder";
    case SQLITE_FULL:
        return "the disk is full";
    case SQLITE_NOMEM:
        return "out of memory";
    case SQLITE_IOERR:
        return "the file cannot be read or written: see that it is on a sound local disk with room "
               "left";
    default:
        return "SQLite cannot use the file";
    }
}

/* The first number that a statement gives; an SQLite code. */
static int ask(int64_t *number, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

    if (rc)
        return rc;
    rc = sqlite3_step(s);
    if (rc == SQLITE_ROW)
        *number = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return rc == SQLITE_ROW ? SQLITE_OK : rc;
}

struct header {
    int64_t application, version, tables;
};

static int header_read(struct header *h, sqlite3 *db)
{
    int rc = ask(&h->application, db, "PRAGMA application_id");

    if (!rc)
        rc = ask(&h->version, db, "PRAGMA user_version");
    if (!rc)
        rc = ask(&h->tables, db, "SELECT count(*) FROM sqlite_schema");
    return rc;
}

/* In one transaction: another process may be making the file at this moment. */
static int header_look(struct header *h, sqlite3 *db)
{
    int rc = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL), ended;

    if (rc)
        return rc;
    rc = header_read(h, db);
    ended = sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc ? rc : ended;
}

static bool is_new(const struct header *h)
{
    return h->application == 0 && h->version == 0 && h->tables == 0;
}

static istauth_status header_check(const struct header *h, istauth_error *error)
{
    if (is_new(h))
        return ISTAUTH_OK;
    if (h->application != SQL_APPLICATION_ID || h->version < 1)
        return istauth__sqlite_refuse(error, ISTAUTH_E_UNAVAILABLE,
                                      "the file is not a libistauth store but another program's: "
                                      "give another path");
    if (h->version <= istauth__sqlite_schema)
        return ISTAUTH_OK;
    if (error) {
        error->status = ISTAUTH_E_UNAVAILABLE;
        (void)snprintf(error->detail, sizeof(error->detail), "the file was made by a newer "
                       "libistauth (schema %lld, this one knows %d): use that one",
                       (long long)h->version, istauth__sqlite_schema);
    }
    return ISTAUTH_E_UNAVAILABLE;
}

/* The mode is kept in the file. Where it cannot be had, SQLite answers with the one it has. */
static int use_wal(sqlite3 *db)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &s, NULL);
    bool is_wal;

    if (rc)
        return rc;
    rc = sqlite3_step(s);
    is_wal = rc == SQLITE_ROW &&
             sqlite3_stricmp((const char *)sqlite3_column_text(s, 0), "wal") == 0;
    (void)sqlite3_finalize(s);
    if (rc != SQLITE_ROW)
        return rc;
    return is_wal ? SQLITE_OK : SQLITE_IOERR;
}

/* One step of the schema, or nothing when another process was faster. */
static int migrate_once(struct header *h, sqlite3 *db)
{
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

    if (rc)
        return rc;
    rc = header_read(h, db);
    if (!rc && (is_new(h) || h->application == SQL_APPLICATION_ID) && h->version >= 0 &&
        h->version < istauth__sqlite_schema) {
        rc = sqlite3_exec(db, istauth__sqlite_migrations[h->version], NULL, NULL, NULL);
        if (!rc)
            rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (!rc)
            rc = header_look(h, db);
    }
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL); /* else closing does it */
    return rc;
}

static int migrate(istauth_status *st, struct header *h, sqlite3 *db, istauth_error *error)
{
    int rc = SQLITE_OK;

    while (!rc && !*st && h->version < istauth__sqlite_schema) {
        rc = migrate_once(h, db);
        if (!rc)
            *st = header_check(h, error);
    }
    return rc;
}

/* *st tells of a file that is refused; the result is an SQLite code. */
static int ready(istauth_status *st, struct sql_connection *c, istauth_error *error)
{
    struct header h = { 0 };
    int rc = c->db ? SQLITE_OK : istauth__sqlite_connect(c);

    *st = ISTAUTH_OK;
    if (!rc)
        rc = header_look(&h, c->db);
    if (rc)
        return rc;
    *st = header_check(&h, error);
    if (*st)
        return SQLITE_OK;
    if (sqlite3_db_readonly(c->db, "main"))
        return SQLITE_READONLY;
    rc = use_wal(c->db);
    return rc ? rc : migrate(st, &h, c->db, error);
}

/* Every statement is prepared once: tables that are not as they should be show here, not in some
 * op. */
static int prepare_all(struct sql_connection *c)
{
    sqlite3_stmt *s;
    int rc = SQLITE_OK;

    for (int id = 0; !rc && id < SQL_STATEMENTS; id++)
        rc = istauth__sqlite_prepare(&s, c, (enum sql_id)id);
    return rc == SQLITE_ERROR ? SQLITE_CORRUPT : rc; /* no such table or column */
}

/* Of several processes that make one file at once, SQLite sends some away without asking the busy
 * handler, as it sees a deadlock coming: all begins anew until the deadline. */
istauth_status istauth__sqlite_ready(struct sql_connection *c, istauth_error *error)
{
    istauth_status st;
    int rc;

    c->deadline = istauth__sqlite_now() + c->store->options.busy_timeout_ms;
    rc = ready(&st, c, error);

    while ((rc & 0xff) == SQLITE_BUSY && istauth__sqlite_now() < c->deadline) {
        istauth__sqlite_pause();
        rc = ready(&st, c, error);
    }
    if (!rc && !st)
        rc = prepare_all(c);
    if (rc)
        st = istauth__sqlite_refuse(error, istauth__sqlite_status(rc), detail_of(rc));
    return st;
}
