/* What a proven access may do: a tool names the scope it needs and the workspace it touches. */
#ifndef ISTAUTH_POLICY_H
#define ISTAUTH_POLICY_H

#include <istauth/records.h>
#include <istauth/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who is calling, proven by a bearer token. Texts are in the arena given to istauth_verify.
 * To bind state of your own (an MCP session) to its owner, key it by subject and grant_id.
 *
 * `machine`: no person stands behind it. A client that the host provisioned acts for itself, with an
 * empty subject: never take it for a user of that name, and never for "not signed in". */
typedef struct istauth_access {
    istauth_token_kind kind; /* ISTAUTH_TOKEN_ACCESS or ISTAUTH_TOKEN_PERSONAL */
    istauth_id grant_id;     /* the consent that it rests on */
    istauth_str subject;     /* empty for a machine */
    istauth_str client_id;   /* empty for a personal token */
    istauth_scope_set scopes;    /* of the token; what they imply is not among them */
    istauth_str_list workspaces; /* ids of those that were granted */
    istauth_str resource;        /* what the token is for, as configured */
    istauth_time issued_at;      /* the token, not the grant */
    istauth_time expires_at;     /* 0: never */
    bool machine;                /* a client acts for itself */
} istauth_access;

/* A tool, or any other operation. */
typedef struct istauth_operation {
    istauth_str scope;     /* one name or several that are all needed; empty: none */
    istauth_str workspace; /* the id it touches; empty: none */
} istauth_operation;

/* May this access do this? A scope that the catalogue does not know is never granted.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INSUFFICIENT_SCOPE     ask for the scope: 403 with a challenge
 * ISTAUTH_E_WORKSPACE_NOT_GRANTED  no scope cures it: 403 without one
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_policy_check(const istauth_scope_catalogue *catalogue, const istauth_access *access,
                     const istauth_operation *operation);

#ifdef __cplusplus
}
#endif

#endif
