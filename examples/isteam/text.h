/* Small things about text that the public headers leave to the host. */
#ifndef ISTEAM_TEXT_H
#define ISTEAM_TEXT_H

#include <istauth.h>

static inline istauth_str text_slice(istauth_str s, size_t from, size_t to)
{
    istauth_str r = { s.p ? s.p + from : NULL, to - from }; /* NULL + 0 is undefined in C */
    return r;
}

/* Index of the first `c` at or after `from`, or s.n. */
static inline size_t text_find(istauth_str s, char c, size_t from)
{
    while (from < s.n && s.p[from] != c)
        from++;
    return from < s.n ? from : s.n;
}

static inline bool text_is(istauth_str s, const char *literal)
{
    return istauth_str_equal(s, istauth_str_of(literal));
}

static inline bool text_starts(istauth_str s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.n >= n && memcmp(s.p, prefix, n) == 0;
}

/* ASCII only, so that no locale has a say. */
static inline char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static inline bool text_is_ignoring_case(istauth_str a, istauth_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (text_lower(a.p[i]) != text_lower(b.p[i]))
            return false;
    return true;
}

/* Without the white space around it, which people paste along. */
static inline istauth_str text_trimmed(istauth_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

#endif
