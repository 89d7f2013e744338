/* The store behind its contract: each call answers what store.h lists for it, OK, UNAVAILABLE or
 * NO_MEMORY; whatever else a backend says is ISTAUTH_E_INTERNAL (clause S-5). */
#ifndef ISTAUTH_STORE_I_H
#define ISTAUTH_STORE_I_H

#include "flows/server_i.h"

/* Copy the ops of a backend of this version or an older one that has all that we need.
 * ISTAUTH_OK, ISTAUTH_E_CONFIG */
istauth_status istauth__store_load(istauth_store_ops *to, const istauth_store_ops *from);

istauth_status istauth__store_client_put(const istauth_server *server,
                                         const istauth_client *client);
istauth_status istauth__store_client_get(const istauth__call *call, istauth_str client_id,
                                         istauth_client *out);
istauth_status istauth__store_client_update(const istauth_server *server,
                                            const istauth_client *client);
istauth_status istauth__store_client_delete(const istauth__call *call, istauth_str client_id);
istauth_status istauth__store_client_list(const istauth_server *server, istauth_str after,
                                          size_t limit, istauth_arena *arena,
                                          istauth_clients *out);
istauth_status istauth__store_code_put(const istauth_server *server, const istauth_code *code,
                                       const istauth_grant *grant);
istauth_status istauth__store_code_get(const istauth__call *call, const istauth_key *key,
                                       istauth_code_entry *out);
istauth_status istauth__store_code_redeem(const istauth__call *call, const istauth_key *key,
                                          istauth_token_list tokens);
istauth_status istauth__store_token_get(const istauth_server *server, const istauth_key *key,
                                        istauth_arena *arena, istauth_token_entry *out);
istauth_status istauth__store_refresh_rotate(const istauth__call *call, const istauth_key *key,
                                             istauth_token_list tokens, const istauth_retry *retry);
istauth_status istauth__store_retry_get(const istauth__call *call, const istauth_key *key,
                                        istauth_retry *out);
istauth_status istauth__store_token_revoke(const istauth__call *call, const istauth_key *key);
istauth_status istauth__store_grant_revoke(const istauth__call *call, const istauth_id *grant_id);
/* The same for one that somebody named: it may be NOT_FOUND. */
istauth_status istauth__store_grant_end(const istauth__call *call, const istauth_id *grant_id);
void istauth__store_grant_touch(const istauth_server *server, const istauth_id *grant_id,
                                istauth_time now);
istauth_status istauth__store_grant_list(const istauth_server *server, istauth_str client_id,
                                         const istauth_id *after, size_t limit,
                                         istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__store_app_list(const istauth_server *server, istauth_str subject,
                                       size_t limit, istauth_arena *arena,
                                       istauth_grant_entries *out);
istauth_status istauth__store_app_disconnect(const istauth__call *call, istauth_str subject,
                                             istauth_str_list client_ids, size_t *count);
istauth_status istauth__store_subject_revoke(const istauth__call *call, istauth_str subject,
                                             size_t *count);
istauth_status istauth__store_workspace_remove(const istauth__call *call, istauth_str subject,
                                               istauth_str workspace, size_t *count);
istauth_status istauth__store_personal_put(const istauth_server *server,
                                           const istauth_token *token,
                                           const istauth_grant *grant);
istauth_status istauth__store_personal_list(const istauth_server *server, istauth_str subject,
                                            size_t limit, istauth_arena *arena,
                                            istauth_grant_entries *out);
istauth_status istauth__store_personal_revoke(const istauth__call *call, istauth_str subject,
                                              const istauth_id *grant_id);
istauth_status istauth__store_machine_put(const istauth_server *server, const istauth_token *token,
                                          const istauth_grant *grant);
istauth_status istauth__store_nonce_claim(const istauth_server *server, const istauth_key *key,
                                          istauth_time expires_at);
istauth_status istauth__store_purge(const istauth_server *server,
                                    const istauth_purge_bounds *bounds, size_t *removed);

#endif
