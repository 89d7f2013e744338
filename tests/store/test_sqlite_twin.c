/* The same steps, drawn at random, on the SQLite store and on the memory store: every answer is the
 * same, and so is all that can be read afterwards. */
#include <istauth/memory_store.h>

#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#define SEEDS 12
#define STEPS 400
#define NUMBERS 16 /* of records of a kind, as many as a snapshot looks for */
#define DRAWS 12

/* What one step draws, for both stores. `count` is what an op counted. */
struct draw {
    uint32_t state, values[DRAWS];
    istauth_time now;
    size_t count;
};

static void draw(struct draw *d)
{
    for (int i = 0; i < DRAWS; i++) {
        d->state ^= d->state << 13;
        d->state ^= d->state >> 17;
        d->state ^= d->state << 5;
        d->values[i] = d->state >> 4;
    }
    d->now = T0 - 50 + d->values[0] % 200;
    d->count = SIZE_MAX;
}

static unsigned of(const struct draw *d, int i, unsigned limit)
{
    return d->values[i] % limit;
}

static istauth_str subject_of(const struct draw *d)
{
    static const istauth_str all[] = { ISTAUTH_STR_INIT("ada"), ISTAUTH_STR_INIT("grace"),
                                       ISTAUTH_STR_INIT("") };

    return all[of(d, 1, 3)];
}

static const char *client_id_of(const struct draw *d, int i)
{
    static const char *const all[] = { "app", "other", "third" };

    return all[of(d, i, 3)];
}

static istauth_str workspace_of(const struct draw *d, int i)
{
    static const istauth_str all[] = { ISTAUTH_STR_INIT("ws_a"), ISTAUTH_STR_INIT("ws_b"),
                                       ISTAUTH_STR_INIT("4:ws_a,"), ISTAUTH_STR_INIT("") };

    return all[of(d, i, 4)];
}

static istauth_status client_put(store_world *w, struct draw *d)
{
    istauth_client c = client_of(client_id_of(d, 2));

    c.registered_at = d->now;
    c.used_at = of(d, 3, 3) ? 0 : d->now - 60;
    c.origin = (istauth_client_origin)of(d, 4, 3);
    return CALL(w, client_put, &c);
}

static istauth_status client_change(store_world *w, struct draw *d)
{
    istauth_client c = client_of(client_id_of(d, 2));

    c.native = of(d, 3, 2);
    return of(d, 4, 8) ? CALL(w, client_update, &c) : CALL(w, client_delete, c.client_id, d->now);
}

static istauth_status code_put(store_world *w, struct draw *d)
{
    const istauth_str workspaces[] = { workspace_of(d, 5), workspace_of(d, 6), workspace_of(d, 7) };
    istauth_code c = code_of(of(d, 2, NUMBERS));
    istauth_grant g = grant_of(of(d, 3, NUMBERS), "", client_id_of(d, 4));

    c.expires_at = d->now + of(d, 8, 60);
    g.subject = subject_of(d);
    g.workspaces.items = workspaces;
    g.workspaces.count = of(d, 9, 4);
    return CALL(w, code_put, &c, &g);
}

/* Now and then with a key that is taken, or twice the same. */
static pair pair_drawn(const struct draw *d)
{
    pair p = pair_of(of(d, 2, NUMBERS));

    if (of(d, 3, 6) == 0)
        p.items[1].key = of(d, 4, 2) ? p.items[0].key : refresh_key(of(d, 5, NUMBERS));
    p.items[0].expires_at = d->now + of(d, 6, 40);
    p.items[1].expires_at = d->now + of(d, 7, 120);
    return p;
}

static istauth_status code_redeem(store_world *w, struct draw *d)
{
    istauth_key key = code_key(of(d, 8, NUMBERS));
    pair p = pair_drawn(d);
    istauth_token_list list = { p.items, 1 + of(d, 9, 2) };

    return CALL(w, code_redeem, &key, list, d->now);
}

static istauth_status refresh_rotate(store_world *w, struct draw *d)
{
    const char sealed[] = { 0, (char)d->values[1], 0, 7 };
    const istauth_retry retry = { { sealed, of(d, 10, 5) }, d->now + of(d, 4, 60) };
    istauth_key key = refresh_key(of(d, 8, NUMBERS));
    pair p = pair_drawn(d);
    istauth_token_list list = { p.items, 1 + (of(d, 9, 6) != 0) };

    return CALL(w, refresh_rotate, &key, list, d->values[9] & 64 ? &retry : NULL, d->now);
}

static istauth_status one_end(store_world *w, struct draw *d)
{
    unsigned n = of(d, 2, NUMBERS);
    istauth_key keys[] = { access_key(n), refresh_key(n), personal_key(n) };
    istauth_id id = id_of(n);

    switch (of(d, 3, 12)) {
    case 0:
        return CALL(w, grant_revoke, &id, d->now);
    case 1:
        return CALL(w, grant_touch, &id, d->now);
    case 2:
        return CALL(w, personal_revoke, subject_of(d), &id, d->now);
    default:
        return CALL(w, token_revoke, &keys[of(d, 4, 3)], d->now);
    }
}

static istauth_status many_ends(store_world *w, struct draw *d)
{
    const istauth_str ids[] = { istauth_str_of(client_id_of(d, 2)),
                                istauth_str_of(client_id_of(d, 3)), ISTAUTH_STR("") };
    const istauth_str_list list = { ids, of(d, 4, 4) };

    switch (of(d, 5, 16)) {
    case 0:
        return CALL(w, subject_revoke, subject_of(d), d->now, &d->count);
    case 1:
        return CALL(w, app_disconnect, subject_of(d), list, d->now, &d->count);
    default:
        return CALL(w, workspace_remove, subject_of(d), workspace_of(d, 6), d->now, &d->count);
    }
}

static istauth_status personal_put(store_world *w, struct draw *d)
{
    istauth_token t = personal_of(of(d, 2, NUMBERS));
    istauth_grant g = personal_grant_of(of(d, 3, NUMBERS), "");

    g.subject = subject_of(d);
    g.created_at = d->now;
    t.expires_at = of(d, 4, 2) ? 0 : d->now + of(d, 5, 60);
    if (of(d, 6, 5) == 0)
        t.key = access_key(of(d, 7, NUMBERS));
    return CALL(w, personal_put, &t, &g);
}

static istauth_status machine_put(store_world *w, struct draw *d)
{
    istauth_token t = machine_of(of(d, 2, NUMBERS));
    istauth_grant g = machine_grant_of(of(d, 3, NUMBERS), client_id_of(d, 4));

    t.expires_at = d->now + of(d, 5, 60);
    return CALL(w, machine_put, &t, &g);
}

static istauth_status nonce_claim(store_world *w, struct draw *d)
{
    istauth_key key = code_key(of(d, 2, NUMBERS));

    return CALL(w, nonce_claim, &key, d->now + of(d, 3, 60));
}

static istauth_status purge(store_world *w, struct draw *d)
{
    istauth_purge_bounds b = bounds_at(d->now);

    if (of(d, 2, 2))
        b.unused_before = d->now - 30;
    if (of(d, 3, 2))
        b.idle_before = d->now - 60;
    return CALL(w, purge, &b, &d->count);
}

static istauth_status (*const steps[])(store_world *, struct draw *) = {
    client_put,     client_change, code_put,    code_put,     code_redeem, code_redeem,
    refresh_rotate, refresh_rotate, refresh_rotate, refresh_rotate, one_end, one_end,
    many_ends,      personal_put,  machine_put, nonce_claim,  purge,
};
#define STEP_KINDS (sizeof(steps) / sizeof(steps[0]))

static void assert_same_retries(store_world *a, store_world *b)
{
    for (unsigned n = 0; n < NUMBERS; n++) {
        istauth_key key = refresh_key(n);
        istauth_retry x, y;
        istauth_status st = CALL(a, retry_get, &key, &a->arena, &x);

        assert_status(CALL(b, retry_get, &key, &b->arena, &y), st);
        if (st)
            continue;
        assert_int_equal(x.expires_at, y.expires_at);
        assert_true(istauth_str_equal(x.sealed, y.sealed));
    }
}

static void assert_same_list(istauth_grant_entries x, istauth_grant_entries y)
{
    assert_int_equal(x.count, y.count);
    for (size_t i = 0; i < x.count; i++) {
        assert_grants_equal(&y.items[i].grant, &x.items[i].grant);
        assert_int_equal(y.items[i].token_expires_at, x.items[i].token_expires_at);
        assert_true(istauth_str_equal(y.items[i].redirect_uri, x.items[i].redirect_uri));
    }
}

/* Both walk by what the first one says. */
static void assert_same_pages(store_world *a, store_world *b, size_t limit)
{
    istauth_grant_entries x, y;
    istauth_clients p, q;
    istauth_str last = ISTAUTH_STR("");

    do {
        assert_status(CALL(a, client_list, last, limit, &a->arena, &p), ISTAUTH_OK);
        assert_status(CALL(b, client_list, last, limit, &b->arena, &q), ISTAUTH_OK);
        assert_int_equal(p.count, q.count);
        for (size_t i = 0; i < p.count; i++) {
            last = p.items[i].client_id;
            assert_clients_equal(&q.items[i], &p.items[i]);
            assert_status(CALL(a, grant_list, last, NULL, limit, &a->arena, &x), ISTAUTH_OK);
            assert_status(CALL(b, grant_list, last, NULL, limit, &b->arena, &y), ISTAUTH_OK);
            assert_same_list(x, y);
        }
    } while (p.count && p.count == limit);
}

static void assert_same(store_world *a, store_world *b, const struct draw *d)
{
    istauth_grant_entries x, y;
    size_t limit = of(d, 2, 3) ? SIZE_MAX : of(d, 3, 4);

    assert_string_equal(snapshot(a), snapshot(b));
    assert_same_retries(a, b);
    assert_status(CALL(a, app_list, subject_of(d), limit, &a->arena, &x), ISTAUTH_OK);
    assert_status(CALL(b, app_list, subject_of(d), limit, &b->arena, &y), ISTAUTH_OK);
    assert_same_list(x, y);
    assert_status(CALL(a, personal_list, subject_of(d), limit, &a->arena, &x), ISTAUTH_OK);
    assert_status(CALL(b, personal_list, subject_of(d), limit, &b->arena, &y), ISTAUTH_OK);
    assert_same_list(x, y);
    assert_same_pages(a, b, limit);
    istauth_arena_wipe(&a->arena);
    istauth_arena_wipe(&b->arena);
}

static void walk(store_world *a, store_world *b, uint32_t seed)
{
    struct draw d = { .state = seed * 2654435761u };

    for (int i = 0; i < STEPS; i++) {
        struct draw twin;
        istauth_status st;

        draw(&d);
        twin = d;
        st = steps[of(&d, 11, STEP_KINDS)](a, &d);
        assert_status(steps[of(&twin, 11, STEP_KINDS)](b, &twin), st);
        assert_int_equal(twin.count, d.count);
        assert_same(a, b, &d);
    }
}

static istauth_status open_memory(void *env, istauth_store *out)
{
    (void)env;
    return istauth_memory_store_new(out, NULL, NULL);
}

static void close_memory(void *env, istauth_store *store)
{
    (void)env;
    istauth_memory_store_free(store);
}

static void test_it_answers_as_the_memory_store_does(void **state)
{
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    istauth_store_fixture memory = ISTAUTH_STORE_FIXTURE_INIT;

    memory.open = open_memory;
    memory.close = close_memory;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        store_world *a = store_world_new(&memory, &options);
        store_world *b = store_world_new(*state, &options);

        assert_non_null(a);
        assert_non_null(b);
        store_world_open(a);
        store_world_open(b);
        walk(a, b, seed);
        store_world_free(a);
        store_world_free(b);
    }
}

int main(void)
{
    istauth_store_fixture sqlite;
    sqlite_place place;
    int failed;

    sqlite_place_init(&place);
    sqlite = sqlite_fixture(&place);
    {
        const struct CMUnitTest tests[] = {
            { "test_it_answers_as_the_memory_store_does", test_it_answers_as_the_memory_store_does,
              NULL, NULL, &sqlite },
        };

        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sqlite_place_wipe(&place);
    return failed;
}
