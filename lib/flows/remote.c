#include "flows/remote_i.h"

#include "flows/answers_i.h"

#include <istauth/introspection.h>

static istauth_status ask(istauth_str *answer, const istauth__call *call, istauth_str token)
{
    const istauth_hooks *hooks = &call->server->config.hooks;
    istauth_str form;
    istauth_status st;

    if (istauth_introspection_form(&form, call->arena, token))
        return ISTAUTH_E_NO_MEMORY;
    st = hooks->introspect(hooks->ctx, answer, form, call->arena);
    if (!st || st == ISTAUTH_E_UNAVAILABLE || st == ISTAUTH_E_NO_MEMORY)
        return st;
    return ISTAUTH_E_INTERNAL;
}

/* An answer that is none is trouble over there, and no reason to throw a token away. */
static istauth_status read(istauth_introspection *about, const istauth__call *call,
                           istauth_str answer)
{
    istauth_status st = istauth_introspection_read(about, call->arena, answer);

    return st == ISTAUTH_E_INVALID_REQUEST ? ISTAUTH_E_UNAVAILABLE : st;
}

static istauth_status find(istauth_introspection *about, const istauth__call *call,
                           const istauth__bearer *bearer)
{
    istauth_str answer = { NULL, 0 };
    istauth_status st;

    if (istauth__answers_get(&answer, call, &bearer->key))
        return read(about, call, answer);
    st = ask(&answer, call, bearer->text);
    if (!st)
        st = read(about, call, answer);
    if (!st)
        istauth__answers_put(call, &bearer->key, answer);
    return st;
}

static const istauth__resource *resource_of(const istauth_server *server, istauth_str audience)
{
    return audience.n ? istauth__resource_named(server, audience) : NULL;
}

istauth_status istauth__remote_verify(istauth_access *access, const istauth__call *call,
                                      const istauth__bearer *bearer,
                                      const istauth__resource *resource)
{
    const istauth_server *server = call->server;
    istauth_introspection about;
    istauth_scope_set scopes;
    istauth_status st = find(&about, call, bearer);

    if (st)
        return st;
    if (!resource)
        resource = resource_of(server, about.audience);
    if (!resource || istauth_introspection_check(&about, bearer->kind, server->config.issuer,
                                                 resource->identifier, call->now))
        return ISTAUTH_E_INVALID_TOKEN;
    if (istauth_scope_parse(&scopes, NULL, &server->catalogue, about.scopes))
        return ISTAUTH_E_UNAVAILABLE;
    access->kind = about.kind;
    access->grant_id = about.grant_id;
    access->subject = about.subject;
    access->client_id = about.client_id;
    access->scopes = scopes;
    access->workspaces = about.workspaces;
    access->resource = resource->identifier;
    access->issued_at = about.issued_at;
    access->expires_at = about.expires_at;
    access->machine = !about.subject.n;
    return ISTAUTH_OK;
}
