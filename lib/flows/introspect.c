/* Introspection (RFC 7662). Who asks must have proven himself, and sees two kinds of tokens: those of
 * the resource that he is the server of, and his own. Of every other he learns what he learns of
 * one that never was. */
#include "flows/flows_i.h"

#include "flows/live_i.h"
#include "flows/openid_i.h"
#include "flows/store_i.h"

#include <istauth/introspection.h>

static bool opens_resource(istauth_token_kind kind)
{
    return kind == ISTAUTH_TOKEN_ACCESS || kind == ISTAUTH_TOKEN_PERSONAL;
}

/* A resource server has no use for refresh tokens: one that reaches it was sent astray. */
static bool is_its_servers(const istauth_token_entry *e, const istauth_client *client)
{
    return client->resource.n && opens_resource(e->token.kind) &&
           istauth_str_equal(e->grant.resource, client->resource);
}

static bool is_its_own(const istauth_token_entry *e, const istauth_client *client)
{
    return istauth_str_equal(e->grant.client_id, client->client_id);
}

/* ISTAUTH_OK, ISTAUTH_E_NOT_FOUND (or not live, or not his to see), and what a store answers. */
static istauth_status find(istauth_token_entry *e, const istauth__call *call,
                           const istauth_client *client, istauth_str text)
{
    istauth_token_kind kind =
        istauth_token_recognise(call->server->config.token_prefix, text);
    istauth_key key;
    istauth_status st;

    if (!opens_resource(kind) && kind != ISTAUTH_TOKEN_REFRESH)
        return ISTAUTH_E_NOT_FOUND;
    key = istauth_token_key(text);
    st = istauth__store_token_get(call->server, &key, call->arena, e);
    if (st)
        return st;
    if (!istauth__token_is_live(e, kind, &key, call->now) || !e->grant.resource.n ||
        !istauth__resource_named(call->server, e->grant.resource))
        return ISTAUTH_E_NOT_FOUND;
    return is_its_servers(e, client) || is_its_own(e, client) ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}

/* The resource's server acts on accounts and is told which; a client knows the person by the name that its
 * ID tokens have. */
static istauth_status name_subject(istauth_str *subject, const istauth__call *call,
                                   const istauth_client *client, const istauth_token_entry *e)
{
    if (is_its_servers(e, client) || !e->grant.subject.n) {
        *subject = e->grant.subject;
        return ISTAUTH_OK;
    }
    return istauth__subject_for_client(subject, call, client, e->grant.subject);
}

static istauth_status describe(istauth_introspection *about, const istauth__call *call,
                               const istauth_client *client, const istauth_token_entry *e)
{
    const istauth_server *server = call->server;
    istauth_scope_set scopes;
    istauth_status st = istauth__token_scopes(&scopes, server, e);

    if (!st)
        st = name_subject(&about->subject, call, client, e);
    if (st)
        return st;
    about->kind = e->token.kind;
    about->grant_id = e->grant.id;
    about->client_id = e->grant.client_id;
    about->audience = e->grant.resource;
    about->issuer = server->config.issuer;
    about->workspaces = e->grant.workspaces;
    about->issued_at = e->token.issued_at;
    about->expires_at = e->token.expires_at;
    return istauth_scope_print(&about->scopes, call->arena, &server->catalogue, scopes);
}

static istauth_status answer(istauth_str *json, const istauth__call *call,
                             const istauth_client *client, istauth_str text)
{
    istauth_introspection about;
    istauth_token_entry e;
    istauth_status st = find(&e, call, client, text);

    if (st == ISTAUTH_E_NOT_FOUND)
        return istauth_introspection_print(json, call->arena, NULL);
    if (!st)
        st = describe(&about, call, client, &e);
    if (!st)
        st = istauth_introspection_print(json, call->arena, &about);
    if (!st && is_its_servers(&e, client))
        istauth__token_touch(call, &e.grant); /* it was presented there: that is a use of it */
    return st;
}

istauth_status istauth__introspect(istauth_str *json, const istauth__call *call,
                                   const istauth_client *client, const istauth__form *form)
{
    istauth_str text;

    if (client->auth == ISTAUTH_CLIENT_AUTH_NONE)
        return ISTAUTH_E_INVALID_CLIENT; /* RFC 7662 2.1: or anyone could try tokens out here */
    if (istauth__form_get(&text, form, "token") || !text.n)
        return ISTAUTH_E_INVALID_REQUEST;
    return answer(json, call, client, text);
}
