#include <istauth/token.h>

#include "base/crc32_i.h"
#include "base/crypto_i.h"
#include "base/text_i.h"

#define MARK_LENGTH 4 /* "_at_" */
#define RANDOM_LENGTH ISTAUTH__BASE64URL_LENGTH(ISTAUTH_TOKEN_RANDOM)
#define CHECKSUM_LENGTH 5

_Static_assert(ISTAUTH_TOKEN_PREFIX_MAX + MARK_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH ==
                   ISTAUTH_TOKEN_LENGTH_MAX,
               "the longest token fills one SHA-256 block");

static const char marks[][MARK_LENGTH + 1] = {
    [ISTAUTH_TOKEN_ACCESS] = "_at_",
    [ISTAUTH_TOKEN_REFRESH] = "_rt_",
    [ISTAUTH_TOKEN_PERSONAL] = "_pt_",
    [ISTAUTH_TOKEN_CODE] = "_ac_",
};

/* On the path of every request, so without a call: all differences are gathered before the one
 * branch. */
bool istauth_key_equal(const istauth_key *a, const istauth_key *b)
{
    uint64_t x[ISTAUTH_KEY_SIZE / 8], y[ISTAUTH_KEY_SIZE / 8];

    memcpy(x, a->bytes, sizeof(x));
    memcpy(y, b->bytes, sizeof(y));
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

static bool is_prefix(istauth_str prefix)
{
    if (!prefix.n || prefix.n > ISTAUTH_TOKEN_PREFIX_MAX)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (!istauth__is_digit(prefix.p[i]) && !(prefix.p[i] >= 'a' && prefix.p[i] <= 'z'))
            return false;
    return true;
}

/* The low 30 bits as five characters, most significant first. Moved up by two they are the first
 * five of the six characters that four bytes take. */
static void write_checksum(char out[CHECKSUM_LENGTH], istauth_str before)
{
    uint32_t bits = istauth__crc32(before) << 2;
    uint8_t bytes[4] = { (uint8_t)(bits >> 24), (uint8_t)(bits >> 16), (uint8_t)(bits >> 8),
                         (uint8_t)bits };
    char text[ISTAUTH__BASE64URL_LENGTH(sizeof(bytes))];

    istauth__base64url_write(text, bytes, sizeof(bytes));
    memcpy(out, text, CHECKSUM_LENGTH);
}

istauth_status istauth_token_mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                                  istauth_token_kind kind, istauth_str prefix,
                                  const uint8_t random[ISTAUTH_TOKEN_RANDOM])
{
    istauth_str token = { text, prefix.n };

    if (!is_prefix(prefix) || kind < ISTAUTH_TOKEN_ACCESS || kind > ISTAUTH_TOKEN_CODE)
        return ISTAUTH_E_ARGUMENT;
    memcpy(text, prefix.p, prefix.n);
    memcpy(text + token.n, marks[kind], MARK_LENGTH);
    token.n += MARK_LENGTH;
    istauth__base64url_write(text + token.n, random, ISTAUTH_TOKEN_RANDOM);
    token.n += RANDOM_LENGTH;
    write_checksum(text + token.n, token);
    token.n += CHECKSUM_LENGTH;
    text[token.n] = '\0';
    *key = istauth_token_key(token);
    return ISTAUTH_OK;
}

static istauth_token_kind kind_of(const char *mark)
{
    for (int kind = ISTAUTH_TOKEN_ACCESS; kind <= ISTAUTH_TOKEN_CODE; kind++)
        if (memcmp(mark, marks[kind], MARK_LENGTH) == 0)
            return (istauth_token_kind)kind;
    return ISTAUTH_TOKEN_NONE;
}

/* On the path of every request. The checksum is no secret: anyone can compute it, so an ordinary
 * comparison does. The alphabet needs no look: what is not a token has no key in any store. */
istauth_token_kind istauth_token_recognise(istauth_str prefix, istauth_str text)
{
    istauth_str before = text;
    char checksum[CHECKSUM_LENGTH];
    istauth_token_kind kind;

    if (!prefix.n || prefix.n > ISTAUTH_TOKEN_PREFIX_MAX ||
        text.n != prefix.n + MARK_LENGTH + RANDOM_LENGTH + CHECKSUM_LENGTH ||
        memcmp(text.p, prefix.p, prefix.n) != 0)
        return ISTAUTH_TOKEN_NONE;
    kind = kind_of(text.p + prefix.n);
    if (!kind)
        return ISTAUTH_TOKEN_NONE;
    before.n -= CHECKSUM_LENGTH;
    write_checksum(checksum, before);
    return memcmp(checksum, text.p + before.n, CHECKSUM_LENGTH) ? ISTAUTH_TOKEN_NONE : kind;
}

istauth_key istauth_token_key(istauth_str text)
{
    istauth_key key = { { 0 } };

    if (text.n <= ISTAUTH_TOKEN_LENGTH_MAX)
        istauth__sha256_block(key.bytes, text.n ? text : ISTAUTH_STR(""));
    return key;
}
