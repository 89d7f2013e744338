/* Clocks that are odd: at the ends of their range, jumping, standing still. */
#include "support/world.h"

static void test_me_09_any_time_issues_verifies_and_expires(void **state)
{
    static const istauth_time starts[] = { 1, 2147483646, 2147483647, 2147483648LL, 4294967295LL,
                                           4294967296LL, 253402300799LL };

    (void)state;
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        world *w = world_new();
        istauth_access access;
        reply *r;
        char *client;

        w->now = starts[i];
        world_open(w);
        r = world_connect(w, "mcp", &client);
        assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
        assert_int_equal(access.issued_at, starts[i]);
        assert_int_equal(access.expires_at, starts[i] + 3600);
        w->now += 3599;
        assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
        w->now += 1;
        assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")),
                         ISTAUTH_E_INVALID_TOKEN);
        assert_int_equal(world_refresh(w, client, reply_str(r, "refresh_token"))->status, 200);
        world_free(w);
    }
}

static void test_me_10_a_clock_that_jumps_expires_and_resurrects_nothing(void **state)
{
    world *w = *state;
    char *client;
    reply *first = world_connect(w, "mcp", &client);
    reply *second = world_refresh(w, client, reply_str(first, "refresh_token"));
    istauth_access access;

    w->now += 365 * 86400;
    assert_int_equal(world_verify(w, &access, reply_str(second, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    expect_error(world_refresh(w, client, reply_str(second, "refresh_token")), 400,
                 "invalid_grant");
    w->now -= 2 * 365 * 86400LL; /* a year before it began */
    assert_int_equal(world_verify(w, &access, reply_str(second, "access_token")), ISTAUTH_OK);
    expect_error(world_refresh(w, client, reply_str(first, "refresh_token")), 400,
                 "invalid_grant"); /* reuse, whatever the clock says */
    assert_int_equal(world_verify(w, &access, reply_str(second, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    w->now = WORLD_START;
    assert_int_equal(world_verify(w, &access, reply_str(second, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
}

static void test_me_10_a_clock_without_sense_is_a_failed_one(void **state)
{
    static const istauth_time odd[] = { 0, -1, INT64_MIN, INT64_MAX, INT64_MAX / 2 + 1 };
    world *w = *state;
    char *client;
    reply *r = world_connect(w, "mcp", &client);
    istauth_access access;

    w->now += 3600;
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        w->now = odd[i]; /* nothing that had expired lives again, and nothing is issued */
        assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_E_CLOCK);
        expect_error(world_refresh(w, client, reply_str(r, "refresh_token")), 500, "server_error");
    }
    w->now = WORLD_START;
    assert_int_equal(world_refresh(w, client, reply_str(r, "refresh_token"))->status, 200);
}

static void test_me_10_a_frozen_clock_keeps_single_use(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client, NULL);

    assert_int_equal(world_redeem(w, client, code)->status, 200);
    expect_error(world_redeem(w, client, code), 400, "invalid_grant");
}

static void test_a_refresh_token_lives_thirty_days_from_each_rotation(void **state)
{
    world *w = *state;
    char *client;
    reply *r = world_connect(w, "mcp", &client);

    for (int i = 0; i < 3; i++) {
        w->now += 30 * 86400 - 1;
        r = world_refresh(w, client, reply_str(r, "refresh_token"));
        assert_int_equal(r->status, 200);
    }
    w->now += 30 * 86400;
    expect_error(world_refresh(w, client, reply_str(r, "refresh_token")), 400, "invalid_grant");
}

static void test_purge_removes_registrations_that_were_never_used(void **state)
{
    world *w = *state;
    char *used, *unused = world_register(w, WORLD_CLIENT_REDIRECT);
    size_t removed;

    (void)world_connect(w, "mcp", &used);
    w->now += 86399;
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    assert_true(world_get(w, "/oauth/authorize",
                          world_query(w, unused, WORLD_CLIENT_REDIRECT, NULL))->open);
    w->now += 1;
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    assert_true(removed > 0);
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, unused, WORLD_CLIENT_REDIRECT, NULL)));
    assert_true(world_get(w, "/oauth/authorize",
                          world_query(w, used, WORLD_CLIENT_REDIRECT, NULL))->open);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_me_09_any_time_issues_verifies_and_expires),
        CASE(test_me_10_a_clock_that_jumps_expires_and_resurrects_nothing),
        CASE(test_me_10_a_clock_without_sense_is_a_failed_one),
        CASE(test_me_10_a_frozen_clock_keeps_single_use),
        CASE(test_a_refresh_token_lives_thirty_days_from_each_rotation),
        CASE(test_purge_removes_registrations_that_were_never_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
