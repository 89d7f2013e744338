#include "log.h"

#include "text.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 4096 /* no more than a pipe takes at once; every field at its longest is less */
#define FIELD_MAX 200

/* A line under construction. It is cut rather than split: one write, so that lines of several
 * threads never mix. */
typedef struct line {
    char text[LINE_SIZE];
    size_t n;
} line;

istauth_time log_now(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    return (istauth_time)now.tv_sec;
}

int64_t log_microseconds(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t log_milliseconds(void)
{
    return log_microseconds() / 1000;
}

static bool is_json;

void log_as_json(void)
{
    is_json = true;
}

static void put(line *l, istauth_str text)
{
    size_t room = sizeof(l->text) - 1 - l->n; /* one byte stays for the line's end */
    size_t n = text.n < room ? text.n : room;

    if (n)
        memcpy(l->text + l->n, text.p, n);
    l->n += n;
}

/* Someone put a token where none belongs, such as into a path: how far it goes. */
static size_t token_length(istauth_str text)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = 0;

    if (!text_starts(text, "ist_"))
        return 0;
    while (n < text.n && text.p[n] && strchr(alphabet, text.p[n]))
        n++;
    return n;
}

/* A stranger's text: no line break or terminal code of his, no token, and not without end. In JSON a
 * space is a space, and what could end the string has a backslash. */
static void put_untrusted(line *l, istauth_str text)
{
    for (size_t i = 0; i < text.n && i < FIELD_MAX; i++) {
        size_t secret = token_length(text_slice(text, i, text.n));
        char c = text.p[i];
        bool plain = (c > ' ' && c < 0x7F && c != '"') || (is_json && (c == ' ' || c == '"'));

        if (secret) {
            put(l, ISTAUTH_STR("ist_***"));
            i += secret - 1;
            continue;
        }
        if (is_json && (c == '"' || c == '\\'))
            put(l, ISTAUTH_STR("\\"));
        put(l, plain ? (istauth_str){ &c, 1 } : ISTAUTH_STR("?"));
    }
}

static void put_number(line *l, long long number)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", number);
    put(l, istauth_str_of(text));
}

static void put_stamp(line *l)
{
    time_t seconds = (time_t)log_now();
    struct tm tm = { 0 };
    char stamp[64];

    gmtime_r(&seconds, &tm);
    snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    put(l, istauth_str_of(stamp));
}

static void begin(line *l, const char *kind)
{
    l->n = 0;
    put(l, istauth_str_of(is_json ? "{\"time\":\"" : ""));
    put_stamp(l);
    put(l, istauth_str_of(is_json ? "\",\"kind\":\"" : " "));
    put(l, istauth_str_of(kind));
    put(l, istauth_str_of(is_json ? "\"" : ""));
}

static void finish(line *l)
{
    ssize_t written;

    put(l, istauth_str_of(is_json ? "}" : ""));
    l->text[l->n++] = '\n';
    written = write(STDERR_FILENO, l->text, l->n);
    (void)written; /* a log that cannot be written has nowhere to complain */
}

static void json_text(line *l, const char *name, istauth_str value)
{
    put(l, ISTAUTH_STR(",\""));
    put(l, istauth_str_of(name));
    put(l, ISTAUTH_STR("\":\""));
    put_untrusted(l, value);
    put(l, ISTAUTH_STR("\""));
}

static void json_number(line *l, const char *name, long long value)
{
    put(l, ISTAUTH_STR(",\""));
    put(l, istauth_str_of(name));
    put(l, ISTAUTH_STR("\":"));
    put_number(l, value);
}

/* In text, as they come; in JSON each under its name. */
static void put_word(line *l, const char *name, istauth_str value)
{
    if (is_json) {
        json_text(l, name, value);
        return;
    }
    put(l, ISTAUTH_STR(" "));
    put_untrusted(l, value);
}

static void put_count(line *l, const char *name, long long value, const char *unit)
{
    if (is_json) {
        json_number(l, name, value);
        return;
    }
    put(l, ISTAUTH_STR(" "));
    put_number(l, value);
    put(l, istauth_str_of(unit));
}

void log_request(istauth_str method, istauth_str path, int status, istauth_str address,
                 int64_t milliseconds)
{
    line l;

    begin(&l, "request");
    put_word(&l, "method", method);
    put_word(&l, "path", path);
    put_count(&l, "status", status, "");
    put_count(&l, "ms", milliseconds, "ms");
    put_word(&l, "address", address);
    finish(&l);
}

/* Only if there is something to say. */
static void put_field(line *l, const char *name, istauth_str value)
{
    if (!value.n)
        return;
    if (is_json) {
        json_text(l, name, value);
        return;
    }
    put(l, ISTAUTH_STR(" "));
    put(l, istauth_str_of(name));
    put(l, ISTAUTH_STR("="));
    put_untrusted(l, value);
}

/* In text with commas between them: a space would end the field. */
static void put_scopes(line *l, istauth_str scopes)
{
    size_t to;

    if (is_json) {
        put_field(l, "scopes", scopes);
        return;
    }
    for (size_t from = 0; from < scopes.n; from = to + 1) {
        to = text_find(scopes, ' ', from);
        put(l, istauth_str_of(from ? "," : " scopes="));
        put_untrusted(l, text_slice(scopes, from, to));
    }
}

void log_event(const istauth_event *event)
{
    line l;

    begin(&l, "event");
    put_word(&l, "event", istauth_str_of(istauth_event_name(event->kind)));
    put_field(&l, "subject", event->subject);
    put_field(&l, "client", event->client_id);
    put_field(&l, "grant", event->grant_id);
    put_scopes(&l, event->scopes);
    put_field(&l, "address", event->address);
    if (event->status)
        put_field(&l, "status", istauth_str_of(istauth_status_name(event->status)));
    finish(&l);
}

void log_note(const char *what, istauth_str detail)
{
    line l;

    begin(&l, "note");
    if (is_json) {
        json_text(&l, "text", istauth_str_of(what));
        put_field(&l, "detail", detail);
    } else {
        put(&l, ISTAUTH_STR(" "));
        put(&l, istauth_str_of(what));
        put(&l, detail);
    }
    finish(&l);
}
