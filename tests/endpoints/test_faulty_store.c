/* A store that fails: what the token endpoint answers, and what is left afterwards. */
#include "support/world.h"

#include <istauth/store_check.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A world on a store that fails when told to. */
typedef struct failing {
    istauth_store_shim faults;
    istauth_store memory;
    world *w;
    char *client_id, *code;
    char *access, *refresh; /* after failing_connect */
} failing;

static void failing_open(failing *f)
{
    assert_int_equal(istauth_memory_store_new(&f->memory, NULL, NULL), ISTAUTH_OK);
    f->w = world_new();
    f->w->given = istauth_store_shim_wrap(&f->faults, f->memory);
    world_open(f->w);
    f->client_id = world_register(f->w, WORLD_CLIENT_REDIRECT);
    f->code = world_code(f->w, f->client_id, NULL);
}

static void plan(failing *f, istauth_store_op op, size_t nth, istauth_status status, unsigned how)
{
    istauth_store_shim_plan(&f->faults, op, nth, status, how);
}

static void failing_connect(failing *f)
{
    reply *r;

    failing_open(f);
    r = world_redeem(f->w, f->client_id, f->code);
    f->access = world_text(f->w, "%s", reply_str(r, "access_token"));
    f->refresh = world_text(f->w, "%s", reply_str(r, "refresh_token"));
}

static void failing_close(failing *f)
{
    world_free(f->w);
    istauth_memory_store_free(&f->memory);
}

static bool lives(world *w, const char *access_token)
{
    istauth_access access;
    istauth_status st = world_verify(w, &access, access_token);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_TOKEN);
    return !st;
}

/* What is connected to ada's account: grants that could still give a token. */
static size_t connections(const failing *f)
{
    istauth_apps apps;

    assert_int_equal(istauth_apps_list(&apps, f->w->server, ADA, &f->w->arena), ISTAUTH_OK);
    return apps.count ? apps.items[0].connections : 0;
}

static void nothing_issued(const failing *f)
{
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_TOKEN_ISSUED), 0);
    assert_int_equal(connections(f), 0);
}

static void expect_trouble(const reply *r, int status)
{
    assert_int_equal(r->status, status);
    assert_string_equal(reply_str(r, "error"),
                        status == 503 ? "temporarily_unavailable" : "server_error");
    assert_false(reply_has(r, "access_token"));
    assert_false(reply_has(r, "refresh_token"));
    assert_null(strstr(r->body, "ist_"));
}

static void test_cd_14_a_store_that_fails_before_it_spends_leaves_the_code(void **state)
{
    static const struct {
        istauth_store_op op;
        istauth_status answer;
        int status;
    } rows[] = { { ISTAUTH_STORE_CODE_REDEEM, ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_STORE_CODE_REDEEM, ISTAUTH_E_NO_MEMORY, 503 },
                 { ISTAUTH_STORE_CODE_REDEEM, ISTAUTH_E_EXISTS, 500 },
                 { ISTAUTH_STORE_CODE_REDEEM, (istauth_status)7, 500 },
                 { ISTAUTH_STORE_CODE_GET, ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_STORE_CODE_GET, ISTAUTH_E_SPENT, 500 },
                 { ISTAUTH_STORE_CLIENT_GET, ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_STORE_CLIENT_GET, ISTAUTH_E_REVOKED, 500 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        failing f;

        failing_open(&f);
        plan(&f, rows[i].op, 1, rows[i].answer, ISTAUTH_FAULT_ONCE);
        expect_trouble(world_redeem(f.w, f.client_id, f.code), rows[i].status);
        assert_int_equal(istauth_store_shim_faults(&f.faults), 1);
        nothing_issued(&f);
        assert_int_equal(world_redeem(f.w, f.client_id, f.code)->status, 200);
        failing_close(&f);
    }
}

static void test_cd_14_when_the_outcome_is_unknown_no_second_pair_is_issued(void **state)
{
    failing f;

    (void)state;
    failing_open(&f);
    plan(&f, ISTAUTH_STORE_CODE_REDEEM, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    expect_trouble(world_redeem(f.w, f.client_id, f.code), 503);
    /* It did happen. The tokens that nobody has seen die with the retry. */
    expect_error(world_redeem(f.w, f.client_id, f.code), 400, "invalid_grant");
    nothing_issued(&f);
    failing_close(&f);
}

static reply *redeem_wrongly(const failing *f)
{
    return world_post_form(f->w, "/api/oauth/token",
                           world_text(f->w,
                                      "grant_type=authorization_code&client_id=%s&code=%s"
                                      "&code_verifier=" WORLD_VERIFIER "x",
                                      f->client_id, f->code));
}

/* A burn that fails is no refusal: the code may still be good, and the answer says "try again". */
static void test_cd_14_pk_06_a_burn_that_fails_is_reported(void **state)
{
    failing f;

    (void)state;
    failing_open(&f);
    plan(&f, ISTAUTH_STORE_GRANT_REVOKE, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_ONCE);
    expect_trouble(redeem_wrongly(&f), 503);
    expect_error(redeem_wrongly(&f), 400, "invalid_grant");
    expect_error(world_redeem(f.w, f.client_id, f.code), 400, "invalid_grant");
    failing_close(&f);
}

/* What two threads only meet by chance: the other one was faster, between this one's look at the
 * credential and its step. */
static void test_rf_03_the_loser_of_a_race_ends_the_family(void **state)
{
    static const struct {
        istauth_status answer;
        size_t alarms;
    } rows[] = { { ISTAUTH_E_SPENT, 1 }, { ISTAUTH_E_REVOKED, 0 }, { ISTAUTH_E_NOT_FOUND, 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        int after = rows[i].alarms ? 400 : 200;
        failing f;

        failing_open(&f);
        plan(&f, ISTAUTH_STORE_CODE_REDEEM, 1, rows[i].answer, ISTAUTH_FAULT_ONCE);
        expect_error(world_redeem(f.w, f.client_id, f.code), 400, "invalid_grant");
        assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), rows[i].alarms);
        assert_int_equal(world_redeem(f.w, f.client_id, f.code)->status, after);
        failing_close(&f);
        failing_connect(&f);
        plan(&f, ISTAUTH_STORE_REFRESH_ROTATE, 1, rows[i].answer, ISTAUTH_FAULT_ONCE);
        expect_error(world_refresh(f.w, f.client_id, f.refresh), 400, "invalid_grant");
        assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), rows[i].alarms);
        assert_int_equal(lives(f.w, f.access), !rows[i].alarms);
        assert_int_equal(world_refresh(f.w, f.client_id, f.refresh)->status, after);
        failing_close(&f);
    }
}

static void test_rf_15_a_store_that_fails_before_it_rotates_leaves_the_token(void **state)
{
    static const struct {
        istauth_store_op op;
        istauth_status answer;
        int status;
    } rows[] = { { ISTAUTH_STORE_REFRESH_ROTATE, ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_STORE_REFRESH_ROTATE, ISTAUTH_E_NO_MEMORY, 503 },
                 { ISTAUTH_STORE_REFRESH_ROTATE, ISTAUTH_E_EXISTS, 500 },
                 { ISTAUTH_STORE_REFRESH_ROTATE, (istauth_status)7, 500 },
                 { ISTAUTH_STORE_TOKEN_GET, ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_STORE_TOKEN_GET, ISTAUTH_E_SPENT, 500 },
                 { ISTAUTH_STORE_CLIENT_GET, ISTAUTH_E_UNAVAILABLE, 503 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        failing f;
        reply *r;

        failing_connect(&f);
        plan(&f, rows[i].op, 1, rows[i].answer, ISTAUTH_FAULT_ONCE);
        expect_trouble(world_refresh(f.w, f.client_id, f.refresh), rows[i].status);
        assert_int_equal(istauth_store_shim_faults(&f.faults), 1);
        assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REFRESHED), 0);
        assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
        assert_true(lives(f.w, f.access));
        r = world_refresh(f.w, f.client_id, f.refresh);
        assert_int_equal(r->status, 200);
        assert_true(lives(f.w, reply_str(r, "access_token")));
        failing_close(&f);
    }
}

static void test_rf_15_rf_22_when_the_outcome_is_unknown_there_is_no_second_leaf(void **state)
{
    failing f;

    (void)state;
    failing_connect(&f);
    plan(&f, ISTAUTH_STORE_REFRESH_ROTATE, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    expect_trouble(world_refresh(f.w, f.client_id, f.refresh), 503);
    assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REFRESHED), 0);
    assert_int_equal(connections(&f), 1);
    /* It did happen. Strictly, the retry is a reuse: the pair that nobody has seen dies with it. */
    expect_error(world_refresh(f.w, f.client_id, f.refresh), 400, "invalid_grant");
    assert_false(lives(f.w, f.access));
    assert_int_equal(connections(&f), 0);
    assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
    failing_close(&f);
}

static void test_rf_21_a_reuse_that_cannot_be_punished_is_no_success(void **state)
{
    failing f;
    reply *next;

    (void)state;
    failing_connect(&f);
    next = world_refresh(f.w, f.client_id, f.refresh);
    plan(&f, ISTAUTH_STORE_GRANT_REVOKE, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_FOREVER);
    for (int i = 0; i < 2; i++)
        expect_trouble(world_refresh(f.w, f.client_id, f.refresh), 503);
    assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    assert_int_equal(connections(&f), 1);
    plan(&f, ISTAUTH_STORE_ANY, 0, ISTAUTH_OK, ISTAUTH_FAULT_ONCE); /* it recovers */
    expect_error(world_refresh(f.w, f.client_id, f.refresh), 400, "invalid_grant");
    assert_int_equal(world_events(f.w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
    assert_false(lives(f.w, reply_str(next, "access_token")));
    expect_error(world_refresh(f.w, f.client_id, reply_str(next, "refresh_token")), 400,
                 "invalid_grant");
    assert_int_equal(connections(&f), 0);
    failing_close(&f);
}

/* "Not found" for what was read a moment ago is a store that lost something, not a dead family. */
static void test_rf_21_a_family_that_vanishes_while_it_is_revoked_is_trouble(void **state)
{
    failing f;

    (void)state;
    failing_connect(&f);
    (void)world_refresh(f.w, f.client_id, f.refresh);
    plan(&f, ISTAUTH_STORE_GRANT_REVOKE, 1, ISTAUTH_E_NOT_FOUND, ISTAUTH_FAULT_ONCE);
    expect_trouble(world_refresh(f.w, f.client_id, f.refresh), 500);
    expect_error(world_refresh(f.w, f.client_id, f.refresh), 400, "invalid_grant");
    assert_int_equal(connections(&f), 0);
    failing_close(&f);
}

/* A replayed code has the same duty. */
static void test_rf_21_cd_02_a_replayed_code_that_cannot_be_punished_is_no_success(void **state)
{
    failing f;

    (void)state;
    failing_connect(&f);
    plan(&f, ISTAUTH_STORE_GRANT_REVOKE, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_ONCE);
    expect_trouble(world_redeem(f.w, f.client_id, f.code), 503);
    assert_true(lives(f.w, f.access));
    expect_error(world_redeem(f.w, f.client_id, f.code), 400, "invalid_grant");
    assert_false(lives(f.w, f.access));
    failing_close(&f);
}

static void test_rf_22_a_commit_that_fails_puts_no_token_on_the_wire(void **state)
{
    static const unsigned how[] = { ISTAUTH_FAULT_ONCE, ISTAUTH_FAULT_AFTER };
    failing f;

    (void)state;
    for (size_t i = 0; i < COUNT(how); i++) {
        failing_open(&f);
        plan(&f, ISTAUTH_STORE_CODE_REDEEM, 1, ISTAUTH_E_UNAVAILABLE, how[i]);
        expect_trouble(world_redeem(f.w, f.client_id, f.code), 503);
        failing_close(&f);
        failing_connect(&f);
        plan(&f, ISTAUTH_STORE_REFRESH_ROTATE, 1, ISTAUTH_E_UNAVAILABLE, how[i]);
        expect_trouble(world_refresh(f.w, f.client_id, f.refresh), 503);
        failing_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cd_14_a_store_that_fails_before_it_spends_leaves_the_code),
        cmocka_unit_test(test_cd_14_when_the_outcome_is_unknown_no_second_pair_is_issued),
        cmocka_unit_test(test_cd_14_pk_06_a_burn_that_fails_is_reported),
        cmocka_unit_test(test_rf_03_the_loser_of_a_race_ends_the_family),
        cmocka_unit_test(test_rf_15_a_store_that_fails_before_it_rotates_leaves_the_token),
        cmocka_unit_test(test_rf_15_rf_22_when_the_outcome_is_unknown_there_is_no_second_leaf),
        cmocka_unit_test(test_rf_21_a_reuse_that_cannot_be_punished_is_no_success),
        cmocka_unit_test(test_rf_21_a_family_that_vanishes_while_it_is_revoked_is_trouble),
        cmocka_unit_test(test_rf_21_cd_02_a_replayed_code_that_cannot_be_punished_is_no_success),
        cmocka_unit_test(test_rf_22_a_commit_that_fails_puts_no_token_on_the_wire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
