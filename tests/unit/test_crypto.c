#include "unit/unit.h"

#include "base/crypto_i.h"
#include "base/text_i.h"

static void assert_sha256(istauth_str text, const char *wanted)
{
    uint8_t hash[ISTAUTH__SHA256_SIZE];
    char hex[2 * ISTAUTH__SHA256_SIZE + 1];

    istauth__sha256(hash, text);
    istauth__hex_write(hex, hash, sizeof(hash));
    assert_string_equal(hex, wanted);
    if (text.n <= 55) {
        istauth__sha256_block(hash, text);
        istauth__hex_write(hex, hash, sizeof(hash));
        assert_string_equal(hex, wanted);
    }
}

/* FIPS 180-4's examples, and the empty text of its test vectors. */
static void test_sha256_vectors(void **state)
{
    (void)state;
    assert_sha256(ISTAUTH_STR(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_sha256(ISTAUTH_STR("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sha256(ISTAUTH_STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_one_block_agrees_with_the_whole_at_every_length(void **state)
{
    uint32_t seed = 55;
    char bytes[55];

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)next_random(&seed);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        istauth_str text = exact((istauth_str){ bytes, n });
        uint8_t one[ISTAUTH__SHA256_SIZE], whole[ISTAUTH__SHA256_SIZE];

        istauth__sha256_block(one, text);
        istauth__sha256(whole, text);
        assert_memory_equal(one, whole, sizeof(one));
        exact_free(text);
    }
}

static void test_equality_of_secrets(void **state)
{
    (void)state;
    assert_true(istauth__secret_equal("abc", "abd", 2));
    assert_false(istauth__secret_equal("abc", "abd", 3));
    assert_true(istauth__secret_equal("a", "b", 0));
}

static void test_cr_05_wiping_leaves_zeros(void **state)
{
    char secret[] = "secret";
    static const char zeros[sizeof(secret)];

    (void)state;
    istauth__wipe(secret, sizeof(secret));
    assert_memory_equal(secret, zeros, sizeof(secret));
}

static void test_cr_01_the_default_generator_does_not_repeat(void **state)
{
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    (void)state;
    assert_int_equal(istauth__random_default(NULL, a, sizeof(a)), ISTAUTH_OK);
    assert_int_equal(istauth__random_default(NULL, b, sizeof(b)), ISTAUTH_OK);
    assert_memory_not_equal(a, b, sizeof(a));
    assert_int_equal(istauth__random_default(NULL, a, SIZE_MAX), ISTAUTH_E_RANDOM);
}

#define PLAIN "a consent ticket"
#define SEALED_SIZE (sizeof(PLAIN) - 1 + ISTAUTH__SEAL_OVERHEAD)

static const uint8_t key[ISTAUTH__SEAL_KEY_SIZE] = { 1, 2, 3 };
static const uint8_t nonce[ISTAUTH__SEAL_NONCE_SIZE] = { 4, 5, 6 };

static bool opens(const uint8_t *sealed, size_t n, const char *purpose, const uint8_t *with)
{
    uint8_t *copy = malloc(n + 1), out[sizeof(PLAIN)] = { 0 };
    bool ok;

    assert_non_null(copy);
    memcpy(copy, sealed, n);
    copy = realloc(copy, n ? n : 1);
    assert_non_null(copy);
    ok = istauth__unseal(out, copy, n, istauth_str_of(purpose), with);
    free(copy);
    if (ok)
        assert_memory_equal(out, PLAIN, sizeof(PLAIN) - 1);
    return ok;
}

static void seal(uint8_t sealed[SEALED_SIZE])
{
    assert_int_equal(istauth__crypto_start(), ISTAUTH_OK);
    assert_int_equal(istauth__crypto_start(), ISTAUTH_OK); /* CR-11 */
    istauth__seal(sealed, ISTAUTH_STR(PLAIN), ISTAUTH_STR("ticket"), nonce, key);
}

static void test_co_03_what_was_sealed_opens(void **state)
{
    uint8_t sealed[SEALED_SIZE];

    (void)state;
    seal(sealed);
    assert_memory_equal(sealed, nonce, sizeof(nonce));
    assert_true(opens(sealed, sizeof(sealed), "ticket", key));
    for (size_t i = 0; i + 4 <= sizeof(sealed); i++)
        assert_memory_not_equal(sealed + i, "cons", 4);
}

static void test_co_03_any_flipped_bit_keeps_it_shut(void **state)
{
    uint8_t sealed[SEALED_SIZE];

    (void)state;
    seal(sealed);
    for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(opens(sealed, sizeof(sealed), "ticket", key));
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(opens(sealed, sizeof(sealed), "ticket", key));
}

static void test_co_03_another_purpose_or_key_keeps_it_shut(void **state)
{
    uint8_t sealed[SEALED_SIZE], other[ISTAUTH__SEAL_KEY_SIZE];

    (void)state;
    seal(sealed);
    assert_false(opens(sealed, sizeof(sealed), "", key));
    assert_false(opens(sealed, sizeof(sealed), "Ticket", key));
    assert_false(opens(sealed, sizeof(sealed), "ticket2", key));
    assert_false(opens(sealed, sizeof(sealed), "ticke", key));
    memcpy(other, key, sizeof(other));
    other[31] ^= 1;
    assert_false(opens(sealed, sizeof(sealed), "ticket", other));
}

static void test_co_03_every_truncation_keeps_it_shut(void **state)
{
    uint8_t sealed[SEALED_SIZE], longer[SEALED_SIZE + 1] = { 0 };

    (void)state;
    seal(sealed);
    for (size_t n = 0; n < sizeof(sealed); n++)
        assert_false(opens(sealed, n, "ticket", key));
    memcpy(longer, sealed, sizeof(sealed));
    assert_false(opens(longer, sizeof(longer), "ticket", key));
}

/* The vector is Python's: hashlib.blake2b(b"ist_rt_abc", digest_size=32, person=b"istauth seal"). */
static void test_a_key_from_a_secret_is_not_its_hash(void **state)
{
    static const uint8_t want[ISTAUTH__SEAL_KEY_SIZE] = {
        0x10, 0xC1, 0x01, 0x2C, 0x06, 0x6B, 0x18, 0x39, 0x5B, 0x37, 0xAE, 0x94,
        0xA0, 0x69, 0xE3, 0x33, 0x53, 0x59, 0x98, 0x6E, 0x30, 0xF4, 0xE4, 0xDD,
        0xE7, 0xC2, 0x87, 0x45, 0x38, 0x47, 0x5A, 0xAE
    };
    uint8_t got[ISTAUTH__SEAL_KEY_SIZE], other[ISTAUTH__SEAL_KEY_SIZE];

    (void)state;
    istauth__seal_key_derive(got, ISTAUTH_STR("ist_rt_abc"));
    assert_memory_equal(got, want, sizeof(want));
    istauth__seal_key_derive(other, ISTAUTH_STR("ist_rt_abd"));
    assert_memory_not_equal(got, other, sizeof(got));
    istauth__sha256(other, ISTAUTH_STR("ist_rt_abc"));
    assert_memory_not_equal(got, other, sizeof(got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_vectors),
        cmocka_unit_test(test_one_block_agrees_with_the_whole_at_every_length),
        cmocka_unit_test(test_equality_of_secrets),
        cmocka_unit_test(test_cr_05_wiping_leaves_zeros),
        cmocka_unit_test(test_cr_01_the_default_generator_does_not_repeat),
        cmocka_unit_test(test_co_03_what_was_sealed_opens),
        cmocka_unit_test(test_co_03_any_flipped_bit_keeps_it_shut),
        cmocka_unit_test(test_co_03_another_purpose_or_key_keeps_it_shut),
        cmocka_unit_test(test_co_03_every_truncation_keeps_it_shut),
        cmocka_unit_test(test_a_key_from_a_secret_is_not_its_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
