/* What an op costs in statements, and that none of them reads a table through: so that neither
 * grows unseen. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include "stores/sqlite_i.h"

#include <stdio.h>

static unsigned statements;

/* Steps that SQLite takes inside of a statement are told as comments. */
static int count(unsigned event, void *ctx, void *s, void *sql)
{
    (void)event;
    (void)ctx;
    (void)s;
    statements += strncmp(sql, "--", 2) != 0;
    return 0;
}

static void watch(store_world *w)
{
    struct sql_store *m = w->store.ctx;
    struct sql_pool *pools[] = { &m->writer, &m->readers };

    for (size_t p = 0; p < 2; p++)
        for (size_t i = 0; i < pools[p]->count; i++)
            if (pools[p]->all[i].db)
                assert_int_equal(sqlite3_trace_v2(pools[p]->all[i].db, SQLITE_TRACE_STMT, count,
                                                  NULL), SQLITE_OK);
    statements = 0;
}

/* The ops, each on a store with app 1 and 2 (redeemed), app 3 (pending) and personal token 4. */
static istauth_status client_put(store_world *w)
{
    istauth_client c = client_of("another");

    return CALL(w, client_put, &c);
}

static istauth_status client_get(store_world *w)
{
    istauth_client c;

    return CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &c);
}

static istauth_status client_update(store_world *w)
{
    istauth_client c = client_of("app");

    return CALL(w, client_update, &c);
}

static istauth_status client_delete(store_world *w)
{
    return CALL(w, client_delete, ISTAUTH_STR("app"), T0);
}

static istauth_status code_put(store_world *w)
{
    istauth_code c = code_of(9);
    istauth_grant g = grant_of(9, "ada", "app");

    return CALL(w, code_put, &c, &g);
}

static istauth_status code_get(store_world *w)
{
    istauth_key key = code_key(3);
    istauth_code_entry e;

    return CALL(w, code_get, &key, &w->arena, &e);
}

static istauth_status code_redeem(store_world *w)
{
    return redeem(w, 3, 3);
}

static istauth_status token_get(store_world *w)
{
    istauth_key key = access_key(1);
    istauth_token_entry e;

    return CALL(w, token_get, &key, &w->arena, &e);
}

static istauth_status refresh_rotate(store_world *w)
{
    return rotate(w, 1, 9);
}

static istauth_status refresh_rotate_kept(store_world *w)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("sealed"), T0 + 60 };
    istauth_key key = refresh_key(1);
    pair p = pair_of(9);

    return CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0);
}

static istauth_status refresh_rotate_spent(store_world *w)
{
    istauth_status st = rotate(w, 2, 9);

    return st == ISTAUTH_E_SPENT ? ISTAUTH_OK : ISTAUTH_E_INTERNAL;
}

static istauth_status retry_get(store_world *w)
{
    istauth_key key = refresh_key(1);
    istauth_retry retry;
    istauth_status st = CALL(w, retry_get, &key, &w->arena, &retry);

    return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_OK : ISTAUTH_E_INTERNAL;
}

static istauth_status token_revoke(store_world *w)
{
    istauth_key key = access_key(1);

    return CALL(w, token_revoke, &key, T0);
}

static istauth_status grant_revoke(store_world *w)
{
    istauth_id id = id_of(1);

    return CALL(w, grant_revoke, &id, T0);
}

static istauth_status grant_touch(store_world *w)
{
    istauth_id id = id_of(1);

    return CALL(w, grant_touch, &id, T0);
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

    return CALL(w, app_list, ISTAUTH_STR("ada"), 10, &w->arena, &list);
}

static istauth_status app_disconnect(store_world *w)
{
    const istauth_str ids[] = { ISTAUTH_STR_INIT("app"), ISTAUTH_STR_INIT("other") };
    const istauth_str_list list = { ids, 2 };
    size_t n;

    return CALL(w, app_disconnect, ISTAUTH_STR("ada"), list, T0, &n);
}

static istauth_status subject_revoke(store_world *w)
{
    size_t n;

    return CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &n);
}

static istauth_status workspace_remove(store_world *w)
{
    size_t n;

    return CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &n);
}

static istauth_status personal_put(store_world *w)
{
    istauth_token t = personal_of(9);
    istauth_grant g = personal_grant_of(9, "ada");

    return CALL(w, personal_put, &t, &g);
}

static istauth_status personal_list(store_world *w)
{
    istauth_grant_entries list;

    return CALL(w, personal_list, ISTAUTH_STR("ada"), 10, &w->arena, &list);
}

static istauth_status personal_revoke(store_world *w)
{
    istauth_id id = id_of(4);

    return CALL(w, personal_revoke, ISTAUTH_STR("ada"), &id, T0);
}

static istauth_status machine_put(store_world *w)
{
    istauth_token t = machine_of(9);
    istauth_grant g = machine_grant_of(9, "app");

    return CALL(w, machine_put, &t, &g);
}

static istauth_status nonce_claim(store_world *w)
{
    istauth_key key = code_key(9);

    return CALL(w, nonce_claim, &key, T0);
}

static istauth_status purge(store_world *w)
{
    istauth_purge_bounds b = bounds_at(T0);
    size_t removed;

    return CALL(w, purge, &b, &removed);
}

/* An op that writes has BEGIN and COMMIT, or ROLLBACK, among its statements. */
static const struct {
    const char *name;
    istauth_status (*op)(store_world *w);
    unsigned cost;
} costs[] = {
    { "token_get", token_get, 1 },
    { "client_get", client_get, 1 },
    { "code_get", code_get, 1 },
    { "retry_get", retry_get, 1 },
    { "client_list", client_list, 1 },
    { "grant_list", grant_list, 1 },
    { "app_list", app_list, 1 },
    { "personal_list", personal_list, 1 },
    { "client_put", client_put, 3 },
    { "client_update", client_update, 3 },
    { "client_delete", client_delete, 4 },
    { "code_put", code_put, 4 },
    { "code_redeem", code_redeem, 8 },
    { "refresh_rotate", refresh_rotate, 7 },
    { "refresh_rotate, with an answer kept", refresh_rotate_kept, 7 },
    { "refresh_rotate, spent", refresh_rotate_spent, 3 },
    { "token_revoke", token_revoke, 3 },
    { "grant_revoke", grant_revoke, 3 },
    { "grant_touch", grant_touch, 3 },
    { "app_disconnect, two clients", app_disconnect, 4 },
    { "subject_revoke", subject_revoke, 3 },
    { "workspace_remove, four grants", workspace_remove, 2 + 4 * 2 + 1 },
    { "personal_put", personal_put, 4 },
    { "personal_revoke", personal_revoke, 3 },
    { "machine_put", machine_put, 5 },
    { "nonce_claim", nonce_claim, 3 },
    { "purge, of nothing", purge, 2 + 8 },
};

static void furnish(store_world *w)
{
    have_client(w, "app");
    have_client(w, "other");
    have_app(w, 1, "ada", "app");
    have_app(w, 2, "ada", "other");
    have_code(w, 3, "ada", "app");
    have_personal(w, 4, "ada");
    assert_status(rotate(w, 2, 5), ISTAUTH_OK);
    assert_true(is_live(w, access_key(1))); /* opens the connection that reads */
}

static void test_what_each_op_costs(void **state)
{
    const istauth_store_fixture *fixture = *state;
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;

    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        store_world *w = store_world_new(fixture, &options);

        assert_non_null(w);
        store_world_open(w);
        furnish(w);
        watch(w);
        assert_status(costs[i].op(w), ISTAUTH_OK);
        if (statements != costs[i].cost)
            fail_msg("%s: %u statements, not %u", costs[i].name, statements, costs[i].cost);
        store_world_free(w);
    }
}

static bool contains(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* A subquery that gave a handful of keys is read through, and so are the keys themselves. */
static bool is_small(const char *step)
{
    return contains(step, "CONSTANT ROW");
}

/* Pages are read in their order: none of what lies behind them is touched. */
static bool is_page(const char *sql)
{
    return sql == istauth__sqlite_statements[SQL_CLIENT_LIST] ||
           sql == istauth__sqlite_statements[SQL_GRANT_LIST];
}

static void check_plan(sqlite3 *db, const char *sql)
{
    char explain[2048];
    sqlite3_stmt *s;

    (void)snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &s, NULL), SQLITE_OK);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(s, 3);

        if (contains(step, "SCAN") && !is_small(step))
            fail_msg("%s\n in %s", step, sql);
        if (is_page(sql) && contains(step, "TEMP B-TREE"))
            fail_msg("%s\n in %s", step, sql);
    }
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
}

static void test_no_statement_reads_a_table_through(void **state)
{
    store_world *w = *state;
    const struct sql_store *m = w->store.ctx;

    for (int id = 0; id < SQL_STATEMENTS; id++) {
        assert_non_null(istauth__sqlite_statements[id]);
        if (id > SQL_ROLLBACK)
            check_plan(m->writer.all->db, istauth__sqlite_statements[id]);
    }
}

int main(void)
{
    sqlite_place place;
    istauth_store_fixture sqlite;
    int failed;

    sqlite_place_init(&place);
    sqlite = sqlite_fixture(&place);
    {
        const struct CMUnitTest tests[] = {
            { "test_what_each_op_costs", test_what_each_op_costs, NULL, NULL, &sqlite },
            WITH_STORE(sqlite, test_no_statement_reads_a_table_through),
        };

        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sqlite_place_wipe(&place);
    return failed;
}
