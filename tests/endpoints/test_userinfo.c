/* Userinfo: each identity scope reveals exactly its own claims, and only to an OAuth access token. */
#include "support/person.h"

#define USERINFO "/api/oauth/userinfo"

static reply *ask(world *w, const char *token)
{
    return world_call(w, "GET", USERINFO, NULL, bearer_line(w, token), NULL, 0);
}

static void expect_claims(world *w, const char *scope, const char *claims)
{
    reply *r = ask(w, connect_app(w, scope).access);

    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, claims);
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_string_equal(reply_header(r, "content-type"), "application/json");
}

#define SUB "\"sub\":\"user_ada\""
#define PROFILE "\"name\":\"Ada Lovelace\",\"picture\":\"https://as.example/ada.png\""
#define EMAIL "\"email\":\"ada@example.com\",\"email_verified\":true"

static void test_oi_02_each_scope_reveals_its_own_claims(void **state)
{
    world *w = *state;

    expect_claims(w, "openid", "{" SUB "}");
    expect_claims(w, "profile", "{" PROFILE "}");
    expect_claims(w, "email", "{" EMAIL "}");
    expect_claims(w, "openid email", "{" SUB "," EMAIL "}");
    expect_claims(w, "profile openid", "{" SUB "," PROFILE "}");
    expect_claims(w, "mcp email profile openid", "{" SUB "," PROFILE "," EMAIL "}");
}

static void test_oi_02_without_an_identity_scope_nothing_is_revealed(void **state)
{
    world *w = *state;
    reply *r = ask(w, connect_app(w, "mcp mcp:read").access);

    expect_error(r, 403, "insufficient_scope");
    assert_null(strstr(r->body, "ada"));
    assert_non_null(strstr(reply_header(r, "www-authenticate"), "scope=\"openid\""));
}

static void test_oi_02_a_narrowed_token_reveals_less(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp openid email");
    reply *r = world_post_form(w, "/api/oauth/token",
                               world_text(w,
                                          "grant_type=refresh_token&client_id=%s&refresh_token=%s"
                                          "&scope=openid",
                                          c.client_id, c.refresh));

    assert_string_equal(ask(w, reply_str(r, "access_token"))->body, "{" SUB "}");
    r = world_refresh(w, c.client_id, reply_str(r, "refresh_token"));
    assert_string_equal(ask(w, reply_str(r, "access_token"))->body, "{" SUB "," EMAIL "}");
}

static void test_oi_02_a_get_and_a_post_answer_the_same(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "openid");
    reply *get = ask(w, c.access);
    reply *post = world_call(w, "POST", USERINFO, NULL,
                             world_text(w, FORM "%s", bearer_line(w, c.access)), "", 0);

    assert_int_equal(post->status, 200);
    assert_string_equal(post->body, get->body);
    assert_string_equal(post->headers, get->headers);
    expect_error(world_call(w, "PUT", USERINFO, NULL, bearer_line(w, c.access), NULL, 0), 405,
                 "invalid_request");
}

static void test_be_01_be_08_whoever_proves_nothing_is_challenged(void **state)
{
    static const char start[] = "Bearer resource_metadata=\"https://as.example/.well-known/"
                                "oauth-protected-resource/mcp\", scope=\"openid\"";
    world *w = *state;
    connection c = connect_app(w, "openid");
    reply *r = world_get(w, USERINFO, NULL);
    const char *const lines[] = {
        "Authorization: Bearer x\r\n",
        world_text(w, "Authorization: Bearer %s\r\n", c.refresh),
        world_text(w, "Authorization: Bearer %s\r\nAuthorization: Bearer %s\r\n", c.access,
                   c.access),
        world_text(w, "Authorization: Bearer %s \r\nAuthorization:\r\n", c.access),
    };

    expect_error(r, 401, "invalid_token"); /* in the body alone */
    assert_string_equal(reply_header(r, "www-authenticate"), start);
    r = world_call(w, "GET", USERINFO, NULL, "Authorization: Basic eDp5\r\n", NULL, 0);
    assert_string_equal(reply_header(r, "www-authenticate"), start);
    for (size_t i = 0; i < COUNT(lines); i++) {
        r = world_call(w, "GET", USERINFO, NULL, lines[i], NULL, 0);
        expect_error(r, 401, "invalid_token");
        assert_int_equal(strncmp(reply_header(r, "www-authenticate"), "Bearer error=\"invalid_token\"",
                                 28),
                         0);
        assert_null(strstr(r->body, "ada"));
    }
    w->now += 3600;
    expect_error(ask(w, c.access), 401, "invalid_token");
}

static void test_be_22_a_personal_token_reveals_nothing(void **state)
{
    world *w = *state;
    istauth_id id;
    char *token = personal_token(w, &id, "mcp openid profile email");
    reply *r = ask(w, token);

    expect_error(r, 401, "invalid_token");
    assert_null(strstr(r->body, "ada"));
    assert_true(opens(w, token));
}

/* It is about the person, so a token for any of this server's resources will do. */
static void test_oi_02_a_token_for_any_resource_of_ours_is_good_and_for_no_other(void **state)
{
    world *w = world_new();
    char *client, *token;

    (void)state;
    w->config.resource_count = 2;
    world_open(w);
    client = world_register(w, WORLD_CLIENT_REDIRECT);
    token = connect_again(w, client, "scope=openid&resource=https://as.example/other").access;
    assert_string_equal(ask(w, token)->body, "{" SUB "}");
    w->config.resource_count = 1;
    world_reopen(w); /* that resource is not ours any more */
    expect_error(ask(w, token), 401, "invalid_token");
    world_free(w);
}

/* --- what the host answers --- */

static istauth_claims answered;
static istauth_status answered_status;

static istauth_status answer_claims(void *ctx, istauth_claims *claims, istauth_str subject,
                                    istauth_arena *arena)
{
    (void)ctx;
    (void)subject;
    (void)arena;
    *claims = answered;
    return answered_status;
}

static world *world_that_answers(istauth_claims claims, istauth_status status)
{
    world *w = world_new();

    answered = claims;
    answered_status = status;
    w->config.hooks.claims = answer_claims;
    world_open(w);
    return w;
}

static void test_oi_02_what_the_host_does_not_know_is_left_out(void **state)
{
    world *w = world_that_answers((istauth_claims){ .email_verified = true }, ISTAUTH_OK);

    (void)state;
    expect_claims(w, "openid profile email", "{" SUB "}");
    expect_claims(w, "profile email", "{}");
    answered.name = ISTAUTH_STR("Ada");
    expect_claims(w, "openid profile email", "{" SUB ",\"name\":\"Ada\"}");
    world_free(w);
}

static void test_oi_02_an_email_says_truthfully_whether_it_is_verified(void **state)
{
    world *w = world_that_answers((istauth_claims){ .email = ISTAUTH_STR("a@b.ex") }, ISTAUTH_OK);

    (void)state;
    expect_claims(w, "email", "{\"email\":\"a@b.ex\",\"email_verified\":false}");
    answered.email_verified = true;
    expect_claims(w, "email", "{\"email\":\"a@b.ex\",\"email_verified\":true}");
    world_free(w);
}

static void test_oi_02_an_account_that_is_gone_is_an_invalid_token(void **state)
{
    world *w = world_that_answers((istauth_claims){ .name = ISTAUTH_STR("Ada") },
                                  ISTAUTH_E_NOT_FOUND);
    reply *r = ask(w, connect_app(w, "openid profile").access);

    (void)state;
    expect_error(r, 401, "invalid_token");
    assert_null(strstr(r->body, "Ada"));
    world_free(w);
}

static void test_be_17_a_host_that_fails_is_5xx_and_reveals_nothing(void **state)
{
    static const struct {
        istauth_status answer;
        int status;
    } rows[] = {
        { ISTAUTH_E_UNAVAILABLE, 503 },    { ISTAUTH_E_NO_MEMORY, 503 },
        { ISTAUTH_E_INVALID_TOKEN, 500 },  { ISTAUTH_E_ACCESS_DENIED, 500 },
        { ISTAUTH_E_NO_CREDENTIALS, 500 }, { (istauth_status)17, 500 },
    };
    world *w = world_that_answers((istauth_claims){ .name = ISTAUTH_STR("Ada") }, ISTAUTH_OK);
    connection c = connect_app(w, "openid profile");

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        reply *r;

        answered_status = rows[i].answer;
        r = ask(w, c.access);
        assert_int_equal(r->status, rows[i].status);
        assert_null(reply_header(r, "www-authenticate"));
        assert_null(strstr(r->body, "Ada"));
    }
    answered_status = ISTAUTH_OK;
    assert_int_equal(ask(w, c.access)->status, 200);
    world_free(w);
}

static void test_be_17_a_store_that_fails_is_503(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "openid");
    reply *r;

    break_op(f, ISTAUTH_STORE_TOKEN_GET, 1);
    r = ask(f->w, c.access);
    expect_error(r, 503, "temporarily_unavailable");
    assert_null(reply_header(r, "www-authenticate"));
    assert_string_equal(reply_header(r, "retry-after"), "5");
    assert_int_equal(ask(f->w, c.access)->status, 200);
}

static void test_without_claims_there_is_no_such_endpoint_and_no_such_scope(void **state)
{
    world *w = world_new();
    reply *r;

    (void)state;
    w->config.hooks.claims = NULL;
    world_open(w);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(USERINFO)), ISTAUTH_ENDPOINT_NONE);
    r = world_connect(w, "mcp openid email", NULL);
    assert_string_equal(reply_str(r, "scope"), "mcp");
    expect_redirect_error(world_get(w, "/oauth/authorize",
                                    world_query(w, world_register(w, WORLD_CLIENT_REDIRECT),
                                                WORLD_CLIENT_REDIRECT, "scope=openid+email")),
                          WORLD_CLIENT_REDIRECT, "invalid_scope", NULL);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_oi_02_each_scope_reveals_its_own_claims),
        CASE(test_oi_02_without_an_identity_scope_nothing_is_revealed),
        CASE(test_oi_02_a_narrowed_token_reveals_less),
        CASE(test_oi_02_a_get_and_a_post_answer_the_same),
        CASE(test_be_01_be_08_whoever_proves_nothing_is_challenged),
        CASE(test_be_22_a_personal_token_reveals_nothing),
        cmocka_unit_test(
            test_oi_02_a_token_for_any_resource_of_ours_is_good_and_for_no_other),
        cmocka_unit_test(test_oi_02_what_the_host_does_not_know_is_left_out),
        cmocka_unit_test(test_oi_02_an_email_says_truthfully_whether_it_is_verified),
        cmocka_unit_test(test_oi_02_an_account_that_is_gone_is_an_invalid_token),
        cmocka_unit_test(test_be_17_a_host_that_fails_is_5xx_and_reveals_nothing),
        FAULTY_CASE(test_be_17_a_store_that_fails_is_503),
        cmocka_unit_test(test_without_claims_there_is_no_such_endpoint_and_no_such_scope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
