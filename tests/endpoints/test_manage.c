/* Registration management (RFC 7592): a client and its own registration. */
#include "support/person.h"
#include "support/proof.h"

#define REGISTER "/api/oauth/register"
#define URIS "\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"]"

static int setup(void **state)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    w->config.confidential_registration = true;
    w->config.registration_management = true;
    world_open(w);
    *state = w;
    return 0;
}

#define MANAGE_CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

/* A registration, and what manages it. */
typedef struct managed {
    char *client_id, *token, *path, *secret;
} managed;

static managed registered(world *w, const char *members)
{
    reply *r = world_post_json(w, REGISTER, world_text(w, "{" URIS "%s}", members));
    managed m;

    assert_int_equal(r->status, 201);
    m.client_id = world_text(w, "%s", reply_str(r, "client_id"));
    m.token = world_text(w, "%s", reply_str(r, "registration_access_token"));
    m.path = world_text(w, REGISTER "/%s", m.client_id);
    m.secret = reply_has(r, "client_secret") ? world_text(w, "%s", reply_str(r, "client_secret"))
                                             : NULL;
    assert_string_equal(reply_str(r, "registration_client_uri"),
                        world_text(w, WORLD_ISSUER "%s", m.path));
    return m;
}

static reply *send_to(world *w, const managed *m, const char *method, const char *body)
{
    char *headers = world_text(w, JSON "%s", bearer_line(w, m->token));

    return world_call(w, method, m->path, NULL, headers, body, body ? strlen(body) : 0);
}

static reply *show(world *w, const managed *m)
{
    return send_to(w, m, "GET", NULL);
}

static reply *update(world *w, const managed *m, const char *members)
{
    return send_to(w, m, "PUT", world_text(w, "{\"client_id\":\"%s\"%s}", m->client_id, members));
}

static void expect_401(const reply *r)
{
    expect_error(r, 401, "invalid_token");
    assert_string_equal(reply_header(r, "www-authenticate"), "Bearer error=\"invalid_token\"");
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
}

static void test_a_client_sees_its_registration(void **state)
{
    world *w = *state;
    managed m = registered(w, ",\"client_name\":\"One\"");
    reply *r = show(w, &m);

    assert_int_equal(r->status, 200);
    assert_int_equal(strncmp(m.token, "ist_rg_", 7), 0);
    assert_string_equal(reply_str(r, "client_name"), "One");
    assert_string_equal(reply_str(r, "client_id"), m.client_id);
    assert_string_equal(reply_str(r, "registration_access_token"), m.token);
    assert_string_equal(reply_str(r, "registration_client_uri"),
                        world_text(w, WORLD_ISSUER "%s", m.path));
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
}

/* The server has a hash alone: it cannot show a secret again, and does not say when it ends. */
static void test_a_secret_is_not_shown_again(void **state)
{
    world *w = *state;
    managed m = registered(w, ",\"token_endpoint_auth_method\":\"client_secret_post\"");
    reply *r = show(w, &m);

    assert_non_null(m.secret);
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "client_secret_post");
    assert_false(reply_has(r, "client_secret"));
    assert_false(reply_has(r, "client_secret_expires_at"));
}

static void test_an_update_takes_the_place_of_everything(void **state)
{
    world *w = *state;
    managed m = registered(w, ",\"client_name\":\"One\",\"client_uri\":\"https://c.ex/\","
                              "\"scope\":\"mcp\"");
    reply *r = update(w, &m, ",\"redirect_uris\":[\"https://d.ex/cb\"],\"client_name\":\"Two\"");

    assert_int_equal(r->status, 200);
    r = show(w, &m);
    assert_string_equal(reply_str(r, "client_name"), "Two");
    assert_non_null(strstr(r->body, "[\"https://d.ex/cb\"]"));
    assert_false(reply_has(r, "client_uri"));
    assert_false(reply_has(r, "scope"));
    assert_int_equal(reply_int(r, "client_id_issued_at"), WORLD_START);
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, m.client_id, WORLD_CLIENT_REDIRECT, NULL)));
    assert_true(world_get(w, "/oauth/authorize",
                          world_query(w, m.client_id, "https://d.ex/cb", NULL))->open);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_UPDATED), 1);
}

static void test_updates_that_are_refused_change_nothing(void **state)
{
    static const char *const bad[] = {
        "",
        ",\"redirect_uris\":[]",
        "," URIS ",\"registration_access_token\":\"x\"",
        "," URIS ",\"registration_client_uri\":\"https://as.example/\"",
        "," URIS ",\"client_secret_expires_at\":0",
        "," URIS ",\"client_id_issued_at\":1",
        "," URIS ",\"client_secret\":\"x\"",
        "," URIS ",\"client_secret\":7",
        "," URIS ",\"client_name\":7",
        "," URIS ",\"client_id\":\"x\"",
        "," URIS ",\"token_endpoint_auth_method\":\"private_key_jwt\"",
    };
    world *w = *state;
    managed m = registered(w, ",\"client_name\":\"One\""), other = registered(w, "");
    char *before = show(w, &m)->body;
    reply *r;

    for (size_t i = 0; i < COUNT(bad); i++) {
        r = update(w, &m, bad[i]);
        if (r->status != 400)
            fail_msg("%s: %d %s", bad[i], r->status, r->body);
    }
    r = send_to(w, &m, "PUT", "{" URIS "}"); /* without its id */
    expect_error(r, 400, "invalid_client_metadata");
    r = send_to(w, &m, "PUT", world_text(w, "{\"client_id\":\"%s\"," URIS "}", other.client_id));
    expect_error(r, 400, "invalid_client_metadata");
    r = send_to(w, &m, "PUT", "x");
    expect_error(r, 400, "invalid_client_metadata");
    r = world_call(w, "PUT", m.path, NULL, world_text(w, FORM "%s", bearer_line(w, m.token)), "{}",
                   2);
    expect_error(r, 400, "invalid_request");
    assert_string_equal(show(w, &m)->body, before);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_UPDATED), 0);
}

static void test_a_secret_comes_stays_and_goes_with_its_method(void **state)
{
    static const char post[] = "," URIS ",\"token_endpoint_auth_method\":\"client_secret_post\"";
    world *w = *state;
    managed m = registered(w, "");
    reply *r = update(w, &m, post);
    proof p = { m.client_id, NULL, ISTAUTH_CLIENT_AUTH_SECRET_POST, NULL };

    p.secret = world_text(w, "%s", reply_str(r, "client_secret"));
    assert_int_equal(reply_int(r, "client_secret_expires_at"), 0);
    assert_int_equal(redeem_as(w, &p, world_code(w, m.client_id, NULL))->status, 200);
    r = update(w, &m, world_text(w, "%s,\"client_secret\":\"%s\"", post, p.secret));
    assert_int_equal(r->status, 200);
    assert_false(reply_has(r, "client_secret"));
    assert_int_equal(redeem_as(w, &p, world_code(w, m.client_id, NULL))->status, 200);
    r = update(w, &m, "," URIS);
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
    expect_error(redeem_as(w, &p, world_code(w, m.client_id, NULL)), 401, "invalid_client");
    assert_string_not_equal(reply_str(update(w, &m, post), "client_secret"), p.secret);
}

static void test_a_secret_that_has_ended_is_renewed(void **state)
{
    static const char post[] = "," URIS ",\"token_endpoint_auth_method\":\"client_secret_post\"";
    world *w = *state;
    managed m;
    reply *r;

    w->config.lifetimes.client_secret = 100;
    world_reopen(w);
    m = registered(w, post + strlen("," URIS));
    w->now += 99;
    assert_false(reply_has(update(w, &m, post), "client_secret"));
    w->now += 1;
    r = update(w, &m, post);
    assert_string_not_equal(reply_str(r, "client_secret"), m.secret);
    assert_int_equal(reply_int(r, "client_secret_expires_at"), w->now + 100);
}

static void test_a_deleted_client_is_gone_with_its_tokens(void **state)
{
    world *w = *state;
    managed m = registered(w, "");
    connection app = connect_again(w, m.client_id, NULL);
    reply *r = send_to(w, &m, "DELETE", NULL);

    assert_int_equal(r->status, 204);
    assert_int_equal(r->body_n, 0);
    assert_false(opens(w, app.access));
    expect_401(show(w, &m));
    expect_401(send_to(w, &m, "DELETE", NULL));
    expect_401(update(w, &m, "," URIS));
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, m.client_id, WORLD_CLIENT_REDIRECT, NULL)));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_REMOVED), 1);
}

static void test_nobody_else_manages_it(void **state)
{
    static const char *const methods[] = { "GET", "PUT", "DELETE" };
    world *w = *state;
    managed m = registered(w, ",\"token_endpoint_auth_method\":\"client_secret_post\"");
    managed other = registered(w, "");
    connection app = connect_app(w, "mcp");
    const char *tokens[] = { other.token, m.secret, app.access, app.refresh, "x",
                             world_text(w, "%sx", m.token),
                             world_text(w, "%.*s", 54, m.token) };

    for (size_t k = 0; k < COUNT(methods); k++) {
        for (size_t i = 0; i < COUNT(tokens); i++) {
            managed wrong = m;

            wrong.token = world_text(w, "%s", tokens[i]);
            expect_401(send_to(w, &wrong, methods[k], "{}"));
        }
        expect_401(world_call(w, methods[k], m.path, NULL, JSON, "{}", 2));
        expect_401(world_call(w, methods[k], m.path, NULL,
                              world_text(w, JSON "%s%s", bearer_line(w, m.token),
                                         bearer_line(w, m.token)),
                              "{}", 2));
        expect_401(world_call(w, methods[k], REGISTER "/nobody", NULL,
                              world_text(w, JSON "%s", bearer_line(w, m.token)), "{}", 2));
    }
    assert_int_equal(show(w, &m)->status, 200);
}

/* What the host made, the host changes: it has no such token, not even the one of zeros. */
static void test_provisioned_clients_have_no_such_token(void **state)
{
    world *w = *state;
    istauth_provision wish = ISTAUTH_PROVISION_INIT;
    managed m = { .token = NULL };

    wish.name = ISTAUTH_STR("Server");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_POST;
    wish.resource = ISTAUTH_STR(WORLD_RESOURCE);
    m.client_id = world_text(w, "%s", provision(w, &wish).client_id);
    m.path = world_text(w, REGISTER "/%s", m.client_id);
    m.token = world_text(w, "%060d", 0); /* too long to be hashed: its key is all zeros */
    expect_401(show(w, &m));
}

static void test_its_shape_on_the_wire(void **state)
{
    world *w = *state;
    managed m = registered(w, "");
    reply *r = world_call(w, "OPTIONS", m.path, NULL, NULL, NULL, 0);

    assert_int_equal(r->status, 204);
    assert_string_equal(reply_header(r, "access-control-allow-methods"),
                        "GET, PUT, DELETE, OPTIONS");
    r = send_to(w, &m, "POST", "{}");
    assert_int_equal(r->status, 405);
    assert_string_equal(reply_header(r, "allow"), "GET, PUT, DELETE, OPTIONS");
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(REGISTER "/")), ISTAUTH_ENDPOINT_NONE);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(REGISTER "/a/b")),
                     ISTAUTH_ENDPOINT_NONE);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(REGISTER "x")), ISTAUTH_ENDPOINT_NONE);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(REGISTER "/a")),
                     ISTAUTH_ENDPOINT_CLIENT);
    w->retry_after = 3;
    assert_int_equal(show(w, &m)->status, 429);
}

static void test_dc_02_off_there_is_none_of_it(void **state)
{
    world *w = *state;
    managed m = registered(w, "");
    reply *r;

    w->config.registration_management = false;
    world_reopen(w);
    assert_int_equal(istauth_route(w->server, istauth_str_of(m.path)), ISTAUTH_ENDPOINT_NONE);
    r = world_post_json(w, REGISTER, "{" URIS "}");
    assert_false(reply_has(r, "registration_access_token"));
    assert_false(reply_has(r, "registration_client_uri"));
}

static void test_st_01_a_store_that_fails_is_a_503(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    managed m;

    w->config.registration_management = true;
    world_reopen(w);
    m = registered(w, "");
    break_op(f, ISTAUTH_STORE_CLIENT_GET, 1);
    expect_error(show(w, &m), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_CLIENT_UPDATE, 1);
    expect_error(update(w, &m, "," URIS), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_CLIENT_DELETE, 1);
    expect_error(send_to(w, &m, "DELETE", NULL), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_CLIENT_DELETE, 0);
    assert_int_equal(show(w, &m)->status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MANAGE_CASE(test_a_client_sees_its_registration),
        MANAGE_CASE(test_a_secret_is_not_shown_again),
        MANAGE_CASE(test_an_update_takes_the_place_of_everything),
        MANAGE_CASE(test_updates_that_are_refused_change_nothing),
        MANAGE_CASE(test_a_secret_comes_stays_and_goes_with_its_method),
        MANAGE_CASE(test_a_secret_that_has_ended_is_renewed),
        MANAGE_CASE(test_a_deleted_client_is_gone_with_its_tokens),
        MANAGE_CASE(test_nobody_else_manages_it),
        MANAGE_CASE(test_provisioned_clients_have_no_such_token),
        MANAGE_CASE(test_its_shape_on_the_wire),
        MANAGE_CASE(test_dc_02_off_there_is_none_of_it),
        FAULTY_CASE(test_st_01_a_store_that_fails_is_a_503),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
