/* Personal API tokens: long-lived, for scripts, shown once, limited to chosen workspaces. */
#ifndef ISTAUTH_PERSONAL_TOKEN_H
#define ISTAUTH_PERSONAL_TOKEN_H

#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_PERSONAL_NAME_MAX 120 /* bytes of UTF-8 */

/* What the person asks for. */
typedef struct istauth_personal_wish {
    istauth_str name;   /* so that it can be told apart later; not empty, no control characters */
    istauth_str scopes; /* space-separated; at least one known */
    istauth_str_list workspaces; /* ids, of those that she may choose */
    istauth_time expires_at; /* 0: never */
    istauth_str resource;    /* empty: the first configured one */
} istauth_personal_wish;

/* What is shown of one in a list. */
typedef struct istauth_personal_token {
    istauth_id id;               /* names it in the list; not secret */
    istauth_str name;            /* as the person called it */
    istauth_scope_set scopes;    /* what it may be used for */
    istauth_str_list workspaces; /* and on what */
    istauth_time created_at;     /* when it was made */
    istauth_time expires_at; /* 0: never */
    istauth_time used_at;    /* to within lifetimes.touch; 0: never */
} istauth_personal_token;

/* Make one. `text` gets the token itself: show it once, then wipe it.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT                 no subject, or the name or the expiry (in the past) is not
 *                                    usable
 * ISTAUTH_E_INVALID_SCOPE            no known scope
 * ISTAUTH_E_INVALID_TARGET           no such resource
 * ISTAUTH_E_NO_WORKSPACE, ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE, ISTAUTH_E_ACCESS_DENIED
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_personal_token_create(char text[ISTAUTH_TOKEN_SIZE], istauth_id *id,
                              const istauth_server *server, istauth_str subject,
                              const istauth_personal_wish *wish, istauth_arena *arena);

/* What istauth_personal_tokens_list finds. */
typedef struct istauth_personal_tokens {
    const istauth_personal_token *items; /* newest first */
    size_t count;                       /* of items */
    bool truncated; /* limits.apps was reached */
} istauth_personal_tokens;

/* A subject's personal tokens, expired ones included until they are purged.
 * ISTAUTH_OK, ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_personal_tokens_list(istauth_personal_tokens *tokens, const istauth_server *server,
                             istauth_str subject, istauth_arena *arena);

/* Delete one: dead at once.
 * ISTAUTH_OK, ISTAUTH_E_NOT_FOUND (not this subject's), ISTAUTH_E_UNAVAILABLE,
 * ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_personal_token_revoke(const istauth_server *server, istauth_str subject, istauth_str id);

#ifdef __cplusplus
}
#endif

#endif
