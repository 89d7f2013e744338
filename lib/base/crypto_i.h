/* Hashing, comparing, wiping and sealing. The only file pair that touches OpenSSL's and
 * libsodium's primitives on behalf of the floors above. */
#ifndef ISTAUTH_CRYPTO_I_H
#define ISTAUTH_CRYPTO_I_H

#include <istauth/arena.h>

#define ISTAUTH__SHA256_SIZE 32
#define ISTAUTH__SEAL_KEY_SIZE 32

/* SHA-256 of at most 55 bytes, one block: the token path. Cannot fail. */
void istauth__sha256_block(uint8_t out[ISTAUTH__SHA256_SIZE], istauth_str text);

/* SHA-256 of any text. Cannot fail. */
void istauth__sha256(uint8_t out[ISTAUTH__SHA256_SIZE], istauth_str text);

#define ISTAUTH__SHA512_SIZE 64

void istauth__sha512(uint8_t out[ISTAUTH__SHA512_SIZE], istauth_str text);

#define ISTAUTH__MAC_SIZE 32
#define ISTAUTH__MAC_KEY_SIZE 32

/* What only a holder of the key can make of a text: keyed BLAKE2b (RFC 7693 2.9). `purpose`, at
 * most 16 bytes, keeps what was made for one use from passing in another. */
void istauth__mac(uint8_t out[ISTAUTH__MAC_SIZE], const uint8_t key[ISTAUTH__MAC_KEY_SIZE],
                  const char *purpose, istauth_str text);

/* Equality in a time that depends on n alone. */
bool istauth__secret_equal(const void *a, const void *b, size_t n);

void istauth__wipe(void *p, size_t n);

/* OpenSSL's generator: ISTAUTH_OK or ISTAUTH_E_RANDOM. */
istauth_status istauth__random_default(void *ctx, void *bytes, size_t count);

/* libsodium's one-time set-up; safe to call again and from any thread. */
istauth_status istauth__crypto_start(void);

#define ISTAUTH__SEAL_NONCE_SIZE 24
#define ISTAUTH__SEAL_OVERHEAD (ISTAUTH__SEAL_NONCE_SIZE + 16)

/* A sealing key that only the holder of a secret text can make: its SHA-256 does not give it. */
void istauth__seal_key_derive(uint8_t key[ISTAUTH__SEAL_KEY_SIZE], istauth_str secret);

/* XChaCha20-Poly1305: `out` gets nonce, ciphertext and tag, plain.n + ISTAUTH__SEAL_OVERHEAD bytes.
 * `purpose` is authenticated: what was sealed for one does not open for another. */
void istauth__seal(uint8_t *out, istauth_str plain, istauth_str purpose,
                   const uint8_t nonce[ISTAUTH__SEAL_NONCE_SIZE],
                   const uint8_t key[ISTAUTH__SEAL_KEY_SIZE]);

/* False when it was not sealed with this key and purpose. `out` has room for
 * n - ISTAUTH__SEAL_OVERHEAD bytes. */
bool istauth__unseal(uint8_t *out, const uint8_t *sealed, size_t n, istauth_str purpose,
                     const uint8_t key[ISTAUTH__SEAL_KEY_SIZE]);

#endif
