#include "stores/memory_i.h"

enum { SUBJECT, CLIENT_ID, NAME, SCOPES, RESOURCE, TEXTS };

static struct mem_pack *own_pack(struct mem_grant *g)
{
    return (struct mem_pack *)(g + 1);
}

struct mem_subject *istauth__mem_subject_find(const struct mem *m, istauth_str subject)
{
    struct mem_link *l =
        istauth__mem_index_first(&m->subjects, istauth__mem_hash(m, subject.p, subject.n));

    for (; l; l = istauth__mem_index_next(l)) {
        struct mem_subject *s = (struct mem_subject *)l;
        istauth_str text = { s->text, s->n };

        if (istauth_str_equal(text, subject))
            return s;
    }
    return NULL;
}

/* A subject is there as long as it has a grant; a new one stays unlinked until then. */
static struct mem_subject *subject_make(struct mem *m, istauth_str subject)
{
    struct mem_subject *s = istauth__mem_subject_find(m, subject);

    if (s || subject.n > UINT32_MAX)
        return s;
    s = istauth__mem_alloc(m, sizeof(*s) + subject.n);
    if (!s)
        return NULL;
    istauth__mem_ring_init(&s->grants);
    s->by_text.hash = istauth__mem_hash(m, subject.p, subject.n);
    s->n = subject.n;
    if (subject.n)
        memcpy(s->text, subject.p, subject.n);
    return s;
}

static void describe(struct mem_grant *g, const istauth_grant *from)
{
    istauth__mem_ring_init(&g->all);
    istauth__mem_ring_init(&g->of_subject);
    istauth__mem_ring_init(&g->of_client);
    g->client = NULL;
    g->code = NULL;
    g->tokens = NULL;
    g->retry = NULL;
    g->personal = false;
    g->id = from->id;
    g->auth_time = from->auth_time;
    g->created_at = from->created_at;
    atomic_init(&g->pending, false);
    atomic_init(&g->revoked, false);
    atomic_init(&g->issued_at, from->issued_at);
    atomic_init(&g->used_at, from->used_at);
    atomic_init(&g->texts, own_pack(g));
}

struct mem_grant *istauth__mem_grant_make(struct mem *m, const istauth_grant *from)
{
    const istauth_str texts[TEXTS] = { from->subject, from->client_id, from->name, from->scopes,
                                       from->resource };
    size_t room = istauth__mem_pack_room(texts, TEXTS, &from->workspaces, 1);
    struct mem_grant *g;

    if (!room || m->grants.count >= m->limits.grants)
        return NULL;
    g = istauth__mem_alloc(m, sizeof(*g) + room);
    if (!g)
        return NULL;
    g->subject = subject_make(m, from->subject);
    if (!g->subject) {
        istauth__mem_release(m, g);
        return NULL;
    }
    describe(g, from);
    istauth__mem_pack_write(own_pack(g), texts, TEXTS, &from->workspaces, 1);
    return g;
}

static void subject_leave(struct mem *m, struct mem_grant *g)
{
    istauth__mem_ring_remove(&g->of_subject);
    if (istauth__mem_ring_is_empty(&g->subject->grants))
        istauth__mem_release(m, g->subject);
}

void istauth__mem_grant_discard(struct mem *m, struct mem_grant *g)
{
    subject_leave(m, g);
    istauth__mem_release(m, g);
}

void istauth__mem_grant_link(struct mem *m, struct mem_grant *g, struct mem_client *client)
{
    istauth_str id = istauth_id_str(&g->id);

    if (istauth__mem_ring_is_empty(&g->subject->grants))
        istauth__mem_index_add(m, &m->subjects, &g->subject->by_text);
    istauth__mem_ring_append(&g->subject->grants, &g->of_subject);
    istauth__mem_ring_append(&m->all_grants, &g->all);
    if (client)
        istauth__mem_ring_append(&client->grants, &g->of_client);
    g->client = client;
    g->serial = m->serial++;
    g->by_id.hash = istauth__mem_hash(m, id.p, id.n);
    istauth__mem_index_add(m, &m->grants, &g->by_id);
}

void istauth__mem_grant_remove(struct mem *m, struct mem_grant *g)
{
    struct mem_pack *texts = atomic_load(&g->texts);

    istauth__mem_retry_swap(m, g, NULL);
    istauth__mem_index_remove(&m->grants, &g->by_id);
    istauth__mem_ring_remove(&g->all);
    istauth__mem_ring_remove(&g->of_client);
    if (g->of_subject.next == g->of_subject.prev) /* the only one */
        istauth__mem_index_remove(&m->subjects, &g->subject->by_text);
    subject_leave(m, g);
    if (texts != own_pack(g))
        istauth__mem_retire(m, &texts->limbo);
    istauth__mem_retire(m, &g->limbo);
}

bool istauth__mem_grant_has(const struct mem_grant *g, istauth_str workspace)
{
    return istauth__mem_pack_has(atomic_load(&g->texts), TEXTS, workspace);
}

struct mem_pack *istauth__mem_grant_without(struct mem *m, const struct mem_grant *g,
                                            istauth_str workspace)
{
    return istauth__mem_pack_without(m, atomic_load(&g->texts), TEXTS, workspace);
}

istauth_str istauth__mem_grant_client_id(const struct mem_grant *g)
{
    const struct mem_pack *pack = atomic_load(&g->texts);
    istauth_str id = { istauth__mem_pack_text(pack) + pack->lengths[SUBJECT] + 1,
                       pack->lengths[CLIENT_ID] };

    return id;
}

void istauth__mem_grant_swap(struct mem *m, struct mem_grant *g, struct mem_pack *texts)
{
    struct mem_pack *old;

    if (texts->count == TEXTS)
        (void)istauth__mem_grant_kill(g);
    old = atomic_exchange(&g->texts, texts);
    if (old != own_pack(g))
        istauth__mem_retire(m, &old->limbo);
}

struct mem_grant *istauth__mem_grant_find(const struct mem *m, const istauth_id *id)
{
    istauth_str text = istauth_id_str(id);
    struct mem_link *l =
        istauth__mem_index_first(&m->grants, istauth__mem_hash(m, text.p, text.n));

    while (l && !istauth_str_equal(
                    istauth_id_str(&MEM_OWNER(struct mem_grant, by_id, l)->id), text))
        l = istauth__mem_index_next(l);
    return l ? MEM_OWNER(struct mem_grant, by_id, l) : NULL;
}

bool istauth__mem_grant_kill(struct mem_grant *g)
{
    return !atomic_exchange(&g->revoked, true);
}

/* The texts before the flags: istauth__mem_grant_swap changes the flags first, so a grant
 * never looks alive with texts that only a dead one has. */
istauth_status istauth__mem_grant_copy(istauth_grant *out, istauth_str *also,
                                       const struct mem_grant *g, istauth_arena *arena)
{
    istauth_str texts[TEXTS];
    istauth_str_list workspaces;

    if (istauth__mem_pack_copy(texts, TEXTS, &workspaces, also, atomic_load(&g->texts), arena))
        return ISTAUTH_E_NO_MEMORY;
    out->id = g->id;
    out->subject = texts[SUBJECT];
    out->client_id = texts[CLIENT_ID];
    out->name = texts[NAME];
    out->scopes = texts[SCOPES];
    out->workspaces = workspaces;
    out->resource = texts[RESOURCE];
    out->auth_time = g->auth_time;
    out->created_at = g->created_at;
    out->issued_at = atomic_load(&g->issued_at);
    out->used_at = atomic_load(&g->used_at);
    out->pending = atomic_load(&g->pending);
    out->revoked = atomic_load(&g->revoked);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct mem *m = ctx;
    struct mem_grant *g;

    (void)now;
    istauth__mem_lock(m);
    g = istauth__mem_grant_find(m, grant_id);
    if (g)
        (void)istauth__mem_grant_kill(g);
    istauth__mem_unlock(m);
    return g ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}

istauth_status istauth__mem_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now)
{
    struct mem *m = ctx;
    struct mem_grant *g;

    istauth__mem_lock(m);
    g = istauth__mem_grant_find(m, grant_id);
    if (g && now > atomic_load(&g->used_at))
        atomic_store(&g->used_at, now);
    istauth__mem_unlock(m);
    return g ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}
