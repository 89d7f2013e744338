/* What a connection is given once: settings and prepared statements. */
#include "stores/postgres_i.h"

#include <stdio.h>

/* In a group of its own, so that an engine without one of them still serves. Every statement of
 * ours has an index to go by, and its plan, made while a table was small, is kept. An op that
 * answered OK must outlive the server (S-14). */
static const char planning[] =
    "SELECT set_config('plan_cache_mode', 'force_generic_plan', false),"
    " set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";

/* The server gives a lock up before we do: then it is sure that nothing was done. */
static const char limits[] =
    "SELECT set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('statement_timeout', $1, false), set_config('lock_timeout', $2, false),"
    " set_config('idle_in_transaction_session_timeout', $1, false)";

static void name_of(char out[24], int statement)
{
    (void)snprintf(out, 24, "istauth_%d", statement);
}

static bool send_settings(const struct pg *pg, PGconn *pq)
{
    char timeout[16], lock[16];
    const char *const values[] = { timeout, lock };

    (void)snprintf(timeout, sizeof(timeout), "%d", pg->timeout_ms);
    (void)snprintf(lock, sizeof(lock), "%d", pg->timeout_ms * 3 / 4);
    return PQsendQueryParams(pq, planning, 0, NULL, NULL, NULL, NULL, 0) && PQpipelineSync(pq) &&
           PQsendQueryParams(pq, limits, 2, NULL, values, NULL, NULL, 0);
}

static bool send_all(const struct pg *pg, PGconn *pq)
{
    if (!send_settings(pg, pq))
        return false;
    for (int i = 0; i < PG_STATEMENTS; i++) {
        char name[24];

        name_of(name, i);
        if (!PQsendPrepare(pq, name, pg->sql[i], 0, NULL))
            return false;
    }
    return PQpipelineSync(pq);
}

/* Read until the second PGRES_PIPELINE_SYNC. The first group may fail. */
static bool read_all(PGconn *pq, int64_t deadline, istauth_error *error)
{
    bool good = true;

    for (int group = 0; group < 2;) {
        PGresult *result;
        ExecStatusType status;

        if (!istauth__pg_result(&result, pq, deadline))
            return false;
        if (!result) { /* between two statements */
            if (PQstatus(pq) == CONNECTION_BAD)
                return false;
            continue;
        }
        status = PQresultStatus(result);
        if (status == PGRES_FATAL_ERROR && group == 1 && good) {
            good = false;
            istauth__pg_explain(error, ISTAUTH_E_UNAVAILABLE, "the database refused to prepare",
                                PQresultErrorMessage(result));
        }
        group += status == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    return good;
}

bool istauth__pg_session(const struct pg *pg, PGconn *pq, int64_t deadline, istauth_error *error)
{
    const char *encoding = PQparameterStatus(pq, "server_encoding");

    if (encoding && strcmp(encoding, "UTF8") != 0) {
        istauth__pg_explain(error, ISTAUTH_E_CONFIG,
                            "the database is not encoded in UTF8: create one that is", NULL);
        return false;
    }
    if (pg->pooled || !pg->sql[0]) /* a migration has its tables not yet */
        return true;
    if (!PQenterPipelineMode(pq))
        return false;
    istauth__pg_explain(error, ISTAUTH_E_UNAVAILABLE, "the database did not answer in time", NULL);
    return send_all(pg, pq) && istauth__pg_flush(pq, deadline) && read_all(pq, deadline, error) &&
           PQexitPipelineMode(pq);
}
