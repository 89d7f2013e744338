/* The path that every MCP request takes: one hash, one store read, no allocation. */
#include <istauth/verify.h>

#include "flows/flows_i.h"
#include "flows/live_i.h"
#include "flows/remote_i.h"
#include "flows/standing_i.h"
#include "flows/store_i.h"

#include <istauth/challenge.h>

static bool is_bearer_kind(istauth_token_kind kind)
{
    return kind == ISTAUTH_TOKEN_ACCESS || kind == ISTAUTH_TOKEN_PERSONAL;
}

static bool is_for(const istauth_grant *grant, const istauth_server *server,
                   const istauth__resource *resource)
{
    if (!resource)
        return grant->resource.n && istauth__resource_named(server, grant->resource);
    return istauth_str_equal(grant->resource, resource->identifier);
}

static istauth_status refuse(const istauth__call *call, const istauth_grant *grant)
{
    istauth_event event = { .kind = ISTAUTH_EVENT_VERIFICATION_DENIED,
                            .status = ISTAUTH_E_INVALID_TOKEN };

    if (grant) {
        event.subject = grant->subject;
        event.client_id = grant->client_id;
        event.grant_id = istauth_id_str(&grant->id);
    }
    istauth__emit(call, event);
    return ISTAUTH_E_INVALID_TOKEN;
}

/* What a header's value holds, if it can be a token at all: garbage costs nobody a look. */
static istauth_status read_header(istauth__bearer *b, const istauth__call *call,
                                  istauth_str header)
{
    istauth_status st = istauth_bearer_parse(&b->text, header);

    if (st == ISTAUTH_E_NO_CREDENTIALS)
        return st;
    if (st)
        return refuse(call, NULL);
    b->kind = istauth_token_recognise(call->server->config.token_prefix, b->text);
    if (!is_bearer_kind(b->kind))
        return refuse(call, NULL);
    b->key = istauth_token_key(b->text);
    return ISTAUTH_OK;
}

static istauth_status find_live(istauth_token_entry *e, const istauth__call *call,
                                const istauth__bearer *b, const istauth__resource *resource)
{
    istauth_status st = istauth__store_token_get(call->server, &b->key, call->arena, e);

    if (st == ISTAUTH_E_NOT_FOUND)
        return refuse(call, NULL);
    if (st)
        return st;
    if (!istauth__token_is_live(e, b->kind, &b->key, call->now) ||
        !is_for(&e->grant, call->server, resource))
        return refuse(call, &e->grant);
    return ISTAUTH_OK;
}

static istauth_status look_up(istauth_access *access, const istauth__call *call,
                              const istauth__bearer *b, const istauth__resource *resource)
{
    istauth_token_entry e;
    istauth_scope_set scopes;
    istauth_status st = find_live(&e, call, b, resource);

    if (!st)
        st = istauth__token_scopes(&scopes, call->server, &e);
    if (st)
        return st;
    istauth__token_touch(call, &e.grant);
    access->kind = e.token.kind;
    access->grant_id = e.grant.id;
    access->subject = e.grant.subject;
    access->client_id = e.grant.client_id;
    access->scopes = scopes;
    access->workspaces = e.grant.workspaces;
    access->resource = e.grant.resource;
    access->issued_at = e.token.issued_at;
    access->expires_at = e.token.expires_at;
    access->machine = !e.grant.subject.n;
    return ISTAUTH_OK;
}

istauth_status istauth__verify(istauth_access *access, const istauth__call *call,
                               istauth_str authorization, const istauth__resource *resource)
{
    istauth__bearer b;
    istauth_status st = read_header(&b, call, authorization);

    if (st)
        return st;
    if (!call->server->config.hooks.introspect)
        return look_up(access, call, &b, resource);
    st = istauth__remote_verify(access, call, &b, resource);
    return st == ISTAUTH_E_INVALID_TOKEN ? refuse(call, NULL) : st;
}

static istauth_status verify_for(istauth_access *access, const istauth_server *server,
                                 istauth_str authorization, istauth_str resource,
                                 istauth_str address, istauth_arena *arena)
{
    const istauth__resource *configured = istauth__resource_named(server, resource);
    istauth__call call;
    istauth_status st;

    if (!configured)
        return ISTAUTH_E_ARGUMENT;
    st = istauth__call_start(&call, server, arena, address);
    if (st)
        return st;
    return istauth__verify(access, &call, authorization, configured);
}

istauth_status istauth_verify(istauth_access *access, const istauth_server *server,
                              istauth_str authorization, istauth_str resource, istauth_arena *arena)
{
    return verify_for(access, server, authorization, resource, istauth_str_of(NULL), arena);
}

istauth_status istauth_verify_request(istauth_access *access, const istauth_server *server,
                                      const istauth_request *request, istauth_str resource,
                                      istauth_arena *arena)
{
    istauth_str header = request->header(request->ctx, "authorization", 0);

    if (request->header(request->ctx, "authorization", 1).p)
        header = ISTAUTH_STR("Bearer"); /* two: which of them a proxy saw is anyone's guess */
    return verify_for(access, server, header, resource, request->address, arena);
}

istauth_status istauth_access_check(const istauth_access *access, const istauth_server *server,
                                    istauth_str scope, istauth_str workspace)
{
    istauth_operation operation = { scope, workspace };
    char room[1024];
    istauth_arena arena;
    istauth_status st = istauth_policy_check(&server->catalogue, access, &operation);

    if (st || !workspace.n || access->machine || !server->config.hooks.verify_workspace)
        return st;
    istauth_server_arena(server, &arena, room, sizeof(room));
    st = istauth__workspace_check(server, access->subject, workspace, &arena);
    istauth_arena_wipe(&arena);
    return st == ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE ? ISTAUTH_E_WORKSPACE_NOT_GRANTED : st;
}

static const char *challenge_error(istauth_status status)
{
    return status == ISTAUTH_E_INVALID_TOKEN || status == ISTAUTH_E_INSUFFICIENT_SCOPE
               ? istauth_status_oauth(status)
               : NULL;
}

istauth_status istauth_challenge_for(istauth_str *value, const istauth_server *server,
                                     istauth_str resource, istauth_status status, istauth_str scope,
                                     istauth_arena *arena)
{
    const istauth__resource *r = istauth__resource_named(server, resource);
    const char *error = challenge_error(status);
    istauth_challenge c;

    if (!r)
        return ISTAUTH_E_ARGUMENT;
    if (!error && status != ISTAUTH_E_NO_CREDENTIALS) {
        *value = istauth_str_of(NULL);
        return ISTAUTH_OK;
    }
    c.error = istauth_str_of(error);
    c.resource_metadata = r->metadata_url;
    c.scope = scope.n ? scope : server->config.challenge_scope;
    c.description = istauth_str_of(error ? istauth_status_description(status) : NULL);
    return istauth_challenge_write(value, arena, &c);
}
