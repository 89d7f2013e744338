/* A store of another kind: one file to which every change is appended.
 *
 * An op that changes something is a `call`. It is carried out in memory, and when that ends with
 * OK it is appended to the file, and on the disk before the op answers. Opening the file, and
 * catching up with other processes, carries out again the calls that are found there. A lock on
 * the file makes each op one step among processes, a mutex among threads. What is in memory is
 * the library's memory store: it knows what every op has to answer, and this file knows how not to
 * lose it.
 *
 * It is meant to be read. It waits for the disk at each change, it lets one thread in at a time,
 * and its file only grows.
 *
 *   cc custom_store.c $(pkg-config --cflags --libs libistauth-check libistauth)
 *   ./a.out JOURNAL
 *
 * holds it against the contract in store.h. docs/writing-a-store.md explains the steps. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <istauth.h>
#include <istauth/store_check.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "istauth journal 1\n"
#define CALL_MAX (16u << 20) /* bytes of one call: more is no call of ours */

struct journal {
    pthread_mutex_t mutex;
    int fd;
    off_t end;            /* how far the file is in memory */
    istauth_store memory; /* ctx is NULL: to be read from the beginning */
};

/* --- calls: the ops that change something, with all that they are given --- */

enum op {
    CLIENT_PUT = 1, CLIENT_UPDATE, CLIENT_DELETE, CODE_PUT, CODE_REDEEM, REFRESH_ROTATE,
    TOKEN_REVOKE, GRANT_REVOKE, GRANT_TOUCH, APP_DISCONNECT, SUBJECT_REVOKE, WORKSPACE_REMOVE,
    PERSONAL_PUT, PERSONAL_REVOKE, MACHINE_PUT, NONCE_CLAIM, PURGE
};

struct call {
    enum op op;
    istauth_client client;
    istauth_code code;
    istauth_grant grant;
    istauth_token tokens[2];
    size_t token_count;
    bool has_retry;
    istauth_retry retry;
    istauth_key key;
    istauth_id id;
    istauth_str name; /* a client's id, or a subject */
    istauth_str workspace;
    istauth_str_list client_ids;
    istauth_time time; /* now, or expires_at */
    istauth_purge_bounds bounds;
    size_t count; /* a result, and not in the file */
};

static istauth_status carry_out(const istauth_store *m, struct call *c)
{
    const istauth_token_list tokens = { c->tokens, c->token_count };
    const istauth_store_ops *ops = m->ops;

    switch (c->op) {
    case CLIENT_PUT:
        return ops->client_put(m->ctx, &c->client);
    case CLIENT_UPDATE:
        return ops->client_update(m->ctx, &c->client);
    case CLIENT_DELETE:
        return ops->client_delete(m->ctx, c->name, c->time);
    case CODE_PUT:
        return ops->code_put(m->ctx, &c->code, &c->grant);
    case CODE_REDEEM:
        return ops->code_redeem(m->ctx, &c->key, tokens, c->time);
    case REFRESH_ROTATE:
        return ops->refresh_rotate(m->ctx, &c->key, tokens, c->has_retry ? &c->retry : NULL,
                                   c->time);
    case TOKEN_REVOKE:
        return ops->token_revoke(m->ctx, &c->key, c->time);
    case GRANT_REVOKE:
        return ops->grant_revoke(m->ctx, &c->id, c->time);
    case GRANT_TOUCH:
        return ops->grant_touch(m->ctx, &c->id, c->time);
    case APP_DISCONNECT:
        return ops->app_disconnect(m->ctx, c->name, c->client_ids, c->time, &c->count);
    case SUBJECT_REVOKE:
        return ops->subject_revoke(m->ctx, c->name, c->time, &c->count);
    case WORKSPACE_REMOVE:
        return ops->workspace_remove(m->ctx, c->name, c->workspace, c->time, &c->count);
    case PERSONAL_PUT:
        return ops->personal_put(m->ctx, &c->tokens[0], &c->grant);
    case PERSONAL_REVOKE:
        return ops->personal_revoke(m->ctx, c->name, &c->id, c->time);
    case MACHINE_PUT:
        return ops->machine_put(m->ctx, &c->tokens[0], &c->grant);
    case NONCE_CLAIM:
        return ops->nonce_claim(m->ctx, &c->key, c->time);
    case PURGE:
        return ops->purge(m->ctx, &c->bounds, &c->count);
    }
    return ISTAUTH_E_UNAVAILABLE; /* a call of a later version */
}

/* --- calls as bytes. One walk over the fields both writes and reads them. --- */

struct codec {
    char *at, *end;        /* what is left to write to (NULL: only count) or to read */
    size_t n;              /* bytes so far */
    bool reading, broken;  /* broken: it ended too early */
    istauth_arena *lists;  /* reading: where lists go; texts stay where they are */
};

static void bytes(struct codec *x, void *p, size_t n)
{
    x->n += n;
    if (!x->at || x->broken)
        return;
    x->broken = n > (size_t)(x->end - x->at);
    if (x->broken || !n)
        return;
    memcpy(x->reading ? p : x->at, x->reading ? x->at : p, n);
    x->at += n;
}

static int64_t number(struct codec *x, int64_t n)
{
    bytes(x, &n, sizeof(n));
    return x->broken ? 0 : n;
}

static istauth_str text(struct codec *x, istauth_str s)
{
    s.n = (size_t)number(x, (int64_t)s.n);
    if (!x->reading) {
        bytes(x, (void *)(uintptr_t)s.p, s.n);
        return s;
    }
    x->broken = x->broken || s.n > (size_t)(x->end - x->at);
    if (x->broken)
        return ISTAUTH_STR("");
    s.p = x->at;
    x->at += s.n;
    return s;
}

static istauth_str_list list(struct codec *x, istauth_str_list l)
{
    istauth_str *items = NULL;

    l.count = (size_t)number(x, (int64_t)l.count);
    if (x->reading && l.count > (size_t)(x->end - x->at))
        x->broken = true;
    if (x->reading && !x->broken)
        items = istauth_arena_alloc(x->lists, l.count * sizeof(*items));
    x->broken = x->broken || (x->reading && !items);
    if (x->broken)
        return (istauth_str_list){ NULL, 0 };
    for (size_t i = 0; i < l.count; i++)
        if (x->reading)
            items[i] = text(x, ISTAUTH_STR(""));
        else
            (void)text(x, l.items[i]);
    if (x->reading)
        l.items = items;
    return l;
}

static void client_fields(struct codec *x, istauth_client *c)
{
    istauth_str *texts[] = { &c->client_id, &c->name,        &c->client_uri,       &c->logo_uri,
                             &c->policy_uri, &c->tos_uri,     &c->software_id,
                             &c->software_version, &c->scopes, &c->jwks, &c->jwks_uri,
                             &c->resource };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = text(x, *texts[i]);
    c->redirect_uris = list(x, c->redirect_uris);
    c->workspaces = list(x, c->workspaces);
    bytes(x, &c->secret_key, sizeof(c->secret_key));
    bytes(x, &c->management_key, sizeof(c->management_key));
    c->auth = (istauth_client_auth)number(x, c->auth);
    c->secret_expires_at = number(x, c->secret_expires_at);
    c->expires_at = number(x, c->expires_at);
    c->origin = (istauth_client_origin)number(x, c->origin);
    c->grant_types = (uint32_t)number(x, c->grant_types);
    c->native = number(x, c->native) != 0;
    c->registered_at = number(x, c->registered_at);
    c->used_at = number(x, c->used_at);
}

static void grant_fields(struct codec *x, istauth_grant *g)
{
    bytes(x, &g->id, sizeof(g->id));
    g->subject = text(x, g->subject);
    g->client_id = text(x, g->client_id);
    g->name = text(x, g->name);
    g->scopes = text(x, g->scopes);
    g->workspaces = list(x, g->workspaces);
    g->resource = text(x, g->resource);
    g->auth_time = number(x, g->auth_time);
    g->created_at = number(x, g->created_at);
    g->issued_at = number(x, g->issued_at);
    g->used_at = number(x, g->used_at);
    g->pending = number(x, g->pending) != 0;
    g->revoked = number(x, g->revoked) != 0;
}

static void code_fields(struct codec *x, istauth_code *c)
{
    bytes(x, &c->key, sizeof(c->key));
    c->redirect_uri = text(x, c->redirect_uri);
    c->challenge = text(x, c->challenge);
    c->nonce = text(x, c->nonce);
    c->created_at = number(x, c->created_at);
    c->expires_at = number(x, c->expires_at);
    c->spent = number(x, c->spent) != 0;
}

static void token_fields(struct codec *x, struct call *c)
{
    c->token_count = (size_t)number(x, (int64_t)c->token_count);
    x->broken = x->broken || c->token_count > 2;
    for (size_t i = 0; i < c->token_count && !x->broken; i++) {
        istauth_token *t = &c->tokens[i];

        bytes(x, &t->key, sizeof(t->key));
        t->kind = (istauth_token_kind)number(x, t->kind);
        t->scopes = text(x, t->scopes);
        t->issued_at = number(x, t->issued_at);
        t->expires_at = number(x, t->expires_at);
    }
}

static void call_fields(struct codec *x, struct call *c)
{
    c->op = (enum op)number(x, c->op);
    if (c->op == CLIENT_PUT || c->op == CLIENT_UPDATE)
        client_fields(x, &c->client);
    if (c->op == CODE_PUT)
        code_fields(x, &c->code);
    if (c->op == CODE_PUT || c->op == PERSONAL_PUT || c->op == MACHINE_PUT)
        grant_fields(x, &c->grant);
    if (c->op == CODE_REDEEM || c->op == REFRESH_ROTATE || c->op == PERSONAL_PUT ||
        c->op == MACHINE_PUT)
        token_fields(x, c);
    if (c->op == REFRESH_ROTATE) {
        c->has_retry = number(x, c->has_retry) != 0;
        c->retry.sealed = text(x, c->retry.sealed);
        c->retry.expires_at = number(x, c->retry.expires_at);
    }
    if (c->op == PURGE) {
        c->bounds.now = number(x, c->bounds.now);
        c->bounds.unused_before = number(x, c->bounds.unused_before);
        c->bounds.idle_before = number(x, c->bounds.idle_before);
        c->bounds.limit = (size_t)number(x, (int64_t)c->bounds.limit);
    }
    bytes(x, &c->key, sizeof(c->key));
    bytes(x, &c->id, sizeof(c->id));
    c->name = text(x, c->name);
    c->workspace = text(x, c->workspace);
    c->client_ids = list(x, c->client_ids);
    c->time = number(x, c->time);
}

/* --- the file: MAGIC, then calls, each behind its size and a checksum --- */

struct frame {
    uint64_t size, sum;
};

/* FNV-1a: against a torn write, not against an adversary. */
static uint64_t sum_of(const char *p, size_t n)
{
    uint64_t sum = 14695981039346656037u;

    for (size_t i = 0; i < n; i++)
        sum = (sum ^ (unsigned char)p[i]) * 1099511628211u;
    return sum;
}

/* All n bytes, read or written. */
static istauth_status transfer(int fd, bool writing, char *p, size_t n, off_t at)
{
    while (n) {
        ssize_t done = writing ? pwrite(fd, p, n, at) : pread(fd, p, n, at);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return ISTAUTH_E_UNAVAILABLE;
        p += done;
        at += done;
        n -= (size_t)done;
    }
    return ISTAUTH_OK;
}

static istauth_status append(struct journal *j, struct call *c)
{
    struct codec count = { .at = NULL }, x = { .at = NULL };
    struct frame f;
    istauth_status st;
    char *p;

    call_fields(&count, c);
    p = malloc(sizeof(f) + count.n);
    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    x.at = p + sizeof(f);
    x.end = x.at + count.n;
    call_fields(&x, c);
    f.size = count.n;
    f.sum = sum_of(p + sizeof(f), count.n);
    memcpy(p, &f, sizeof(f));
    st = transfer(j->fd, true, p, sizeof(f) + count.n, j->end);
    if (!st && fsync(j->fd))
        st = ISTAUTH_E_UNAVAILABLE;
    if (!st)
        j->end += (off_t)(sizeof(f) + count.n);
    free(p);
    return st;
}

static istauth_status replay(struct journal *j, char *p, size_t n)
{
    struct call c = { .count = 0 };
    istauth_arena lists;
    struct codec x = { .at = p, .end = p + n, .reading = true, .lists = &lists };
    istauth_status st = ISTAUTH_E_UNAVAILABLE;

    istauth_arena_init(&lists, NULL, 0, NULL, CALL_MAX);
    call_fields(&x, &c);
    if (!x.broken)
        st = carry_out(&j->memory, &c);
    istauth_arena_wipe(&lists);
    return st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY ? st : ISTAUTH_E_UNAVAILABLE;
}

/* The call at j->end. *torn: it is the last one, and was not written to its end by a process that
 * was killed: nobody was ever told that it succeeded. */
static istauth_status read_call(bool *torn, struct journal *j, off_t size)
{
    off_t left = size - j->end - (off_t)sizeof(struct frame);
    struct frame f;
    istauth_status st;
    size_t n;
    char *p;

    *torn = left < 0;
    if (*torn)
        return ISTAUTH_OK;
    st = transfer(j->fd, false, (char *)&f, sizeof(f), j->end);
    *torn = !st && f.size > (uint64_t)left;
    if (st || *torn)
        return st;
    if (f.size > CALL_MAX)
        return ISTAUTH_E_UNAVAILABLE;
    n = (size_t)f.size;
    p = malloc(n + 1);
    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    st = transfer(j->fd, false, p, n, j->end + (off_t)sizeof(f));
    if (!st && sum_of(p, n) != f.sum) {
        *torn = (off_t)n == left;
        st = *torn ? ISTAUTH_OK : ISTAUTH_E_UNAVAILABLE; /* damage in the middle: touch nothing */
    } else if (!st) {
        st = replay(j, p, n);
    }
    if (!st && !*torn)
        j->end += (off_t)(sizeof(f) + n);
    free(p);
    return st;
}

static istauth_status start_over(struct journal *j)
{
    char magic[] = MAGIC;
    struct stat file;

    j->end = sizeof(MAGIC) - 1;
    if (fstat(j->fd, &file))
        return ISTAUTH_E_UNAVAILABLE;
    if (file.st_size < j->end && transfer(j->fd, true, magic, sizeof(MAGIC) - 1, 0))
        return ISTAUTH_E_UNAVAILABLE;
    if (transfer(j->fd, false, magic, sizeof(MAGIC) - 1, 0) || strcmp(magic, MAGIC) != 0)
        return ISTAUTH_E_UNAVAILABLE; /* a file of something else */
    return istauth_memory_store_new(&j->memory, NULL, NULL) ? ISTAUTH_E_NO_MEMORY : ISTAUTH_OK;
}

/* Bring into memory what is in the file: at first all, later what other processes appended. */
static istauth_status catch_up(struct journal *j)
{
    istauth_status st = j->memory.ctx ? ISTAUTH_OK : start_over(j);
    bool torn = false;
    struct stat file;

    if (!st && fstat(j->fd, &file))
        st = ISTAUTH_E_UNAVAILABLE;
    while (!st && !torn && j->end < file.st_size)
        st = read_call(&torn, j, file.st_size);
    if (!st && torn && ftruncate(j->fd, j->end))
        st = ISTAUTH_E_UNAVAILABLE;
    return st;
}

/* --- one op at a time: among threads, and among processes --- */

static istauth_status enter(struct journal *j)
{
    istauth_status st;
    int locked;

    (void)pthread_mutex_lock(&j->mutex);
    do
        locked = flock(j->fd, LOCK_EX);
    while (locked && errno == EINTR);
    st = locked ? ISTAUTH_E_UNAVAILABLE : catch_up(j);
    return st;
}

/* `sound`: memory is what the file says. If not it is read again, by whoever comes next. */
static void leave(struct journal *j, bool sound)
{
    if (!sound)
        istauth_memory_store_free(&j->memory);
    (void)flock(j->fd, LOCK_UN);
    (void)pthread_mutex_unlock(&j->mutex);
}

/* S-1, S-4 and S-14: all of it or nothing, and on the disk. A call that is carried out but cannot
 * be written is forgotten, unless the disk has it all the same: UNAVAILABLE says as much. */
static istauth_status perform(struct journal *j, struct call *c)
{
    istauth_status st = enter(j);
    bool sound = !st;

    if (!st)
        st = carry_out(&j->memory, c);
    if (!st) {
        st = append(j, c);
        sound = !st;
    }
    leave(j, sound);
    return st;
}

/* An op that reads: memory has the answer. */
#define READ(ctx, op, ...)                                  \
    struct journal *j = (ctx);                              \
    istauth_status st = enter(j);                           \
    bool sound = !st;                                       \
                                                            \
    if (!st)                                                \
        st = j->memory.ops->op(j->memory.ctx, __VA_ARGS__); \
    leave(j, sound);                                        \
    return st

/* --- the ops --- */

static istauth_status client_put(void *ctx, const istauth_client *client)
{
    return perform(ctx, &(struct call){ .op = CLIENT_PUT, .client = *client });
}

static istauth_status client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                 istauth_client *out)
{
    READ(ctx, client_get, client_id, arena, out);
}

static istauth_status client_update(void *ctx, const istauth_client *client)
{
    return perform(ctx, &(struct call){ .op = CLIENT_UPDATE, .client = *client });
}

static istauth_status client_delete(void *ctx, istauth_str client_id, istauth_time now)
{
    return perform(ctx, &(struct call){ .op = CLIENT_DELETE, .name = client_id, .time = now });
}

static istauth_status client_list(void *ctx, istauth_str after, size_t limit, istauth_arena *arena,
                                  istauth_clients *out)
{
    READ(ctx, client_list, after, limit, arena, out);
}

static istauth_status code_put(void *ctx, const istauth_code *code, const istauth_grant *grant)
{
    return perform(ctx, &(struct call){ .op = CODE_PUT, .code = *code, .grant = *grant });
}

static istauth_status code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                               istauth_code_entry *out)
{
    READ(ctx, code_get, key, arena, out);
}

static istauth_status issue(struct journal *j, struct call *c, istauth_token_list tokens)
{
    if (tokens.count > 2)
        return ISTAUTH_E_UNAVAILABLE;
    c->token_count = tokens.count;
    for (size_t i = 0; i < tokens.count; i++)
        c->tokens[i] = tokens.items[i];
    return perform(j, c);
}

static istauth_status code_redeem(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                  istauth_time now)
{
    return issue(ctx, &(struct call){ .op = CODE_REDEEM, .key = *key, .time = now }, tokens);
}

static istauth_status token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_token_entry *out)
{
    READ(ctx, token_get, key, arena, out);
}

static istauth_status refresh_rotate(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                     const istauth_retry *retry, istauth_time now)
{
    struct call c = { .op = REFRESH_ROTATE, .key = *key, .has_retry = retry, .time = now };

    if (retry)
        c.retry = *retry;
    return issue(ctx, &c, tokens);
}

static istauth_status retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_retry *out)
{
    READ(ctx, retry_get, key, arena, out);
}

static istauth_status token_revoke(void *ctx, const istauth_key *key, istauth_time now)
{
    return perform(ctx, &(struct call){ .op = TOKEN_REVOKE, .key = *key, .time = now });
}

static istauth_status grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    return perform(ctx, &(struct call){ .op = GRANT_REVOKE, .id = *grant_id, .time = now });
}

static istauth_status grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    return perform(ctx, &(struct call){ .op = GRANT_TOUCH, .id = *grant_id, .time = now });
}

static istauth_status grant_list(void *ctx, istauth_str client_id, const istauth_id *after,
                                 size_t limit, istauth_arena *arena, istauth_grant_entries *out)
{
    READ(ctx, grant_list, client_id, after, limit, arena, out);
}

static istauth_status app_list(void *ctx, istauth_str subject, size_t limit, istauth_arena *arena,
                               istauth_grant_entries *out)
{
    READ(ctx, app_list, subject, limit, arena, out);
}

static istauth_status counted(struct journal *j, struct call *c, size_t *count)
{
    istauth_status st = perform(j, c);

    if (!st)
        *count = c->count; /* S-6: untouched otherwise */
    return st;
}

static istauth_status app_disconnect(void *ctx, istauth_str subject, istauth_str_list client_ids,
                                     istauth_time now, size_t *count)
{
    struct call c = {
        .op = APP_DISCONNECT, .name = subject, .client_ids = client_ids, .time = now
    };

    return counted(ctx, &c, count);
}

static istauth_status subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                     size_t *count)
{
    struct call c = { .op = SUBJECT_REVOKE, .name = subject, .time = now };

    return counted(ctx, &c, count);
}

static istauth_status workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                       istauth_time now, size_t *count)
{
    struct call c = {
        .op = WORKSPACE_REMOVE, .name = subject, .workspace = workspace, .time = now
    };

    return counted(ctx, &c, count);
}

static istauth_status personal_put(void *ctx, const istauth_token *token,
                                   const istauth_grant *grant)
{
    const istauth_token_list one = { token, 1 };

    return issue(ctx, &(struct call){ .op = PERSONAL_PUT, .grant = *grant }, one);
}

static istauth_status personal_list(void *ctx, istauth_str subject, size_t limit,
                                    istauth_arena *arena, istauth_grant_entries *out)
{
    READ(ctx, personal_list, subject, limit, arena, out);
}

static istauth_status personal_revoke(void *ctx, istauth_str subject, const istauth_id *grant_id,
                                      istauth_time now)
{
    struct call c = { .op = PERSONAL_REVOKE, .name = subject, .id = *grant_id, .time = now };

    return perform(ctx, &c);
}

static istauth_status machine_put(void *ctx, const istauth_token *token, const istauth_grant *grant)
{
    const istauth_token_list one = { token, 1 };

    return issue(ctx, &(struct call){ .op = MACHINE_PUT, .grant = *grant }, one);
}

static istauth_status nonce_claim(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    return perform(ctx, &(struct call){ .op = NONCE_CLAIM, .key = *key, .time = expires_at });
}

static istauth_status purge(void *ctx, const istauth_purge_bounds *bounds, size_t *removed)
{
    return counted(ctx, &(struct call){ .op = PURGE, .bounds = *bounds }, removed);
}

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
    .client_put = client_put,
    .client_get = client_get,
    .client_update = client_update,
    .client_delete = client_delete,
    .client_list = client_list,
    .code_put = code_put,
    .code_get = code_get,
    .code_redeem = code_redeem,
    .token_get = token_get,
    .refresh_rotate = refresh_rotate,
    .retry_get = retry_get,
    .token_revoke = token_revoke,
    .grant_revoke = grant_revoke,
    .grant_touch = grant_touch,
    .grant_list = grant_list,
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

/* --- a handle --- */

static void journal_close(istauth_store *store)
{
    struct journal *j = store->ctx;

    if (!j)
        return;
    istauth_memory_store_free(&j->memory);
    (void)close(j->fd);
    (void)pthread_mutex_destroy(&j->mutex);
    free(j);
    store->ctx = NULL;
}

static istauth_status journal_open(istauth_store *store, const char *path)
{
    struct journal *j = calloc(1, sizeof(*j));
    istauth_status st;

    if (!j || pthread_mutex_init(&j->mutex, NULL)) {
        free(j);
        return ISTAUTH_E_NO_MEMORY;
    }
    store->ops = &ops;
    store->ctx = j;
    j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (j->fd < 0) {
        journal_close(store);
        return ISTAUTH_E_UNAVAILABLE;
    }
    st = enter(j);
    leave(j, !st);
    if (st)
        journal_close(store);
    return st;
}

/* --- and the kit's way to it: everything is at one path, which other processes know, too --- */

static istauth_status fixture_open(void *env, istauth_store *out)
{
    if (unlink(env) && errno != ENOENT)
        return ISTAUTH_E_UNAVAILABLE;
    return journal_open(out, env);
}

static void fixture_close(void *env, istauth_store *store)
{
    journal_close(store);
    (void)unlink(env);
}

static istauth_status fixture_reopen(void *env, istauth_store *store)
{
    journal_close(store);
    return journal_open(store, env);
}

static istauth_status fixture_attach(void *env, istauth_store *out)
{
    return journal_open(out, env);
}

static void fixture_detach(void *env, istauth_store *store)
{
    (void)env;
    journal_close(store);
}

/* usage: custom_store [FILE [CLAUSE-OR-CASE]] */
int main(int argc, char **argv)
{
    static char default_path[] = "custom_store.journal";
    istauth_store_fixture f = ISTAUTH_STORE_FIXTURE_INIT;
    istauth_store_check_options o = ISTAUTH_STORE_CHECK_OPTIONS_INIT;

    f.name = "a journal in one file";
    f.open = fixture_open;
    f.close = fixture_close;
    f.reopen = fixture_reopen;
    f.attach = fixture_attach;
    f.detach = fixture_detach;
    f.env = argc > 1 ? argv[1] : default_path;
    o.only = argc > 2 ? argv[2] : NULL;
    return istauth_store_check(&f, &o) != 0;
}
