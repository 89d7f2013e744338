#include "stores/sqlite_i.h"

enum { SCOPES, GRANT_TEXTS, TEXTS = GRANT_TEXTS + SQL_GRANT_TEXT_COUNT };
enum { GRANT_REST = TEXTS + 1, KIND = GRANT_REST + SQL_GRANT_REST_COUNT, ISSUED_AT, EXPIRES_AT,
       SPENT, REVOKED };

static istauth_status insert(struct sql_connection *c, const istauth_token *token,
                             int64_t grant_serial)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_TOKEN_PUT);

    istauth__sqlite_bind_key(&q, &token->key);
    istauth__sqlite_bind_number(&q, grant_serial);
    istauth__sqlite_bind_number(&q, token->kind);
    istauth__sqlite_bind_text(&q, token->scopes);
    istauth__sqlite_bind_number(&q, token->issued_at);
    istauth__sqlite_bind_number(&q, token->expires_at);
    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_tokens_put(struct sql_connection *c, istauth_token_list tokens,
                                          int64_t grant_serial)
{
    istauth_status st = ISTAUTH_OK;

    for (size_t i = 0; !st && i < tokens.count; i++)
        st = insert(c, &tokens.items[i], grant_serial);
    return st;
}

static istauth_status read_row(void *to, const struct sql_query *q, const istauth_key *key,
                               istauth_arena *arena)
{
    istauth_token_entry *out = to;
    istauth_str texts[TEXTS];
    istauth_str_list workspaces;
    istauth_status st = istauth__sqlite_copy(texts, TEXTS, &workspaces, 1, q, arena);

    if (!st)
        st = istauth__sqlite_grant_read(&out->grant, texts + GRANT_TEXTS, workspaces, q,
                                        GRANT_REST);
    if (st)
        return st;
    out->token.key = *key;
    out->token.kind = (istauth_token_kind)istauth__sqlite_number(q, KIND);
    out->token.grant_id = out->grant.id;
    out->token.scopes = texts[SCOPES];
    out->token.issued_at = istauth__sqlite_number(q, ISSUED_AT);
    out->token.expires_at = istauth__sqlite_number(q, EXPIRES_AT);
    out->token.spent = istauth__sqlite_flag(q, SPENT);
    out->token.revoked = istauth__sqlite_flag(q, REVOKED);
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                         istauth_token_entry *out)
{
    return istauth__sqlite_find(out, ctx, SQL_TOKEN_GET, key, read_row, arena);
}

/* The grant of a refresh token that can be rotated; else why it cannot. */
static istauth_status find(int64_t *grant_serial, struct sql_connection *c, const istauth_key *key)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_TOKEN_FIND);
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__sqlite_bind_key(&q, key);
    if (istauth__sqlite_step(&q) && istauth__sqlite_number(&q, 3) == ISTAUTH_TOKEN_REFRESH) {
        bool revoked = istauth__sqlite_flag(&q, 1), spent = istauth__sqlite_flag(&q, 2);

        *grant_serial = istauth__sqlite_number(&q, 0);
        st = revoked ? ISTAUTH_E_REVOKED : spent ? ISTAUTH_E_SPENT : ISTAUTH_OK;
    }
    return istauth__sqlite_end(&q, st);
}

static istauth_status mark(struct sql_connection *c, enum sql_id id, const istauth_key *key)
{
    struct sql_query q = istauth__sqlite_query(c, id);

    istauth__sqlite_bind_key(&q, key);
    return istauth__sqlite_run_found(&q);
}

static istauth_status rotate(struct sql_connection *c, const istauth_key *key,
                             istauth_token_list tokens, const istauth_retry *retry,
                             istauth_time now)
{
    int64_t grant_serial = 0;
    istauth_status st = find(&grant_serial, c, key);

    if (!st)
        st = mark(c, SQL_TOKEN_SPEND, key);
    if (!st)
        st = istauth__sqlite_tokens_put(c, tokens, grant_serial);
    return st ? st : istauth__sqlite_retry_put(c, grant_serial, key, tokens, retry, now);
}

istauth_status istauth__sqlite_refresh_rotate(void *ctx, const istauth_key *key,
                                              istauth_token_list tokens, const istauth_retry *retry,
                                              istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, rotate(c, key, tokens, retry, now));
}

istauth_status istauth__sqlite_token_revoke(void *ctx, const istauth_key *key, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    (void)now;
    return st ? st : istauth__sqlite_finish(ctx, c, mark(c, SQL_TOKEN_REVOKE, key));
}
