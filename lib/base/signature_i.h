/* Signatures: ECDSA on P-256, RSASSA-PKCS1-v1_5 and Ed25519, each with the one hash that its JOSE
 * algorithm names (RFC 7518 3.1, RFC 8037 3.1). There is no other algorithm here to be tricked
 * into. */
#ifndef ISTAUTH_SIGNATURE_I_H
#define ISTAUTH_SIGNATURE_I_H

#include <istauth/arena.h>

/* Bits, so that several can be allowed at once. The kind of key decides the algorithm. */
typedef enum istauth__alg {
    ISTAUTH__ALG_ES256 = 1 << 0,
    ISTAUTH__ALG_RS256 = 1 << 1,
    ISTAUTH__ALG_EDDSA = 1 << 2
} istauth__alg;

#define ISTAUTH__ALG_ALL (ISTAUTH__ALG_ES256 | ISTAUTH__ALG_RS256 | ISTAUTH__ALG_EDDSA)

#define ISTAUTH__RSA_BITS_MIN 2048
#define ISTAUTH__RSA_BITS_MAX 8192
#define ISTAUTH__SIGNATURE_MAX (ISTAUTH__RSA_BITS_MAX / 8)

/* Big-endian bytes as a JWK has them: x and y of ES256, x of EdDSA, n and e of RS256. */
typedef struct istauth__public_key {
    istauth__alg alg;
    istauth_str x, y;
    istauth_str n, e;
} istauth__public_key;

/* A point on the curve, and on Ed25519 one of the right order; a modulus of 2048 to 8192 bits with
 * an odd exponent of 65537 to 64 bits; numbers without leading zeros. Costs a point check. */
bool istauth__public_key_is_valid(const istauth__public_key *key);

/* `key` is valid. ES256 signatures are r and s side by side (RFC 7518 3.4).
 * ISTAUTH_OK, ISTAUTH_E_INVALID_TOKEN, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__signature_verify(const istauth__public_key *key, istauth_str text,
                                         istauth_str signature);

struct evp_pkey_st;

/* Immutable, and used from any number of threads. */
typedef struct istauth__private_key {
    struct evp_pkey_st *pkey;
    istauth__public_key public_half; /* in the arena that it was loaded into */
} istauth__private_key;

/* An unencrypted PEM private key of one of the three kinds. Owned: istauth__private_key_free wipes
 * it.
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  no such key, or one that istauth__public_key_is_valid refuses
 * ISTAUTH_E_NO_MEMORY */
istauth_status istauth__private_key_load(istauth__private_key *key, istauth_arena *arena,
                                         istauth_str pem);
void istauth__private_key_free(istauth__private_key *key);

/* ES256 draws OpenSSL's random numbers. *n bytes at `out`.
 * ISTAUTH_OK, ISTAUTH_E_CRYPTO, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__signature_make(uint8_t out[ISTAUTH__SIGNATURE_MAX], size_t *n,
                                       const istauth__private_key *key, istauth_str text);

#endif
