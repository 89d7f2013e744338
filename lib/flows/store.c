#include "flows/store_i.h"

#define OPS_0_1_SIZE (offsetof(istauth_store_ops, purge) + sizeof(((istauth_store_ops *)0)->purge))

istauth_status istauth__store_load(istauth_store_ops *to, const istauth_store_ops *from)
{
    istauth_store_ops o = { 0 };

    if (!from || from->size < OPS_0_1_SIZE || from->size > sizeof(o))
        return ISTAUTH_E_CONFIG; /* too old, or built for a newer library */
    memcpy(&o, from, from->size);
    if (!o.client_put || !o.client_get || !o.client_update || !o.client_delete ||
        !o.client_list || !o.code_put || !o.code_get || !o.code_redeem || !o.token_get ||
        !o.refresh_rotate || !o.retry_get || !o.token_revoke || !o.grant_revoke ||
        !o.grant_touch || !o.grant_list || !o.app_list || !o.app_disconnect ||
        !o.subject_revoke || !o.workspace_remove || !o.personal_put || !o.personal_list ||
        !o.personal_revoke || !o.machine_put || !o.nonce_claim || !o.purge)
        return ISTAUTH_E_CONFIG;
    *to = o;
    return ISTAUTH_OK;
}

enum { NOT_FOUND = 1, EXISTS = 2, SPENT = 4, REVOKED = 8 };

static istauth_status closed(istauth_status st, unsigned may)
{
    unsigned is = st == ISTAUTH_E_NOT_FOUND ? NOT_FOUND
                  : st == ISTAUTH_E_EXISTS  ? EXISTS
                  : st == ISTAUTH_E_SPENT   ? SPENT
                  : st == ISTAUTH_E_REVOKED ? REVOKED
                                            : 0;

    if (!st || st == ISTAUTH_E_UNAVAILABLE || st == ISTAUTH_E_NO_MEMORY || (is & may))
        return st;
    return ISTAUTH_E_INTERNAL;
}

/* Ask the store, if there is one: a server that introspects may have none. */
#define ASK(server, may, op, ...)                                                        \
    closed((server)->ops.op ? (server)->ops.op((server)->config.store.ctx, __VA_ARGS__)  \
                            : ISTAUTH_E_UNAVAILABLE,                                     \
           may)

istauth_status istauth__store_client_put(const istauth_server *s, const istauth_client *client)
{
    return ASK(s, EXISTS, client_put, client);
}

istauth_status istauth__store_client_get(const istauth__call *call, istauth_str client_id,
                                         istauth_client *out)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, client_get, client_id, call->arena, out);
}

istauth_status istauth__store_client_update(const istauth_server *s, const istauth_client *client)
{
    return ASK(s, NOT_FOUND, client_update, client);
}

istauth_status istauth__store_client_delete(const istauth__call *call, istauth_str client_id)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, client_delete, client_id, call->now);
}

istauth_status istauth__store_client_list(const istauth_server *s, istauth_str after, size_t limit,
                                          istauth_arena *arena, istauth_clients *out)
{
    return ASK(s, 0, client_list, after, limit, arena, out);
}

istauth_status istauth__store_code_put(const istauth_server *s, const istauth_code *code,
                                       const istauth_grant *grant)
{
    return ASK(s, EXISTS | NOT_FOUND, code_put, code, grant);
}

istauth_status istauth__store_code_get(const istauth__call *call, const istauth_key *key,
                                       istauth_code_entry *out)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, code_get, key, call->arena, out);
}

istauth_status istauth__store_code_redeem(const istauth__call *call, const istauth_key *key,
                                          istauth_token_list tokens)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND | SPENT | REVOKED | EXISTS, code_redeem, key, tokens, call->now);
}

istauth_status istauth__store_token_get(const istauth_server *s, const istauth_key *key,
                                        istauth_arena *arena, istauth_token_entry *out)
{
    return ASK(s, NOT_FOUND, token_get, key, arena, out);
}

istauth_status istauth__store_refresh_rotate(const istauth__call *call, const istauth_key *key,
                                             istauth_token_list tokens, const istauth_retry *retry)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND | SPENT | REVOKED | EXISTS, refresh_rotate, key, tokens, retry,
               call->now);
}

istauth_status istauth__store_retry_get(const istauth__call *call, const istauth_key *key,
                                        istauth_retry *out)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, retry_get, key, call->arena, out);
}

/* What a flow revokes it has just read: a store that does not know it any more has lost something,
 * and "not found" must not pass for "dead". */
istauth_status istauth__store_token_revoke(const istauth__call *call, const istauth_key *key)
{
    const istauth_server *s = call->server;

    return ASK(s, 0, token_revoke, key, call->now);
}

istauth_status istauth__store_grant_end(const istauth__call *call, const istauth_id *grant_id)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, grant_revoke, grant_id, call->now);
}

istauth_status istauth__store_grant_revoke(const istauth__call *call, const istauth_id *grant_id)
{
    const istauth_server *s = call->server;

    return ASK(s, 0, grant_revoke, grant_id, call->now);
}

void istauth__store_grant_touch(const istauth_server *s, const istauth_id *grant_id,
                                istauth_time now)
{
    (void)ASK(s, NOT_FOUND, grant_touch, grant_id, now); /* a nicety: no request fails for it */
}

istauth_status istauth__store_grant_list(const istauth_server *s, istauth_str client_id,
                                         const istauth_id *after, size_t limit,
                                         istauth_arena *arena, istauth_grant_entries *out)
{
    return ASK(s, 0, grant_list, client_id, after, limit, arena, out);
}

/* The empty subject has nothing, though every machine's grants carry it: a host that lost track of who
 * is signed in must not reach them. */
static bool is_nobody(istauth_str subject, size_t *count)
{
    if (!subject.n)
        *count = 0;
    return !subject.n;
}

istauth_status istauth__store_app_list(const istauth_server *s, istauth_str subject, size_t limit,
                                       istauth_arena *arena, istauth_grant_entries *out)
{
    if (is_nobody(subject, &out->count))
        return ISTAUTH_OK;
    return ASK(s, 0, app_list, subject, limit, arena, out);
}

istauth_status istauth__store_app_disconnect(const istauth__call *call, istauth_str subject,
                                             istauth_str_list client_ids, size_t *count)
{
    const istauth_server *s = call->server;

    if (is_nobody(subject, count))
        return ISTAUTH_OK;
    return ASK(s, 0, app_disconnect, subject, client_ids, call->now, count);
}

istauth_status istauth__store_subject_revoke(const istauth__call *call, istauth_str subject,
                                             size_t *count)
{
    const istauth_server *s = call->server;

    if (is_nobody(subject, count))
        return ISTAUTH_OK;
    return ASK(s, 0, subject_revoke, subject, call->now, count);
}

istauth_status istauth__store_workspace_remove(const istauth__call *call, istauth_str subject,
                                               istauth_str workspace, size_t *count)
{
    const istauth_server *s = call->server;

    if (is_nobody(subject, count))
        return ISTAUTH_OK;
    return ASK(s, 0, workspace_remove, subject, workspace, call->now, count);
}

istauth_status istauth__store_personal_put(const istauth_server *s, const istauth_token *token,
                                           const istauth_grant *grant)
{
    return ASK(s, EXISTS, personal_put, token, grant);
}

istauth_status istauth__store_personal_list(const istauth_server *s, istauth_str subject,
                                            size_t limit, istauth_arena *arena,
                                            istauth_grant_entries *out)
{
    return ASK(s, 0, personal_list, subject, limit, arena, out);
}

istauth_status istauth__store_personal_revoke(const istauth__call *call, istauth_str subject,
                                              const istauth_id *grant_id)
{
    const istauth_server *s = call->server;

    return ASK(s, NOT_FOUND, personal_revoke, subject, grant_id, call->now);
}

istauth_status istauth__store_machine_put(const istauth_server *s, const istauth_token *token,
                                          const istauth_grant *grant)
{
    return ASK(s, EXISTS | NOT_FOUND, machine_put, token, grant);
}

istauth_status istauth__store_nonce_claim(const istauth_server *s, const istauth_key *key,
                                          istauth_time expires_at)
{
    return ASK(s, EXISTS, nonce_claim, key, expires_at);
}

istauth_status istauth__store_purge(const istauth_server *s, const istauth_purge_bounds *bounds,
                                    size_t *removed)
{
    return ASK(s, 0, purge, bounds, removed);
}
