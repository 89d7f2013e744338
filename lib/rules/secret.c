#include "rules/secret_i.h"

#include "base/crc32_i.h"
#include "base/crypto_i.h"

#define MARK_LENGTH 4
#define RANDOM_LENGTH 43 /* 62^43 > 2^256 */
#define CHECKSUM_LENGTH 5

_Static_assert(ISTAUTH_TOKEN_PREFIX_MAX + MARK_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH ==
                   ISTAUTH_TOKEN_LENGTH_MAX,
               "the longest secret fills one SHA-256 block");

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static const char marks[][MARK_LENGTH + 1] = {
    [ISTAUTH__SECRET_CLIENT] = "_cs_",
    [ISTAUTH__SECRET_MANAGEMENT] = "_rg_",
};

/* Divide a big-endian number by 62: what is left over is its last digit. */
static unsigned divide(uint8_t number[ISTAUTH_TOKEN_RANDOM])
{
    unsigned rest = 0;

    for (size_t i = 0; i < ISTAUTH_TOKEN_RANDOM; i++) {
        unsigned part = rest * 256 + number[i];

        number[i] = (uint8_t)(part / 62);
        rest = part % 62;
    }
    return rest;
}

static void write_random(char out[RANDOM_LENGTH], const uint8_t random[ISTAUTH_TOKEN_RANDOM])
{
    uint8_t number[ISTAUTH_TOKEN_RANDOM];

    memcpy(number, random, sizeof(number));
    for (size_t i = RANDOM_LENGTH; i-- > 0;)
        out[i] = digits[divide(number)];
    istauth__wipe(number, sizeof(number));
}

static void write_checksum(char out[CHECKSUM_LENGTH], istauth_str before)
{
    uint32_t rest = istauth__crc32(before);

    for (size_t i = CHECKSUM_LENGTH; i-- > 0; rest /= 62)
        out[i] = digits[rest % 62];
}

void istauth__secret_mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                          istauth__secret_kind kind, istauth_str prefix,
                          const uint8_t random[ISTAUTH_TOKEN_RANDOM])
{
    istauth_str secret = { text, prefix.n };

    memcpy(text, prefix.p, prefix.n);
    memcpy(text + secret.n, marks[kind], MARK_LENGTH);
    secret.n += MARK_LENGTH;
    write_random(text + secret.n, random);
    secret.n += RANDOM_LENGTH;
    write_checksum(text + secret.n, secret);
    secret.n += CHECKSUM_LENGTH;
    text[secret.n] = '\0';
    *key = istauth_token_key(secret);
}

bool istauth__secret_matches(const istauth_key *key, istauth_str text)
{
    static const istauth_key none = { { 0 } };
    istauth_key presented = istauth_token_key(text); /* of a text too long: zeros */

    return istauth_key_equal(&presented, key) && !istauth_key_equal(&presented, &none);
}
