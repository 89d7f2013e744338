#include "flows/live_i.h"

#include "flows/store_i.h"

bool istauth__token_is_live(const istauth_token_entry *e, istauth_token_kind kind,
                            const istauth_key *key, istauth_time now)
{
    const istauth_token *t = &e->token;
    bool personal = kind == ISTAUTH_TOKEN_PERSONAL;

    return istauth_key_equal(&t->key, key) && t->kind == kind && !t->spent && !t->revoked &&
           !e->grant.revoked && !e->grant.pending && (e->grant.client_id.n == 0) == personal &&
           (e->grant.subject.n || !personal) &&
           (now < t->expires_at || (personal && t->expires_at == 0));
}

istauth_status istauth__token_scopes(istauth_scope_set *scopes, const istauth_server *server,
                                     const istauth_token_entry *e)
{
    const istauth_scope_catalogue *catalogue = &server->catalogue;
    istauth_scope_set granted, own;

    if (istauth_scope_parse(&granted, NULL, catalogue, e->grant.scopes))
        return ISTAUTH_E_INTERNAL;
    if (e->token.scopes.n) {
        if (istauth_scope_parse(&own, NULL, catalogue, e->token.scopes))
            return ISTAUTH_E_INTERNAL;
        granted = istauth_scope_intersection(istauth_scope_closure(catalogue, granted), own);
    }
    *scopes = granted;
    return ISTAUTH_OK;
}

void istauth__token_touch(const istauth__call *call, const istauth_grant *grant)
{
    if (call->now - grant->used_at >= call->server->config.lifetimes.touch)
        istauth__store_grant_touch(call->server, &grant->id, call->now);
}
