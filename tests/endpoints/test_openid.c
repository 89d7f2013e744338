/* The OpenID provider on the wire: its documents, ID tokens and what they say, keys that change. */
#include "support/openid.h"

#include <stdlib.h>

#include "base/crypto_i.h"
#include "base/text_i.h"
#include "support/proof.h"

#define USERINFO "/api/oauth/userinfo"

static reply *redeemed(world *w, const char *client, const char *more)
{
    reply *r = world_redeem(w, client, world_code(w, client, more));

    if (r->status != 200)
        fail_msg("%d %s", r->status, r->body);
    return r;
}

static cJSON *claims_of(world *w, const reply *r)
{
    return id_token_claims(w, reply_str(r, "id_token"), NULL);
}

/* --- ID tokens --- */

static char *left_half(world *w, const char *access, bool sha512)
{
    uint8_t hash[ISTAUTH__SHA512_SIZE];
    size_t n = sha512 ? 32 : 16;
    char text[44] = "";

    if (sha512)
        istauth__sha512(hash, istauth_str_of(access));
    else
        istauth__sha256(hash, istauth_str_of(access));
    istauth__base64url_write(text, hash, n);
    return world_text(w, "%s", text);
}

static void test_an_id_token_says_who_for_whom_and_when(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    reply *r = redeemed(w, client, "scope=mcp+openid+profile+email&nonce=n%22-1");
    cJSON *claims = claims_of(w, r);

    assert_string_equal(claim_str(claims, "iss"), WORLD_ISSUER);
    assert_string_equal(claim_str(claims, "sub"), "user_ada");
    assert_string_equal(claim_str(claims, "aud"), client);
    assert_string_equal(claim_str(claims, "azp"), client);
    assert_string_equal(claim_str(claims, "nonce"), "n\"-1");
    assert_string_equal(claim_str(claims, "at_hash"),
                        left_half(w, reply_str(r, "access_token"), false));
    assert_int_equal(claim_int(claims, "iat"), WORLD_START);
    assert_int_equal(claim_int(claims, "exp"), WORLD_START + 3600);
    assert_int_equal(claim_int(claims, "auth_time"), WORLD_START - 100);
    assert_int_equal(cJSON_GetArraySize(claims), 9); /* name and e-mail are userinfo's to tell */
}

static void test_without_openid_there_is_no_id_token(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);

    assert_false(reply_has(redeemed(w, client, "scope=mcp+profile+email&nonce=n"), "id_token"));
    assert_true(reply_has(redeemed(w, client, "scope=openid"), "id_token"));
}

static void test_without_keys_openid_gives_no_id_token(void **state)
{
    world *w = *state;
    reply *r = world_connect(w, "openid", NULL);

    assert_string_equal(reply_str(r, "scope"), "openid");
    assert_false(reply_has(r, "id_token"));
}

static void test_what_was_not_told_is_left_out(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    cJSON *claims;

    w->auth_time = 0;
    claims = claims_of(w, redeemed(w, client, "scope=openid"));
    assert_false(cJSON_HasObjectItem(claims, "auth_time"));
    assert_false(cJSON_HasObjectItem(claims, "nonce"));
}

/* OpenID Connect Core 12.2 */
static void test_a_refresh_gives_an_id_token_for_the_same_person(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    reply *r = redeemed(w, client, "scope=mcp+openid&nonce=n");
    cJSON *claims;

    w->now += 1000;
    r = world_refresh(w, client, reply_str(r, "refresh_token"));
    claims = claims_of(w, r);
    assert_string_equal(claim_str(claims, "iss"), WORLD_ISSUER);
    assert_string_equal(claim_str(claims, "sub"), "user_ada");
    assert_string_equal(claim_str(claims, "aud"), client);
    assert_string_equal(claim_str(claims, "at_hash"),
                        left_half(w, reply_str(r, "access_token"), false));
    assert_int_equal(claim_int(claims, "iat"), WORLD_START + 1000);
    assert_int_equal(claim_int(claims, "auth_time"), WORLD_START - 100);
    assert_false(cJSON_HasObjectItem(claims, "nonce"));
    r = world_post_form(w, "/api/oauth/token",
                        world_text(w,
                                   "grant_type=refresh_token&client_id=%s&refresh_token=%s&scope=mcp",
                                   client, reply_str(r, "refresh_token")));
    assert_false(reply_has(r, "id_token")); /* narrowed: no "openid" any more */
}

static void test_a_repeated_refresh_gives_the_same_id_token(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    const char *first;
    reply *r, *again;

    w->config.lifetimes.refresh_retry_window = 60;
    openid_use(w, EC_PEM, NULL); /* whose signatures are never the same twice */
    first = reply_str(redeemed(w, client, "scope=openid"), "refresh_token");
    r = world_refresh(w, client, first);
    again = world_refresh(w, client, first);
    assert_string_equal(reply_str(again, "id_token"), reply_str(r, "id_token"));
}

/* --- the request --- */

/* OpenID Connect Core 3.1.2.1 */
static void test_az_06_a_request_by_post_becomes_one_by_get(void **state)
{
    static const char start[] = WORLD_ISSUER "/oauth/authorize?";
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client, WORLD_CLIENT_REDIRECT, "scope=openid&nonce=a+b%0D%0A%22\xC3\xA9");
    reply *r = world_post_form(w, "/oauth/authorize", query);
    const char *location;
    istauth_authorization a;

    assert_int_equal(r->status, 303);
    assert_false(r->open);
    assert_null(reply_header(r, "access-control-allow-origin"));
    location = world_text(w, "%s", reply_header(r, "location"));
    assert_int_equal(strncmp(location, start, sizeof(start) - 1), 0);
    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(location + sizeof(start) - 1),
                                             &w->arena),
                     ISTAUTH_OK);
    assert_true(istauth_str_equal(a.nonce, ISTAUTH_STR("a b\r\n\"\xC3\xA9")));
    expect_page(world_post_form(w, "/oauth/authorize", "client_id=%"));
    r = world_call(w, "POST", "/oauth/authorize", query, "Content-Type: text/plain\r\n", NULL, 0);
    assert_int_equal(r->status, 400);
    r = world_post_form(w, "/oauth/authorize", world_text(w, "x=%016383d", 0));
    assert_int_equal(r->status, 413);
}

/* --- keys --- */

static void test_each_kind_of_key_signs_with_its_algorithm(void **state)
{
    static const struct {
        const char *pem, *alg;
        bool sha512;
    } rows[] = { { EC_PEM, "ES256", false }, { RSA_PEM, "RS256", false }, { ED_PEM, "EdDSA", true } };
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i < COUNT(rows); i++) {
        reply *r;
        cJSON *key;

        openid_use(w, rows[i].pem, NULL);
        r = redeemed(w, client, "scope=openid");
        assert_string_equal(claim_str(claims_of(w, r), "at_hash"),
                            left_half(w, reply_str(r, "access_token"), rows[i].sha512));
        key = cJSON_GetArrayItem(cJSON_GetObjectItem(world_get(w, JWKS, NULL)->json, "keys"), 0);
        assert_string_equal(claim_str(key, "alg"), rows[i].alg);
        r = world_get(w, OPENID_METADATA, NULL);
        assert_non_null(strstr(r->body, world_text(w, "\"id_token_signing_alg_values_supported\":"
                                                      "[\"%s\"]", rows[i].alg)));
    }
}

/* The old key, the new one published beside it, the new one signing, the old one gone. */
static void test_keys_change_without_a_token_that_cannot_be_checked(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *old_kid, *new_kid;
    const char *before = reply_str(redeemed(w, client, "scope=openid"), "id_token"), *after;

    (void)id_token_claims(w, before, &old_kid);
    openid_use(w, EC_PEM, ED_PEM, NULL);
    (void)id_token_claims(w, before, NULL);
    (void)id_token_claims(w, reply_str(redeemed(w, client, "scope=openid"), "id_token"), &new_kid);
    assert_string_equal(new_kid, old_kid);
    openid_use(w, ED_PEM, EC_PEM, NULL);
    (void)id_token_claims(w, before, NULL);
    after = reply_str(redeemed(w, client, "scope=openid"), "id_token");
    (void)id_token_claims(w, after, &new_kid);
    assert_string_not_equal(new_kid, old_kid);
    assert_non_null(strstr(world_get(w, OPENID_METADATA, NULL)->body, "[\"EdDSA\",\"ES256\"]"));
    openid_use(w, ED_PEM, NULL);
    (void)id_token_claims(w, after, NULL);
    assert_null(strstr(world_get(w, JWKS, NULL)->body, old_kid));
}

static void test_a_kid_can_be_given(void **state)
{
    istauth_signing_key key = { ISTAUTH_STR_INIT(ED_PEM), ISTAUTH_STR_INIT("2026-11") };
    world *w = *state;
    char *kid;

    w->config.signing_keys = &key;
    w->config.signing_key_count = 1;
    world_reopen(w);
    (void)id_token_claims(w, reply_str(world_connect(w, "openid", NULL), "id_token"), &kid);
    assert_string_equal(kid, "2026-11");
}

/* --- documents --- */

static void expect_document(world *w, const char *path)
{
    reply *r = world_get(w, path, NULL);

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_header(r, "content-type"), "application/json");
    assert_string_equal(reply_header(r, "cache-control"), "public, max-age=3600");
    assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
    assert_int_equal(world_call(w, "OPTIONS", path, NULL, NULL, NULL, 0)->status, 204);
    expect_error(world_call(w, "POST", path, NULL, NULL, NULL, 0), 405, "invalid_request");
    w->retry_after = 3;
    expect_error(world_get(w, path, NULL), 429, "temporarily_unavailable");
    w->retry_after = 0;
}

static void test_dm_07_the_documents_are_served_when_there_are_keys(void **state)
{
    world *w = *state;
    reply *r = world_get(w, OPENID_METADATA, NULL);

    assert_string_equal(
        r->body,
        "{\"issuer\":\"https://as.example\","
        "\"authorization_endpoint\":\"https://as.example/oauth/authorize\","
        "\"token_endpoint\":\"https://as.example/api/oauth/token\","
        "\"registration_endpoint\":\"https://as.example/api/oauth/register\","
        "\"revocation_endpoint\":\"https://as.example/api/oauth/revoke\","
        "\"userinfo_endpoint\":\"https://as.example/api/oauth/userinfo\","
        "\"jwks_uri\":\"https://as.example/.well-known/jwks.json\","
        "\"scopes_supported\":[\"mcp\",\"mcp:read\",\"openid\",\"profile\",\"email\"],"
        "\"response_types_supported\":[\"code\"],\"response_modes_supported\":[\"query\"],"
        "\"grant_types_supported\":[\"authorization_code\",\"refresh_token\"],"
        "\"token_endpoint_auth_methods_supported\":[\"none\"],"
        "\"revocation_endpoint_auth_methods_supported\":[\"none\"],"
        "\"code_challenge_methods_supported\":[\"S256\"],"
        "\"authorization_response_iss_parameter_supported\":true,"
        "\"subject_types_supported\":[\"public\"],"
        "\"id_token_signing_alg_values_supported\":[\"ES256\"],"
        "\"claim_types_supported\":[\"normal\"],"
        "\"claims_supported\":[\"iss\",\"sub\",\"aud\",\"azp\",\"exp\",\"iat\",\"auth_time\",\"nonce\","
        "\"at_hash\",\"name\",\"picture\",\"email\",\"email_verified\"],"
        "\"prompt_values_supported\":[\"none\",\"login\",\"consent\",\"select_account\"],"
        "\"claims_parameter_supported\":false,\"request_parameter_supported\":false,"
        "\"request_uri_parameter_supported\":false}");
    expect_document(w, OPENID_METADATA);
    expect_document(w, JWKS);
    r = world_get(w, "/.well-known/oauth-authorization-server", NULL);
    assert_string_equal(reply_str(r, "jwks_uri"), "https://as.example/.well-known/jwks.json");
    assert_non_null(strstr(r->body, "\"mcp:read\",\"openid\""));
    r = world_get(w, "/.well-known/oauth-protected-resource/mcp", NULL);
    assert_null(strstr(r->body, "openid"));
}

static bool is_served(world *w, const char *path)
{
    return istauth_route(w->server, istauth_str_of(path)) != ISTAUTH_ENDPOINT_NONE;
}

static void test_dm_07_an_issuer_with_a_path_has_its_document_where_clients_look(void **state)
{
    world *w = *state;

    w->config.issuer = ISTAUTH_STR("https://as.example/tenant1");
    openid_use(w, EC_PEM, NULL);
    assert_string_equal(reply_str(world_get(w, OPENID_METADATA "/tenant1", NULL), "issuer"),
                        "https://as.example/tenant1");
    assert_string_equal(reply_str(world_get(w, "/tenant1" OPENID_METADATA, NULL), "issuer"),
                        "https://as.example/tenant1");
    assert_true(is_served(w, "/.well-known/oauth-authorization-server/tenant1"));
    assert_false(is_served(w, OPENID_METADATA));
    assert_false(is_served(w, OPENID_METADATA "/tenant2"));
    assert_false(is_served(w, "/tenant1" OPENID_METADATA "/"));
    assert_true(is_served(w, JWKS));
}

static void test_the_key_set_can_be_elsewhere(void **state)
{
    world *w = *state;

    w->config.paths.jwks = ISTAUTH_STR("/api/oauth/keys");
    openid_use(w, EC_PEM, NULL);
    assert_string_equal(reply_str(world_get(w, OPENID_METADATA, NULL), "jwks_uri"),
                        "https://as.example/api/oauth/keys");
    assert_true(reply_has(world_get(w, "/api/oauth/keys", NULL), "keys"));
    assert_false(is_served(w, JWKS));
}

/* --- pairwise subjects --- */

static const char *sub_of(world *w, const char *client, const char *redirect)
{
    char *query = world_query(w, client, redirect, "scope=openid");
    char *code = url_param(w, world_approve(w, query, NULL, NULL), "code");
    reply *r = world_post_form(
        w, "/api/oauth/token",
        world_text(w, "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s", client,
                   code, WORLD_VERIFIER));
    const char *sub = claim_str(claims_of(w, r), "sub");

    r = world_call(w, "GET", USERINFO, NULL, bearer_line(w, reply_str(r, "access_token")), NULL, 0);
    assert_string_equal(reply_str(r, "sub"), sub); /* OpenID Connect Core 5.3.2 */
    return world_text(w, "%s", sub);
}

static void test_pairwise_subjects_differ_from_host_to_host(void **state)
{
    static const uint8_t key[ISTAUTH_PAIRWISE_KEY_SIZE] = { 7 };
    world *w = *state;
    const char *one, *same, *other, *native, *second;

    w->config.pairwise_key = key;
    openid_use(w, EC_PEM, NULL);
    assert_non_null(strstr(world_get(w, OPENID_METADATA, NULL)->body,
                           "\"subject_types_supported\":[\"pairwise\"]"));
    one = sub_of(w, world_register(w, "https://c.ex/cb"), "https://c.ex/cb");
    same = sub_of(w, world_register(w, "https://c.ex/other"), "https://c.ex/other");
    other = sub_of(w, world_register(w, "https://d.ex/cb"), "https://d.ex/cb");
    native = sub_of(w, world_register(w, "http://127.0.0.1/cb"), "http://127.0.0.1:81/cb");
    second = sub_of(w, world_register(w, "http://127.0.0.1/cb"), "http://127.0.0.1:82/cb");
    assert_int_equal(strlen(one), 43);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
    assert_string_not_equal(native, second); /* this computer is no one's own host */
    assert_null(strstr(one, "ada"));
}

static void test_a_client_that_introspects_sees_its_own_subject(void **state)
{
    static const uint8_t key[ISTAUTH_PAIRWISE_KEY_SIZE] = { 7 };
    world *w = *state;
    istauth_provision wish = machine_wish();
    proof client, server;
    reply *tokens;
    char *form;

    w->config.pairwise_key = key;
    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.confidential_registration = w->config.introspection = true;
    w->config.client_credentials = true;
    openid_use(w, EC_PEM, NULL);
    client = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_BASIC);
    wish.resource = ISTAUTH_STR(WORLD_RESOURCE);
    server = provision(w, &wish);
    tokens = connect_as(w, &client, "openid");
    form = world_text(w, "token=%s", reply_str(tokens, "access_token"));
    assert_string_equal(reply_str(post_as(w, &client, "/api/oauth/introspect", form), "sub"),
                        claim_str(claims_of(w, tokens), "sub"));
    assert_string_equal(reply_str(post_as(w, &server, "/api/oauth/introspect", form), "sub"),
                        "user_ada"); /* whose account it acts on */
}

/* --- userinfo by POST --- */

static void test_userinfo_takes_its_token_in_the_form_of_a_post(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "openid email");
    char *body = world_text(w, "access_token=%s&x=y", c.access), *line = bearer_line(w, c.access);
    reply *r = world_call(w, "POST", USERINFO, NULL, FORM, body, strlen(body));

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "sub"), "user_ada");
    assert_string_equal(reply_str(r, "email"), "ada@example.com");
    /* twice is once too often (RFC 6750 2) */
    r = world_call(w, "POST", USERINFO, NULL, world_text(w, FORM "%s", line), body, strlen(body));
    expect_error(r, 400, "invalid_request");
    body = world_text(w, "access_token=%s&access_token=%s", c.access, c.access);
    r = world_call(w, "POST", USERINFO, NULL, FORM, body, strlen(body));
    expect_error(r, 400, "invalid_request");
    body = world_text(w, "access_token=%sx", c.access);
    expect_error(world_call(w, "POST", USERINFO, NULL, FORM, body, strlen(body)), 401,
                 "invalid_token");
    expect_error(world_call(w, "POST", USERINFO, NULL, FORM, "", 0), 401, "invalid_token");
    body = world_text(w, "access_token=%016384d", 0);
    expect_error(world_call(w, "POST", USERINFO, NULL, FORM, body, strlen(body)), 413,
                 "invalid_request");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENID_CASE(test_an_id_token_says_who_for_whom_and_when),
        OPENID_CASE(test_without_openid_there_is_no_id_token),
        CASE(test_without_keys_openid_gives_no_id_token),
        OPENID_CASE(test_what_was_not_told_is_left_out),
        OPENID_CASE(test_a_refresh_gives_an_id_token_for_the_same_person),
        OPENID_CASE(test_a_repeated_refresh_gives_the_same_id_token),
        OPENID_CASE(test_az_06_a_request_by_post_becomes_one_by_get),
        OPENID_CASE(test_each_kind_of_key_signs_with_its_algorithm),
        OPENID_CASE(test_keys_change_without_a_token_that_cannot_be_checked),
        CASE(test_a_kid_can_be_given),
        OPENID_CASE(test_dm_07_the_documents_are_served_when_there_are_keys),
        OPENID_CASE(test_dm_07_an_issuer_with_a_path_has_its_document_where_clients_look),
        OPENID_CASE(test_the_key_set_can_be_elsewhere),
        OPENID_CASE(test_pairwise_subjects_differ_from_host_to_host),
        OPENID_CASE(test_a_client_that_introspects_sees_its_own_subject),
        OPENID_CASE(test_userinfo_takes_its_token_in_the_form_of_a_post),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
