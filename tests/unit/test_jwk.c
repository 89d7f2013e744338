#include "unit/jose.h"

#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\""

/* RFC 8037 A.2 */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X "\""

/* RFC 7638 3.1 */
#define RSA_N \
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKR" \
    "XjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAt" \
    "aSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPk" \
    "sINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
#define RSA "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"" RSA_N "\""

static istauth_status parse(istauth__jwks *set, istauth_arena *arena, istauth_str json)
{
    istauth_str text = exact(json);
    istauth_status st = istauth__jwks_parse(set, arena, text);

    exact_free(text);
    return st;
}

/* How many of the one key given are usable; -1 when the whole set is refused. */
static int usable(istauth_arena *arena, const char *jwk)
{
    istauth__jwks set;
    istauth_status st = parse(&set, arena, joined(arena, "{\"keys\":[", jwk, "]}", NULL));

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_REQUEST);
    return st ? -1 : (int)set.count;
}

static void test_which_keys_are_used_passed_over_and_refused(void **state)
{
    static const struct {
        const char *jwk;
        int want;
    } rows[] = {
        { "{" EC "}", 1 },
        { "{" ED "}", 1 },
        { "{" RSA "}", 1 },
        { "{" EC ",\"use\":\"sig\",\"alg\":\"ES256\",\"kid\":\"a\",\"key_ops\":[\"verify\"]}", 1 },
        { "{" ED ",\"alg\":\"EdDSA\"}", 1 },
        { "{" ED ",\"alg\":\"Ed25519\"}", 1 },
        { "{" EC ",\"unheard\":{\"of\":[1]}}", 1 },
        { "{" EC ",\"key_ops\":[\"sign\",\"verify\"]}", 1 },
        { "{" EC "},{" ED "},{" RSA "}", 3 },
        /* meant for something else */
        { "{" EC ",\"use\":\"enc\"}", 0 },
        { "{" EC ",\"use\":\"Sig\"}", 0 },
        { "{" EC ",\"use\":1}", 0 },
        { "{" EC ",\"key_ops\":[]}", 0 },
        { "{" EC ",\"key_ops\":[\"sign\"]}", 0 },
        { "{" EC ",\"key_ops\":\"verify\"}", 0 },
        { "{" EC ",\"alg\":\"ES384\"}", 0 },
        { "{" EC ",\"alg\":\"RS256\"}", 0 },
        { "{" EC ",\"alg\":\"ECDH-ES\"}", 0 },
        { "{" RSA ",\"alg\":\"PS256\"}", 0 },
        { "{" RSA ",\"alg\":\"ES256\"}", 0 },
        { "{" EC ",\"kid\":7}", 0 },
        /* another kind, or incomplete */
        { "{}", 0 },
        { "7", 0 },
        { "\"key\"", 0 },
        { "[]", 0 },
        { "null", 0 },
        { "{\"kty\":\"ec\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" X "\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"" X "\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"x\":\"" X "\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED_X "\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", 0 },
        { "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}", 0 },
        { "{\"kty\":\"RSA\",\"e\":\"AQAB\"}", 0 },
        { "{\"kty\":\"RSA\",\"e\":65537,\"n\":\"" RSA_N "\"}", 0 },
        /* off the curve, and the point at infinity */
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" Y "\",\"y\":\"" X "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "\",\"y\":\"" X "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
          "\"y\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", 0 },
        /* a coordinate of 31, 33, or padded 32 bytes */
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AH_NzidwNmxdQYPL7m_bS3tYBzM1e-nvE7rPbjx70VRF\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" X "=\",\"y\":\"" Y "\"}", 0 },
        { "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEV\",\"y\":\"" Y "\"}", 0 },
        /* Ed25519 points of order 1, 2 and 4, and one that is no point */
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"7P_______________________________________38\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", 0 },
        { "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}", 0 },
        /* what no one may have seen (RFC 7517 9.3) */
        { "{" EC ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}", -1 },
        { "{" ED ",\"d\":null}", -1 },
        { "{" RSA ",\"p\":\"AQ\"}", -1 },
        { "{" RSA ",\"q\":\"AQ\"}", -1 },
        { "{" RSA ",\"dp\":\"AQ\"}", -1 },
        { "{" RSA ",\"dq\":\"AQ\"}", -1 },
        { "{" RSA ",\"qi\":\"AQ\"}", -1 },
        { "{" RSA ",\"oth\":[]}", -1 },
        { "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}", -1 },
        { "{" EC "},{" ED ",\"d\":\"AQ\"}", -1 },
        { "{" EC ",\"kid\":\"a\",\"kid\":\"b\"}", -1 },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
        if (usable(arena_of(state), rows[i].jwk) != rows[i].want)
            fail_msg("%s", rows[i].jwk);
}

static void test_texts_that_are_no_set(void **state)
{
    static const char *const bad[] = { "", "{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":null}",
                                       "{\"keys\":\"\"}", "{" EC "}", "{\"keys\":[{" EC "}]",
                                       "{\"keys\":[],\"keys\":[]}" };
    istauth__jwks set;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse(&set, arena_of(state), istauth_str_of(bad[i])),
                         ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(parse(&set, arena_of(state), ISTAUTH_STR("{\"keys\":[]}")), ISTAUTH_OK);
    assert_int_equal(set.count, 0);
}

static void test_a_set_is_bounded(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth_str keys = ISTAUTH_STR("{" ED "}"), spaces = repeated(arena, ' ', ISTAUTH__JWKS_MAX);
    istauth__jwks set;

    for (size_t count = 1; count <= 33; count++) {
        assert_int_equal(parse(&set, arena, joined(arena, "{\"keys\":[", keys.p, "]}", NULL)),
                         count <= 32 ? ISTAUTH_OK : ISTAUTH_E_INVALID_REQUEST);
        assert_int_equal(set.count, count <= 32 ? count : 32);
        keys = joined(arena, keys.p, ",{" ED "}", NULL);
    }
    memcpy((char *)(uintptr_t)spaces.p, "{\"keys\":[]}", 11);
    assert_int_equal(parse(&set, arena, spaces), ISTAUTH_OK);
    spaces.n++;
    assert_int_equal(istauth__jwks_parse(&set, arena, spaces), ISTAUTH_E_INVALID_REQUEST);
}

static void test_a_kid_is_at_most_256_long(void **state)
{
    istauth_arena *arena = arena_of(state);

    for (size_t n = 255; n <= 257; n++)
        assert_int_equal(usable(arena, joined(arena, "{" EC ",\"kid\":\"",
                                              repeated(arena, 'k', n).p, "\"}", NULL).p),
                         n <= 256);
}

/* A modulus of so many bits, and an exponent of these bytes: only their form is judged. */
static bool rsa_is_valid(istauth_arena *arena, size_t bits, istauth_str e, unsigned last)
{
    size_t n = (bits + 7) / 8;
    istauth_str modulus = repeated(arena, 1, n);
    istauth__public_key key = { .alg = ISTAUTH__ALG_RS256, .n = modulus, .e = e };
    char *p = (char *)(uintptr_t)modulus.p;

    p[0] = (char)(1u << (bits + 7) % 8);
    p[n - 1] = (char)last;
    return istauth__public_key_is_valid(&key);
}

static void test_rsa_keys_have_2048_to_8192_bits_and_a_sane_exponent(void **state)
{
    static const istauth_str f4 = ISTAUTH_STR_INIT("\1\0\1");
    static const struct {
        istauth_str e;
        bool want;
    } rows[] = {
        { ISTAUTH_STR_INIT("\1\0\1"), true },
        { ISTAUTH_STR_INIT("\1\0\3"), true },
        { ISTAUTH_STR_INIT("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), true },
        { ISTAUTH_STR_INIT("\1\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"), false },
        { ISTAUTH_STR_INIT("\xFF\xFF"), false },
        { ISTAUTH_STR_INIT("\1\0\0"), false },
        { ISTAUTH_STR_INIT("\1\0\2"), false },
        { ISTAUTH_STR_INIT("\0\1\0\1"), false },
        { ISTAUTH_STR_INIT("\3"), false },
        { ISTAUTH_STR_INIT("\1"), false },
        { ISTAUTH_STR_INIT("\0"), false },
        { ISTAUTH_STR_INIT(""), false },
    };
    static const size_t bits[] = { 1024, 2040, 2047, 2048, 2049, 4096, 8191, 8192, 8193, 8200, 16384 };
    istauth_arena *arena = arena_of(state);
    istauth__public_key leading = { .alg = ISTAUTH__ALG_RS256, .e = f4 };

    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(rsa_is_valid(arena, 2048, rows[i].e, 1), rows[i].want);
    for (size_t i = 0; i < COUNT(bits); i++)
        assert_int_equal(rsa_is_valid(arena, bits[i], f4, 1), bits[i] >= 2048 && bits[i] <= 8192);
    assert_false(rsa_is_valid(arena, 2048, f4, 2));
    leading.n = repeated(arena, 1, 257);
    *(char *)(uintptr_t)leading.n.p = 0;
    assert_false(istauth__public_key_is_valid(&leading));
}

static void test_thumbprints_of_the_rfcs(void **state)
{
    static const struct {
        const char *jwk, *thumbprint;
    } rows[] = {
        { "{" RSA ",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}", /* RFC 7638 3.1 */
          "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" },
        { "{" ED "}", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" }, /* RFC 8037 A.3 */
        { "{" EC "}", "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U" }, /* npm jose */
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_arena *arena = arena_of(state);
        istauth_str thumbprint;
        istauth__jwks set;

        assert_int_equal(parse(&set, arena, joined(arena, "{\"keys\":[", rows[i].jwk, "]}", NULL)),
                         ISTAUTH_OK);
        assert_int_equal(istauth__jwk_thumbprint(&thumbprint, arena, &set.keys[0].key), ISTAUTH_OK);
        assert_says(thumbprint, rows[i].thumbprint);
    }
}

static void test_a_printed_set_has_no_private_member(void **state)
{
    istauth_arena *arena = arena_of(state);
    istauth__private_key key = key_from(arena, ED_PEM);
    istauth__jwks set = set_of(arena, &key, "one");
    istauth_str json;

    assert_int_equal(istauth__jwks_print(&json, arena, &set), ISTAUTH_OK);
    assert_true(mentions(json, "{\"keys\":[{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\""));
    assert_true(mentions(json, "\",\"use\":\"sig\",\"alg\":\"EdDSA\",\"kid\":\"one\"}]}"));
    assert_false(mentions(json, "\"d\""));
    istauth__private_key_free(&key);
}

static void test_private_keys_that_load_and_that_do_not(void **state)
{
    static const struct {
        const char *pem;
        istauth_status want;
    } rows[] = {
        { EC_PEM, ISTAUTH_OK },
        { EC_SEC1_PEM, ISTAUTH_OK },
        { RSA_PEM, ISTAUTH_OK },
        { ED_PEM, ISTAUTH_OK },
        { "a comment before it\n" ED_PEM, ISTAUTH_OK },
        { EC_MIXED_PEM, ISTAUTH_E_ARGUMENT },
        { EC_ENCRYPTED_PEM, ISTAUTH_E_ARGUMENT },
        { EC_PUBLIC_PEM, ISTAUTH_E_ARGUMENT },
        { RSA_SMALL_PEM, ISTAUTH_E_ARGUMENT },
        { RSA_EXPONENT_3_PEM, ISTAUTH_E_ARGUMENT },
        { P384_PEM, ISTAUTH_E_ARGUMENT },
        { K256_PEM, ISTAUTH_E_ARGUMENT },
        { "", ISTAUTH_E_ARGUMENT },
        { "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", ISTAUTH_E_ARGUMENT },
        { "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ISTAUTH_E_ARGUMENT },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth__private_key key;
        istauth_str pem = exact(istauth_str_of(rows[i].pem));
        istauth_status st = istauth__private_key_load(&key, arena_of(state), pem);

        exact_free(pem);
        if (st != rows[i].want)
            fail_msg("%zu: %s", i, rows[i].pem);
        if (!st)
            istauth__private_key_free(&key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_which_keys_are_used_passed_over_and_refused),
        with_arena(test_texts_that_are_no_set),
        with_arena(test_a_set_is_bounded),
        with_arena(test_a_kid_is_at_most_256_long),
        with_arena(test_rsa_keys_have_2048_to_8192_bits_and_a_sane_exponent),
        with_arena(test_thumbprints_of_the_rfcs),
        with_arena(test_a_printed_set_has_no_private_member),
        with_arena(test_private_keys_that_load_and_that_do_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
