/* What a person sees and ends: connected apps and personal tokens. */
#include "stores/sqlite_i.h"

enum { CLIENT_NAME, CLIENT_URI, APP_TEXTS, APP_TEXT_COUNT = APP_TEXTS + SQL_GRANT_TEXT_COUNT };
enum { APP_REST = APP_TEXT_COUNT + 1, REDIRECT_URIS = APP_REST + SQL_GRANT_REST_COUNT };
enum { PERSONAL_REST = SQL_GRANT_TEXT_COUNT + 1,
       EXPIRES_AT = PERSONAL_REST + SQL_GRANT_REST_COUNT };

static istauth_status read_app(void *to, const struct sql_query *q, istauth_arena *arena)
{
    istauth_grant_entry *out = to;
    istauth_str texts[APP_TEXT_COUNT], uris = istauth__sqlite_text(q, REDIRECT_URIS),
                                       first = ISTAUTH_STR("");
    istauth_str_list workspaces;
    istauth_status st = istauth__sqlite_copy(texts, APP_TEXT_COUNT, &workspaces, 1, q, arena);

    if (!st)
        st = istauth__sqlite_grant_read(&out->grant, texts + APP_TEXTS, workspaces, q, APP_REST);
    if (!st && uris.n && !istauth__sqlite_list_next(&first, &uris))
        st = ISTAUTH_E_UNAVAILABLE;
    if (st)
        return st;
    out->client_name = texts[CLIENT_NAME];
    out->client_uri = texts[CLIENT_URI];
    out->token_expires_at = 0;
    return istauth_arena_copy(&out->redirect_uri, arena, first);
}

static istauth_status read_personal(void *to, const struct sql_query *q, istauth_arena *arena)
{
    istauth_grant_entry *out = to;
    istauth_str texts[SQL_GRANT_TEXT_COUNT];
    istauth_str_list workspaces;
    istauth_status st = istauth__sqlite_copy(texts, SQL_GRANT_TEXT_COUNT, &workspaces, 1, q, arena);

    if (!st)
        st = istauth__sqlite_grant_read(&out->grant, texts, workspaces, q, PERSONAL_REST);
    if (st)
        return st;
    out->client_name = out->client_uri = out->redirect_uri = ISTAUTH_STR("");
    out->token_expires_at = istauth__sqlite_number(q, EXPIRES_AT);
    return ISTAUTH_OK;
}

static istauth_status read_all(istauth_grant_entries *out, struct sql_query *q,
                               sql_item_reader read, istauth_arena *arena)
{
    istauth_grant_entries list;
    void *items;
    istauth_status st = istauth__sqlite_read_all(&items, &list.count, sizeof(*list.items), q, read,
                                                 arena);

    if (st)
        return st;
    list.items = items;
    *out = list;
    return ISTAUTH_OK;
}

/* `after` is NULL for a statement that has no such parameter. */
static istauth_status list(istauth_grant_entries *out, struct sql_store *m, enum sql_id id,
                           sql_item_reader read, istauth_str of, const istauth_str *after, size_t limit,
                           istauth_arena *arena)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_take(&c, &m->readers);
    struct sql_query q;

    if (st)
        return st;
    q = istauth__sqlite_query(c, id);
    istauth__sqlite_bind_text(&q, of);
    if (after)
        istauth__sqlite_bind_text(&q, *after);
    istauth__sqlite_bind_limit(&q, limit);
    st = read_all(out, &q, read, arena);
    istauth__sqlite_give(&m->readers, c);
    return st;
}

istauth_status istauth__sqlite_app_list(void *ctx, istauth_str subject, size_t limit,
                                        istauth_arena *arena, istauth_grant_entries *out)
{
    return list(out, ctx, SQL_APP_LIST, read_app, subject, NULL, limit, arena);
}

istauth_status istauth__sqlite_grant_list(void *ctx, istauth_str client_id,
                                          const istauth_id *after, size_t limit,
                                          istauth_arena *arena, istauth_grant_entries *out)
{
    const istauth_str behind = after ? istauth_id_str(after) : ISTAUTH_STR("");

    return list(out, ctx, SQL_GRANT_LIST, read_app, client_id, &behind, limit, arena);
}

istauth_status istauth__sqlite_personal_list(void *ctx, istauth_str subject, size_t limit,
                                             istauth_arena *arena, istauth_grant_entries *out)
{
    return list(out, ctx, SQL_PERSONAL_LIST, read_personal, subject, NULL, limit, arena);
}

static istauth_status disconnect(size_t *count, struct sql_connection *c, istauth_str subject,
                                 istauth_str_list client_ids)
{
    istauth_status st = ISTAUTH_OK;

    for (size_t i = 0; !st && i < client_ids.count; i++) {
        struct sql_query q = istauth__sqlite_query(c, SQL_APP_DISCONNECT);
        size_t changed = 0;

        istauth__sqlite_bind_text(&q, subject);
        istauth__sqlite_bind_text(&q, client_ids.items[i]);
        st = istauth__sqlite_run(&q, &changed);
        *count += changed;
    }
    return st;
}

istauth_status istauth__sqlite_app_disconnect(void *ctx, istauth_str subject,
                                              istauth_str_list client_ids, istauth_time now,
                                              size_t *count)
{
    struct sql_connection *c;
    size_t killed = 0;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    if (!st)
        st = istauth__sqlite_finish(ctx, c, disconnect(&killed, c, subject, client_ids));
    if (!st)
        *count = killed;
    return st;
}

static istauth_status revoke_all(size_t *count, struct sql_connection *c, istauth_str subject)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_SUBJECT_REVOKE);

    istauth__sqlite_bind_text(&q, subject);
    return istauth__sqlite_run(&q, count);
}

istauth_status istauth__sqlite_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                              size_t *count)
{
    struct sql_connection *c;
    size_t killed = 0;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    if (!st)
        st = istauth__sqlite_finish(ctx, c, revoke_all(&killed, c, subject));
    if (!st)
        *count = killed;
    return st;
}

static istauth_status personal_insert(struct sql_connection *c, const istauth_token *token,
                                      const istauth_grant *grant)
{
    const struct sql_grant_kind kind = {
        .personal = true,
        .perpetual = token->kind == ISTAUTH_TOKEN_PERSONAL && token->expires_at == 0,
    };
    const istauth_token_list one = { token, 1 };
    int64_t grant_serial = 0;
    istauth_status st = istauth__sqlite_grant_put(&grant_serial, c, grant, kind);

    return st ? st : istauth__sqlite_tokens_put(c, one, grant_serial);
}

istauth_status istauth__sqlite_personal_put(void *ctx, const istauth_token *token,
                                            const istauth_grant *grant)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, personal_insert(c, token, grant));
}

static istauth_status personal_end(struct sql_connection *c, istauth_str subject,
                                   const istauth_id *grant_id)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_PERSONAL_REVOKE);

    istauth__sqlite_bind_id(&q, grant_id);
    istauth__sqlite_bind_text(&q, subject);
    return istauth__sqlite_run_found(&q);
}

istauth_status istauth__sqlite_personal_revoke(void *ctx, istauth_str subject,
                                               const istauth_id *grant_id, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    return st ? st : istauth__sqlite_finish(ctx, c, personal_end(c, subject, grant_id));
}

static istauth_status machine_insert(struct sql_connection *c, const istauth_token *token,
                                     const istauth_grant *grant)
{
    const struct sql_grant_kind kind = { .personal = false };
    const istauth_token_list one = { token, 1 };
    int64_t grant_serial = 0;
    istauth_status st = istauth__sqlite_grant_put(&grant_serial, c, grant, kind);

    if (!st)
        st = istauth__sqlite_tokens_put(c, one, grant_serial);
    return st ? st
              : istauth__sqlite_grant_note(c, SQL_CLIENT_USED, grant_serial, token->issued_at);
}

istauth_status istauth__sqlite_machine_put(void *ctx, const istauth_token *token,
                                           const istauth_grant *grant)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, machine_insert(c, token, grant));
}
