#include "flows/issue_i.h"

#include "base/crypto_i.h"
#include "flows/store_i.h"

static istauth_status mint_one(istauth_str *text, istauth_token *record,
                               const istauth__call *call, istauth_token_kind kind,
                               istauth_time lifetime, const uint8_t *random)
{
    char *p = istauth_arena_alloc(call->arena, ISTAUTH_TOKEN_SIZE);

    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    if (istauth_token_mint(p, &record->key, kind, call->server->config.token_prefix, random))
        return ISTAUTH_E_INTERNAL;
    record->kind = kind;
    record->issued_at = call->now;
    record->expires_at = call->now + lifetime;
    *text = istauth_str_of(p);
    return ISTAUTH_OK;
}

istauth_status istauth__mint(istauth__minted *minted, const istauth__call *call,
                             const istauth_client *client, const istauth_grant *grant,
                             istauth_str scopes)
{
    const istauth_lifetimes *ttl = &call->server->config.lifetimes;
    bool refresh = client->grant_types & ISTAUTH_GRANT_REFRESH_TOKEN;
    uint8_t random[2 * ISTAUTH_TOKEN_RANDOM]; /* one call: entropy costs more than all the rest */
    istauth__minted m;
    istauth_status st;

    memset(&m, 0, sizeof(m));
    st = istauth__random(call->server, random, sizeof(random));
    if (!st)
        st = mint_one(&m.issued.access_token, &m.records[0], call, ISTAUTH_TOKEN_ACCESS,
                      ttl->access, random);
    if (!st && refresh)
        st = mint_one(&m.issued.refresh_token, &m.records[1], call, ISTAUTH_TOKEN_REFRESH,
                      ttl->refresh, random + ISTAUTH_TOKEN_RANDOM);
    istauth__wipe(random, sizeof(random));
    if (st)
        return st;
    m.count = refresh ? 2 : 1;
    m.records[0].grant_id = m.records[1].grant_id = grant->id;
    m.records[0].scopes = scopes;
    m.issued.scopes = scopes.n ? scopes : grant->scopes;
    m.issued.expires_in = ttl->access;
    *minted = m;
    return ISTAUTH_OK;
}

istauth_status istauth__punish_reuse(const istauth__call *call, const istauth_grant *grant)
{
    istauth_status st = istauth__store_grant_revoke(call, &grant->id);

    if (st)
        return st;
    if (!grant->revoked) /* one alarm a family, not one a knock */
        istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REUSE_DETECTED,
                                             .status = ISTAUTH_E_SPENT,
                                             .subject = grant->subject,
                                             .client_id = grant->client_id,
                                             .grant_id = istauth_id_str(&grant->id) });
    return ISTAUTH_E_INVALID_GRANT;
}

istauth_status istauth__grant(istauth__issued *issued, const istauth__call *call,
                              const istauth_client *client, const istauth__form *form)
{
    istauth_str type;

    if (istauth__form_get(&type, form, "grant_type") || !type.n)
        return ISTAUTH_E_INVALID_REQUEST;
    if (istauth_str_equal(type, ISTAUTH_STR("authorization_code")))
        return istauth__exchange(issued, call, client, form);
    if (istauth_str_equal(type, ISTAUTH_STR("refresh_token")))
        return istauth__refresh(issued, call, client, form);
    return ISTAUTH_E_UNSUPPORTED_GRANT_TYPE;
}
