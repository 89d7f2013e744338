#include <istauth/store_check.h>

#include "check/ops_i.h"

const char *istauth_store_op_name(istauth_store_op op)
{
    static const char *const names[] = {
#define NAME(op, NAME) [ISTAUTH_STORE_##NAME] = #op,
        STORE_OPS(NAME)
#undef NAME
        [ISTAUTH_STORE_ANY] = "any",
    };

    return (size_t)op < sizeof(names) / sizeof(names[0]) ? names[op] : "unknown";
}

/* What becomes of one call. */
struct call {
    istauth_store real;
    bool runs, fails;
    istauth_status status; /* when it fails */
};

static bool is_due(const istauth_store_shim *s)
{
    size_t calls = s->calls[s->op];

    return s->nth && (calls == s->nth || (calls > s->nth && s->how & ISTAUTH_FAULT_FOREVER));
}

static struct call begin(void *ctx, istauth_store_op op)
{
    istauth_store_shim *s = ctx;
    struct call c = { .real = s->real };

    (void)pthread_mutex_lock(&s->mutex);
    s->calls[op]++;
    s->calls[ISTAUTH_STORE_ANY]++;
    c.fails = (s->op == op || s->op == ISTAUTH_STORE_ANY) && is_due(s);
    c.runs = !c.fails || s->how & ISTAUTH_FAULT_AFTER;
    c.status = s->status;
    s->faults += c.fails;
    (void)pthread_mutex_unlock(&s->mutex);
    return c;
}

static istauth_status end(const struct call *c, istauth_status st)
{
    return c->fails ? c->status : st;
}

/* An op without a result; one with a result that is written to `out`. */
#define PLAIN(op, NAME, parameters, arguments)            \
    static istauth_status op parameters                   \
    {                                                     \
        struct call c = begin(ctx, ISTAUTH_STORE_##NAME); \
        istauth_status st = ISTAUTH_OK;                   \
                                                          \
        if (c.runs)                                       \
            st = c.real.ops->op arguments;                \
        return end(&c, st);                               \
    }
#define RESULT(op, NAME, type, parameters, arguments)     \
    static istauth_status op parameters                   \
    {                                                     \
        struct call c = begin(ctx, ISTAUTH_STORE_##NAME); \
        istauth_status st = ISTAUTH_OK;                   \
        type copy;                                        \
                                                          \
        if (c.runs)                                       \
            st = c.real.ops->op arguments;                \
        if (!st && !c.fails)                              \
            *out = copy;                                  \
        return end(&c, st);                               \
    }
#define REAL c.real.ctx

PLAIN(client_put, CLIENT_PUT, (void *ctx, const istauth_client *client), (REAL, client))

RESULT(client_get, CLIENT_GET, istauth_client,
       (void *ctx, istauth_str client_id, istauth_arena *arena, istauth_client *out),
       (REAL, client_id, arena, &copy))

PLAIN(client_update, CLIENT_UPDATE, (void *ctx, const istauth_client *client), (REAL, client))

PLAIN(client_delete, CLIENT_DELETE, (void *ctx, istauth_str client_id, istauth_time now),
      (REAL, client_id, now))

RESULT(client_list, CLIENT_LIST, istauth_clients,
       (void *ctx, istauth_str after, size_t limit, istauth_arena *arena, istauth_clients *out),
       (REAL, after, limit, arena, &copy))

PLAIN(code_put, CODE_PUT, (void *ctx, const istauth_code *code, const istauth_grant *grant),
      (REAL, code, grant))

RESULT(code_get, CODE_GET, istauth_code_entry,
       (void *ctx, const istauth_key *key, istauth_arena *arena, istauth_code_entry *out),
       (REAL, key, arena, &copy))

PLAIN(code_redeem, CODE_REDEEM,
      (void *ctx, const istauth_key *key, istauth_token_list tokens, istauth_time now),
      (REAL, key, tokens, now))

RESULT(token_get, TOKEN_GET, istauth_token_entry,
       (void *ctx, const istauth_key *key, istauth_arena *arena, istauth_token_entry *out),
       (REAL, key, arena, &copy))

PLAIN(refresh_rotate, REFRESH_ROTATE,
      (void *ctx, const istauth_key *key, istauth_token_list tokens, const istauth_retry *retry,
       istauth_time now),
      (REAL, key, tokens, retry, now))

RESULT(retry_get, RETRY_GET, istauth_retry,
       (void *ctx, const istauth_key *key, istauth_arena *arena, istauth_retry *out),
       (REAL, key, arena, &copy))

PLAIN(token_revoke, TOKEN_REVOKE, (void *ctx, const istauth_key *key, istauth_time now),
      (REAL, key, now))

PLAIN(grant_revoke, GRANT_REVOKE, (void *ctx, const istauth_id *grant_id, istauth_time now),
      (REAL, grant_id, now))

PLAIN(grant_touch, GRANT_TOUCH, (void *ctx, const istauth_id *grant_id, istauth_time now),
      (REAL, grant_id, now))

RESULT(grant_list, GRANT_LIST, istauth_grant_entries,
       (void *ctx, istauth_str client_id, const istauth_id *after, size_t limit,
        istauth_arena *arena, istauth_grant_entries *out),
       (REAL, client_id, after, limit, arena, &copy))

RESULT(app_list, APP_LIST, istauth_grant_entries,
       (void *ctx, istauth_str subject, size_t limit, istauth_arena *arena,
        istauth_grant_entries *out),
       (REAL, subject, limit, arena, &copy))

RESULT(app_disconnect, APP_DISCONNECT, size_t,
       (void *ctx, istauth_str subject, istauth_str_list client_ids, istauth_time now, size_t *out),
       (REAL, subject, client_ids, now, &copy))

RESULT(subject_revoke, SUBJECT_REVOKE, size_t,
       (void *ctx, istauth_str subject, istauth_time now, size_t *out),
       (REAL, subject, now, &copy))

RESULT(workspace_remove, WORKSPACE_REMOVE, size_t,
       (void *ctx, istauth_str subject, istauth_str workspace, istauth_time now, size_t *out),
       (REAL, subject, workspace, now, &copy))

PLAIN(personal_put, PERSONAL_PUT,
      (void *ctx, const istauth_token *token, const istauth_grant *grant), (REAL, token, grant))

RESULT(personal_list, PERSONAL_LIST, istauth_grant_entries,
       (void *ctx, istauth_str subject, size_t limit, istauth_arena *arena,
        istauth_grant_entries *out),
       (REAL, subject, limit, arena, &copy))

PLAIN(personal_revoke, PERSONAL_REVOKE,
      (void *ctx, istauth_str subject, const istauth_id *grant_id, istauth_time now),
      (REAL, subject, grant_id, now))

PLAIN(machine_put, MACHINE_PUT,
      (void *ctx, const istauth_token *token, const istauth_grant *grant), (REAL, token, grant))

PLAIN(nonce_claim, NONCE_CLAIM, (void *ctx, const istauth_key *key, istauth_time expires_at),
      (REAL, key, expires_at))

RESULT(purge, PURGE, size_t, (void *ctx, const istauth_purge_bounds *bounds, size_t *out),
       (REAL, bounds, &copy))

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
#define ENTRY(op, NAME) .op = (op),
    STORE_OPS(ENTRY)
#undef ENTRY
};

istauth_store istauth_store_shim_wrap(istauth_store_shim *shim, istauth_store real)
{
    const istauth_store_shim fresh = { .real = real, .mutex = PTHREAD_MUTEX_INITIALIZER };
    istauth_store store = { &ops, shim };

    *shim = fresh;
    return store;
}

void istauth_store_shim_plan(istauth_store_shim *shim, istauth_store_op op, size_t nth,
                             istauth_status status, unsigned how)
{
    (void)pthread_mutex_lock(&shim->mutex);
    memset(shim->calls, 0, sizeof(shim->calls));
    shim->faults = 0;
    shim->op = op;
    shim->nth = nth;
    shim->status = status;
    shim->how = how;
    (void)pthread_mutex_unlock(&shim->mutex);
}

size_t istauth_store_shim_calls(istauth_store_shim *shim, istauth_store_op op)
{
    size_t calls;

    (void)pthread_mutex_lock(&shim->mutex);
    calls = shim->calls[op];
    (void)pthread_mutex_unlock(&shim->mutex);
    return calls;
}

size_t istauth_store_shim_faults(istauth_store_shim *shim)
{
    size_t faults;

    (void)pthread_mutex_lock(&shim->mutex);
    faults = shim->faults;
    (void)pthread_mutex_unlock(&shim->mutex);
    return faults;
}
