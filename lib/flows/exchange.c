/* The authorization_code grant (RFC 6749 4.1.3, RFC 7636 4.5, RFC 8707 2.2). */
#include "flows/flows_i.h"

#include "flows/issue_i.h"
#include "flows/resource_i.h"
#include "flows/standing_i.h"
#include "flows/store_i.h"

#include <istauth/pkce.h>

/* A clock may be set back a little between issue and redemption, not more. */
#define CLOCK_SKEW 60

typedef struct exchange {
    istauth_str code, verifier, redirect_uri;
    istauth_key key;
    istauth_code_entry entry;
} exchange;

static istauth_status read_form(exchange *x, const istauth__form *form)
{
    if (istauth__form_get(&x->code, form, "code") || !x->code.n ||
        istauth__form_get(&x->verifier, form, "code_verifier") ||
        istauth__form_get(&x->redirect_uri, form, "redirect_uri"))
        return ISTAUTH_E_INVALID_REQUEST;
    return ISTAUTH_OK;
}

/* Find the code and make sure that it is this client's: another one's is none of its business, and
 * stays as it is (RFC 6749 4.1.3; a replay by a stranger must not revoke anything). */
static istauth_status find_code(exchange *x, const istauth__call *call,
                                const istauth_client *client)
{
    istauth_str prefix = call->server->config.token_prefix;
    istauth_status st;

    if (istauth_token_recognise(prefix, x->code) != ISTAUTH_TOKEN_CODE)
        return ISTAUTH_E_INVALID_GRANT;
    x->key = istauth_token_key(x->code);
    st = istauth__store_code_get(call, &x->key, &x->entry);
    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_GRANT : st;
    if (!istauth_key_equal(&x->entry.code.key, &x->key))
        return ISTAUTH_E_INTERNAL;
    if (!istauth_str_equal(x->entry.grant.client_id, client->client_id))
        return ISTAUTH_E_INVALID_GRANT;
    return ISTAUTH_OK;
}

/* Before anything is spent: a client can mend this and try again. */
static istauth_status check_resource(const exchange *x, const istauth_server *server,
                                     const istauth__form *form)
{
    const istauth__resource *bound = istauth__resource_named(server, x->entry.grant.resource),
                            *asked;

    if (!bound)
        return ISTAUTH_E_INVALID_GRANT; /* no longer configured */
    return istauth__resource_asked(&asked, server, form, bound);
}

/* Redirect URI (may be left out, OAuth 2.1 4.1.3) and verifier. */
static istauth_status check_proof(const exchange *x)
{
    if (x->redirect_uri.n && !istauth_str_equal(x->redirect_uri, x->entry.code.redirect_uri))
        return ISTAUTH_E_INVALID_GRANT;
    return istauth_pkce_verify(x->entry.code.challenge, x->verifier);
}

/* The holder of a code has one guess: a wrong one burns it. */
static istauth_status burn(const exchange *x, const istauth__call *call, istauth_status why)
{
    istauth_status st = istauth__store_grant_revoke(call, &x->entry.grant.id);

    return st ? st : why;
}

/* Before every other complaint, as for a refresh token. */
static istauth_status check_spent(const exchange *x, const istauth__call *call)
{
    /* Whoever can prove the code is its client, or has everything that its client has: then what it
     * produced dies. Without the proof a replay is only refused, or a leaked code would
     * let anyone log the person out (OAuth 2.1 7.5.3). */
    if (x->entry.code.spent)
        return check_proof(x) ? ISTAUTH_E_INVALID_GRANT
                              : istauth__punish_reuse(call, &x->entry.grant);
    return x->entry.grant.revoked ? ISTAUTH_E_INVALID_GRANT : ISTAUTH_OK;
}

static istauth_status check_code(const exchange *x, const istauth__call *call)
{
    const istauth_code *code = &x->entry.code;
    istauth_status proof = check_proof(x);

    if (proof)
        return burn(x, call, proof);
    if (call->now >= code->expires_at || call->now < code->created_at - CLOCK_SKEW)
        return ISTAUTH_E_INVALID_GRANT;
    return ISTAUTH_OK;
}

static istauth_status redeem(istauth__issued *issued, exchange *x, const istauth__call *call,
                             const istauth_client *client)
{
    istauth__minted minted;
    istauth_status st = istauth__mint(&minted, call, client, &x->entry.grant, istauth_str_of(NULL),
                                      x->entry.code.nonce);

    if (st)
        return st;
    st = istauth__store_code_redeem(call, &x->key, istauth__minted_list(&minted));
    if (st == ISTAUTH_E_SPENT)
        return istauth__punish_reuse(call, &x->entry.grant); /* two at once: one too many */
    if (st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_REVOKED)
        return ISTAUTH_E_INVALID_GRANT;
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    *issued = minted.issued;
    return ISTAUTH_OK;
}

istauth_status istauth__exchange(istauth__issued *issued, const istauth__call *call,
                                 const istauth_client *client, const istauth__form *form)
{
    exchange x;
    istauth_status st = read_form(&x, form);

    if (st)
        return st;
    if (!(client->grant_types & ISTAUTH_GRANT_AUTHORIZATION_CODE))
        return ISTAUTH_E_UNAUTHORIZED_CLIENT;
    st = find_code(&x, call, client);
    if (!st)
        st = check_spent(&x, call);
    if (!st)
        st = check_resource(&x, call->server, form);
    if (!st)
        st = check_code(&x, call);
    if (!st)
        st = istauth__grant_check(call, &x.entry.grant);
    if (!st)
        st = redeem(issued, &x, call, client);
    if (!st)
        istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_TOKEN_ISSUED,
                                             .subject = x.entry.grant.subject,
                                             .client_id = client->client_id,
                                             .grant_id = istauth_id_str(&x.entry.grant.id),
                                             .scopes = issued->scopes });
    return st;
}
