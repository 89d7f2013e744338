/* Words that every other header uses: text, lists, time, and the attributes of
 * a public function. */
#ifndef ISTAUTH_BASE_H
#define ISTAUTH_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ISTAUTH_API __attribute__((visibility("default"))) /* a function that the library exports */
#define ISTAUTH_MUST_USE __attribute__((warn_unused_result)) /* whose answer may not be ignored */
#else
#define ISTAUTH_API
#define ISTAUTH_MUST_USE
#endif

/* Borrowed text: n bytes at p, not assumed to end in NUL. {NULL, 0} is "absent";
 * the library treats absent and empty alike unless a header says otherwise. What
 * the library writes into an arena is followed by a NUL that n does not count. */
typedef struct istauth_str {
    const char *p; /* its bytes; NULL: absent */
    size_t n;      /* how many */
} istauth_str;

/* Initialises a static istauth_str from a string literal. */
#define ISTAUTH_STR_INIT(literal) { (literal), sizeof(literal) - 1 }
#ifdef __cplusplus
#define ISTAUTH_STR(literal) (istauth_str ISTAUTH_STR_INIT(literal))
#else
#define ISTAUTH_STR(literal) ((istauth_str)ISTAUTH_STR_INIT(literal)) /* a literal as text: ISTAUTH_STR("x") */
#endif

/* Borrow a NUL-terminated string; NULL gives the absent text. since 0.1 */
static inline istauth_str istauth_str_of(const char *text)
{
    istauth_str s = { text, text ? strlen(text) : 0 };
    return s;
}

/* Byte equality. Never for secrets: its time depends on the content. since 0.1 */
static inline bool istauth_str_equal(istauth_str a, istauth_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* A borrowed list of texts. */
typedef struct istauth_str_list {
    const istauth_str *items; /* may be NULL when there are none */
    size_t count;             /* of items */
} istauth_str_list;

/* Seconds since 1970-01-01T00:00:00Z. 0 stands for "never" where a header says so. */
typedef int64_t istauth_time;

#ifdef __cplusplus
}
#endif

#endif
