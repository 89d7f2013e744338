/* Resource indicators (RFC 8707): which resource a request means, and that a token is for it alone. */
#include "support/person.h"

#define MCP "https://as.example/mcp"
#define OTHER "https://as.example/other"
#define TOKEN "/api/oauth/token"

static world *world_of_two(void)
{
    world *w = world_new();

    w->config.resource_count = 2;
    world_open(w);
    return w;
}

static reply *ask(world *w, const char *client_id, const char *more)
{
    return world_get(w, "/oauth/authorize",
                     world_query(w, client_id, WORLD_CLIENT_REDIRECT, more));
}

static char *resource(world *w, const char *value)
{
    return world_text(w, "resource=%s", world_encode(w, value));
}

/* What the token of a request with this resource is for. */
static void expect_audience(world *w, const char *more, const char *audience)
{
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *header;
    connection c = connect_again(w, client, more);
    istauth_access access;

    header = world_text(w, "Bearer %s", c.access);
    if (istauth_verify(&access, w->server, istauth_str_of(header), istauth_str_of(audience),
                       &w->arena))
        fail_msg("%s does not open %s", more, audience);
    assert_true(istauth_str_equal(access.resource, istauth_str_of(audience)));
}

static void expect_refused(world *w, const char *more)
{
    reply *r = ask(w, world_register(w, WORLD_CLIENT_REDIRECT), more);

    if (r->open)
        fail_msg("%s is taken", more);
    expect_redirect_error(r, WORLD_CLIENT_REDIRECT, "invalid_target", NULL);
}

static reply *redeem(world *w, const char *client_id, const char *code, const char *more)
{
    return world_post_form(w, TOKEN,
                           world_text(w,
                                      "grant_type=authorization_code&client_id=%s&code=%s"
                                      "&code_verifier=" WORLD_VERIFIER "&%s",
                                      client_id, code, more));
}

static reply *refresh(world *w, const connection *c, const char *more)
{
    return world_post_form(w, TOKEN,
                           world_text(w, "grant_type=refresh_token&client_id=%s&refresh_token=%s&%s",
                                      c->client_id, c->refresh, more));
}

static void test_ri_01_without_a_resource_it_is_the_first_one(void **state)
{
    world *w = world_of_two();

    (void)state;
    expect_audience(w, NULL, MCP);
    expect_audience(w, "resource=", MCP);
    expect_audience(w, "resource", MCP);
    world_free(w);
}

static void test_ri_02_spellings_of_the_same_resource(void **state)
{
    static const char *const spellings[] = {
        MCP, MCP "/", "HTTPS://AS.EXAMPLE/mcp", "https://as.example:443/mcp", "HttpS://As.Example:443/mcp/",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(spellings); i++)
        expect_audience(w, resource(w, spellings[i]), MCP);
}

static void test_ri_02_the_slash_may_be_the_configured_ones(void **state)
{
    world *w = world_new();

    (void)state;
    w->resources[0].identifier = ISTAUTH_STR(MCP "/");
    world_open(w);
    expect_audience(w, resource(w, MCP), MCP "/");
    expect_audience(w, resource(w, MCP "/"), MCP "/");
    expect_refused(w, resource(w, MCP "//"));
    world_free(w);
}

static void test_ri_03_an_origin_means_the_only_resource_under_it(void **state)
{
    world *w = *state, *two = world_of_two();

    expect_audience(w, resource(w, "https://as.example/"), MCP);
    expect_audience(w, resource(w, "https://as.example"), MCP);
    expect_refused(w, resource(w, "https://evil.ex/"));
    expect_refused(two, resource(two, "https://as.example/"));
    expect_refused(two, resource(two, "https://as.example"));
    world_free(two);
}

static void test_ri_05_another_resource_at_the_token_endpoint_spends_nothing(void **state)
{
    static const char *const wrong[] = { OTHER, "https://evil.ex/mcp", "x", MCP "x" };
    world *w = world_of_two();
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client, resource(w, MCP));
    connection c = { client, NULL, NULL };
    reply *r;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_error(redeem(w, client, code, resource(w, wrong[i])), 400, "invalid_target");
    r = redeem(w, client, code, resource(w, MCP "/"));
    assert_int_equal(r->status, 200);
    c.refresh = world_text(w, "%s", reply_str(r, "refresh_token"));
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_error(refresh(w, &c, resource(w, wrong[i])), 400, "invalid_target");
    assert_int_equal(refresh(w, &c, resource(w, MCP))->status, 200);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    world_free(w);
}

/* A resource that was authorized stays: the default does not replace it. */
static void test_ri_05_what_was_authorized_holds_when_the_token_request_names_none(void **state)
{
    world *w = world_of_two();
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    connection c = connect_again(w, client, resource(w, OTHER));
    char *header = world_text(w, "Bearer %s",
                              reply_str(world_refresh(w, client, c.refresh), "access_token"));
    istauth_access access;

    (void)state;
    assert_int_equal(istauth_verify(&access, w->server, istauth_str_of(header),
                                    ISTAUTH_STR(OTHER), &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_verify(&access, w->server, istauth_str_of(header), ISTAUTH_STR(MCP),
                                    &w->arena),
                     ISTAUTH_E_INVALID_TOKEN);
    world_free(w);
}

static void test_ri_07_nothing_that_only_looks_alike(void **state)
{
    static const char *const wrong[] = {
        "https://as.example/mcp.evil",     "https://as.example.evil/mcp",
        "https://as.example@evil.ex/mcp",  "https://evil.ex/mcp",
        "https://evil.ex/https://as.example/mcp", "http://as.example/mcp",
        "https://as.example:8443/mcp",     "https://as.example/mcp?x=1",
        "https://as.example/mcp#f",        "https://as.example/mcp/../mcp",
        "https://as.example/mcp/..",       "https://as.example/mcp//",
        "https://as.example//mcp",         "https://as.example/MCP",
        "https://as.example/mc",           "https://as.example/mcp/x",
        "https://as.example/%6dcp",        "https://as.example\\mcp",
        "https:/as.example/mcp",           "//as.example/mcp",
        "as.example/mcp",                  "/mcp",
        "mcp",                             "*",
        " https://as.example/mcp",         "https://as.example/mcp ",
        "https://as.example/mcp\n",        "https://as.example/mcp;x",
        "https://u@as.example/mcp",        "https://as.example./mcp",
        "https://as.example:0443/mcp",     "https://as.example:/mcp",
        "https://\xD0\xB0s.example/mcp",   "urn:mcp",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_refused(w, resource(w, wrong[i]));
}

static void test_ri_07_a_very_long_resource_is_refused(void **state)
{
    world *w = *state;

    expect_refused(w, world_text(w, "resource=https://as.example/%010000d", 0));
}

/* RFC 8707 2 allows the parameter more than once; a token here is for one resource. */
static void test_ri_08_repeated_resources_must_all_mean_the_same(void **state)
{
    world *w = world_of_two();
    char *mcp = resource(w, MCP), *slash = resource(w, MCP "/"), *other = resource(w, OTHER);

    (void)state;
    expect_audience(w, world_text(w, "%s&%s", mcp, slash), MCP);
    expect_audience(w, world_text(w, "resource=&%s", other), OTHER);
    expect_refused(w, world_text(w, "%s&%s", mcp, other));
    expect_refused(w, world_text(w, "%s&%s", other, mcp));
    expect_refused(w, world_text(w, "%s&resource=https://evil.ex", mcp));
    expect_refused(w, world_text(w, "resource=https://evil.ex&%s", mcp));
    world_free(w);
}

static void test_ri_08_no_token_is_ever_issued_for_a_strangers_resource(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "mcp");

    break_op(f, ISTAUTH_STORE_ANY, 0);
    expect_refused(w, resource(w, "https://honest.example/mcp"));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    expect_error(refresh(w, &c, resource(w, "https://honest.example/mcp")), 400,
                 "invalid_target");
    assert_int_equal(calls_of(f, ISTAUTH_STORE_REFRESH_ROTATE), 0);
    assert_true(refreshes(w, &c));
}

static void test_ri_08_an_audience_parameter_means_nothing(void **state)
{
    expect_audience(*state, "audience=https://evil.ex/&aud=https://evil.ex/", MCP);
}

static void test_ri_09_trying_again_without_a_resource_works(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *code = world_code(w, c.client_id, NULL);

    expect_error(redeem(w, c.client_id, code, resource(w, "https://as.example/wrong")), 400,
                 "invalid_target");
    assert_int_equal(redeem(w, c.client_id, code, "")->status, 200);
    expect_error(refresh(w, &c, resource(w, "https://as.example/wrong")), 400, "invalid_target");
    assert_int_equal(refresh(w, &c, "")->status, 200);
}

/* Which mistake a stranger hears of first must not tell him that a code or token exists. */
static void test_ri_08_a_wrong_resource_does_not_tell_whether_a_credential_exists(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *code = world_code(w, c.client_id, NULL), *bad = resource(w, "https://evil.ex/");
    char *thief = world_register(w, WORLD_CLIENT_REDIRECT);
    connection stolen = { thief, NULL, c.refresh };

    expect_error(redeem(w, thief, code, bad), 400, "invalid_grant");
    expect_error(refresh(w, &stolen, bad), 400, "invalid_grant");
    assert_int_equal(redeem(w, c.client_id, code, "")->status, 200);
    assert_true(refreshes(w, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ri_01_without_a_resource_it_is_the_first_one),
        CASE(test_ri_02_spellings_of_the_same_resource),
        cmocka_unit_test(test_ri_02_the_slash_may_be_the_configured_ones),
        CASE(test_ri_03_an_origin_means_the_only_resource_under_it),
        cmocka_unit_test(test_ri_05_another_resource_at_the_token_endpoint_spends_nothing),
        cmocka_unit_test(
            test_ri_05_what_was_authorized_holds_when_the_token_request_names_none),
        CASE(test_ri_07_nothing_that_only_looks_alike),
        CASE(test_ri_07_a_very_long_resource_is_refused),
        cmocka_unit_test(test_ri_08_repeated_resources_must_all_mean_the_same),
        FAULTY_CASE(test_ri_08_no_token_is_ever_issued_for_a_strangers_resource),
        CASE(test_ri_08_an_audience_parameter_means_nothing),
        CASE(test_ri_09_trying_again_without_a_resource_works),
        CASE(test_ri_08_a_wrong_resource_does_not_tell_whether_a_credential_exists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
