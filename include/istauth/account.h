/* The account owner's side: connected apps, and everything at once. */
#ifndef ISTAUTH_ACCOUNT_H
#define ISTAUTH_ACCOUNT_H

#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All live grants of one client for one subject, or, after istauth_apps_group, of several
 * registrations of one app. Names came from strangers: escape them. */
typedef struct istauth_app {
    istauth_str_list client_ids; /* one, or several once grouped */
    istauth_str name;          /* as the client calls itself */
    istauth_str client_host;   /* of client_uri; empty when it names none */
    istauth_str redirect_host; /* of its first redirect URI */
    istauth_scope_set scopes;  /* of all its grants together */
    istauth_str_list workspaces; /* likewise, each once */
    size_t connections;          /* live grants */
    istauth_time connected_at;   /* the oldest of them */
    istauth_time issued_at;      /* when a token was last issued */
    istauth_time used_at;        /* when one was last used, to within lifetimes.touch; 0: never */
    istauth_str document_host; /* of its client_id, when that is the URL of a metadata document */
} istauth_app;

/* What istauth_apps_list finds. */
typedef struct istauth_apps {
    const istauth_app *items; /* last issued first */
    size_t count;             /* of items */
    bool truncated; /* limits.apps was reached */
} istauth_apps;

/* What is connected to this subject's account.
 * ISTAUTH_OK, ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_apps_list(istauth_apps *apps,
                                                              const istauth_server *server,
                                                              istauth_str subject,
                                                              istauth_arena *arena);

/* Show registrations with the same name, client host, document host and redirect host as one app: some
 * clients register anew for each connection. Pure; `grouped` may be `apps` itself.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_apps_group(istauth_apps *grouped,
                                                               const istauth_apps *apps,
                                                               istauth_arena *arena);

/* Disconnect an app: every access token, refresh token and pending code that this subject gave to any
 * of `client_ids` is dead, at once and for good.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NOT_FOUND    none of them is connected to this subject
 * ISTAUTH_E_UNAVAILABLE  not known to be done: say so, and let the person try again
 * ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_app_disconnect(const istauth_server *server,
                                                                   istauth_str subject,
                                                                   istauth_str_list client_ids);

/* Kill every token of a subject, personal ones too: the account was closed or taken over. An open consent
 * page is no token: let hooks.subject refuse the subject first.
 * *count (may be NULL) gets how many grants died.
 * ISTAUTH_OK, ISTAUTH_E_UNAVAILABLE (not known to be done), ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK.
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_subject_revoke(size_t *count,
                                                                   const istauth_server *server,
                                                                   istauth_str subject);

/* The subject has left a workspace: no token reaches it any more, and a grant for nothing else is
 * dead. *count (may be NULL) gets how many grants changed.
 * ISTAUTH_OK, ISTAUTH_E_UNAVAILABLE (not known to be done), ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK.
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_workspace_remove(size_t *count,
                                                                     const istauth_server *server,
                                                                     istauth_str subject,
                                                                     istauth_str workspace);

#ifdef __cplusplus
}
#endif

#endif
