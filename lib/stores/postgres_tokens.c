/* Codes and tokens: what is spent once. */
#include "stores/postgres_i.h"

/* After EXISTS: is it what an attempt of this call has put, whose answer was lost? */
static istauth_status is_ours(struct pg_call *call, enum pg_statement question,
                              const istauth_key *key, const istauth_id *grant_id)
{
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_key(&b, key);
    if (!istauth__pg_bind_id(&b, grant_id))
        return ISTAUTH_E_EXISTS;
    st = istauth__pg_run_one(call, question, &b);
    if (st)
        return st;
    return istauth__pg_rows(call) ? ISTAUTH_OK : ISTAUTH_E_EXISTS;
}

istauth_status istauth__pg_code_put(void *ctx, const istauth_code *code,
                                    const istauth_grant *grant)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_grant(&b, grant);
    istauth__pg_bind_key(&b, &code->key);
    istauth__pg_bind_text(&b, code->redirect_uri);
    istauth__pg_bind_text(&b, code->challenge);
    istauth__pg_bind_text(&b, code->nonce);
    istauth__pg_bind_int8(&b, code->created_at);
    istauth__pg_bind_int8(&b, code->expires_at);
    st = istauth__pg_run_one(&call, PG_CODE_PUT, &b);
    istauth__pg_unbind(&b);
    if (!st && istauth__pg_changed(call.results[0]) == 0)
        st = ISTAUTH_E_NOT_FOUND;
    if (st == ISTAUTH_E_EXISTS && call.unsure)
        st = is_ours(&call, PG_CODE_IS_OURS, &code->key, &grant->id);
    istauth__pg_end(&call);
    return st;
}

static istauth_status read_code(istauth_code_entry *out, const PGresult *result,
                                const istauth_key *key, istauth_arena *arena)
{
    struct pg_row r;
    istauth_code_entry e;
    istauth_status st = istauth__pg_row(&r, result, 0, arena);

    if (st)
        return st;
    e.code.key = *key;
    e.code.redirect_uri = istauth__pg_read_text(&r);
    e.code.challenge = istauth__pg_read_text(&r);
    e.code.nonce = istauth__pg_read_text(&r);
    e.code.created_at = istauth__pg_read_int8(&r);
    e.code.expires_at = istauth__pg_read_int8(&r);
    e.code.spent = istauth__pg_read_bool(&r);
    istauth__pg_read_grant(&r, &e.grant);
    if (r.broken)
        return ISTAUTH_E_UNAVAILABLE;
    *out = e;
    return ISTAUTH_OK;
}

istauth_status istauth__pg_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                    istauth_code_entry *out)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_key(&b, key);
    st = istauth__pg_run_one(&call, PG_CODE_GET, &b);
    if (!st)
        st = istauth__pg_rows(&call) ? read_code(out, call.results[0], key, arena)
                                     : ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}

static void bind_token(struct pg_bind *b, const istauth_token *t)
{
    istauth__pg_bind_key(b, &t->key);
    istauth__pg_bind_int2(b, (int)t->kind);
    istauth__pg_bind_text(b, t->scopes);
    istauth__pg_bind_int8(b, t->issued_at);
    istauth__pg_bind_int8(b, t->expires_at);
}

/* $1 to $12 of the statements that spend and issue. */
static void bind_step(struct pg_bind *b, const istauth_key *key, istauth_token_list tokens,
                      istauth_time now)
{
    istauth__pg_bind_key(b, key);
    istauth__pg_bind_int8(b, now);
    bind_token(b, &tokens.items[0]);
    if (tokens.count > 1)
        bind_token(b, &tokens.items[1]);
    while (b->count < 12)
        istauth__pg_bind_null(b);
}

/* Spent: by an attempt of this call, if the very tokens that it was to keep are there. They are
 * random: nobody else's attempt had them. */
static istauth_status spent(struct pg_call *call, enum pg_statement question,
                            const istauth_key *key, istauth_token_list tokens)
{
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_key(&b, &tokens.items[0].key);
    istauth__pg_bind_key(&b, key);
    st = istauth__pg_run_one(call, question, &b);
    if (st)
        return st;
    return istauth__pg_rows(call) ? ISTAUTH_OK : ISTAUTH_E_SPENT;
}

/* What the row says: revoked, spent. */
static istauth_status verdict(const struct pg_call *call)
{
    const PGresult *result = call->results[0];

    if (PQntuples(result) == 0)
        return ISTAUTH_E_NOT_FOUND;
    if (*PQgetvalue(result, 0, 0))
        return ISTAUTH_E_REVOKED;
    return *PQgetvalue(result, 0, 1) ? ISTAUTH_E_SPENT : ISTAUTH_OK;
}

istauth_status istauth__pg_code_redeem(void *ctx, const istauth_key *key,
                                       istauth_token_list tokens, istauth_time now)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    bind_step(&b, key, tokens, now);
    st = istauth__pg_run_one(&call, PG_CODE_REDEEM, &b);
    if (!st)
        st = verdict(&call);
    if (st == ISTAUTH_E_SPENT && call.unsure)
        st = spent(&call, PG_TOKEN_FOLLOWS_CODE, key, tokens);
    istauth__pg_end(&call);
    return st;
}

static void bind_retry(struct pg_bind *b, const istauth_retry *retry, istauth_token_list tokens)
{
    const istauth_key *successor = NULL;

    for (size_t i = 0; i < tokens.count && !successor; i++)
        if (tokens.items[i].kind == ISTAUTH_TOKEN_REFRESH)
            successor = &tokens.items[i].key;
    if (retry) {
        istauth__pg_bind_text(b, retry->sealed);
        istauth__pg_bind_int8(b, retry->expires_at);
    }
    if (retry && successor)
        istauth__pg_bind_key(b, successor);
    while (b->count < 15)
        istauth__pg_bind_null(b);
}

istauth_status istauth__pg_refresh_rotate(void *ctx, const istauth_key *key,
                                          istauth_token_list tokens, const istauth_retry *retry,
                                          istauth_time now)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    bind_step(&b, key, tokens, now);
    bind_retry(&b, retry, tokens);
    st = istauth__pg_run_one(&call, PG_REFRESH_ROTATE, &b);
    if (!st)
        st = verdict(&call);
    if (st == ISTAUTH_E_SPENT && call.unsure)
        st = spent(&call, PG_TOKEN_FOLLOWS_TOKEN, key, tokens);
    istauth__pg_end(&call);
    return st;
}

static istauth_status read_token(istauth_token_entry *out, const PGresult *result,
                                 const istauth_key *key, istauth_arena *arena)
{
    struct pg_row r;
    istauth_token_entry e;
    istauth_status st = istauth__pg_row(&r, result, 0, arena);

    if (st)
        return st;
    e.token.key = *key;
    e.token.kind = (istauth_token_kind)istauth__pg_read_int2(&r);
    e.token.scopes = istauth__pg_read_text(&r);
    e.token.issued_at = istauth__pg_read_int8(&r);
    e.token.expires_at = istauth__pg_read_int8(&r);
    e.token.spent = istauth__pg_read_bool(&r);
    e.token.revoked = istauth__pg_read_bool(&r);
    istauth__pg_read_grant(&r, &e.grant);
    e.token.grant_id = e.grant.id;
    if (r.broken)
        return ISTAUTH_E_UNAVAILABLE;
    *out = e;
    return ISTAUTH_OK;
}

istauth_status istauth__pg_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_token_entry *out)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b;
    istauth_status st;

    b.count = b.list_count = 0; /* the rest is large, and not read */
    b.failed = false;
    istauth__pg_bind_key(&b, key);
    st = istauth__pg_run_one(&call, PG_TOKEN_GET, &b);
    if (!st)
        st = istauth__pg_rows(&call) ? read_token(out, call.results[0], key, arena)
                                     : ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}

static istauth_status read_retry(istauth_retry *out, const PGresult *result, istauth_arena *arena)
{
    struct pg_row r;
    istauth_retry retry;
    istauth_status st = istauth__pg_row(&r, result, 0, arena);

    if (st)
        return st;
    retry.sealed = istauth__pg_read_text(&r);
    retry.expires_at = istauth__pg_read_int8(&r);
    if (r.broken)
        return ISTAUTH_E_UNAVAILABLE;
    *out = retry;
    return ISTAUTH_OK;
}

istauth_status istauth__pg_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_retry *out)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_key(&b, key);
    st = istauth__pg_run_one(&call, PG_RETRY_GET, &b);
    if (!st)
        st = istauth__pg_rows(&call) ? read_retry(out, call.results[0], arena)
                                     : ISTAUTH_E_NOT_FOUND;
    istauth__pg_end(&call);
    return st;
}

istauth_status istauth__pg_token_revoke(void *ctx, const istauth_key *key, istauth_time now)
{
    struct pg_bind b = { .count = 0 };

    (void)now;
    istauth__pg_bind_key(&b, key);
    return istauth__pg_find(ctx, PG_TOKEN_REVOKE, &b);
}

/* A token with a grant of its own. */
static istauth_status put(struct pg *pg, enum pg_statement statement, const istauth_token *token,
                          const istauth_grant *grant)
{
    struct pg_call call = istauth__pg_begin(pg);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    istauth__pg_bind_grant(&b, grant);
    bind_token(&b, token);
    st = istauth__pg_run_one(&call, statement, &b);
    istauth__pg_unbind(&b);
    if (!st && istauth__pg_changed(call.results[0]) == 0)
        st = ISTAUTH_E_NOT_FOUND;
    if (st == ISTAUTH_E_EXISTS && call.unsure)
        st = is_ours(&call, PG_TOKEN_IS_OURS, &token->key, &grant->id);
    istauth__pg_end(&call);
    return st;
}

istauth_status istauth__pg_personal_put(void *ctx, const istauth_token *token,
                                        const istauth_grant *grant)
{
    return put(ctx, PG_PERSONAL_PUT, token, grant);
}

istauth_status istauth__pg_machine_put(void *ctx, const istauth_token *token,
                                       const istauth_grant *grant)
{
    return put(ctx, PG_MACHINE_PUT, token, grant);
}

/* Whoever cannot know whether the claim was his has not claimed. */
istauth_status istauth__pg_nonce_claim(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    struct pg_call call = istauth__pg_begin(ctx);
    struct pg_bind b = { .count = 0 };
    istauth_status st;

    call.once = true;
    istauth__pg_bind_key(&b, key);
    istauth__pg_bind_int8(&b, expires_at);
    st = istauth__pg_run_one(&call, PG_NONCE_CLAIM, &b);
    if (!st && istauth__pg_changed(call.results[0]) == 0)
        st = ISTAUTH_E_EXISTS;
    istauth__pg_end(&call);
    return st;
}
