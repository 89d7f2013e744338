#include "base/html_i.h"

#include "base/text_i.h"

/* NULL when the character stands for itself. Some old parsers take a backtick for a quote. */
static const char *entity_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '`':
        return "&#96;";
    default:
        return NULL;
    }
}

/* Bytes that the character at `i` takes by its first one; what it really is its reader decides. */
static size_t length_at(istauth_str text, size_t i)
{
    unsigned char lead = (unsigned char)text.p[i];
    size_t n = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;

    return n > text.n - i ? 1 : n;
}

static bool is_control(istauth_str character)
{
    unsigned char first = (unsigned char)character.p[0];

    if (character.n == 1)
        return first == 0x7F || (first < 0x20 && first != '\t' && first != '\n');
    return character.n == 2 && first == 0xC2 && (unsigned char)character.p[1] < 0xA0;
}

void istauth__html_text(istauth__buf *b, istauth_str text)
{
    for (size_t i = 0; i < text.n;) {
        istauth_str character = { text.p + i, length_at(text, i) };
        const char *entity = entity_of(text.p[i]);
        bool valid = istauth__utf8_is_valid(character);

        if (entity)
            istauth__buf_text(b, entity);
        else if (valid && !is_control(character))
            istauth__buf_add(b, character);
        else
            istauth__buf_text(b, "\xEF\xBF\xBD");
        i += valid ? character.n : 1;
    }
}

void istauth__html_put(istauth__buf *b, const char *markup, istauth_str text)
{
    const char *hole = strstr(markup, "{}");
    istauth_str before = { markup, hole ? (size_t)(hole - markup) : strlen(markup) };

    istauth__buf_add(b, before);
    if (!hole)
        return;
    istauth__html_text(b, text);
    istauth__buf_text(b, hole + 2);
}

istauth_status istauth_html_escape(istauth_str *out, istauth_arena *arena, istauth_str text)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__html_text(&b, text);
    return istauth__buf_done(out, &b);
}
