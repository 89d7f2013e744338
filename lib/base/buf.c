#include "base/buf_i.h"

#include "base/text_i.h"

#define ROOM_MIN 256

static bool reserve(istauth__buf *b, size_t more)
{
    size_t room = b->room ? b->room * 2 : ROOM_MIN;
    char *p;

    if (b->failed)
        return false;
    if (more < b->room - b->n)
        return true; /* one byte stays free for the NUL */
    if (b->n > SIZE_MAX / 4 || more > SIZE_MAX / 4) {
        b->failed = true;
        return false;
    }
    while (room <= b->n + more)
        room *= 2;
    p = istauth_arena_alloc(b->arena, room);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (b->n)
        memcpy(p, b->p, b->n);
    b->p = p;
    b->room = room;
    return true;
}

void istauth__buf_add(istauth__buf *b, istauth_str text)
{
    if (!text.n || !reserve(b, text.n))
        return;
    memcpy(b->p + b->n, text.p, text.n);
    b->n += text.n;
}

void istauth__buf_text(istauth__buf *b, const char *text)
{
    istauth__buf_add(b, istauth_str_of(text));
}

void istauth__buf_char(istauth__buf *b, char c)
{
    istauth_str one = { &c, 1 };

    istauth__buf_add(b, one);
}

void istauth__buf_int(istauth__buf *b, int64_t value)
{
    char digits[24];
    char *at = digits + sizeof(digits);
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    istauth_str text;

    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (value < 0)
        *--at = '-';
    text.p = at;
    text.n = (size_t)(digits + sizeof(digits) - at);
    istauth__buf_add(b, text);
}

void istauth__buf_url(istauth__buf *b, istauth_str text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (istauth__is_unreserved((char)c)) {
            istauth__buf_char(b, (char)c);
            continue;
        }
        istauth__buf_char(b, '%');
        istauth__buf_char(b, digits[c >> 4]);
        istauth__buf_char(b, digits[c & 15]);
    }
}

istauth_status istauth__buf_done(istauth_str *out, istauth__buf *b)
{
    if (!reserve(b, 0))
        return ISTAUTH_E_NO_MEMORY;
    b->p[b->n] = '\0';
    out->p = b->p;
    out->n = b->n;
    return ISTAUTH_OK;
}
