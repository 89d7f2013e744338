#include "stores/memory_i.h"

static _Atomic(struct mem_token *) *bucket_of(const struct mem *m, const istauth_key *key)
{
    uint64_t w[4];

    /* Keys of tokens are hashes of what the server drew at random: nobody can choose them, and a
     * multiplication spreads them. The factor is secret and odd. */
    memcpy(w, key->bytes, sizeof(w));
    return &m->buckets[((w[0] ^ w[1] ^ w[2] ^ w[3]) * m->multiplier) >> m->bucket_shift];
}

/* Under the mutex, or in a read section: sequentially consistent loads, see memory_reclaim.c. */
struct mem_token *istauth__mem_token_find(const struct mem *m, const istauth_key *key)
{
    struct mem_token *t = atomic_load(bucket_of(m, key));

    while (t && memcmp(&t->key, key, sizeof(*key)) != 0)
        t = atomic_load(&t->next);
    return t;
}

static const struct mem_tail *tail_of(const struct mem_token *t)
{
    return (const struct mem_tail *)(t + 1);
}

static struct mem_token *make(struct mem *m, const istauth_token *token)
{
    uint64_t lifetime = (uint64_t)token->expires_at - (uint64_t)token->issued_at;
    bool has_tail = token->scopes.n || lifetime > UINT32_MAX;
    size_t more = has_tail ? sizeof(struct mem_tail) + 1 : 0;
    struct mem_token *t;

    if (token->scopes.n > UINT32_MAX)
        return NULL;
    t = istauth__mem_alloc(m, sizeof(*t) + more + token->scopes.n);
    if (!t)
        return NULL;
    t->key = token->key;
    t->expires_at = token->expires_at;
    t->lifetime = has_tail ? 0 : (uint32_t)lifetime;
    t->kind = (uint8_t)token->kind;
    t->has_tail = has_tail;
    atomic_init(&t->flags, 0);
    atomic_init(&t->next, NULL);
    if (has_tail) {
        struct mem_tail *tail = (struct mem_tail *)(t + 1);

        tail->issued_at = token->issued_at;
        tail->n = token->scopes.n;
        if (tail->n)
            memcpy(tail->scopes, token->scopes.p, tail->n);
        tail->scopes[tail->n] = '\0';
    }
    return t;
}

void istauth__mem_tokens_discard(struct mem *m, struct mem_token *chain)
{
    while (chain) {
        struct mem_token *t = chain;

        chain = t->sibling;
        istauth__mem_release(m, t);
    }
}

static bool in_chain(const struct mem_token *chain, const istauth_key *key)
{
    while (chain && memcmp(&chain->key, key, sizeof(*key)) != 0)
        chain = chain->sibling;
    return chain;
}

istauth_status istauth__mem_tokens_make(struct mem_token **chain, struct mem *m,
                                        istauth_token_list tokens)
{
    struct mem_token *made = NULL;
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    if (m->tokens >= m->limits.tokens || tokens.count > m->limits.tokens - m->tokens)
        return st;
    for (size_t i = 0; i < tokens.count; i++) {
        struct mem_token *t;

        st = ISTAUTH_E_EXISTS;
        if (istauth__mem_token_find(m, &tokens.items[i].key) || in_chain(made, &tokens.items[i].key))
            goto fail;
        st = ISTAUTH_E_NO_MEMORY;
        t = make(m, &tokens.items[i]);
        if (!t)
            goto fail;
        t->sibling = made;
        made = t;
    }
    *chain = made;
    return ISTAUTH_OK;
fail:
    istauth__mem_tokens_discard(m, made);
    return st;
}

void istauth__mem_tokens_link(struct mem *m, struct mem_token *chain, struct mem_grant *g)
{
    while (chain) {
        struct mem_token *t = chain;
        _Atomic(struct mem_token *) *bucket = bucket_of(m, &t->key);

        chain = t->sibling;
        if (!g->tokens)
            g->tokens = t->sibling = t;
        t->sibling = g->tokens->sibling;
        g->tokens->sibling = t; /* the first */
        t->grant = g;
        m->tokens++;
        atomic_store(&t->next, atomic_load(bucket));
        atomic_store(bucket, t); /* from here on readers find it */
    }
}

void istauth__mem_token_remove(struct mem *m, struct mem_token *t)
{
    _Atomic(struct mem_token *) *at = bucket_of(m, &t->key);

    while (atomic_load(at) != t)
        at = &atomic_load(at)->next;
    atomic_store(at, atomic_load(&t->next)); /* t->next stays: a reader may be on t */
    m->tokens--;
    istauth__mem_retire(m, &t->limbo);
}

static istauth_status copy_out(istauth_token_entry *out, const struct mem_token *t,
                               istauth_arena *arena)
{
    const struct mem_tail *tail = t->has_tail ? tail_of(t) : NULL;
    istauth_str scopes = { tail ? tail->scopes : "", tail ? tail->n : 0 };
    istauth_status st = istauth__mem_grant_copy(&out->grant, &scopes, t->grant, arena);
    unsigned flags = atomic_load(&t->flags);

    if (st)
        return st;
    out->token.key = t->key;
    out->token.kind = (istauth_token_kind)t->kind;
    out->token.grant_id = t->grant->id;
    out->token.scopes = scopes;
    out->token.issued_at =
        tail ? tail->issued_at : (istauth_time)((uint64_t)t->expires_at - t->lifetime);
    out->token.expires_at = t->expires_at;
    out->token.spent = flags & MEM_SPENT;
    out->token.revoked = flags & MEM_REVOKED;
    return ISTAUTH_OK;
}

istauth_status istauth__mem_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_token_entry *out)
{
    struct mem *m = ctx;
    atomic_uint *reader = istauth__mem_read_begin(m, arena);
    const struct mem_token *t = istauth__mem_token_find(m, key);
    istauth_status st = t ? copy_out(out, t, arena) : ISTAUTH_E_NOT_FOUND;

    istauth__mem_read_end(reader);
    return st;
}

static istauth_status rotate(struct mem *m, const istauth_key *key, istauth_token_list tokens,
                             const istauth_retry *retry, istauth_time now)
{
    struct mem_token *t = istauth__mem_token_find(m, key), *chain;
    struct mem_retry *kept = NULL;
    istauth_status st;

    if (!t || t->kind != ISTAUTH_TOKEN_REFRESH)
        return ISTAUTH_E_NOT_FOUND;
    if (atomic_load(&t->grant->revoked) || atomic_load(&t->flags) & MEM_REVOKED)
        return ISTAUTH_E_REVOKED;
    if (atomic_load(&t->flags) & MEM_SPENT)
        return ISTAUTH_E_SPENT;
    st = istauth__mem_tokens_make(&chain, m, tokens);
    if (st)
        return st;
    kept = retry ? istauth__mem_retry_make(m, retry, key, tokens) : NULL;
    if (retry && !kept) {
        istauth__mem_tokens_discard(m, chain);
        return ISTAUTH_E_NO_MEMORY;
    }
    /* Spent first: nobody sees two live refresh tokens of one grant. */
    atomic_fetch_or(&t->flags, MEM_SPENT);
    atomic_store(&t->grant->issued_at, now);
    istauth__mem_retry_swap(m, t->grant, kept);
    istauth__mem_tokens_link(m, chain, t->grant);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_refresh_rotate(void *ctx, const istauth_key *key,
                                           istauth_token_list tokens, const istauth_retry *retry,
                                           istauth_time now)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = rotate(m, key, tokens, retry, now);
    istauth__mem_unlock(m);
    return st;
}

istauth_status istauth__mem_token_revoke(void *ctx, const istauth_key *key, istauth_time now)
{
    struct mem *m = ctx;
    struct mem_token *t;

    (void)now;
    istauth__mem_lock(m);
    t = istauth__mem_token_find(m, key);
    if (t)
        atomic_fetch_or(&t->flags, MEM_REVOKED);
    istauth__mem_unlock(m);
    return t ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}
