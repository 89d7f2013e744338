/* Pages of what has no order here: one walk over all keeps the first few in the order of their ids. */
#include "stores/memory_i.h"

/* In order, at most `room` of them. */
struct page {
    void **items;
    size_t count, room;
    istauth_str (*id)(const void *item);
};

static int compare(istauth_str a, istauth_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* Where an item with this id belongs. */
static size_t place_of(const struct page *p, istauth_str id)
{
    size_t from = 0, to = p->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare(p->id(p->items[middle]), id) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Into its place; a page that is full loses its last one. */
static void offer(struct page *p, void *item, istauth_str after)
{
    istauth_str id = p->id(item);
    size_t at;

    if (!p->room || compare(id, after) <= 0)
        return;
    at = place_of(p, id);
    if (at == p->room)
        return;
    if (p->count < p->room)
        p->count++;
    memmove(p->items + at + 1, p->items + at, (p->count - at - 1) * sizeof(*p->items));
    p->items[at] = item;
}

static bool page_init(struct page *p, struct mem *m, size_t limit, size_t most)
{
    p->count = 0;
    p->room = limit < most ? limit : most;
    p->items = istauth__mem_alloc(m, (p->room + 1) * sizeof(*p->items));
    return p->items;
}

static istauth_str client_id(const void *item)
{
    return istauth__mem_client_id(item);
}

static istauth_status copy_clients(istauth_clients *out, const struct page *p, istauth_arena *arena)
{
    istauth_client *items = istauth_arena_alloc(arena, p->count * sizeof(*items));

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < p->count; i++)
        if (istauth__mem_client_copy(&items[i], p->items[i], arena))
            return ISTAUTH_E_NO_MEMORY;
    out->items = items;
    out->count = p->count;
    return ISTAUTH_OK;
}

static istauth_status list_clients(istauth_clients *out, struct mem *m, istauth_str after,
                                   size_t limit, istauth_arena *arena)
{
    struct page p = { .id = client_id };
    istauth_status st;

    if (!page_init(&p, m, limit, m->clients.count))
        return ISTAUTH_E_NO_MEMORY;
    for (struct mem_ring *r = m->all_clients.next; r != &m->all_clients; r = r->next)
        offer(&p, MEM_OWNER(struct mem_client, all, r), after);
    st = copy_clients(out, &p, arena);
    istauth__mem_release(m, p.items);
    return st;
}

istauth_status istauth__mem_client_list(void *ctx, istauth_str after, size_t limit,
                                        istauth_arena *arena, istauth_clients *out)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = list_clients(out, m, after, limit, arena);
    istauth__mem_unlock(m);
    return st;
}

static istauth_str grant_id(const void *item)
{
    return istauth_id_str(&((const struct mem_grant *)item)->id);
}

static istauth_status list_grants(istauth_grant_entries *out, struct mem *m,
                                  const struct mem_client *c, istauth_str after, size_t limit,
                                  istauth_arena *arena)
{
    struct page p = { .id = grant_id };
    istauth_status st;

    if (!page_init(&p, m, limit, c ? m->grants.count : 0))
        return ISTAUTH_E_NO_MEMORY;
    for (struct mem_ring *r = c ? c->grants.next : NULL; c && r != &c->grants; r = r->next) {
        struct mem_grant *g = MEM_OWNER(struct mem_grant, of_client, r);

        if (istauth__mem_is_app(g))
            offer(&p, g, after);
    }
    st = istauth__mem_grants_describe(out, (struct mem_grant *const *)p.items, p.count, arena);
    istauth__mem_release(m, p.items);
    return st;
}

istauth_status istauth__mem_grant_list(void *ctx, istauth_str client_id, const istauth_id *after,
                                       size_t limit, istauth_arena *arena,
                                       istauth_grant_entries *out)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = list_grants(out, m, istauth__mem_client_find(m, client_id),
                     after ? istauth_id_str(after) : istauth_str_of(NULL), limit, arena);
    istauth__mem_unlock(m);
    return st;
}
