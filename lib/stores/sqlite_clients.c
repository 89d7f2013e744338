#include "stores/sqlite_i.h"

enum { ID, NAME, CLIENT_URI, LOGO_URI, POLICY_URI, TOS_URI, SOFTWARE_ID, SOFTWARE_VERSION, SCOPES,
       JWKS, JWKS_URI, RESOURCE, TEXTS };
enum { REDIRECT_URIS, WORKSPACES, LISTS };
enum { ORIGIN = TEXTS + LISTS, AUTH, GRANT_TYPES, NATIVE, REGISTERED_AT, USED_AT, SECRET_KEY,
       SECRET_EXPIRES_AT, MANAGEMENT_KEY, EXPIRES_AT };

static void bind_client(struct sql_query *q, const istauth_client *client)
{
    istauth__sqlite_bind_text(q, client->client_id);
    istauth__sqlite_bind_number(q, client->auth);
    istauth__sqlite_bind_text(q, client->name);
    istauth__sqlite_bind_text(q, client->client_uri);
    istauth__sqlite_bind_text(q, client->logo_uri);
    istauth__sqlite_bind_text(q, client->policy_uri);
    istauth__sqlite_bind_text(q, client->tos_uri);
    istauth__sqlite_bind_text(q, client->software_id);
    istauth__sqlite_bind_text(q, client->software_version);
    istauth__sqlite_bind_list(q, client->redirect_uris);
    istauth__sqlite_bind_text(q, client->scopes);
    istauth__sqlite_bind_number(q, client->grant_types);
    istauth__sqlite_bind_number(q, client->native);
    istauth__sqlite_bind_key(q, &client->secret_key);
    istauth__sqlite_bind_number(q, client->secret_expires_at);
    istauth__sqlite_bind_key(q, &client->management_key);
    istauth__sqlite_bind_text(q, client->jwks);
    istauth__sqlite_bind_text(q, client->jwks_uri);
    istauth__sqlite_bind_text(q, client->resource);
    istauth__sqlite_bind_list(q, client->workspaces);
    istauth__sqlite_bind_number(q, client->expires_at);
}

static istauth_status insert(struct sql_connection *c, const istauth_client *client)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CLIENT_PUT);

    bind_client(&q, client);
    istauth__sqlite_bind_number(&q, client->origin);
    istauth__sqlite_bind_number(&q, client->registered_at);
    istauth__sqlite_bind_number(&q, client->used_at);
    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_client_put(void *ctx, const istauth_client *client)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, insert(c, client));
}

static istauth_status read_row(void *to, const struct sql_query *q, istauth_arena *arena)
{
    istauth_client *out = to;
    istauth_str texts[TEXTS];
    istauth_str_list lists[LISTS];
    istauth_status st = istauth__sqlite_copy(texts, TEXTS, lists, LISTS, q, arena);

    if (st)
        return st;
    out->client_id = texts[ID];
    out->origin = (istauth_client_origin)istauth__sqlite_number(q, ORIGIN);
    out->auth = (istauth_client_auth)istauth__sqlite_number(q, AUTH);
    out->name = texts[NAME];
    out->client_uri = texts[CLIENT_URI];
    out->logo_uri = texts[LOGO_URI];
    out->policy_uri = texts[POLICY_URI];
    out->tos_uri = texts[TOS_URI];
    out->software_id = texts[SOFTWARE_ID];
    out->software_version = texts[SOFTWARE_VERSION];
    out->redirect_uris = lists[REDIRECT_URIS];
    out->scopes = texts[SCOPES];
    out->grant_types = (uint32_t)istauth__sqlite_number(q, GRANT_TYPES);
    out->native = istauth__sqlite_flag(q, NATIVE);
    out->registered_at = istauth__sqlite_number(q, REGISTERED_AT);
    out->used_at = istauth__sqlite_number(q, USED_AT);
    out->secret_key = istauth__sqlite_key(q, SECRET_KEY);
    out->secret_expires_at = istauth__sqlite_number(q, SECRET_EXPIRES_AT);
    out->management_key = istauth__sqlite_key(q, MANAGEMENT_KEY);
    out->jwks = texts[JWKS];
    out->jwks_uri = texts[JWKS_URI];
    out->resource = texts[RESOURCE];
    out->workspaces = lists[WORKSPACES];
    out->expires_at = istauth__sqlite_number(q, EXPIRES_AT);
    return ISTAUTH_OK;
}

static istauth_status get(istauth_client *out, struct sql_connection *c, istauth_str client_id,
                          istauth_arena *arena)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CLIENT_GET);
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__sqlite_bind_text(&q, client_id);
    if (istauth__sqlite_step(&q))
        st = read_row(out, &q, arena);
    return istauth__sqlite_end(&q, st);
}

istauth_status istauth__sqlite_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                          istauth_client *out)
{
    struct sql_store *m = ctx;
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_take(&c, &m->readers);

    if (st)
        return st;
    st = get(out, c, client_id, arena);
    istauth__sqlite_give(&m->readers, c);
    return st;
}

static istauth_status read_page(istauth_clients *out, struct sql_query *q, istauth_arena *arena)
{
    istauth_clients page;
    void *items;
    istauth_status st = istauth__sqlite_read_all(&items, &page.count, sizeof(*page.items), q,
                                                 read_row, arena);

    if (st)
        return st;
    page.items = items;
    *out = page;
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_client_list(void *ctx, istauth_str after, size_t limit,
                                           istauth_arena *arena, istauth_clients *out)
{
    struct sql_store *m = ctx;
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_take(&c, &m->readers);
    struct sql_query q;

    if (st)
        return st;
    q = istauth__sqlite_query(c, SQL_CLIENT_LIST);
    istauth__sqlite_bind_text(&q, after);
    istauth__sqlite_bind_limit(&q, limit);
    st = read_page(out, &q, arena);
    istauth__sqlite_give(&m->readers, c);
    return st;
}

static istauth_status replace(struct sql_connection *c, const istauth_client *client)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CLIENT_UPDATE);

    bind_client(&q, client);
    return istauth__sqlite_run_found(&q);
}

istauth_status istauth__sqlite_client_update(void *ctx, const istauth_client *client)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, replace(c, client));
}

static istauth_status delete(struct sql_connection *c, istauth_str client_id)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CLIENT_DELETE);

    istauth__sqlite_bind_text(&q, client_id);
    return istauth__sqlite_run_found(&q);
}

istauth_status istauth__sqlite_client_remove(struct sql_connection *c, istauth_str client_id)
{
    istauth_status st = delete(c, client_id);
    struct sql_query q;

    if (st)
        return st;
    q = istauth__sqlite_query(c, SQL_CLIENT_REVOKE);
    istauth__sqlite_bind_text(&q, client_id);
    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_client_delete(void *ctx, istauth_str client_id, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    return st ? st : istauth__sqlite_finish(ctx, c, istauth__sqlite_client_remove(c, client_id));
}
