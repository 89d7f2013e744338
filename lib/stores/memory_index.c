#include "stores/memory_i.h"

#include <sodium.h>

_Static_assert(sizeof(((struct mem *)0)->hash_key) == crypto_shorthash_KEYBYTES, "hash key");
_Static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES, "hash");

#define BUCKETS_MIN 64

void istauth__mem_ring_append(struct mem_ring *head, struct mem_ring *r)
{
    r->prev = head->prev;
    r->next = head;
    head->prev->next = r;
    head->prev = r;
}

void istauth__mem_ring_remove(struct mem_ring *r)
{
    r->prev->next = r->next;
    r->next->prev = r->prev;
    istauth__mem_ring_init(r);
}

uint64_t istauth__mem_hash(const struct mem *m, const void *p, size_t n)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t h;

    crypto_shorthash(out, p, n, m->hash_key);
    memcpy(&h, out, sizeof(h));
    return h;
}

static struct mem_link **buckets_new(struct mem *m, size_t count)
{
    struct mem_link **b = istauth__mem_alloc(m, count * sizeof(*b));

    for (size_t i = 0; b && i < count; i++)
        b[i] = NULL;
    return b;
}

bool istauth__mem_index_init(struct mem *m, struct mem_index *index)
{
    index->buckets = buckets_new(m, BUCKETS_MIN);
    index->mask = BUCKETS_MIN - 1;
    index->count = 0;
    return index->buckets;
}

static void put(struct mem_link **buckets, size_t mask, struct mem_link *link)
{
    struct mem_link **at = &buckets[link->hash & mask];

    link->next = *at;
    *at = link;
}

/* Without memory to grow, the chains get longer and everything stays right. Doubling an index of
 * half a million entries holds up writers for some tens of milliseconds, readers not at all. */
static void grow(struct mem *m, struct mem_index *index)
{
    size_t mask = index->mask * 2 + 1;
    struct mem_link **buckets = buckets_new(m, mask + 1);

    if (!buckets)
        return;
    for (size_t i = 0; i <= index->mask; i++)
        while (index->buckets[i]) {
            struct mem_link *link = index->buckets[i];

            index->buckets[i] = link->next;
            put(buckets, mask, link);
        }
    istauth__mem_release(m, index->buckets);
    index->buckets = buckets;
    index->mask = mask;
}

void istauth__mem_index_add(struct mem *m, struct mem_index *index, struct mem_link *link)
{
    if (index->count > index->mask)
        grow(m, index);
    put(index->buckets, index->mask, link);
    index->count++;
}

void istauth__mem_index_remove(struct mem_index *index, struct mem_link *link)
{
    struct mem_link **at = &index->buckets[link->hash & index->mask];

    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    index->count--;
}

static struct mem_link *same_hash(struct mem_link *link, uint64_t hash)
{
    while (link && link->hash != hash)
        link = link->next;
    return link;
}

struct mem_link *istauth__mem_index_first(const struct mem_index *index, uint64_t hash)
{
    return same_hash(index->buckets[hash & index->mask], hash);
}

struct mem_link *istauth__mem_index_next(const struct mem_link *link)
{
    return same_hash(link->next, link->hash);
}
