#include "flows/issue_i.h"

#include "base/crypto_i.h"
#include "base/json_i.h"
#include "flows/openid_i.h"
#include "flows/store_i.h"

static istauth_status mint_one(char text[ISTAUTH_TOKEN_SIZE], istauth_token *record,
                               const istauth__call *call, istauth_token_kind kind,
                               istauth_time lifetime, const uint8_t *random)
{
    if (istauth_token_mint(text, &record->key, kind, call->server->config.token_prefix, random))
        return ISTAUTH_E_INTERNAL;
    record->kind = kind;
    record->issued_at = call->now;
    record->expires_at = call->now + lifetime;
    return ISTAUTH_OK;
}

/* What is minted: for whom, and what goes into it. */
typedef struct order {
    const istauth_client *client;
    const istauth_grant *grant;
    istauth_str nonce;
    bool with_refresh;
} order;

/* RFC 6749 5.1, OpenID Connect Core 3.1.3.3. The scope is always there: it may be less than what was
 * asked for. */
static istauth_status print(istauth__issued *issued, const istauth__call *call, const order *o,
                            const char *access, const char *refresh)
{
    istauth__json j = istauth__json_in(call->arena);
    istauth_str id_token;
    istauth_status st =
        istauth__id_token_issue(&id_token, call, o->client, o->grant, issued->scopes, o->nonce,
                                istauth_str_of(access));

    if (st)
        return st;
    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "access_token", istauth_str_of(access));
    istauth__json_str(&j, "token_type", ISTAUTH_STR("Bearer"));
    istauth__json_int(&j, "expires_in", call->server->config.lifetimes.access);
    istauth__json_optional(&j, "refresh_token", istauth_str_of(refresh));
    istauth__json_optional(&j, "id_token", id_token);
    istauth__json_str(&j, "scope", issued->scopes);
    istauth__json_close(&j, '}');
    return istauth__buf_done(&issued->json, &j.buf);
}

/* Both tokens from one reading of the generator: entropy costs more than all the rest. */
static istauth_status mint_all(istauth__minted *m, const istauth__call *call, const order *o)
{
    const istauth_lifetimes *ttl = &call->server->config.lifetimes;
    char access[ISTAUTH_TOKEN_SIZE], refresh[ISTAUTH_TOKEN_SIZE] = "";
    uint8_t random[2 * ISTAUTH_TOKEN_RANDOM];
    istauth_status st = istauth__random(call->server, random, sizeof(random));

    if (!st)
        st = mint_one(access, &m->records[0], call, ISTAUTH_TOKEN_ACCESS, ttl->access, random);
    if (!st && o->with_refresh)
        st = mint_one(refresh, &m->records[1], call, ISTAUTH_TOKEN_REFRESH, ttl->refresh,
                      random + ISTAUTH_TOKEN_RANDOM);
    if (!st)
        st = print(&m->issued, call, o, access, refresh);
    istauth__wipe(random, sizeof(random));
    istauth__wipe(access, sizeof(access));
    istauth__wipe(refresh, sizeof(refresh));
    return st;
}

istauth_status istauth__mint(istauth__minted *minted, const istauth__call *call,
                             const istauth_client *client, const istauth_grant *grant,
                             istauth_str scopes, istauth_str nonce)
{
    order o = { client, grant, nonce, client->grant_types & ISTAUTH_GRANT_REFRESH_TOKEN };
    istauth__minted m;
    istauth_status st;

    memset(&m, 0, sizeof(m));
    m.issued.scopes = scopes.n ? scopes : grant->scopes;
    st = mint_all(&m, call, &o);
    if (st)
        return st;
    m.count = o.with_refresh ? 2 : 1;
    m.records[0].grant_id = m.records[1].grant_id = grant->id;
    m.records[0].scopes = scopes;
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
    if (istauth_str_equal(type, ISTAUTH_STR("client_credentials")) &&
        call->server->config.client_credentials)
        return istauth__machine(issued, call, client, form);
    return ISTAUTH_E_UNSUPPORTED_GRANT_TYPE;
}
