#include "unit/unit.h"

#include <istauth/token.h>

#include "base/crc32_i.h"

static const uint8_t zeros[ISTAUTH_TOKEN_RANDOM];

static const struct {
    istauth_token_kind kind;
    const char *mark;
} kinds[] = {
    { ISTAUTH_TOKEN_ACCESS, "ist_at_" },
    { ISTAUTH_TOKEN_REFRESH, "ist_rt_" },
    { ISTAUTH_TOKEN_PERSONAL, "ist_pt_" },
    { ISTAUTH_TOKEN_CODE, "ist_ac_" },
};

static istauth_str mint(char text[ISTAUTH_TOKEN_SIZE], istauth_token_kind kind, const char *prefix,
                        const uint8_t *random)
{
    istauth_key key;

    assert_int_equal(istauth_token_mint(text, &key, kind, istauth_str_of(prefix), random),
                     ISTAUTH_OK);
    return istauth_str_of(text);
}

static istauth_token_kind recognise(istauth_str text)
{
    return istauth_token_recognise(ISTAUTH_STR("ist"), text);
}

/* The check value of CRC-32/ISO-HDLC, and every length against the bitwise definition. */
static void test_crc32_has_its_check_value(void **state)
{
    (void)state;
    assert_int_equal(istauth__crc32(ISTAUTH_STR("123456789")), 0xCBF43926);
    assert_int_equal(istauth__crc32(ISTAUTH_STR("")), 0);
    assert_int_not_equal(istauth__crc32(ISTAUTH_STR("123456788")), 0xCBF43926);
}

static uint32_t slow_crc32(istauth_str text)
{
    uint32_t crc = 0xFFFFFFFF;

    for (size_t i = 0; i < text.n; i++) {
        crc ^= (unsigned char)text.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
    }
    return ~crc;
}

static void test_crc32_agrees_with_the_bitwise_form_at_every_length(void **state)
{
    uint32_t seed = 7;
    char bytes[80];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)next_random(&seed);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        istauth_str text = exact((istauth_str){ bytes, n });

        assert_int_equal(istauth__crc32(text), slow_crc32(text));
        exact_free(text);
    }
}

/* Computed with zlib and a base64url encoder that are not ours. */
static void test_token_of_zero_bytes_is_known(void **state)
{
    char text[ISTAUTH_TOKEN_SIZE];

    (void)state;
    assert_says(mint(text, ISTAUTH_TOKEN_ACCESS, "ist", zeros),
                "ist_at_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAOwFpR");
}

static void test_cr_01_every_kind_is_minted_and_recognised(void **state)
{
    char text[ISTAUTH_TOKEN_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        istauth_str token = mint(text, kinds[i].kind, "ist", zeros);
        istauth_str copy = exact(token);

        assert_int_equal(token.n, ISTAUTH_TOKEN_LENGTH_MAX);
        assert_memory_equal(token.p, kinds[i].mark, 7);
        assert_int_equal(recognise(copy), kinds[i].kind);
        exact_free(copy);
    }
}

static void test_cr_01_the_alphabet_is_base64url_and_tokens_differ(void **state)
{
    char seen[500][ISTAUTH_TOKEN_SIZE];
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < COUNT(seen); i++) {
        uint8_t random[ISTAUTH_TOKEN_RANDOM];
        istauth_str token;

        for (size_t k = 0; k < sizeof(random); k++)
            random[k] = (uint8_t)(next_random(&seed) >> 8);
        token = mint(seen[i], ISTAUTH_TOKEN_REFRESH, "ist", random);
        assert_int_equal(strspn(token.p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-_"), token.n);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[k], seen[i]);
    }
}

static void test_every_random_bit_changes_token_and_key(void **state)
{
    char first[ISTAUTH_TOKEN_SIZE], second[ISTAUTH_TOKEN_SIZE];
    istauth_key key = istauth_token_key(mint(first, ISTAUTH_TOKEN_ACCESS, "ist", zeros));

    (void)state;
    for (int bit = 0; bit < 256; bit++) {
        uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 0 };
        istauth_key other;

        random[bit / 8] = (uint8_t)(1 << bit % 8);
        other = istauth_token_key(mint(second, ISTAUTH_TOKEN_ACCESS, "ist", random));
        assert_string_not_equal(first, second);
        assert_false(istauth_key_equal(&key, &other));
    }
}

static void test_mint_refuses_what_is_no_prefix_and_writes_nothing(void **state)
{
    static const char *const bad[] = { "", "istx", "IST", "i_t", "i t", "is-" };
    char text[ISTAUTH_TOKEN_SIZE] = "untouched";
    istauth_key key = { { 9 } };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(istauth_token_mint(text, &key, ISTAUTH_TOKEN_ACCESS,
                                            istauth_str_of(bad[i]), zeros), ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_token_mint(text, &key, ISTAUTH_TOKEN_NONE, ISTAUTH_STR("ist"), zeros),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_token_mint(text, &key, (istauth_token_kind)5, ISTAUTH_STR("ist"),
                                        zeros), ISTAUTH_E_ARGUMENT);
    assert_string_equal(text, "untouched");
    assert_int_equal(key.bytes[0], 9);
}

static void test_be_20_another_prefix_is_not_recognised(void **state)
{
    char text[ISTAUTH_TOKEN_SIZE];

    (void)state;
    for (size_t n = 1; n <= ISTAUTH_TOKEN_PREFIX_MAX; n++) {
        char prefix[4] = "abc";
        istauth_str token;

        prefix[n] = '\0';
        token = mint(text, ISTAUTH_TOKEN_ACCESS, prefix, zeros);
        assert_int_equal(istauth_token_recognise(istauth_str_of(prefix), token),
                         ISTAUTH_TOKEN_ACCESS);
        assert_int_equal(recognise(token), ISTAUTH_TOKEN_NONE);
    }
    mint(text, ISTAUTH_TOKEN_ACCESS, "ist", zeros);
    assert_int_equal(istauth_token_recognise(ISTAUTH_STR(""), istauth_str_of(text)),
                     ISTAUTH_TOKEN_NONE);
    assert_int_equal(istauth_token_recognise(ISTAUTH_STR("ist_"), istauth_str_of(text)),
                     ISTAUTH_TOKEN_NONE);
}

/* A CRC finds every error of one byte, so each of these must fail. */
static void test_be_20_any_single_changed_byte_is_not_recognised(void **state)
{
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_str token = mint(text, ISTAUTH_TOKEN_ACCESS, "ist", zeros);

    (void)state;
    for (size_t at = 0; at < token.n; at++) {
        char was = text[at];

        for (int c = 0; c < 256; c++) {
            text[at] = (char)c;
            assert_int_equal(recognise(token),
                             (char)c == was ? ISTAUTH_TOKEN_ACCESS : ISTAUTH_TOKEN_NONE);
        }
        text[at] = was;
    }
}

static void test_rf_16_every_other_length_is_not_recognised(void **state)
{
    char text[ISTAUTH_TOKEN_SIZE], longer[ISTAUTH_TOKEN_SIZE + 1];
    istauth_str token = mint(text, ISTAUTH_TOKEN_REFRESH, "ist", zeros);

    (void)state;
    for (size_t n = 0; n < token.n; n++) {
        istauth_str part = exact((istauth_str){ text, n });

        assert_int_equal(recognise(part), ISTAUTH_TOKEN_NONE);
        exact_free(part);
    }
    memcpy(longer, text, token.n);
    longer[token.n] = 'A';
    assert_int_equal(recognise((istauth_str){ longer, token.n + 1 }), ISTAUTH_TOKEN_NONE);
    assert_int_equal(recognise((istauth_str){ NULL, 0 }), ISTAUTH_TOKEN_NONE);
}

static void test_key_is_sha256_and_zero_for_long_text(void **state)
{
    static const uint8_t abc[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea,
                                   0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
                                   0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c,
                                   0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
    char longest[ISTAUTH_TOKEN_LENGTH_MAX + 1] = { 0 };
    istauth_key key = istauth_token_key(ISTAUTH_STR("abc")), zero = { { 0 } };

    (void)state;
    assert_memory_equal(key.bytes, abc, sizeof(abc)); /* FIPS 180-4, one-block example */
    key = istauth_token_key((istauth_str){ longest, ISTAUTH_TOKEN_LENGTH_MAX });
    assert_false(istauth_key_equal(&key, &zero));
    key = istauth_token_key((istauth_str){ longest, ISTAUTH_TOKEN_LENGTH_MAX + 1 });
    assert_true(istauth_key_equal(&key, &zero));
    key = istauth_token_key((istauth_str){ NULL, 0 });
    assert_int_equal(key.bytes[0], 0xe3); /* SHA-256 of nothing */
}

static void test_keys_that_differ_in_one_bit_are_unequal(void **state)
{
    istauth_key a = { { 1, 2, 3 } }, b = a;

    (void)state;
    assert_true(istauth_key_equal(&a, &b));
    for (int bit = 0; bit < ISTAUTH_KEY_SIZE * 8; bit++) {
        b = a;
        b.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(istauth_key_equal(&a, &b));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crc32_has_its_check_value),
        cmocka_unit_test(test_crc32_agrees_with_the_bitwise_form_at_every_length),
        cmocka_unit_test(test_token_of_zero_bytes_is_known),
        cmocka_unit_test(test_cr_01_every_kind_is_minted_and_recognised),
        cmocka_unit_test(test_cr_01_the_alphabet_is_base64url_and_tokens_differ),
        cmocka_unit_test(test_every_random_bit_changes_token_and_key),
        cmocka_unit_test(test_mint_refuses_what_is_no_prefix_and_writes_nothing),
        cmocka_unit_test(test_be_20_another_prefix_is_not_recognised),
        cmocka_unit_test(test_be_20_any_single_changed_byte_is_not_recognised),
        cmocka_unit_test(test_rf_16_every_other_length_is_not_recognised),
        cmocka_unit_test(test_key_is_sha256_and_zero_for_long_text),
        cmocka_unit_test(test_keys_that_differ_in_one_bit_are_unequal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
