/* Compact JSON Web Signatures (RFC 7515 7.1), under the rules of RFC 8725: the verifier says which
 * algorithms and keys it takes, and what the token says of itself only chooses among them. */
#ifndef ISTAUTH_JWS_I_H
#define ISTAUTH_JWS_I_H

#include "rules/jwk_i.h"

#define ISTAUTH__JWS_MAX 8192 /* bytes of a token */

/* What a verifier accepts. */
typedef struct istauth__jws_policy {
    unsigned algs;      /* bits of istauth__alg */
    istauth_str types;  /* values of "typ", separated by spaces */
    bool type_required; /* otherwise a token without "typ" will do */
} istauth__jws_policy;

/* The payload of a token that one of the keys has signed, in the arena. "kid" picks the key;
 * without one each key of the algorithm is tried, at most eight. Keys in the header, and addresses
 * of keys, are not looked at.
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_TOKEN  anything else: malformed, over 8 KiB, of an algorithm or type that is
 * not
 *                          accepted, "crit" or "b64" in the header, no key, a wrong signature
 * ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jws_verify(istauth_str *payload, istauth_arena *arena, istauth_str text,
                                   const istauth__jws_policy *policy, const istauth__jwks *keys);

/* The payload as it stands, which nobody has vouched for: good for finding out whose keys to ask.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_TOKEN, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jws_peek(istauth_str *payload, istauth_arena *arena, istauth_str text);

/* Header and payload as they are signed; what is signed goes on with a dot and the signature in
 * base64url.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__jws_input(istauth_str *input, istauth_arena *arena,
                                  const istauth__jwk *key, const char *type, istauth_str payload);

#endif
