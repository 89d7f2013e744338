#include "stores/postgres_i.h"

#define OID_TEXT 25
#define OID_TEXT_ARRAY 1009

static uint64_t big_endian(const char *p, int size)
{
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | (unsigned char)p[i];
    return value;
}

/* How many elements an array has; a malformed one has none. */
static size_t array_count(const PGresult *result, int row, int column)
{
    const char *p = PQgetvalue(result, row, column);

    return PQgetlength(result, row, column) >= 20 ? (size_t)big_endian(p + 12, 4) : 0;
}

/* Room for every text of the row, and a NUL behind each: an element's length, which is sent along,
 * takes more than that. */
istauth_status istauth__pg_row(struct pg_row *r, const PGresult *result, int row,
                               istauth_arena *arena)
{
    size_t texts = 1, items = 0;
    char *room;

    for (int i = 0; i < PQnfields(result); i++) {
        size_t length = (size_t)PQgetlength(result, row, i);

        texts += length + 1;
        if (PQftype(result, i) == OID_TEXT_ARRAY) {
            if (array_count(result, row, i) > length / 4)
                return ISTAUTH_E_UNAVAILABLE;
            items += array_count(result, row, i);
        }
    }
    room = istauth_arena_alloc(arena, items * sizeof(istauth_str) + texts);
    if (!room)
        return ISTAUTH_E_NO_MEMORY;
    r->result = result;
    r->row = row;
    r->column = 0;
    r->items = (istauth_str *)(void *)room;
    r->text = room + items * sizeof(istauth_str);
    r->broken = false;
    return ISTAUTH_OK;
}

/* The next value if it has `size` bytes, or any number if that is negative. */
static const char *next(struct pg_row *r, int size)
{
    int column = r->column++;

    if (column >= PQnfields(r->result) || PQgetisnull(r->result, r->row, column) ||
        (size >= 0 && PQgetlength(r->result, r->row, column) != size)) {
        r->broken = true;
        return NULL;
    }
    return PQgetvalue(r->result, r->row, column);
}

static istauth_str keep(struct pg_row *r, const char *p, size_t n)
{
    istauth_str text = { r->text, n };

    memcpy(r->text, p, n);
    r->text[n] = '\0';
    r->text += n + 1;
    return text;
}

istauth_str istauth__pg_read_text(struct pg_row *r)
{
    const istauth_str none = ISTAUTH_STR_INIT("");
    const char *p = next(r, -1);

    return p ? keep(r, p, (size_t)PQgetlength(r->result, r->row, r->column - 1)) : none;
}

istauth_str_list istauth__pg_read_texts(struct pg_row *r)
{
    istauth_str_list list = { r->items, 0 };
    const char *p = next(r, -1), *end;
    size_t count;

    if (!p)
        return list;
    end = p + PQgetlength(r->result, r->row, r->column - 1);
    count = array_count(r->result, r->row, r->column - 1);
    for (p += 20; list.count < count; list.count++) {
        uint64_t n = end - p >= 4 ? big_endian(p, 4) : UINT64_MAX;

        if (n > (uint64_t)(end - p) - 4) { /* a NULL, too, is no text */
            r->broken = true;
            break;
        }
        *r->items++ = keep(r, p + 4, (size_t)n);
        p += 4 + n;
    }
    return list;
}

int64_t istauth__pg_read_int8(struct pg_row *r)
{
    const char *p = next(r, 8);

    return p ? (int64_t)big_endian(p, 8) : 0;
}

int istauth__pg_read_int2(struct pg_row *r)
{
    const char *p = next(r, 2);

    return p ? (int16_t)big_endian(p, 2) : 0;
}

bool istauth__pg_read_bool(struct pg_row *r)
{
    const char *p = next(r, 1);

    return p && *p;
}

void istauth__pg_read_bytes(struct pg_row *r, void *out, size_t n)
{
    const char *p = next(r, (int)n);

    if (p)
        memcpy(out, p, n);
}

static void read_id(struct pg_row *r, istauth_id *out)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = next(r, 16);

    for (int i = 0; p && i < 16; i++) {
        out->text[2 * i] = digits[(unsigned char)p[i] >> 4];
        out->text[2 * i + 1] = digits[p[i] & 15];
    }
    out->text[32] = '\0';
}

void istauth__pg_read_grant(struct pg_row *r, istauth_grant *out)
{
    read_id(r, &out->id);
    out->subject = istauth__pg_read_text(r);
    out->client_id = istauth__pg_read_text(r);
    out->name = istauth__pg_read_text(r);
    out->scopes = istauth__pg_read_text(r);
    out->workspaces = istauth__pg_read_texts(r);
    out->resource = istauth__pg_read_text(r);
    out->auth_time = istauth__pg_read_int8(r);
    out->created_at = istauth__pg_read_int8(r);
    out->issued_at = istauth__pg_read_int8(r);
    out->used_at = istauth__pg_read_int8(r);
    out->pending = istauth__pg_read_bool(r);
    out->revoked = istauth__pg_read_bool(r);
}
