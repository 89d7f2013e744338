/* Redirect URIs: what may be registered, and what matches it later.
 *
 * Nothing here normalises: a URI is checked once, stored as sent, and compared byte for byte
 * (RFC 9700 2.1). The one exception is the port of a loopback URI (RFC 8252 7.3). */
#ifndef ISTAUTH_REDIRECT_H
#define ISTAUTH_REDIRECT_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_REDIRECT_URI_MAX 2048 /* bytes */

/* What a redirect URI leads to. */
typedef enum istauth_redirect_kind {
    ISTAUTH_REDIRECT_REFUSED = 0, /* nowhere: it may not be registered */
    ISTAUTH_REDIRECT_HTTPS,      /* a server */
    ISTAUTH_REDIRECT_LOOPBACK,   /* http to 127.0.0.1, [::1] or localhost */
    ISTAUTH_REDIRECT_PRIVATE_USE /* an app's own scheme, RFC 8252 7.1 */
} istauth_redirect_kind;

/* Judge a redirect URI for registration.
 *
 * Refused: over 2048 bytes, anything but printable ASCII, `"<>\^`{|}`, a broken percent
 * triple or one that encodes a control character, a fragment, userinfo, `*` in the authority,
 * a port that is not 1..65535 in plain decimal, dot segments, http to any other host
 * than the three literal loopback ones, and schemes that a browser runs or opens itself
 * (javascript, data, file, ...). since 0.1 */
ISTAUTH_API istauth_redirect_kind istauth_redirect_check(istauth_str uri);

/* Flags of istauth_redirect_matches. */
enum {
    /* Give http://localhost the free port that RFC 8252 gives to the loopback addresses:
     * real clients depend on it. On unless the host turns it off. */
    ISTAUTH_REDIRECT_LOCALHOST = 1u << 0
};

/* Does a requested URI match a registered one? Byte for byte, but for a loopback URI's
 * port; the requested URI must itself pass istauth_redirect_check. since 0.1 */
ISTAUTH_API bool istauth_redirect_matches(istauth_str registered, istauth_str requested,
                                          unsigned flags);

/* What to show a person: the host (with its port unless it is the default; punycode stays punycode)
 * or, for a private-use scheme, the scheme with its colon. Borrowed from `uri`; empty
 * when the URI is refused. since 0.1 */
ISTAUTH_API istauth_str istauth_redirect_host(istauth_str uri);

#ifdef __cplusplus
}
#endif

#endif
