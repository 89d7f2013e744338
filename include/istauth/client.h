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
#define ISTAUTH_CLIENT_REDIRECT_URIS_MAX 20 /* of one client */

/* Read a registration body (RFC 7591 2), strict about JSON (UTF-8, no repeated member, no NUL, depth at most
 * 16) and lenient about content: unknown members, unknown scopes and grant types that
 * are not offered are dropped. Members that the server decides (client_id, client_secret, ...) are
 * ignored. `methods` are the authentication methods that the client may have, each 1 << an
 * istauth_client_auth: one that is not there, or none at all, becomes "none", which is what MCP
 * clients mean that leave it out (the RFC's default would be client_secret_basic). Keys are read for
 * private_key_jwt alone, which needs a jwks_uri or a usable key in jwks, and not both.
 *
 * `client` gets everything but client_id, origin, hashes and the times, which come out empty, in the
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
                     const istauth_scope_catalogue *catalogue, uint32_t methods, istauth_str body,
                     istauth_error *error);

/* What a registration response shows once, and no record holds. */
typedef struct istauth_client_secrets {
    istauth_str secret; /* the client_secret; empty: none was given */
    istauth_str registration_access_token; /* RFC 7592 3; empty: left out */
    istauth_str registration_client_uri;   /* where that is used; empty: left out */
} istauth_client_secrets;

/* The registration response (RFC 7591 3.2.1): everything that was registered, unset members
 * left out, in the arena. `secrets` may be NULL. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_client_print(istauth_str *json, istauth_arena *arena, const istauth_client *client,
                     const istauth_client_secrets *secrets);

/* A method's registered name, such as "client_secret_basic". Static. since 0.1 */
ISTAUTH_API const char *istauth_client_auth_name(istauth_client_auth method);

/* The method of that name. False when it is none of them. since 0.1 */
ISTAUTH_API bool istauth_client_auth_read(istauth_client_auth *method, istauth_str name);

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
