/* Revocation (RFC 7009): what it kills, what it leaves alone, and what it tells nobody. */
#include "support/person.h"

#include <sodium.h>

#define REVOKE "/api/oauth/revoke"

static reply *revoke(world *w, const char *client_id, const char *token, const char *more)
{
    return world_post_form(w, REVOKE,
                           world_text(w, "client_id=%s&token=%s%s", client_id, token, more));
}

/* 200 with an empty object and CORS: all that a success ever says. */
static void expect_done(const reply *r)
{
    if (r->status != 200)
        fail_msg("expected 200, got %d %s", r->status, r->body);
    assert_string_equal(r->body, "{}");
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
    assert_null(reply_header(r, "www-authenticate"));
}

/* A token that looks right and was never issued. */
static char *unknown_token(world *w, istauth_token_kind kind)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 9, 9, 9 };
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;

    assert_int_equal(istauth_token_mint(text, &key, kind, ISTAUTH_STR("ist"), random), ISTAUTH_OK);
    return world_text(w, "%s", text);
}

static void test_rv_01_an_access_token_dies_alone(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    expect_done(revoke(w, c.client_id, c.access, ""));
    assert_false(opens(w, c.access));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 1);
    assert_int_equal(apps_of(w, ADA).count, 1);
    assert_true(refreshes(w, &c));
}

static void test_rv_01_a_refresh_token_takes_its_family_along(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *second = world_refresh(w, c.client_id, c.refresh);
    const char *newest = reply_str(second, "refresh_token");

    expect_done(revoke(w, c.client_id, newest, ""));
    assert_false(opens(w, c.access));
    assert_false(opens(w, reply_str(second, "access_token")));
    expect_error(world_refresh(w, c.client_id, newest), 400, "invalid_grant");
    assert_int_equal(apps_of(w, ADA).count, 0);
}

/* A logout with the token before the last means the same: nobody else would hold it. */
static void test_rv_01_a_refresh_token_that_was_rotated_takes_its_family_along(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *second = world_refresh(w, c.client_id, c.refresh);

    expect_done(revoke(w, c.client_id, c.refresh, ""));
    assert_false(opens(w, reply_str(second, "access_token")));
    expect_error(world_refresh(w, c.client_id, reply_str(second, "refresh_token")), 400,
                 "invalid_grant");
}

static void test_rv_01_another_connection_of_the_same_client_lives_on(void **state)
{
    world *w = *state;
    connection phone = connect_app(w, "mcp"), desk = connect_again(w, phone.client_id, NULL);

    expect_done(revoke(w, phone.client_id, phone.refresh, ""));
    assert_false(opens(w, phone.access));
    assert_true(opens(w, desk.access));
    assert_true(refreshes(w, &desk));
}

static void test_rv_03_tokens_that_mean_nothing_are_a_success(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    const char *const garbage[] = {
        "x",
        "%20",
        "ist_at_",
        "ist_rt_short",
        "%C3%A9",
        unknown_token(w, ISTAUTH_TOKEN_ACCESS),
        unknown_token(w, ISTAUTH_TOKEN_REFRESH),
        unknown_token(w, ISTAUTH_TOKEN_CODE),
        world_text(w, "%sA", c.refresh),
        world_text(w, "%.*s", (int)strlen(c.refresh) - 1, c.refresh),
        world_text(w, "xyz%s", c.refresh + 3),
        world_text(w, "%s%%20", c.access),
    };

    for (size_t i = 0; i < COUNT(garbage); i++)
        expect_done(revoke(w, c.client_id, garbage[i], ""));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
    assert_true(opens(w, c.access));
    assert_true(refreshes(w, &c));
}

static void test_rv_03_revoking_again_is_a_success(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    for (int i = 0; i < 3; i++)
        expect_done(revoke(w, c.client_id, c.access, ""));
    for (int i = 0; i < 3; i++)
        expect_done(revoke(w, c.client_id, c.refresh, ""));
    expect_done(revoke(w, c.client_id, c.access, ""));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static void test_rv_03_expired_and_purged_tokens_are_a_success(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    size_t removed;

    w->now += 31 * 86400;
    expect_done(revoke(w, c.client_id, c.access, ""));
    expect_done(revoke(w, c.client_id, c.refresh, ""));
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    assert_true(removed > 0);
    expect_done(revoke(w, c.client_id, c.access, ""));
    expect_done(revoke(w, c.client_id, c.refresh, ""));
}

static void test_rv_04_another_clients_token_stays_as_it_is(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp"), other = connect_app(w, "mcp");

    expect_done(revoke(w, other.client_id, c.access, ""));
    expect_done(revoke(w, other.client_id, c.refresh, ""));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
    assert_true(opens(w, c.access));
    assert_true(refreshes(w, &c));
}

static void test_rv_05_a_public_client_revokes_with_its_id_alone(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *r = world_call(w, "POST", REVOKE, NULL, FORM,
                          world_text(w, "token=%s&client_id=%s", c.access, c.client_id),
                          strlen("token=&client_id=") + strlen(c.access) + strlen(c.client_id));

    expect_done(r);
    assert_false(opens(w, c.access));
}

static void test_rv_05_an_empty_secret_is_none(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    expect_done(revoke(w, c.client_id, c.refresh, "&client_secret="));
    assert_false(opens(w, c.access));
}

static void test_rv_05_a_secret_that_a_public_client_invents_proves_nothing(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    expect_error(revoke(w, c.client_id, c.refresh, "&client_secret=x"), 401, "invalid_client");
    assert_true(opens(w, c.access));
}

static void test_rv_07_a_wrong_or_unknown_hint_is_ignored(void **state)
{
    static const char *const hints[] = { "access_token", "refresh_token", "", "id_token",
                                         "personal_token", "%F0%9F%94%91" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(hints); i++) {
        connection c = connect_app(w, "mcp");
        char *hint = world_text(w, "&token_type_hint=%s", hints[i]);

        expect_done(revoke(w, c.client_id, c.access, hint));
        assert_false(opens(w, c.access));
        expect_done(revoke(w, c.client_id, c.refresh, hint));
        assert_false(refreshes(w, &c));
    }
}

static void test_rv_08_requests_that_cannot_be_read(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *form = world_text(w, "client_id=%s&token=%s", c.client_id, c.access);
    char *json = world_text(w, "{\"client_id\":\"%s\",\"token\":\"%s\"}", c.client_id, c.access);
    reply *r;

    expect_error(world_post_form(w, REVOKE, world_text(w, "client_id=%s", c.client_id)), 400,
                 "invalid_request");
    expect_error(revoke(w, c.client_id, "", ""), 400, "invalid_request");
    expect_error(world_post_form(w, REVOKE, world_text(w, "%s&token=%s", form, c.access)), 400,
                 "invalid_request");
    expect_error(world_post_form(w, REVOKE, world_text(w, "%s&client_id=%s", form, c.client_id)),
                 400, "invalid_request");
    expect_error(world_post_json(w, REVOKE, json), 400, "invalid_request");
    expect_error(world_call(w, "POST", REVOKE, NULL, NULL, form, strlen(form)), 400,
                 "invalid_request");
    expect_error(world_call(w, "POST", REVOKE, form, FORM, "", 0), 401, "invalid_client");
    r = world_get(w, REVOKE, form);
    expect_error(r, 405, "invalid_request");
    assert_string_equal(reply_header(r, "allow"), "POST, OPTIONS");
    assert_true(opens(w, c.access));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
}

static void test_rv_08_a_body_over_the_limit_is_not_read(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *form = world_text(w, "client_id=%s&token=%s&x=%020000d", c.client_id, c.access, 0);

    expect_error(world_post_form(w, REVOKE, form), 413, "invalid_request");
    assert_true(opens(w, c.access));
}

/* The possession of a token is not enough: RFC 7009 2.1 wants to know the client. */
static void test_rv_10_without_a_client_nothing_is_revoked(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *r;

    expect_error(world_post_form(w, REVOKE, world_text(w, "token=%s", c.access)), 401,
                 "invalid_client");
    expect_error(revoke(w, "", c.access, ""), 401, "invalid_client");
    expect_error(revoke(w, "0123456789abcdef0123456789abcdef", c.access, ""), 401,
                 "invalid_client");
    r = world_call(w, "POST", REVOKE, NULL, world_text(w, FORM "%s", bearer_line(w, c.access)),
                   world_text(w, "token=%s", c.access), strlen(c.access) + strlen("token="));
    expect_error(r, 401, "invalid_client");
    assert_true(opens(w, c.access));
}

static void test_rv_11_a_revoked_refresh_token_raises_no_alarm(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    expect_done(revoke(w, c.client_id, c.refresh, ""));
    for (int i = 0; i < 5; i++)
        expect_error(world_refresh(w, c.client_id, c.refresh), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static void test_rv_12_a_personal_token_is_its_owners_to_delete(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    istauth_id id;
    char *token = personal_token(w, &id, "mcp");

    expect_done(revoke(w, c.client_id, token, ""));
    expect_done(revoke(w, c.client_id, token, "&token_type_hint=access_token"));
    assert_true(opens(w, token));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_PERSONAL_REVOKED), 0);
}

static void test_rv_12_a_code_is_not_a_token(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);

    expect_done(revoke(w, client_id, code, ""));
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
}

static void expect_same(const reply *a, const reply *b)
{
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->headers, b->headers);
    assert_string_equal(a->body, b->body);
}

static void test_rv_13_no_answer_tells_whether_a_token_exists(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp"), other = connect_app(w, "mcp");
    reply *unknown = revoke(w, c.client_id, unknown_token(w, ISTAUTH_TOKEN_ACCESS), "");

    expect_same(unknown, revoke(w, other.client_id, c.access, ""));
    expect_same(unknown, revoke(w, other.client_id, c.refresh, ""));
    expect_same(unknown, revoke(w, c.client_id, c.access, ""));
    expect_same(unknown, revoke(w, c.client_id, c.access, ""));
    expect_same(unknown, revoke(w, c.client_id, c.refresh, ""));
    expect_same(unknown, revoke(w, c.client_id, "garbage", ""));
}

static reply *revoke_with_basic(world *w, const char *pair, const char *token)
{
    char base64[256], *body = world_text(w, "token=%s", token);

    sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)pair, strlen(pair),
                      sodium_base64_VARIANT_ORIGINAL);
    return world_call(w, "POST", REVOKE, NULL,
                      world_text(w, FORM "Authorization: Basic %s\r\n", base64), body,
                      strlen(body));
}

static void test_rv_05_a_basic_header_without_a_secret_names_the_client(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *r = revoke_with_basic(w, "nobody:", c.refresh);

    expect_error(r, 401, "invalid_client");
    assert_string_equal(reply_header(r, "www-authenticate"), "Basic realm=\"oauth\"");
    r = revoke_with_basic(w, world_text(w, "%s:secret", c.client_id), c.refresh);
    expect_error(r, 401, "invalid_client");
    assert_true(opens(w, c.access));
    expect_done(revoke_with_basic(w, world_text(w, "%s:", c.client_id), c.refresh));
    assert_false(opens(w, c.access));
}

static void test_rv_03_a_store_that_fails_is_never_a_success(void **state)
{
    static const istauth_store_op ops[] = { ISTAUTH_STORE_CLIENT_GET, ISTAUTH_STORE_TOKEN_GET,
                                            ISTAUTH_STORE_GRANT_REVOKE };
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    for (size_t i = 0; i < COUNT(ops); i++) {
        reply *r;

        break_op(f, ops[i], 1);
        r = revoke(f->w, c.client_id, c.refresh, "");
        expect_error(r, 503, "temporarily_unavailable");
        assert_string_equal(reply_header(r, "retry-after"), "5");
        assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
        assert_int_equal(faults_of(f), 1);
        assert_true(opens(f->w, c.access));
    }
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_REVOKED), 0);
    expect_done(revoke(f->w, c.client_id, c.refresh, ""));
    assert_false(opens(f->w, c.access));
}

static void test_rv_03_a_store_that_forgot_what_it_just_showed_is_no_success(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    plan_fault(f, ISTAUTH_STORE_TOKEN_REVOKE, 1, ISTAUTH_E_NOT_FOUND, ISTAUTH_FAULT_ONCE);
    expect_error(revoke(f->w, c.client_id, c.access, ""), 500, "server_error");
    assert_true(opens(f->w, c.access));
}

static void test_rv_03_garbage_costs_no_look_at_the_tokens(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");
    istauth_id id;
    char *token = personal_token(f->w, &id, "mcp");

    break_op(f, ISTAUTH_STORE_ANY, 0);
    expect_done(revoke(f->w, c.client_id, "ist_rt_garbage", ""));
    expect_done(revoke(f->w, c.client_id, token, ""));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_TOKEN_GET), 0);
    expect_done(revoke(f->w, c.client_id, c.refresh, ""));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_TOKEN_GET), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rv_01_an_access_token_dies_alone),
        CASE(test_rv_01_a_refresh_token_takes_its_family_along),
        CASE(test_rv_01_a_refresh_token_that_was_rotated_takes_its_family_along),
        CASE(test_rv_01_another_connection_of_the_same_client_lives_on),
        CASE(test_rv_03_tokens_that_mean_nothing_are_a_success),
        CASE(test_rv_03_revoking_again_is_a_success),
        CASE(test_rv_03_expired_and_purged_tokens_are_a_success),
        CASE(test_rv_04_another_clients_token_stays_as_it_is),
        CASE(test_rv_05_a_public_client_revokes_with_its_id_alone),
        CASE(test_rv_05_an_empty_secret_is_none),
        CASE(test_rv_05_a_secret_that_a_public_client_invents_proves_nothing),
        CASE(test_rv_07_a_wrong_or_unknown_hint_is_ignored),
        CASE(test_rv_08_requests_that_cannot_be_read),
        CASE(test_rv_08_a_body_over_the_limit_is_not_read),
        CASE(test_rv_10_without_a_client_nothing_is_revoked),
        CASE(test_rv_11_a_revoked_refresh_token_raises_no_alarm),
        CASE(test_rv_12_a_personal_token_is_its_owners_to_delete),
        CASE(test_rv_12_a_code_is_not_a_token),
        CASE(test_rv_13_no_answer_tells_whether_a_token_exists),
        CASE(test_rv_05_a_basic_header_without_a_secret_names_the_client),
        FAULTY_CASE(test_rv_03_a_store_that_fails_is_never_a_success),
        FAULTY_CASE(test_rv_03_a_store_that_forgot_what_it_just_showed_is_no_success),
        FAULTY_CASE(test_rv_03_garbage_costs_no_look_at_the_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
