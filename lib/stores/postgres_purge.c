/* Removing what is over, in two round trips: look for what may go, without a lock; then, if there
 * is anything, in one transaction, lock the grants that it belongs to and remove what still may go.
 *
 * A grant goes with its last code or token. Whether one is left can only be told while its lock is
 * held, by a statement that began after that: two purges that each removed one of two tokens
 * would else both leave the grant behind. */
#include "stores/postgres_i.h"

#include <stdlib.h>

enum kind { CODES, RETRIES, TOKENS, NONCES, CLIENTS, KINDS, IDLE = KINDS };

struct found {
    istauth_key keys[PG_PURGE];
    istauth_str clients[PG_PURGE]; /* in the result of the look */
    size_t count;
};

struct sweep {
    struct pg_call call;
    const istauth_purge_bounds *bounds;
    struct found found[KINDS];
    char grants[PG_PURGE][16];
    size_t grant_count, limit;
};

static struct pg_cursor read_cursor(struct pg *pg)
{
    struct pg_cursor cursor;

    pthread_mutex_lock(&pg->lock);
    cursor = pg->cursor;
    pthread_mutex_unlock(&pg->lock);
    return cursor;
}

static void write_cursor(struct pg *pg, const struct pg_cursor *cursor)
{
    pthread_mutex_lock(&pg->lock);
    pg->cursor = *cursor;
    pthread_mutex_unlock(&pg->lock);
}

static void bind_look(struct pg_bind *b, const struct sweep *s, const struct pg_cursor *cursor)
{
    istauth_str client_id = { cursor->client_id, cursor->n };

    istauth__pg_bind_int8(b, s->bounds->now);
    istauth__pg_bind_int8(b, (int64_t)s->limit);
    istauth__pg_bind_int8(b, s->bounds->unused_before);
    istauth__pg_bind_int8(b, s->bounds->idle_before);
    istauth__pg_bind_int8(b, cursor->used_at);
    istauth__pg_bind_text(b, client_id);
    istauth__pg_bind_int8(b, PG_VISITS);
}

static void add(struct sweep *s, enum kind kind, struct pg_row *r)
{
    struct found *f = &s->found[kind];
    size_t i = f->count++;

    if (kind == CLIENTS) {
        r->column = 3;
        f->clients[i].p = PQgetvalue(r->result, r->row, r->column);
        f->clients[i].n = (size_t)PQgetlength(r->result, r->row, r->column);
        return;
    }
    istauth__pg_read_bytes(r, f->keys[i].bytes, ISTAUTH_KEY_SIZE);
    if (kind != NONCES)
        istauth__pg_read_bytes(r, s->grants[s->grant_count++], 16);
}

/* The next visit to idle clients goes on behind the last one that was seen, or from the start when
 * all were. */
static void move_cursor(struct pg_cursor *cursor, const struct pg_row *last, unsigned seen)
{
    struct pg_row r = *last;
    size_t n = seen ? (size_t)PQgetlength(r.result, r.row, 3) : 0;

    cursor->used_at = INT64_MIN;
    cursor->n = 0;
    if (seen < PG_VISITS || n >= sizeof(cursor->client_id))
        return;
    memcpy(cursor->client_id, PQgetvalue(r.result, r.row, 3), n);
    cursor->n = n;
    r.column = 4;
    cursor->used_at = istauth__pg_read_int8(&r);
}

static size_t rows_of(const PGresult *result, enum kind kind, int *first)
{
    size_t n = 0;

    for (int i = 0; i < PQntuples(result); i++) {
        struct pg_row r = { .result = result, .row = i };

        if (istauth__pg_read_int2(&r) != (int)kind)
            continue;
        if (!n++)
            *first = i;
    }
    return n;
}

/* As many of one kind as the limit leaves room for. An idle client is one of those that go. */
static size_t choose(struct sweep *s, const PGresult *result, enum kind kind, size_t room)
{
    size_t chosen = 0;

    for (int i = 0; i < PQntuples(result) && chosen < room; i++) {
        struct pg_row r = { .result = result, .row = i };
        enum kind is = (enum kind)istauth__pg_read_int2(&r);

        if (is != kind && !(is == IDLE && kind == CLIENTS))
            continue;
        if (is == IDLE && !*PQgetvalue(result, i, 5))
            continue;
        add(s, kind, &r);
        if (r.broken)
            s->found[kind].count--;
        chosen++;
    }
    return chosen;
}

/* When one kind used up the limit the next call begins behind it, so that a flood of one does not
 * keep the others. */
static size_t choose_all(struct sweep *s, const PGresult *result, struct pg_cursor *cursor)
{
    size_t room = s->limit;
    unsigned first = cursor->first;

    cursor->first = 0;
    for (unsigned i = 0; i < KINDS && room; i++) {
        unsigned kind = (first + i) % KINDS;

        room -= choose(s, result, (enum kind)kind, room);
        if (!room)
            cursor->first = (kind + 1) % KINDS;
    }
    return s->limit - room;
}

static void bind_keys(struct pg_bind *b, const struct sweep *s, enum kind kind)
{
    istauth__pg_bind_blobs(b, s->found[kind].keys, ISTAUTH_KEY_SIZE, s->found[kind].count);
    istauth__pg_bind_int8(b, s->bounds->now);
}

static void bind_clients(struct pg_bind *lock, struct pg_bind *b, const struct sweep *s)
{
    const istauth_str_list ids = { s->found[CLIENTS].clients, s->found[CLIENTS].count };

    istauth__pg_bind_texts(lock, ids);
    istauth__pg_bind_int8(b, s->bounds->now);
    istauth__pg_bind_texts(b, ids);
    istauth__pg_bind_int8(b, s->bounds->unused_before);
    istauth__pg_bind_int8(b, s->bounds->idle_before);
}

/* The first value of the first row. */
static size_t counted(const PGresult *result)
{
    struct pg_row r = { .result = result };

    return PQntuples(result) ? (size_t)istauth__pg_read_int8(&r) : 0;
}

enum { BEGIN, LOCK, RETRY, CODE, TOKEN, GRANT, NONCE, LOCK_CLIENTS, CLIENT, COMMIT, STEPS };

/* Retries before the tokens that they belong to. */
static istauth_status take_with(struct sweep *s, struct pg_bind b[STEPS], size_t *removed)
{
    const struct pg_step steps[STEPS] = {
        [BEGIN] = { PG_BEGIN, NULL },
        [LOCK] = { PG_PURGE_LOCK, &b[LOCK] },
        [RETRY] = { PG_PURGE_RETRIES, &b[RETRY] },
        [CODE] = { PG_PURGE_CODES, &b[CODE] },
        [TOKEN] = { PG_PURGE_TOKENS, &b[TOKEN] },
        [GRANT] = { PG_PURGE_GRANTS, &b[GRANT] },
        [NONCE] = { PG_PURGE_NONCES, &b[NONCE] },
        [LOCK_CLIENTS] = { PG_PURGE_LOCK_CLIENTS, &b[LOCK_CLIENTS] },
        [CLIENT] = { PG_PURGE_CLIENTS, &b[CLIENT] },
        [COMMIT] = { PG_COMMIT, NULL },
    };
    istauth_status st;

    istauth__pg_bind_blobs(&b[LOCK], s->grants, 16, s->grant_count);
    istauth__pg_bind_blobs(&b[GRANT], s->grants, 16, s->grant_count);
    bind_keys(&b[RETRY], s, RETRIES);
    bind_keys(&b[CODE], s, CODES);
    bind_keys(&b[TOKEN], s, TOKENS);
    bind_keys(&b[NONCE], s, NONCES);
    bind_clients(&b[LOCK_CLIENTS], &b[CLIENT], s);
    st = istauth__pg_run(&s->call, steps, STEPS);
    if (st)
        return st;
    *removed = istauth__pg_changed(s->call.results[RETRY]) +
               istauth__pg_changed(s->call.results[CODE]) +
               istauth__pg_changed(s->call.results[TOKEN]) +
               istauth__pg_changed(s->call.results[NONCE]) + counted(s->call.results[CLIENT]);
    return ISTAUTH_OK;
}

static istauth_status take(struct sweep *s, size_t *removed)
{
    struct pg_bind *b = calloc(STEPS, sizeof(*b));
    istauth_status st = b ? take_with(s, b, removed) : ISTAUTH_E_NO_MEMORY;

    for (int i = 0; b && i < STEPS; i++)
        istauth__pg_unbind(&b[i]);
    free(b);
    return st;
}

static istauth_status look(struct sweep *s, struct pg_cursor *cursor)
{
    struct pg_bind b = { .count = 0 };

    bind_look(&b, s, cursor);
    return istauth__pg_run_one(&s->call, PG_PURGE_LOOK, &b);
}

static istauth_status sweep(struct sweep *s, struct pg *pg, size_t *removed)
{
    struct pg_cursor cursor = read_cursor(pg);
    PGresult *result;
    struct pg_row last = { .row = 0 };
    istauth_status st = look(s, &cursor);
    size_t seen;

    if (st)
        return st;
    result = s->call.results[0];
    s->call.results[0] = NULL; /* the names of clients are in it */
    seen = rows_of(result, IDLE, &last.row);
    last.result = result;
    last.row += (int)seen - 1;
    move_cursor(&cursor, &last, (unsigned)seen);
    if (choose_all(s, result, &cursor))
        st = take(s, removed);
    write_cursor(pg, &cursor);
    PQclear(result);
    return st;
}

istauth_status istauth__pg_purge(void *ctx, const istauth_purge_bounds *bounds, size_t *removed)
{
    struct sweep *s;
    istauth_status st;
    size_t gone = 0;

    if (bounds->limit == 0) {
        *removed = 0;
        return ISTAUTH_OK;
    }
    s = calloc(1, sizeof(*s));
    if (!s)
        return ISTAUTH_E_NO_MEMORY;
    s->call = istauth__pg_begin(ctx);
    s->bounds = bounds;
    s->limit = bounds->limit < PG_PURGE ? bounds->limit : PG_PURGE;
    st = sweep(s, ctx, &gone);
    istauth__pg_end(&s->call);
    free(s);
    if (!st)
        *removed = gone;
    return st;
}
