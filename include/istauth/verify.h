/* The resource server's side: who is calling, may he, and what to answer if not. */
#ifndef ISTAUTH_VERIFY_H
#define ISTAUTH_VERIFY_H

#include <istauth/http.h>
#include <istauth/policy.h>
#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Verify the bearer of an Authorization header's value for a resource (its configured identifier;
 * empty: the first one). Access tokens and personal tokens take the same path. One store read, or
 * one call of hooks.introspect; no allocation but from the arena.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NO_CREDENTIALS  401 without an error
 * ISTAUTH_E_INVALID_TOKEN   401: malformed, unknown, expired, revoked, or for another resource
 * ISTAUTH_E_UNAVAILABLE     503: never a 401, on which clients throw their tokens away
 * ISTAUTH_E_ARGUMENT        this resource is not configured
 * ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_verify(istauth_access *access,
                                                           const istauth_server *server,
                                                           istauth_str authorization,
                                                           istauth_str resource,
                                                           istauth_arena *arena);

/* The same for a whole request: refuses one with two Authorization headers, and gives its
 * address to the event.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NO_CREDENTIALS, ISTAUTH_E_INVALID_TOKEN (two headers, too), ISTAUTH_E_UNAVAILABLE,
 * ISTAUTH_E_ARGUMENT, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_verify_request(istauth_access *access,
                                                                   const istauth_server *server,
                                                                   const istauth_request *request,
                                                                   istauth_str resource,
                                                                   istauth_arena *arena);

/* May this access use `scope` (empty: any) on `workspace` (empty: none)? With
 * hooks.verify_workspace the host is asked about the workspace too, unless it is a machine's: what that
 * may be used for the host itself has provisioned.
 *
 * ISTAUTH_OK, ISTAUTH_E_INSUFFICIENT_SCOPE, ISTAUTH_E_WORKSPACE_NOT_GRANTED, ISTAUTH_E_UNAVAILABLE
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_access_check(const istauth_access *access,
                                                                 const istauth_server *server,
                                                                 istauth_str scope,
                                                                 istauth_str workspace);

/* The WWW-Authenticate value for a failed call, in the arena: what went wrong, and where to start.
 * `scope` is what the operation needs; empty: the configured challenge_scope. Empty `value` for
 * statuses that have no challenge (WORKSPACE_NOT_GRANTED, UNAVAILABLE, ...).
 * ISTAUTH_OK, ISTAUTH_E_ARGUMENT, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_challenge_for(istauth_str *value, const istauth_server *server, istauth_str resource,
                      istauth_status status, istauth_str scope, istauth_arena *arena);

/* A whole response for a failed call: status code, challenge, CORS, no-store, and a JSON body with
 * the OAuth error, which the host may replace. Always ready to be written out: 503 when there is no
 * memory for a challenge, 500 for a resource that is not configured and for ISTAUTH_OK, which is no
 * failure. since 0.1 */
ISTAUTH_API void
istauth_denial(istauth_response *response, const istauth_server *server, istauth_str resource,
               istauth_status status, istauth_str scope, istauth_arena *arena);

/* Let a request through to an MCP endpoint, or answer it. istauth_verify_request and, unless it
 * holds, istauth_denial, in one call before anything of the request is read. The resource is a configured
 * identifier; empty: the first one.
 *
 * True: go on, with *access; then istauth_permit in each tool. False: the response is ready, also for an
 * OPTIONS request, which needs no token. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE bool istauth_protect(istauth_response *response,
                                                  istauth_access *access,
                                                  const istauth_server *server,
                                                  const istauth_request *request,
                                                  istauth_str resource, istauth_arena *arena);

/* Let a tool run, or answer for it. istauth_access_check and, unless it holds, istauth_denial, in one
 * call for each tool. The access is that of istauth_protect.
 *
 * True: go on. False: the response is ready. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE bool istauth_permit(istauth_response *response,
                                                 const istauth_access *access,
                                                 const istauth_server *server, istauth_str scope,
                                                 istauth_str workspace, istauth_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
