/* S-12: one answer is kept for a retry, and what ends it. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

static const char sealed[] = { 0, 1, 0, (char)0xff, '\'', 0 };

static void rotate_and_keep(store_world *w, unsigned old, unsigned next)
{
    const istauth_retry retry = { { sealed, sizeof(sealed) }, T0 + next };
    istauth_key key = refresh_key(old);
    pair p = pair_of(next);

    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
}

static istauth_status get(store_world *w, istauth_key key)
{
    istauth_retry kept = { { NULL, 0 }, 0 };

    return CALL(w, retry_get, &key, &w->arena, &kept);
}

static void start(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(get(w, refresh_key(1)), ISTAUTH_E_NOT_FOUND);
    rotate_and_keep(w, 1, 2);
    assert_status(get(w, refresh_key(1)), ISTAUTH_OK);
}

static void test_s_12_bytes_and_time_come_back(void **state)
{
    store_world *w = *state;
    istauth_key key = refresh_key(1);
    istauth_retry kept;

    start(w);
    assert_status(CALL(w, retry_get, &key, &w->arena, &kept), ISTAUTH_OK);
    assert_int_equal(kept.sealed.n, sizeof(sealed));
    assert_memory_equal(kept.sealed.p, sealed, sizeof(sealed));
    assert_int_equal(kept.expires_at, T0 + 2);
    assert_status(get(w, refresh_key(2)), ISTAUTH_E_NOT_FOUND);
    assert_status(get(w, access_key(1)), ISTAUTH_E_NOT_FOUND);
    assert_status(get(w, refresh_key(9)), ISTAUTH_E_NOT_FOUND);
}

static void test_s_12_the_last_answer_takes_the_place_of_the_one_before(void **state)
{
    store_world *w = *state;

    start(w);
    rotate_and_keep(w, 2, 3);
    assert_status(get(w, refresh_key(1)), ISTAUTH_E_NOT_FOUND);
    assert_status(get(w, refresh_key(2)), ISTAUTH_OK);
    assert_status(rotate(w, 3, 4), ISTAUTH_OK); /* keeps none */
    assert_status(get(w, refresh_key(2)), ISTAUTH_E_NOT_FOUND);
    assert_status(get(w, refresh_key(3)), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(purge_all(w, bounds_at(T0 + 4)), 0); /* none was left behind */
}

static void test_s_12_revoking_either_token_ends_it(void **state)
{
    store_world *w = *state;
    istauth_key spent = refresh_key(1), successor = refresh_key(12);

    start(w);
    assert_status(CALL(w, token_revoke, &spent, T0), ISTAUTH_OK);
    assert_status(get(w, spent), ISTAUTH_E_NOT_FOUND);
    have_app(w, 11, "ada", "app");
    rotate_and_keep(w, 11, 12);
    assert_status(CALL(w, token_revoke, &successor, T0), ISTAUTH_OK);
    assert_status(get(w, refresh_key(11)), ISTAUTH_E_NOT_FOUND);
}

static void test_s_12_revoking_the_grant_ends_it(void **state)
{
    store_world *w = *state;
    istauth_id id = id_of(1);

    start(w);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_status(get(w, refresh_key(1)), ISTAUTH_E_NOT_FOUND);
}

/* A client without refresh tokens of its own has no successor to use. */
static void test_s_12_without_a_successor_it_stays(void **state)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT(""), T0 + 5 };
    store_world *w = *state;
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);
    istauth_token_list one = { p.items, 1 };

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, refresh_rotate, &key, one, &retry, T0), ISTAUTH_OK);
    assert_status(get(w, key), ISTAUTH_OK);
}

static void test_s_12_a_successor_that_is_gone_ends_it(void **state)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("x"), INT64_MAX };
    store_world *w = *state;
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    p.items[1].expires_at = T0 + 1;
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0 + 1)), 1);
    assert_status(get(w, key), ISTAUTH_E_NOT_FOUND);
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
            WITH_STORE(sqlite, test_s_12_bytes_and_time_come_back),
            WITH_STORE(sqlite, test_s_12_the_last_answer_takes_the_place_of_the_one_before),
            WITH_STORE(sqlite, test_s_12_revoking_either_token_ends_it),
            WITH_STORE(sqlite, test_s_12_revoking_the_grant_ends_it),
            WITH_STORE(sqlite, test_s_12_without_a_successor_it_stays),
            WITH_STORE(sqlite, test_s_12_a_successor_that_is_gone_ends_it),
        };

        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sqlite_place_wipe(&place);
    return failed;
}
