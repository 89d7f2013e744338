/* What cases claim, in the words that cmocka uses. */
#ifndef CHECK_ASSERT_I_H
#define CHECK_ASSERT_I_H

#include "check/fail_i.h"

#include <istauth/status.h>

#define FAIL(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)

#define assert_true(claim) ((claim) ? (void)0 : FAIL("not so: %s", #claim))
#define assert_false(claim) ((claim) ? FAIL("so: %s", #claim) : (void)0)
#define assert_non_null(p) assert_true((p) != NULL)
#define assert_memory_equal(got, want, n) assert_true(memcmp((got), (want), (n)) == 0)

#define assert_int_equal(got, want) \
    assert_int_equal_at((long long)(got), (long long)(want), #got, __FILE__, __LINE__)
static inline void assert_int_equal_at(long long got, long long want, const char *what,
                                       const char *file, int line)
{
    if (got != want)
        fail_at(file, line, "%s is %lld, not %lld", what, got, want);
}

#define assert_status(got, want) assert_status_at((got), (want), #got, __FILE__, __LINE__)
static inline void assert_status_at(istauth_status got, istauth_status want, const char *what,
                                    const char *file, int line)
{
    if (got != want)
        fail_at(file, line, "%s, not %s: %s", istauth_status_name(got), istauth_status_name(want),
                what);
}

/* Not OK; which status it has to be is claimed elsewhere. */
#define assert_refused(got) assert_true((got) != ISTAUTH_OK)

#define assert_string_equal(got, want) \
    assert_string_equal_at((got), (want), __FILE__, __LINE__)
static inline void assert_string_equal_at(const char *got, const char *want, const char *file,
                                          int line)
{
    if (strcmp(got, want) != 0)
        fail_at(file, line, "\"%s\" is not \"%s\"", got, want);
}

/* Equal, and followed by a NUL. */
#define assert_text(got, want) assert_text_at((got), (want), __FILE__, __LINE__)
static inline void assert_text_at(istauth_str got, const char *want, const char *file, int line)
{
    if (got.n != strlen(want) || !got.p || memcmp(got.p, want, got.n + 1) != 0)
        fail_at(file, line, "\"%.*s\" is not \"%s\"", got.n < 200 ? (int)got.n : 200,
                got.p ? got.p : "", want);
}

#endif
