/* Purge on a file: bounded work in a call, and no writer kept waiting for all of it. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include "stores/sqlite_i.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static int64_t number_of(store_world *w, const char *sql)
{
    const struct sql_store *m = w->store.ctx;
    sqlite3_stmt *s;
    int64_t n;

    assert_int_equal(sqlite3_prepare_v2(m->writer.all->db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = sqlite3_column_int64(s, 0);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    return n;
}

static void run_sql(store_world *w, const char *sql)
{
    const struct sql_store *m = w->store.ctx;

    if (sqlite3_exec(m->writer.all->db, sql, NULL, NULL, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(m->writer.all->db));
}

/* Clients and their live grants by the thousand, faster than by the ops. */
static void many_idle_clients(store_world *w, unsigned count)
{
    char sql[1024];

    (void)snprintf(sql, sizeof(sql),
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %u)"
                   " INSERT INTO istauth_client SELECT NULL, 'many' || i, 0, 0, 'x', '', '', '',"
                   " '', '', '', '', '', 3, 0, 1, i, zeroblob(32), 0, zeroblob(32), '', '', '', '', 0"
                   " FROM n",
                   count);
    run_sql(w, sql);
    run_sql(w, "INSERT INTO istauth_grant (id, subject, client_id, personal, perpetual, name,"
               " scopes, workspaces, resource, auth_time, created_at, issued_at, used_at, pending,"
               " revoked)"
               " SELECT client_id, 'ada', client_id, 0, 0, '', '', '', '', 0, 1, 1, 1, 1, 0"
               " FROM istauth_client");
}

static size_t purge_once(store_world *w, istauth_purge_bounds b)
{
    size_t removed = SIZE_MAX;

    assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
    return removed;
}

/* Idle, but wanted: each call looks at some thousands, and the one that is not wanted is found. */
static void test_s_13_idle_clients_are_looked_at_in_turn(void **state)
{
    store_world *w = *state;
    istauth_purge_bounds b = bounds_at(T0);
    unsigned calls = 1;
    istauth_client c;

    many_idle_clients(w, 10000);
    run_sql(w, "DELETE FROM istauth_grant WHERE client_id = 'many9999'");
    b.idle_before = T0;
    b.limit = 10;
    while (purge_once(w, b) == 0)
        calls++;
    assert_int_equal(calls, 3);
    assert_status(CALL(w, client_get, ISTAUTH_STR("many9999"), &w->arena, &c),
                  ISTAUTH_E_NOT_FOUND);
    assert_int_equal(number_of(w, "SELECT count(*) FROM istauth_client"), 9999);
}

/* A client with so many dead grants that it cannot be judged in bounded time stays. */
static void test_s_13_a_client_of_many_grants_stays_in_doubt(void **state)
{
    store_world *w = *state;
    istauth_purge_bounds b = bounds_at(T0);

    have_client(w, "app");
    for (unsigned n = 1; n <= 80; n++)
        have_app(w, n, "ada", "app");
    run_sql(w, "UPDATE istauth_token SET spent = 1");
    b.unused_before = b.idle_before = T0;
    assert_int_equal(purge_once(w, b), 0);
    run_sql(w, "UPDATE istauth_grant SET revoked = 1 WHERE serial > 10");
    assert_int_equal(purge_once(w, b), 1);
    assert_int_equal(number_of(w, "SELECT count(*) FROM istauth_grant WHERE revoked = 0"), 0);
}

/* Its refresh token was revoked alone and its access token has expired: a grant that is not
 * revoked, and of no use. */
static void test_s_13_a_client_goes_when_the_last_token_was_revoked(void **state)
{
    store_world *w = *state;
    istauth_purge_bounds b = bounds_at(T0 + ACCESS_TTL);
    istauth_key key = refresh_key(1);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    b.unused_before = b.idle_before = T0;
    assert_int_equal(purge_once(w, b), 2); /* the code and the access token */
    assert_status(CALL(w, token_revoke, &key, T0), ISTAUTH_OK);
    assert_int_equal(purge_once(w, b), 1);
    assert_int_equal(number_of(w, "SELECT count(*) FROM istauth_client"), 0);
    assert_true(token_at(w, key).grant.revoked);
}

static void test_s_13_retries_are_cleared_and_counted(void **state)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("sealed"), T0 + 30 };
    store_world *w = *state;
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    assert_int_equal(purge_once(w, bounds_at(T0 + 29)), 0);
    assert_int_equal(purge_once(w, bounds_at(T0 + 30)), 1);
    assert_int_equal(number_of(w, "SELECT count(*) FROM istauth_grant WHERE retry_sealed IS NULL"
                                  " AND retry_spent IS NULL AND retry_successor IS NULL"), 1);
}

#define EXPIRED 20000

struct traffic {
    store_world *w;
    atomic_bool over;
    atomic_uint claims, trouble;
};

static void *claim_on(void *arg)
{
    struct traffic *t = arg;

    while (!atomic_load(&t->over)) {
        istauth_key key = code_key(1000000 + atomic_fetch_add(&t->claims, 1));

        if (CALL(t->w, nonce_claim, &key, INT64_MAX))
            atomic_fetch_add(&t->trouble, 1);
    }
    return NULL;
}

/* Purge takes a moment between its transactions, and writers come in there. */
static void test_s_13_writers_go_on_beside_a_great_purge(void **state)
{
    struct traffic t = { .w = *state };
    pthread_t thread;
    char sql[256];
    unsigned before;

    (void)snprintf(sql, sizeof(sql),
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                   " INSERT INTO istauth_nonce SELECT randomblob(32), i FROM n", EXPIRED);
    run_sql(t.w, sql);
    assert_int_equal(pthread_create(&thread, NULL, claim_on, &t), 0);
    while (!atomic_load(&t.claims))
        continue;
    before = atomic_load(&t.claims);
    assert_int_equal(purge_once(t.w, bounds_at(EXPIRED)), EXPIRED);
    assert_true(atomic_load(&t.claims) - before >= EXPIRED / 250 / 2);
    atomic_store(&t.over, true);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&t.trouble), 0);
    assert_int_equal(number_of(t.w, "SELECT count(*) FROM istauth_nonce"), atomic_load(&t.claims));
}

int main(void)
{
    istauth_store_fixture sqlite;
    sqlite_place place;
    int failed;

    sqlite_place_init(&place);
    sqlite = sqlite_fixture(&place);
    {
        const struct CMUnitTest tests[] = {
            WITH_STORE(sqlite, test_s_13_idle_clients_are_looked_at_in_turn),
            WITH_STORE(sqlite, test_s_13_a_client_of_many_grants_stays_in_doubt),
            WITH_STORE(sqlite, test_s_13_a_client_goes_when_the_last_token_was_revoked),
            WITH_STORE(sqlite, test_s_13_retries_are_cleared_and_counted),
            WITH_STORE(sqlite, test_s_13_writers_go_on_beside_a_great_purge),
        };

        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sqlite_place_wipe(&place);
    return failed;
}
