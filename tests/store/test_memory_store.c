/* What the memory store adds to the contract: limits, and memory that is given back in time. */
#include <istauth/memory_store.h>

#include "support/failing_alloc.h"
#include "support/store_fixture.h"

#include <stdio.h>
#include <stdlib.h>

static failing_alloc memory;

static istauth_status open_store(void *env, istauth_store *out)
{
    istauth_allocator a;

    failing_alloc_init(&memory);
    a = failing_alloc_allocator(&memory);
    return istauth_memory_store_new(out, env, &a);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_memory_store_free(store);
    assert_int_equal(memory.live, 0);
}

static istauth_memory_limits small = { sizeof(small), 3, 4, 2, 5, 3 };
static const istauth_store_fixture bounded = {
    .size = sizeof(bounded), .open = open_store, .close = close_store, .env = &small
};
static const istauth_store_fixture standard = {
    .size = sizeof(standard), .open = open_store, .close = close_store
};

static istauth_status try_client(store_world *w, const char *id)
{
    istauth_client c = client_of(id);

    return CALL(w, client_put, &c);
}

static istauth_status try_code(store_world *w, unsigned n)
{
    istauth_code c = code_of(n);
    istauth_grant g = grant_of(n, "ada", "a");

    return CALL(w, code_put, &c, &g);
}

static istauth_status try_personal(store_world *w, unsigned n)
{
    istauth_token t = personal_of(n);
    istauth_grant g = personal_grant_of(n, "ada");

    return CALL(w, personal_put, &t, &g);
}

static istauth_status try_nonce(store_world *w, unsigned n)
{
    istauth_key key = code_key(n);

    return CALL(w, nonce_claim, &key, T0);
}

static void test_clients_and_nonces_are_bounded(void **state)
{
    store_world *w = *state;
    size_t live;

    assert_status(try_client(w, "a"), ISTAUTH_OK);
    assert_status(try_client(w, "b"), ISTAUTH_OK);
    assert_status(try_client(w, "c"), ISTAUTH_OK);
    assert_status(try_nonce(w, 1), ISTAUTH_OK);
    assert_status(try_nonce(w, 2), ISTAUTH_OK);
    assert_status(try_nonce(w, 3), ISTAUTH_OK);
    live = memory.live;
    assert_status(try_client(w, "d"), ISTAUTH_E_NO_MEMORY);
    assert_status(try_client(w, "a"), ISTAUTH_E_EXISTS);
    assert_status(try_nonce(w, 4), ISTAUTH_E_NO_MEMORY);
    assert_status(try_nonce(w, 1), ISTAUTH_E_EXISTS); /* a full store never forgets a claim */
    assert_int_equal(memory.live, live);
    assert_status(CALL(w, client_delete, ISTAUTH_STR("b"), T0), ISTAUTH_OK);
    assert_status(try_client(w, "d"), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0)), 3);
    assert_status(try_nonce(w, 4), ISTAUTH_OK);
}

static void test_codes_grants_and_tokens_are_bounded(void **state)
{
    store_world *w = *state;

    assert_status(try_client(w, "a"), ISTAUTH_OK);
    assert_status(try_code(w, 1), ISTAUTH_OK);
    assert_status(try_code(w, 2), ISTAUTH_OK);
    assert_status(try_code(w, 3), ISTAUTH_E_NO_MEMORY); /* a third code */
    assert_status(redeem(w, 1, 1), ISTAUTH_OK);
    assert_status(redeem(w, 2, 2), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0 + CODE_TTL)), 2);
    assert_status(try_code(w, 3), ISTAUTH_OK);
    assert_status(redeem(w, 3, 3), ISTAUTH_E_NO_MEMORY); /* a sixth token */
    assert_status(rotate(w, 1, 3), ISTAUTH_E_NO_MEMORY);
    assert_true(is_live(w, refresh_key(1)));
    assert_status(try_personal(w, 4), ISTAUTH_OK);
    assert_status(try_personal(w, 5), ISTAUTH_E_NO_MEMORY);
    assert_status(try_code(w, 5), ISTAUTH_E_NO_MEMORY); /* a fifth grant */
    assert_int_equal(purge_all(w, bounds_at(T0 + ACCESS_TTL)), 3); /* 2 tokens, and a code with its grant */
    assert_status(rotate(w, 1, 3), ISTAUTH_OK);
}

static void test_limits_are_checked(void **state)
{
    istauth_memory_limits good = ISTAUTH_MEMORY_LIMITS_INIT, bad;
    istauth_store store;
    size_t *fields[] = { &bad.size, &bad.clients, &bad.grants, &bad.codes, &bad.tokens,
                         &bad.nonces };

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        bad = good;
        *fields[i] = 0;
        assert_status(istauth_memory_store_new(&store, &bad, NULL), ISTAUTH_E_ARGUMENT);
        *fields[i] = ((size_t)1 << 31) + 1;
        assert_status(istauth_memory_store_new(&store, &bad, NULL), ISTAUTH_E_ARGUMENT);
    }
    good.clients = good.grants = good.codes = good.nonces = (size_t)1 << 31;
    good.tokens = 1;
    assert_status(istauth_memory_store_new(&store, &good, NULL), ISTAUTH_OK);
    istauth_memory_store_free(&store);
    assert_null(store.ctx);
    istauth_memory_store_free(&store); /* again: harmless */
    istauth_memory_store_free(NULL);
}

static void churn(store_world *w)
{
    for (unsigned n = 1; n <= 50; n++) {
        have_app(w, n, "ada", "app");
        assert_status(rotate(w, n, n + 100), ISTAUTH_OK);
        have_personal(w, n + 200, "grace");
        assert_status(try_nonce(w, n), ISTAUTH_OK);
    }
}

static void test_purge_gives_all_memory_back(void **state)
{
    store_world *w = *state;
    size_t live, bytes, count;

    have_client(w, "app");
    churn(w); /* the indexes have grown */
    for (int round = 0; round < 2; round++) {
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0,
                           &count), ISTAUTH_OK);
        assert_status(CALL(w, subject_revoke, ISTAUTH_STR("grace"), T0, &count), ISTAUTH_OK);
        purge_all(w, bounds_at(INT64_MAX));
        if (round) {
            assert_int_equal(memory.live, live);
            assert_int_equal(memory.live_bytes, bytes);
        }
        live = memory.live;
        bytes = memory.live_bytes;
        churn(w);
    }
}

/* Codes come first in a purge; when they use up its limit, the next call goes on behind them. */
static void test_a_flood_of_one_kind_holds_up_no_other(void **state)
{
    store_world *w = *state;
    istauth_purge_bounds b = bounds_at(T0 + CODE_TTL);
    size_t removed;

    have_client(w, "app");
    for (unsigned n = 0; n < 50; n++)
        have_code(w, n, "ada", "app");
    assert_status(try_nonce(w, 1), ISTAUTH_OK);
    b.limit = 5;
    for (int call = 0; call < 3; call++) {
        assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
        assert_int_equal(removed, 5);
    }
    assert_status(try_nonce(w, 1), ISTAUTH_OK);
}

/* --- a reader that stands still: its arena's allocator runs inside token_get --- */

typedef struct interruption {
    store_world *w;
    void (*what)(store_world *w);
    size_t live_before, live_after;
} interruption;

static void *interrupt(void *ctx, size_t size)
{
    interruption *i = ctx;

    i->live_before = memory.live;
    i->what(i->w);
    i->live_after = memory.live;
    return malloc(size);
}

static void release(void *ctx, void *block)
{
    (void)ctx;
    free(block);
}

/* Read access token 1 while `what` happens, with the token in hand. */
static interruption read_while(store_world *w, void (*what)(store_world *w))
{
    interruption i = { w, what, 0, 0 };
    istauth_allocator a = { interrupt, release, &i };
    istauth_key key = access_key(1);
    istauth_token_entry e;
    istauth_arena arena;

    istauth_arena_init(&arena, NULL, 0, &a, 4096);
    assert_status(CALL(w, token_get, &key, &arena, &e), ISTAUTH_OK);
    assert_text(e.grant.subject, "ada");
    assert_text(e.grant.workspaces.items[0], "ws_a");
    assert_text(e.grant.workspaces.items[1], "ws_b");
    assert_memory_equal(&e.token.key, &key, sizeof(key));
    istauth_arena_wipe(&arena);
    return i;
}

static void purge_everything(store_world *w)
{
    assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), 3);
}

static void take_workspaces(store_world *w)
{
    size_t count;

    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_b"), T0, &count),
                  ISTAUTH_OK);
}

/* The code and the subject go at once; the two tokens and the grant wait for the reader. */
static void test_purge_waits_for_a_reader_without_waiting(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;
    interruption i;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    i = read_while(w, purge_everything);
    assert_int_equal(i.live_before - i.live_after, 2);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), 0); /* removes nothing, but gives back */
    assert_int_equal(i.live_before - memory.live, 5);
}

static void test_new_workspaces_wait_for_a_reader_of_the_old(void **state)
{
    store_world *w = *state;
    interruption i;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    i = read_while(w, take_workspaces);
    assert_int_equal(i.live_after - i.live_before, 2); /* both new ones, one of them in limbo */
    purge_all(w, bounds_at(T0));
    assert_int_equal(memory.live - i.live_before, 1);
    assert_true(token_at(w, access_key(1)).grant.revoked);
}

/* A reader that never ends a call holds up what was retired since, and nothing else. */
static void work_on(store_world *w)
{
    size_t live = memory.live;

    for (unsigned n = 2; n < 40; n++) {
        have_app(w, n, "grace", "app");
        assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), n == 2 ? 6 : 3);
    }
    assert_true(memory.live > live); /* tokens and grants pile up, ... */
    have_app(w, 50, "grace", "app"); /* ... and everything works */
    assert_true(is_live(w, access_key(50)));
}

static void test_writers_go_on_beside_a_reader_that_stands_still(void **state)
{
    store_world *w = *state;
    interruption i;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    i = read_while(w, work_on);
    purge_all(w, bounds_at(INT64_MAX));
    /* gone: the code, grant, subject and two tokens of each of both */
    assert_int_equal(memory.live, i.live_before - 5);
}

/* --- one family of any length --- */

enum { FAMILY = 5000 }; /* more tokens than a purge with a limit of 1 looks at: 16 + 4096 */

/* A client that refreshes all day: each refresh token but the last is spent, none has expired. */
static void have_family(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    for (unsigned n = 1; n < FAMILY; n++)
        assert_status(rotate(w, n, n + 1), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0 + CODE_TTL)), 1);
}

static size_t purge_one(store_world *w, istauth_time now)
{
    istauth_purge_bounds b = bounds_at(now);
    size_t removed = 99;

    b.limit = 1;
    assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
    return removed;
}

/* Else one grant holds up every writer for as long as its tokens are many. */
static void test_purge_looks_at_a_long_family_in_pieces(void **state)
{
    store_world *w = *state;
    istauth_id id = id_of(9999);

    have_family(w);
    assert_int_equal(purge_all(w, bounds_at(T0 + ACCESS_TTL)), FAMILY);
    have_personal(w, 9999, "grace");
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("grace"), &id, T0), ISTAUTH_OK);
    assert_int_equal(purge_one(w, T0 + ACCESS_TTL), 0); /* the family comes first, and is long */
    assert_int_equal(purge_one(w, T0 + ACCESS_TTL), 1);
    assert_true(is_live(w, refresh_key(FAMILY)));
    assert_true(token_at(w, refresh_key(1)).token.spent);
    assert_int_equal(purge_all(w, bounds_at(T0 + REFRESH_TTL)), FAMILY);
}

/* Where it cannot be told within one call whether a client has a live grant, it stays. */
static void test_purge_keeps_a_client_whose_family_is_too_long_to_judge(void **state)
{
    store_world *w = *state;
    istauth_purge_bounds b = bounds_at(T0 + CODE_TTL);
    istauth_key last = refresh_key(FAMILY);
    size_t removed = 99;

    have_family(w);
    b.idle_before = INT64_MAX;
    b.limit = 1;
    for (unsigned i = 0; i < 5; i++) {
        istauth_client c;

        assert_status(CALL(w, purge, &b, &removed), ISTAUTH_OK);
        assert_int_equal(removed, 0);
        assert_status(CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &c), ISTAUTH_OK);
        assert_true(is_live(w, last));
    }
    assert_int_equal(purge_all(w, bounds_at(INT64_MAX)), 2 * FAMILY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(bounded, test_clients_and_nonces_are_bounded),
        WITH_STORE(bounded, test_codes_grants_and_tokens_are_bounded),
        cmocka_unit_test(test_limits_are_checked),
        WITH_STORE(standard, test_purge_gives_all_memory_back),
        WITH_STORE(standard, test_a_flood_of_one_kind_holds_up_no_other),
        WITH_STORE(standard, test_purge_waits_for_a_reader_without_waiting),
        WITH_STORE(standard, test_new_workspaces_wait_for_a_reader_of_the_old),
        WITH_STORE(standard, test_writers_go_on_beside_a_reader_that_stands_still),
        WITH_STORE(standard, test_purge_looks_at_a_long_family_in_pieces),
        WITH_STORE(standard, test_purge_keeps_a_client_whose_family_is_too_long_to_judge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
