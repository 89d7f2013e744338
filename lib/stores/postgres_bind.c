#include "stores/postgres_i.h"

#include <limits.h>
#include <stdlib.h>

#define OID_BYTEA 17
#define OID_TEXT 25
#define OID_UUID 2950

void istauth__pg_bind_null(struct pg_bind *b)
{
    b->values[b->count] = NULL;
    b->lengths[b->count++] = 0;
}

/* Borrowed until the call is over. A pointer that is NULL would be SQL's NULL. */
void istauth__pg_bind_bytes(struct pg_bind *b, const void *p, size_t n)
{
    if (n > INT_MAX)
        b->failed = true;
    b->values[b->count] = n ? p : "";
    b->lengths[b->count++] = n > INT_MAX ? 0 : (int)n;
}

void istauth__pg_bind_text(struct pg_bind *b, istauth_str text)
{
    istauth__pg_bind_bytes(b, text.p, text.n);
}

void istauth__pg_bind_key(struct pg_bind *b, const istauth_key *key)
{
    istauth__pg_bind_bytes(b, key->bytes, sizeof(key->bytes));
}

static void put_big_endian(char *to, uint64_t value, int size)
{
    for (int i = size; i--; value >>= 8)
        to[i] = (char)(value & 0xff);
}

static void bind_number(struct pg_bind *b, uint64_t value, int size)
{
    char *to = b->small[b->count];

    put_big_endian(to, value, size);
    istauth__pg_bind_bytes(b, to, (size_t)size);
}

void istauth__pg_bind_int8(struct pg_bind *b, int64_t value)
{
    bind_number(b, (uint64_t)value, 8);
}

void istauth__pg_bind_limit(struct pg_bind *b, size_t limit)
{
    istauth__pg_bind_int8(b, limit < SIZE_MAX / 2 ? (int64_t)limit : INT64_MAX);
}

void istauth__pg_bind_int2(struct pg_bind *b, int value)
{
    bind_number(b, (uint64_t)value, 2);
}

void istauth__pg_bind_bool(struct pg_bind *b, bool value)
{
    bind_number(b, value, 1);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool istauth__pg_bind_id(struct pg_bind *b, const istauth_id *id)
{
    char *to = b->small[b->count];

    for (int i = 0; i < 32; i++) {
        int value = hex_value(id->text[i]);

        if (value < 0)
            return false;
        to[i / 2] = (char)(i % 2 ? (to[i / 2] << 4 | value) : value);
    }
    if (id->text[32])
        return false;
    istauth__pg_bind_bytes(b, to, 16);
    return true;
}

/* An array's header: one dimension unless it is empty, no NULLs, the elements' type, how many, and
 * that they count from 1. Each element follows its length. */
static char *begin_array(struct pg_bind *b, uint32_t type, size_t count, size_t size)
{
    size_t header = count ? 20 : 12;
    char *array = NULL;

    if (count <= INT_MAX && size <= INT_MAX - 20)
        array = malloc(header + size);
    if (!array) {
        b->failed = true;
        istauth__pg_bind_null(b);
        return NULL;
    }
    b->lists[b->list_count++] = array;
    put_big_endian(array, count ? 1 : 0, 4);
    put_big_endian(array + 4, 0, 4);
    put_big_endian(array + 8, type, 4);
    if (count) {
        put_big_endian(array + 12, count, 4);
        put_big_endian(array + 16, 1, 4);
    }
    istauth__pg_bind_bytes(b, array, header + size);
    return array + header;
}

static char *put_element(char *to, const void *p, size_t n)
{
    put_big_endian(to, n, 4);
    if (n)
        memcpy(to + 4, p, n);
    return to + 4 + n;
}

void istauth__pg_bind_texts(struct pg_bind *b, istauth_str_list list)
{
    size_t size = 0;
    char *to;

    for (size_t i = 0; i < list.count && size <= INT_MAX; i++)
        size += list.items[i].n < INT_MAX ? 4 + list.items[i].n : INT_MAX;
    to = begin_array(b, OID_TEXT, list.count, size);
    for (size_t i = 0; to && i < list.count; i++)
        to = put_element(to, list.items[i].p, list.items[i].n);
}

void istauth__pg_bind_blobs(struct pg_bind *b, const void *values, size_t each, size_t count)
{
    char *to = begin_array(b, each == 16 ? OID_UUID : OID_BYTEA, count, count * (4 + each));

    for (size_t i = 0; to && i < count; i++)
        to = put_element(to, (const char *)values + i * each, each);
}

/* How many bytes the character at p takes (RFC 3629 4); 0 when it is none, or a NUL. */
static size_t character(const unsigned char *p, size_t left)
{
    unsigned char low = *p == 0xE0 ? 0xA0 : *p == 0xF0 ? 0x90 : 0x80;
    unsigned char high = *p == 0xED ? 0x9F : *p == 0xF4 ? 0x8F : 0xBF;
    size_t n = *p < 0xC2 || *p > 0xF4 ? 0 : *p < 0xE0 ? 2 : *p < 0xF0 ? 3 : 4;

    if (*p < 0x80)
        return *p ? 1 : 0;
    if (n == 0 || n > left || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool istauth__pg_is_text(istauth_str text)
{
    size_t n;

    for (size_t at = 0; at < text.n; at += n) {
        n = character((const unsigned char *)text.p + at, text.n - at);
        if (n == 0)
            return false;
    }
    return true;
}

void istauth__pg_unbind(struct pg_bind *b)
{
    while (b->list_count)
        free(b->lists[--b->list_count]);
}
