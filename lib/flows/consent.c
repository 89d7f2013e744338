#include "flows/flows_i.h"

#include "base/crypto_i.h"
#include "base/url_i.h"
#include "flows/location_i.h"
#include "flows/openid_i.h"
#include "flows/standing_i.h"
#include "flows/store_i.h"
#include "flows/ticket_i.h"

#include <istauth/client.h>
#include <istauth/metadata_document.h>

#define BINDING_MAX 256

static istauth_status list_scopes(istauth_consent *c, const istauth__call *call,
                                  istauth_scope_set set)
{
    const istauth_scope_catalogue *catalogue = &call->server->catalogue;
    const istauth_scope **scopes =
        istauth_arena_alloc(call->arena, catalogue->count * sizeof(*scopes));
    size_t count = 0;

    if (!scopes)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < catalogue->count; i++)
        if (set.bits >> i & 1)
            scopes[count++] = &catalogue->scopes[i];
    c->scopes = scopes;
    c->scope_count = count;
    return ISTAUTH_OK;
}

static void describe_client(istauth_consent *c, const istauth_authorization *a)
{
    istauth__url url;

    c->client_name = a->client.name;
    if (istauth__url_cut(&url, a->client.client_uri))
        c->client_host = url.host;
    if (a->client.origin == ISTAUTH_CLIENT_DOCUMENT)
        c->document_host = istauth_document_url_host(a->client.client_id);
    c->redirect_host = istauth_redirect_host(a->redirect_uri);
    c->redirect_kind = istauth_redirect_check(a->redirect_uri);
    c->resource = a->resource;
}

istauth_status istauth_consent_open(istauth_consent *consent, const istauth_server *server,
                                    const istauth_authorization *authorization, istauth_str subject,
                                    istauth_str binding, istauth_arena *arena)
{
    istauth_consent c;
    istauth__call call;
    istauth_status st;

    memset(&c, 0, sizeof(c));
    if (!subject.n || !binding.n || binding.n > BINDING_MAX || !authorization->redirect_uri.n)
        return ISTAUTH_E_ARGUMENT;
    st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));
    if (!st)
        st = istauth__openid_signed_in(authorization, &call, subject);
    if (!st)
        st = istauth__subject_check(server, subject);
    if (!st)
        st = istauth__workspaces_offered(&c.workspaces, server, subject, arena);
    if (!st)
        st = list_scopes(&c, &call, authorization->scopes);
    if (!st)
        st = istauth__ticket_seal(&c.ticket, &call, authorization, subject, binding);
    if (st)
        return st;
    describe_client(&c, authorization);
    c.workspace_needed = istauth__workspace_is_needed(server, authorization->scopes);
    *consent = c;
    return ISTAUTH_OK;
}

/* What the person leaves of what was asked for. */
static istauth_status choose_scopes(istauth_scope_set *granted, const istauth_server *server,
                                    istauth_str asked, istauth_str choice)
{
    istauth_scope_set wanted, chosen;

    if (istauth_scope_parse(&wanted, NULL, &server->catalogue, asked))
        return ISTAUTH_E_INTERNAL; /* we printed it ourselves */
    chosen = wanted;
    if (choice.n && istauth_scope_parse(&chosen, NULL, &server->catalogue, choice))
        return ISTAUTH_E_INVALID_SCOPE;
    chosen = istauth_scope_intersection(chosen, istauth_scope_closure(&server->catalogue, wanted));
    chosen = istauth_scope_intersection(chosen, server->offered);
    if (istauth_scope_is_empty(chosen))
        return ISTAUTH_E_INVALID_SCOPE;
    *granted = chosen;
    return ISTAUTH_OK;
}

/* The client of an open page may have been deleted or changed since. */
static istauth_status check_client(const istauth__call *call, const istauth__ticket *ticket)
{
    unsigned flags = call->server->config.exact_localhost ? 0 : ISTAUTH_REDIRECT_LOCALHOST;
    istauth_client client;
    istauth_str uri;
    istauth_status st = istauth__client_find(&client, call, ticket->client_id);

    if (st)
        return st;
    if (istauth_client_redirect(&uri, &client, ticket->redirect_uri, flags))
        return ISTAUTH_E_INVALID_CLIENT;
    return ISTAUTH_OK;
}

static istauth_status fill_grant(istauth_grant *grant, const istauth__call *call,
                                 const istauth__ticket *ticket, istauth_str subject,
                                 const istauth_choice *choice)
{
    istauth_scope_set scopes;
    istauth_status st;

    st = choose_scopes(&scopes, call->server, ticket->scopes, choice->scopes);
    if (!st)
        st = istauth__workspaces_choose(&grant->workspaces, call, subject, scopes,
                                        choice->workspaces);
    if (!st)
        st = istauth_scope_print(&grant->scopes, call->arena, &call->server->catalogue, scopes);
    if (st)
        return st;
    grant->subject = subject;
    grant->client_id = ticket->client_id;
    grant->resource = ticket->resource;
    grant->auth_time = ticket->auth_time;
    grant->created_at = call->now;
    grant->pending = true;
    return ISTAUTH_OK;
}

/* The code, its record, and the location that carries it; nothing is stored yet. */
static istauth_status mint_code(istauth_str *location, istauth_code *code,
                                const istauth__call *call, const istauth__ticket *ticket,
                                istauth_grant *grant)
{
    const istauth_server *server = call->server;
    uint8_t random[ISTAUTH_TOKEN_RANDOM + 16];
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_status st = istauth__random(server, random, sizeof(random));

    if (st)
        return st;
    istauth__id_write(&grant->id, random + ISTAUTH_TOKEN_RANDOM);
    code->redirect_uri = ticket->redirect_uri;
    code->challenge = ticket->challenge;
    code->nonce = ticket->openid_nonce;
    code->created_at = call->now;
    code->expires_at = call->now + server->config.lifetimes.code;
    st = istauth_token_mint(text, &code->key, ISTAUTH_TOKEN_CODE, server->config.token_prefix,
                            random);
    if (!st)
        st = istauth__location(location, server, ticket->redirect_uri, ticket->state,
                               istauth_str_of(text), ISTAUTH_OK, call->arena);
    istauth__wipe(random, sizeof(random));
    istauth__wipe(text, sizeof(text));
    return st == ISTAUTH_E_ARGUMENT ? ISTAUTH_E_INTERNAL : st;
}

/* The ticket is spent last before the store keeps the code: a choice that has to be mended, and any
 * trouble before, leave it good. */
static istauth_status answer(istauth_str *location, const istauth__call *call,
                             const istauth__ticket *ticket, istauth_grant *grant)
{
    istauth_code code = { .spent = false };
    istauth_str made;
    istauth_status st = mint_code(&made, &code, call, ticket, grant);

    if (!st)
        st = istauth__ticket_spend(call, ticket);
    if (!st)
        st = istauth__store_code_put(call->server, &code, grant);
    if (st == ISTAUTH_E_NOT_FOUND)
        return ISTAUTH_E_INVALID_CLIENT;
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    *location = made;
    return ISTAUTH_OK;
}

istauth_status istauth_consent_approve(istauth_str *location, const istauth_server *server,
                                       istauth_str ticket, istauth_str subject, istauth_str binding,
                                       const istauth_choice *choice, istauth_arena *arena)
{
    istauth_grant grant = { .pending = true };
    istauth__ticket opened;
    istauth__call call;
    istauth_status st;

    st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));
    if (!st)
        st = istauth__ticket_open(&opened, &call, ticket, subject, binding);
    if (!st)
        st = istauth__subject_check(server, subject);
    if (!st)
        st = check_client(&call, &opened);
    if (!st)
        st = fill_grant(&grant, &call, &opened, subject, choice);
    if (!st)
        st = answer(location, &call, &opened, &grant);
    if (st)
        return st;
    istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_CONSENTED,
                                          .subject = subject,
                                          .client_id = grant.client_id,
                                          .grant_id = istauth_id_str(&grant.id),
                                          .scopes = grant.scopes });
    return ISTAUTH_OK;
}

istauth_status istauth_consent_deny(istauth_str *location, const istauth_server *server,
                                    istauth_str ticket, istauth_str subject, istauth_str binding,
                                    istauth_arena *arena)
{
    istauth__ticket opened;
    istauth__call call;
    istauth_str made;
    istauth_status st;

    st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));
    if (!st)
        st = istauth__ticket_open(&opened, &call, ticket, subject, binding);
    if (!st)
        st = check_client(&call, &opened);
    if (!st)
        st = istauth__location(&made, server, opened.redirect_uri, opened.state,
                               istauth_str_of(NULL), ISTAUTH_E_ACCESS_DENIED, arena);
    if (!st)
        st = istauth__ticket_spend(&call, &opened);
    if (st)
        return st;
    *location = made;
    istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_DENIED,
                                          .status = ISTAUTH_E_ACCESS_DENIED,
                                          .subject = subject,
                                          .client_id = opened.client_id });
    return ISTAUTH_OK;
}
