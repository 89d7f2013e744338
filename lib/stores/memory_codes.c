#include "stores/memory_i.h"

enum { REDIRECT_URI, CHALLENGE, NONCE, TEXTS };

static struct mem_code *find(const struct mem *m, const istauth_key *key)
{
    struct mem_link *l =
        istauth__mem_index_first(&m->codes, istauth__mem_hash(m, key->bytes, sizeof(key->bytes)));

    while (l && memcmp(&((struct mem_code *)l)->key, key, sizeof(*key)) != 0)
        l = istauth__mem_index_next(l);
    return (struct mem_code *)l;
}

/* Not linked yet. NULL: no memory. */
static struct mem_code *make(struct mem *m, const istauth_code *code)
{
    const istauth_str texts[TEXTS] = { code->redirect_uri, code->challenge, code->nonce };
    size_t room = istauth__mem_pack_room(texts, TEXTS, NULL, 0);
    struct mem_code *c;

    if (!room || m->codes.count >= m->limits.codes)
        return NULL;
    c = istauth__mem_alloc(m, sizeof(*c) + room);
    if (!c)
        return NULL;
    c->texts = (struct mem_pack *)(c + 1);
    istauth__mem_pack_write(c->texts, texts, TEXTS, NULL, 0);
    c->key = code->key;
    c->created_at = code->created_at;
    c->expires_at = code->expires_at;
    c->spent = false;
    return c;
}

static void link(struct mem *m, struct mem_code *c, struct mem_grant *g)
{
    c->grant = g;
    g->code = c;
    c->by_key.hash = istauth__mem_hash(m, c->key.bytes, sizeof(c->key.bytes));
    istauth__mem_index_add(m, &m->codes, &c->by_key);
    istauth__mem_ring_append(&m->all_codes, &c->all);
}

void istauth__mem_code_remove(struct mem *m, struct mem_code *code)
{
    code->grant->code = NULL;
    istauth__mem_index_remove(&m->codes, &code->by_key);
    istauth__mem_ring_remove(&code->all);
    istauth__mem_release(m, code);
}

static istauth_status insert(struct mem *m, const istauth_code *code, const istauth_grant *grant)
{
    struct mem_client *client = istauth__mem_client_find(m, grant->client_id);
    struct mem_grant *g;
    struct mem_code *c;

    if (!client)
        return ISTAUTH_E_NOT_FOUND;
    if (find(m, &code->key) || istauth__mem_grant_find(m, &grant->id))
        return ISTAUTH_E_EXISTS;
    g = istauth__mem_grant_make(m, grant);
    if (!g)
        return ISTAUTH_E_NO_MEMORY;
    c = make(m, code);
    if (!c) {
        istauth__mem_grant_discard(m, g);
        return ISTAUTH_E_NO_MEMORY;
    }
    atomic_store(&g->pending, true);
    istauth__mem_grant_link(m, g, client);
    link(m, c, g);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_code_put(void *ctx, const istauth_code *code,
                                     const istauth_grant *grant)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = insert(m, code, grant);
    istauth__mem_unlock(m);
    return st;
}

static istauth_status copy_out(istauth_code_entry *out, const struct mem_code *c,
                               istauth_arena *arena)
{
    istauth_code_entry copy;
    istauth_str texts[TEXTS];

    if (istauth__mem_pack_copy(texts, TEXTS, NULL, NULL, c->texts, arena) ||
        istauth__mem_grant_copy(&copy.grant, NULL, c->grant, arena))
        return ISTAUTH_E_NO_MEMORY;
    copy.code.key = c->key;
    copy.code.redirect_uri = texts[REDIRECT_URI];
    copy.code.challenge = texts[CHALLENGE];
    copy.code.nonce = texts[NONCE];
    copy.code.created_at = c->created_at;
    copy.code.expires_at = c->expires_at;
    copy.code.spent = c->spent;
    *out = copy;
    return ISTAUTH_OK;
}

istauth_status istauth__mem_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_code_entry *out)
{
    struct mem *m = ctx;
    struct mem_code *c;
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__mem_lock(m);
    c = find(m, key);
    if (c)
        st = copy_out(out, c, arena);
    istauth__mem_unlock(m);
    return st;
}

static istauth_status redeem(struct mem *m, const istauth_key *key, istauth_token_list tokens,
                             istauth_time now)
{
    struct mem_code *c = find(m, key);
    struct mem_token *chain;
    istauth_status st;

    if (!c)
        return ISTAUTH_E_NOT_FOUND;
    if (atomic_load(&c->grant->revoked))
        return ISTAUTH_E_REVOKED;
    if (c->spent)
        return ISTAUTH_E_SPENT;
    st = istauth__mem_tokens_make(&chain, m, tokens);
    if (st)
        return st;
    c->spent = true;
    if (c->grant->client && c->grant->client->used_at < now) /* it has one until it is revoked */
        c->grant->client->used_at = now;
    atomic_store(&c->grant->issued_at, now);
    atomic_store(&c->grant->pending, false);
    istauth__mem_tokens_link(m, chain, c->grant);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_code_redeem(void *ctx, const istauth_key *key,
                                        istauth_token_list tokens, istauth_time now)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = redeem(m, key, tokens, now);
    istauth__mem_unlock(m);
    return st;
}
