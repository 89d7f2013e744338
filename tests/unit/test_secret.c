#include "unit/unit.h"

#include "rules/secret_i.h"

static istauth_str mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                        istauth__secret_kind kind, const uint8_t random[ISTAUTH_TOKEN_RANDOM])
{
    istauth__secret_mint(text, key, kind, ISTAUTH_STR("ist"), random);
    return istauth_str_of(text);
}

/* Computed with Python's integers and zlib. */
static void test_known_secrets(void **state)
{
    static const char all_ones[] = 
        "ist_cs_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1Rc9yy";
    static const char all_zeros[] = 
        "ist_rg_00000000000000000000000000000000000000000000TnQQ";
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 0 };
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;

    (void)state;
    assert_says(mint(text, &key, ISTAUTH__SECRET_MANAGEMENT, random), all_zeros);
    memset(random, 0xFF, sizeof(random));
    assert_says(mint(text, &key, ISTAUTH__SECRET_CLIENT, random), all_ones);
}

static void test_tk_12_a_secret_is_made_of_letters_and_digits(void **state)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM];
    char text[ISTAUTH_TOKEN_SIZE];
    uint32_t seed = 11;
    istauth_key key;

    (void)state;
    for (int round = 0; round < 1000; round++) {
        istauth_str made;

        for (size_t i = 0; i < sizeof(random); i++)
            random[i] = (uint8_t)next_random(&seed);
        made = mint(text, &key, ISTAUTH__SECRET_CLIENT, random);
        assert_int_equal(made.n, ISTAUTH_TOKEN_LENGTH_MAX);
        assert_memory_equal(text, "ist_cs_", 7);
        for (size_t i = 7; i < made.n; i++)
            assert_true((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'A' && text[i] <= 'Z') ||
                        (text[i] >= 'a' && text[i] <= 'z'));
    }
}

/* One bit of randomness more or less is another secret: nothing is thrown away. */
static void test_every_random_bit_counts(void **state)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 0 };
    char first[ISTAUTH_TOKEN_SIZE], text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;

    (void)state;
    (void)mint(first, &key, ISTAUTH__SECRET_CLIENT, random);
    for (size_t bit = 0; bit < 8 * sizeof(random); bit++) {
        random[bit / 8] = (uint8_t)(1u << bit % 8);
        (void)mint(text, &key, ISTAUTH__SECRET_CLIENT, random);
        assert_int_not_equal(strncmp(first + 7, text + 7, 43), 0);
        assert_int_not_equal(strcmp(first + 50, text + 50), 0);
        random[bit / 8] = 0;
    }
}

static void test_tk_16_only_the_very_secret_matches(void **state)
{
    static const istauth_key nobody = { { 0 } };
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 7 };
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;
    istauth_str secret;

    secret = mint(text, &key, ISTAUTH__SECRET_CLIENT, random);
    assert_true(istauth__secret_matches(&key, secret));
    assert_false(istauth__secret_matches(&key, istauth_str_of(NULL)));
    assert_false(istauth__secret_matches(&key, (istauth_str){ text, secret.n - 1 }));
    assert_false(istauth__secret_matches(&key, joined(arena_of(state), text, "x", NULL)));
    for (size_t i = 0; i < secret.n; i++) {
        text[i] ^= 1;
        assert_false(istauth__secret_matches(&key, secret));
        text[i] ^= 1;
    }
    assert_false(istauth__secret_matches(&nobody, secret));
    assert_false(istauth__secret_matches(&nobody, istauth_str_of(NULL)));
    assert_false(istauth__secret_matches(&nobody, repeated(arena_of(state), 'x', 56)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_secrets),
        cmocka_unit_test(test_tk_12_a_secret_is_made_of_letters_and_digits),
        cmocka_unit_test(test_every_random_bit_counts),
        with_arena(test_tk_16_only_the_very_secret_matches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
