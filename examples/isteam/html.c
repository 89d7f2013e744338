#include "html.h"

#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

/* Room for n more bytes and a NUL. */
static bool reserve(html *h, size_t n)
{
    size_t room = h->room ? h->room : 4096;
    char *p;

    if (h->failed)
        return false;
    if (h->room - h->n > n)
        return true;
    while (room - h->n <= n) {
        if (room > SIZE_MAX / 2)
            return !(h->failed = true);
        room *= 2;
    }
    p = istauth_arena_alloc(h->arena, room);
    if (!p)
        return !(h->failed = true);
    if (h->n)
        memcpy(p, h->p, h->n);
    h->p = p;
    h->room = room;
    return true;
}

static void add(html *h, const char *p, size_t n)
{
    if (!reserve(h, n))
        return;
    memcpy(h->p + h->n, p, n);
    h->n += n;
}

void html_raw(html *h, const char *markup)
{
    add(h, markup, strlen(markup));
}

void html_text(html *h, istauth_str text)
{
    istauth_str escaped;

    if (istauth_html_escape(&escaped, h->arena, text))
        h->failed = true;
    else
        add(h, escaped.p, escaped.n);
}

void html_fill(html *h, const char *markup, const istauth_str *texts, size_t count)
{
    const char *hole;
    size_t used = 0;

    while ((hole = strstr(markup, "{}"))) {
        add(h, markup, (size_t)(hole - markup));
        assert(used < count);
        html_text(h, texts[used++]);
        markup = hole + 2;
    }
    assert(used == count);
    html_raw(h, markup);
}

static bool is_unreserved(char c)
{
    char l = text_lower(c);

    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void html_url(html *h, istauth_str text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        char triple[3] = { '%', digits[c >> 4], digits[c & 15] };

        if (is_unreserved(text.p[i]))
            add(h, &text.p[i], 1);
        else
            add(h, triple, sizeof(triple));
    }
}

void html_number(html *h, size_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%zu", number);
    html_raw(h, text);
}

/* "2026-11-23T22:57:56Z" and "23 Nov 2026"; English, whatever the locale is. */
static void open_time(html *h, istauth_time then, char date[32])
{
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)then;
    struct tm tm = { 0 };
    char stamp[64];

    gmtime_r(&seconds, &tm);
    snprintf(date, 32, "%d %s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
    snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    HTML_PUT(h, "<time datetime=\"{}\" title=\"{}\">", istauth_str_of(stamp),
             istauth_str_of(stamp));
}

void html_date(html *h, istauth_time then, const char *never)
{
    char date[32];

    if (then <= 0) {
        html_raw(h, never);
        return;
    }
    open_time(h, then, date);
    HTML_PUT(h, "{}</time>", istauth_str_of(date));
}

static void ago(char *out, size_t size, istauth_time seconds, const char *date)
{
    static const struct {
        istauth_time below, unit;
        const char *one, *many;
    } steps[] = { { 3600, 60, "1 minute ago", "minutes ago" },
                  { 86400, 3600, "1 hour ago", "hours ago" },
                  { 7 * 86400, 86400, "Yesterday", "days ago" } };

    snprintf(out, size, "%s", seconds < 60 ? "Just now" : date);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        istauth_time count = seconds / steps[i].unit;

        if (seconds < 60 || seconds >= steps[i].below)
            continue;
        if (count == 1)
            snprintf(out, size, "%s", steps[i].one);
        else
            snprintf(out, size, "%lld %s", (long long)count, steps[i].many);
        return;
    }
}

void html_ago(html *h, istauth_time then, istauth_time now)
{
    char date[32], text[48];

    if (then <= 0) {
        html_raw(h, "Never");
        return;
    }
    open_time(h, then, date);
    ago(text, sizeof(text), now - then, date);
    HTML_PUT(h, "{}</time>", istauth_str_of(text));
}

bool html_done(istauth_str *out, html *h)
{
    if (!reserve(h, 0))
        return false;
    h->p[h->n] = '\0';
    out->p = h->p;
    out->n = h->n;
    return true;
}
