/* What the tests of the PostgreSQL store share: where the server is, and a way past the store. */
#ifndef POSTGRES_RIG_H
#define POSTGRES_RIG_H

#include <istauth/postgres_store.h>

#include "support/store_fixture.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

/* `make check` sets it; tests do not run without. */
static inline const char *rig_conninfo(void)
{
    const char *conninfo = getenv("ISTAUTH_TEST_POSTGRES");

    if (!conninfo) {
        fprintf(stderr, "ISTAUTH_TEST_POSTGRES is not set: see tests/postgres\n");
        exit(1);
    }
    return conninfo;
}

/* One value of one row as text in `out`, or "" when there is none. A refusal aborts. */
static inline void rig_ask(char *out, size_t size, const char *sql)
{
    PGconn *pq = PQconnectdb(rig_conninfo());
    PGresult *result;
    ExecStatusType status;

    PQclear(PQexec(pq, "SET client_min_messages = warning"));
    result = PQexec(pq, sql);
    status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fprintf(stderr, "%s\n%s", sql, PQerrorMessage(pq));
        abort();
    }
    if (size)
        snprintf(out, size, "%s",
                 status == PGRES_TUPLES_OK && PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    PQfinish(pq);
}

static inline bool rig_is_up(void)
{
    PGconn *pq = PQconnectdb(rig_conninfo());
    bool up = PQstatus(pq) == CONNECTION_OK;

    PQfinish(pq);
    return up;
}

static inline void rig_do(const char *sql)
{
    rig_ask(NULL, 0, sql);
}

static inline long rig_number(const char *sql)
{
    char text[32];

    rig_ask(text, sizeof(text), sql);
    return strtol(text, NULL, 10);
}

/* The directory of the server's socket, which conninfo names. */
static inline void rig_host(char out[64])
{
    const char *host = strstr(rig_conninfo(), "host=");

    snprintf(out, 64, "%.*s", host ? (int)strcspn(host + 5, " ") : 0, host ? host + 5 : "");
}

/* An open store with empty tables in a schema of the program's own. */
static inline istauth_status rig_open(istauth_store *store, const char *conninfo,
                                      const istauth_postgres_options *options)
{
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_status st = istauth_postgres_store_open(store, conninfo, options, &error);
    char sql[512];

    if (st) {
        fprintf(stderr, "open: %s: %s\n", istauth_status_name(st), error.detail);
        return st;
    }
    snprintf(sql, sizeof(sql), "TRUNCATE %s.clients, %s.grants, %s.codes, %s.tokens, %s.nonces",
             options->schema, options->schema, options->schema, options->schema, options->schema);
    rig_do(sql);
    return ISTAUTH_OK;
}

#endif
