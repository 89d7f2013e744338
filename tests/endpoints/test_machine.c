/* Provisioned clients, and the tokens that machines get for themselves (RFC 6749 4.4). */
#include "support/person.h"
#include "support/proof.h"

#define TOKEN "/api/oauth/token"

static int setup(void **state)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.confidential_registration = true;
    w->config.client_credentials = true;
    w->config.resource_count = 2;
    world_open(w);
    *state = w;
    return 0;
}

#define MACHINE_CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

static proof a_machine(world *w)
{
    istauth_provision wish = machine_wish();

    return provision(w, &wish);
}

static void test_a_machine_gets_an_access_token_and_nothing_else(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    reply *r = machine_token(w, &p, "");
    istauth_access access;

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "token_type"), "Bearer");
    assert_int_equal(reply_int(r, "expires_in"), 3600);
    assert_string_equal(reply_str(r, "scope"), "mcp");
    assert_false(reply_has(r, "refresh_token"));
    assert_false(reply_has(r, "id_token"));
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(access.machine);
    assert_int_equal(access.subject.n, 0);
    assert_true(istauth_str_equal(access.client_id, istauth_str_of(p.client_id)));
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp:read"),
                                          ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp:read"),
                                          ISTAUTH_STR("ws_notes")),
                     ISTAUTH_E_WORKSPACE_NOT_GRANTED);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), 1);
}

static void test_a_person_is_no_machine(void **state)
{
    world *w = *state;
    istauth_access access;

    assert_int_equal(world_verify(w, &access, connect_app(w, "mcp").access), ISTAUTH_OK);
    assert_false(access.machine);
    assert_int_equal(world_verify(w, &access, personal_token(w, &(istauth_id){ "" }, "mcp")),
                     ISTAUTH_OK);
    assert_false(access.machine);
}

/* verify_workspace asks about a person's membership; there is no person. */
static void test_a_machine_has_the_workspaces_that_it_was_provisioned_with(void **state)
{
    world *w = *state;
    istauth_access access;
    proof p = a_machine(w);

    w->config.hooks.verify_workspace = true;
    w->lost_engine = true;
    world_reopen(w);
    assert_int_equal(world_verify(w, &access, reply_str(machine_token(w, &p, ""), "access_token")),
                     ISTAUTH_OK);
    w->workspaces_asked = 0;
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp"),
                                          ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(w->workspaces_asked, 0);
    assert_int_equal(w->subject_asked, 0);
}

static void test_a_machines_scopes_stay_within_its_ceiling(void **state)
{
    static const struct {
        const char *ceiling, *asked, *granted; /* granted NULL: invalid_scope */
    } rows[] = {
        { "mcp", "", "mcp" },
        { "mcp", "&scope=", "mcp" },
        { "mcp", "&scope=mcp%3Aread", "mcp:read" },
        { "mcp:read", "&scope=mcp%20mcp%3Aread", "mcp:read" },
        { "mcp:read", "", "mcp:read" },
        { "mcp:read", "&scope=mcp", NULL },
        { "mcp", "&scope=unknown", NULL },
        { "mcp", "&scope=mcp%22", NULL },
        { "mcp", "&scope=unknown%20mcp", "mcp" },
        { "mcp openid email", "", "mcp" },
        { "mcp openid email", "&scope=openid", NULL },
        { "mcp openid email", "&scope=openid%20email%20mcp%3Aread", "mcp:read" },
        { "mcp", "&scope=profile", NULL },
        { "mcp", "&scope=offline_access", NULL },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_provision wish = machine_wish();
        proof p;
        reply *r;

        wish.scopes = istauth_str_of(rows[i].ceiling);
        p = provision(w, &wish);
        r = machine_token(w, &p, rows[i].asked);
        if (!rows[i].granted)
            expect_error(r, 400, "invalid_scope");
        else
            assert_string_equal(reply_str(r, "scope"), rows[i].granted);
    }
    expect_error(machine_token(w, &(proof){ "x", "y", ISTAUTH_CLIENT_AUTH_SECRET_POST, NULL }, ""), 401,
                 "invalid_client");
}

static void test_a_machines_token_is_for_the_resource_that_it_names(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    istauth_access access;
    reply *r = machine_token(w, &p, "&resource=https%3A%2F%2Fas.example%2Fother");
    istauth_str header =
        istauth_str_of(world_text(w, "Bearer %s", reply_str(r, "access_token")));

    assert_int_equal(istauth_verify(&access, w->server, header,
                                    ISTAUTH_STR("https://as.example/other"), &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_verify(&access, w->server, header, ISTAUTH_STR(WORLD_RESOURCE),
                                    &w->arena),
                     ISTAUTH_E_INVALID_TOKEN);
    expect_error(machine_token(w, &p, "&resource=https%3A%2F%2Fas.example%2Fthird"), 400,
                 "invalid_target");
    expect_error(machine_token(w, &p, "&resource=https%3A%2F%2Fas.example%2Fother"
                                      "&resource=https%3A%2F%2Fas.example%2Fmcp"),
                 400, "invalid_target");
    expect_error(machine_token(w, &p, "&scope=mcp&scope=mcp"), 400, "invalid_request");
}

static void test_tk_14_without_its_secret_a_machine_gets_nothing(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    proof bare = { p.client_id, NULL, ISTAUTH_CLIENT_AUTH_NONE, NULL };
    proof posted = { p.client_id, p.secret, ISTAUTH_CLIENT_AUTH_SECRET_POST, NULL };

    expect_error(machine_token(w, &bare, ""), 401, "invalid_client");
    expect_error(machine_token(w, &posted, ""), 401, "invalid_client");
    expect_error(world_post_form(w, TOKEN, "grant_type=client_credentials"), 401,
                 "invalid_client");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), 0);
}

/* Whoever registers himself is no machine, with or without a secret, whatever he asks for. */
static void test_tk_09_nobody_registers_as_a_machine(void **state)
{
    world *w = *state;
    proof p = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_BASIC);
    proof stranger = { world_register(w, WORLD_CLIENT_REDIRECT), NULL, ISTAUTH_CLIENT_AUTH_NONE, NULL };
    reply *r = world_post_json(
        w, "/api/oauth/register",
        "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"],\"grant_types\":[\"authorization_code\","
        "\"client_credentials\"],\"token_endpoint_auth_method\":\"client_secret_post\"}");

    expect_error(machine_token(w, &p, ""), 400, "unauthorized_client");
    expect_error(machine_token(w, &stranger, ""), 400, "unauthorized_client");
    assert_int_equal(r->status, 201);
    assert_null(strstr(r->body, "client_credentials"));
    p = (proof){ reply_str(r, "client_id"), reply_str(r, "client_secret"),
                 ISTAUTH_CLIENT_AUTH_SECRET_POST, NULL };
    expect_error(machine_token(w, &p, ""), 400, "unauthorized_client");
    expect_error(world_post_json(w, "/api/oauth/register",
                                 "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"],"
                                 "\"grant_types\":[\"client_credentials\"]}"),
                 400, "invalid_client_metadata");
}

static void test_tk_09_a_machine_has_no_other_grant(void **state)
{
    world *w = *state;
    proof p = a_machine(w);

    expect_error(post_as(w, &p, TOKEN, "grant_type=refresh_token&refresh_token=x"), 400,
                 "unauthorized_client");
    expect_error(post_as(w, &p, TOKEN, "grant_type=authorization_code&code=x"), 400,
                 "unauthorized_client");
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, p.client_id, WORLD_CLIENT_REDIRECT, NULL)));
}

/* One that may do both: refresh tokens belong to persons. */
static void test_a_client_of_both_kinds_keeps_them_apart(void **state)
{
    static const istauth_str redirect = ISTAUTH_STR_INIT(WORLD_CLIENT_REDIRECT);
    world *w = *state;
    istauth_provision wish = machine_wish();
    istauth_access access;
    proof p;
    reply *r;

    wish.grant_types |= ISTAUTH_GRANT_AUTHORIZATION_CODE | ISTAUTH_GRANT_REFRESH_TOKEN;
    wish.redirect_uris = (istauth_str_list){ &redirect, 1 };
    p = provision(w, &wish);
    r = connect_as(w, &p, "mcp:read");
    assert_true(reply_has(r, "refresh_token"));
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.subject, ADA));
    r = machine_token(w, &p, "");
    assert_false(reply_has(r, "refresh_token"));
    assert_int_equal(apps_of(w, ADA).count, 1);
    assert_int_equal(istauth_app_disconnect(w->server, ADA,
                                            (istauth_str_list){ &(istauth_str){ p.client_id, 32 },
                                                                1 }),
                     ISTAUTH_OK);
    assert_true(opens(w, reply_str(r, "access_token"))); /* the machine is not hers */
}

/* A host that lost track of who is signed in reaches no machine. */
static void test_nobody_has_no_account(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    const char *token = reply_str(machine_token(w, &p, ""), "access_token");
    istauth_str nobody = { NULL, 0 }, id = istauth_str_of(p.client_id);
    size_t revoked = 9, changed = 9;

    assert_int_equal(apps_of(w, nobody).count, 0);
    assert_int_equal(istauth_app_disconnect(w->server, nobody, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_E_NOT_FOUND);
    assert_int_equal(istauth_subject_revoke(&revoked, w->server, nobody), ISTAUTH_OK);
    assert_int_equal(istauth_workspace_remove(&changed, w->server, nobody,
                                              ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(revoked + changed, 0);
    assert_true(opens(w, token));
}

static void test_a_ceiling_holds_at_consent_too(void **state)
{
    static const istauth_str redirect = ISTAUTH_STR_INIT(WORLD_CLIENT_REDIRECT);
    world *w = *state;
    istauth_provision wish = ISTAUTH_PROVISION_INIT;
    proof p;

    wish.name = ISTAUTH_STR("Reader");
    wish.grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE;
    wish.redirect_uris = (istauth_str_list){ &redirect, 1 };
    wish.scopes = ISTAUTH_STR("mcp:read");
    p = provision(w, &wish);
    assert_string_equal(p.secret, "");
    expect_redirect_error(world_get(w, "/oauth/authorize",
                                    world_query(w, p.client_id, WORLD_CLIENT_REDIRECT, "scope=mcp")),
                          WORLD_CLIENT_REDIRECT, "invalid_scope", NULL);
    assert_string_equal(reply_str(connect_as(w, &p, "mcp mcp:read"), "scope"), "mcp:read");
}

static void test_userinfo_has_nothing_to_say_of_a_machine(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    char *line = bearer_line(w, reply_str(machine_token(w, &p, ""), "access_token"));
    reply *r = world_call(w, "GET", "/api/oauth/userinfo", NULL, line, NULL, 0);

    expect_error(r, 403, "insufficient_scope");
}

static void test_a_machine_revokes_its_token(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    const char *token = reply_str(machine_token(w, &p, ""), "access_token");

    assert_true(opens(w, token));
    assert_int_equal(post_as(w, &p, "/api/oauth/revoke", world_text(w, "token=%s", token))->status,
                     200);
    assert_false(opens(w, token));
}

static void test_another_secret_takes_the_place_of_the_first(void **state)
{
    world *w = *state;
    proof p = a_machine(w), next = p;
    char secret[ISTAUTH_TOKEN_SIZE];
    const char *token = reply_str(machine_token(w, &p, ""), "access_token");
    istauth_str id = istauth_str_of(p.client_id);

    assert_int_equal(istauth_client_rotate_secret(secret, w->server, id, w->now, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(machine_token(w, &p, "")->status, 200);
    assert_int_equal(istauth_client_rotate_secret(secret, w->server, id, w->now + 5, &w->arena),
                     ISTAUTH_OK);
    next.secret = secret;
    expect_error(machine_token(w, &p, ""), 401, "invalid_client");
    assert_int_equal(machine_token(w, &next, "")->status, 200);
    assert_true(opens(w, token));
    w->now += 5;
    expect_error(machine_token(w, &next, ""), 401, "invalid_client");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_SECRET_ROTATED), 1);
    assert_int_equal(istauth_client_rotate_secret(secret, w->server, ISTAUTH_STR("nobody"), 0,
                                                  &w->arena),
                     ISTAUTH_E_NOT_FOUND);
    id = istauth_str_of(world_register(w, WORLD_CLIENT_REDIRECT));
    assert_int_equal(istauth_client_rotate_secret(secret, w->server, id, 0, &w->arena),
                     ISTAUTH_E_ARGUMENT);
}

static void test_a_removed_client_is_unknown_and_its_tokens_dead(void **state)
{
    world *w = *state;
    proof p = a_machine(w), other = a_machine(w);
    const char *token = reply_str(machine_token(w, &p, ""), "access_token");
    const char *others = reply_str(machine_token(w, &other, ""), "access_token");
    connection app = connect_app(w, "mcp");

    assert_int_equal(istauth_client_remove(w->server, istauth_str_of(p.client_id)), ISTAUTH_OK);
    assert_false(opens(w, token));
    expect_error(machine_token(w, &p, ""), 401, "invalid_client");
    assert_int_equal(istauth_client_remove(w->server, istauth_str_of(p.client_id)),
                     ISTAUTH_E_NOT_FOUND);
    assert_true(opens(w, others));
    assert_int_equal(istauth_client_remove(w->server, istauth_str_of(app.client_id)), ISTAUTH_OK);
    assert_false(opens(w, app.access));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_REMOVED), 2);
}

static void test_a_provisioned_client_may_have_an_id_of_the_hosts_choice(void **state)
{
    world *w = *state;
    istauth_provision wish = machine_wish();
    char secret[ISTAUTH_TOKEN_SIZE] = "untouched";
    istauth_error error;
    istauth_str id = ISTAUTH_STR("untouched");

    wish.client_id = ISTAUTH_STR("nightly-report.v2");
    assert_string_equal(provision(w, &wish).client_id, "nightly-report.v2");
    assert_int_equal(istauth_client_provision(secret, &id, w->server, &wish, &w->arena, &error),
                     ISTAUTH_E_EXISTS);
    assert_string_equal(secret, "untouched");
    assert_string_equal(id.p, "untouched");
    wish.client_id = ISTAUTH_STR("");
    assert_string_not_equal(provision(w, &wish).client_id, provision(w, &wish).client_id);
    wish.resource = ISTAUTH_STR("https://as.example/third");
    assert_int_equal(istauth_client_provision(secret, &id, w->server, &wish, &w->arena, &error),
                     ISTAUTH_E_INVALID_TARGET);
    wish.size--;
    assert_int_equal(istauth_client_provision(secret, &id, w->server, &wish, &w->arena, NULL),
                     ISTAUTH_E_ARGUMENT);
}

/* A provisioned client is not purged, however long it sleeps. */
static void test_purge_spares_what_the_host_made(void **state)
{
    world *w = *state;
    proof p = a_machine(w);

    w->now += 1000LL * 86400;
    assert_int_equal(istauth_purge(NULL, w->server, 1000), ISTAUTH_OK);
    assert_int_equal(machine_token(w, &p, "")->status, 200);
}

static void test_off_means_unsupported_and_unlisted(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    reply *r = world_get(w, "/.well-known/oauth-authorization-server", NULL);

    assert_non_null(strstr(r->body, "\"grant_types_supported\":[\"authorization_code\","
                                    "\"refresh_token\",\"client_credentials\"]"));
    w->config.client_credentials = false;
    world_reopen(w);
    expect_error(machine_token(w, &p, ""), 400, "unsupported_grant_type");
    r = world_get(w, "/.well-known/oauth-authorization-server", NULL);
    assert_null(strstr(r->body, "client_credentials"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_CASE(test_a_machine_gets_an_access_token_and_nothing_else),
        MACHINE_CASE(test_a_person_is_no_machine),
        MACHINE_CASE(test_a_machine_has_the_workspaces_that_it_was_provisioned_with),
        MACHINE_CASE(test_a_machines_scopes_stay_within_its_ceiling),
        MACHINE_CASE(test_a_machines_token_is_for_the_resource_that_it_names),
        MACHINE_CASE(test_tk_14_without_its_secret_a_machine_gets_nothing),
        MACHINE_CASE(test_tk_09_nobody_registers_as_a_machine),
        MACHINE_CASE(test_tk_09_a_machine_has_no_other_grant),
        MACHINE_CASE(test_a_client_of_both_kinds_keeps_them_apart),
        MACHINE_CASE(test_nobody_has_no_account),
        MACHINE_CASE(test_a_ceiling_holds_at_consent_too),
        MACHINE_CASE(test_userinfo_has_nothing_to_say_of_a_machine),
        MACHINE_CASE(test_a_machine_revokes_its_token),
        MACHINE_CASE(test_another_secret_takes_the_place_of_the_first),
        MACHINE_CASE(test_a_removed_client_is_unknown_and_its_tokens_dead),
        MACHINE_CASE(test_a_provisioned_client_may_have_an_id_of_the_hosts_choice),
        MACHINE_CASE(test_purge_spares_what_the_host_made),
        MACHINE_CASE(test_off_means_unsupported_and_unlisted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
