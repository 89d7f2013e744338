#include <istauth/account.h>

#include "base/text_i.h"
#include "base/url_i.h"
#include "flows/store_i.h"

#include <istauth/metadata_document.h>
#include <istauth/redirect.h>

/* The first and what the second adds, each once. Nothing is copied for nothing: one app's connections
 * mostly reach the same workspaces, and there may be a thousand of them. */
static istauth_status join(istauth_str_list *out, istauth_arena *arena, istauth_str_list a,
                           istauth_str_list b)
{
    istauth_str *items;
    size_t count = a.count, added = 0;

    for (size_t i = 0; i < b.count; i++)
        added += !istauth__list_has(a, b.items[i]);
    if (!added)
        return ISTAUTH_OK;
    items = istauth_arena_alloc(arena, (a.count + added) * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    if (a.count)
        memcpy(items, a.items, a.count * sizeof(*items));
    for (size_t i = 0; i < b.count; i++)
        if (!istauth__list_has(a, b.items[i]))
            items[count++] = b.items[i];
    out->items = items;
    out->count = count;
    return ISTAUTH_OK;
}

/* A loopback port changes with every start of a program: it is no part of the app's identity. */
static istauth_str stable_host(istauth_str uri)
{
    istauth__url url;

    if (istauth_redirect_check(uri) == ISTAUTH_REDIRECT_LOOPBACK && istauth__url_cut(&url, uri))
        return url.host;
    return istauth_redirect_host(uri);
}

static istauth_status one_grant(istauth_app *app, const istauth_server *server,
                                const istauth_grant_entry *e)
{
    istauth__url url;

    memset(app, 0, sizeof(*app));
    app->client_ids = (istauth_str_list){ &e->grant.client_id, 1 };
    app->name = e->client_name;
    if (istauth__url_cut(&url, e->client_uri))
        app->client_host = url.host;
    app->document_host = istauth_document_url_host(e->grant.client_id);
    app->redirect_host = stable_host(e->redirect_uri);
    app->workspaces = e->grant.workspaces;
    app->connections = 1;
    app->connected_at = e->grant.created_at;
    app->issued_at = e->grant.issued_at;
    app->used_at = e->grant.used_at;
    if (istauth_scope_parse(&app->scopes, NULL, &server->catalogue, e->grant.scopes))
        return ISTAUTH_E_INTERNAL;
    return ISTAUTH_OK;
}

static istauth_time later(istauth_time a, istauth_time b)
{
    return a > b ? a : b;
}

/* All but the client ids: one client's are the same, and a group's are gathered at the end. */
static istauth_status merge(istauth_app *into, const istauth_app *from, istauth_arena *arena)
{
    if (join(&into->workspaces, arena, into->workspaces, from->workspaces))
        return ISTAUTH_E_NO_MEMORY;
    into->scopes = istauth_scope_union(into->scopes, from->scopes);
    into->connections += from->connections;
    if (from->connected_at < into->connected_at)
        into->connected_at = from->connected_at;
    into->issued_at = later(into->issued_at, from->issued_at);
    into->used_at = later(into->used_at, from->used_at);
    return ISTAUTH_OK;
}

typedef bool same_app(const istauth_app *a, const istauth_app *b);

static bool same_client(const istauth_app *a, const istauth_app *b)
{
    return istauth__list_has(a->client_ids, b->client_ids.items[0]);
}

static bool same_face(const istauth_app *a, const istauth_app *b)
{
    return istauth_str_equal(a->name, b->name) &&
           istauth_str_equal(a->client_host, b->client_host) &&
           istauth_str_equal(a->document_host, b->document_host) &&
           istauth_str_equal(a->redirect_host, b->redirect_host);
}

/* Put `app` with the one among the first `count` that it is the same as, or behind them. */
static istauth_status place(istauth_app *apps, size_t *count, const istauth_app *app,
                            same_app *same, istauth_arena *arena)
{
    for (size_t i = 0; i < *count; i++)
        if (same(&apps[i], app))
            return merge(&apps[i], app, arena);
    apps[(*count)++] = *app;
    return ISTAUTH_OK;
}

istauth_status istauth_apps_list(istauth_apps *apps, const istauth_server *server,
                                 istauth_str subject, istauth_arena *arena)
{
    size_t limit = server->config.limits.apps, count = 0;
    istauth_grant_entries entries;
    istauth_app *items, app;
    istauth_status st;

    st = istauth__store_app_list(server, subject, limit, arena, &entries);
    if (st)
        return st;
    items = istauth_arena_alloc(arena, entries.count * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < entries.count; i++) {
        st = one_grant(&app, server, &entries.items[i]);
        if (!st)
            st = place(items, &count, &app, same_client, arena);
        if (st)
            return st;
    }
    apps->items = items;
    apps->count = count;
    apps->truncated = entries.count == limit;
    return ISTAUTH_OK;
}

/* The client ids of all that have this face, at `ids`. */
static void gather_ids(istauth_app *group, istauth_str *ids, const istauth_apps *apps)
{
    istauth_str_list all = { ids, 0 };

    for (size_t i = 0; i < apps->count; i++) {
        istauth_str_list some = apps->items[i].client_ids;

        if (!same_face(group, &apps->items[i]))
            continue;
        for (size_t j = 0; j < some.count; j++)
            if (!istauth__list_has(all, some.items[j]))
                ids[all.count++] = some.items[j];
    }
    group->client_ids = all;
}

static size_t count_ids(const istauth_apps *apps)
{
    size_t count = 0;

    for (size_t i = 0; i < apps->count; i++)
        count += apps->items[i].client_ids.count;
    return count;
}

istauth_status istauth_apps_group(istauth_apps *grouped, const istauth_apps *apps,
                                  istauth_arena *arena)
{
    istauth_app *items = istauth_arena_alloc(arena, apps->count * sizeof(*items));
    istauth_str *ids = istauth_arena_alloc(arena, count_ids(apps) * sizeof(*ids));
    size_t count = 0;

    if (!items || !ids)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < apps->count; i++)
        if (place(items, &count, &apps->items[i], same_face, arena))
            return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        gather_ids(&items[i], ids, apps);
        ids += items[i].client_ids.count;
    }
    *grouped = (istauth_apps){ items, count, apps->truncated };
    return ISTAUTH_OK;
}

istauth_status istauth_app_disconnect(const istauth_server *server, istauth_str subject,
                                      istauth_str_list client_ids)
{
    istauth__call call;
    size_t count = 0;
    istauth_status st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));

    if (!st)
        st = istauth__store_app_disconnect(&call, subject, client_ids, &count);
    if (st)
        return st;
    if (!count)
        return ISTAUTH_E_NOT_FOUND;
    for (size_t i = 0; i < client_ids.count; i++)
        istauth__emit(&call, (istauth_event){ .kind = ISTAUTH_EVENT_DISCONNECTED,
                                              .subject = subject,
                                              .client_id = client_ids.items[i] });
    return ISTAUTH_OK;
}

istauth_status istauth_subject_revoke(size_t *count, const istauth_server *server,
                                      istauth_str subject)
{
    istauth__call call;
    size_t revoked = 0;
    istauth_status st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));

    if (!st)
        st = istauth__store_subject_revoke(&call, subject, &revoked);
    if (st)
        return st;
    istauth__emit(&call,
                  (istauth_event){ .kind = ISTAUTH_EVENT_SUBJECT_REVOKED, .subject = subject });
    if (count)
        *count = revoked;
    return ISTAUTH_OK;
}

istauth_status istauth_workspace_remove(size_t *count, const istauth_server *server,
                                        istauth_str subject, istauth_str workspace)
{
    istauth__call call;
    size_t changed = 0;
    istauth_status st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));

    if (!st)
        st = istauth__store_workspace_remove(&call, subject, workspace, &changed);
    if (st)
        return st;
    istauth__emit(&call,
                  (istauth_event){ .kind = ISTAUTH_EVENT_WORKSPACE_REMOVED, .subject = subject });
    if (count)
        *count = changed;
    return ISTAUTH_OK;
}
