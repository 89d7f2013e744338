/* Introspection (RFC 7662): who may ask, what he sees, and what he must not learn. */
#include "support/person.h"
#include "support/proof.h"

#define INTROSPECT "/api/oauth/introspect"
#define INACTIVE "{\"active\":false}"

static int setup(void **state)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.confidential_registration = true;
    w->config.client_credentials = true;
    w->config.introspection = true;
    w->config.resource_count = 2;
    world_open(w);
    *state = w;
    return 0;
}

#define ASK_CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

/* The server of a resource, which has no other business here. */
static proof server_of(world *w, const char *resource)
{
    istauth_provision wish = ISTAUTH_PROVISION_INIT;

    wish.name = ISTAUTH_STR("Board server");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    wish.resource = istauth_str_of(resource);
    return provision(w, &wish);
}

static reply *ask(world *w, const proof *p, const char *token)
{
    return post_as(w, p, INTROSPECT, world_text(w, "token=%s", token));
}

static void expect_inactive(const reply *r)
{
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, INACTIVE);
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_null(reply_header(r, "access-control-allow-origin"));
}

static void expect_active(const reply *r)
{
    assert_int_equal(r->status, 200);
    if (strncmp(r->body, "{\"active\":true,", 15) != 0)
        fail_msg("%s", r->body);
}

/* For the other resource of this world. */
static reply *connect_elsewhere(world *w)
{
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, id, "resource=https%3A%2F%2Fas.example%2Fother");
    reply *r = world_redeem(w, id, code);

    assert_int_equal(r->status, 200);
    return r;
}

static void test_a_resource_server_sees_the_tokens_of_its_resource(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);
    connection app = connect_app(w, "mcp openid");
    reply *r = ask(w, &p, app.access);
    istauth_access access;

    assert_int_equal(world_verify(w, &access, app.access), ISTAUTH_OK);
    assert_string_equal(
        r->body,
        world_text(w,
                   "{\"active\":true,\"scope\":\"mcp openid\",\"client_id\":\"%s\","
                   "\"sub\":\"user_ada\",\"aud\":\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER
                   "\",\"exp\":1700003600,\"iat\":1700000000,\"token_type\":\"Bearer\","
                   "\"workspaces\":[\"ws_engine\",\"ws_notes\"],\"grant_id\":\"%s\"}",
                   app.client_id, access.grant_id.text));
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_string_equal(reply_header(r, "content-type"), "application/json");
    assert_null(reply_header(r, "access-control-allow-origin"));
}

static void test_personal_tokens_and_machines_are_seen_as_what_they_are(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);
    istauth_provision wish = machine_wish();
    proof machine = provision(w, &wish);
    istauth_id id;
    reply *r = ask(w, &p, personal_token(w, &id, "mcp:read"));

    expect_active(r);
    assert_false(reply_has(r, "client_id"));
    assert_false(reply_has(r, "exp"));
    assert_string_equal(reply_str(r, "sub"), "user_ada");
    assert_string_equal(reply_str(r, "scope"), "mcp:read");
    r = ask(w, &p, reply_str(machine_token(w, &machine, ""), "access_token"));
    expect_active(r);
    assert_false(reply_has(r, "sub"));
    assert_string_equal(reply_str(r, "client_id"), machine.client_id);
}

static void test_tokens_of_another_resource_are_inactive(void **state)
{
    world *w = *state;
    proof here = server_of(w, WORLD_RESOURCE), there = server_of(w, "https://as.example/other");
    connection app = connect_app(w, "mcp");
    const char *other = reply_str(connect_elsewhere(w), "access_token");
    istauth_id id;
    char *personal = personal_token(w, &id, "mcp");

    expect_active(ask(w, &here, app.access));
    expect_inactive(ask(w, &there, app.access));
    expect_inactive(ask(w, &here, other));
    expect_active(ask(w, &there, other));
    expect_active(ask(w, &here, personal));
    expect_inactive(ask(w, &there, personal));
}

static void test_a_refresh_token_is_nothing_to_a_resource_server(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);

    expect_inactive(ask(w, &p, connect_app(w, "mcp").refresh));
}

static void test_a_client_sees_its_own_tokens_and_no_others(void **state)
{
    world *w = *state;
    proof p = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_POST), other = register_proven(
                                                                       w, p.method);
    reply *tokens = connect_as(w, &p, "mcp"), *r = ask(w, &p, reply_str(tokens, "access_token"));
    istauth_id id;

    expect_active(r);
    assert_string_equal(reply_str(r, "client_id"), p.client_id);
    assert_true(reply_has(r, "token_type"));
    r = ask(w, &p, reply_str(tokens, "refresh_token"));
    expect_active(r);
    assert_false(reply_has(r, "token_type"));
    expect_inactive(ask(w, &other, reply_str(tokens, "access_token")));
    expect_inactive(ask(w, &other, reply_str(tokens, "refresh_token")));
    expect_inactive(ask(w, &p, connect_app(w, "mcp").access));
    expect_inactive(ask(w, &p, personal_token(w, &id, "mcp")));
}

static void test_dead_and_unknown_tokens_are_inactive(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);
    connection revoked = connect_app(w, "mcp"), late = connect_app(w, "mcp");
    istauth_str id = istauth_str_of(revoked.client_id);
    const char *garbage[] = { "x", "%20", "%C3%A9", "ist_at_", world_text(w, "%sA", late.access),
                              world_text(w, "xyz%s", late.access + 3),
                              world_text(w, "%%20%s", late.access) };

    for (size_t i = 0; i < COUNT(garbage); i++)
        expect_inactive(ask(w, &p, garbage[i]));
    expect_inactive(ask(w, &p, world_code(w, revoked.client_id, NULL)));
    expect_active(ask(w, &p, revoked.access));
    assert_int_equal(istauth_app_disconnect(w->server, ADA, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_OK);
    expect_inactive(ask(w, &p, revoked.access));
    w->now += 3599;
    expect_active(ask(w, &p, late.access));
    w->now += 1;
    expect_inactive(ask(w, &p, late.access));
}

/* The resource was taken out of the configuration: its tokens open nothing any more. */
static void test_tokens_of_a_resource_that_is_gone_are_inactive(void **state)
{
    world *w = *state;
    proof p = server_of(w, "https://as.example/other");
    const char *token = reply_str(connect_elsewhere(w), "access_token");

    expect_active(ask(w, &p, token));
    w->config.resource_count = 1;
    world_reopen(w);
    expect_inactive(ask(w, &p, token));
}

static void test_who_has_proven_nothing_is_told_nothing(void **state)
{
    world *w = *state;
    connection app = connect_app(w, "mcp");
    proof p = server_of(w, WORLD_RESOURCE);
    proof open = { app.client_id, NULL, ISTAUTH_CLIENT_AUTH_NONE, NULL };
    proof bare = { p.client_id, NULL, ISTAUTH_CLIENT_AUTH_NONE, NULL };
    proof wrong = { p.client_id, "x", p.method, NULL };
    char *form = world_text(w, "token=%s", app.access);
    reply *r = ask(w, &wrong, app.access);

    expect_error(r, 401, "invalid_client");
    assert_string_equal(reply_header(r, "www-authenticate"), "Basic realm=\"oauth\"");
    assert_null(reply_header(r, "access-control-allow-origin"));
    expect_error(ask(w, &open, app.access), 401, "invalid_client");
    expect_error(ask(w, &bare, app.access), 401, "invalid_client");
    expect_error(world_post_form(w, INTROSPECT, form), 401, "invalid_client");
    expect_error(world_call(w, "POST", INTROSPECT, NULL,
                            world_text(w, FORM "%s", bearer_line(w, app.access)), form,
                            strlen(form)),
                 401, "invalid_client");
}

static void test_requests_of_another_shape_are_refused(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);
    char *line = basic_line(w, world_text(w, "%s:%s", p.client_id, p.secret));
    reply *r = world_call(w, "GET", INTROSPECT, "token=x", line, NULL, 0);

    expect_error(r, 405, "invalid_request");
    assert_string_equal(reply_header(r, "allow"), "POST");
    expect_error(world_call(w, "OPTIONS", INTROSPECT, NULL, NULL, NULL, 0), 405,
                 "invalid_request");
    expect_error(world_call(w, "POST", INTROSPECT, NULL,
                            world_text(w, "%sContent-Type: application/json\r\n", line),
                            "{\"token\":\"x\"}", 13),
                 400, "invalid_request");
    expect_error(post_as(w, &p, INTROSPECT, "token="), 400, "invalid_request");
    expect_error(post_as(w, &p, INTROSPECT, "token=x&token=x"), 400, "invalid_request");
    expect_error(post_as(w, &p, INTROSPECT, ""), 400, "invalid_request");
    expect_inactive(post_as(w, &p, INTROSPECT, "token=x&token_type_hint=refresh_token&more=1"));
    w->retry_after = 7;
    assert_int_equal(post_as(w, &p, INTROSPECT, "token=x")->status, 429);
}

/* It was presented at the resource: the settings page shows when. */
static void test_asking_counts_as_a_use_of_the_token(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE), own;
    connection app = connect_app(w, "mcp");
    reply *tokens;

    w->now += 500;
    expect_active(ask(w, &p, app.access));
    assert_int_equal(apps_of(w, ADA).items[0].used_at, w->now);
    w->now += 1;
    own = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_POST);
    tokens = connect_as(w, &own, "mcp");
    w->now += 500;
    expect_active(ask(w, &own, reply_str(tokens, "access_token")));
    assert_int_equal(apps_of(w, ADA).items[0].used_at, 0);
}

/* A token that was narrowed at refresh is told as narrow as it is. */
static void test_a_narrowed_token_is_told_as_it_is(void **state)
{
    world *w = *state;
    proof p = server_of(w, WORLD_RESOURCE);
    connection app = connect_app(w, "mcp");
    reply *r = world_post_form(w, "/api/oauth/token",
                               world_text(w, "grant_type=refresh_token&client_id=%s&"
                                             "refresh_token=%s&scope=mcp%%3Aread",
                                          app.client_id, app.refresh));

    assert_string_equal(reply_str(ask(w, &p, reply_str(r, "access_token")), "scope"), "mcp:read");
}

static void test_dm_04_the_metadata_names_the_endpoint_when_it_is_on(void **state)
{
    world *w = *state;
    const char *path = "/.well-known/oauth-authorization-server";
    reply *r = world_get(w, path, NULL);

    assert_string_equal(reply_str(r, "introspection_endpoint"),
                        "https://as.example/api/oauth/introspect");
    assert_non_null(strstr(r->body, "\"introspection_endpoint_auth_methods_supported\":["
                                    "\"client_secret_basic\",\"client_secret_post\"]"));
    w->config.introspection = false;
    world_reopen(w);
    assert_null(strstr(world_get(w, path, NULL)->body, "introspection"));
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(INTROSPECT)), ISTAUTH_ENDPOINT_NONE);
    w->config.introspection = true;
    w->config.paths.introspect = ISTAUTH_STR("/ask");
    world_reopen(w);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR("/ask")), ISTAUTH_ENDPOINT_INTROSPECT);
}

/* Trouble of storage is a 503, and never "inactive", on which a token is thrown away. */
static void test_st_01_a_store_that_fails_calls_no_token_inactive(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection app;
    proof p;

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.introspection = true;
    world_reopen(w);
    p = server_of(w, WORLD_RESOURCE);
    app = connect_app(w, "mcp");
    break_op(f, ISTAUTH_STORE_TOKEN_GET, 1);
    expect_error(ask(w, &p, app.access), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_TOKEN_GET, 0);
    expect_active(ask(w, &p, app.access));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ASK_CASE(test_a_resource_server_sees_the_tokens_of_its_resource),
        ASK_CASE(test_personal_tokens_and_machines_are_seen_as_what_they_are),
        ASK_CASE(test_tokens_of_another_resource_are_inactive),
        ASK_CASE(test_a_refresh_token_is_nothing_to_a_resource_server),
        ASK_CASE(test_a_client_sees_its_own_tokens_and_no_others),
        ASK_CASE(test_dead_and_unknown_tokens_are_inactive),
        ASK_CASE(test_tokens_of_a_resource_that_is_gone_are_inactive),
        ASK_CASE(test_who_has_proven_nothing_is_told_nothing),
        ASK_CASE(test_requests_of_another_shape_are_refused),
        ASK_CASE(test_asking_counts_as_a_use_of_the_token),
        ASK_CASE(test_a_narrowed_token_is_told_as_it_is),
        ASK_CASE(test_dm_04_the_metadata_names_the_endpoint_when_it_is_on),
        FAULTY_CASE(test_st_01_a_store_that_fails_calls_no_token_inactive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
