/* When is the last reader gone?
 *
 * A reader announces itself in one of two counters of a stripe, reads, and takes itself out of the
 * same counter. A writer first unlinks a record, and frees it after it has seen each counter of
 * each stripe at zero at least once since.
 *
 * Why that is enough. A reader R that holds a pointer to the record loaded it after its own
 * increment and, because it found it, before the unlinking store. All four accesses are
 * sequentially consistent and so have one order: R's increment < R's load < unlinking < any look
 * of the writer at the counters. If the writer sees R's counter at zero, R's decrement lies
 * between: counters count every reader of their side, so zero means that each increment before it
 * was matched. The decrement is a release and the look an acquire, with only read-modify-writes
 * between them (a release sequence), so all that R read happened before the free. A reader whose
 * increment comes after the look loads its pointers after the unlinking store too, and cannot find
 * the record.
 *
 * A reader may also come by the record after it was unlinked: from a record that was unlinked
 * earlier and still points to it, or as the grant of a token that was unlinked earlier. Then R's
 * increment precedes that earlier unlinking, and so this one all the more.
 *
 * Two sides make the wait end. New readers enter the side that `turn` names; the writer waits for
 * the other one, which nobody enters any more but those few who read `turn` just before it
 * changed, then turns and waits for the second side. A reader that picks its side late does no
 * harm: the argument above does not depend on which side it is.
 *
 * Nobody waits: a poll looks at the counters from where the last one stopped, returns at the first
 * that is not zero, and a later op polls again. Meanwhile what is retired gathers in `fresh`. */
#include "stores/memory_i.h"

atomic_uint *istauth__mem_read_begin(struct mem *m, const void *hint)
{
    /* Fibonacci hashing: addresses that differ by a multiple of a page still spread. */
    uint64_t spread = (uint64_t)(uintptr_t)hint * UINT64_C(0x9E3779B97F4A7C15);
    unsigned side = atomic_load(&m->turn) & 1;
    atomic_uint *reader = &m->stripes[(spread >> 32) % MEM_STRIPES].readers[side];

    atomic_fetch_add(reader, 1);
    return reader;
}

void istauth__mem_read_end(atomic_uint *reader)
{
    atomic_fetch_sub_explicit(reader, 1, memory_order_release);
}

void istauth__mem_retire(struct mem *m, struct mem_limbo *limbo)
{
    limbo->next = m->reclaim.fresh;
    m->reclaim.fresh = limbo;
}

/* Start waiting for the readers of what was retired so far. False when there is nothing. */
static bool begin(struct mem *m)
{
    struct mem_reclaim *r = &m->reclaim;

    if (r->waiting)
        return true;
    if (!r->fresh)
        return false;
    r->waiting = r->fresh;
    r->fresh = NULL;
    r->drained = 0;
    atomic_fetch_add(&m->turn, 1);
    return true;
}

static bool drained(struct mem *m)
{
    struct mem_reclaim *r = &m->reclaim;

    while (r->drained < 2 * MEM_STRIPES) {
        unsigned left = (atomic_load(&m->turn) + 1) & 1; /* the side that nobody enters now */

        if (atomic_load(&m->stripes[r->drained % MEM_STRIPES].readers[left]))
            return false;
        if (++r->drained == MEM_STRIPES)
            atomic_fetch_add(&m->turn, 1);
    }
    return true;
}

static void release_list(struct mem *m, struct mem_limbo **list)
{
    while (*list) {
        struct mem_limbo *limbo = *list;

        *list = limbo->next;
        istauth__mem_release(m, limbo);
    }
}

void istauth__mem_reclaim_poll(struct mem *m)
{
    while (begin(m) && drained(m))
        release_list(m, &m->reclaim.waiting);
}

void istauth__mem_reclaim_all(struct mem *m)
{
    release_list(m, &m->reclaim.waiting);
    release_list(m, &m->reclaim.fresh);
}
