#include <istauth/challenge.h>

#include "base/form_i.h"
#include "base/text_i.h"

/* token of RFC 9110 5.6.2, of which a scheme is made. */
static bool is_token_char(char c)
{
    return istauth__is_unreserved(c) || (c && strchr("!#$%&'*+^`|", c));
}

/* 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=", RFC 9110 11.2. */
static bool is_token68(istauth_str text)
{
    size_t i = 0;

    while (i < text.n && istauth__is_token68(text.p[i]))
        i++;
    if (!i)
        return false;
    while (i < text.n && text.p[i] == '=')
        i++;
    return i == text.n;
}

/* `malformed` when the scheme is the wanted one and what follows is not one space and a token68. */
static istauth_status parse(istauth_str *credentials, istauth_str header, istauth_str wanted,
                            istauth_status malformed)
{
    size_t end = 0;
    istauth_str rest;

    if (!header.n)
        return ISTAUTH_E_NO_CREDENTIALS;
    while (end < header.n && is_token_char(header.p[end]))
        end++;
    if (!istauth__equal_ignoring_case(istauth__slice(header, 0, end), wanted))
        return ISTAUTH_E_NO_CREDENTIALS;
    if (end == header.n || header.p[end] != ' ')
        return malformed;
    rest = istauth__slice(header, end + 1, header.n);
    if (!is_token68(rest))
        return malformed;
    *credentials = rest;
    return ISTAUTH_OK;
}

istauth_status istauth_bearer_parse(istauth_str *token, istauth_str header)
{
    return parse(token, header, ISTAUTH_STR("Bearer"), ISTAUTH_E_INVALID_TOKEN);
}

static istauth_status decode_base64(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    uint8_t *bytes = istauth_arena_alloc(arena, text.n);
    size_t n;

    if (!bytes)
        return ISTAUTH_E_NO_MEMORY;
    if (!istauth__base64_read(bytes, &n, text))
        return ISTAUTH_E_INVALID_CLIENT;
    out->p = (const char *)bytes;
    out->n = n;
    return ISTAUTH_OK;
}

/* RFC 6749 2.3.1 form-encodes id and secret before Basic joins them. Clients that do not
 * are read right as well, because what this server hands out holds no '%' and no '+'. */
static istauth_status decode_form(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    istauth_status st = istauth__form_decode(out, arena, text);

    if (st)
        return st == ISTAUTH_E_NO_MEMORY ? st : ISTAUTH_E_INVALID_CLIENT;
    for (size_t i = 0; i < out->n; i++) /* RFC 7617 2: no control characters */
        if ((unsigned char)out->p[i] < 0x20 || out->p[i] == 0x7F)
            return ISTAUTH_E_INVALID_CLIENT;
    return ISTAUTH_OK;
}

istauth_status istauth_basic_parse(istauth_str *id, istauth_str *secret, istauth_arena *arena,
                                   istauth_str header)
{
    istauth_str text, pair, left, right;
    istauth_status st;
    size_t colon;

    st = parse(&text, header, ISTAUTH_STR("Basic"), ISTAUTH_E_INVALID_CLIENT);
    if (st)
        return st;
    st = decode_base64(&pair, arena, text);
    if (st)
        return st;
    colon = istauth__find(pair, ':', 0);
    if (colon == pair.n)
        return ISTAUTH_E_INVALID_CLIENT;
    st = decode_form(&left, arena, istauth__slice(pair, 0, colon));
    if (st)
        return st;
    st = decode_form(&right, arena, istauth__slice(pair, colon + 1, pair.n));
    if (st)
        return st;
    *id = left;
    *secret = right;
    return ISTAUTH_OK;
}
