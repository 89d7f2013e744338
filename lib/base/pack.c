#include "base/pack_i.h"

#define INT_SIZE 8

void istauth__pack_int(istauth__buf *b, int64_t value)
{
    uint64_t bits = (uint64_t)value;

    for (int shift = 56; shift >= 0; shift -= 8)
        istauth__buf_char(b, (char)(unsigned char)(bits >> shift));
}

void istauth__pack_str(istauth__buf *b, istauth_str text)
{
    istauth__pack_int(b, (int64_t)text.n);
    istauth__buf_add(b, text);
}

bool istauth__unpack_int(int64_t *value, istauth_str *from)
{
    uint64_t bits = 0;

    if (from->n < INT_SIZE)
        return false;
    for (int i = 0; i < INT_SIZE; i++)
        bits = (bits << 8) | (unsigned char)from->p[i];
    from->p += INT_SIZE;
    from->n -= INT_SIZE;
    *value = (int64_t)bits;
    return true;
}

bool istauth__unpack_str(istauth_str *text, istauth_str *from)
{
    int64_t n;

    if (!istauth__unpack_int(&n, from) || n < 0 || (uint64_t)n > from->n)
        return false;
    text->p = from->p;
    text->n = (size_t)n;
    from->p += text->n;
    from->n -= text->n;
    return true;
}
