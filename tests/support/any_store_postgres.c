/* A schema of this process's own in the database of ISTAUTH_TEST_POSTGRES. */
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

static void drop(const any_store *s)
{
    char sql[256];
    PGconn *db = enter();

    snprintf(sql, sizeof(sql), "DROP SCHEMA IF EXISTS %s CASCADE", s->place);
    PQclear(query(db, sql));
    PQfinish(db);
}

static void open_postgres(any_store *s, const istauth_allocator *allocator)
{
    istauth_postgres_options options = ISTAUTH_POSTGRES_OPTIONS_INIT;
    static unsigned opened;
    istauth_error error;

    (void)allocator;
    snprintf(s->place, sizeof(s->place), "test_%u_%u", (unsigned)getpid(), ++opened);
    drop(s);
    options.schema = s->place;
    if (istauth_postgres_store_open(&s->store, conninfo(), &options, &error))
        fail_msg("%s", error.detail);
}

static void close_postgres(any_store *s)
{
    istauth_postgres_store_close(&s->store);
    drop(s);
}

/* As text, without the dashes of a uuid, and as what bytea shows of its bytes. */
static bool table_holds(PGconn *db, const any_store *s, const char *table, const char *text)
{
    char sql[512];
    const char *values[] = { text };
    PGresult *r;
    bool found;

    snprintf(sql, sizeof(sql),
             "SELECT 1 FROM %s.%s AS t WHERE strpos(t::text, $1) > 0 OR "
             "strpos(replace(t::text, '-', ''), $1) > 0 OR "
             "strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0 LIMIT 1",
             s->place, table);
    r = PQexecParams(db, sql, 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(r) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(db));
    found = PQntuples(r) > 0;
    PQclear(r);
    return found;
}

static bool postgres_holds(const any_store *s, const char *text)
{
    PGconn *db = enter();
    char sql[256];
    bool found = false;
    PGresult *tables;

    snprintf(sql, sizeof(sql), "SELECT tablename FROM pg_tables WHERE schemaname = '%s'", s->place);
    tables = query(db, sql);
    assert_true(PQntuples(tables) > 0);
    for (int i = 0; i < PQntuples(tables) && !found; i++)
        found = table_holds(db, s, PQgetvalue(tables, i, 0), text);
    PQclear(tables);
    PQfinish(db);
    return found;
}

const any_store_kind any_store_postgres = { "postgres", open_postgres, close_postgres,
                                            postgres_holds };
