/* Text without a locale: character classes, hexadecimal, base64url, UTF-8. */
#ifndef ISTAUTH_TEXT_I_H
#define ISTAUTH_TEXT_I_H

#include <istauth/arena.h>

static inline bool istauth__is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool istauth__is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char istauth__lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

enum {
    ISTAUTH__UNRESERVED = 1 << 0, /* RFC 3986 2.3, which is also the alphabet of a PKCE verifier */
    ISTAUTH__TOKEN68 = 1 << 1     /* RFC 9110 11.2, but for the trailing '=' */
};

/* The classes of each byte: one look where every request is read character by character. */
extern const unsigned char istauth__classes[256];

static inline bool istauth__is_unreserved(char c)
{
    return istauth__classes[(unsigned char)c] & ISTAUTH__UNRESERVED;
}

static inline bool istauth__is_token68(char c)
{
    return istauth__classes[(unsigned char)c] & ISTAUTH__TOKEN68;
}

/* 0..15, or -1. */
int istauth__hex_value(char c);

/* Lower-case hexadecimal and a NUL: 2 * n + 1 bytes at `out`. */
void istauth__hex_write(char *out, const uint8_t *bytes, size_t n);

/* Characters that n bytes take in base64url without padding (RFC 4648 5). */
#define ISTAUTH__BASE64URL_LENGTH(n) (((n) * 4 + 2) / 3)

void istauth__base64url_write(char *out, const uint8_t *bytes, size_t n);

/* Strict: no padding, no whitespace, unused bits zero. `out` has room for text.n * 3 / 4 bytes. */
bool istauth__base64url_read(uint8_t *out, size_t *n, istauth_str text);

/* Strict base64 or base64url with or without padding, for Basic credentials. */
bool istauth__base64_read(uint8_t *out, size_t *n, istauth_str text);

/* Well-formed UTF-8 (Unicode 3.9, table 3-7): no overlong form, no surrogate, no NUL. */
bool istauth__utf8_is_valid(istauth_str text);

/* Valid UTF-8 that a person may be shown on one line: no control character, no direction override,
 * no zero-width or otherwise invisible character. Spaces of any width are text. */
bool istauth__is_display_text(istauth_str text);

/* Is it empty, or nothing but spaces of any width? */
bool istauth__is_blank(istauth_str text);

bool istauth__equal_ignoring_case(istauth_str a, istauth_str b);

static inline istauth_str istauth__slice(istauth_str s, size_t from, size_t to)
{
    istauth_str r = { s.p ? s.p + from : NULL, to - from }; /* NULL + 0 is undefined in C */
    return r;
}

static inline bool istauth__starts_with(istauth_str s, istauth_str prefix)
{
    return s.n >= prefix.n && memcmp(s.p, prefix.p, prefix.n) == 0;
}

/* Index of the first `c` at or after `from`, or s.n. */
size_t istauth__find(istauth_str s, char c, size_t from);

/* Byte for byte. */
bool istauth__list_has(istauth_str_list list, istauth_str item);

#endif
