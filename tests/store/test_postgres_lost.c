/* ST-02: the connection is lost before the request arrived, or after it took effect: nobody knows
 * which. The answer is exact all the same, or says that it cannot be. */
#include "store/postgres_rig.h"

#include "support/pg_proxy.h"

#include <poll.h>
#include <time.h>

static pg_proxy proxy;

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

static istauth_postgres_options options = { sizeof(options), 4, 5000, "lost", false };
static istauth_postgres_options pooled = { sizeof(pooled), 4, 5000, "lost", true };
static istauth_postgres_options hasty = { sizeof(hasty), 2, 300, "lost", false };

#define FIXTURE(o) { .size = sizeof(istauth_store_fixture), .open = open_store, \
                     .close = close_store, .env = &(o) }
static const istauth_store_fixture standard = FIXTURE(options), behind_a_pool = FIXTURE(pooled),
                                   quick = FIXTURE(hasty);

static void fault(pg_proxy_fault f)
{
    atomic_store(&proxy.fault, f);
}

static void assert_fault_happened(void)
{
    assert_int_equal(atomic_load(&proxy.fault), PG_PROXY_NONE);
}

static void test_st_02_a_redemption_is_ours_whichever_way_it_was_lost(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    for (unsigned n = 1; n <= 2; n++) {
        have_code(w, n, "ada", "app");
        fault(n == 1 ? PG_PROXY_CUT_BEFORE : PG_PROXY_CUT_AFTER);
        assert_status(redeem(w, n, n), ISTAUTH_OK);
        assert_fault_happened();
        assert_true(is_live(w, access_key(n)));
        assert_true(is_live(w, refresh_key(n)));
        assert_status(redeem(w, n, n), ISTAUTH_E_SPENT);
        assert_status(redeem(w, n, n + 10), ISTAUTH_E_SPENT);
    }
}

static void test_st_02_a_rotation_is_ours_whichever_way_it_was_lost(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    for (unsigned n = 1; n <= 2; n++) {
        fault(n == 1 ? PG_PROXY_CUT_BEFORE : PG_PROXY_CUT_AFTER);
        assert_status(rotate(w, n, n + 1), ISTAUTH_OK);
        assert_fault_happened();
        assert_true(token_at(w, refresh_key(n)).token.spent);
        assert_true(is_live(w, refresh_key(n + 1)));
        assert_status(rotate(w, n, n + 1), ISTAUTH_E_SPENT);
    }
}

/* Spent by another, and the answer to that was lost: the other stays the winner. */
static void test_st_02_a_lost_answer_makes_no_second_winner(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    for (int f = PG_PROXY_CUT_BEFORE; f <= PG_PROXY_CUT_AFTER; f++) {
        fault((pg_proxy_fault)f);
        assert_status(redeem(w, 1, 5), ISTAUTH_E_SPENT);
        assert_fault_happened();
        fault((pg_proxy_fault)f);
        assert_status(rotate(w, 1, 5), ISTAUTH_E_SPENT);
        assert_fault_happened();
    }
    assert_true(is_live(w, refresh_key(2)));
}

static void test_st_02_a_claim_that_nobody_knows_of_is_none(void **state)
{
    store_world *w = *state;
    istauth_key lost = access_key(1), kept = access_key(2);

    assert_status(CALL(w, nonce_claim, &kept, T0), ISTAUTH_OK);
    fault(PG_PROXY_CUT_BEFORE);
    assert_status(CALL(w, nonce_claim, &lost, T0), ISTAUTH_E_UNAVAILABLE);
    assert_status(CALL(w, nonce_claim, &kept, T0), ISTAUTH_E_EXISTS); /* connected again */
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, nonce_claim, &lost, T0), ISTAUTH_E_UNAVAILABLE);
    assert_fault_happened();
    assert_status(CALL(w, nonce_claim, &lost, T0), ISTAUTH_E_EXISTS);
}

static istauth_status put_client(store_world *w, unsigned n)
{
    istauth_client c = client_of(n == 1 ? "one" : "two");

    return CALL(w, client_put, &c);
}

static istauth_status put_code(store_world *w, unsigned n)
{
    istauth_code c = code_of(n);
    istauth_grant g = grant_of(n, "ada", "app");

    return CALL(w, code_put, &c, &g);
}

static istauth_status put_personal(store_world *w, unsigned n)
{
    istauth_token t = personal_of(n + 10);
    istauth_grant g = personal_grant_of(n + 10, "ada");

    return CALL(w, personal_put, &t, &g);
}

static istauth_status put_machine(store_world *w, unsigned n)
{
    istauth_token t = pair_of(n + 20).items[0];
    istauth_grant g = grant_of(n + 20, "", "app");

    g.pending = false;
    return CALL(w, machine_put, &t, &g);
}

static void test_st_02_what_was_put_is_put_once(void **state)
{
    static istauth_status (*const put[])(store_world *, unsigned) = { put_client, put_code,
                                                                      put_personal, put_machine };
    store_world *w = *state;

    have_client(w, "app");
    for (unsigned i = 0; i < 4; i++)
        for (unsigned n = 1; n <= 2; n++) {
            fault(n == 1 ? PG_PROXY_CUT_BEFORE : PG_PROXY_CUT_AFTER);
            assert_status(put[i](w, n), ISTAUTH_OK);
            assert_fault_happened();
            assert_status(put[i](w, n), ISTAUTH_E_EXISTS);
        }
}

static void test_st_02_a_taken_key_stays_taken(void **state)
{
    store_world *w = *state;
    istauth_code c = code_of(1);
    istauth_grant g = grant_of(9, "grace", "app");
    istauth_client client = client_of("app");

    have_client(w, "app");
    have_code(w, 1, "ada", "app");
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, code_put, &c, &g), ISTAUTH_E_EXISTS);
    assert_fault_happened();
    client.name = ISTAUTH_STR("Impostor");
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, client_put, &client), ISTAUTH_E_EXISTS);
    assert_fault_happened();
}

static void test_revocations_and_reads_are_simply_done_again(void **state)
{
    const istauth_str app = ISTAUTH_STR("app");
    const istauth_str_list apps = { &app, 1 };
    store_world *w = *state;
    istauth_id id = id_of(1);
    istauth_key key = access_key(3);
    size_t count;

    have_client(w, "app");
    for (unsigned n = 1; n <= 3; n++)
        have_app(w, n, "ada", "app");
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, token_revoke, &key, T0), ISTAUTH_OK);
    fault(PG_PROXY_CUT_AFTER);
    assert_false(is_live(w, access_key(1)));
    assert_fault_happened();
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), apps, T0, &count), ISTAUTH_OK);
    assert_false(is_live(w, access_key(2)));
    fault(PG_PROXY_CUT_AFTER);
    assert_status(CALL(w, client_delete, app, T0), ISTAUTH_OK);
    assert_fault_happened();
    assert_status(CALL(w, client_delete, app, T0), ISTAUTH_E_NOT_FOUND);
}

static int64_t ms_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void test_a_server_that_is_silent_costs_no_more_than_the_time(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;
    int64_t before;

    have_personal(w, 1, "ada");
    fault(PG_PROXY_HANG);
    for (int i = 0; i < 3; i++) { /* on open connections, and on none */
        before = ms_now();
        assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_UNAVAILABLE);
        assert_true(ms_now() - before < 600);
    }
    fault(PG_PROXY_NONE);
    assert_true(is_live(w, personal_key(1)));
}

/* A connection that broke while nobody used it is noticed before a request is risked on it. */
static void test_a_connection_that_broke_while_idle_is_replaced(void **state)
{
    store_world *w = *state;

    for (unsigned n = 1; n <= 5; n++) {
        istauth_key key = access_key(n);

        rig_do("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
               " WHERE application_name = 'libistauth'");
        poll(NULL, 0, 60); /* the proxy passes the end on */
        assert_status(CALL(w, nonce_claim, &key, T0), ISTAUTH_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(standard, test_st_02_a_redemption_is_ours_whichever_way_it_was_lost),
        WITH_STORE(standard, test_st_02_a_rotation_is_ours_whichever_way_it_was_lost),
        WITH_STORE(behind_a_pool, test_st_02_a_rotation_is_ours_whichever_way_it_was_lost),
        WITH_STORE(standard, test_st_02_a_lost_answer_makes_no_second_winner),
        WITH_STORE(standard, test_st_02_a_claim_that_nobody_knows_of_is_none),
        WITH_STORE(standard, test_st_02_what_was_put_is_put_once),
        WITH_STORE(standard, test_st_02_a_taken_key_stays_taken),
        WITH_STORE(standard, test_revocations_and_reads_are_simply_done_again),
        WITH_STORE(quick, test_a_server_that_is_silent_costs_no_more_than_the_time),
        WITH_STORE(standard, test_a_connection_that_broke_while_idle_is_replaced),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
