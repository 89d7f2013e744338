/* The refresh_token grant with rotation (RFC 6749 6, OAuth 2.1 4.3, RFC 9700 4.14). */
#include "flows/flows_i.h"

#include "flows/issue_i.h"
#include "flows/resource_i.h"
#include "flows/retry_i.h"
#include "flows/standing_i.h"
#include "flows/store_i.h"

typedef struct refresh {
    istauth_str text, scope;
    istauth_key key;
    istauth_token_entry entry;
    istauth_str narrowed; /* of the new access token; empty: all of the grant's */
    istauth__answer kept; /* when the token is spent, and may be answered once more */
} refresh;

static istauth_status read_form(refresh *r, const istauth__form *form)
{
    if (istauth__form_get(&r->text, form, "refresh_token") || !r->text.n ||
        istauth__form_get(&r->scope, form, "scope"))
        return ISTAUTH_E_INVALID_REQUEST;
    return ISTAUTH_OK;
}

static istauth_status find_token(refresh *r, const istauth__call *call,
                                 const istauth_client *client)
{
    istauth_str prefix = call->server->config.token_prefix;
    istauth_status st;

    if (istauth_token_recognise(prefix, r->text) != ISTAUTH_TOKEN_REFRESH)
        return ISTAUTH_E_INVALID_GRANT;
    r->key = istauth_token_key(r->text);
    st = istauth__store_token_get(call->server, &r->key, call->arena, &r->entry);
    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_GRANT : st;
    if (!istauth_key_equal(&r->entry.token.key, &r->key) ||
        r->entry.token.kind != ISTAUTH_TOKEN_REFRESH)
        return ISTAUTH_E_INTERNAL;
    if (!istauth_str_equal(r->entry.grant.client_id, client->client_id))
        return ISTAUTH_E_INVALID_GRANT;
    return ISTAUTH_OK;
}

/* A spent token: what it was answered is at hand, or it is reused. */
static istauth_status find_answer(refresh *r, const istauth__call *call)
{
    istauth_status st = istauth__retry_open(&r->kept, call, r->text, &r->key);

    return st == ISTAUTH_E_NOT_FOUND ? istauth__punish_reuse(call, &r->entry.grant) : st;
}

/* Reuse comes before every other complaint: a thief's malformed request is a thief's. */
static istauth_status check_token(refresh *r, const istauth__call *call)
{
    const istauth_token *token = &r->entry.token;

    if (token->spent)
        return find_answer(r, call);
    if (token->revoked || r->entry.grant.revoked || r->entry.grant.pending ||
        call->now >= token->expires_at)
        return ISTAUTH_E_INVALID_GRANT;
    return ISTAUTH_OK;
}

static istauth_status check_resource(const refresh *r, const istauth_server *server,
                                     const istauth__form *form)
{
    const istauth__resource *bound = istauth__resource_named(server, r->entry.grant.resource),
                            *asked;

    if (!bound)
        return ISTAUTH_E_INVALID_GRANT;
    return istauth__resource_asked(&asked, server, form, bound);
}

/* The access token may be narrower than the grant; the refresh token never changes (RFC 6749 6). */
static istauth_status check_scope(refresh *r, const istauth__call *call)
{
    const istauth_scope_catalogue *catalogue = &call->server->catalogue;
    istauth_scope_set granted, asked;

    if (!r->scope.n)
        return ISTAUTH_OK;
    if (istauth_scope_parse(&granted, NULL, catalogue, r->entry.grant.scopes))
        return ISTAUTH_E_INTERNAL;
    if (istauth_scope_parse(&asked, NULL, catalogue, r->scope) || istauth_scope_is_empty(asked) ||
        !istauth_scope_allows(catalogue, granted, asked))
        return ISTAUTH_E_INVALID_SCOPE;
    if (asked.bits == granted.bits)
        return ISTAUTH_OK;
    return istauth_scope_print(&r->narrowed, call->arena, catalogue, asked);
}

static void tell(const refresh *r, const istauth__call *call, istauth_event_kind kind,
                 const istauth__issued *issued)
{
    istauth__emit(call, (istauth_event){ .kind = kind,
                                         .subject = r->entry.grant.subject,
                                         .client_id = r->entry.grant.client_id,
                                         .grant_id = istauth_id_str(&r->entry.grant.id),
                                         .scopes = issued->scopes });
}

/* The same answer to the same question: nothing new is minted. Asked for another scope it is no
 * retry, and no theft either, which would not need to ask. */
static istauth_status repeat(istauth__issued *issued, const refresh *r, const istauth__call *call)
{
    if (!istauth_str_equal(r->narrowed, r->kept.narrowed))
        return ISTAUTH_E_INVALID_SCOPE;
    *issued = r->kept.issued;
    tell(r, call, ISTAUTH_EVENT_REFRESH_REPEATED, issued);
    return ISTAUTH_OK;
}

static istauth_status mint(istauth__minted *minted, istauth_retry *retry, const refresh *r,
                           const istauth__call *call, const istauth_client *client)
{
    istauth_status st = istauth__mint(minted, call, client, &r->entry.grant, r->narrowed,
                                      istauth_str_of(NULL));
    istauth__answer answer = { r->narrowed, minted->issued };

    if (st || !istauth__retry_is_on(call->server))
        return st;
    return istauth__retry_seal(retry, call, r->text, &answer);
}

static istauth_status rotate(istauth__issued *issued, refresh *r, const istauth__call *call,
                             const istauth_client *client)
{
    istauth_retry retry = { .sealed = { NULL, 0 } };
    istauth__minted minted = { .count = 0 };
    istauth_status st;

    istauth__client_renew(call, client);
    st = mint(&minted, &retry, r, call, client);
    if (st)
        return st;
    st = istauth__store_refresh_rotate(call, &r->key, istauth__minted_list(&minted),
                                       retry.sealed.n ? &retry : NULL);
    if (st == ISTAUTH_E_SPENT) { /* another was faster */
        st = find_answer(r, call);
        return st ? st : repeat(issued, r, call);
    }
    if (st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_REVOKED)
        return ISTAUTH_E_INVALID_GRANT;
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    *issued = minted.issued;
    tell(r, call, ISTAUTH_EVENT_REFRESHED, issued);
    return ISTAUTH_OK;
}

istauth_status istauth__refresh(istauth__issued *issued, const istauth__call *call,
                                const istauth_client *client, const istauth__form *form)
{
    refresh r = { .narrowed = { NULL, 0 } };
    istauth_status st = read_form(&r, form);

    if (st)
        return st;
    if (!(client->grant_types & ISTAUTH_GRANT_REFRESH_TOKEN))
        return ISTAUTH_E_UNAUTHORIZED_CLIENT;
    st = find_token(&r, call, client);
    if (!st)
        st = check_token(&r, call);
    if (!st)
        st = check_resource(&r, call->server, form);
    if (!st)
        st = check_scope(&r, call);
    if (!st)
        st = istauth__grant_check(call, &r.entry.grant);
    if (!st)
        st = r.entry.token.spent ? repeat(issued, &r, call) : rotate(issued, &r, call, client);
    return st;
}
