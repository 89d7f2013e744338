/* What a client keeps to prove itself: long-lived secrets of letters and digits.
 *
 *   ist_cs_ + 43 characters of A-Z a-z 0-9 (256 random bits) + 5 of checksum
 *
 * Unlike tokens they travel in Basic headers, which some clients form-encode (RFC 6749 2.3.1) and
 * others do not: no character of theirs reads differently either way. */
#ifndef ISTAUTH_SECRET_I_H
#define ISTAUTH_SECRET_I_H

#include <istauth/token.h>

typedef enum istauth__secret_kind {
    ISTAUTH__SECRET_CLIENT = 0,    /* ist_cs_, a client_secret */
    ISTAUTH__SECRET_MANAGEMENT = 1 /* ist_rg_, a registration access token (RFC 7592) */
} istauth__secret_kind;

/* Write one from 32 random bytes, and the key under which it is kept. `prefix` as for
 * istauth_token_mint. The checksum is CRC-32 over everything before it, modulo 62^5. */
void istauth__secret_mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                          istauth__secret_kind kind, istauth_str prefix,
                          const uint8_t random[ISTAUTH_TOKEN_RANDOM]);

/* Is this the secret behind a key? In constant time over the hash. A key of zeros is nobody's. */
bool istauth__secret_matches(const istauth_key *key, istauth_str text);

#endif
