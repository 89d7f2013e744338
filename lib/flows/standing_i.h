/* What the host says of a subject and its workspaces, asked whenever it matters. */
#ifndef ISTAUTH_STANDING_I_H
#define ISTAUTH_STANDING_I_H

#include "flows/server_i.h"

/* ISTAUTH_OK, ACCESS_DENIED, UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__subject_check(const istauth_server *server, istauth_str subject);

/* What the host offers this subject now; nothing when it has no workspaces at all.
 * ISTAUTH_OK, UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__workspaces_offered(istauth_workspace_offer *offer,
                                           const istauth_server *server, istauth_str subject,
                                           istauth_arena *arena);

/* Hold a person's choice against what is offered now. `scopes` decide whether one is needed.
 * ISTAUTH_OK, NO_WORKSPACE, WORKSPACE_NOT_CHOOSABLE, UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__workspaces_choose(istauth_str_list *chosen, const istauth__call *call,
                                          istauth_str subject, istauth_scope_set scopes,
                                          istauth_str_list wanted);

/* Does granting these scopes make no sense without a workspace? */
bool istauth__workspace_is_needed(const istauth_server *server, istauth_scope_set scopes);

/* May this workspace still be used? ISTAUTH_OK, WORKSPACE_NOT_CHOOSABLE, UNAVAILABLE, NO_MEMORY,
 * INTERNAL. `arena` holds the offer when it has to be asked for. */
istauth_status istauth__workspace_check(const istauth_server *server, istauth_str subject,
                                        istauth_str workspace, istauth_arena *arena);

/* Is a grant still good? Takes the workspaces that its subject has lost out of every grant of the
 * subject, and revokes a grant of a subject that is out of standing.
 * ISTAUTH_OK             grant->workspaces are what is left
 * ISTAUTH_E_INVALID_GRANT  nothing is left: the grant is revoked
 * UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__grant_check(const istauth__call *call, istauth_grant *grant);

#endif
