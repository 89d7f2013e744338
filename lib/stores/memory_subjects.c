/* What a person sees and ends: connected apps and personal tokens. */
#include "stores/memory_i.h"

#include <stdlib.h>

static struct mem_grant *first_of(const struct mem_subject *s)
{
    return s ? MEM_OWNER(struct mem_grant, of_subject, s->grants.next) : NULL;
}

static struct mem_grant *next_of(const struct mem_subject *s, const struct mem_grant *g)
{
    return g->of_subject.next == &s->grants
               ? NULL
               : MEM_OWNER(struct mem_grant, of_subject, g->of_subject.next);
}

bool istauth__mem_is_app(const struct mem_grant *g)
{
    return g->client && !atomic_load(&g->pending) && !atomic_load(&g->revoked);
}

/* A personal token that was revoked as a token leaves its grant with nothing. */
static bool is_listed_personal(const struct mem_grant *g)
{
    return g->personal && !atomic_load(&g->revoked) && g->tokens &&
           !(atomic_load(&g->tokens->flags) & MEM_REVOKED);
}

static int later_first(istauth_time a, istauth_time b, uint64_t serial_a, uint64_t serial_b)
{
    if (a != b)
        return a > b ? -1 : 1;
    return serial_a > serial_b ? -1 : serial_a < serial_b;
}

static int by_issue(const void *a, const void *b)
{
    const struct mem_grant *x = *(struct mem_grant *const *)a, *y = *(struct mem_grant *const *)b;

    return later_first(atomic_load(&x->issued_at), atomic_load(&y->issued_at), x->serial,
                       y->serial);
}

static int by_creation(const void *a, const void *b)
{
    const struct mem_grant *x = *(struct mem_grant *const *)a, *y = *(struct mem_grant *const *)b;

    return later_first(x->created_at, y->created_at, x->serial, y->serial);
}

static istauth_status describe(istauth_grant_entry *out, const struct mem_grant *g,
                               istauth_arena *arena)
{
    const istauth_grant_entry nothing = { 0 };

    *out = nothing;
    if (istauth__mem_grant_copy(&out->grant, NULL, g, arena))
        return ISTAUTH_E_NO_MEMORY;
    if (g->personal) {
        out->token_expires_at = g->tokens->expires_at;
        return ISTAUTH_OK;
    }
    return istauth__mem_client_shown(out, g->client, arena);
}

istauth_status istauth__mem_grants_describe(istauth_grant_entries *out,
                                            struct mem_grant *const *grants, size_t count,
                                            istauth_arena *arena)
{
    istauth_grant_entry *items = istauth_arena_alloc(arena, count * sizeof(*items));

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (describe(&items[i], grants[i], arena))
            return ISTAUTH_E_NO_MEMORY;
    out->items = items;
    out->count = count;
    return ISTAUTH_OK;
}

static istauth_status list(istauth_grant_entries *out, struct mem *m, const struct mem_subject *s,
                           bool (*is_listed)(const struct mem_grant *),
                           int (*order)(const void *, const void *), size_t limit,
                           istauth_arena *arena)
{
    struct mem_grant **grants;
    size_t count = 0, room = 1;
    istauth_status st;

    for (struct mem_grant *g = first_of(s); g; g = next_of(s, g))
        room += is_listed(g);
    grants = istauth__mem_alloc(m, room * sizeof(*grants));
    if (!grants)
        return ISTAUTH_E_NO_MEMORY;
    for (struct mem_grant *g = first_of(s); g; g = next_of(s, g))
        if (is_listed(g))
            grants[count++] = g;
    qsort(grants, count, sizeof(*grants), order);
    st = istauth__mem_grants_describe(out, grants, count < limit ? count : limit, arena);
    istauth__mem_release(m, grants);
    return st;
}

istauth_status istauth__mem_app_list(void *ctx, istauth_str subject, size_t limit,
                                     istauth_arena *arena, istauth_grant_entries *out)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = list(out, m, istauth__mem_subject_find(m, subject), istauth__mem_is_app, by_issue, limit,
              arena);
    istauth__mem_unlock(m);
    return st;
}

istauth_status istauth__mem_personal_list(void *ctx, istauth_str subject, size_t limit,
                                          istauth_arena *arena, istauth_grant_entries *out)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = list(out, m, istauth__mem_subject_find(m, subject), is_listed_personal, by_creation, limit,
              arena);
    istauth__mem_unlock(m);
    return st;
}

static bool is_of(const struct mem_grant *g, istauth_str_list client_ids)
{
    istauth_str id = istauth__mem_grant_client_id(g);

    for (size_t i = 0; i < client_ids.count; i++)
        if (istauth_str_equal(client_ids.items[i], id))
            return !g->personal;
    return false;
}

/* `client_ids` is NULL for every grant there is. */
static size_t kill(const struct mem *m, istauth_str subject, const istauth_str_list *client_ids)
{
    struct mem_subject *s = istauth__mem_subject_find(m, subject);
    size_t killed = 0;

    for (struct mem_grant *g = first_of(s); g; g = next_of(s, g))
        if (!client_ids || is_of(g, *client_ids))
            killed += istauth__mem_grant_kill(g);
    return killed;
}

istauth_status istauth__mem_app_disconnect(void *ctx, istauth_str subject,
                                           istauth_str_list client_ids, istauth_time now,
                                           size_t *count)
{
    struct mem *m = ctx;

    (void)now;
    istauth__mem_lock(m);
    *count = kill(m, subject, &client_ids);
    istauth__mem_unlock(m);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                           size_t *count)
{
    struct mem *m = ctx;

    (void)now;
    istauth__mem_lock(m);
    *count = kill(m, subject, NULL);
    istauth__mem_unlock(m);
    return ISTAUTH_OK;
}

/* A revoked grant is left as it was: it gives nobody anything. */
static bool loses(const struct mem_grant *g, istauth_str workspace)
{
    return !atomic_load(&g->revoked) && istauth__mem_grant_has(g, workspace);
}

/* Make the new texts of every grant that changes, before any of them changes. */
static struct mem_pack **prepare(struct mem *m, const struct mem_subject *s, size_t count,
                                 istauth_str workspace)
{
    struct mem_pack **packs = istauth__mem_alloc(m, (count + 1) * sizeof(*packs));
    size_t made = 0;

    if (!packs)
        return NULL;
    for (struct mem_grant *g = first_of(s); g; g = next_of(s, g)) {
        if (!loses(g, workspace))
            continue;
        packs[made] = istauth__mem_grant_without(m, g, workspace);
        if (!packs[made])
            goto fail;
        made++;
    }
    return packs;
fail:
    while (made)
        istauth__mem_release(m, packs[--made]);
    istauth__mem_release(m, packs);
    return NULL;
}

static istauth_status take_out(struct mem *m, istauth_str subject, istauth_str workspace,
                               size_t *count)
{
    struct mem_subject *s = istauth__mem_subject_find(m, subject);
    struct mem_pack **packs;
    size_t changed = 0, at = 0;

    for (struct mem_grant *g = first_of(s); g; g = next_of(s, g))
        changed += loses(g, workspace);
    packs = prepare(m, s, changed, workspace);
    if (!packs)
        return ISTAUTH_E_NO_MEMORY;
    for (struct mem_grant *g = first_of(s); g && at < changed; g = next_of(s, g)) {
        if (!loses(g, workspace))
            continue;
        istauth__mem_grant_swap(m, g, packs[at++]);
    }
    istauth__mem_release(m, packs);
    *count = changed;
    return ISTAUTH_OK;
}

istauth_status istauth__mem_workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                             istauth_time now, size_t *count)
{
    struct mem *m = ctx;
    istauth_status st;

    (void)now;
    istauth__mem_lock(m);
    st = take_out(m, subject, workspace, count);
    istauth__mem_reclaim_poll(m);
    istauth__mem_unlock(m);
    return st;
}

/* `client` is NULL for a personal token. */
static istauth_status insert(struct mem *m, const istauth_token *token, const istauth_grant *grant,
                             struct mem_client *client)
{
    const istauth_token_list one = { token, 1 };
    struct mem_token *chain;
    struct mem_grant *g;
    istauth_status st;

    if (istauth__mem_grant_find(m, &grant->id))
        return ISTAUTH_E_EXISTS;
    st = istauth__mem_tokens_make(&chain, m, one);
    if (st)
        return st;
    g = istauth__mem_grant_make(m, grant);
    if (!g) {
        istauth__mem_tokens_discard(m, chain);
        return ISTAUTH_E_NO_MEMORY;
    }
    g->personal = !client;
    istauth__mem_grant_link(m, g, client);
    istauth__mem_tokens_link(m, chain, g);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_personal_put(void *ctx, const istauth_token *token,
                                         const istauth_grant *grant)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = insert(m, token, grant, NULL);
    istauth__mem_unlock(m);
    return st;
}

istauth_status istauth__mem_machine_put(void *ctx, const istauth_token *token,
                                        const istauth_grant *grant)
{
    struct mem *m = ctx;
    struct mem_client *client;
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__mem_lock(m);
    client = istauth__mem_client_find(m, grant->client_id);
    if (client)
        st = insert(m, token, grant, client);
    if (!st && client->used_at < token->issued_at)
        client->used_at = token->issued_at;
    istauth__mem_unlock(m);
    return st;
}

istauth_status istauth__mem_personal_revoke(void *ctx, istauth_str subject,
                                            const istauth_id *grant_id, istauth_time now)
{
    struct mem *m = ctx;
    struct mem_grant *g;

    (void)now;
    istauth__mem_lock(m);
    g = istauth__mem_grant_find(m, grant_id);
    if (g && (!g->personal || g->subject != istauth__mem_subject_find(m, subject)))
        g = NULL;
    if (g)
        (void)istauth__mem_grant_kill(g);
    istauth__mem_unlock(m);
    return g ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}
