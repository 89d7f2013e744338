#include "stores/postgres_i.h"

/* What client_put and client_update have in common, in the columns' order. */
static void bind_rest(struct pg_bind *b, const istauth_client *c)
{
    istauth__pg_bind_int2(b, (int)c->auth);
    istauth__pg_bind_text(b, c->name);
    istauth__pg_bind_text(b, c->client_uri);
    istauth__pg_bind_text(b, c->logo_uri);
    istauth__pg_bind_text(b, c->policy_uri);
    istauth__pg_bind_text(b, c->tos_uri);
    istauth__pg_bind_text(b, c->software_id);
    istauth__pg_bind_text(b, c->software_version);
    istauth__pg_bind_texts(b, c->redirect_uris);
    istauth__pg_bind_text(b, c->scopes);
    istauth__pg_bind_int8(b, c->grant_types);
    istauth__pg_bind_bool(b, c->native);
    istauth__pg_bind_key(b, &c->secret_key);
    istauth__pg_bind_int8(b, c->secret_expires_at);
    istauth__pg_bind_key(b, &c->management_key);
    istauth__pg_bind_text(b, c->jwks);
    istauth__pg_bind_text(b, c->jwks_uri);
    istauth__pg_bind_text(b, c->resource);
    istauth__pg_bind_texts(b, c->workspaces);
    istauth__pg_bind_int8(b, c->expires_at);
}

/* Is it what an attempt of this call has put, whose answer was lost? */
static istauth_status is_same(struct pg_call *call, const istauth_client *client)
{
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_text(&b, client->client_id);
    istauth__pg_bind_text(&b, client->name);
    istauth__pg_bind_texts(&b, client->redirect_uris);
    istauth__pg_bind_int8(&b, client->registered_at);
    st = istauth__pg_run_one(call, PG_CLIENT_IS_SAME, &b);
    istauth__pg_unbind(&b);
    if (st)
        return st;
    return istauth__pg_rows(call) ? ISTAUTH_OK : ISTAUTH_E_EXISTS;
}

istauth_status istauth__pg_client_put(void *ctx, const istauth_client *client)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_text(&b, client->client_id);
    istauth__pg_bind_int2(&b, (int)client->origin);
    istauth__pg_bind_int8(&b, client->registered_at);
    istauth__pg_bind_int8(&b, client->used_at);
    bind_rest(&b, client);
    st = istauth__pg_run_one(&call, PG_CLIENT_PUT, &b);
    istauth__pg_unbind(&b);
    if (!st && istauth__pg_changed(call.results[0]) == 0)
        st = call.unsure ? is_same(&call, client) : ISTAUTH_E_EXISTS;
    istauth__pg_end(&call);
    return st;
}

/* In the order of bind_rest. */
static void read_rest(struct pg_row *r, istauth_client *c)
{
    c->auth = (istauth_client_auth)istauth__pg_read_int2(r);
    c->name = istauth__pg_read_text(r);
    c->client_uri = istauth__pg_read_text(r);
    c->logo_uri = istauth__pg_read_text(r);
    c->policy_uri = istauth__pg_read_text(r);
    c->tos_uri = istauth__pg_read_text(r);
    c->software_id = istauth__pg_read_text(r);
    c->software_version = istauth__pg_read_text(r);
    c->redirect_uris = istauth__pg_read_texts(r);
    c->scopes = istauth__pg_read_text(r);
    c->grant_types = (uint32_t)istauth__pg_read_int8(r);
    c->native = istauth__pg_read_bool(r);
    istauth__pg_read_bytes(r, c->secret_key.bytes, ISTAUTH_KEY_SIZE);
    c->secret_expires_at = istauth__pg_read_int8(r);
    istauth__pg_read_bytes(r, c->management_key.bytes, ISTAUTH_KEY_SIZE);
    c->jwks = istauth__pg_read_text(r);
    c->jwks_uri = istauth__pg_read_text(r);
    c->resource = istauth__pg_read_text(r);
    c->workspaces = istauth__pg_read_texts(r);
    c->expires_at = istauth__pg_read_int8(r);
}

static istauth_status read_client(istauth_client *out, const PGresult *result, int row,
                                  istauth_arena *arena)
{
    struct pg_row r;
    istauth_client c;
    istauth_status st = istauth__pg_row(&r, result, row, arena);

    if (st)
        return st;
    c.client_id = istauth__pg_read_text(&r);
    c.origin = (istauth_client_origin)istauth__pg_read_int2(&r);
    c.registered_at = istauth__pg_read_int8(&r);
    c.used_at = istauth__pg_read_int8(&r);
    read_rest(&r, &c);
    if (r.broken)
        return ISTAUTH_E_UNAVAILABLE;
    *out = c;
    return ISTAUTH_OK;
}

istauth_status istauth__pg_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                      istauth_client *out)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    if (!istauth__pg_is_text(client_id))
        return ISTAUTH_E_NOT_FOUND;
    istauth__pg_bind_text(&b, client_id);
    st = istauth__pg_run_one(&call, PG_CLIENT_GET, &b);
    if (!st)
        st = istauth__pg_rows(&call) ? read_client(out, call.results[0], 0, arena)
                                     : ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}

static istauth_status read_clients(istauth_clients *out, const PGresult *result,
                                   istauth_arena *arena)
{
    size_t count = (size_t)PQntuples(result);
    istauth_client *items = istauth_arena_alloc(arena, (count + 1) * sizeof(*items));

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        istauth_status st = read_client(&items[i], result, (int)i, arena);

        if (st)
            return st;
    }
    out->items = items;
    out->count = count;
    return ISTAUTH_OK;
}

istauth_status istauth__pg_client_list(void *ctx, istauth_str after, size_t limit,
                                       istauth_arena *arena, istauth_clients *out)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    if (!istauth__pg_is_text(after)) {
        *out = (istauth_clients){ NULL, 0 };
        return ISTAUTH_OK;
    }
    istauth__pg_bind_text(&b, after);
    istauth__pg_bind_limit(&b, limit);
    st = istauth__pg_run_one(&call, PG_CLIENT_LIST, &b);
    if (!st)
        st = read_clients(out, call.results[0], arena);
    istauth__pg_end(&call);
    return st;
}

istauth_status istauth__pg_client_update(void *ctx, const istauth_client *client)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_text(&b, client->client_id);
    bind_rest(&b, client);
    st = istauth__pg_run_one(&call, PG_CLIENT_UPDATE, &b);
    istauth__pg_unbind(&b);
    if (!st && istauth__pg_changed(call.results[0]) == 0)
        st = ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}

/* Its grants before it, which is the order of their locks, and once more behind it: a code may have
 * been put before the client was locked, and none is after that. */
istauth_status istauth__pg_client_delete(void *ctx, istauth_str client_id, istauth_time now)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    const struct pg_step steps[] = {
        { PG_BEGIN, NULL },       { PG_CLIENT_REVOKE, &b }, { PG_CLIENT_DELETE, &b },
        { PG_CLIENT_REVOKE, &b }, { PG_COMMIT, NULL },
    };
    istauth_status st;

    (void)now;
    if (!istauth__pg_is_text(client_id))
        return ISTAUTH_E_NOT_FOUND;
    istauth__pg_bind_text(&b, client_id);
    st = istauth__pg_run(&call, steps, sizeof(steps) / sizeof(steps[0]));
    if (!st && istauth__pg_changed(call.results[2]) == 0 && !call.unsure)
        st = ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}
