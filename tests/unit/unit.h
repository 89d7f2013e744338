/* What the unit tests share: cmocka, an arena, and texts of exactly their size. */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <istauth/arena.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A copy without a NUL in a block of its own: AddressSanitizer sees one byte read past it. */
static inline istauth_str exact(istauth_str text)
{
    char *p = malloc(text.n ? text.n : 1);
    istauth_str copy = { p, text.n };

    assert_non_null(p);
    if (text.n)
        memcpy(p, text.p, text.n);
    return copy;
}

static inline void exact_free(istauth_str text)
{
    free((void *)(uintptr_t)text.p);
}

/* `count` times the same character, in the arena. */
static inline istauth_str repeated(istauth_arena *arena, char c, size_t count)
{
    char *p = istauth_arena_alloc(arena, count + 1);
    istauth_str text = { p, count };

    assert_non_null(p);
    memset(p, c, count);
    p[count] = '\0';
    return text;
}

/* Texts side by side, in the arena; NULL ends the list. */
static inline istauth_str joined(istauth_arena *arena, const char *first, ...)
{
    char *p = istauth_arena_alloc(arena, 1 << 14);
    istauth_str text = { p, 0 };
    va_list more;

    assert_non_null(p);
    va_start(more, first);
    for (const char *part = first; part; part = va_arg(more, const char *)) {
        assert_true(text.n + strlen(part) < (1 << 14));
        memcpy(p + text.n, part, strlen(part));
        text.n += strlen(part);
    }
    va_end(more);
    p[text.n] = '\0';
    return text;
}

static inline bool says(istauth_str text, const char *wanted)
{
    return istauth_str_equal(text, istauth_str_of(wanted));
}

static inline bool mentions(istauth_str text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.n; i++)
        if (memcmp(text.p + i, part, n) == 0)
            return true;
    return false;
}

/* Fails with the text that was wanted and the one that came. */
#define assert_says(text, wanted)                                                          \
    do {                                                                                   \
        istauth_str got_ = (text);                                                         \
        if (!says(got_, (wanted)))                                                         \
            fail_msg("wanted '%s', got '%.*s'", (wanted), (int)got_.n, got_.n ? got_.p : ""); \
    } while (0)

/* An arena that lives as long as a test. */
typedef struct fixture {
    istauth_arena arena;
} fixture;

static inline int arena_open(void **state)
{
    fixture *f = malloc(sizeof(*f));

    if (!f)
        return -1;
    istauth_arena_init(&f->arena, NULL, 0, NULL, 64u << 20);
    *state = f;
    return 0;
}

static inline int arena_close(void **state)
{
    fixture *f = *state;

    istauth_arena_wipe(&f->arena);
    free(f);
    return 0;
}

/* The arena of a test that was listed with `with_arena`. */
static inline istauth_arena *arena_of(void **state)
{
    return &((fixture *)*state)->arena;
}

#define with_arena(test) cmocka_unit_test_setup_teardown(test, arena_open, arena_close)

/* xorshift: the same "random" bytes in every run. */
static inline uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

#endif
