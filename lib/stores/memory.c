#include "stores/memory_i.h"

#include "base/crypto_i.h"

#include <stdlib.h>

#define LIMIT_MAX ((size_t)1 << 31)

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
    .client_put = istauth__mem_client_put,
    .client_get = istauth__mem_client_get,
    .client_update = istauth__mem_client_update,
    .client_delete = istauth__mem_client_delete,
    .client_list = istauth__mem_client_list,
    .code_put = istauth__mem_code_put,
    .code_get = istauth__mem_code_get,
    .code_redeem = istauth__mem_code_redeem,
    .token_get = istauth__mem_token_get,
    .refresh_rotate = istauth__mem_refresh_rotate,
    .retry_get = istauth__mem_retry_get,
    .token_revoke = istauth__mem_token_revoke,
    .grant_revoke = istauth__mem_grant_revoke,
    .grant_touch = istauth__mem_grant_touch,
    .grant_list = istauth__mem_grant_list,
    .app_list = istauth__mem_app_list,
    .app_disconnect = istauth__mem_app_disconnect,
    .subject_revoke = istauth__mem_subject_revoke,
    .workspace_remove = istauth__mem_workspace_remove,
    .personal_put = istauth__mem_personal_put,
    .personal_list = istauth__mem_personal_list,
    .personal_revoke = istauth__mem_personal_revoke,
    .machine_put = istauth__mem_machine_put,
    .nonce_claim = istauth__mem_nonce_claim,
    .purge = istauth__mem_purge,
};

static bool is_limit(size_t limit)
{
    return limit > 0 && limit <= LIMIT_MAX;
}

static bool are_limits(const istauth_memory_limits *l)
{
    return l->size == sizeof(*l) && is_limit(l->clients) && is_limit(l->grants) &&
           is_limit(l->codes) && is_limit(l->tokens) && is_limit(l->nonces);
}

/* One bucket for one or two tokens of a full store, 8 bytes each: 16 MiB by default. From calloc,
 * which `untouched` allows, they take up real memory as they fill. */
static bool buckets_init(struct mem *m, bool untouched)
{
    unsigned bits = 6;
    size_t size;

    while (((size_t)1 << bits) < m->limits.tokens / 2)
        bits++;
    size = sizeof(*m->buckets) << bits;
    m->buckets = untouched ? calloc(1, size) : istauth__mem_alloc(m, size);
    for (size_t i = 0; m->buckets && !untouched && i >> bits == 0; i++)
        atomic_init(&m->buckets[i], NULL);
    m->bucket_shift = 64 - bits;
    return m->buckets;
}

static bool indexes_init(struct mem *m)
{
    return istauth__mem_index_init(m, &m->clients) && istauth__mem_index_init(m, &m->grants) &&
           istauth__mem_index_init(m, &m->codes) && istauth__mem_index_init(m, &m->nonces) &&
           istauth__mem_index_init(m, &m->subjects);
}

static void arrays_release(struct mem *m)
{
    istauth__mem_release(m, m->clients.buckets);
    istauth__mem_release(m, m->grants.buckets);
    istauth__mem_release(m, m->codes.buckets);
    istauth__mem_release(m, m->nonces.buckets);
    istauth__mem_release(m, m->subjects.buckets);
    istauth__mem_release(m, (void *)m->buckets);
}

static istauth_status init(struct mem *m, bool untouched)
{
    istauth_status st;

    istauth__mem_ring_init(&m->all_clients);
    istauth__mem_ring_init(&m->all_grants);
    istauth__mem_ring_init(&m->all_codes);
    istauth__mem_ring_init(&m->all_retries);
    istauth__mem_ring_init(&m->all_nonces);
    st = istauth__crypto_start();
    if (!st)
        st = istauth__random_default(NULL, m->hash_key, sizeof(m->hash_key));
    if (!st)
        st = istauth__random_default(NULL, &m->multiplier, sizeof(m->multiplier));
    m->multiplier |= 1;
    if (!st && (!buckets_init(m, untouched) || !indexes_init(m) || pthread_mutex_init(&m->mutex, NULL)))
        st = ISTAUTH_E_NO_MEMORY;
    if (st)
        arrays_release(m);
    return st;
}

istauth_status istauth_memory_store_new(istauth_store *store, const istauth_memory_limits *limits,
                                        const istauth_allocator *allocator)
{
    const istauth_memory_limits standard = ISTAUTH_MEMORY_LIMITS_INIT;
    istauth_allocator a = allocator ? *allocator : istauth_allocator_default();
    istauth_status st;
    struct mem *m;

    if (limits && !are_limits(limits))
        return ISTAUTH_E_ARGUMENT;
    m = a.alloc(a.ctx, sizeof(*m));
    if (!m)
        return ISTAUTH_E_NO_MEMORY;
    memset(m, 0, sizeof(*m));
    m->allocator = a;
    m->limits = limits ? *limits : standard;
    st = init(m, !allocator); /* calloc is malloc's sister */
    if (st) {
        a.release(a.ctx, m);
        return st;
    }
    store->ops = &ops;
    store->ctx = m;
    return ISTAUTH_OK;
}

static void discard_tokens(struct mem *m, struct mem_grant *g)
{
    struct mem_token *first = g->tokens ? g->tokens->sibling : NULL;

    if (first)
        g->tokens->sibling = NULL; /* a chain again */
    istauth__mem_tokens_discard(m, first);
}

static void records_release(struct mem *m)
{
    while (!istauth__mem_ring_is_empty(&m->all_codes))
        istauth__mem_code_remove(m, MEM_OWNER(struct mem_code, all, m->all_codes.next));
    while (!istauth__mem_ring_is_empty(&m->all_grants)) {
        struct mem_grant *g = MEM_OWNER(struct mem_grant, all, m->all_grants.next);

        discard_tokens(m, g);
        istauth__mem_grant_remove(m, g);
    }
    while (!istauth__mem_ring_is_empty(&m->all_clients))
        istauth__mem_client_remove(m, MEM_OWNER(struct mem_client, all, m->all_clients.next));
    while (!istauth__mem_ring_is_empty(&m->all_nonces)) {
        struct mem_nonce *n = MEM_OWNER(struct mem_nonce, all, m->all_nonces.next);

        istauth__mem_ring_remove(&n->all);
        istauth__mem_release(m, n);
    }
    istauth__mem_reclaim_all(m);
}

void istauth_memory_store_free(istauth_store *store)
{
    istauth_allocator a;
    struct mem *m;

    if (!store || !store->ctx)
        return;
    m = store->ctx;
    a = m->allocator;
    records_release(m);
    arrays_release(m);
    (void)pthread_mutex_destroy(&m->mutex);
    a.release(a.ctx, m);
    store->ops = NULL;
    store->ctx = NULL;
}
