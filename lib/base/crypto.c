/* SHA256_Init and its kin are "deprecated" in favour of EVP, which fetches and allocates on every
 * call and can fail. On the path that every MCP request takes the low-level functions cost
 * half of a prefetched EVP digest and have no failure to handle. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/crypto_i.h"

#include <openssl/crypto.h>
#include <openssl/opensslconf.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <sodium.h>

_Static_assert(ISTAUTH__SEAL_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(ISTAUTH__SHA512_SIZE == crypto_hash_sha512_BYTES, "SHA-512");
_Static_assert(ISTAUTH__SEAL_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce");
_Static_assert(ISTAUTH__SEAL_OVERHEAD ==
                   ISTAUTH__SEAL_NONCE_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag");

void istauth__sha256(uint8_t out[ISTAUTH__SHA256_SIZE], istauth_str text)
{
    SHA256_CTX c;

    SHA256_Init(&c);
    SHA256_Update(&c, text.p, text.n);
    SHA256_Final(out, &c);
    OPENSSL_cleanse(&c, sizeof(c));
}

/* The padding of FIPS 180-4 5.1.1 done by hand: one compression and no bookkeeping. */
void istauth__sha256_block(uint8_t out[ISTAUTH__SHA256_SIZE], istauth_str text)
{
    uint8_t block[SHA256_CBLOCK] = { 0 };
    SHA256_CTX c;

    if (text.n)
        memcpy(block, text.p, text.n);
    block[text.n] = 0x80;
    block[62] = (uint8_t)(text.n >> 5); /* length in bits, big-endian */
    block[63] = (uint8_t)(text.n << 3);
    SHA256_Init(&c);
    SHA256_Transform(&c, block);
    for (int i = 0; i < 8; i++) {
        out[4 * i] = (uint8_t)(c.h[i] >> 24);
        out[4 * i + 1] = (uint8_t)(c.h[i] >> 16);
        out[4 * i + 2] = (uint8_t)(c.h[i] >> 8);
        out[4 * i + 3] = (uint8_t)c.h[i];
    }
    sodium_memzero(block, sizeof(block));
}

void istauth__sha512(uint8_t out[ISTAUTH__SHA512_SIZE], istauth_str text)
{
    (void)crypto_hash_sha512(out, (const unsigned char *)text.p, text.n);
}

void istauth__mac(uint8_t out[ISTAUTH__MAC_SIZE], const uint8_t key[ISTAUTH__MAC_KEY_SIZE],
                  const char *purpose, istauth_str text)
{
    unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = { 0 };

    memcpy(personal, purpose, strlen(purpose));
    (void)crypto_generichash_blake2b_salt_personal(out, ISTAUTH__MAC_SIZE,
                                                   (const unsigned char *)text.p, text.n, key,
                                                   ISTAUTH__MAC_KEY_SIZE, NULL, personal);
}

bool istauth__secret_equal(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}

void istauth__wipe(void *p, size_t n)
{
    sodium_memzero(p, n);
}

istauth_status istauth__random_default(void *ctx, void *bytes, size_t count)
{
    (void)ctx;
    return count <= INT32_MAX && RAND_bytes(bytes, (int)count) == 1 ? ISTAUTH_OK
                                                                    : ISTAUTH_E_RANDOM;
}

istauth_status istauth__crypto_start(void)
{
    return sodium_init() < 0 ? ISTAUTH_E_CRYPTO : ISTAUTH_OK;
}

/* BLAKE2b with a personalisation (RFC 7693 2.8): nothing else here hashes a token that way. */
void istauth__seal_key_derive(uint8_t key[ISTAUTH__SEAL_KEY_SIZE], istauth_str secret)
{
    static const unsigned char personal[crypto_generichash_blake2b_PERSONALBYTES] = "istauth seal";

    (void)crypto_generichash_blake2b_salt_personal(key, ISTAUTH__SEAL_KEY_SIZE,
                                                   (const unsigned char *)secret.p, secret.n, NULL,
                                                   0, NULL, personal);
}

void istauth__seal(uint8_t *out, istauth_str plain, istauth_str purpose,
                   const uint8_t nonce[ISTAUTH__SEAL_NONCE_SIZE],
                   const uint8_t key[ISTAUTH__SEAL_KEY_SIZE])
{
    memcpy(out, nonce, ISTAUTH__SEAL_NONCE_SIZE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        out + ISTAUTH__SEAL_NONCE_SIZE, NULL, (const unsigned char *)plain.p, plain.n,
        (const unsigned char *)purpose.p, purpose.n, NULL, nonce, key);
}

bool istauth__unseal(uint8_t *out, const uint8_t *sealed, size_t n, istauth_str purpose,
                     const uint8_t key[ISTAUTH__SEAL_KEY_SIZE])
{
    if (n < ISTAUTH__SEAL_OVERHEAD)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, sealed + ISTAUTH__SEAL_NONCE_SIZE, n - ISTAUTH__SEAL_NONCE_SIZE,
               (const unsigned char *)purpose.p, purpose.n, sealed, key) == 0;
}
