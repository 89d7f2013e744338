#include "form.h"

#include "text.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One encoded byte at *i, which moves on; -1 when it is malformed, or a NUL. */
static int next_byte(istauth_str text, size_t *i)
{
    char c = text.p[(*i)++];
    int high, low;

    if (c == '+')
        return ' ';
    if (c != '%')
        return c ? (unsigned char)c : -1;
    if (text.n - *i < 2)
        return -1;
    high = hex_value(text.p[(*i)++]);
    low = hex_value(text.p[(*i)++]);
    if (high < 0 || low < 0 || high + low == 0)
        return -1;
    return high * 16 + low;
}

static bool decode(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    char *p = istauth_arena_alloc(arena, text.n + 1);
    size_t n = 0;

    if (!p)
        return false;
    for (size_t i = 0; i < text.n;) {
        int byte = next_byte(text, &i);

        if (byte < 0)
            return false;
        p[n++] = (char)byte;
    }
    p[n] = '\0';
    out->p = p;
    out->n = n;
    return true;
}

static istauth_str name_of(istauth_str pair)
{
    return text_slice(pair, 0, text_find(pair, '=', 0));
}

static istauth_str value_of(istauth_str pair)
{
    size_t equals = text_find(pair, '=', 0);

    return text_slice(pair, equals < pair.n ? equals + 1 : pair.n, pair.n);
}

static size_t fields_in(istauth_str text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '&';
    return count;
}

bool form_parse(form *out, istauth_arena *arena, istauth_str text)
{
    size_t room = fields_in(text), to;
    form made = { NULL, 0 };

    if (room > FORM_FIELDS_MAX)
        return false;
    made.fields = istauth_arena_alloc(arena, room * sizeof(*made.fields));
    if (!made.fields)
        return false;
    for (size_t from = 0; from < text.n; from = to + 1) {
        istauth_str pair = text_slice(text, from, to = text_find(text, '&', from));
        form_field *field = &made.fields[made.count];

        if (!pair.n)
            continue;
        if (!decode(&field->name, arena, name_of(pair)) ||
            !decode(&field->value, arena, value_of(pair)))
            return false;
        made.count++;
    }
    *out = made;
    return true;
}

istauth_str form_get(const form *f, const char *name)
{
    istauth_str none = { NULL, 0 }, found = none;
    bool seen = false;

    for (size_t i = 0; i < f->count; i++) {
        if (!text_is(f->fields[i].name, name))
            continue;
        if (seen)
            return none;
        seen = true;
        found = f->fields[i].value;
    }
    return found;
}

bool form_all(istauth_str_list *out, const form *f, const char *name, istauth_arena *arena)
{
    istauth_str *items = istauth_arena_alloc(arena, (f->count + 1) * sizeof(*items));
    size_t count = 0;

    if (!items)
        return false;
    for (size_t i = 0; i < f->count; i++)
        if (text_is(f->fields[i].name, name))
            items[count++] = f->fields[i].value;
    out->items = items;
    out->count = count;
    return true;
}

istauth_str form_cookie(istauth_str header, const char *name)
{
    istauth_str none = { NULL, 0 };
    size_t to;

    for (size_t from = 0; from < header.n; from = to + 1) {
        istauth_str pair =
            text_trimmed(text_slice(header, from, to = text_find(header, ';', from)));
        size_t equals = text_find(pair, '=', 0);

        if (equals < pair.n && text_is(text_slice(pair, 0, equals), name))
            return text_slice(pair, equals + 1, pair.n);
    }
    return none;
}
