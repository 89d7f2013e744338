#include "base/json_i.h"
#include "base/text_i.h"

/* Everything a browser or a script tag could trip over is escaped too: < > & and DEL. */
static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

static void escape(istauth__buf *b, unsigned char c)
{
    char text[] = "\\u0000";

    istauth__hex_write(text + 4, &c, 1);
    if (c == '"' || c == '\\') {
        istauth__buf_char(b, '\\');
        istauth__buf_char(b, (char)c);
    } else {
        istauth__buf_text(b, text);
    }
}

/* The length of the valid multi-byte character at p, or 0. */
static size_t wide_length(const char *p, size_t n)
{
    for (size_t length = 2; length <= 4 && length <= n; length++) {
        istauth_str one = { p, length };

        if (istauth__utf8_is_valid(one))
            return length;
    }
    return 0;
}

/* U+2028 and U+2029 end a line in older JavaScript. */
static bool is_line_separator(istauth_str c)
{
    return c.n == 3 &&
           (memcmp(c.p, "\xE2\x80\xA8", 3) == 0 || memcmp(c.p, "\xE2\x80\xA9", 3) == 0);
}

static size_t write_wide(istauth__buf *b, istauth_str rest)
{
    size_t length = wide_length(rest.p, rest.n);
    istauth_str one = { rest.p, length };

    if (!length) {
        istauth__buf_text(b, "\xEF\xBF\xBD");
        return 1;
    }
    if (is_line_separator(one))
        istauth__buf_text(b, one.p[2] == '\xA9' ? "\\u2029" : "\\u2028");
    else
        istauth__buf_add(b, one);
    return length;
}

static void write_text(istauth__buf *b, istauth_str text)
{
    istauth__buf_char(b, '"');
    for (size_t i = 0; i < text.n;) {
        size_t from = i;

        while (i < text.n && is_plain(text.p[i]))
            i++;
        if (i > from)
            istauth__buf_add(b, istauth__slice(text, from, i));
        if (i == text.n)
            break;
        if ((unsigned char)text.p[i] < 0x80)
            escape(b, (unsigned char)text.p[i++]);
        else
            i += write_wide(b, istauth__slice(text, i, text.n));
    }
    istauth__buf_char(b, '"');
}

static void member(istauth__json *j, const char *name)
{
    if (j->comma)
        istauth__buf_char(&j->buf, ',');
    j->comma = true;
    if (!name)
        return;
    write_text(&j->buf, istauth_str_of(name));
    istauth__buf_char(&j->buf, ':');
}

void istauth__json_open(istauth__json *j, const char *name, char bracket)
{
    member(j, name);
    istauth__buf_char(&j->buf, bracket);
    j->comma = false;
}

void istauth__json_close(istauth__json *j, char bracket)
{
    istauth__buf_char(&j->buf, bracket);
    j->comma = true;
}

void istauth__json_str(istauth__json *j, const char *name, istauth_str value)
{
    member(j, name);
    write_text(&j->buf, value);
}

void istauth__json_int(istauth__json *j, const char *name, int64_t value)
{
    member(j, name);
    istauth__buf_int(&j->buf, value);
}

void istauth__json_bool(istauth__json *j, const char *name, bool value)
{
    member(j, name);
    istauth__buf_text(&j->buf, value ? "true" : "false");
}

void istauth__json_optional(istauth__json *j, const char *name, istauth_str value)
{
    if (value.n)
        istauth__json_str(j, name, value);
}

void istauth__json_raw(istauth__json *j, const char *name, istauth_str json)
{
    if (!json.n)
        return;
    member(j, name);
    istauth__buf_add(&j->buf, json);
}

void istauth__json_words(istauth__json *j, const char *name, istauth_str words)
{
    if (!words.n)
        return;
    istauth__json_open(j, name, '[');
    for (size_t from = 0; from < words.n;) {
        size_t to = istauth__find(words, ' ', from);

        istauth__json_str(j, NULL, istauth__slice(words, from, to));
        from = to + 1;
    }
    istauth__json_close(j, ']');
}

void istauth__json_list(istauth__json *j, const char *name, istauth_str_list list)
{
    if (!list.count)
        return;
    istauth__json_open(j, name, '[');
    for (size_t i = 0; i < list.count; i++)
        istauth__json_str(j, NULL, list.items[i]);
    istauth__json_close(j, ']');
}
