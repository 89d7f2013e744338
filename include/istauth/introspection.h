/* What one server tells another of a token (RFC 7662), written by the authorization server and read by
 * a resource server that is elsewhere. */
#ifndef ISTAUTH_INTROSPECTION_H
#define ISTAUTH_INTROSPECTION_H

#include <istauth/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A live token. An inactive one has no description: {"active":false} is all that is ever said of it. */
typedef struct istauth_introspection {
    istauth_token_kind kind; /* what the token is */
    istauth_id grant_id;     /* "grant_id", a member of this library's own */
    istauth_str subject;     /* "sub"; empty for a machine */
    istauth_str client_id;   /* empty for a personal token */
    istauth_str scopes;      /* space-separated */
    istauth_str audience;    /* "aud": the resource that it opens */
    istauth_str issuer;      /* "iss": who issued it */
    istauth_str_list workspaces; /* "workspaces", a member of this library's own */
    istauth_time issued_at;             /* "iat" */
    istauth_time expires_at;            /* "exp"; 0: never */
    istauth_time not_before;            /* "nbf", which this library never sets; 0: at once */
} istauth_introspection;

/* The response (RFC 7662 2.2) in the arena. NULL: an inactive token's. A refresh token has no
 * token_type, because it opens nothing. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_introspection_print(istauth_str *json, istauth_arena *arena,
                            const istauth_introspection *token);

/* The request's body for a token (RFC 7662 2.1), in the arena. Secret: it holds the token.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_introspection_form(istauth_str *form,
                                                                       istauth_arena *arena,
                                                                       istauth_str token);

/* Read a response, as strict about JSON as istauth_client_parse and about types. `kind` comes out as
 * ACCESS with a client_id and as PERSONAL without one. Texts are in the arena.
 *
 * ISTAUTH_OK                 the token is active; nothing is said of what for
 * ISTAUTH_E_INVALID_TOKEN    it is not, or it is bound to a key ("cnf"), of which nothing is known here
 * ISTAUTH_E_INVALID_REQUEST  this is no such response
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_introspection_read(istauth_introspection *token, istauth_arena *arena, istauth_str json);

/* Does an active token of this kind open `resource`, for this issuer, now? Issuer and audience are
 * compared to the byte, and must be there; only a personal token may be without an end.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_TOKEN. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_introspection_check(const istauth_introspection *token, istauth_token_kind kind,
                            istauth_str issuer, istauth_str resource, istauth_time now);

#ifdef __cplusplus
}
#endif

#endif
