/* private_key_jwt (RFC 7523): what a client has to sign, and every near miss of it. */
#include "support/keys.h"
#include "support/person.h"
#include "support/proof.h"

#include <stdio.h>

#define TOKEN "/api/oauth/token"
#define JWT ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT

static int setup(void **state)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    w->config.confidential_registration = true;
    w->config.client_credentials = true;
    w->config.introspection = true;
    world_open(w);
    *state = w;
    return 0;
}

#define JWT_CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

static proof a_machine(world *w)
{
    istauth_provision wish = machine_wish();
    proof p;

    wish.auth = JWT;
    wish.jwks = istauth_str_of(jwks_of(w, EC_PEM, "k1"));
    p = provision(w, &wish);
    p.pem = EC_PEM;
    return p;
}

/* A machine's token request with this assertion, and no client_id. */
static reply *present(world *w, const char *assertion)
{
    return world_post_form(w, TOKEN,
                           world_text(w, "grant_type=client_credentials&%s",
                                      assertion_form(w, assertion)));
}

/* Claims that hold, of which each test changes one. */
typedef struct claims {
    const char *iss, *sub, *aud; /* aud as JSON */
    long long iat, nbf, exp;
    const char *jti;
} claims;

static claims good(const world *w, const proof *p)
{
    return (claims){ p->client_id, p->client_id, "\"" WORLD_ISSUER "\"", w->now, w->now,
                     w->now + 60, "1" };
}

static char *payload_of(world *w, const claims *c)
{
    return world_text(w,
                      "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":%s,\"iat\":%lld,\"nbf\":%lld,"
                      "\"exp\":%lld,\"jti\":\"%s\"}",
                      c->iss, c->sub, c->aud, c->iat, c->nbf, c->exp, c->jti);
}

static reply *present_claims(world *w, const claims *c)
{
    return present(w, signed_by(w, EC_PEM, "{\"alg\":\"ES256\"}", payload_of(w, c)));
}

static void test_a_key_walks_the_whole_road(void **state)
{
    world *w = *state;
    proof p = register_proven(w, JWT);
    reply *r = connect_as(w, &p, "mcp");

    r = refresh_as(w, &p, reply_str(r, "refresh_token"));
    assert_int_equal(r->status, 200);
    assert_true(strstr(post_as(w, &p, "/api/oauth/introspect",
                               world_text(w, "token=%s", reply_str(r, "access_token")))
                           ->body,
                       "\"active\":true") != NULL);
    assert_int_equal(post_as(w, &p, "/api/oauth/revoke",
                             world_text(w, "token=%s", reply_str(r, "refresh_token")))
                         ->status,
                     200);
    assert_false(opens(w, reply_str(r, "access_token")));
}

static void test_dc_03_keys_are_registered_and_echoed_and_no_secret_is_given(void **state)
{
    world *w = *state;
    char *keys = jwks_of(w, EC_PEM, "k1");
    reply *r = world_post_json(
        w, "/api/oauth/register",
        world_text(w, "{\"redirect_uris\":[\"https://c.ex/cb\"],\"jwks\":%s,"
                      "\"token_endpoint_auth_method\":\"private_key_jwt\"}",
                   keys));

    assert_int_equal(r->status, 201);
    assert_non_null(strstr(r->body, world_text(w, "\"token_endpoint_auth_method\":"
                                                  "\"private_key_jwt\",\"jwks\":%s,",
                                               keys)));
    assert_false(reply_has(r, "client_secret"));
    assert_false(reply_has(r, "client_secret_expires_at"));
}

static void test_registrations_without_a_key_of_use_are_refused(void **state)
{
    world *w = *state;
    char *keys = jwks_of(w, EC_PEM, NULL);
    const char *members[] = {
        "",
        ",\"jwks\":{\"keys\":[]}",
        ",\"jwks\":{}",
        ",\"jwks\":[]",
        ",\"jwks\":\"x\"",
        ",\"jwks\":null",
        ",\"jwks\":{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}",
        ",\"jwks\":{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}]}",
        world_text(w, ",\"jwks\":%s,\"jwks_uri\":\"https://c.ex/jwks\"", keys),
        ",\"jwks_uri\":7",
        ",\"jwks_uri\":\"http://c.ex/jwks\"",
        ",\"jwks_uri\":\"https://127.0.0.1/jwks\"",
        /* RFC 7517 A.2: a private key has no business here */
        ",\"jwks\":{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\","
        "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
        "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\","
        "\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}]}",
    };

    for (size_t i = 0; i < COUNT(members); i++)
        expect_error(world_post_json(w, "/api/oauth/register",
                                     world_text(w, "{\"redirect_uris\":[\"https://c.ex/cb\"],"
                                                   "\"token_endpoint_auth_method\":"
                                                   "\"private_key_jwt\"%s}",
                                                members[i])),
                     400, "invalid_client_metadata");
}

/* To a public client keys are as good as none: it is not asked for a proof. */
static void test_keys_of_another_method_are_not_looked_at(void **state)
{
    reply *r = world_post_json(*state, "/api/oauth/register",
                               "{\"redirect_uris\":[\"https://c.ex/cb\"],\"jwks\":7}");

    assert_int_equal(r->status, 201);
    assert_false(reply_has(r, "jwks"));
}

static void test_claims_within_their_bounds_are_taken(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    claims c;

    for (int i = 0; i < 8; i++) {
        c = good(w, &p);
        c.jti = world_text(w, "%d", i);
        switch (i) {
        case 0: break;
        case 1: c.aud = "\"" WORLD_ISSUER "/\""; break;
        case 2: c.aud = "[\"" WORLD_ISSUER "\"]"; break;
        case 3: c.exp = w->now + 660; break;
        case 4: c.exp = w->now - 59; break;
        case 5: c.iat = w->now + 60; break;
        case 6: c.nbf = w->now + 60; break;
        case 7: c.iat = w->now - 86400; break;
        }
        if (present_claims(w, &c)->status != 200)
            fail_msg("case %d", i);
    }
}

static void test_claims_beyond_their_bounds_are_refused(void **state)
{
    static const char *const audiences[] = {
        "\"https://as.example/api/oauth/token\"", /* the token endpoint: rfc7523bis forbids it */
        "\"" WORLD_RESOURCE "\"",
        "\"https://as.example//\"",
        "\"https://AS.example\"",
        "\"http://as.example\"",
        "\"https://as.example:443\"",
        "\"\"",
        "[]",
        "[\"" WORLD_ISSUER "\",\"" WORLD_ISSUER "\"]",
        "[\"" WORLD_ISSUER "\",\"https://evil.example\"]",
        "null",
        "7",
        "{\"a\":1}",
    };
    world *w = *state;
    proof p = a_machine(w), other = a_machine(w);
    claims c;

    for (size_t i = 0; i < COUNT(audiences); i++) {
        c = good(w, &p);
        c.aud = audiences[i];
        expect_error(present_claims(w, &c), 401, "invalid_client");
    }
    for (int i = 0; i < 8; i++) {
        c = good(w, &p);
        switch (i) {
        case 0: c.iss = other.client_id; break;
        case 1: c.sub = other.client_id; break;
        case 2: c.iss = c.sub = other.client_id; c.jti = ""; break;
        case 3: c.exp = w->now + 661; break;
        case 4: c.exp = w->now - 60; break;
        case 5: c.iat = w->now + 61; break;
        case 6: c.nbf = w->now + 61; break;
        case 7: c.jti = ""; break;
        }
        expect_error(present_claims(w, &c), 401, "invalid_client");
    }
    c = good(w, &p);
    assert_int_equal(present_claims(w, &c)->status, 200); /* and no id was used up by all that */
}

static void test_claims_that_are_missing_or_of_the_wrong_type_are_refused(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    const char *bodies[] = {
        "{}", "[]", "7", "",
        "{\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER "\",\"exp\":%2$lld,\"jti\":\"1\"}",
        "{\"iss\":\"%1$s\",\"aud\":\"" WORLD_ISSUER "\",\"exp\":%2$lld,\"jti\":\"1\"}",
        "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"exp\":%2$lld,\"jti\":\"1\"}",
        "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER "\",\"jti\":\"1\"}",
        "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER "\",\"exp\":%2$lld}",
        "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER
        "\",\"exp\":\"%2$lld\",\"jti\":\"1\"}",
        "{\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER
        "\",\"exp\":%2$lld,\"jti\":1}",
        "{\"iss\":\"%1$s\",\"iss\":\"%1$s\",\"sub\":\"%1$s\",\"aud\":\"" WORLD_ISSUER
        "\",\"exp\":%2$lld,\"jti\":\"1\"}",
    };

    for (size_t i = 0; i < COUNT(bodies); i++) {
        char payload[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(payload, sizeof(payload), bodies[i], p.client_id, (long long)w->now + 60);
#pragma GCC diagnostic pop
        expect_error(present(w, signed_by(w, EC_PEM, "{\"alg\":\"ES256\"}", payload)), 401,
                     "invalid_client");
    }
}

/* RFC 8725: what the token says of itself chooses among what is allowed, and nothing else. */
static void test_headers_and_signatures_that_prove_nothing(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",
        "{\"alg\":\"HS256\"}",
        "{\"alg\":\"RS256\"}",
        "{\"alg\":\"EdDSA\"}",
        "{\"alg\":\"ES384\"}",
        "{\"alg\":\"es256\"}",
        "{}",
        "{\"alg\":\"ES256\",\"kid\":\"k2\"}",
        "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"oauth-id-jag+jwt\"}",
        "{\"alg\":\"ES256\",\"crit\":[\"exp\"]}",
        "{\"alg\":\"ES256\",\"b64\":true}",
        "{\"alg\":\"ES256\",\"typ\":7}",
    };
    static const char *const accepted[] = {
        "{\"alg\":\"ES256\",\"kid\":\"k1\"}",
        "{\"alg\":\"ES256\",\"typ\":\"JWT\"}",
        "{\"alg\":\"ES256\",\"typ\":\"client-authentication+jwt\"}",
        "{\"alg\":\"ES256\",\"typ\":\"application/client-authentication+jwt\"}",
    };
    world *w = *state;
    proof p = a_machine(w);
    claims c = good(w, &p);
    char *payload = payload_of(w, &c), *whole, *last;

    for (size_t i = 0; i < COUNT(headers); i++)
        expect_error(present(w, signed_by(w, EC_PEM, headers[i], payload)), 401,
                     "invalid_client");
    expect_error(present(w, signed_by(w, EC_OTHER_PEM, "{\"alg\":\"ES256\"}", payload)), 401,
                 "invalid_client");
    whole = signed_by(w, EC_PEM, "{\"alg\":\"ES256\"}", payload);
    last = strrchr(whole, '.');
    expect_error(present(w, world_text(w, "%.*s", (int)(last - whole + 1), whole)), 401,
                 "invalid_client");
    expect_error(present(w, world_text(w, "%.*s", (int)(last - whole), whole)), 401,
                 "invalid_client");
    expect_error(present(w, world_text(w, "%s.x", whole)), 401, "invalid_client");
    for (size_t i = 0; i < COUNT(accepted); i++) {
        c.jti = world_text(w, "%zu", i);
        if (present(w, signed_by(w, EC_PEM, accepted[i], payload_of(w, &c)))->status != 200)
            fail_msg("%s is refused", accepted[i]);
    }
}

static void test_an_assertion_is_good_once(void **state)
{
    world *w = *state;
    proof p = a_machine(w), other = a_machine(w);
    claims c = good(w, &p), same_id = good(w, &other);
    char *first = signed_by(w, EC_PEM, "{\"alg\":\"ES256\"}", payload_of(w, &c));

    assert_int_equal(present(w, first)->status, 200);
    expect_error(present(w, first), 401, "invalid_client");
    c.exp++;
    expect_error(present_claims(w, &c), 401, "invalid_client"); /* the id counts, not the token */
    assert_int_equal(present_claims(w, &same_id)->status, 200); /* of each client */
    c.jti = "2";
    assert_int_equal(present_claims(w, &c)->status, 200);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CLIENT_DENIED), 2);
}

/* Until the last second in which it would be good, and across a purge. */
static void test_a_replay_is_remembered_until_it_is_stale(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    claims c = good(w, &p);
    char *first = signed_by(w, EC_PEM, "{\"alg\":\"ES256\"}", payload_of(w, &c));

    assert_int_equal(present(w, first)->status, 200);
    w->now += 60 + 59;
    assert_int_equal(istauth_purge(NULL, w->server, 1000), ISTAUTH_OK);
    expect_error(present(w, first), 401, "invalid_client");
    w->now += 1;
    expect_error(present(w, first), 401, "invalid_client");
}

static void test_tk_10_an_assertion_comes_alone(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    char *form = assertion_form(w, assertion_of(w, &p)), *body;
    char *line = basic_line(w, world_text(w, "%s:", p.client_id));

    body = world_text(w, "grant_type=client_credentials&%s&client_secret=x", form);
    expect_error(world_post_form(w, TOKEN, body), 400, "invalid_request");
    body = world_text(w, "grant_type=client_credentials&%s", form);
    expect_error(world_call(w, "POST", TOKEN, NULL, world_text(w, FORM "%s", line), body,
                            strlen(body)),
                 400, "invalid_request");
    body = world_text(w, "grant_type=client_credentials&%s&%s", form, form);
    expect_error(world_post_form(w, TOKEN, body), 400, "invalid_request");
    body = world_text(w, "grant_type=client_credentials&%s&client_id=another", form);
    expect_error(world_post_form(w, TOKEN, body), 401, "invalid_client");
    body = world_text(w, "grant_type=client_credentials&%s&client_id=%s", form, p.client_id);
    assert_int_equal(world_post_form(w, TOKEN, body)->status, 200);
}

static void test_the_type_of_an_assertion_is_told(void **state)
{
    world *w = *state;
    proof p = a_machine(w);
    char *made = assertion_of(w, &p);
    const char *forms[] = {
        world_text(w, "client_assertion=%s", made),
        world_text(w, "client_assertion=%s&client_assertion_type=", made),
        world_text(w, "client_assertion=%s&client_assertion_type="
                      "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", made),
        world_text(w, "client_assertion=%s&client_assertion_type="
                      "urn:ietf:params:oauth:grant-type:jwt-bearer", made),
        "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion=x&client_assertion_type="
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    };

    for (size_t i = 0; i < COUNT(forms); i++)
        expect_error(world_post_form(w, TOKEN, world_text(w, "grant_type=client_credentials&%s",
                                                          forms[i])),
                     401, "invalid_client");
    assert_int_equal(present(w, made)->status, 200);
}

static void test_tk_14_a_client_with_a_key_has_no_other_proof(void **state)
{
    world *w = *state;
    proof p = register_proven(w, JWT);
    char *code = world_code(w, p.client_id, NULL);
    proof bare = { p.client_id, NULL, ISTAUTH_CLIENT_AUTH_NONE, NULL };
    proof secret = { p.client_id, "x", ISTAUTH_CLIENT_AUTH_SECRET_POST, NULL };

    expect_error(redeem_as(w, &bare, code), 401, "invalid_client");
    expect_error(redeem_as(w, &secret, code), 401, "invalid_client");
    assert_int_equal(redeem_as(w, &p, code)->status, 200);
}

/* Of a client with a secret, and of a public one, an assertion proves nothing. */
static void test_tk_13_a_client_without_a_key_cannot_sign(void **state)
{
    world *w = *state;
    proof secret = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_POST);
    proof open = { world_register(w, WORLD_CLIENT_REDIRECT), NULL, JWT, EC_PEM };
    proof nobody = { "nobody", NULL, JWT, EC_PEM };

    secret.method = JWT;
    secret.pem = EC_PEM;
    expect_error(redeem_as(w, &secret, "x"), 401, "invalid_client");
    expect_error(redeem_as(w, &open, "x"), 401, "invalid_client");
    expect_error(redeem_as(w, &nobody, "x"), 401, "invalid_client");
}

static void test_all_three_algorithms_prove(void **state)
{
    static const struct {
        const char *pem, *header;
    } rows[] = { { EC_PEM, "{\"alg\":\"ES256\"}" },
                 { RSA_PEM, "{\"alg\":\"RS256\"}" },
                 { ED_PEM, "{\"alg\":\"EdDSA\"}" },
                 { ED_PEM, "{\"alg\":\"Ed25519\"}" } };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_provision wish = machine_wish();
        claims c;
        proof p;

        wish.auth = JWT;
        wish.jwks = istauth_str_of(jwks_of(w, rows[i].pem, NULL));
        p = provision(w, &wish);
        c = good(w, &p);
        assert_int_equal(present(w, signed_by(w, rows[i].pem, rows[i].header, payload_of(w, &c)))
                             ->status,
                         200);
    }
}

/* --- keys that are fetched --- */

typedef struct site {
    istauth_status status;
    istauth_fetched response;
    size_t asked, limit;
    char url[256];
} site;

static istauth_status get(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                          istauth_arena *arena)
{
    site *s = ctx;

    (void)arena;
    s->asked++;
    s->limit = limit;
    snprintf(s->url, sizeof(s->url), "%.*s", (int)url.n, url.p);
    if (!s->status)
        *out = s->response;
    return s->status;
}

static proof a_machine_with_a_site(world *w, site *s)
{
    istauth_provision wish = machine_wish();
    proof p;

    memset(s, 0, sizeof(*s));
    s->response.status = 200;
    s->response.content_type = ISTAUTH_STR("application/jwk-set+json");
    s->response.body = istauth_str_of(jwks_of(w, EC_PEM, NULL));
    w->config.fetcher = (istauth_fetcher){ get, s };
    world_reopen(w);
    wish.auth = JWT;
    wish.jwks_uri = ISTAUTH_STR("https://c.ex/keys");
    p = provision(w, &wish);
    p.pem = EC_PEM;
    return p;
}

static void test_keys_are_fetched_where_the_client_publishes_them(void **state)
{
    world *w = *state;
    site s;
    proof p = a_machine_with_a_site(w, &s);

    assert_int_equal(present(w, assertion_of(w, &p))->status, 200);
    assert_string_equal(s.url, "https://c.ex/keys");
    assert_int_equal(s.limit, 65536);
    s.response.body = istauth_str_of(jwks_of(w, EC_OTHER_PEM, NULL)); /* rotated */
    expect_error(present(w, assertion_of(w, &p)), 401, "invalid_client");
    p.pem = EC_OTHER_PEM;
    assert_int_equal(present(w, assertion_of(w, &p))->status, 200);
    assert_int_equal(s.asked, 3);
}

/* A stranger who only knows the id of a client makes nobody fetch with what cannot hold. */
static void test_nothing_is_fetched_for_what_cannot_hold(void **state)
{
    world *w = *state;
    site s;
    proof p = a_machine_with_a_site(w, &s);
    claims c = good(w, &p);

    c.aud = "\"https://evil.example\"";
    expect_error(present_claims(w, &c), 401, "invalid_client");
    c = good(w, &p);
    c.exp = w->now - 61;
    expect_error(present_claims(w, &c), 401, "invalid_client");
    c = good(w, &p);
    c.jti = "";
    expect_error(present_claims(w, &c), 401, "invalid_client");
    expect_error(present(w, "x.y.z"), 401, "invalid_client");
    assert_int_equal(s.asked, 0);
}

static void test_keys_that_cannot_be_had_prove_nothing(void **state)
{
    static const struct {
        istauth_status status;
        int http;
        const char *type, *body;
        int want;
    } rows[] = {
        { ISTAUTH_E_NOT_FOUND, 0, "", "", 401 },
        { ISTAUTH_E_UNAVAILABLE, 0, "", "", 503 },
        { ISTAUTH_E_NO_MEMORY, 0, "", "", 503 },
        { (istauth_status)17, 0, "", "", 500 },
        { ISTAUTH_OK, 404, "application/json", "{\"keys\":[]}", 401 },
        { ISTAUTH_OK, 503, "application/json", "{\"keys\":[]}", 503 },
        { ISTAUTH_OK, 302, "application/json", "{\"keys\":[]}", 401 },
        { ISTAUTH_OK, 200, "text/html", NULL, 401 },
        { ISTAUTH_OK, 200, "application/json", "{\"keys\":[]}", 401 },
        { ISTAUTH_OK, 200, "application/json", "<html>", 401 },
        { ISTAUTH_OK, 200, "application/json", "", 401 },
    };
    world *w = *state;
    site s;
    proof p = a_machine_with_a_site(w, &s);

    for (size_t i = 0; i < COUNT(rows); i++) {
        s.status = rows[i].status;
        s.response.status = rows[i].http;
        s.response.content_type = istauth_str_of(rows[i].type);
        if (rows[i].body)
            s.response.body = istauth_str_of(rows[i].body);
        if (present(w, assertion_of(w, &p))->status != rows[i].want)
            fail_msg("row %zu", i);
    }
    s.status = ISTAUTH_OK;
    s.response.status = 200;
    s.response.content_type = ISTAUTH_STR("application/json");
    s.response.body = istauth_str_of(jwks_of(w, EC_PEM, NULL));
    assert_int_equal(present(w, assertion_of(w, &p))->status, 200);
}

static void test_without_a_fetcher_nobody_has_a_jwks_uri(void **state)
{
    static const char body[] = "{\"redirect_uris\":[\"https://c.ex/cb\"],"
                               "\"token_endpoint_auth_method\":\"private_key_jwt\","
                               "\"jwks_uri\":\"https://c.ex/keys\"}";
    world *w = *state;
    istauth_provision wish = machine_wish();
    char secret[ISTAUTH_TOKEN_SIZE];
    istauth_str id;
    reply *r;
    site s;
    proof p;

    expect_error(world_post_json(w, "/api/oauth/register", body), 400, "invalid_client_metadata");
    wish.auth = JWT;
    wish.jwks_uri = ISTAUTH_STR("https://c.ex/keys");
    assert_int_equal(istauth_client_provision(secret, &id, w->server, &wish, &w->arena, NULL),
                     ISTAUTH_E_ARGUMENT);
    p = a_machine_with_a_site(w, &s);
    r = world_post_json(w, "/api/oauth/register", body);
    assert_int_equal(r->status, 201);
    assert_string_equal(reply_str(r, "jwks_uri"), "https://c.ex/keys");
    assert_int_equal(s.asked, 0);
    w->config.fetcher.get = NULL;
    world_reopen(w);
    expect_error(present(w, assertion_of(w, &p)), 401, "invalid_client");
}

static void test_dm_04_the_metadata_lists_the_algorithms(void **state)
{
    static const char list[] = "[\"ES256\",\"RS256\",\"EdDSA\",\"Ed25519\"]";
    world *w = *state;
    const char *path = "/.well-known/oauth-authorization-server";
    char *body = world_get(w, path, NULL)->body;

    assert_non_null(strstr(body, "\"token_endpoint_auth_methods_supported\":[\"none\","
                                 "\"client_secret_basic\",\"client_secret_post\","
                                 "\"private_key_jwt\"]"));
    assert_non_null(strstr(body, world_text(w, "\"token_endpoint_auth_signing_alg_values_supported"
                                               "\":%s", list)));
    assert_non_null(strstr(body, world_text(w, "\"revocation_endpoint_auth_signing_alg_values_"
                                               "supported\":%s", list)));
    assert_non_null(strstr(body, world_text(w, "\"introspection_endpoint_auth_signing_alg_values_"
                                               "supported\":%s", list)));
    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    world_reopen(w);
    body = world_get(w, path, NULL)->body;
    assert_null(strstr(body, "signing_alg"));
    assert_null(strstr(body, "private_key_jwt"));
}

static void test_st_01_a_store_that_cannot_remember_lets_nobody_in(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    char *made;
    proof p;

    w->config.client_auth = ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    w->config.client_credentials = true;
    world_reopen(w);
    p = a_machine(w);
    made = assertion_of(w, &p);
    break_op(f, ISTAUTH_STORE_NONCE_CLAIM, 1);
    expect_error(present(w, made), 503, "temporarily_unavailable");
    break_op(f, ISTAUTH_STORE_NONCE_CLAIM, 0);
    assert_int_equal(present(w, made)->status, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        JWT_CASE(test_a_key_walks_the_whole_road),
        JWT_CASE(test_dc_03_keys_are_registered_and_echoed_and_no_secret_is_given),
        JWT_CASE(test_registrations_without_a_key_of_use_are_refused),
        JWT_CASE(test_keys_of_another_method_are_not_looked_at),
        JWT_CASE(test_claims_within_their_bounds_are_taken),
        JWT_CASE(test_claims_beyond_their_bounds_are_refused),
        JWT_CASE(test_claims_that_are_missing_or_of_the_wrong_type_are_refused),
        JWT_CASE(test_headers_and_signatures_that_prove_nothing),
        JWT_CASE(test_an_assertion_is_good_once),
        JWT_CASE(test_a_replay_is_remembered_until_it_is_stale),
        JWT_CASE(test_tk_10_an_assertion_comes_alone),
        JWT_CASE(test_the_type_of_an_assertion_is_told),
        JWT_CASE(test_tk_14_a_client_with_a_key_has_no_other_proof),
        JWT_CASE(test_tk_13_a_client_without_a_key_cannot_sign),
        JWT_CASE(test_all_three_algorithms_prove),
        JWT_CASE(test_keys_are_fetched_where_the_client_publishes_them),
        JWT_CASE(test_nothing_is_fetched_for_what_cannot_hold),
        JWT_CASE(test_keys_that_cannot_be_had_prove_nothing),
        JWT_CASE(test_without_a_fetcher_nobody_has_a_jwks_uri),
        JWT_CASE(test_dm_04_the_metadata_lists_the_algorithms),
        FAULTY_CASE(test_st_01_a_store_that_cannot_remember_lets_nobody_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
