/* Writing HTML, so that text can never become markup.
 *
 * Markup comes from string literals of ours; everything else goes through a "{}" in it, escaped
 * for text and for quoted attributes alike. Failure is sticky: write on, and ask once at the end.
 */
#ifndef ISTEAM_HTML_H
#define ISTEAM_HTML_H

#include <istauth.h>

typedef struct html {
    istauth_arena *arena;
    char *p;
    size_t n, room;
    bool failed;
} html;

static inline html html_in(istauth_arena *arena)
{
    html h = { arena, NULL, 0, 0, false };
    return h;
}

/* Markup as it is: literals only. */
void html_raw(html *h, const char *markup);

/* Text, escaped; what is not UTF-8 and control characters become U+FFFD. */
void html_text(html *h, istauth_str text);

/* Markup with one "{}" for each text: HTML_PUT(&h, "<b>{}</b>", name). */
void html_fill(html *h, const char *markup, const istauth_str *texts, size_t count);
#define HTML_PUT(h, markup, ...)                                   \
    html_fill((h), (markup), (const istauth_str[]){ __VA_ARGS__ }, \
              sizeof((const istauth_str[]){ __VA_ARGS__ }) / sizeof(istauth_str))

/* Percent-encoded, for a part of a URL in an attribute. */
void html_url(html *h, istauth_str text);

/* A count. */
void html_number(html *h, size_t number);

/* "5 minutes ago" in a <time> that also holds the date; "Never" for 0. */
void html_ago(html *h, istauth_time then, istauth_time now);

/* "23 Nov 2026" in a <time>; `never` for 0. */
void html_date(html *h, istauth_time then, const char *never);

/* The finished text, followed by a NUL. False when memory ran out on the way. */
bool html_done(istauth_str *out, html *h);

#endif
