/* JSON Web Keys (RFC 7517) of the kinds that base can check a signature with: P-256, RSA,
 * Ed25519. */
#ifndef ISTAUTH_JWK_I_H
#define ISTAUTH_JWK_I_H

#include "base/signature_i.h"
#include "base/text_i.h"

#define ISTAUTH__JWKS_MAX 65536  /* bytes of a set */
#define ISTAUTH__JWKS_KEYS_MAX 32
#define ISTAUTH__KID_MAX 256

#define ISTAUTH__THUMBPRINT_LENGTH ISTAUTH__BASE64URL_LENGTH(32)

typedef struct istauth__jwk {
    istauth__public_key key;
    istauth_str kid; /* may be empty */
} istauth__jwk;

typedef struct istauth__jwks {
    istauth__jwk *keys;
    size_t count;
} istauth__jwks;

/* "ES256", "RS256" or "EdDSA". Static. */
istauth_str istauth__alg_name(istauth__alg alg);

/* The algorithm of a name, "Ed25519" being one more for EdDSA (RFC 9864 2.2); false for any
 * other. */
bool istauth__alg_parse(istauth__alg *alg, istauth_str name);

/* The public keys of a set that can check a signature. What cannot is passed over (RFC 7517 5):
 * another kind, curve or algorithm, meant for encryption, incomplete, too weak, off its curve, an
 * overlong kid. The count may therefore be 0. Texts are in the arena.
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REQUEST  no JWK Set, over 64 KiB or 32 keys, or one with a private or symmetric
 *                            key in it, which must not be used by anyone any more
 * ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jwks_parse(istauth__jwks *set, istauth_arena *arena, istauth_str json);

/* A set to publish: each key with use, alg and kid. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jwks_print(istauth_str *json, istauth_arena *arena,
                                   const istauth__jwks *set);

/* RFC 7638 with SHA-256, in base64url. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jwk_thumbprint(istauth_str *thumbprint, istauth_arena *arena,
                                       const istauth__public_key *key);

#endif
