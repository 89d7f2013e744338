#include "stores/memory_i.h"

static const istauth_key *refresh_key_of(istauth_token_list tokens)
{
    for (size_t i = 0; i < tokens.count; i++)
        if (tokens.items[i].kind == ISTAUTH_TOKEN_REFRESH)
            return &tokens.items[i].key;
    return NULL;
}

struct mem_retry *istauth__mem_retry_make(struct mem *m, const istauth_retry *retry,
                                          const istauth_key *spent, istauth_token_list tokens)
{
    const istauth_key *successor = refresh_key_of(tokens);
    struct mem_retry *r;

    if (retry->sealed.n > UINT32_MAX)
        return NULL;
    r = istauth__mem_alloc(m, sizeof(*r) + retry->sealed.n);
    if (!r)
        return NULL;
    istauth__mem_ring_init(&r->all);
    r->grant = NULL;
    r->spent = *spent;
    r->has_successor = successor;
    if (successor)
        r->successor = *successor;
    r->expires_at = retry->expires_at;
    r->n = retry->sealed.n;
    if (r->n)
        memcpy(r->sealed, retry->sealed.p, r->n);
    return r;
}

void istauth__mem_retry_swap(struct mem *m, struct mem_grant *g, struct mem_retry *r)
{
    struct mem_retry *old = g->retry;

    if (old) {
        istauth__mem_ring_remove(&old->all);
        istauth__mem_release(m, old);
    }
    g->retry = r;
    if (r) {
        r->grant = g;
        istauth__mem_ring_append(&m->all_retries, &r->all);
    }
}

/* A successor that is gone has expired: it is as good as spent. A spent one has had its own rotation
 * put another answer in the place of this. */
static bool is_open(const struct mem *m, const struct mem_retry *r, const struct mem_token *spent)
{
    const struct mem_token *successor;

    if (atomic_load(&spent->grant->revoked) || atomic_load(&spent->flags) & MEM_REVOKED)
        return false;
    if (!r->has_successor)
        return true;
    successor = istauth__mem_token_find(m, &r->successor);
    return successor && !atomic_load(&successor->flags);
}

static istauth_status get(istauth_retry *out, const struct mem *m, const istauth_key *key,
                          istauth_arena *arena)
{
    const struct mem_token *t = istauth__mem_token_find(m, key);
    const struct mem_retry *r = t ? t->grant->retry : NULL;
    istauth_str sealed;

    if (!r || memcmp(&r->spent, key, sizeof(*key)) != 0 || !is_open(m, r, t))
        return ISTAUTH_E_NOT_FOUND;
    sealed.p = r->sealed;
    sealed.n = r->n;
    if (istauth_arena_copy(&sealed, arena, sealed))
        return ISTAUTH_E_NO_MEMORY;
    out->sealed = sealed;
    out->expires_at = r->expires_at;
    return ISTAUTH_OK;
}

istauth_status istauth__mem_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_retry *out)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = get(out, m, key, arena);
    istauth__mem_unlock(m);
    return st;
}
