#include "flows/standing_i.h"

#include "flows/store_i.h"

/* A callback may answer OK, one denial, UNAVAILABLE or NO_MEMORY. Anything else is a broken
 * promise: nobody gets through, and nothing is torn down for it either. */
static istauth_status closed(istauth_status st, istauth_status denial)
{
    if (!st || st == denial || st == ISTAUTH_E_UNAVAILABLE || st == ISTAUTH_E_NO_MEMORY)
        return st;
    return ISTAUTH_E_INTERNAL;
}

istauth_status istauth__subject_check(const istauth_server *server, istauth_str subject)
{
    const istauth_hooks *hooks = &server->config.hooks;

    if (!hooks->subject)
        return ISTAUTH_OK;
    return closed(hooks->subject(hooks->ctx, subject), ISTAUTH_E_ACCESS_DENIED);
}

istauth_status istauth__workspaces_offered(istauth_workspace_offer *offer,
                                           const istauth_server *server, istauth_str subject,
                                           istauth_arena *arena)
{
    const istauth_hooks *hooks = &server->config.hooks;
    istauth_workspace_offer made = { NULL, 0 };
    istauth_status st;

    if (hooks->workspaces) {
        st = closed(hooks->workspaces(hooks->ctx, &made, subject, arena), ISTAUTH_OK);
        if (st)
            return st;
    }
    *offer = made;
    return ISTAUTH_OK;
}

bool istauth__workspace_is_needed(const istauth_server *server, istauth_scope_set scopes)
{
    istauth_scope_set identity = istauth_scope_flagged(&server->catalogue, ISTAUTH_SCOPE_IDENTITY);
    istauth_scope_set all = istauth_scope_closure(&server->catalogue, scopes);

    return server->config.hooks.workspaces && !istauth_scope_is_subset(all, identity);
}

istauth_status istauth__workspaces_choose(istauth_str_list *chosen, const istauth__call *call,
                                          istauth_str subject, istauth_scope_set scopes,
                                          istauth_str_list wanted)
{
    istauth_workspace_offer offer;
    istauth_status st;

    if (wanted.count > call->server->config.limits.workspaces)
        return ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE;
    st = istauth__workspaces_offered(&offer, call->server, subject, call->arena);
    if (st)
        return st;
    if (!wanted.count && istauth__workspace_is_needed(call->server, scopes))
        return ISTAUTH_E_NO_WORKSPACE;
    return istauth_workspace_choose(chosen, call->arena, offer, wanted);
}

/* What there is to look a single workspace up in: nothing when the host answers for each. Asked for
 * once a call, because a host may copy all of it into the arena every time. */
static istauth_status offer_to_look_in(istauth_workspace_offer *offer,
                                       const istauth_server *server, istauth_str subject,
                                       istauth_arena *arena)
{
    if (!server->config.hooks.workspace)
        return istauth__workspaces_offered(offer, server, subject, arena);
    *offer = (istauth_workspace_offer){ NULL, 0 };
    return ISTAUTH_OK;
}

static istauth_status check_one(const istauth_server *server, istauth_workspace_offer offer,
                                istauth_str subject, istauth_str workspace, istauth_arena *arena)
{
    const istauth_hooks *hooks = &server->config.hooks;
    istauth_str_list wanted = { &workspace, 1 }, chosen;

    if (hooks->workspace)
        return closed(hooks->workspace(hooks->ctx, subject, workspace),
                      ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    if (!hooks->workspaces)
        return ISTAUTH_OK;
    return istauth_workspace_choose(&chosen, arena, offer, wanted);
}

istauth_status istauth__workspace_check(const istauth_server *server, istauth_str subject,
                                        istauth_str workspace, istauth_arena *arena)
{
    istauth_workspace_offer offer;
    istauth_status st = offer_to_look_in(&offer, server, subject, arena);

    return st ? st : check_one(server, offer, subject, workspace, arena);
}

static istauth_status end_grant(const istauth__call *call, const istauth_grant *grant,
                                istauth_status why)
{
    istauth_status st = istauth__store_grant_revoke(call, &grant->id);

    if (st)
        return st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REVOKED,
                                         .status = why,
                                         .subject = grant->subject,
                                         .client_id = grant->client_id,
                                         .grant_id = istauth_id_str(&grant->id) });
    return ISTAUTH_E_INVALID_GRANT;
}

static istauth_status lose_workspace(const istauth__call *call, const istauth_grant *grant,
                                     istauth_str workspace)
{
    size_t changed;
    istauth_status st = istauth__store_workspace_remove(call, grant->subject, workspace, &changed);

    if (!st)
        istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_WORKSPACE_REMOVED,
                                             .subject = grant->subject });
    return st;
}

/* Ask for each workspace before anything is removed: a host that fails midway changes nothing. */
static istauth_status sort_out(istauth_str *kept, size_t *kept_count, istauth_str *lost,
                               size_t *lost_count, const istauth__call *call,
                               const istauth_grant *grant)
{
    istauth_workspace_offer offer;
    istauth_status st = offer_to_look_in(&offer, call->server, grant->subject, call->arena);

    if (st)
        return st;
    for (size_t i = 0; i < grant->workspaces.count; i++) {
        istauth_str workspace = grant->workspaces.items[i];

        st = check_one(call->server, offer, grant->subject, workspace, call->arena);
        if (!st)
            kept[(*kept_count)++] = workspace;
        else if (st == ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE)
            lost[(*lost_count)++] = workspace;
        else
            return st;
    }
    return ISTAUTH_OK;
}

static istauth_status check_workspaces(const istauth__call *call, istauth_grant *grant)
{
    size_t count = grant->workspaces.count, kept_count = 0, lost_count = 0;
    istauth_str *both = istauth_arena_alloc(call->arena, 2 * count * sizeof(*both));
    istauth_status st;

    if (!both)
        return ISTAUTH_E_NO_MEMORY;
    st = sort_out(both, &kept_count, both + count, &lost_count, call, grant);
    for (size_t i = 0; !st && i < lost_count; i++)
        st = lose_workspace(call, grant, both[count + i]);
    if (st)
        return st;
    if (lost_count && !kept_count)
        return end_grant(call, grant, ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    grant->workspaces.items = both;
    grant->workspaces.count = kept_count;
    return ISTAUTH_OK;
}

istauth_status istauth__grant_check(const istauth__call *call, istauth_grant *grant)
{
    istauth_status st = istauth__subject_check(call->server, grant->subject);

    if (st == ISTAUTH_E_ACCESS_DENIED)
        return end_grant(call, grant, st);
    if (st || !grant->workspaces.count)
        return st;
    return check_workspaces(call, grant);
}
