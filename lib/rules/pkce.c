#include <istauth/pkce.h>

#include "base/crypto_i.h"
#include "base/text_i.h"

_Static_assert(ISTAUTH_PKCE_CHALLENGE_LENGTH == ISTAUTH__BASE64URL_LENGTH(ISTAUTH__SHA256_SIZE),
               "a challenge is a SHA-256 in base64url");

/* Canonical: of the texts that decode to the same hash only one is ever taken. */
static bool is_challenge(istauth_str challenge)
{
    uint8_t hash[ISTAUTH__SHA256_SIZE];
    size_t n;

    return challenge.n == ISTAUTH_PKCE_CHALLENGE_LENGTH &&
           istauth__base64url_read(hash, &n, challenge) && n == sizeof(hash);
}

/* RFC 7636 4.1 */
static bool is_verifier(istauth_str verifier)
{
    if (verifier.n < ISTAUTH_PKCE_VERIFIER_MIN || verifier.n > ISTAUTH_PKCE_VERIFIER_MAX)
        return false;
    for (size_t i = 0; i < verifier.n; i++)
        if (!istauth__is_unreserved(verifier.p[i]))
            return false;
    return true;
}

istauth_status istauth_pkce_challenge_check(istauth_str challenge, istauth_str method)
{
    return istauth_str_equal(method, ISTAUTH_STR("S256")) && is_challenge(challenge)
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_REQUEST;
}

istauth_status istauth_pkce_verify(istauth_str challenge, istauth_str verifier)
{
    uint8_t hash[ISTAUTH__SHA256_SIZE];
    char computed[ISTAUTH_PKCE_CHALLENGE_LENGTH];
    bool match;

    if (!is_challenge(challenge) || !is_verifier(verifier))
        return ISTAUTH_E_PKCE_MISMATCH;
    istauth__sha256(hash, verifier);
    istauth__base64url_write(computed, hash, sizeof(hash));
    match = istauth__secret_equal(computed, challenge.p, sizeof(computed));
    istauth__wipe(hash, sizeof(hash));
    istauth__wipe(computed, sizeof(computed));
    return match ? ISTAUTH_OK : ISTAUTH_E_PKCE_MISMATCH;
}
