/* The whole road once, as an integrator's four requests walk it. */
#include "support/world.h"

static void test_dm_04_server_metadata_names_every_endpoint(void **state)
{
    reply *r = world_get(*state, "/.well-known/oauth-authorization-server", NULL);

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "issuer"), WORLD_ISSUER);
    assert_string_equal(reply_str(r, "authorization_endpoint"), WORLD_ISSUER "/oauth/authorize");
    assert_string_equal(reply_str(r, "token_endpoint"), WORLD_ISSUER "/api/oauth/token");
    assert_string_equal(reply_str(r, "registration_endpoint"), WORLD_ISSUER "/api/oauth/register");
    assert_string_equal(reply_str(r, "revocation_endpoint"), WORLD_ISSUER "/api/oauth/revoke");
    assert_string_equal(reply_str(r, "userinfo_endpoint"), WORLD_ISSUER "/api/oauth/userinfo");
}

static void test_the_registration_of_the_documentation_is_a_public_client(void **state)
{
    reply *r = world_post_json(
        *state, "/api/oauth/register",
        "{\"client_name\":\"My MCP Client\",\"client_uri\":\"https://example.com\","
        "\"logo_uri\":\"https://example.com/logo.png\","
        "\"redirect_uris\":[\"https://example.com/oauth/callback\"],"
        "\"scope\":\"mcp openid profile email\"}");

    assert_int_equal(r->status, 201);
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
    assert_string_equal(reply_str(r, "scope"), "mcp openid profile email");
    assert_false(reply_has(r, "client_secret"));
    assert_int_equal(reply_int(r, "client_id_issued_at"), WORLD_START);
}

static void test_a_code_becomes_tokens_that_open_the_resource(void **state)
{
    world *w = *state;
    reply *r = world_connect(w, "mcp openid profile email", NULL);
    istauth_access access;

    assert_string_equal(reply_str(r, "token_type"), "Bearer");
    assert_int_equal(reply_int(r, "expires_in"), 3600);
    assert_string_equal(reply_str(r, "scope"), "mcp openid profile email");
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.subject, ADA));
    assert_int_equal(access.workspaces.count, 2);
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp"),
                                          ISTAUTH_STR("ws_notes")),
                     ISTAUTH_OK);
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp:read"),
                                          ISTAUTH_STR("ws_home")),
                     ISTAUTH_E_WORKSPACE_NOT_GRANTED);
}

static void test_a_refresh_rotates_and_a_revocation_ends_it(void **state)
{
    world *w = *state;
    char *client_id;
    reply *first = world_connect(w, "mcp", &client_id);
    reply *second = world_refresh(w, client_id, reply_str(first, "refresh_token"));
    istauth_access access;
    reply *r;

    assert_int_equal(second->status, 200);
    r = world_post_form(w, "/api/oauth/revoke",
                        world_text(w, "client_id=%s&token=%s", client_id,
                                   reply_str(second, "refresh_token")));
    assert_int_equal(r->status, 200);
    assert_int_equal(world_verify(w, &access, reply_str(second, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    expect_error(world_refresh(w, client_id, reply_str(second, "refresh_token")), 400,
                 "invalid_grant");
}

static void test_the_trash_icon_kills_everything_at_once(void **state)
{
    world *w = *state;
    char *client_id;
    reply *tokens = world_connect(w, "mcp", &client_id);
    char *pending = world_code(w, client_id, NULL);
    istauth_str id = istauth_str_of(client_id);
    istauth_str_list ids = { &id, 1 };
    istauth_access access;
    istauth_apps apps;

    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 1);
    assert_int_equal(istauth_app_disconnect(w->server, ADA, ids), ISTAUTH_OK);
    assert_int_equal(world_verify(w, &access, reply_str(tokens, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    expect_error(world_refresh(w, client_id, reply_str(tokens, "refresh_token")), 400,
                 "invalid_grant");
    expect_error(world_redeem(w, client_id, pending), 400, "invalid_grant");
    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 0);
}

static void test_userinfo_reveals_what_each_scope_grants(void **state)
{
    world *w = *state;
    reply *tokens = world_connect(w, "openid email", NULL);
    char *header =
        world_text(w, "Authorization: Bearer %s\r\n", reply_str(tokens, "access_token"));
    reply *r = world_call(w, "GET", "/api/oauth/userinfo", NULL, header, NULL, 0);

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "sub"), "user_ada");
    assert_string_equal(reply_str(r, "email"), "ada@example.com");
    assert_false(reply_has(r, "name"));
    assert_false(reply_has(r, "picture"));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_dm_04_server_metadata_names_every_endpoint),
        CASE(test_the_registration_of_the_documentation_is_a_public_client),
        CASE(test_a_code_becomes_tokens_that_open_the_resource),
        CASE(test_a_refresh_rotates_and_a_revocation_ends_it),
        CASE(test_the_trash_icon_kills_everything_at_once),
        CASE(test_userinfo_reveals_what_each_scope_grants),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
