/* Grants: what a person sees and ends. */
#include "stores/postgres_i.h"

#include <stdlib.h>

void istauth__pg_bind_grant(struct pg_bind *b, const istauth_grant *grant)
{
    if (!istauth__pg_bind_id(b, &grant->id))
        b->failed = true;
    istauth__pg_bind_text(b, grant->subject);
    istauth__pg_bind_text(b, grant->client_id);
    istauth__pg_bind_text(b, grant->name);
    istauth__pg_bind_text(b, grant->scopes);
    istauth__pg_bind_texts(b, grant->workspaces);
    istauth__pg_bind_text(b, grant->resource);
    istauth__pg_bind_int8(b, grant->auth_time);
    istauth__pg_bind_int8(b, grant->created_at);
    istauth__pg_bind_int8(b, grant->issued_at);
    istauth__pg_bind_int8(b, grant->used_at);
}

istauth_status istauth__pg_grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct pg_bind b = { .count = 0 };

    (void)now;
    if (!istauth__pg_bind_id(&b, grant_id))
        return ISTAUTH_E_NOT_FOUND;
    return istauth__pg_find(ctx, PG_GRANT_REVOKE, &b);
}

istauth_status istauth__pg_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct pg_bind b = { .count = 0 };

    if (!istauth__pg_bind_id(&b, grant_id))
        return ISTAUTH_E_NOT_FOUND;
    istauth__pg_bind_int8(&b, now);
    return istauth__pg_find(ctx, PG_GRANT_TOUCH, &b);
}

istauth_status istauth__pg_personal_revoke(void *ctx, istauth_str subject,
                                           const istauth_id *grant_id, istauth_time now)
{
    struct pg_bind b = { .count = 0 };

    (void)now;
    istauth__pg_bind_text(&b, subject);
    if (!istauth__pg_bind_id(&b, grant_id) || !istauth__pg_is_text(subject))
        return ISTAUTH_E_NOT_FOUND;
    return istauth__pg_find(ctx, PG_PERSONAL_REVOKE, &b);
}

static istauth_status read_entry(istauth_grant_entry *out, const PGresult *result, int row,
                                 istauth_arena *arena)
{
    struct pg_row r;
    istauth_status st = istauth__pg_row(&r, result, row, arena);

    if (st)
        return st;
    out->client_name = istauth__pg_read_text(&r);
    out->client_uri = istauth__pg_read_text(&r);
    out->redirect_uri = istauth__pg_read_text(&r);
    out->token_expires_at = istauth__pg_read_int8(&r);
    istauth__pg_read_grant(&r, &out->grant);
    return r.broken ? ISTAUTH_E_UNAVAILABLE : ISTAUTH_OK;
}

static istauth_status read_entries(istauth_grant_entries *out, const PGresult *result,
                                   istauth_arena *arena)
{
    size_t count = (size_t)PQntuples(result);
    istauth_grant_entry *items = istauth_arena_alloc(arena, (count + 1) * sizeof(*items));

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        istauth_status st = read_entry(&items[i], result, (int)i, arena);

        if (st)
            return st;
    }
    out->items = items;
    out->count = count;
    return ISTAUTH_OK;
}

static istauth_status no_entries(istauth_grant_entries *out)
{
    out->items = NULL;
    out->count = 0;
    return ISTAUTH_OK;
}

static istauth_status list(struct pg *pg, enum pg_statement statement, const struct pg_bind *b,
                           istauth_arena *arena, istauth_grant_entries *out)
{
    struct pg_call call = istauth__pg_begin(pg);
    istauth_status st = istauth__pg_run_one(&call, statement, b);

    if (!st)
        st = read_entries(out, call.results[0], arena);
    istauth__pg_end(&call);
    return st;
}

static istauth_status list_subject(struct pg *pg, enum pg_statement statement, istauth_str subject,
                                   size_t limit, istauth_arena *arena, istauth_grant_entries *out)
{
    struct pg_bind b = { .count = 0 };

    if (!istauth__pg_is_text(subject))
        return no_entries(out);
    istauth__pg_bind_text(&b, subject);
    istauth__pg_bind_limit(&b, limit);
    return list(pg, statement, &b, arena, out);
}

istauth_status istauth__pg_app_list(void *ctx, istauth_str subject, size_t limit,
                                    istauth_arena *arena, istauth_grant_entries *out)
{
    return list_subject(ctx, PG_APP_LIST, subject, limit, arena, out);
}

istauth_status istauth__pg_personal_list(void *ctx, istauth_str subject, size_t limit,
                                         istauth_arena *arena, istauth_grant_entries *out)
{
    return list_subject(ctx, PG_PERSONAL_LIST, subject, limit, arena, out);
}

istauth_status istauth__pg_grant_list(void *ctx, istauth_str client_id, const istauth_id *after,
                                      size_t limit, istauth_arena *arena,
                                      istauth_grant_entries *out)
{
    static const istauth_id lowest = { "00000000000000000000000000000000" };
    struct pg_bind b = { .count = 0 };

    istauth__pg_bind_text(&b, client_id);
    if (!istauth__pg_bind_id(&b, after ? after : &lowest) || !istauth__pg_is_text(client_id))
        return no_entries(out);
    if (after)
        (void)istauth__pg_bind_id(&b, after);
    else
        istauth__pg_bind_null(&b);
    istauth__pg_bind_limit(&b, limit);
    return list(ctx, PG_GRANT_LIST, &b, arena, out);
}

static istauth_status change(struct pg *pg, enum pg_statement statement, struct pg_bind *b,
                             size_t *count)
{
    struct pg_call call = istauth__pg_begin(pg);
    istauth_status st = istauth__pg_run_one(&call, statement, b);

    if (!st)
        *count = istauth__pg_changed(call.results[0]);
    istauth__pg_end(&call);
    istauth__pg_unbind(b);
    return st;
}

static istauth_status nothing_changed(size_t *count)
{
    *count = 0;
    return ISTAUTH_OK;
}

/* One name of nothing must not keep the others from being disconnected. */
static istauth_status disconnect(struct pg *pg, istauth_str subject, istauth_str_list client_ids,
                                 size_t *count)
{
    istauth_str *items = malloc((client_ids.count + 1) * sizeof(*items));
    istauth_str_list names = { items, 0 };
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < client_ids.count; i++)
        if (istauth__pg_is_text(client_ids.items[i]))
            items[names.count++] = client_ids.items[i];
    istauth__pg_bind_text(&b, subject);
    istauth__pg_bind_texts(&b, names);
    st = change(pg, PG_APP_DISCONNECT, &b, count);
    free(items);
    return st;
}

istauth_status istauth__pg_app_disconnect(void *ctx, istauth_str subject,
                                          istauth_str_list client_ids, istauth_time now,
                                          size_t *count)
{
    (void)now;
    if (!istauth__pg_is_text(subject))
        return nothing_changed(count);
    return disconnect(ctx, subject, client_ids, count);
}

istauth_status istauth__pg_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                          size_t *count)
{
    struct pg_bind b = { .count = 0 };

    (void)now;
    if (!istauth__pg_is_text(subject))
        return nothing_changed(count);
    istauth__pg_bind_text(&b, subject);
    return change(ctx, PG_SUBJECT_REVOKE, &b, count);
}

istauth_status istauth__pg_workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                            istauth_time now, size_t *count)
{
    struct pg_bind b = { .count = 0 };

    (void)now;
    if (!istauth__pg_is_text(subject) || !istauth__pg_is_text(workspace))
        return nothing_changed(count);
    istauth__pg_bind_text(&b, subject);
    istauth__pg_bind_text(&b, workspace);
    return change(ctx, PG_WORKSPACE_REMOVE, &b, count);
}
