#include "base/form_i.h"

#include "base/text_i.h"

/* One encoded byte at `i`, which moves on; -1 when it is malformed. */
static int decode_byte(istauth_str text, size_t *i)
{
    char c = text.p[(*i)++];
    int high, low;

    if (c == '+')
        return ' ';
    if (c != '%')
        return (unsigned char)c;
    if (text.n - *i < 2)
        return -1;
    high = istauth__hex_value(text.p[(*i)++]);
    low = istauth__hex_value(text.p[(*i)++]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

istauth_status istauth__form_decode(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    char *p = istauth_arena_alloc(arena, text.n + 1);
    istauth_str decoded = { p, 0 };

    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < text.n;) {
        int byte = decode_byte(text, &i);

        if (byte < 0)
            return ISTAUTH_E_INVALID_REQUEST;
        p[decoded.n++] = (char)byte;
    }
    p[decoded.n] = '\0';
    if (!istauth__utf8_is_valid(decoded))
        return ISTAUTH_E_INVALID_REQUEST;
    *out = decoded;
    return ISTAUTH_OK;
}

static istauth_status parse_field(istauth__field *field, istauth_arena *arena, istauth_str pair)
{
    size_t equals = istauth__find(pair, '=', 0);
    size_t from = equals < pair.n ? equals + 1 : pair.n;
    istauth_status st;

    st = istauth__form_decode(&field->name, arena, istauth__slice(pair, 0, equals));
    if (st)
        return st;
    return istauth__form_decode(&field->value, arena, istauth__slice(pair, from, pair.n));
}

static size_t count_fields(istauth_str text)
{
    size_t count = 1;

    for (size_t i = 0; i < text.n; i++)
        count += text.p[i] == '&';
    return count;
}

istauth_status istauth__form_parse(istauth__form *form, istauth_arena *arena, istauth_str text)
{
    return istauth__form_parse_long(form, arena, text, ISTAUTH__FORM_FIELDS_MAX);
}

istauth_status istauth__form_parse_long(istauth__form *form, istauth_arena *arena, istauth_str text,
                                        size_t most)
{
    size_t room = count_fields(text);
    istauth__form made = { NULL, 0 };

    if (room > most)
        return ISTAUTH_E_INVALID_REQUEST;
    made.fields = istauth_arena_alloc(arena, room * sizeof(*made.fields));
    if (!made.fields)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t from = 0; from < text.n;) {
        size_t to = istauth__find(text, '&', from);

        if (to > from) { /* "a=1&&b=2": nothing between */
            istauth_status st = parse_field(&made.fields[made.count++], arena,
                                            istauth__slice(text, from, to));

            if (st)
                return st;
        }
        from = to + 1;
    }
    *form = made;
    return ISTAUTH_OK;
}

istauth_status istauth__form_get(istauth_str *value, const istauth__form *form, const char *name)
{
    istauth_str wanted = istauth_str_of(name), found = { NULL, 0 };
    size_t occurrences = 0;

    for (size_t i = 0; i < form->count; i++) {
        if (!istauth_str_equal(form->fields[i].name, wanted))
            continue;
        if (occurrences++)
            return ISTAUTH_E_INVALID_REQUEST;
        found = form->fields[i].value;
    }
    *value = found;
    return ISTAUTH_OK;
}
