/* One function per HTTP endpoint, and a router over them.
 *
 * Each takes a borrowed request and fills a response whose texts live in the arena. They return
 * nothing, because whatever happens the response is ready to be written out: without memory, as a
 * bare 503. */
#ifndef ISTAUTH_ENDPOINTS_H
#define ISTAUTH_ENDPOINTS_H

#include <istauth/consent.h>
#include <istauth/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* RFC 8414: GET, HEAD, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_server_metadata(istauth_response *response,
                                                  const istauth_server *server,
                                                  const istauth_request *request,
                                                  istauth_arena *arena);

/* RFC 9728, for the resource that request->path names (path form; the root form gives the first
 * resource): GET, HEAD, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_resource_metadata(istauth_response *response,
                                                    const istauth_server *server,
                                                    const istauth_request *request,
                                                    istauth_arena *arena);

/* RFC 7591: POST, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_register(istauth_response *response, const istauth_server *server,
                                           const istauth_request *request, istauth_arena *arena);

/* RFC 7592, for the client that request->path names: GET, PUT, DELETE, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_client(istauth_response *response, const istauth_server *server,
                                         const istauth_request *request, istauth_arena *arena);

/* RFC 6749 4.1.1: GET and HEAD; with signing keys POST, too, which is redirected to GET; never CORS. When *authorization is valid (`*open` set) the
 * response is empty and the host goes on: sign in, istauth_consent_open, its own page. Otherwise
 * the response is a redirect or an error page (JSON when the request asks for JSON). since 0.1 */
ISTAUTH_API void istauth_endpoint_authorize(istauth_response *response, bool *open,
                                            istauth_authorization *authorization,
                                            const istauth_server *server,
                                            const istauth_request *request, istauth_arena *arena);

/* RFC 6749 3.2, grants authorization_code, refresh_token and client_credentials: POST, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_token(istauth_response *response, const istauth_server *server,
                                        const istauth_request *request, istauth_arena *arena);

/* RFC 7009: POST, OPTIONS; with CORS. Revoking a refresh token kills its family; an access
 * token dies alone. since 0.1 */
ISTAUTH_API void istauth_endpoint_revoke(istauth_response *response, const istauth_server *server,
                                         const istauth_request *request, istauth_arena *arena);

/* Claims of the bearer's subject, as its scopes openid, profile and email allow (OpenID Connect
 * Core 5.3): GET, POST, OPTIONS; with CORS. The token comes in the Authorization header or, by POST, in
 * the form field access_token (RFC 6750 2.2). Only OAuth access tokens open it. since 0.1 */
ISTAUTH_API void istauth_endpoint_userinfo(istauth_response *response, const istauth_server *server,
                                           const istauth_request *request, istauth_arena *arena);

/* RFC 7662: POST; never CORS. Only a client with a secret or a key is answered, about tokens of the
 * resource whose server it is and about its own. since 0.1 */
ISTAUTH_API void istauth_endpoint_introspect(istauth_response *response,
                                             const istauth_server *server,
                                             const istauth_request *request,
                                             istauth_arena *arena);

/* OpenID Connect Discovery 1.0 4, only with signing keys: GET, HEAD, OPTIONS; with CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_openid_metadata(istauth_response *response,
                                                  const istauth_server *server,
                                                  const istauth_request *request,
                                                  istauth_arena *arena);

/* The public halves of the signing keys, as a JWK Set (RFC 7517 5): GET, HEAD, OPTIONS; with CORS.
 * since 0.1 */
ISTAUTH_API void istauth_endpoint_jwks(istauth_response *response, const istauth_server *server,
                                       const istauth_request *request, istauth_arena *arena);

/* The answer to the ready-made consent page, from whom hooks.visitor names: POST; never CORS. since 0.1 */
ISTAUTH_API void istauth_endpoint_consent(istauth_response *response, const istauth_server *server,
                                          const istauth_request *request, istauth_arena *arena);

/* Which endpoint a path belongs to; ISTAUTH_ENDPOINT_NONE when it is not ours. since 0.1 */
ISTAUTH_API istauth_endpoint istauth_route(const istauth_server *server, istauth_str path);

/* Answer a request to any of the endpoints, by its path. The value says whose path it was:
 *
 * ISTAUTH_ENDPOINT_NONE       not ours: *response untouched. The MCP endpoint is among these
 *                             (istauth_protect). Answer what you do not know yourself with 404 and
 *                             no page: clients look for other well-known documents too
 * ISTAUTH_ENDPOINT_AUTHORIZE  as istauth_endpoint_authorize, with *open; with hooks.visitor the person
 *                             is asked, *open is never set, and both pointers may be NULL
 * any other                   the response is ready
 * since 0.1 */
ISTAUTH_API istauth_endpoint istauth_handle(istauth_response *response, bool *open,
                                            istauth_authorization *authorization,
                                            const istauth_server *server,
                                            const istauth_request *request, istauth_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
