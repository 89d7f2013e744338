#include "base/text_i.h"

#define IS_UNRESERVED(c)                                                                          \
    (((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= '0' && (c) <= '9') ||    \
     (c) == '-' || (c) == '.' || (c) == '_' || (c) == '~')
#define CLASSES(c)                                                                                \
    (IS_UNRESERVED(c)             ? ISTAUTH__UNRESERVED | ISTAUTH__TOKEN68                        \
     : (c) == '+' || (c) == '/' ? ISTAUTH__TOKEN68                                                \
                                  : 0)
#define FOUR(c) CLASSES(c), CLASSES((c) + 1), CLASSES((c) + 2), CLASSES((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTYFOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const unsigned char istauth__classes[256] = { SIXTYFOUR(0), SIXTYFOUR(64), SIXTYFOUR(128),
                                              SIXTYFOUR(192) };

int istauth__hex_value(char c)
{
    if (istauth__is_digit(c))
        return c - '0';
    c = istauth__lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void istauth__hex_write(char *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void istauth__base64url_write(char *out, const uint8_t *bytes, size_t n)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < n; i++) {
        bits = (bits << 8) | bytes[i];
        for (have += 8; have >= 6; have -= 6)
            *out++ = alphabet[(bits >> (have - 6)) & 63];
    }
    if (have)
        *out++ = alphabet[(bits << (6 - have)) & 63];
}

static int sextet(char c, bool standard)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (istauth__is_digit(c))
        return c - '0' + 52;
    if (c == '-' || (standard && c == '+'))
        return 62;
    return c == '_' || (standard && c == '/') ? 63 : -1;
}

static bool base64_read(uint8_t *out, size_t *n, istauth_str text, bool standard)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t written = 0;

    if (text.n % 4 == 1)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        int v = sextet(text.p[i], standard);

        if (v < 0)
            return false;
        bits = (bits << 6) | (uint32_t)v;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[written++] = (uint8_t)(bits >> have);
        }
    }
    if (bits & ((1u << have) - 1))
        return false; /* two texts for one value: refuse the one that is not canonical */
    *n = written;
    return true;
}

bool istauth__base64url_read(uint8_t *out, size_t *n, istauth_str text)
{
    return base64_read(out, n, text, false);
}

bool istauth__base64_read(uint8_t *out, size_t *n, istauth_str text)
{
    if (text.n % 4 == 0)
        for (int pad = 0; pad < 2 && text.n && text.p[text.n - 1] == '='; pad++)
            text.n--;
    return base64_read(out, n, text, true);
}

/* Decode one character; its length, or 0 when it is malformed. */
static size_t utf8_next(uint32_t *point, const unsigned char *p, size_t n)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t length = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3
                                                                     : p[0] < 0xF5 ? 4 : 0;
    uint32_t value;

    if (!length || length > n)
        return 0;
    value = length == 1 ? p[0] : p[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        value = (value << 6) | (p[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 0;
    *point = value;
    return length;
}

bool istauth__utf8_is_valid(istauth_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;

    for (size_t i = 0; i < text.n;) {
        uint32_t point;
        size_t length = utf8_next(&point, p + i, text.n - i);

        if (!length || !point)
            return false;
        i += length;
    }
    return true;
}

static bool is_in(const uint32_t (*ranges)[2], size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

/* Characters that draw nothing or reorder what is drawn: a name made of them can pass for
 * another (Unicode Technical Report 36, 2.5 and 2.8). */
static bool is_deceptive(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0x00, 0x1F },       { 0x7F, 0x9F },     { 0xAD, 0xAD },     { 0x34F, 0x34F },
        { 0x61C, 0x61C },     { 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F },
        { 0x200B, 0x200F },   { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x2800, 0x2800 },
        { 0x3164, 0x3164 },   { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB },
        { 0xE0000, 0xE0FFF },
    };

    return is_in(ranges, sizeof(ranges) / sizeof(ranges[0]), c);
}

/* White_Space of Unicode that is not deceptive anyway, and what only modifies a character before it. */
static bool is_space(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        { 0x20, 0x20 },     { 0xA0, 0xA0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200A },
        { 0x202F, 0x202F }, { 0x205F, 0x205F }, { 0x3000, 0x3000 }, { 0xFE00, 0xFE0F },
    };

    return is_in(ranges, sizeof(ranges) / sizeof(ranges[0]), c);
}

bool istauth__is_display_text(istauth_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;

    for (size_t i = 0; i < text.n;) {
        uint32_t point;
        size_t length = utf8_next(&point, p + i, text.n - i);

        if (!length || is_deceptive(point))
            return false;
        i += length;
    }
    return true;
}

bool istauth__is_blank(istauth_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;

    for (size_t i = 0; i < text.n;) {
        uint32_t point;
        size_t length = utf8_next(&point, p + i, text.n - i);

        if (!length || !is_space(point))
            return false;
        i += length;
    }
    return true;
}

bool istauth__equal_ignoring_case(istauth_str a, istauth_str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (istauth__lower(a.p[i]) != istauth__lower(b.p[i]))
            return false;
    return true;
}

bool istauth__list_has(istauth_str_list list, istauth_str item)
{
    for (size_t i = 0; i < list.count; i++)
        if (istauth_str_equal(list.items[i], item))
            return true;
    return false;
}

size_t istauth__find(istauth_str s, char c, size_t from)
{
    while (from < s.n && s.p[from] != c)
        from++;
    return from;
}
