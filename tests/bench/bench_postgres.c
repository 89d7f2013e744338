/* How large grants are in PostgreSQL, and how fast the verbs of every day: a million grants with an
 * access and a refresh token each, loaded by SQL.
 * usage: bench_postgres [GRANTS], with ISTAUTH_TEST_POSTGRES set */
#include "bench/verbs.h"

#include <istauth/postgres_store.h>

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned grants = 1000000;

static PGresult *ask(PGconn *pq, const char *sql)
{
    PGresult *result = PQexec(pq, sql);

    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        bench_stop(PQerrorMessage(pq));
    return result;
}

/* Names and texts of an ordinary length. Grants of ten clients, five to a person. */
static const char *const load[] = {
    "SET synchronous_commit = off",
    "INSERT INTO bench.clients SELECT 'client' || i, 0, 0, 'Notebook', 'https://client.example/',"
    " '', '', '', '', '', '{https://client.example/callback}', 'mcp profile', 3, false, 1700000000,"
    " 1700000000, repeat('\\000', 32)::bytea, 0, repeat('\\000', 32)::bytea, '', '', '', '{}', 0"
    " FROM generate_series(1, 10) i",
    "INSERT INTO bench.grants (grant_id, subject, client_id, name, scopes, workspaces, resource,"
    " auth_time, created_at, issued_at, used_at, pending, revoked, endless)"
    " SELECT md5('grant' || i)::uuid, 'person-' || md5((i / 5)::text), 'client' || i % 10 + 1, '',"
    " 'mcp profile', '{ws_engine,ws_notes}', 'https://is.example/mcp', 0, 1700000000, 1700000000,"
    " 0, false, false, false FROM generate_series(1, $GRANTS) i",
    "INSERT INTO bench.tokens (key, grant_id, issued_at, expires_at, kind, spent, revoked, scopes)"
    " SELECT sha256(('access' || i)::bytea), md5('grant' || i)::uuid, 1700000000,"
    " 1700003600 + i % 3600, 1, false, false, '' FROM generate_series(1, $GRANTS) i",
    "INSERT INTO bench.tokens (key, grant_id, issued_at, expires_at, kind, spent, revoked, scopes)"
    " SELECT sha256(('refresh' || i)::bytea), md5('grant' || i)::uuid, 1700000000,"
    " 1702592000 + i % 3600, 2, false, false, '' FROM generate_series(1, $GRANTS) i",
    "VACUUM ANALYZE",
    "CHECKPOINT",
};

static const char sizes[] =
    "SELECT relname, c.reltuples::int8, pg_size_pretty(pg_table_size(c.oid)),"
    " pg_size_pretty(pg_indexes_size(c.oid)), pg_size_pretty(pg_total_relation_size(c.oid))"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'bench' AND c.relkind = 'r'"
    " UNION ALL SELECT 'all', NULL, NULL, NULL, pg_size_pretty(sum(pg_total_relation_size(c.oid)))"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'bench' AND c.relkind = 'r'";

static void fill(PGconn *pq)
{
    for (size_t i = 0; i < sizeof(load) / sizeof(load[0]); i++) {
        const char *at = strstr(load[i], "$GRANTS");
        char sql[1024];

        snprintf(sql, sizeof(sql), "%.*s", at ? (int)(at - load[i]) : 1000, load[i]);
        if (at)
            snprintf(sql + strlen(sql), sizeof(sql) - strlen(sql), "%u%s", grants, at + 7);
        PQclear(ask(pq, sql));
    }
}

static void print_sizes(PGconn *pq)
{
    PGresult *result = ask(pq, sizes);

    printf("%-16s %10s %10s %10s %10s\n", "table", "rows", "table", "indexes", "total");
    for (int i = 0; i < PQntuples(result); i++)
        printf("%-16s %10s %10s %10s %10s\n", PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
               PQgetvalue(result, i, 2), PQgetvalue(result, i, 3), PQgetvalue(result, i, 4));
    PQclear(result);
}

int main(int argc, char **argv)
{
    const char *conninfo = getenv("ISTAUTH_TEST_POSTGRES");
    istauth_postgres_options options = ISTAUTH_POSTGRES_OPTIONS_INIT;
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_store store;
    PGconn *pq;

    if (argc > 1)
        grants = (unsigned)strtoul(argv[1], NULL, 10);
    if (!conninfo || !grants)
        bench_stop("usage: tests/postgres run bench_postgres [GRANTS]");
    options.schema = "bench";
    if (istauth_postgres_store_open(&store, conninfo, &options, &error))
        bench_stop(error.detail);
    pq = PQconnectdb(conninfo);
    fill(pq);
    print_sizes(pq);
    bench_verbs(&store, grants);
    PQfinish(pq);
    istauth_postgres_store_close(&store);
    return 0;
}
