#include "stores/sqlite_i.h"

enum { REDIRECT_URI, CHALLENGE, NONCE, GRANT_TEXTS, TEXTS = GRANT_TEXTS + SQL_GRANT_TEXT_COUNT };
enum { GRANT_REST = TEXTS + 1, CREATED_AT = GRANT_REST + SQL_GRANT_REST_COUNT, EXPIRES_AT, SPENT };

static istauth_status insert(struct sql_connection *c, const istauth_code *code,
                             const istauth_grant *grant)
{
    const struct sql_grant_kind kind = { .pending = true };
    int64_t grant_serial = 0;
    istauth_status st = istauth__sqlite_grant_put(&grant_serial, c, grant, kind);
    struct sql_query q;

    if (st)
        return st;
    q = istauth__sqlite_query(c, SQL_CODE_PUT);
    istauth__sqlite_bind_number(&q, grant_serial);
    istauth__sqlite_bind_key(&q, &code->key);
    istauth__sqlite_bind_text(&q, code->redirect_uri);
    istauth__sqlite_bind_text(&q, code->challenge);
    istauth__sqlite_bind_text(&q, code->nonce);
    istauth__sqlite_bind_number(&q, code->created_at);
    istauth__sqlite_bind_number(&q, code->expires_at);
    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_code_put(void *ctx, const istauth_code *code,
                                        const istauth_grant *grant)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, insert(c, code, grant));
}

static istauth_status read_row(void *to, const struct sql_query *q, const istauth_key *key,
                               istauth_arena *arena)
{
    istauth_code_entry *out = to;
    istauth_str texts[TEXTS];
    istauth_str_list workspaces;
    istauth_status st = istauth__sqlite_copy(texts, TEXTS, &workspaces, 1, q, arena);

    if (!st)
        st = istauth__sqlite_grant_read(&out->grant, texts + GRANT_TEXTS, workspaces, q,
                                        GRANT_REST);
    if (st)
        return st;
    out->code.key = *key;
    out->code.redirect_uri = texts[REDIRECT_URI];
    out->code.challenge = texts[CHALLENGE];
    out->code.nonce = texts[NONCE];
    out->code.created_at = istauth__sqlite_number(q, CREATED_AT);
    out->code.expires_at = istauth__sqlite_number(q, EXPIRES_AT);
    out->code.spent = istauth__sqlite_flag(q, SPENT);
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                        istauth_code_entry *out)
{
    return istauth__sqlite_find(out, ctx, SQL_CODE_GET, key, read_row, arena);
}

/* The grant of a code that can be redeemed; else why it cannot. */
static istauth_status find(int64_t *grant_serial, struct sql_connection *c, const istauth_key *key)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CODE_FIND);
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__sqlite_bind_key(&q, key);
    if (istauth__sqlite_step(&q)) {
        bool revoked = istauth__sqlite_flag(&q, 1), spent = istauth__sqlite_flag(&q, 2);

        *grant_serial = istauth__sqlite_number(&q, 0);
        st = revoked ? ISTAUTH_E_REVOKED : spent ? ISTAUTH_E_SPENT : ISTAUTH_OK;
    }
    return istauth__sqlite_end(&q, st);
}

static istauth_status spend(struct sql_connection *c, int64_t grant_serial)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_CODE_SPEND);

    istauth__sqlite_bind_number(&q, grant_serial);
    return istauth__sqlite_run(&q, NULL);
}

static istauth_status redeem(struct sql_connection *c, const istauth_key *key,
                             istauth_token_list tokens, istauth_time now)
{
    int64_t grant_serial = 0;
    istauth_status st = find(&grant_serial, c, key);

    if (!st)
        st = spend(c, grant_serial);
    if (!st)
        st = istauth__sqlite_grant_note(c, SQL_GRANT_REDEEMED, grant_serial, now);
    if (!st)
        st = istauth__sqlite_grant_note(c, SQL_CLIENT_USED, grant_serial, now);
    return st ? st : istauth__sqlite_tokens_put(c, tokens, grant_serial);
}

istauth_status istauth__sqlite_code_redeem(void *ctx, const istauth_key *key,
                                           istauth_token_list tokens, istauth_time now)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, redeem(c, key, tokens, now));
}
