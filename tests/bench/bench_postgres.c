/* How large grants are in PostgreSQL, and how fast the verbs of every day: a million grants with an
 * access and a refresh token each, loaded by SQL.
 * usage: bench_postgres [GRANTS], with ISTAUTH_TEST_POSTGRES set */
#include <istauth/postgres_store.h>

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define T0 1700000000
#define THREADS 2
#define SECONDS 5

static istauth_store store;
static unsigned grants = 1000000;

static void stop(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static PGresult *ask(PGconn *pq, const char *sql)
{
    PGresult *result = PQexec(pq, sql);

    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        stop(PQerrorMessage(pq));
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

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* SHA-256 of a name, as the loading SQL has it. */
static istauth_key key_of(const char *kind, unsigned n)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%u", kind, n);
    return istauth_token_key(istauth_str_of(text));
}

struct worker {
    unsigned number, done;
    double *times; /* of the first ones */
    istauth_status (*step)(const struct worker *me, unsigned i);
    pthread_t thread;
};

#define TIMES 200000

static istauth_status get(const struct worker *me, unsigned i)
{
    char buffer[4096];
    istauth_arena arena;
    istauth_key key = key_of("access", (i * 7919u + me->number * 13u) % grants + 1);
    istauth_token_entry e;
    istauth_status st;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    st = store.ops->token_get(store.ctx, &key, &arena, &e);
    istauth_arena_wipe(&arena);
    return st;
}

static istauth_status rotate(const struct worker *me, unsigned i)
{
    unsigned n = (i * THREADS + me->number) % grants + 1;
    istauth_token tokens[2] = {
        { .kind = ISTAUTH_TOKEN_ACCESS, .issued_at = T0, .expires_at = T0 + 3600 },
        { .kind = ISTAUTH_TOKEN_REFRESH, .issued_at = T0, .expires_at = T0 + 2592000 },
    };
    istauth_key old = key_of("refresh", n);

    tokens[0].key = key_of("new-access", n);
    tokens[1].key = key_of("new-refresh", n);
    return store.ops->refresh_rotate(store.ctx, &old, (istauth_token_list){ tokens, 2 }, NULL, T0);
}

static void *work(void *arg)
{
    struct worker *me = arg;
    double start = now(), before = start, after;

    do {
        if (me->step(me, me->done))
            stop("a verb failed");
        after = now();
        if (me->done < TIMES)
            me->times[me->done] = after - before;
        me->done++;
        before = after;
    } while (after - start < SECONDS);
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(const char *name, istauth_status (*step)(const struct worker *, unsigned),
                    unsigned threads)
{
    struct worker workers[THREADS];
    unsigned all = 0, n;

    for (unsigned i = 0; i < threads; i++) {
        struct worker w = { .number = i, .step = step, .times = calloc(TIMES, sizeof(double)) };

        workers[i] = w;
        if (!w.times || pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            stop("no memory");
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        all += workers[i].done;
    }
    n = workers[0].done < TIMES ? workers[0].done : TIMES;
    qsort(workers[0].times, n, sizeof(double), by_time);
    printf("%-16s %u threads: %8.0f/s, median %6.0f us, 99%% %6.0f us\n", name, threads,
           all / (double)SECONDS, workers[0].times[n / 2] * 1e6,
           workers[0].times[n - 1 - n / 100] * 1e6);
    for (unsigned i = 0; i < threads; i++)
        free(workers[i].times);
}

/* The access tokens of an hour are over. */
static void measure_purge(void)
{
    istauth_purge_bounds bounds = { T0 + 7200, INT64_MIN, T0, 1000 };
    double start = now();
    size_t all = 0, removed;
    unsigned calls = 0;

    do {
        if (store.ops->purge(store.ctx, &bounds, &removed))
            stop("purge failed");
        all += removed;
        calls++;
    } while (removed && now() - start < 2 * SECONDS);
    printf("%-16s %zu records in %u calls: %.0f/s, %.1f ms a call\n", "purge", all, calls,
           (double)all / (now() - start), (now() - start) * 1e3 / calls);
}

int main(int argc, char **argv)
{
    const char *conninfo = getenv("ISTAUTH_TEST_POSTGRES");
    istauth_postgres_options options = ISTAUTH_POSTGRES_OPTIONS_INIT;
    istauth_error error = { ISTAUTH_OK, "" };
    PGconn *pq;

    if (argc > 1)
        grants = (unsigned)strtoul(argv[1], NULL, 10);
    if (!conninfo || !grants)
        stop("usage: tests/postgres run bench_postgres [GRANTS]");
    options.schema = "bench";
    if (istauth_postgres_store_open(&store, conninfo, &options, &error))
        stop(error.detail);
    pq = PQconnectdb(conninfo);
    fill(pq);
    print_sizes(pq);
    measure("token_get", get, 1);
    measure("token_get", get, THREADS);
    measure("refresh_rotate", rotate, THREADS);
    measure_purge();
    PQfinish(pq);
    istauth_postgres_store_close(&store);
    return 0;
}
