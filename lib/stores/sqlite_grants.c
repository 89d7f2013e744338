#include "stores/sqlite_i.h"

istauth_status istauth__sqlite_grant_read(istauth_grant *out, const istauth_str *texts,
                                          istauth_str_list workspaces, const struct sql_query *q,
                                          int column)
{
    istauth_str id = istauth__sqlite_text(q, column);

    if (id.n >= sizeof(out->id.text))
        return ISTAUTH_E_UNAVAILABLE;
    memset(&out->id, 0, sizeof(out->id));
    if (id.n)
        memcpy(out->id.text, id.p, id.n);
    out->subject = texts[SQL_SUBJECT];
    out->client_id = texts[SQL_CLIENT_ID];
    out->name = texts[SQL_NAME];
    out->scopes = texts[SQL_SCOPES];
    out->workspaces = workspaces;
    out->resource = texts[SQL_RESOURCE];
    out->auth_time = istauth__sqlite_number(q, column + 1);
    out->created_at = istauth__sqlite_number(q, column + 2);
    out->issued_at = istauth__sqlite_number(q, column + 3);
    out->used_at = istauth__sqlite_number(q, column + 4);
    out->pending = istauth__sqlite_flag(q, column + 5);
    out->revoked = istauth__sqlite_flag(q, column + 6);
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_grant_put(int64_t *serial, struct sql_connection *c,
                                         const istauth_grant *grant, struct sql_grant_kind kind)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_GRANT_PUT);
    istauth_status st;

    istauth__sqlite_bind_id(&q, &grant->id);
    istauth__sqlite_bind_text(&q, grant->subject);
    istauth__sqlite_bind_text(&q, grant->client_id);
    istauth__sqlite_bind_number(&q, kind.personal);
    istauth__sqlite_bind_number(&q, kind.perpetual);
    istauth__sqlite_bind_text(&q, grant->name);
    istauth__sqlite_bind_text(&q, grant->scopes);
    istauth__sqlite_bind_list(&q, grant->workspaces);
    istauth__sqlite_bind_text(&q, grant->resource);
    istauth__sqlite_bind_number(&q, grant->auth_time);
    istauth__sqlite_bind_number(&q, grant->created_at);
    istauth__sqlite_bind_number(&q, grant->issued_at);
    istauth__sqlite_bind_number(&q, grant->used_at);
    istauth__sqlite_bind_number(&q, kind.pending);
    st = istauth__sqlite_run_found(&q);
    if (!st)
        *serial = sqlite3_last_insert_rowid(c->db);
    return st;
}

istauth_status istauth__sqlite_grant_note(struct sql_connection *c, enum sql_id id,
                                          int64_t grant_serial, istauth_time now)
{
    struct sql_query q = istauth__sqlite_query(c, id);

    istauth__sqlite_bind_number(&q, grant_serial);
    istauth__sqlite_bind_number(&q, now);
    return istauth__sqlite_run(&q, NULL);
}

static istauth_status revoke(struct sql_connection *c, const istauth_id *grant_id)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_GRANT_REVOKE);

    istauth__sqlite_bind_id(&q, grant_id);
    return istauth__sqlite_run_found(&q);
}

istauth_status istauth__sqlite_grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    return st ? st : istauth__sqlite_finish(ctx, c, revoke(c, grant_id));
}

static istauth_status find(struct sql_connection *c, const istauth_id *grant_id)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_GRANT_EXISTS);

    istauth__sqlite_bind_id(&q, grant_id);
    return istauth__sqlite_end(&q, istauth__sqlite_step(&q) ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND);
}

/* Several threads notice at once that the time of last use is old: all but the first find
 * nothing to write. */
static istauth_status touch(struct sql_connection *c, const istauth_id *grant_id, istauth_time now)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_GRANT_TOUCH);
    istauth_status st;

    istauth__sqlite_bind_id(&q, grant_id);
    istauth__sqlite_bind_number(&q, now);
    st = istauth__sqlite_run_found(&q);
    return st == ISTAUTH_E_NOT_FOUND ? find(c, grant_id) : st;
}

istauth_status istauth__sqlite_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, touch(c, grant_id, now));
}
