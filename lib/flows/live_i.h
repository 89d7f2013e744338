/* Is a token good, and for what? Asked by verification and by introspection. */
#ifndef ISTAUTH_LIVE_I_H
#define ISTAUTH_LIVE_I_H

#include "flows/server_i.h"

/* Everything that must hold of a record: alive, of this kind and key, its grant alive. What a store
 * could mix up is asked for as well. */
bool istauth__token_is_live(const istauth_token_entry *entry, istauth_token_kind kind,
                            const istauth_key *key, istauth_time now);

/* What it may do. A token's own scopes narrow its grant's, and never widen them.
 * ISTAUTH_OK, ISTAUTH_E_INTERNAL */
istauth_status istauth__token_scopes(istauth_scope_set *scopes, const istauth_server *server,
                                     const istauth_token_entry *entry);

/* Note that it was used, if that was not noted just now. */
void istauth__token_touch(const istauth__call *call, const istauth_grant *grant);

#endif
