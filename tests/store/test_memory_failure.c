/* S-4 in the memory store: at whichever allocation memory runs out, once or for good, the op that
 * wanted it changed nothing, and works when there is memory again. */
#include <istauth/memory_store.h>

#include "support/failing_alloc.h"
#include "support/store_fixture.h"

#include <stdio.h>

static failing_alloc memory;

static istauth_status open_store(void *env, istauth_store *out)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    istauth_allocator a;

    (void)env;
    limits.tokens = 1000; /* the bucket array of the default takes most of the time */
    failing_alloc_init(&memory);
    a = failing_alloc_allocator(&memory);
    return istauth_memory_store_new(out, &limits, &a);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_memory_store_free(store);
    assert_int_equal(memory.live, 0);
}

static const istauth_store_fixture fixture = {
    .size = sizeof(fixture), .open = open_store, .close = close_store
};

static void furnish(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
    have_app(w, 4, "ada", "app");
}

typedef istauth_status (*operation)(store_world *w);

static istauth_status client_put(store_world *w)
{
    istauth_client c = client_of("other");

    return CALL(w, client_put, &c);
}

static istauth_status client_update(store_world *w)
{
    istauth_client c = client_of("app");

    c.name = ISTAUTH_STR("Renamed");
    return CALL(w, client_update, &c);
}

static istauth_status code_put(store_world *w)
{
    istauth_code c = code_of(5);
    istauth_grant g = grant_of(5, "grace", "app"); /* of a subject that is new, too */

    return CALL(w, code_put, &c, &g);
}

static istauth_status code_redeem(store_world *w)
{
    return redeem(w, 2, 5);
}

static istauth_status refresh_rotate(store_world *w)
{
    return rotate(w, 1, 5);
}

static istauth_status scoped_rotate(store_world *w)
{
    istauth_key key = refresh_key(1);
    pair p = pair_of(5);

    p.items[0].scopes = ISTAUTH_STR("mcp");
    return CALL(w, refresh_rotate, &key, pair_list(&p), NULL, T0);
}

static istauth_status workspace_remove(store_world *w)
{
    size_t count = 99;
    istauth_status st = CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0,
                             &count);

    assert_int_equal(count, st ? 99 : 4);
    return st;
}

static istauth_status personal_put(store_world *w)
{
    istauth_token t = personal_of(5);
    istauth_grant g = personal_grant_of(5, "grace");

    return CALL(w, personal_put, &t, &g);
}

static istauth_status nonce_claim(store_world *w)
{
    istauth_key key = code_key(7);

    return CALL(w, nonce_claim, &key, T0);
}

static const struct {
    const char *name;
    operation run;
} operations[] = {
    { "client_put", client_put },
    { "client_update", client_update },
    { "code_put", code_put },
    { "code_redeem", code_redeem },
    { "refresh_rotate", refresh_rotate },
    { "refresh_rotate with scopes", scoped_rotate },
    { "workspace_remove", workspace_remove },
    { "personal_put", personal_put },
    { "nonce_claim", nonce_claim },
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* Fail its nth allocation. False when it makes fewer. */
static bool fails_cleanly(operation run, size_t nth, bool forever)
{
    void *state = (void *)(uintptr_t)&fixture;
    const char *before;
    istauth_status st;
    size_t live;
    bool failed;
    store_world *w;

    assert_int_equal(store_setup(&state), 0);
    w = state;
    furnish(w);
    before = snapshot(w);
    live = memory.live;
    failing_alloc_plan(&memory, nth, forever);
    st = run(w);
    failed = memory.failed > 0;
    failing_alloc_plan(&memory, 0, false);
    if (failed) {
        assert_status(st, ISTAUTH_E_NO_MEMORY);
        assert_int_equal(memory.live, live);
        assert_snapshot(w, before);
        st = run(w);
    }
    assert_status(st, ISTAUTH_OK);
    assert_int_equal(store_teardown(&state), 0);
    return failed;
}

static void test_s_4_every_allocation_of_every_op_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPERATIONS; i++)
        for (int forever = 0; forever < 2; forever++) {
            size_t nth = 1;

            while (fails_cleanly(operations[i].run, nth, forever))
                nth++;
            assert_true(nth > 1); /* each of these does allocate */
        }
}

/* Ops that end things, and the hot path, need no memory at all. */
static void test_s_4_ending_things_needs_no_memory(void **state)
{
    const istauth_str app = ISTAUTH_STR("app");
    const istauth_str_list apps = { &app, 1 };
    store_world *w = *state;
    istauth_id one = id_of(1), three = id_of(3);
    istauth_key key = access_key(4);
    istauth_purge_bounds b = bounds_at(INT64_MAX);
    size_t count;

    furnish(w);
    failing_alloc_plan(&memory, 1, true);
    assert_true(is_live(w, key));
    assert_status(CALL(w, token_revoke, &key, T0), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &one, T0), ISTAUTH_OK);
    assert_status(CALL(w, grant_touch, &one, T0), ISTAUTH_OK);
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &three, T0), ISTAUTH_OK);
    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), apps, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 2);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_status(CALL(w, client_delete, app, T0), ISTAUTH_OK);
    assert_status(CALL(w, purge, &b, &count), ISTAUTH_OK);
    assert_int_equal(memory.calls, 0);
    failing_alloc_plan(&memory, 0, false);
}

static void test_s_4_lists_fail_cleanly(void **state)
{
    store_world *w = *state;
    istauth_grant_entries list = { NULL, 77 };

    furnish(w);
    failing_alloc_plan(&memory, 1, true);
    assert_status(CALL(w, app_list, ISTAUTH_STR("ada"), 9, &w->arena, &list), ISTAUTH_E_NO_MEMORY);
    assert_status(CALL(w, personal_list, ISTAUTH_STR("ada"), 9, &w->arena, &list),
                  ISTAUTH_E_NO_MEMORY);
    assert_int_equal(list.count, 77);
    failing_alloc_plan(&memory, 0, false);
}

/* Indexes that cannot grow only get slower. */
static void test_an_index_that_cannot_grow_still_finds_everything(void **state)
{
    store_world *w = *state;
    istauth_client c;
    char id[16];

    for (unsigned n = 0; n < 1000; n++) {
        snprintf(id, sizeof(id), "app%u", n);
        c = client_of(id);
        /* the third allocation of a client_put, if any, is the index's */
        failing_alloc_plan(&memory, 3, true);
        assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
    }
    assert_true(memory.failed > 0);
    failing_alloc_plan(&memory, 0, false);
    for (unsigned n = 0; n < 1000; n++) {
        snprintf(id, sizeof(id), "app%u", n);
        assert_status(CALL(w, client_get, istauth_str_of(id), &w->arena, &c), ISTAUTH_OK);
        assert_text(c.client_id, id);
    }
}

static void test_a_store_that_cannot_be_made_leaves_nothing(void **state)
{
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    istauth_store store;
    istauth_allocator a;
    size_t nth = 0;

    (void)state;
    failing_alloc_init(&memory);
    a = failing_alloc_allocator(&memory);
    while (st) {
        memset(&store, 0xAA, sizeof(store));
        failing_alloc_plan(&memory, ++nth, false);
        st = istauth_memory_store_new(&store, NULL, &a);
        if (!st)
            break;
        assert_status(st, ISTAUTH_E_NO_MEMORY);
        assert_int_equal(((unsigned char *)&store)[0], 0xAA);
        assert_int_equal(memory.live, 0);
    }
    assert_true(nth > 2);
    istauth_memory_store_free(&store);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s_4_every_allocation_of_every_op_may_fail),
        WITH_STORE(fixture, test_s_4_ending_things_needs_no_memory),
        WITH_STORE(fixture, test_s_4_lists_fail_cleanly),
        WITH_STORE(fixture, test_an_index_that_cannot_grow_still_finds_everything),
        cmocka_unit_test(test_a_store_that_cannot_be_made_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
