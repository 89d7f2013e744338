/* A schema of this process's own in the database of ISTAUTH_TEST_POSTGRES; emptied after each use and
 * used again, because making one takes longer than most tests. */
#include "support/any_store_i.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <istauth/postgres_store.h>

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *conninfo(void)
{
    const char *text = getenv("ISTAUTH_TEST_POSTGRES");

    if (!text)
        fail_msg("ISTAUTH_TEST_POSTGRES is not set: run this under tests/postgres run");
    return text;
}

static PGresult *query(PGconn *db, const char *sql)
{
    PGresult *r = PQexec(db, sql);

    if (PQresultStatus(r) != PGRES_COMMAND_OK && PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(db));
    return r;
}

static PGconn *enter(void)
{
    PGconn *db = PQconnectdb(conninfo());

    if (PQstatus(db) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(db));
    PQclear(query(db, "SET client_min_messages = warning"));
    return db;
}

/* How many are open: each of them has a schema by its number. */
static unsigned open_stores;

static void empty(const any_store *s)
{
    static const char *const tables[] = { "tokens", "codes", "grants", "clients", "nonces" };
    char sql[256];
    PGconn *db = enter();

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        snprintf(sql, sizeof(sql), "DELETE FROM %s.%s", s->place, tables[i]);
        PQclear(query(db, sql));
    }
    PQfinish(db);
}

static void open_postgres(any_store *s, const istauth_allocator *allocator)
{
    istauth_postgres_options options = ISTAUTH_POSTGRES_OPTIONS_INIT;
    istauth_error error;

    (void)allocator;
    snprintf(s->place, sizeof(s->place), "test_%u_%u", (unsigned)getpid(), open_stores++);
    options.schema = s->place;
    if (istauth_postgres_store_open(&s->store, conninfo(), &options, &error))
        fail_msg("%s", error.detail);
    empty(s); /* a test that failed did not */
}

static void close_postgres(any_store *s)
{
    istauth_postgres_store_close(&s->store);
    open_stores--;
}

static char *append(char *to, const char *text)
{
    size_t n = strlen(to), more = strlen(text);
    char *both = realloc(to, n + more + 2);

    assert_non_null(both);
    memcpy(both + n, text, more);
    both[n + more] = '\n';
    both[n + more + 1] = '\0';
    return both;
}

/* Its rows, and once more without the dashes of a uuid. */
static char *append_table(char *to, PGconn *db, const any_store *s, const char *table)
{
    char sql[256];
    PGresult *r;

    snprintf(sql, sizeof(sql), "SELECT t::text || ' ' || replace(t::text, '-', '') FROM %s.%s AS t",
             s->place, table);
    r = query(db, sql);
    for (int i = 0; i < PQntuples(r); i++)
        to = append(to, PQgetvalue(r, i, 0));
    PQclear(r);
    return to;
}

static char *dump_postgres(const any_store *s)
{
    PGconn *db = enter();
    char sql[256], *all = calloc(1, 1);
    PGresult *tables;

    assert_non_null(all);
    snprintf(sql, sizeof(sql), "SELECT tablename FROM pg_tables WHERE schemaname = '%s'", s->place);
    tables = query(db, sql);
    assert_true(PQntuples(tables) > 0);
    for (int i = 0; i < PQntuples(tables); i++)
        all = append_table(all, db, s, PQgetvalue(tables, i, 0));
    PQclear(tables);
    PQfinish(db);
    return all;
}

const any_store_kind any_store_postgres = { "postgres", open_postgres, close_postgres,
                                            dump_postgres };
