#include "unit/unit.h"

#include "rules/id_token_i.h"
#include "rules/subject_i.h"

static istauth_str printed(istauth_arena *arena, const istauth__id_token *token)
{
    istauth_str json;

    assert_int_equal(istauth__id_token_print(&json, arena, token), ISTAUTH_OK);
    return json;
}

/* OpenID Connect Core A.4: the access token and its hash. */
static void test_at_hash_of_the_specification(void **state)
{
    istauth__id_token token = {
        .issuer = ISTAUTH_STR("https://server.example.com"),
        .subject = ISTAUTH_STR("248289761001"),
        .client_id = ISTAUTH_STR("s6BhdRkqt3"),
        .nonce = ISTAUTH_STR("n-0S6_WzA2Mj"),
        .access_token = ISTAUTH_STR("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
        .alg = ISTAUTH__ALG_RS256,
        .auth_time = 1311280900,
        .issued_at = 1311280970,
        .expires_at = 1311281970,
    };

    assert_says(printed(arena_of(state), &token),
                "{\"iss\":\"https://server.example.com\",\"sub\":\"248289761001\","
                "\"aud\":\"s6BhdRkqt3\",\"azp\":\"s6BhdRkqt3\",\"exp\":1311281970,\"iat\":1311280970,"
                "\"auth_time\":1311280900,\"nonce\":\"n-0S6_WzA2Mj\","
                "\"at_hash\":\"77QmUPtjPfzWtF2AnpK9RQ\"}");
}

/* As the oidc-token-hash that strict JavaScript clients use: SHA-512 with Ed25519. */
static void test_ed25519_hashes_with_sha_512(void **state)
{
    istauth__id_token token = { .access_token = ISTAUTH_STR("abc"), .alg = ISTAUTH__ALG_EDDSA };

    assert_true(mentions(printed(arena_of(state), &token),
                         "\"at_hash\":\"3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o\""));
    token.alg = ISTAUTH__ALG_ES256;
    assert_true(mentions(printed(arena_of(state), &token), "\"at_hash\":\"ungWv48Bz-pBQUDeXa4iIw\""));
}

static void test_what_is_not_known_is_left_out(void **state)
{
    istauth__id_token token = { .alg = ISTAUTH__ALG_ES256 };
    istauth_str json = printed(arena_of(state), &token);

    assert_false(mentions(json, "nonce"));
    assert_false(mentions(json, "auth_time"));
}

static istauth_str sector(const char *first, const char *second)
{
    static istauth_str uris[2];
    istauth_client client = { .client_id = ISTAUTH_STR("the client"),
                              .redirect_uris = { uris, second ? 2 : first ? 1 : 0 } };

    uris[0] = istauth_str_of(first);
    uris[1] = istauth_str_of(second);
    return istauth__sector(&client);
}

static void test_the_sector_of_a_client(void **state)
{
    static const struct {
        const char *first, *second, *want;
    } rows[] = {
        { "https://c.ex/cb", NULL, "c.ex" },
        { "https://c.ex:8443/cb", NULL, "c.ex" },
        { "https://c.ex/cb", "https://c.ex/other", "c.ex" },
        { "https://c.ex/cb", "https://C.ex/other", "the client" },
        { "https://c.ex/cb", "https://d.ex/cb", "the client" },
        { "https://c.ex/cb", "http://127.0.0.1/cb", "the client" },
        { "http://127.0.0.1/cb", "https://c.ex/cb", "the client" },
        { "http://127.0.0.1/cb", NULL, "the client" },
        { "http://localhost/cb", NULL, "the client" },
        { "http://[::1]/cb", NULL, "the client" },
        { "cursor://callback", NULL, "the client" },
        { NULL, NULL, "the client" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_says(sector(rows[i].first, rows[i].second), rows[i].want);
}

static istauth_str pairwise(istauth_arena *arena, uint8_t key, const char *of, const char *subject)
{
    uint8_t bytes[ISTAUTH__PAIRWISE_KEY_SIZE] = { key };
    istauth_str out;

    assert_int_equal(istauth__subject_pairwise(&out, arena, bytes, istauth_str_of(of),
                                               istauth_str_of(subject)),
                     ISTAUTH_OK);
    return out;
}

/* Python's: hashlib.blake2b(pack, digest_size=32, key=bytes([1]) + bytes(31), person=b"istauth
 * pairwise"), pack being each text behind its length in eight bytes. A change would make strangers
 * of everyone. */
static void test_a_pairwise_subject_never_changes(void **state)
{
    istauth_arena *arena = arena_of(state);

    assert_says(pairwise(arena, 1, "c.ex", "user_ada"), "0soOYBzU2DLR4tHFPCuf0idOTS7vzjFINxGoP1Ymeo4");
}

static void test_a_pairwise_subject_depends_on_all_that_it_is_made_of(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth_str one = pairwise(arena, 1, "c.ex", "ada");

    assert_int_equal(one.n, 43);
    assert_true(istauth_str_equal(one, pairwise(arena, 1, "c.ex", "ada")));
    assert_false(istauth_str_equal(one, pairwise(arena, 2, "c.ex", "ada")));
    assert_false(istauth_str_equal(one, pairwise(arena, 1, "c.e", "xada")));
    assert_false(istauth_str_equal(one, pairwise(arena, 1, "d.ex", "ada")));
    assert_false(istauth_str_equal(one, pairwise(arena, 1, "c.ex", "adb")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_at_hash_of_the_specification),
        with_arena(test_ed25519_hashes_with_sha_512),
        with_arena(test_what_is_not_known_is_left_out),
        cmocka_unit_test(test_the_sector_of_a_client),
        with_arena(test_a_pairwise_subject_never_changes),
        with_arena(test_a_pairwise_subject_depends_on_all_that_it_is_made_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
