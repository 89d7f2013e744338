#include "stores/sqlite_i.h"

#define COLUMNS 16 /* as many as istauth__sqlite_copy is ever asked for */

struct sql_query istauth__sqlite_query(struct sql_connection *c, enum sql_id id)
{
    struct sql_query q = { .c = c };

    q.rc = istauth__sqlite_prepare(&q.s, c, id);
    return q;
}

void istauth__sqlite_bind_number(struct sql_query *q, int64_t number)
{
    if (!q->rc)
        q->rc = sqlite3_bind_int64(q->s, ++q->bound, number);
}

void istauth__sqlite_bind_limit(struct sql_query *q, size_t limit)
{
    istauth__sqlite_bind_number(q, limit < SIZE_MAX / 2 ? (int64_t)limit : INT64_MAX);
}

/* To SQLite a NULL pointer is NULL, not the empty text. */
void istauth__sqlite_bind_text(struct sql_query *q, istauth_str text)
{
    if (!q->rc)
        q->rc = sqlite3_bind_text64(q->s, ++q->bound, text.n ? text.p : "", text.n, SQLITE_STATIC,
                                    SQLITE_UTF8);
}

void istauth__sqlite_bind_id(struct sql_query *q, const istauth_id *id)
{
    istauth__sqlite_bind_text(q, istauth_id_str(id));
}

void istauth__sqlite_bind_key(struct sql_query *q, const istauth_key *key)
{
    if (!q->rc)
        q->rc = sqlite3_bind_blob(q->s, ++q->bound, key->bytes, sizeof(key->bytes), SQLITE_STATIC);
}

void istauth__sqlite_bind_bytes(struct sql_query *q, istauth_str bytes)
{
    if (!q->rc)
        q->rc = sqlite3_bind_blob64(q->s, ++q->bound, bytes.n ? bytes.p : "", bytes.n,
                                    SQLITE_STATIC);
}

void istauth__sqlite_bind_list(struct sql_query *q, istauth_str_list list)
{
    size_t room = istauth__sqlite_list_room(list);
    char *text;

    if (q->rc)
        return;
    text = sqlite3_malloc64(room + 1);
    if (!text) {
        q->rc = SQLITE_NOMEM;
        return;
    }
    istauth__sqlite_list_write(text, list);
    q->rc = sqlite3_bind_text64(q->s, ++q->bound, text, room, sqlite3_free, SQLITE_UTF8);
}

bool istauth__sqlite_step(struct sql_query *q)
{
    if (q->rc == SQLITE_OK || q->rc == SQLITE_ROW)
        q->rc = sqlite3_step(q->s);
    return q->rc == SQLITE_ROW;
}

int64_t istauth__sqlite_number(const struct sql_query *q, int column)
{
    return sqlite3_column_int64(q->s, column);
}

bool istauth__sqlite_flag(const struct sql_query *q, int column)
{
    return sqlite3_column_int64(q->s, column) != 0;
}

/* Asked for as bytes, which it is: as text SQLite would make a copy that ends in NUL. */
istauth_str istauth__sqlite_text(const struct sql_query *q, int column)
{
    istauth_str text = { sqlite3_column_blob(q->s, column), 0 };

    text.n = (size_t)sqlite3_column_bytes(q->s, column);
    return text;
}

/* Its length was checked as it was written; what is shorter in a damaged file is filled up. */
istauth_key istauth__sqlite_key(const struct sql_query *q, int column)
{
    istauth_str bytes = istauth__sqlite_text(q, column);
    istauth_key key = { { 0 } };

    if (bytes.n)
        memcpy(key.bytes, bytes.p, bytes.n < sizeof(key.bytes) ? bytes.n : sizeof(key.bytes));
    return key;
}

istauth_status istauth__sqlite_end(struct sql_query *q, istauth_status st)
{
    istauth_status trouble = istauth__sqlite_status(q->rc);

    if (q->s) {
        (void)sqlite3_reset(q->s); /* tells again what the step told */
        (void)sqlite3_clear_bindings(q->s);
    }
    return trouble ? trouble : st;
}

istauth_status istauth__sqlite_run(struct sql_query *q, size_t *changed)
{
    while (istauth__sqlite_step(q))
        continue;
    if (changed && q->rc == SQLITE_DONE)
        *changed = (size_t)sqlite3_changes(q->c->db);
    return istauth__sqlite_end(q, ISTAUTH_OK);
}

istauth_status istauth__sqlite_run_found(struct sql_query *q)
{
    size_t changed = 0;
    istauth_status st = istauth__sqlite_run(q, &changed);

    return st || changed ? st : ISTAUTH_E_NOT_FOUND;
}

static istauth_status find(void *out, struct sql_connection *c, enum sql_id id,
                           const istauth_key *key, sql_row_reader read, istauth_arena *arena)
{
    struct sql_query q = istauth__sqlite_query(c, id);
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__sqlite_bind_key(&q, key);
    if (istauth__sqlite_step(&q))
        st = read(out, &q, key, arena);
    return istauth__sqlite_end(&q, st);
}

/* An arena takes nothing back: each piece is twice the last, so the waste is at most the list again. */
static istauth_status grow(char **items, size_t *room, size_t size, istauth_arena *arena)
{
    size_t more = *room ? *room * 2 : 4;
    char *bigger = istauth_arena_alloc(arena, more * size);

    if (!bigger)
        return ISTAUTH_E_NO_MEMORY;
    if (*room)
        memcpy(bigger, *items, *room * size);
    *items = bigger;
    *room = more;
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_read_all(void **out, size_t *out_count, size_t size,
                                        struct sql_query *q, sql_item_reader read,
                                        istauth_arena *arena)
{
    char *items = NULL;
    size_t count = 0, room = 0;
    istauth_status st = ISTAUTH_OK;

    while (!st && istauth__sqlite_step(q)) {
        if (count == room)
            st = grow(&items, &room, size, arena);
        if (!st)
            st = read(items + count++ * size, q, arena);
    }
    st = istauth__sqlite_end(q, st);
    if (st)
        return st;
    *out = items;
    *out_count = count;
    return ISTAUTH_OK;
}

istauth_status istauth__sqlite_find(void *out, struct sql_store *m, enum sql_id id,
                                    const istauth_key *key, sql_row_reader read,
                                    istauth_arena *arena)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_take(&c, &m->readers);

    if (st)
        return st;
    st = find(out, c, id, key, read, arena);
    istauth__sqlite_give(&m->readers, c);
    return st;
}

static char *put(istauth_str *out, char *at, istauth_str text)
{
    out->p = at;
    out->n = text.n;
    if (text.n)
        memcpy(at, text.p, text.n);
    at[text.n] = '\0';
    return at + text.n + 1;
}

/* The texts of the list stay where they lie in its copy; the comma behind each becomes its NUL. */
static size_t cut(istauth_str *items, char *copy, size_t n)
{
    istauth_str rest = { copy, n };
    size_t count = 0;

    for (; istauth__sqlite_list_next(&items[count], &rest); count++)
        copy[(size_t)(items[count].p - copy) + items[count].n] = '\0';
    return count;
}

/* The columns as they lie there, how many texts are in the lists, and the bytes all of it takes
 * with a NUL behind each. False: a list is damaged. */
static bool measure(istauth_str *columns, size_t *items, size_t *size, int count, int list_count,
                    const struct sql_query *q)
{
    size_t n;

    *items = *size = 0;
    for (int i = 0; i < count + list_count; i++) {
        columns[i] = istauth__sqlite_text(q, i);
        *size += columns[i].n + 1;
        if (i < count)
            continue;
        if (!istauth__sqlite_list_count(&n, columns[i]))
            return false;
        *items += n;
    }
    return true;
}

istauth_status istauth__sqlite_copy(istauth_str *texts, int count, istauth_str_list *lists,
                                    int list_count, const struct sql_query *q, istauth_arena *arena)
{
    istauth_str columns[COLUMNS], *items;
    size_t item_count, size;
    char *at;

    if (!measure(columns, &item_count, &size, count, list_count, q))
        return ISTAUTH_E_UNAVAILABLE;
    items = istauth_arena_alloc(arena, item_count * sizeof(*items) + size);
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    at = (char *)(items + item_count);
    for (int i = 0; i < count; i++)
        at = put(&texts[i], at, columns[i]);
    for (int i = 0; i < list_count; i++) {
        istauth_str copy;
        char *next = put(&copy, at, columns[count + i]);

        lists[i].items = items;
        lists[i].count = cut(items, at, copy.n);
        items += lists[i].count;
        at = next;
    }
    return ISTAUTH_OK;
}
