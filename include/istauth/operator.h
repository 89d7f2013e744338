/* The operator's side: every client, the grants of one client or of one subject, and the end of a
 * single grant. Whoever calls these reaches everybody's: no request of a stranger's may lead here.
 *
 * Lists hold the store's records, which have no secret in them. Names and URLs came from strangers: escape
 * them, for a terminal too. */
#ifndef ISTAUTH_OPERATOR_H
#define ISTAUTH_OPERATOR_H

#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A page of all clients, in the order of their ids: at most `limit`, those behind the id `after`
 * (empty: from the first). Fewer than `limit` is the last page; else go on behind the last id. What is
 * registered or removed meanwhile may be in the list or not; whatever stays is in it once.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  `limit` is 0, or `after` could not be a client's id
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY (`limit` is too much for the arena)
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_clients_list(istauth_clients *clients,
                                                                 const istauth_server *server,
                                                                 istauth_str after, size_t limit,
                                                                 istauth_arena *arena);

/* A page of a client's live grants, whoever gave them, its own (client_credentials) included, in the order
 * of their ids, those behind the grant `after` (empty: from the first); else as above. A client that is
 * unknown has none.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  `limit` is 0, or `after` could not be a grant's id
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_client_grants(istauth_grant_entries *grants,
                                                                  const istauth_server *server,
                                                                  istauth_str client_id,
                                                                  istauth_str after, size_t limit,
                                                                  istauth_arena *arena);

/* A subject's live grants, last issued first, at most `limit`; personal tokens have a list of their
 * own (personal_token.h). istauth_apps_list shows the same as a person sees it.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  `limit` is 0
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_subject_grants(istauth_grant_entries *grants,
                                                                   const istauth_server *server,
                                                                   istauth_str subject,
                                                                   size_t limit,
                                                                   istauth_arena *arena);

/* Kill one grant, whoever gave it, and everything of it: a connection of an app, or a personal token.
 *
 * ISTAUTH_OK           it is dead, perhaps it was before
 * ISTAUTH_E_NOT_FOUND  there is none with this id
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_grant_revoke(const istauth_server *server,
                                                                 istauth_str grant_id);

#ifdef __cplusplus
}
#endif

#endif
