/* What a verb costs: statements and round trips as a proxy counts them, and the indexes that the
 * statements go by. What grows here has to be written down here. */
#include "stores/postgres_i.h"

#include "store/postgres_rig.h"
#include "support/pg_proxy.h"

static pg_proxy proxy;
static istauth_postgres_options options = { sizeof(options), 1, 5000, "cost", false };
static istauth_postgres_options pooled_options = { sizeof(pooled_options), 1, 5000, "cost", true };

static istauth_status open_store(void *env, istauth_store *out)
{
    char host[64], conninfo[160];

    rig_host(host);
    pg_proxy_start(&proxy, host);
    snprintf(conninfo, sizeof(conninfo), "host=%s user=istauth dbname=postgres", proxy.dir);
    return rig_open(out, conninfo, env);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_postgres_store_close(store);
    pg_proxy_stop(&proxy);
}

static const istauth_store_fixture standard = {
    .size = sizeof(standard), .open = open_store, .close = close_store, .env = &options
};
static const istauth_store_fixture pooled = {
    .size = sizeof(pooled), .open = open_store, .close = close_store, .env = &pooled_options
};

static const istauth_str app = ISTAUTH_STR_INIT("app"), ada = ISTAUTH_STR_INIT("ada"),
                         workspace = ISTAUTH_STR_INIT("ws_a");

static istauth_status client_put(store_world *w)
{
    istauth_client c = client_of("another");

    return CALL(w, client_put, &c);
}

static istauth_status client_get(store_world *w)
{
    istauth_client c;

    return CALL(w, client_get, app, &w->arena, &c);
}

static istauth_status client_update(store_world *w)
{
    istauth_client c = client_of("app");

    return CALL(w, client_update, &c);
}

static istauth_status client_delete(store_world *w)
{
    return CALL(w, client_delete, ISTAUTH_STR("another"), T0);
}

static istauth_status code_put(store_world *w)
{
    istauth_code c = code_of(2);
    istauth_grant g = grant_of(2, "ada", "app");

    return CALL(w, code_put, &c, &g);
}

static istauth_status code_get(store_world *w)
{
    istauth_key key = code_key(2);
    istauth_code_entry e;

    return CALL(w, code_get, &key, &w->arena, &e);
}

static istauth_status code_redeem(store_world *w)
{
    return redeem(w, 2, 2);
}

static istauth_status token_get(store_world *w)
{
    istauth_key key = access_key(1);
    istauth_token_entry e;

    return CALL(w, token_get, &key, &w->arena, &e);
}

static istauth_status refresh_rotate(store_world *w)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("sealed"), T0 + 60 };
    istauth_key key = refresh_key(1);
    pair p = pair_of(3);

    return CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0);
}

static istauth_status rotate_spent(store_world *w)
{
    istauth_status st = rotate(w, 1, 4);

    return st == ISTAUTH_E_SPENT ? ISTAUTH_OK : st;
}

static istauth_status retry_get(store_world *w)
{
    istauth_key key = refresh_key(1);
    istauth_retry r;

    return CALL(w, retry_get, &key, &w->arena, &r);
}

static istauth_status token_revoke(store_world *w)
{
    istauth_key key = access_key(1);

    return CALL(w, token_revoke, &key, T0);
}

static istauth_status grant_touch(store_world *w)
{
    istauth_id id = id_of(1);

    return CALL(w, grant_touch, &id, T0 + 1);
}

static istauth_status grant_revoke(store_world *w)
{
    istauth_id id = id_of(1);

    return CALL(w, grant_revoke, &id, T0);
}

static istauth_status client_list(store_world *w)
{
    istauth_clients page;

    return CALL(w, client_list, ISTAUTH_STR("a"), 10, &w->arena, &page);
}

static istauth_status grant_list(store_world *w)
{
    istauth_id after = id_of(1);
    istauth_grant_entries page;

    return CALL(w, grant_list, ISTAUTH_STR("app"), &after, 10, &w->arena, &page);
}

static istauth_status app_list(store_world *w)
{
    istauth_grant_entries list;

    return CALL(w, app_list, ada, 10, &w->arena, &list);
}

static istauth_status app_disconnect(store_world *w)
{
    const istauth_str_list apps = { &app, 1 };
    size_t count;

    return CALL(w, app_disconnect, ada, apps, T0, &count);
}

static istauth_status workspace_remove(store_world *w)
{
    size_t count;

    return CALL(w, workspace_remove, ada, workspace, T0, &count);
}

static istauth_status subject_revoke(store_world *w)
{
    size_t count;

    return CALL(w, subject_revoke, ada, T0, &count);
}

static istauth_status personal_put(store_world *w)
{
    istauth_token t = personal_of(5);
    istauth_grant g = personal_grant_of(5, "ada");

    return CALL(w, personal_put, &t, &g);
}

static istauth_status personal_list(store_world *w)
{
    istauth_grant_entries list;

    return CALL(w, personal_list, ada, 10, &w->arena, &list);
}

static istauth_status personal_revoke(store_world *w)
{
    istauth_id id = id_of(5);

    return CALL(w, personal_revoke, ada, &id, T0);
}

static istauth_status machine_put(store_world *w)
{
    istauth_token t = pair_of(6).items[0];
    istauth_grant g = grant_of(6, "", "app");

    return CALL(w, machine_put, &t, &g);
}

static istauth_status nonce_claim(store_world *w)
{
    istauth_key key = access_key(1);

    return CALL(w, nonce_claim, &key, T0);
}

static istauth_status purge_at(store_world *w, istauth_time now, bool found)
{
    istauth_purge_bounds bounds = bounds_at(now);
    size_t removed = 99;
    istauth_status st = CALL(w, purge, &bounds, &removed);

    return !st && (removed > 0) != found ? ISTAUTH_E_INTERNAL : st;
}

static istauth_status purge_nothing(store_world *w)
{
    return purge_at(w, T0 - 1, false);
}

static istauth_status purge(store_world *w)
{
    return purge_at(w, INT64_MAX, true);
}

/* In an order in which each has something to do. */
static const struct cost {
    const char *name;
    istauth_status (*call)(store_world *w);
    unsigned statements, trips;
} costs[] = {
    { "client_put", client_put, 1, 1 },
    { "client_get", client_get, 1, 1 },
    { "client_update", client_update, 1, 1 },
    { "client_delete", client_delete, 5, 1 },
    { "code_put", code_put, 1, 1 },
    { "code_get", code_get, 1, 1 },
    { "code_redeem", code_redeem, 1, 1 },
    { "token_get", token_get, 1, 1 },
    { "refresh_rotate", refresh_rotate, 1, 1 },
    { "refresh_rotate, spent", rotate_spent, 1, 1 },
    { "retry_get", retry_get, 1, 1 },
    { "token_revoke", token_revoke, 1, 1 },
    { "grant_touch", grant_touch, 1, 1 },
    { "client_list", client_list, 1, 1 },
    { "grant_list", grant_list, 1, 1 },
    { "app_list", app_list, 1, 1 },
    { "personal_put", personal_put, 1, 1 },
    { "personal_list", personal_list, 1, 1 },
    { "purge, nothing to remove", purge_nothing, 1, 1 },
    { "personal_revoke", personal_revoke, 1, 1 },
    { "machine_put", machine_put, 1, 1 },
    { "workspace_remove", workspace_remove, 1, 1 },
    { "grant_revoke", grant_revoke, 1, 1 },
    { "app_disconnect", app_disconnect, 1, 1 },
    { "subject_revoke", subject_revoke, 1, 1 },
    { "nonce_claim", nonce_claim, 1, 1 },
    { "purge", purge, 11, 2 },
};

static void test_a_verb_costs_what_is_written_down(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        unsigned statements = atomic_load(&proxy.statements), trips = atomic_load(&proxy.trips);
        istauth_status st = costs[i].call(w);

        statements = atomic_load(&proxy.statements) - statements;
        trips = atomic_load(&proxy.trips) - trips;
        if (st || statements != costs[i].statements || trips != costs[i].trips)
            fail_msg("%s: %s, %u statements in %u round trips", costs[i].name,
                     istauth_status_name(st), statements, trips);
    }
}

/* A connection, with its settings and statements: the second is for the settings that may fail. */
static void test_a_connection_takes_one_flight(void **state)
{
    store_world *w = *state;
    unsigned connections = atomic_load(&proxy.connections), trips;

    assert_status(nonce_claim(w), ISTAUTH_OK);
    assert_int_equal(atomic_load(&proxy.connections), connections + 1);
    trips = atomic_load(&proxy.trips);
    assert_status(grant_revoke(w), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(atomic_load(&proxy.connections), connections + 1);
    assert_int_equal(atomic_load(&proxy.trips), trips + 1);
}

/* --- plans --- */

static int parameters(const char *sql)
{
    int most = 0;

    for (const char *p = sql; (p = strchr(p, '$')) != NULL;) {
        int n = (int)strtol(++p, NULL, 10);

        most = n > most ? n : most;
    }
    return most;
}

/* What is read whole is an index of what may go, and what is empty otherwise. */
static bool goes_by_index(const char *line, const char *next)
{
    if (strstr(line, "Seq Scan on "))
        return false;
    if (!strstr(line, "Index Scan ") && !strstr(line, "Index Only Scan "))
        return true;
    return strstr(next, "Index Cond") || strstr(line, "tokens_ended") ||
           strstr(line, "grants_ended");
}

/* Pages are read in their order. */
static void check_plan(PGconn *pq, const char *sql, bool is_page)
{
    char text[256];
    PGresult *plan;
    int n = parameters(sql);
    size_t at = (size_t)snprintf(text, sizeof(text), "EXPLAIN (COSTS OFF) EXECUTE plan");

    PQclear(PQexec(pq, "DEALLOCATE ALL"));
    PQclear(PQprepare(pq, "plan", sql, 0, NULL));
    for (int i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, i ? ", NULL" : " (NULL");
    snprintf(text + at, sizeof(text) - at, n ? ")" : "");
    plan = PQexec(pq, text);
    if (PQresultStatus(plan) != PGRES_TUPLES_OK)
        fail_msg("%s\n%s", sql, PQerrorMessage(pq));
    for (int i = 0; i < PQntuples(plan); i++)
        if ((is_page && strstr(PQgetvalue(plan, i, 0), "Sort")) ||
            !goes_by_index(PQgetvalue(plan, i, 0),
                           i + 1 < PQntuples(plan) ? PQgetvalue(plan, i + 1, 0) : ""))
            fail_msg("%.60s...\n%s", sql, PQgetvalue(plan, i, 0));
    PQclear(plan);
}

static void test_every_statement_goes_by_an_index(void **state)
{
    struct pg names = { .schema = "cost" };
    PGconn *pq = PQconnectdb(rig_conninfo());

    (void)state;
    PQclear(PQexec(pq, "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off"));
    for (int i = PG_COMMIT + 1; i < PG_STATEMENTS; i++) {
        char *sql = istauth__pg_expand(&names, istauth__pg_sql[i]);

        assert_non_null(sql);
        check_plan(pq, sql, i == PG_CLIENT_LIST || i == PG_GRANT_LIST);
        free(sql);
    }
    PQfinish(pq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(standard, test_a_verb_costs_what_is_written_down),
        WITH_STORE(pooled, test_a_verb_costs_what_is_written_down),
        WITH_STORE(standard, test_a_connection_takes_one_flight),
        WITH_STORE(standard, test_every_statement_goes_by_an_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
