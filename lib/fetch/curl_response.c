/* What comes back, within bounds. */
#include "fetch/curl_response_i.h"

#include <strings.h>

#define HEADERS_MAX 16384

static istauth_str trimmed(istauth_str s)
{
    while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
        s.n--;
    while (s.n && strchr(" \t", s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

/* The field that we keep under this name, or NULL. */
static istauth_str *field_of(istauth_fetched *f, istauth_str name)
{
    const struct {
        const char *name;
        istauth_str *field;
    } kept[] = { { "content-type", &f->content_type },
                 { "cache-control", &f->cache_control },
                 { "age", &f->age },
                 { "expires", &f->expires },
                 { "date", &f->date } };

    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (strlen(kept[i].name) == name.n && strncasecmp(kept[i].name, name.p, name.n) == 0)
            return kept[i].field;
    return NULL;
}

static istauth_status add(istauth_str *field, istauth_str value, istauth_arena *arena)
{
    size_t room = field->n + 2 + value.n;
    char *text;

    if (!field->p)
        return istauth_arena_copy(field, arena, value);
    text = istauth_arena_alloc(arena, room + 1);
    if (!text)
        return ISTAUTH_E_NO_MEMORY;
    memcpy(text, field->p, field->n);
    memcpy(text + field->n, ", ", 2);
    if (value.n)
        memcpy(text + field->n + 2, value.p, value.n);
    text[room] = '\0';
    field->p = text;
    field->n = room;
    return ISTAUTH_OK;
}

static istauth_status take_line(istauth__transfer *t, istauth_str line)
{
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    istauth_str name = { line.p, colon ? (size_t)(colon - line.p) : 0 }, value;
    istauth_str *field;

    if (line.n >= 5 && memcmp(line.p, "HTTP/", 5) == 0) {
        memset(&t->fetched, 0, sizeof(t->fetched)); /* what came before was an interim response's */
        return ISTAUTH_OK;
    }
    field = colon ? field_of(&t->fetched, name) : NULL;
    if (!field)
        return ISTAUTH_OK;
    value.p = colon + 1;
    value.n = line.n - name.n - 1;
    return add(field, trimmed(value), t->arena);
}

size_t istauth__curl_take_header(char *bytes, size_t size, size_t count, void *ctx)
{
    istauth__transfer *t = ctx;
    istauth_str line = { bytes, size * count };

    t->header_bytes += line.n;
    if (!t->stopped)
        t->stopped = t->header_bytes > HEADERS_MAX ? ISTAUTH_E_NOT_FOUND : take_line(t, line);
    return t->stopped ? 0 : line.n;
}

/* Bytes are counted as they come: a length that the other side announces is only its word. */
size_t istauth__curl_take_body(char *bytes, size_t size, size_t count, void *ctx)
{
    istauth__transfer *t = ctx;
    size_t n = size * count, have = t->fetched.body.n;

    if (t->stopped)
        return 0;
    if (n > t->limit - have) {
        t->stopped = ISTAUTH_E_NOT_FOUND;
        return 0;
    }
    if (!t->body)
        t->body = istauth_arena_alloc(t->arena, t->limit + 1);
    if (!t->body) {
        t->stopped = ISTAUTH_E_NO_MEMORY;
        return 0;
    }
    memcpy(t->body + have, bytes, n);
    t->body[have + n] = '\0';
    t->fetched.body.p = t->body;
    t->fetched.body.n = have + n;
    return n;
}
