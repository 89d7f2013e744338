#include "support/failing_alloc.h"

#include <stdalign.h>
#include <stdlib.h>

/* In front of each block. */
struct header {
    alignas(max_align_t) size_t size;
};

void failing_alloc_init(failing_alloc *f)
{
    const failing_alloc none = { 0 };

    *f = none;
    if (pthread_mutex_init(&f->mutex, NULL))
        abort();
}

static bool refuses(failing_alloc *f)
{
    f->calls++;
    if (!f->fail_at || f->calls < f->fail_at || (f->calls > f->fail_at && !f->forever))
        return false;
    f->failed++;
    return true;
}

static void *take(void *ctx, size_t size)
{
    failing_alloc *f = ctx;
    struct header *h = NULL;

    pthread_mutex_lock(&f->mutex);
    if (!refuses(f))
        h = malloc(sizeof(*h) + size);
    if (h) {
        h->size = size;
        f->live++;
        f->live_bytes += size;
    }
    pthread_mutex_unlock(&f->mutex);
    return h ? h + 1 : NULL;
}

static bool holds(const char *bytes, size_t n, istauth_str needle)
{
    for (size_t i = 0; needle.n && i + needle.n <= n; i++)
        if (memcmp(bytes + i, needle.p, needle.n) == 0)
            return true;
    return false;
}

static void give_back(void *ctx, void *block)
{
    failing_alloc *f = ctx;
    struct header *h = block;

    if (!h)
        return;
    h--;
    pthread_mutex_lock(&f->mutex);
    f->live--;
    f->live_bytes -= h->size;
    f->needles_released += holds(block, h->size, f->needle);
    pthread_mutex_unlock(&f->mutex);
    free(h);
}

istauth_allocator failing_alloc_allocator(failing_alloc *f)
{
    istauth_allocator a = { take, give_back, f };

    return a;
}

void failing_alloc_plan(failing_alloc *f, size_t nth, bool forever)
{
    pthread_mutex_lock(&f->mutex);
    f->calls = 0;
    f->failed = 0;
    f->fail_at = nth;
    f->forever = forever;
    pthread_mutex_unlock(&f->mutex);
}

void failing_alloc_watch(failing_alloc *f, istauth_str needle)
{
    pthread_mutex_lock(&f->mutex);
    f->needle = needle;
    f->needles_released = 0;
    pthread_mutex_unlock(&f->mutex);
}
