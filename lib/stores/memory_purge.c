/* Single-use marks, and removing what is over.
 *
 * Each kind of record is in a list. A visit takes the first one, and removes it or moves it to the
 * end: so a call that runs out of budget leaves the rest to the next one, and calls that remove
 * little still get round to everything. A call visits at most VISITS(limit) records of each kind
 * and removes at most `limit` in all, and the grants that this leaves empty. The tokens of a grant are a list of that sort too: a client
 * that refreshes as fast as it can makes one of any length. */
#include "stores/memory_i.h"

#define VISITS(limit) ((limit) < SIZE_MAX / 32 ? (limit) * 16 + 4096 : SIZE_MAX)

struct sweep {
    const istauth_purge_bounds *bounds;
    size_t visits, removed;
    size_t looks; /* how many more tokens (or grants of a client) the kind at hand may cost */
};

static bool is_full(const struct sweep *s)
{
    return s->removed >= s->bounds->limit;
}

static void remove_if_empty(struct mem *m, struct mem_grant *g)
{
    if (!g->code && !g->tokens)
        istauth__mem_grant_remove(m, g);
}

static void purge_codes(struct mem *m, struct sweep *s)
{
    size_t left = m->codes.count < s->visits ? m->codes.count : s->visits;

    for (; left && !is_full(s); left--) {
        struct mem_code *c = MEM_OWNER(struct mem_code, all, m->all_codes.next);

        istauth__mem_ring_remove(&c->all);
        istauth__mem_ring_append(&m->all_codes, &c->all);
        if (c->expires_at <= s->bounds->now) {
            struct mem_grant *g = c->grant;

            istauth__mem_code_remove(m, c);
            remove_if_empty(m, g);
            s->removed++;
        }
    }
}

/* A personal token that never expires is over when it is revoked: else whoever makes and revokes
 * them would fill the store for good. */
static bool is_over(const struct mem_token *t, istauth_time now)
{
    if (t->kind == ISTAUTH_TOKEN_PERSONAL && t->expires_at == 0)
        return atomic_load(&t->flags) & MEM_REVOKED || atomic_load(&t->grant->revoked);
    return t->expires_at <= now;
}

static struct mem_token *take_first(struct mem_grant *g)
{
    struct mem_token *first = g->tokens->sibling;

    g->tokens->sibling = first->sibling;
    if (first == g->tokens)
        g->tokens = NULL;
    return first;
}

static void purge_tokens_of(struct mem *m, struct mem_grant *g, struct sweep *s)
{
    const struct mem_token *last = g->tokens, *seen = NULL;

    while (g->tokens && seen != last && s->looks && !is_full(s)) {
        seen = g->tokens->sibling;
        s->looks--;
        if (is_over(seen, s->bounds->now)) {
            istauth__mem_token_remove(m, take_first(g));
            s->removed++;
        } else {
            g->tokens = g->tokens->sibling; /* the first becomes the last */
        }
    }
}

static void purge_grants(struct mem *m, struct sweep *s)
{
    size_t left = m->grants.count < s->visits ? m->grants.count : s->visits;

    for (s->looks = s->visits; left && s->looks && !is_full(s); left--) {
        struct mem_grant *g = MEM_OWNER(struct mem_grant, all, m->all_grants.next);

        istauth__mem_ring_remove(&g->all);
        istauth__mem_ring_append(&m->all_grants, &g->all);
        purge_tokens_of(m, g, s);
        remove_if_empty(m, g);
    }
}

static void purge_retries(struct mem *m, struct sweep *s)
{
    for (size_t left = s->visits; left && !istauth__mem_ring_is_empty(&m->all_retries); left--) {
        struct mem_retry *r = MEM_OWNER(struct mem_retry, all, m->all_retries.next);

        if (is_full(s) || r->expires_at > s->bounds->now)
            return; /* they were kept in order */
        istauth__mem_retry_swap(m, r->grant, NULL);
        s->removed++;
    }
}

static void purge_nonces(struct mem *m, struct sweep *s)
{
    size_t left = m->nonces.count < s->visits ? m->nonces.count : s->visits;

    for (; left && !is_full(s); left--) {
        struct mem_nonce *n = MEM_OWNER(struct mem_nonce, all, m->all_nonces.next);

        istauth__mem_ring_remove(&n->all);
        istauth__mem_ring_append(&m->all_nonces, &n->all);
        if (n->expires_at <= s->bounds->now) {
            istauth__mem_index_remove(&m->nonces, &n->by_key);
            istauth__mem_ring_remove(&n->all);
            istauth__mem_release(m, n);
            s->removed++;
        }
    }
}

static bool is_usable(const struct mem_token *t, istauth_time now)
{
    return !atomic_load(&t->flags) && !is_over(t, now);
}

/* Pending counts: its code may still be redeemed. What there are no looks left for counts too: in
 * doubt a client stays until the next call. */
static bool may_live(const struct mem_grant *g, struct sweep *s)
{
    const struct mem_token *t = g->tokens;

    if (!s->looks)
        return true;
    s->looks--;
    if (atomic_load(&g->revoked))
        return false;
    if (atomic_load(&g->pending))
        return true;
    while (t && s->looks) {
        t = t->sibling;
        s->looks--;
        if (is_usable(t, s->bounds->now))
            return true;
        if (t == g->tokens)
            return false;
    }
    return t;
}

static bool is_wanted(const struct mem_client *c, struct sweep *s)
{
    const istauth_purge_bounds *b = s->bounds;

    if (c->origin == ISTAUTH_CLIENT_PROVISIONED)
        return true;
    if (c->used_at == 0 ? c->registered_at > b->unused_before : c->used_at > b->idle_before)
        return true;
    for (struct mem_ring *r = c->grants.next; r != &c->grants; r = r->next)
        if (may_live(MEM_OWNER(struct mem_grant, of_client, r), s))
            return true;
    return false;
}

static void purge_clients(struct mem *m, struct sweep *s)
{
    size_t left = m->clients.count < s->visits ? m->clients.count : s->visits;

    for (s->looks = s->visits; left && s->looks && !is_full(s); left--) {
        struct mem_client *c = MEM_OWNER(struct mem_client, all, m->all_clients.next);

        istauth__mem_ring_remove(&c->all);
        istauth__mem_ring_append(&m->all_clients, &c->all);
        if (!is_wanted(c, s)) {
            istauth__mem_client_remove(m, c);
            s->removed++;
        }
    }
}

/* A client can go once its grants are dead: in this order one call does it all. But when one kind used up the limit, the next call begins behind it,
 * so that a flood of one kind does not keep the others. */
static void sweep(struct mem *m, struct sweep *s)
{
    static void (*const kinds[])(struct mem *, struct sweep *) = { purge_codes, purge_retries,
                                                                   purge_grants, purge_nonces,
                                                                   purge_clients };
    const unsigned count = sizeof(kinds) / sizeof(kinds[0]);
    unsigned first = m->purge.first;

    m->purge.first = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned kind = (first + i) % count;

        kinds[kind](m, s);
        if (is_full(s)) {
            m->purge.first = (kind + 1) % count;
            return;
        }
    }
}

istauth_status istauth__mem_purge(void *ctx, const istauth_purge_bounds *bounds, size_t *removed)
{
    struct mem *m = ctx;
    struct sweep s = { bounds, VISITS(bounds->limit), 0, 0 };

    istauth__mem_lock(m);
    sweep(m, &s);
    istauth__mem_reclaim_poll(m);
    istauth__mem_unlock(m);
    *removed = s.removed;
    return ISTAUTH_OK;
}

static bool is_claimed(const struct mem *m, const istauth_key *key, uint64_t hash)
{
    struct mem_link *l = istauth__mem_index_first(&m->nonces, hash);

    while (l && memcmp(&((struct mem_nonce *)l)->key, key, sizeof(*key)) != 0)
        l = istauth__mem_index_next(l);
    return l;
}

static istauth_status claim(struct mem *m, const istauth_key *key, istauth_time expires_at)
{
    uint64_t hash = istauth__mem_hash(m, key->bytes, sizeof(key->bytes));
    struct mem_nonce *n;

    if (is_claimed(m, key, hash))
        return ISTAUTH_E_EXISTS;
    if (m->nonces.count >= m->limits.nonces)
        return ISTAUTH_E_NO_MEMORY;
    n = istauth__mem_alloc(m, sizeof(*n));
    if (!n)
        return ISTAUTH_E_NO_MEMORY;
    n->key = *key;
    n->expires_at = expires_at;
    n->by_key.hash = hash;
    istauth__mem_index_add(m, &m->nonces, &n->by_key);
    istauth__mem_ring_append(&m->all_nonces, &n->all);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_nonce_claim(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = claim(m, key, expires_at);
    istauth__mem_unlock(m);
    return st;
}
