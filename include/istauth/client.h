/* Client metadata (RFC 7591): from a registration's body to the record, and to the response. */
#ifndef ISTAUTH_CLIENT_H
#define ISTAUTH_CLIENT_H

#include <istauth/records.h>
#include <istauth/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_CLIENT_NAME_MAX 120        /* bytes of UTF-8 */
#define ISTAUTH_CLIENT_URI_MAX 2048        /* bytes of each of its pages' URLs */
#define ISTAUTH_CLIENT_REDIRECT_URIS_MAX 20

/* Read a registration body, strict about JSON (UTF-8, no repeated member, no NUL, depth at most
 * 16) and lenient about content: unknown members, unknown scopes and grant types that
 * are not offered are dropped, an authentication method that is not offered becomes
 * "none". Members that the server decides (client_id, client_secret, ...) are ignored.
 *
 * `client` gets everything but client_id, origin and the times, which come out empty, in the
 * arena. A missing client_name becomes the first redirect URI's host.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REDIRECT_URI     none, more than 20, not a text, or one that
 *                                    istauth_redirect_check refuses
 * ISTAUTH_E_INVALID_CLIENT_METADATA  the body is not such JSON, or a member is of the wrong
 *                                    type, too long, or holds control or direction characters
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_client_parse(istauth_client *client, istauth_arena *arena,
                     const istauth_scope_catalogue *catalogue, istauth_str body,
                     istauth_error *error);

/* The registration response (RFC 7591 3.2.1): everything that was registered, unset members
 * left out, in the arena. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_client_print(istauth_str *json,
                                                                 istauth_arena *arena,
                                                                 const istauth_client *client);

/* Which registered redirect URI a request names (RFC 6749 3.1.2.3): `requested` may be
 * empty when exactly one is registered. `flags` as for istauth_redirect_matches. `uri` borrows
 * from the client or from `requested`.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REDIRECT_URI
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_client_redirect(istauth_str *uri, const istauth_client *client, istauth_str requested,
                        unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
