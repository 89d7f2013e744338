/* S-11 and S-13 beside live traffic. */
#include "check/cases_i.h"
#include "check/crew_i.h"

#include <stdio.h>
#include <time.h>

/* --- readers while everything changes --- */

#define FAMILIES 32

typedef struct traffic {
    store_world *w;
    atomic_uint reads, wrong;
} traffic;

/* What token_get may show of family n, at any moment. */
static bool is_sound(const istauth_token_entry *e, const istauth_key *key, unsigned n)
{
    return memcmp(&e->token.key, key, sizeof(*key)) == 0 &&
           strcmp(e->grant.id.text, id_of(n).text) == 0 &&
           istauth_str_equal(e->grant.subject, ISTAUTH_STR("ada")) &&
           istauth_str_equal(e->grant.resource, ISTAUTH_STR("https://is.example/mcp")) &&
           e->grant.workspaces.count <= 2 && !e->grant.pending &&
           (e->grant.workspaces.count || e->grant.revoked) && e->grant.issued_at == T0;
}

static void pause_for(long microseconds)
{
    const struct timespec t = { 0, microseconds * 1000 };

    (void)nanosleep(&t, NULL);
}

static void read_on(crew *c, unsigned number)
{
    traffic *t = c->arg;
    char buffer[4096];
    istauth_arena arena;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, ISTAUTH_ARENA_CAP);
    for (unsigned i = number; !atomic_load(&c->over); i++) {
        unsigned n = i % FAMILIES;
        istauth_key key = i & 64 ? access_key(n) : refresh_key(n);
        istauth_token_entry e;
        istauth_status st = CALL(t->w, token_get, &key, &arena, &e);

        if (st ? st != ISTAUTH_E_NOT_FOUND : !is_sound(&e, &key, n))
            atomic_fetch_add(&t->wrong, 1);
        atomic_fetch_add(&t->reads, 1);
        istauth_arena_wipe(&arena);
        if (i % 16 == 0)
            pause_for(50); /* or a store with one lock would see readers only */
    }
}

/* Every way in which a token comes and goes. */
static void live_and_die(store_world *w, unsigned n, unsigned turn)
{
    istauth_id id = id_of(n);
    size_t count;

    have_app(w, n, "ada", "app");
    assert_true(is_live(w, access_key(n)));
    assert_status(rotate(w, n, n + 1000), ISTAUTH_OK);
    if (turn % 8 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0,
                           &count), ISTAUTH_OK);
    if (turn % 16 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_b"), T0,
                           &count), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_false(is_live(w, access_key(n)));
    purge_all(w, bounds_at(INT64_MAX));
}

static void change_all(crew *c)
{
    traffic *t = c->arg;
    unsigned turns = t->w->options->rounds * 4;

    for (unsigned turn = 0; turn < turns || atomic_load(&t->reads) < 1000; turn++) {
        live_and_die(t->w, turn % FAMILIES, turn);
        istauth_arena_wipe(&t->w->arena);
    }
}

static void readers_see_whole_tokens_while_all_changes(store_world *w)
{
    traffic t = { .w = w };
    crew c = { 2, read_on, change_all, NULL, &t, false };

    have_client(w, "app");
    crew_run(&c);
    assert_int_equal(atomic_load(&t.wrong), 0);
}

/* --- many writers: nothing is lost --- */

typedef struct writers {
    store_world *w;
    atomic_uint done, wrong;
} writers;

/* Records, or rotations, of one thread: what a store may hold is not for rounds to say. */
static unsigned each_of(const store_world *w)
{
    return w->options->flood / w->options->threads + 1;
}

static unsigned first_of(const store_world *w, unsigned number)
{
    return (number + 1) * each_of(w) * 2;
}

static void put_many(crew *c, unsigned number)
{
    writers *x = c->arg;
    unsigned each = each_of(x->w), first = first_of(x->w, number);

    for (unsigned n = first; n < first + each; n++) {
        istauth_code code = code_of(n);
        istauth_grant grant = grant_of(n, "ada", "app");

        if (CALL(x->w, code_put, &code, &grant) || redeem(x->w, n, n) ||
            rotate(x->w, n, n + each))
            atomic_fetch_add(&x->wrong, 1);
    }
    atomic_fetch_add(&x->done, 1);
}

static void wait_for_all(crew *c)
{
    writers *x = c->arg;

    while (atomic_load(&x->done) < c->count)
        pause_for(1000);
}

static void what_many_threads_put_is_all_there(store_world *w)
{
    writers x = { .w = w };
    unsigned threads = w->options->threads, each = each_of(w);
    crew c = { threads, put_many, wait_for_all, NULL, &x, false };
    size_t count;

    have_client(w, "app");
    crew_run(&c);
    assert_int_equal(atomic_load(&x.wrong), 0);
    for (unsigned t = 0; t < threads; t++) {
        for (unsigned n = first_of(w, t); n < first_of(w, t) + each; n++) {
            assert_true(is_live(w, refresh_key(n + each)));
            assert_true(exists(w, refresh_key(n)));
        }
        istauth_arena_wipe(&w->arena);
    }
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, threads * each);
    assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), threads * each * 5);
}

/* --- purging while clients refresh --- */

#define NOW (T0 + ACCESS_TTL) /* codes and access tokens of T0 are over, refresh tokens are not */

/* A family of its own for each thread, in a client of its own. */
static const char *client_name(char name[16], unsigned number)
{
    snprintf(name, 16, "live%u", number);
    return name;
}

static void refresh_on(crew *c, unsigned number)
{
    writers *x = c->arg;
    unsigned n = first_of(x->w, number);

    for (unsigned i = 0; i < each_of(x->w); i++, n++)
        if (rotate(x->w, n, n + 1))
            atomic_fetch_add(&x->wrong, 1);
    atomic_fetch_add(&x->done, 1);
}

static void purge_until_done(crew *c)
{
    writers *x = c->arg;
    istauth_purge_bounds b = { NOW, INT64_MAX, INT64_MAX, 3 };
    size_t removed;

    do {
        assert_status(CALL(x->w, purge, &b, &removed), ISTAUTH_OK);
        assert_true(removed <= b.limit);
    } while (atomic_load(&x->done) < c->count);
}

static void purge_loses_nothing_beside_live_traffic(store_world *w)
{
    writers x = { .w = w };
    crew c = { w->options->threads, refresh_on, purge_until_done, NULL, &x, false };
    unsigned each = each_of(w);
    char name[16];

    for (unsigned t = 0; t < c.count; t++) {
        have_client(w, client_name(name, t));
        have_app(w, first_of(w, t), "ada", name);
    }
    crew_run(&c);
    assert_int_equal(atomic_load(&x.wrong), 0);
    purge_all(w, (istauth_purge_bounds){ NOW, INT64_MAX, INT64_MAX, 1000 });
    for (unsigned t = 0; t < c.count; t++) {
        unsigned first = first_of(w, t);

        (void)client_at(w, client_name(name, t));
        assert_true(is_live(w, refresh_key(first + each)));
        for (unsigned n = first; n < first + each; n++)
            assert_true(exists(w, refresh_key(n))); /* spent, but not expired */
        assert_false(exists(w, access_key(first)));
        istauth_arena_wipe(&w->arena);
    }
}

static const check_case cases[] = {
    CASE("S-11", readers_see_whole_tokens_while_all_changes),
    CASE("S-11", what_many_threads_put_is_all_there),
    CASE("S-13 S-11", purge_loses_nothing_beside_live_traffic),
};

const check_cases check_traffic_cases = CASE_LIST(cases);
