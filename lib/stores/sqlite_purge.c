/* Single-use marks, and removing what is over.
 *
 * A call works in short transactions, and between two of them leaves the lock to whoever waits
 * for it. What has expired is found by an index of nothing else. Old clients are looked at one
 * by one, because it takes a look at their grants to know whether they are wanted; a call looks
 * at a bounded number, and the next one goes on from there. */
#include "stores/sqlite_i.h"

#define PIECE 250    /* removals in one transaction */
#define CLIENTS 4096 /* that one call looks at */
#define GRANTS 64    /* of one client that are looked at: in doubt it stays */

struct sweep {
    struct sql_store *store;
    struct sql_connection *c;
    const istauth_purge_bounds *bounds;
    unsigned first;      /* kind to begin with */
    size_t room;         /* how many more this piece may remove */
    size_t unused, idle; /* how many more clients this call may look at */
};

/* Step through a statement that removed something from these grants, and remove those that are
 * empty now. */
static istauth_status remove_empty(struct sql_query *q, size_t *removed)
{
    istauth_status st = ISTAUTH_OK;

    while (!st && istauth__sqlite_step(q)) {
        struct sql_query grant = istauth__sqlite_query(q->c, SQL_PURGE_GRANT);

        istauth__sqlite_bind_number(&grant, istauth__sqlite_number(q, 0));
        st = istauth__sqlite_run(&grant, NULL);
        ++*removed;
    }
    return istauth__sqlite_end(q, st);
}

static istauth_status expired(struct sweep *s, enum sql_id id, size_t *removed)
{
    struct sql_query q = istauth__sqlite_query(s->c, id);

    istauth__sqlite_bind_number(&q, (int64_t)s->room);
    istauth__sqlite_bind_number(&q, s->bounds->now);
    return remove_empty(&q, removed);
}

static istauth_status purge_codes(struct sweep *s, size_t *removed)
{
    return expired(s, SQL_PURGE_CODES, removed);
}

static istauth_status purge_tokens(struct sweep *s, size_t *removed)
{
    return expired(s, SQL_PURGE_TOKENS, removed);
}

static istauth_status over(struct sweep *s, enum sql_id id, size_t *removed)
{
    struct sql_query q = istauth__sqlite_query(s->c, id);

    istauth__sqlite_bind_number(&q, (int64_t)s->room);
    return remove_empty(&q, removed);
}

static istauth_status purge_over_grants(struct sweep *s, size_t *removed)
{
    return over(s, SQL_PURGE_OVER_GRANTS, removed);
}

static istauth_status purge_over_tokens(struct sweep *s, size_t *removed)
{
    return over(s, SQL_PURGE_OVER_TOKENS, removed);
}

static istauth_status plain(struct sweep *s, enum sql_id id, size_t *removed)
{
    struct sql_query q = istauth__sqlite_query(s->c, id);

    istauth__sqlite_bind_number(&q, (int64_t)s->room);
    istauth__sqlite_bind_number(&q, s->bounds->now);
    return istauth__sqlite_run(&q, removed);
}

static istauth_status purge_retries(struct sweep *s, size_t *removed)
{
    return plain(s, SQL_PURGE_RETRIES, removed);
}

static istauth_status purge_nonces(struct sweep *s, size_t *removed)
{
    return plain(s, SQL_PURGE_NONCES, removed);
}

/* True also when there are more grants than it looks at. */
static bool may_live(struct sweep *s, istauth_str client_id, istauth_status *st)
{
    struct sql_query q = istauth__sqlite_query(s->c, SQL_PURGE_LIVE);
    size_t looks = GRANTS;
    bool lives = false;

    istauth__sqlite_bind_text(&q, client_id);
    istauth__sqlite_bind_number(&q, s->bounds->now);
    while (!lives && istauth__sqlite_step(&q))
        lives = !looks-- || istauth__sqlite_flag(&q, 0);
    *st = istauth__sqlite_end(&q, ISTAUTH_OK);
    return lives;
}

/* Look at the next client behind the cursor, and remove it unless it is wanted. *found: there
 * was one. */
static istauth_status next_client(bool *found, struct sweep *s, enum sql_id id, istauth_time before,
                                  struct sql_cursor *at, size_t *removed)
{
    struct sql_query q = istauth__sqlite_query(s->c, id);
    istauth_status st = ISTAUTH_OK;

    istauth__sqlite_bind_number(&q, before);
    istauth__sqlite_bind_number(&q, at->time);
    istauth__sqlite_bind_number(&q, at->serial);
    *found = istauth__sqlite_step(&q);
    if (*found) {
        istauth_str client_id = istauth__sqlite_text(&q, 0);

        at->time = istauth__sqlite_number(&q, 1);
        at->serial = istauth__sqlite_number(&q, 2);
        if (!may_live(s, client_id, &st) && !st) {
            st = istauth__sqlite_client_remove(s->c, client_id);
            ++*removed;
        }
    }
    return istauth__sqlite_end(&q, st);
}

static istauth_status clients(struct sweep *s, enum sql_id id, istauth_time before,
                              struct sql_cursor *at, size_t *looks, size_t *removed)
{
    bool found = true;
    istauth_status st = ISTAUTH_OK;

    for (; !st && found && *looks && *removed < s->room; --*looks)
        st = next_client(&found, s, id, before, at, removed);
    if (!found) {
        at->time = INT64_MIN;
        at->serial = 0;
    }
    return st;
}

static istauth_status purge_unused(struct sweep *s, size_t *removed)
{
    return clients(s, SQL_PURGE_UNUSED, s->bounds->unused_before, &s->store->unused, &s->unused,
                   removed);
}

static istauth_status purge_idle(struct sweep *s, size_t *removed)
{
    return clients(s, SQL_PURGE_IDLE, s->bounds->idle_before, &s->store->idle, &s->idle, removed);
}

/* A client can go once its grants are dead: in this order one call does it all. */
static istauth_status (*const kinds[])(struct sweep *, size_t *) = {
    purge_codes,       purge_retries, purge_tokens, purge_over_grants,
    purge_over_tokens, purge_nonces,  purge_unused, purge_idle,
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* One transaction's work; *kind: how many kinds are done. */
static istauth_status piece(struct sweep *s, size_t *kind, size_t *removed)
{
    istauth_status st = ISTAUTH_OK;

    while (!st && *kind < KINDS) {
        size_t n = 0;

        st = kinds[(s->first + *kind) % KINDS](s, &n);
        *removed += n;
        s->room -= n;
        if (!s->room)
            break;
        ++*kind;
    }
    return st;
}

static istauth_status transact(struct sweep *s, size_t *kind, size_t *removed)
{
    size_t n = 0;
    istauth_status st = istauth__sqlite_begin(&s->c, s->store);

    if (!st)
        st = istauth__sqlite_finish(s->store, s->c, piece(s, kind, &n));
    if (!st)
        *removed += n;
    return st;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* When one kind used up the limit, the next call begins behind it, so that a flood of one kind does
 * not keep the others. */
static void next_begins(struct sql_store *m, unsigned first, size_t kind)
{
    atomic_store(&m->first_kind, kind < KINDS ? (unsigned)((first + kind + 1) % KINDS) : 0);
}

/* What earlier pieces removed stays removed: trouble in a later one is told by the next call. */
istauth_status istauth__sqlite_purge(void *ctx, const istauth_purge_bounds *bounds,
                                     size_t *removed)
{
    size_t looks = smaller(bounds->limit, SIZE_MAX - CLIENTS) + CLIENTS, done = 0, kind = 0;
    struct sweep s = { .store = ctx, .bounds = bounds, .unused = looks, .idle = looks };
    istauth_status st = ISTAUTH_OK;

    s.first = atomic_load(&s.store->first_kind);
    while (!st && kind < KINDS && done < bounds->limit) {
        if (done)
            istauth__sqlite_pause();
        s.room = smaller(PIECE, bounds->limit - done);
        st = transact(&s, &kind, &done);
    }
    if (st && !done)
        return st;
    next_begins(ctx, s.first, kind);
    *removed = done;
    return ISTAUTH_OK;
}

static istauth_status claim(struct sql_connection *c, const istauth_key *key,
                            istauth_time expires_at)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_NONCE_CLAIM);

    istauth__sqlite_bind_key(&q, key);
    istauth__sqlite_bind_number(&q, expires_at);
    return istauth__sqlite_run(&q, NULL);
}

istauth_status istauth__sqlite_nonce_claim(void *ctx, const istauth_key *key,
                                           istauth_time expires_at)
{
    struct sql_connection *c;
    istauth_status st = istauth__sqlite_begin(&c, ctx);

    return st ? st : istauth__sqlite_finish(ctx, c, claim(c, key, expires_at));
}
