/* The Authorization header that comes in, and the WWW-Authenticate header that goes out
 * (RFC 6750, RFC 7617, RFC 9728 5.1). */
#ifndef ISTAUTH_CHALLENGE_H
#define ISTAUTH_CHALLENGE_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Take the token out of an Authorization header's value. The scheme's case does not matter;
 * exactly one space and a token68 follow it. `token` borrows from `header`.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NO_CREDENTIALS  empty, or another scheme
 * ISTAUTH_E_INVALID_TOKEN   Bearer, but malformed
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_bearer_parse(istauth_str *token,
                                                                 istauth_str header);

/* Take id and secret out of a Basic header (RFC 7617; RFC 6749 2.3.1 form-encodes both, which
 * is undone). Either may come out empty. Both are in the arena.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NO_CREDENTIALS  empty, or another scheme
 * ISTAUTH_E_INVALID_CLIENT  Basic, but malformed
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_basic_parse(istauth_str *id,
                                                                istauth_str *secret,
                                                                istauth_arena *arena,
                                                                istauth_str header);

/* A Bearer challenge. Empty members are left out. */
typedef struct istauth_challenge {
    istauth_str error;             /* such as "invalid_token"; empty when nothing was presented */
    istauth_str resource_metadata; /* absolute URL of the protected resource's metadata */
    istauth_str scope;             /* what is needed, space-separated */
    istauth_str description;       /* comes last: clients match on the first hit anywhere */
} istauth_challenge;

/* The header's value: one line beginning with the bytes "Bearer ", values that need no escape.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT   a member holds a quote, a backslash or anything but printable
 *                      ASCII, or the description looks like a parameter (has a '=')
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_challenge_write(istauth_str *value,
                                                                    istauth_arena *arena,
                                                                    const istauth_challenge *challenge);

#ifdef __cplusplus
}
#endif

#endif
