#include "unit/unit.h"

#include <istauth/pkce.h>

#include "base/crypto_i.h"
#include "base/text_i.h"

/* RFC 7636, appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static istauth_status verify(istauth_str challenge, istauth_str verifier)
{
    istauth_str a = exact(challenge), b = exact(verifier);
    istauth_status st = istauth_pkce_verify(a, b);

    exact_free(a);
    exact_free(b);
    return st;
}

static istauth_status check(const char *challenge, const char *method)
{
    istauth_str a = exact(istauth_str_of(challenge)), b = exact(istauth_str_of(method));
    istauth_status st = istauth_pkce_challenge_check(a, b);

    exact_free(a);
    exact_free(b);
    return st;
}

/* The challenge that belongs to any verifier text, whether it is allowed or not. */
static istauth_str challenge_of(char out[ISTAUTH_PKCE_CHALLENGE_LENGTH], istauth_str verifier)
{
    uint8_t hash[ISTAUTH__SHA256_SIZE];

    istauth__sha256(hash, verifier);
    istauth__base64url_write(out, hash, sizeof(hash));
    return (istauth_str){ out, ISTAUTH_PKCE_CHALLENGE_LENGTH };
}

static void test_rfc_7636_appendix_b_matches(void **state)
{
    (void)state;
    assert_int_equal(verify(ISTAUTH_STR(CHALLENGE), ISTAUTH_STR(VERIFIER)), ISTAUTH_OK);
    assert_int_equal(check(CHALLENGE, "S256"), ISTAUTH_OK);
}

static void test_any_changed_byte_of_either_is_a_mismatch(void **state)
{
    (void)state;
    for (size_t i = 0; i < 43; i++) {
        char verifier[] = VERIFIER, challenge[] = CHALLENGE;

        verifier[i] = verifier[i] == 'A' ? 'B' : 'A';
        challenge[i] = challenge[i] == 'A' ? 'B' : 'A';
        assert_int_equal(verify(ISTAUTH_STR(CHALLENGE), istauth_str_of(verifier)),
                         ISTAUTH_E_PKCE_MISMATCH);
        assert_int_equal(verify(istauth_str_of(challenge), ISTAUTH_STR(VERIFIER)),
                         ISTAUTH_E_PKCE_MISMATCH);
    }
}

static void test_pk_02_only_the_method_s256_is_taken(void **state)
{
    static const char *const methods[] = { "", "plain", "s256", "S256 ", " S256", "S25", "S2566",
                                           "S512", "S256,plain" };

    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++)
        assert_int_equal(check(CHALLENGE, methods[i]), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(istauth_pkce_challenge_check(ISTAUTH_STR(CHALLENGE), ISTAUTH_STR("S256\0")),
                     ISTAUTH_E_INVALID_REQUEST);
}

static void test_pk_05_an_empty_challenge_matches_nothing(void **state)
{
    (void)state;
    assert_int_equal(verify(ISTAUTH_STR(""), ISTAUTH_STR(VERIFIER)), ISTAUTH_E_PKCE_MISMATCH);
    assert_int_equal(verify(ISTAUTH_STR(""), ISTAUTH_STR("")), ISTAUTH_E_PKCE_MISMATCH);
    assert_int_equal(istauth_pkce_verify(istauth_str_of(NULL), istauth_str_of(NULL)),
                     ISTAUTH_E_PKCE_MISMATCH);
    assert_int_equal(verify(ISTAUTH_STR(CHALLENGE), ISTAUTH_STR("")), ISTAUTH_E_PKCE_MISMATCH);
}

/* "plain" would compare the two texts themselves. */
static void test_pk_02_a_verifier_equal_to_its_challenge_is_a_mismatch(void **state)
{
    (void)state;
    assert_int_equal(verify(ISTAUTH_STR(CHALLENGE), ISTAUTH_STR(CHALLENGE)),
                     ISTAUTH_E_PKCE_MISMATCH);
}

static void test_pk_07_verifier_length_is_43_to_128(void **state)
{
    static const struct {
        size_t n;
        istauth_status want;
    } rows[] = {
        { 42, ISTAUTH_E_PKCE_MISMATCH }, { 43, ISTAUTH_OK },
        { 128, ISTAUTH_OK },             { 129, ISTAUTH_E_PKCE_MISMATCH },
        { 1, ISTAUTH_E_PKCE_MISMATCH },  { 4096, ISTAUTH_E_PKCE_MISMATCH },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str verifier = repeated(arena_of(state), 'v', rows[i].n);
        char challenge[ISTAUTH_PKCE_CHALLENGE_LENGTH];

        assert_int_equal(verify(challenge_of(challenge, verifier), verifier), rows[i].want);
    }
}

static void test_pk_08_verifier_alphabet_is_unreserved(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char verifier[43], challenge[ISTAUTH_PKCE_CHALLENGE_LENGTH];
        istauth_str text = { verifier, sizeof(verifier) };
        bool fine = byte && byte < 128 &&
                    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
                           byte);

        memset(verifier, 'v', sizeof(verifier));
        verifier[21] = (char)byte;
        assert_int_equal(verify(challenge_of(challenge, text), text),
                         fine ? ISTAUTH_OK : ISTAUTH_E_PKCE_MISMATCH);
    }
}

static void test_pk_09_challenge_is_canonical_base64url_of_32_bytes(void **state)
{
    static const char *const bad[] = {
        "", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c", CHALLENGE "A", CHALLENGE "=",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw/cM",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c=", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cO", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cP",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw\ncM",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw\xC3M1",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(check(bad[i], "S256"), ISTAUTH_E_INVALID_REQUEST);
        assert_int_equal(verify(istauth_str_of(bad[i]), ISTAUTH_STR(VERIFIER)),
                         ISTAUTH_E_PKCE_MISMATCH);
    }
    assert_int_equal(check("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cQ", "S256"), ISTAUTH_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc_7636_appendix_b_matches),
        cmocka_unit_test(test_any_changed_byte_of_either_is_a_mismatch),
        cmocka_unit_test(test_pk_02_only_the_method_s256_is_taken),
        cmocka_unit_test(test_pk_02_a_verifier_equal_to_its_challenge_is_a_mismatch),
        cmocka_unit_test(test_pk_05_an_empty_challenge_matches_nothing),
        with_arena(test_pk_07_verifier_length_is_43_to_128),
        cmocka_unit_test(test_pk_08_verifier_alphabet_is_unreserved),
        cmocka_unit_test(test_pk_09_challenge_is_canonical_base64url_of_32_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
