#include "support/fault_store.h"

/* What becomes of one call. */
struct call {
    fault_store *f;
    bool runs, fails;
};

static bool is_due(const fault_store *f)
{
    size_t calls = f->calls[f->op];

    return f->nth && (calls == f->nth || (calls > f->nth && f->how & FAULT_FOREVER));
}

static struct call begin(void *ctx, fault_op op)
{
    struct call c = { ctx, true, false };

    c.f->calls[op]++;
    c.f->calls[FAULT_ANY]++;
    if (c.f->op == op || c.f->op == FAULT_ANY)
        c.fails = is_due(c.f);
    c.runs = !c.fails || c.f->how & FAULT_AFTER;
    c.f->faults += c.fails;
    return c;
}

static istauth_status end(const struct call *c, istauth_status st)
{
    return c->fails ? c->f->status : st;
}

static istauth_status client_put(void *ctx, const istauth_client *client)
{
    struct call c = begin(ctx, FAULT_CLIENT_PUT);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->client_put(c.f->real.ctx, client);
    return end(&c, st);
}

static istauth_status client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                 istauth_client *out)
{
    struct call c = begin(ctx, FAULT_CLIENT_GET);
    istauth_status st = ISTAUTH_OK;
    istauth_client copy;

    if (c.runs)
        st = c.f->real.ops->client_get(c.f->real.ctx, client_id, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status client_update(void *ctx, const istauth_client *client)
{
    struct call c = begin(ctx, FAULT_CLIENT_UPDATE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->client_update(c.f->real.ctx, client);
    return end(&c, st);
}

static istauth_status client_delete(void *ctx, istauth_str client_id, istauth_time now)
{
    struct call c = begin(ctx, FAULT_CLIENT_DELETE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->client_delete(c.f->real.ctx, client_id, now);
    return end(&c, st);
}

static istauth_status code_put(void *ctx, const istauth_code *code, const istauth_grant *grant)
{
    struct call c = begin(ctx, FAULT_CODE_PUT);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->code_put(c.f->real.ctx, code, grant);
    return end(&c, st);
}

static istauth_status code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                               istauth_code_entry *out)
{
    struct call c = begin(ctx, FAULT_CODE_GET);
    istauth_status st = ISTAUTH_OK;
    istauth_code_entry copy;

    if (c.runs)
        st = c.f->real.ops->code_get(c.f->real.ctx, key, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status code_redeem(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                  istauth_time now)
{
    struct call c = begin(ctx, FAULT_CODE_REDEEM);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->code_redeem(c.f->real.ctx, key, tokens, now);
    return end(&c, st);
}

static istauth_status token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_token_entry *out)
{
    struct call c = begin(ctx, FAULT_TOKEN_GET);
    istauth_status st = ISTAUTH_OK;
    istauth_token_entry copy;

    if (c.runs)
        st = c.f->real.ops->token_get(c.f->real.ctx, key, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status refresh_rotate(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                     const istauth_retry *retry, istauth_time now)
{
    struct call c = begin(ctx, FAULT_REFRESH_ROTATE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->refresh_rotate(c.f->real.ctx, key, tokens, retry, now);
    return end(&c, st);
}

static istauth_status retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_retry *out)
{
    struct call c = begin(ctx, FAULT_RETRY_GET);
    istauth_status st = ISTAUTH_OK;
    istauth_retry copy;

    if (c.runs)
        st = c.f->real.ops->retry_get(c.f->real.ctx, key, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status token_revoke(void *ctx, const istauth_key *key, istauth_time now)
{
    struct call c = begin(ctx, FAULT_TOKEN_REVOKE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->token_revoke(c.f->real.ctx, key, now);
    return end(&c, st);
}

static istauth_status grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct call c = begin(ctx, FAULT_GRANT_REVOKE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->grant_revoke(c.f->real.ctx, grant_id, now);
    return end(&c, st);
}

static istauth_status grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct call c = begin(ctx, FAULT_GRANT_TOUCH);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->grant_touch(c.f->real.ctx, grant_id, now);
    return end(&c, st);
}

static istauth_status app_list(void *ctx, istauth_str subject, size_t limit, istauth_arena *arena,
                               istauth_grant_entries *out)
{
    struct call c = begin(ctx, FAULT_APP_LIST);
    istauth_status st = ISTAUTH_OK;
    istauth_grant_entries copy;

    if (c.runs)
        st = c.f->real.ops->app_list(c.f->real.ctx, subject, limit, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status app_disconnect(void *ctx, istauth_str subject, istauth_str_list client_ids,
                                     istauth_time now, size_t *out)
{
    struct call c = begin(ctx, FAULT_APP_DISCONNECT);
    istauth_status st = ISTAUTH_OK;
    size_t copy;

    if (c.runs)
        st = c.f->real.ops->app_disconnect(c.f->real.ctx, subject, client_ids, now, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status subject_revoke(void *ctx, istauth_str subject, istauth_time now, size_t *out)
{
    struct call c = begin(ctx, FAULT_SUBJECT_REVOKE);
    istauth_status st = ISTAUTH_OK;
    size_t copy;

    if (c.runs)
        st = c.f->real.ops->subject_revoke(c.f->real.ctx, subject, now, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                       istauth_time now, size_t *out)
{
    struct call c = begin(ctx, FAULT_WORKSPACE_REMOVE);
    istauth_status st = ISTAUTH_OK;
    size_t copy;

    if (c.runs)
        st = c.f->real.ops->workspace_remove(c.f->real.ctx, subject, workspace, now, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status personal_put(void *ctx, const istauth_token *token,
                                   const istauth_grant *grant)
{
    struct call c = begin(ctx, FAULT_PERSONAL_PUT);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->personal_put(c.f->real.ctx, token, grant);
    return end(&c, st);
}

static istauth_status personal_list(void *ctx, istauth_str subject, size_t limit,
                                    istauth_arena *arena, istauth_grant_entries *out)
{
    struct call c = begin(ctx, FAULT_PERSONAL_LIST);
    istauth_status st = ISTAUTH_OK;
    istauth_grant_entries copy;

    if (c.runs)
        st = c.f->real.ops->personal_list(c.f->real.ctx, subject, limit, arena, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static istauth_status personal_revoke(void *ctx, istauth_str subject, const istauth_id *grant_id,
                                      istauth_time now)
{
    struct call c = begin(ctx, FAULT_PERSONAL_REVOKE);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->personal_revoke(c.f->real.ctx, subject, grant_id, now);
    return end(&c, st);
}

static istauth_status machine_put(void *ctx, const istauth_token *token,
                                  const istauth_grant *grant)
{
    struct call c = begin(ctx, FAULT_MACHINE_PUT);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->machine_put(c.f->real.ctx, token, grant);
    return end(&c, st);
}

static istauth_status nonce_claim(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    struct call c = begin(ctx, FAULT_NONCE_CLAIM);
    istauth_status st = ISTAUTH_OK;

    if (c.runs)
        st = c.f->real.ops->nonce_claim(c.f->real.ctx, key, expires_at);
    return end(&c, st);
}

static istauth_status purge(void *ctx, const istauth_purge_bounds *bounds, size_t *out)
{
    struct call c = begin(ctx, FAULT_PURGE);
    istauth_status st = ISTAUTH_OK;
    size_t copy;

    if (c.runs)
        st = c.f->real.ops->purge(c.f->real.ctx, bounds, &copy);
    if (!st && !c.fails)
        *out = copy;
    return end(&c, st);
}

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
    .client_put = client_put,
    .client_get = client_get,
    .client_update = client_update,
    .client_delete = client_delete,
    .code_put = code_put,
    .code_get = code_get,
    .code_redeem = code_redeem,
    .token_get = token_get,
    .refresh_rotate = refresh_rotate,
    .retry_get = retry_get,
    .token_revoke = token_revoke,
    .grant_revoke = grant_revoke,
    .grant_touch = grant_touch,
    .app_list = app_list,
    .app_disconnect = app_disconnect,
    .subject_revoke = subject_revoke,
    .workspace_remove = workspace_remove,
    .personal_put = personal_put,
    .personal_list = personal_list,
    .personal_revoke = personal_revoke,
    .machine_put = machine_put,
    .nonce_claim = nonce_claim,
    .purge = purge,
};

istauth_store fault_store_wrap(fault_store *f, istauth_store real)
{
    const fault_store none = { 0 };
    istauth_store store = { &ops, f };

    *f = none;
    f->real = real;
    return store;
}

void fault_store_plan(fault_store *f, fault_op op, size_t nth, istauth_status status, unsigned how)
{
    istauth_store real = f->real;

    (void)fault_store_wrap(f, real);
    f->op = op;
    f->nth = nth;
    f->status = status;
    f->how = how;
}
