/* One request's memory.
 *
 * Everything of variable size that the library hands out lives in an arena of the
 * caller's: a bump allocator over a buffer of the caller's that overflows to an
 * allocator up to a hard cap, and is wiped and released in one call. One arena per
 * request; an arena is used by one thread at a time. */
#ifndef ISTAUTH_ARENA_H
#define ISTAUTH_ARENA_H

#include <istauth/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where overflow and long-lived objects come from. Both functions are required;
 * alloc need not clear what it returns.
 * The libraries underneath keep allocators of their own: this library never
 * calls their process-wide hooks. */
typedef struct istauth_allocator {
    void *(*alloc)(void *ctx, size_t size);  /* aligned for any object; NULL: no memory */
    void (*release)(void *ctx, void *block); /* block may be NULL */
    void *ctx;                               /* first argument of both */
} istauth_allocator;

/* malloc and free. since 0.1 */
ISTAUTH_API istauth_allocator istauth_allocator_default(void);

struct istauth_arena_block;

/* Visible for its size only: use the functions. */
typedef struct istauth_arena {
    char *at;                           /* next free byte */
    char *end;                          /* end of the current piece */
    char *first;                        /* the caller's buffer */
    char *first_high;                   /* how far the caller's buffer was used */
    struct istauth_arena_block *blocks; /* overflow, newest first */
    size_t overflow_left;               /* of the cap, in bytes */
    istauth_allocator allocator;        /* where overflow comes from */
} istauth_arena;

/* Enough for any one call under the default limits without overflow. */
#define ISTAUTH_ARENA_BUFFER 16384

/* What an arena may take beyond its buffer, unless the caller says otherwise. */
#define ISTAUTH_ARENA_CAP (1024u * 1024u)

/* Start an arena over `buffer` (borrowed until istauth_arena_wipe; may be NULL when size
 * is 0). `overflow` is copied; NULL means malloc and free. At most `cap` bytes are
 * taken from it, 0 forbids overflow. since 0.1 */
ISTAUTH_API void istauth_arena_init(istauth_arena *arena, void *buffer, size_t size,
                                    const istauth_allocator *overflow, size_t cap);

/* Overwrite every byte that was handed out, release the overflow, and be as after
 * istauth_arena_init. Everything that was in it is gone. since 0.1 */
ISTAUTH_API void istauth_arena_wipe(istauth_arena *arena);

/* `size` bytes aligned for any object, uninitialised; NULL when the cap is reached or the
 * allocator has none. They live until istauth_arena_wipe. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE void *istauth_arena_alloc(istauth_arena *arena, size_t size);

/* Copy text into the arena, followed by a NUL.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY (out untouched). since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_arena_copy(istauth_str *out,
                                                               istauth_arena *arena,
                                                               istauth_str text);

/* Copy a list and its texts into the arena.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY (out untouched). since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_arena_copy_list(istauth_str_list *out,
                                                                    istauth_arena *arena,
                                                                    istauth_str_list list);

#ifdef __cplusplus
}
#endif

#endif
