#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700 /* wcwidth */
#endif
#include "text.h"

#include <langinfo.h>
#include <locale.h>
#include <wchar.h>
#include <wctype.h>

#define PIECE_SIZE 16

static bool is_utf8;

void text_start(void)
{
    is_utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Cut one character off the front. Bytes that are none: each is -1. */
static long next(istauth_str *rest)
{
    static const long least[] = { 0, 0x80, 0x800, 0x10000 };
    const unsigned char *p = (const unsigned char *)rest->p;
    size_t more = p[0] < 0xC0 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3, n = 1;
    long c = more ? p[0] & (0x3F >> more) : p[0];

    while (n <= more && n < rest->n && (p[n] & 0xC0) == 0x80)
        c = c << 6 | (p[n++] & 0x3F);
    if (n <= more || (!more && c >= 0x80) || p[0] >= 0xF8 || c < least[more] || c > 0x10FFFF ||
        (c >= 0xD800 && c <= 0xDFFF)) {
        n = 1;
        c = -1;
    }
    rest->p += n;
    rest->n -= n;
    return c;
}

#define SOFT_HYPHEN 0xAD

static bool is_private(long c)
{
    return (c >= 0xE000 && c <= 0xF8FF) || c >= 0xF0000;
}

/* Of the characters without a width, those that belong to letters stay; among the others are the ones
 * that turn the direction, join, hide or pile up. */
static bool is_shown(long c, int width)
{
    if (c == SOFT_HYPHEN || is_private(c))
        return false;
    return width > 0 || (width == 0 && iswalpha((wint_t)c));
}

/* The next piece of a text as it is written, and the columns that it takes. */
static size_t piece(char out[PIECE_SIZE], istauth_str *rest)
{
    const char *from = rest->p;
    unsigned first = (unsigned char)*from;
    long c = next(rest);
    int width;

    if (c == '\\') {
        (void)snprintf(out, PIECE_SIZE, "\\\\");
        return 2;
    }
    if (c >= ' ' && c <= '~') {
        (void)snprintf(out, PIECE_SIZE, "%c", (char)c);
        return 1;
    }
    if (c < 0)
        return (size_t)snprintf(out, PIECE_SIZE, "\\x%02x", first);
    width = is_utf8 && c >= 0xA0 ? wcwidth((wchar_t)c) : -1;
    if (!is_shown(c, width))
        return (size_t)snprintf(out, PIECE_SIZE, "\\u{%lx}", (unsigned long)c);
    (void)snprintf(out, PIECE_SIZE, "%.*s", (int)(rest->p - from), from);
    return (size_t)width;
}

static void write_unit(FILE *to, unsigned long c)
{
    (void)fprintf(to, "\\u%04lx", c);
}

void text_write_json(FILE *to, istauth_str text)
{
    (void)fputc('"', to);
    while (text.n) {
        long c = next(&text);
        unsigned long above = c < 0 ? 0 : (unsigned long)c;

        if (c < 0) {
            write_unit(to, 0xFFFD);
        } else if (above >= 0x10000) {
            write_unit(to, 0xD800 + ((above - 0x10000) >> 10));
            write_unit(to, 0xDC00 + ((above - 0x10000) & 0x3FF));
        } else if (c < ' ' || c > '~') {
            write_unit(to, above);
        } else {
            (void)fprintf(to, c == '"' || c == '\\' ? "\\%c" : "%c", (char)c);
        }
    }
    (void)fputc('"', to);
}

size_t text_width(istauth_str text)
{
    char out[PIECE_SIZE];
    size_t columns = 0;

    while (text.n)
        columns += piece(out, &text);
    return columns;
}

size_t text_write(FILE *to, istauth_str text, size_t most)
{
    size_t columns = 0, room = text_width(text) > most ? most - 3 : most;
    char out[PIECE_SIZE];

    while (text.n) {
        size_t width = piece(out, &text);

        if (columns + width > room) {
            (void)fputs("...", to);
            return columns + 3;
        }
        (void)fputs(out, to);
        columns += width;
    }
    return columns;
}
