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
    istauth_token_kind kind;
    istauth_id grant_id;     /* "grant_id", a member of this library's own */
    istauth_str subject;     /* "sub"; empty for a machine */
    istauth_str client_id;   /* empty for a personal token */
    istauth_str scopes;      /* space-separated */
    istauth_str audience;    /* "aud": the resource that it opens */
    istauth_str issuer;
    istauth_str_list workspaces; /* "workspaces", a member of this library's own */
    istauth_time issued_at, expires_at; /* expires_at 0: never */
} istauth_introspection;

/* The response (RFC 7662 2.2) in the arena. NULL: an inactive token's. A refresh token has no
 * token_type, because it opens nothing. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_introspection_print(istauth_str *json, istauth_arena *arena,
                            const istauth_introspection *token);

#ifdef __cplusplus
}
#endif

#endif
