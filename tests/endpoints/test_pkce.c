/* PKCE from the authorization request to the token endpoint: no code without the verifier that its
 * challenge was made of (RFC 7636, RFC 9700 2.1.1). */
#include "support/world.h"

#include <sodium.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define AUTHORIZE "/oauth/authorize"
#define TOKEN "/api/oauth/token"
#define PKCE "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S256"

/* A request with only this besides client and redirect URI. */
static void refuse(world *w, const char *query)
{
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *all = world_text(w, "client_id=%s&redirect_uri=%s&response_type=code&%s", client_id,
                           world_encode(w, WORLD_CLIENT_REDIRECT), query);
    reply *r = world_get(w, AUTHORIZE, all);

    if (r->status != 303)
        fail_msg("%s: %d open %d", query, r->status, r->open);
    expect_redirect_error(r, WORLD_CLIENT_REDIRECT "?error=", "invalid_request", NULL);
}

static char *challenge_for(world *w, const char *verifier)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char text[64];

    crypto_hash_sha256(hash, (const unsigned char *)verifier, strlen(verifier));
    sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return world_text(w, "%s", text);
}

static char *code_for(world *w, const char *client_id, const char *challenge)
{
    char *query = world_text(w,
                             "response_type=code&client_id=%s&code_challenge=%s"
                             "&code_challenge_method=S256",
                             client_id, challenge);

    return url_param(w, world_approve(w, query, NULL, NULL), "code");
}

static reply *redeem(world *w, const char *client_id, const char *code, const char *more)
{
    return world_post_form(w, TOKEN,
                           world_text(w, "grant_type=authorization_code&client_id=%s&code=%s%s",
                                      client_id, code, more));
}

/* Refused, and the code is gone: what would have been right comes too late. */
static void burns(world *w, const char *more)
{
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);
    size_t issued = world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED);

    expect_error(redeem(w, client_id, code, more), 400, "invalid_grant");
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), issued);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static void test_pk_02_s256_is_named_and_is_the_only_method(void **state)
{
    static const char *const bad[] = {
        "x=y",
        "code_challenge_method=S256",
        "code_challenge=" WORLD_CHALLENGE,
        "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=s256",
        "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S256%20",
        "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S512",
        "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=plain",
        "code_challenge=" WORLD_VERIFIER "&code_challenge_method=plain",
        PKCE "&code_challenge_method=S256",
        PKCE "&code_challenge=" WORLD_CHALLENGE,
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++)
        refuse(w, bad[i]);
}

static void test_pk_04_a_code_without_its_verifier_is_burnt(void **state)
{
    world *w = *state;

    burns(w, "");
    burns(w, "&code_verifier=");
    burns(w, "&code_challenge=" WORLD_CHALLENGE);
    burns(w, "&code_verifier=" WORLD_CHALLENGE); /* what an eavesdropper on the front channel has */
}

/* A code as only a broken or doctored database holds one. */
static char *planted_code(world *w, const char *client_id, const char *challenge, uint8_t n)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { n };
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_code code = { .redirect_uri = ISTAUTH_STR(WORLD_CLIENT_REDIRECT),
                          .challenge = istauth_str_of(challenge),
                          .created_at = w->now,
                          .expires_at = w->now + 60 };
    istauth_grant grant = { .subject = ADA,
                            .client_id = istauth_str_of(client_id),
                            .scopes = ISTAUTH_STR("mcp"),
                            .workspaces = { &workspace, 1 },
                            .resource = ISTAUTH_STR(WORLD_RESOURCE),
                            .created_at = w->now,
                            .pending = true };
    char text[ISTAUTH_TOKEN_SIZE];

    memset(grant.id.text, 'a' + n, ISTAUTH_ID_SIZE - 1);
    assert_int_equal(istauth_token_mint(text, &code.key, ISTAUTH_TOKEN_CODE, ISTAUTH_STR("ist"),
                                        random),
                     ISTAUTH_OK);
    assert_int_equal(w->store.ops->code_put(w->store.ctx, &code, &grant), ISTAUTH_OK);
    return world_text(w, "%s", text);
}

static void test_pk_05_a_stored_code_without_a_challenge_opens_nothing(void **state)
{
    static const struct {
        const char *challenge, *more;
    } rows[] = {
        { "", "&code_verifier=" WORLD_VERIFIER },
        { "", "" },
        { "", "&code_verifier=" },
        { WORLD_VERIFIER, "&code_verifier=" WORLD_VERIFIER }, /* as "plain" would have it */
        { WORLD_CHALLENGE "=", "&code_verifier=" WORLD_VERIFIER },
    };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    uint8_t n = 0;

    for (; n < COUNT(rows); n++)
        expect_error(redeem(w, client_id, planted_code(w, client_id, rows[n].challenge, n),
                            rows[n].more),
                     400, "invalid_grant");
    assert_int_equal(redeem(w, client_id, planted_code(w, client_id, WORLD_CHALLENGE, n),
                            "&code_verifier=" WORLD_VERIFIER)
                         ->status,
                     200);
}

static void test_pk_06_one_wrong_verifier_burns_the_code(void **state)
{
    world *w = *state;

    burns(w, "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl");  /* last byte */
    burns(w, "&code_verifier=DBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");  /* case */
    burns(w, "&code_verifier=" WORLD_VERIFIER "k");
    burns(w, "&code_verifier=" WORLD_VERIFIER "%20");
    burns(w, "&code_verifier=" WORLD_VERIFIER "=");
}

static void test_pk_07_a_verifier_has_43_to_128_characters(void **state)
{
    static const struct {
        int length, status;
    } rows[] = { { 42, 400 }, { 43, 200 }, { 44, 200 }, { 127, 200 }, { 128, 200 }, { 129, 400 } };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *verifier = world_text(w, "%*s", rows[i].length, "");
        reply *r;

        memset(verifier, '~', (size_t)rows[i].length);
        r = redeem(w, client_id, code_for(w, client_id, challenge_for(w, verifier)),
                   world_text(w, "&code_verifier=%s", verifier));
        assert_int_equal(r->status, rows[i].status);
        if (r->status == 400)
            expect_error(r, 400, "invalid_grant");
    }
}

static void test_pk_07_a_verifier_is_made_of_unreserved_characters(void **state)
{
    static const char *const bad = "+/=% \"\\!*'()";
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);

    for (const char *c = bad; *c; c++) {
        char *verifier = world_text(w, "%s%c", WORLD_VERIFIER, *c);

        expect_error(redeem(w, client_id, code_for(w, client_id, challenge_for(w, verifier)),
                            world_text(w, "&code_verifier=%s", world_encode(w, verifier))),
                     400, "invalid_grant");
    }
}

#define ALMOST "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c" /* WORLD_CHALLENGE but for its M */

static void test_pk_09_a_challenge_is_43_characters_of_canonical_base64url(void **state)
{
    static const char *const bad[] = {
        ALMOST, ALMOST "MA", ALMOST "M%3D", ALMOST "%20", ALMOST "~", ALMOST ".", ALMOST "%3D",
        ALMOST "N", ALMOST "O", ALMOST "P", /* the same hash, but for bits that nobody needs */
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw%2BcM",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw/cM"
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++)
        refuse(w, world_text(w, "code_challenge_method=S256&code_challenge=%s", bad[i]));
}

static void test_pk_11_two_clients_with_one_challenge_do_not_share_codes(void **state)
{
    world *w = *state;
    char *a = world_register(w, WORLD_CLIENT_REDIRECT);
    char *b = world_register(w, WORLD_CLIENT_REDIRECT);
    char *first = world_code(w, a, NULL), *second = world_code(w, a, NULL);

    expect_error(world_redeem(w, b, first), 400, "invalid_grant");
    assert_int_equal(world_redeem(w, a, first)->status, 200);
    assert_int_equal(world_redeem(w, a, second)->status, 200);
}

static void test_pk_12_a_code_injected_into_another_session_is_refused(void **state)
{
    static const char attacker[] = "attackers-own-verifier-attackers-own-verifier";
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *victims = world_code(w, client_id, NULL);
    char *own = code_for(w, client_id, challenge_for(w, attacker));

    expect_error(redeem(w, client_id, victims, world_text(w, "&code_verifier=%s", attacker)), 400,
                 "invalid_grant");
    assert_int_equal(
        redeem(w, client_id, own, world_text(w, "&code_verifier=%s", attacker))->status, 200);
    expect_error(world_redeem(w, client_id, victims), 400, "invalid_grant");
}

static void test_pk_13_a_verifier_comes_once_and_in_the_body(void **state)
{
    static const char both[] = "&code_verifier=" WORLD_VERIFIER "&code_verifier=" WORLD_VERIFIER;
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL), *body;

    expect_error(redeem(w, client_id, code, both), 400, "invalid_request");
    expect_error(redeem(w, client_id, code, "&code_verifier=&code_verifier=" WORLD_VERIFIER), 400,
                 "invalid_request");
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
    body = world_text(w, "grant_type=authorization_code&client_id=%s&code=%s", client_id,
                      world_code(w, client_id, NULL));
    expect_error(world_call(w, "POST", TOKEN, "code_verifier=" WORLD_VERIFIER,
                            "Content-Type: application/x-www-form-urlencoded\r\n", body,
                            strlen(body)),
                 400, "invalid_grant");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_pk_02_s256_is_named_and_is_the_only_method),
        CASE(test_pk_04_a_code_without_its_verifier_is_burnt),
        CASE(test_pk_05_a_stored_code_without_a_challenge_opens_nothing),
        CASE(test_pk_06_one_wrong_verifier_burns_the_code),
        CASE(test_pk_07_a_verifier_has_43_to_128_characters),
        CASE(test_pk_07_a_verifier_is_made_of_unreserved_characters),
        CASE(test_pk_09_a_challenge_is_43_characters_of_canonical_base64url),
        CASE(test_pk_11_two_clients_with_one_challenge_do_not_share_codes),
        CASE(test_pk_12_a_code_injected_into_another_session_is_refused),
        CASE(test_pk_13_a_verifier_comes_once_and_in_the_body),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
