/* Proof Key for Code Exchange (RFC 7636), S256 only: "plain" has no function here. */
#ifndef ISTAUTH_PKCE_H
#define ISTAUTH_PKCE_H

#include <istauth/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_PKCE_CHALLENGE_LENGTH 43 /* base64url of 32 bytes */
#define ISTAUTH_PKCE_VERIFIER_MIN 43     /* characters (RFC 7636 4.1) */
#define ISTAUTH_PKCE_VERIFIER_MAX 128    /* likewise */

/* May this challenge and method be accepted on an authorization request (RFC 7636 4.3)?
 *
 * The method must be exactly "S256": a missing one would mean "plain". The challenge
 * must be the canonical base64url text of 32 bytes.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REQUEST  anything else
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_pkce_challenge_check(istauth_str challenge,
                                                                         istauth_str method);

/* Check a verifier against an S256 challenge (RFC 7636 4.6). Constant time over the
 * challenge's text.
 *
 * ISTAUTH_OK               they match
 * ISTAUTH_E_PKCE_MISMATCH  they do not, or either is malformed (not told apart)
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_pkce_verify(istauth_str challenge,
                                                                istauth_str verifier);

#ifdef __cplusplus
}
#endif

#endif
