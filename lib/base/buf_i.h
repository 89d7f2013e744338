/* Text under construction in an arena. Failure is sticky: write on, and ask once at the end. */
#ifndef ISTAUTH_BUF_I_H
#define ISTAUTH_BUF_I_H

#include <istauth/arena.h>

typedef struct istauth__buf {
    istauth_arena *arena;
    char *p;
    size_t n, room;
    bool failed;
} istauth__buf;

static inline istauth__buf istauth__buf_in(istauth_arena *arena)
{
    istauth__buf b = { arena, NULL, 0, 0, false };
    return b;
}

void istauth__buf_add(istauth__buf *b, istauth_str text);
void istauth__buf_text(istauth__buf *b, const char *text);
void istauth__buf_char(istauth__buf *b, char c);
void istauth__buf_int(istauth__buf *b, int64_t value);

/* Percent-encode all but unreserved characters (RFC 3986 2.1): safe in any part of a URL. */
void istauth__buf_url(istauth__buf *b, istauth_str text);

/* Publish: ISTAUTH_OK, or ISTAUTH_E_NO_MEMORY with *out untouched. */
istauth_status istauth__buf_done(istauth_str *out, istauth__buf *b);

#endif
