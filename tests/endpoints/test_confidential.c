/* Clients with a secret: how they get it, how they prove it, and what an unproven one is told. */
#include "support/person.h"
#include "support/proof.h"

#define TOKEN "/api/oauth/token"
#define REVOKE "/api/oauth/revoke"

#define BASIC ISTAUTH_CLIENT_AUTH_SECRET_BASIC
#define POST ISTAUTH_CLIENT_AUTH_SECRET_POST
#define NONE ISTAUTH_CLIENT_AUTH_NONE

static const istauth_client_auth both[] = { BASIC, POST };

static int setup(void **state)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.confidential_registration = true;
    world_open(w);
    *state = w;
    return 0;
}

#define SECRET_CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

static reply *registration(world *w, const char *method)
{
    reply *r = world_post_json(w, "/api/oauth/register",
                               world_text(w, "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"]"
                                             "%s%s%s}",
                                          method ? ",\"token_endpoint_auth_method\":\"" : "",
                                          method ? method : "", method ? "\"" : ""));

    assert_int_equal(r->status, 201);
    return r;
}

static void test_dc_03_a_secret_is_given_once_and_never_shown_again(void **state)
{
    world *w = *state;
    reply *r = registration(w, "client_secret_post");
    const char *secret = reply_str(r, "client_secret");
    istauth_client client;

    assert_int_equal(strlen(secret), 55);
    assert_int_equal(strncmp(secret, "ist_cs_", 7), 0);
    assert_int_equal(strspn(secret + 7, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "abcdefghijklmnopqrstuvwxyz"),
                     48);
    assert_int_equal(reply_int(r, "client_secret_expires_at"), 0);
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_int_equal(w->store.ops->client_get(w->store.ctx,
                                              istauth_str_of(reply_str(r, "client_id")), &w->arena,
                                              &client),
                     ISTAUTH_OK);
    assert_int_equal(client.auth, POST);
    assert_true(client.secret_key.bytes[0] | client.secret_key.bytes[1]);
    assert_string_not_equal(secret, reply_str(registration(w, "client_secret_post"),
                                              "client_secret"));
}

static void test_dc_04_who_asks_for_no_secret_gets_none(void **state)
{
    static const char *const methods[] = { NULL, "none", "", "private_key_jwt", "client_secret_jwt",
                                           "CLIENT_SECRET_BASIC", "tls_client_auth" };

    for (size_t i = 0; i < COUNT(methods); i++) {
        reply *r = registration(*state, methods[i]);

        assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
        assert_false(reply_has(r, "client_secret"));
        assert_false(reply_has(r, "client_secret_expires_at"));
    }
}

static void test_tk_12_both_methods_walk_the_whole_road(void **state)
{
    world *w = *state;

    for (size_t i = 0; i < COUNT(both); i++) {
        proof p = register_proven(w, both[i]);
        reply *r = connect_as(w, &p, "mcp");

        r = refresh_as(w, &p, reply_str(r, "refresh_token"));
        assert_int_equal(r->status, 200);
        assert_true(opens(w, reply_str(r, "access_token")));
        assert_int_equal(post_as(w, &p, REVOKE,
                                 world_text(w, "token=%s", reply_str(r, "refresh_token")))
                             ->status,
                         200);
        assert_false(opens(w, reply_str(r, "access_token")));
    }
}

static reply *redeem_with(world *w, const char *headers, const char *more, const char *code)
{
    char *body = world_text(w, "grant_type=authorization_code&code=%s&code_verifier=%s%s", code,
                            WORLD_VERIFIER, more);

    return world_call(w, "POST", TOKEN, NULL, world_text(w, FORM "%s", headers), body,
                      strlen(body));
}

/* The MCP SDKs send the pair raw, oauth4webapi encodes all but letters and digits. */
static void test_tk_12_a_secret_reads_the_same_raw_and_encoded(void **state)
{
    world *w = *state;
    proof p = register_proven(w, BASIC);
    const char *pairs[] = {
        world_text(w, "%s:%s", p.client_id, p.secret),
        world_text(w, "%s:%s", world_encode(w, p.client_id), world_encode(w, p.secret)),
        world_text(w, "%s:ist%%5Fcs%%5f%s", p.client_id, p.secret + 7),
    };

    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_int_equal(redeem_with(w, basic_line(w, pairs[i]), "",
                                     world_code(w, p.client_id, NULL))
                             ->status,
                         200);
    assert_int_equal(redeem_with(w, basic_line(w, pairs[0]),
                                 world_text(w, "&client_id=%s", p.client_id),
                                 world_code(w, p.client_id, NULL))
                         ->status,
                     200);
}

static void expect_401(const reply *r, bool challenged)
{
    const char *challenge = reply_header(r, "www-authenticate");

    expect_error(r, 401, "invalid_client");
    if (challenged)
        assert_string_equal(challenge, "Basic realm=\"oauth\"");
    else
        assert_null(challenge);
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
}

static void test_tk_14_without_its_secret_a_confidential_client_gets_nothing(void **state)
{
    world *w = *state;

    for (size_t i = 0; i < COUNT(both); i++) {
        proof p = register_proven(w, both[i]);
        proof bare = { p.client_id, NULL, NONE, NULL };
        char *code = world_code(w, p.client_id, NULL);
        reply *tokens;

        expect_401(redeem_as(w, &bare, code), false);
        expect_401(redeem_with(w, basic_line(w, world_text(w, "%s:", p.client_id)), "", code), true);
        expect_401(redeem_with(w, "", world_text(w, "&client_id=%s&client_secret=", p.client_id),
                               code),
                   false);
        tokens = redeem_as(w, &p, code); /* and the code was not burnt */
        assert_int_equal(tokens->status, 200);
        expect_401(refresh_as(w, &bare, reply_str(tokens, "refresh_token")), false);
        assert_int_equal(refresh_as(w, &p, reply_str(tokens, "refresh_token"))->status, 200);
    }
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_DENIED), 2 * 4);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static void test_tk_16_a_wrong_secret_is_a_401(void **state)
{
    world *w = *state;

    for (size_t i = 0; i < COUNT(both); i++) {
        proof p = register_proven(w, both[i]), other = register_proven(w, both[i]);
        char *code = world_code(w, p.client_id, NULL), *last = world_text(w, "%s", p.secret);
        const char *wrong[] = {
            "x",
            other.secret,
            world_text(w, "%sA", p.secret),
            world_text(w, "%.*s", 54, p.secret),
            world_text(w, "%s%s", p.secret, p.secret),
            world_text(w, "%%20%s", p.secret),
            world_text(w, "IST%s", p.secret + 3),
            last,
        };

        last[54] = last[54] == '0' ? '1' : '0';
        for (size_t k = 0; k < COUNT(wrong); k++) {
            proof bad = { p.client_id, wrong[k], p.method, NULL };

            expect_401(redeem_as(w, &bad, code), p.method == BASIC);
        }
        assert_int_equal(redeem_as(w, &p, code)->status, 200);
    }
}

static void test_tk_10_another_method_than_the_registered_one_is_a_401(void **state)
{
    world *w = *state;
    proof basic = register_proven(w, BASIC), post = register_proven(w, POST);
    proof posted = { basic.client_id, basic.secret, POST, NULL };
    proof basiced = { post.client_id, post.secret, BASIC, NULL };

    expect_401(redeem_as(w, &posted, world_code(w, basic.client_id, NULL)), false);
    expect_401(redeem_as(w, &basiced, world_code(w, post.client_id, NULL)), true);
}

static void test_tk_10_two_methods_at_once_are_an_invalid_request(void **state)
{
    world *w = *state;
    proof p = register_proven(w, BASIC);
    char *code = world_code(w, p.client_id, NULL);
    char *line = basic_line(w, world_text(w, "%s:%s", p.client_id, p.secret));

    expect_error(redeem_with(w, line, world_text(w, "&client_secret=%s", p.secret), code), 400,
                 "invalid_request");
    expect_error(redeem_with(w, line, "&client_secret=x", code), 400, "invalid_request");
    expect_error(redeem_with(w, "", world_text(w, "&client_id=%s&client_secret=%s&client_secret=%s",
                                               p.client_id, p.secret, p.secret),
                             code),
                 400, "invalid_request");
    expect_401(redeem_with(w, world_text(w, "%s%s", line, line), "", code), true);
    expect_401(redeem_with(w, line, "&client_id=another", code), true);
    assert_int_equal(redeem_with(w, line, "&client_secret=", code)->status, 200);
}

static void test_tk_13_a_public_client_that_presents_a_secret_is_refused(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, id, NULL);
    proof other = register_proven(w, POST);

    for (size_t i = 0; i < COUNT(both); i++) {
        proof p = { id, other.secret, both[i], NULL };

        expect_401(redeem_as(w, &p, code), both[i] == BASIC);
    }
    assert_int_equal(world_redeem(w, id, code)->status, 200);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_DENIED), 0);
}

static void test_rv_06_without_its_secret_a_client_revokes_nothing(void **state)
{
    world *w = *state;

    for (size_t i = 0; i < COUNT(both); i++) {
        proof p = register_proven(w, both[i]);
        proof bare = { p.client_id, NULL, NONE, NULL }, bad = { p.client_id, "x", p.method, NULL };
        reply *tokens = connect_as(w, &p, "mcp");
        char *form = world_text(w, "token=%s", reply_str(tokens, "refresh_token"));

        expect_401(post_as(w, &bare, REVOKE, form), false);
        expect_401(post_as(w, &bad, REVOKE, form), p.method == BASIC);
        assert_true(opens(w, reply_str(tokens, "access_token")));
        assert_int_equal(post_as(w, &p, REVOKE, form)->status, 200);
        assert_false(opens(w, reply_str(tokens, "access_token")));
    }
}

static void test_pk_14_a_secret_does_not_stand_in_for_pkce(void **state)
{
    world *w = *state;
    proof p = register_proven(w, BASIC);
    char *query = world_text(w, "response_type=code&client_id=%s&redirect_uri=%s&state=s",
                             p.client_id, world_encode(w, WORLD_CLIENT_REDIRECT));
    char *form = world_text(w, "grant_type=authorization_code&code=%s",
                            world_code(w, p.client_id, NULL));

    expect_redirect_error(world_get(w, "/oauth/authorize", query), WORLD_CLIENT_REDIRECT,
                          "invalid_request", "s");
    expect_error(post_as(w, &p, TOKEN, form), 400, "invalid_grant");
}

/* One second before its end it is good, and at its end it is not. */
static void test_tk_25_a_secret_ends_when_it_was_said_to(void **state)
{
    world *w = *state;
    char *first, *second;
    proof p;

    w->config.lifetimes.client_secret = 1000;
    world_reopen(w);
    p = register_proven(w, POST);
    first = world_code(w, p.client_id, NULL);
    w->now += 999;
    expect_error(redeem_as(w, &p, first), 400, "invalid_grant"); /* the code has ended; she is known */
    second = world_code(w, p.client_id, NULL);
    w->now += 1;
    expect_401(redeem_as(w, &p, second), false);
    w->now -= 1;
    assert_int_equal(redeem_as(w, &p, second)->status, 200);
}

static void test_dc_03_the_response_names_the_end_of_the_secret(void **state)
{
    world *w = *state;

    w->config.lifetimes.client_secret = 1000;
    world_reopen(w);
    assert_int_equal(reply_int(registration(w, "client_secret_basic"), "client_secret_expires_at"),
                     WORLD_START + 1000);
}

/* What a host turns off is off for those who were given it before. */
static void test_tk_14_a_method_that_was_turned_off_proves_nothing(void **state)
{
    world *w = *state;
    proof basic = register_proven(w, BASIC), post = register_proven(w, POST);
    char *code = world_code(w, basic.client_id, NULL);

    w->config.client_auth = ISTAUTH_ALLOW_SECRET_POST;
    world_reopen(w);
    expect_401(redeem_as(w, &basic, code), true);
    assert_int_equal(redeem_as(w, &post, world_code(w, post.client_id, NULL))->status, 200);
}

static void test_dc_04_without_the_switch_everybody_is_public(void **state)
{
    world *w = *state;
    reply *r;

    w->config.confidential_registration = false;
    world_reopen(w);
    r = registration(w, "client_secret_basic");
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
    assert_false(reply_has(r, "client_secret"));
}

static void expect_methods(world *w, uint32_t methods, const char *list)
{
    reply *r;

    w->config.client_auth = methods;
    w->config.confidential_registration = false;
    world_reopen(w);
    r = world_get(w, "/.well-known/oauth-authorization-server", NULL);
    assert_non_null(strstr(r->body, world_text(w, "\"token_endpoint_auth_methods_supported\":%s,"
                                                  "\"revocation_endpoint_auth_methods_supported\":"
                                                  "%s,",
                                               list, list)));
}

static void test_dm_04_the_metadata_lists_the_methods_that_are_on(void **state)
{
    expect_methods(*state, ISTAUTH_ALLOW_SECRETS,
                   "[\"none\",\"client_secret_basic\",\"client_secret_post\"]");
    expect_methods(*state, ISTAUTH_ALLOW_SECRET_POST, "[\"none\",\"client_secret_post\"]");
    expect_methods(*state, 0, "[\"none\"]");
}

/* Storage that fails is a 503, and neither a proof nor a lost registration. */
static void test_st_01_a_store_that_fails_proves_nobody(void **state)
{
    faulty *f = *state;
    proof p;
    char *code;

    f->w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    f->w->config.confidential_registration = true;
    world_reopen(f->w);
    p = register_proven(f->w, BASIC);
    code = world_code(f->w, p.client_id, NULL);
    break_op(f, ISTAUTH_STORE_CLIENT_GET, 1);
    expect_error(redeem_as(f->w, &p, code), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_CLIENT_GET, 0);
    assert_int_equal(redeem_as(f->w, &p, code)->status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SECRET_CASE(test_dc_03_a_secret_is_given_once_and_never_shown_again),
        SECRET_CASE(test_dc_04_who_asks_for_no_secret_gets_none),
        SECRET_CASE(test_tk_12_both_methods_walk_the_whole_road),
        SECRET_CASE(test_tk_12_a_secret_reads_the_same_raw_and_encoded),
        SECRET_CASE(test_tk_14_without_its_secret_a_confidential_client_gets_nothing),
        SECRET_CASE(test_tk_16_a_wrong_secret_is_a_401),
        SECRET_CASE(test_tk_10_another_method_than_the_registered_one_is_a_401),
        SECRET_CASE(test_tk_10_two_methods_at_once_are_an_invalid_request),
        SECRET_CASE(test_tk_13_a_public_client_that_presents_a_secret_is_refused),
        SECRET_CASE(test_rv_06_without_its_secret_a_client_revokes_nothing),
        SECRET_CASE(test_pk_14_a_secret_does_not_stand_in_for_pkce),
        SECRET_CASE(test_tk_25_a_secret_ends_when_it_was_said_to),
        SECRET_CASE(test_dc_03_the_response_names_the_end_of_the_secret),
        SECRET_CASE(test_tk_14_a_method_that_was_turned_off_proves_nothing),
        SECRET_CASE(test_dc_04_without_the_switch_everybody_is_public),
        SECRET_CASE(test_dm_04_the_metadata_lists_the_methods_that_are_on),
        FAULTY_CASE(test_st_01_a_store_that_fails_proves_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
