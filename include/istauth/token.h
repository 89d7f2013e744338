/* Tokens and codes: how they look, and the key under which a store knows them.
 *
 *   ist_at_ + 43 characters of base64url (256 random bits) + 5 of checksum
 *
 * The checksum is CRC-32 (ISO-HDLC, zlib's) over everything before it, its low 30 bits
 * as five base64url characters: garbage costs no store access, and a scanner
 * can tell a leaked token from a string that looks like one. A whole token is at most
 * 55 bytes, one block of SHA-256. */
#ifndef ISTAUTH_TOKEN_H
#define ISTAUTH_TOKEN_H

#include <istauth/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_TOKEN_LENGTH_MAX 55    /* characters of the longest one */
#define ISTAUTH_TOKEN_SIZE 56          /* with the NUL */
#define ISTAUTH_TOKEN_RANDOM 32        /* random bytes that one token takes */
#define ISTAUTH_TOKEN_PREFIX_MAX 3     /* of the configurable part: "ist" */
#define ISTAUTH_KEY_SIZE 32            /* bytes of a SHA-256 */

/* Kinds of credentials that have this form. */
typedef enum istauth_token_kind {
    ISTAUTH_TOKEN_NONE = 0,     /* it is none */
    ISTAUTH_TOKEN_ACCESS = 1,   /* ist_at_ */
    ISTAUTH_TOKEN_REFRESH = 2,  /* ist_rt_ */
    ISTAUTH_TOKEN_PERSONAL = 3, /* ist_pt_ */
    ISTAUTH_TOKEN_CODE = 4      /* ist_ac_, an authorization code */
} istauth_token_kind;

/* The SHA-256 of a credential: all that a store ever sees of it. */
typedef struct istauth_key {
    uint8_t bytes[ISTAUTH_KEY_SIZE]; /* all zero: none */
} istauth_key;

/* Constant-time equality. since 0.1 */
ISTAUTH_API bool istauth_key_equal(const istauth_key *a, const istauth_key *b);

/* Write a token of `kind` from 32 random bytes, and its key. `prefix` is 1 to 3 characters of
 * a-z and 0-9. `text` is NUL-terminated and secret: hand it out once, then wipe it.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  the prefix or kind is not one
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_token_mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key, istauth_token_kind kind,
                   istauth_str prefix, const uint8_t random[ISTAUTH_TOKEN_RANDOM]);

/* Tell a token's kind from its text, with prefix, length and checksum right, or
 * ISTAUTH_TOKEN_NONE. Takes any bytes; looks at no store and hashes nothing. since 0.1 */
ISTAUTH_API istauth_token_kind istauth_token_recognise(istauth_str prefix, istauth_str text);

/* The key of a text of at most 55 bytes: its SHA-256. Cannot fail; a longer text gives the
 * all-zero key, which no store holds. since 0.1 */
ISTAUTH_API istauth_key istauth_token_key(istauth_str text);

#ifdef __cplusplus
}
#endif

#endif
