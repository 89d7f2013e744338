#include <istauth/arena.h>

#include <sodium.h>
#include <stdalign.h>
#include <stdlib.h>

#define ALIGNMENT alignof(max_align_t)
#define BLOCK_MIN 4096

/* Overflow in one piece, in front of its bytes. */
struct istauth_arena_block {
    struct istauth_arena_block *next;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void *default_alloc(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size);
}

static void default_release(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

istauth_allocator istauth_allocator_default(void)
{
    istauth_allocator a = { default_alloc, default_release, NULL };

    return a;
}

static char *aligned(char *at)
{
    size_t off = (uintptr_t)at % ALIGNMENT;

    return off ? at + (ALIGNMENT - off) : at;
}

void istauth_arena_init(istauth_arena *arena, void *buffer, size_t size,
                        const istauth_allocator *overflow, size_t cap)
{
    arena->first = buffer;
    arena->first_high = buffer;
    arena->at = buffer;
    arena->end = buffer ? (char *)buffer + size : NULL;
    arena->blocks = NULL;
    arena->overflow_left = cap;
    arena->allocator = overflow ? *overflow : istauth_allocator_default();
}

/* Is the arena still in the caller's buffer? */
static bool in_buffer(const istauth_arena *arena)
{
    return !arena->blocks;
}

static char *overflow(istauth_arena *arena, size_t size)
{
    size_t room = size < BLOCK_MIN ? BLOCK_MIN : size;
    struct istauth_arena_block *block;

    if (room > arena->overflow_left)
        room = size;
    if (room > arena->overflow_left || room > SIZE_MAX - sizeof(*block))
        return NULL;
    block = arena->allocator.alloc(arena->allocator.ctx, sizeof(*block) + room);
    if (!block)
        return NULL;
    if (in_buffer(arena))
        arena->first_high = arena->at;
    arena->overflow_left -= room;
    block->next = arena->blocks;
    block->size = room;
    arena->blocks = block;
    arena->at = block->bytes + size;
    arena->end = block->bytes + room;
    return block->bytes;
}

void *istauth_arena_alloc(istauth_arena *arena, size_t size)
{
    char *at;

    if (arena->at) {
        at = aligned(arena->at);
        if (at <= arena->end && size <= (size_t)(arena->end - at)) {
            arena->at = at + size;
            return at;
        }
    }
    return overflow(arena, size);
}

void istauth_arena_wipe(istauth_arena *arena)
{
    struct istauth_arena_block *block = arena->blocks;
    char *high = in_buffer(arena) ? arena->at : arena->first_high;

    if (arena->first)
        sodium_memzero(arena->first, (size_t)(high - arena->first));
    if (block)
        arena->end = arena->first_high; /* a smaller buffer than before, but a true one */
    while (block) {
        struct istauth_arena_block *next = block->next;

        arena->overflow_left += block->size;
        sodium_memzero(block->bytes, block->size);
        arena->allocator.release(arena->allocator.ctx, block);
        block = next;
    }
    arena->blocks = NULL;
    arena->at = arena->first;
    arena->first_high = arena->first;
}

istauth_status istauth_arena_copy(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    char *p;

    if (text.n == SIZE_MAX)
        return ISTAUTH_E_NO_MEMORY;
    p = istauth_arena_alloc(arena, text.n + 1);
    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    if (text.n)
        memcpy(p, text.p, text.n);
    p[text.n] = '\0';
    out->p = p;
    out->n = text.n;
    return ISTAUTH_OK;
}

istauth_status istauth_arena_copy_list(istauth_str_list *out, istauth_arena *arena,
                                       istauth_str_list list)
{
    istauth_str *items;

    if (list.count > SIZE_MAX / sizeof(*items))
        return ISTAUTH_E_NO_MEMORY;
    items = istauth_arena_alloc(arena, list.count * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < list.count; i++)
        if (istauth_arena_copy(&items[i], arena, list.items[i]))
            return ISTAUTH_E_NO_MEMORY;
    out->items = items;
    out->count = list.count;
    return ISTAUTH_OK;
}
