#include <istauth/personal_token.h>

#include "base/crypto_i.h"
#include "base/text_i.h"
#include "flows/standing_i.h"
#include "flows/store_i.h"

static istauth_status check_name(istauth_str name)
{
    if (!name.n || name.n > ISTAUTH_PERSONAL_NAME_MAX || !istauth__is_display_text(name))
        return ISTAUTH_E_ARGUMENT;
    return ISTAUTH_OK;
}

static istauth_status fill_scopes(istauth_grant *grant, istauth_scope_set *set,
                                  const istauth__call *call, istauth_str text)
{
    const istauth_server *server = call->server;

    if (istauth_scope_parse(set, NULL, &server->catalogue, text))
        return ISTAUTH_E_INVALID_SCOPE;
    *set = istauth_scope_intersection(*set, server->offered);
    if (istauth_scope_is_empty(*set))
        return ISTAUTH_E_INVALID_SCOPE;
    return istauth_scope_print(&grant->scopes, call->arena, &server->catalogue, *set);
}

static istauth_status fill_grant(istauth_grant *grant, const istauth__call *call,
                                 istauth_str subject, const istauth_personal_wish *wish)
{
    const istauth__resource *resource = istauth__resource_named(call->server, wish->resource);
    istauth_scope_set scopes;
    istauth_status st;

    if (!resource)
        return ISTAUTH_E_INVALID_TARGET;
    st = fill_scopes(grant, &scopes, call, wish->scopes);
    if (!st)
        st =
            istauth__workspaces_choose(&grant->workspaces, call, subject, scopes, wish->workspaces);
    if (st)
        return st;
    grant->subject = subject;
    grant->name = wish->name;
    grant->resource = resource->identifier;
    grant->created_at = grant->issued_at = call->now;
    return ISTAUTH_OK;
}

static istauth_status store_token(char text[ISTAUTH_TOKEN_SIZE], const istauth__call *call,
                                  istauth_grant *grant, istauth_time expires_at)
{
    const istauth_server *server = call->server;
    istauth_token token = { .kind = ISTAUTH_TOKEN_PERSONAL,
                            .issued_at = call->now,
                            .expires_at = expires_at };
    uint8_t random[ISTAUTH_TOKEN_RANDOM + 16];
    istauth_status st = istauth__random(server, random, sizeof(random));

    if (st)
        return st;
    istauth__id_write(&grant->id, random + ISTAUTH_TOKEN_RANDOM);
    token.grant_id = grant->id;
    st = istauth_token_mint(text, &token.key, ISTAUTH_TOKEN_PERSONAL, server->config.token_prefix,
                            random);
    istauth__wipe(random, sizeof(random));
    if (!st)
        st = istauth__store_personal_put(server, &token, grant);
    return st == ISTAUTH_E_EXISTS || st == ISTAUTH_E_ARGUMENT ? ISTAUTH_E_INTERNAL : st;
}

istauth_status istauth_personal_token_create(char text[ISTAUTH_TOKEN_SIZE], istauth_id *id,
                                             const istauth_server *server, istauth_str subject,
                                             const istauth_personal_wish *wish,
                                             istauth_arena *arena)
{
    istauth_grant grant = { .pending = false };
    char made[ISTAUTH_TOKEN_SIZE];
    istauth__call call;
    istauth_status st;

    st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));
    if (!st)
        st = check_name(wish->name);
    if (!st && (!subject.n || (wish->expires_at && wish->expires_at <= call.now)))
        st = ISTAUTH_E_ARGUMENT;
    if (!st)
        st = istauth__subject_check(server, subject);
    if (!st)
        st = fill_grant(&grant, &call, subject, wish);
    if (!st)
        st = store_token(made, &call, &grant, wish->expires_at);
    if (!st) {
        memcpy(text, made, sizeof(made));
        *id = grant.id;
        istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_PERSONAL_CREATED,
                                              .subject = subject,
                                              .grant_id = istauth_id_str(&grant.id),
                                              .scopes = grant.scopes });
    }
    istauth__wipe(made, sizeof(made));
    return st;
}

static istauth_status describe(istauth_personal_token *to, const istauth_server *server,
                               const istauth_grant_entry *from)
{
    to->id = from->grant.id;
    to->name = from->grant.name;
    to->workspaces = from->grant.workspaces;
    to->created_at = from->grant.created_at;
    to->used_at = from->grant.used_at;
    to->expires_at = from->token_expires_at;
    if (istauth_scope_parse(&to->scopes, NULL, &server->catalogue, from->grant.scopes))
        return ISTAUTH_E_INTERNAL;
    return ISTAUTH_OK;
}

istauth_status istauth_personal_tokens_list(istauth_personal_tokens *tokens,
                                            const istauth_server *server, istauth_str subject,
                                            istauth_arena *arena)
{
    size_t limit = server->config.limits.apps;
    istauth_grant_entries entries;
    istauth_personal_token *items;
    istauth_status st;

    st = istauth__store_personal_list(server, subject, limit, arena, &entries);
    if (st)
        return st;
    items = istauth_arena_alloc(arena, entries.count * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < entries.count; i++) {
        st = describe(&items[i], server, &entries.items[i]);
        if (st)
            return st;
    }
    tokens->items = items;
    tokens->count = entries.count;
    tokens->truncated = entries.count == limit;
    return ISTAUTH_OK;
}

istauth_status istauth_personal_token_revoke(const istauth_server *server, istauth_str subject,
                                             istauth_str id)
{
    istauth_id grant_id;
    istauth__call call;
    istauth_status st;

    if (id.n != ISTAUTH_ID_SIZE - 1)
        return ISTAUTH_E_NOT_FOUND;
    memcpy(grant_id.text, id.p, id.n);
    grant_id.text[id.n] = '\0';
    st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));
    if (!st)
        st = istauth__store_personal_revoke(&call, subject, &grant_id);
    if (!st)
        istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_PERSONAL_REVOKED,
                                              .subject = subject,
                                              .grant_id = istauth_id_str(&grant_id) });
    return st;
}
