/* Sending statements: again where that is safe, and until the time is up. */
#include "stores/postgres_i.h"

#include <stdio.h>

enum outcome {
    DONE,
    TAKEN,   /* a unique key is */
    AGAIN,   /* rolled back for sure, and worth another attempt */
    LOST,    /* nobody knows whether it took effect */
    RENEW,   /* AGAIN, with another connection */
    REFUSED, /* no effect, and another attempt would fare no better */
    WRONG    /* REFUSED, by a server that cannot write: the next call looks for one that can */
};

static const int binary[PG_PARAMS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                       1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

struct pg_call istauth__pg_begin(struct pg *pg)
{
    struct pg_call call = { .pg = pg, .deadline = istauth__pg_now() + pg->timeout_ms };

    return call;
}

void istauth__pg_end(struct pg_call *call)
{
    for (int i = 0; i < PG_STEPS; i++) {
        PQclear(call->results[i]);
        call->results[i] = NULL;
    }
}

static bool is(const char *state, const char *code)
{
    return strncmp(state, code, strlen(code)) == 0;
}

/* Anything above an error ends the session, wherever it was: a commit may be behind it. */
static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return !severity || !is(severity, "ERROR");
}

static enum outcome judge(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (!state || ends_session(result) || is(state, "08") || is(state, "40003") ||
        is(state, "57P"))
        return LOST;
    if (is(state, "23505"))
        return TAKEN;
    /* 23503: purge met a grant that was just given tokens, by something other than this library. */
    if (is(state, "40") || is(state, "23503"))
        return AGAIN;
    /* A session that does not know our statements any more: a proxy's, or one told to forget. */
    if (is(state, "26000") || is(state, "0A000"))
        return RENEW;
    return is(state, "25006") ? WRONG : REFUSED;
}

static bool send_step(const struct pg *pg, PGconn *pq, const struct pg_step *step)
{
    static const struct pg_bind none;
    const struct pg_bind *b = step->bind ? step->bind : &none;
    char name[24];

    if (pg->pooled)
        return PQsendQueryParams(pq, pg->sql[step->statement], b->count, NULL, b->values,
                                 b->lengths, binary, 1);
    (void)snprintf(name, sizeof(name), "istauth_%d", (int)step->statement);
    return PQsendQueryPrepared(pq, name, b->count, b->values, b->lengths, binary, 1);
}

static bool send_steps(const struct pg *pg, PGconn *pq, const struct pg_step *steps, size_t count)
{
    if (count == 1)
        return send_step(pg, pq, steps);
    if (!PQenterPipelineMode(pq))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!send_step(pg, pq, &steps[i]))
            return false;
    return PQpipelineSync(pq);
}

/* What a statement of a transaction that failed before it tells: nothing. */
static enum outcome outcome_of(const PGresult *result)
{
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_PIPELINE_ABORTED:
        return DONE;
    default:
        return judge(result);
    }
}

/* Everything up to the NULL that ends it. A statement by itself is committed after its result was
 * written: the commit's failure, or the end of the session, is a second result behind a good
 * one. */
static enum outcome read_step(PGresult **out, PGconn *pq, int64_t deadline)
{
    enum outcome o = DONE;
    PGresult *result;

    for (;;) {
        if (!istauth__pg_result(&result, pq, deadline))
            return LOST;
        if (!result)
            break;
        if (o == DONE)
            o = outcome_of(result);
        PQclear(*out);
        *out = result;
    }
    return PQstatus(pq) == CONNECTION_OK && *out ? o : LOST;
}

static bool leave_pipeline(PGconn *pq, int64_t deadline)
{
    PGresult *result;
    bool synced;

    if (!istauth__pg_result(&result, pq, deadline) || !result)
        return false;
    synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
    PQclear(result);
    return synced && PQexitPipelineMode(pq);
}

/* A transaction whose last answer is missing is LOST, whatever its other statements answered. */
static enum outcome read_steps(struct pg_call *call, PGconn *pq, size_t count)
{
    enum outcome worst = DONE;

    for (size_t i = 0; i < count; i++) {
        enum outcome o = read_step(&call->results[i], pq, call->deadline);

        if (o == LOST)
            return LOST;
        if (worst == DONE)
            worst = o;
    }
    if (count > 1 && !leave_pipeline(pq, call->deadline))
        return worst == DONE ? LOST : worst;
    return worst;
}

static enum outcome attempt(struct pg_call *call, const struct pg_step *steps, size_t count)
{
    struct pg_conn *conn = istauth__pg_take(call->pg, call->deadline);
    enum outcome o = REFUSED;

    if (!conn)
        return o;
    o = LOST;
    if (send_steps(call->pg, conn->pq, steps, count) &&
        istauth__pg_flush(conn->pq, call->deadline))
        o = read_steps(call, conn->pq, count);
    istauth__pg_give(call->pg, conn, o == DONE || o == TAKEN || o == AGAIN || o == REFUSED);
    return o;
}

static istauth_status status_of(enum outcome o)
{
    if (o == DONE)
        return ISTAUTH_OK;
    return o == TAKEN ? ISTAUTH_E_EXISTS : ISTAUTH_E_UNAVAILABLE;
}

istauth_status istauth__pg_run(struct pg_call *call, const struct pg_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (steps[i].bind && steps[i].bind->failed)
            return ISTAUTH_E_NO_MEMORY;
    for (unsigned tries = 0;; tries++) {
        enum outcome o;

        istauth__pg_end(call);
        o = attempt(call, steps, count);
        if (o == LOST)
            call->unsure = true;
        if (o != AGAIN && o != RENEW && (o != LOST || call->once))
            return status_of(o);
        if (!istauth__pg_left(call->deadline))
            return ISTAUTH_E_UNAVAILABLE;
        if (tries)
            istauth__pg_pause(tries, call->deadline);
    }
}

istauth_status istauth__pg_run_one(struct pg_call *call, enum pg_statement statement,
                                   const struct pg_bind *bind)
{
    const struct pg_step step = { statement, bind };

    return istauth__pg_run(call, &step, 1);
}

int istauth__pg_rows(const struct pg_call *call)
{
    return PQntuples(call->results[0]);
}

size_t istauth__pg_changed(const PGresult *result)
{
    const char *digits = PQcmdTuples((PGresult *)(uintptr_t)result);
    size_t n = 0;

    for (; *digits >= '0' && *digits <= '9'; digits++)
        n = n * 10 + (size_t)(*digits - '0');
    return n;
}

istauth_status istauth__pg_find(struct pg *pg, enum pg_statement statement, struct pg_bind *bind)
{
    struct pg_call call = istauth__pg_begin(pg);
    istauth_status st = istauth__pg_run_one(&call, statement, bind);

    if (!st && istauth__pg_rows(&call) == 0)
        st = ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    istauth__pg_unbind(bind);
    return st;
}
