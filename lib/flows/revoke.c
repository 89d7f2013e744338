/* Token revocation (RFC 7009). A refresh token takes its family along (2.1); an access token dies
 * alone, because its client may be cleaning up and mean to refresh. token_type_hint is not needed:
 * a token tells its kind. */
#include "flows/flows_i.h"

#include "flows/store_i.h"

static istauth_status revoke(const istauth__call *call, const istauth_token_entry *entry)
{
    istauth_status st = entry->token.kind == ISTAUTH_TOKEN_REFRESH
                            ? istauth__store_grant_revoke(call, &entry->grant.id)
                            : istauth__store_token_revoke(call, &entry->token.key);

    if (st)
        return st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REVOKED,
                                         .subject = entry->grant.subject,
                                         .client_id = entry->grant.client_id,
                                         .grant_id = istauth_id_str(&entry->grant.id) });
    return ISTAUTH_OK;
}

istauth_status istauth__revoke(const istauth__call *call, const istauth_client *client,
                               const istauth__form *form)
{
    istauth_token_entry entry;
    istauth_token_kind kind;
    istauth_str token;
    istauth_key key;
    istauth_status st;

    if (istauth__form_get(&token, form, "token") || !token.n)
        return ISTAUTH_E_INVALID_REQUEST;
    kind = istauth_token_recognise(call->server->config.token_prefix, token);
    if (kind != ISTAUTH_TOKEN_ACCESS && kind != ISTAUTH_TOKEN_REFRESH)
        return ISTAUTH_OK; /* a personal token is its owner's to delete, not a client's */
    key = istauth_token_key(token);
    st = istauth__store_token_get(call->server, &key, call->arena, &entry);
    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_OK : st;
    if (!istauth_key_equal(&entry.token.key, &key))
        return ISTAUTH_E_INTERNAL;
    if (!istauth_str_equal(entry.grant.client_id, client->client_id))
        return ISTAUTH_OK; /* and nobody learns whether it exists */
    return revoke(call, &entry);
}
