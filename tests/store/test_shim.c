/* The shim that counts, and makes stores fail, is itself to be trusted. */
#include <istauth/memory_store.h>

#include "support/store_fixture.h"

static istauth_store real;
static istauth_store_shim fault;

static istauth_status open_store(void *env, istauth_store *out)
{
    istauth_status st = istauth_memory_store_new(&real, NULL, NULL);

    (void)env;
    if (!st)
        *out = istauth_store_shim_wrap(&fault, real);
    return st;
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    (void)store;
    istauth_memory_store_free(&real);
}

static const istauth_store_fixture fixture = {
    .size = sizeof(fixture), .open = open_store, .close = close_store
};

static void plan(istauth_store_op op, size_t nth, istauth_status status, unsigned how)
{
    istauth_store_shim_plan(&fault, op, nth, status, how);
}

static size_t calls(istauth_store_op op)
{
    return istauth_store_shim_calls(&fault, op);
}

static void test_it_counts_and_stays_out_of_the_way(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_true(is_live(w, access_key(1)));
    assert_true(is_live(w, access_key(1)));
    assert_int_equal(calls(ISTAUTH_STORE_CLIENT_PUT), 1);
    assert_int_equal(calls(ISTAUTH_STORE_CODE_REDEEM), 1);
    assert_int_equal(calls(ISTAUTH_STORE_TOKEN_GET), 2);
    assert_int_equal(calls(ISTAUTH_STORE_ANY), 5);
    assert_int_equal(istauth_store_shim_faults(&fault), 0);
}

static void test_it_fails_the_nth_call_once(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    plan(ISTAUTH_STORE_REFRESH_ROTATE, 2, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_ONCE);
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    assert_status(rotate(w, 2, 3), ISTAUTH_E_UNAVAILABLE);
    assert_true(is_live(w, refresh_key(2))); /* it did not happen */
    assert_status(rotate(w, 2, 3), ISTAUTH_OK);
    assert_int_equal(istauth_store_shim_faults(&fault), 1);
}

static void test_it_fails_any_op_for_good(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;
    size_t count = 77;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    plan(ISTAUTH_STORE_ANY, 2, ISTAUTH_E_NO_MEMORY, ISTAUTH_FAULT_FOREVER);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_OK);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_NO_MEMORY);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_E_NO_MEMORY);
    assert_int_equal(count, 77);
    plan(ISTAUTH_STORE_ANY, 0, ISTAUTH_OK, ISTAUTH_FAULT_ONCE);
    assert_true(is_live(w, key));
}

static void test_it_fails_after_the_fact(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    plan(ISTAUTH_STORE_REFRESH_ROTATE, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    assert_status(rotate(w, 1, 2), ISTAUTH_E_UNAVAILABLE);
    assert_true(token_at(w, refresh_key(1)).token.spent); /* it did happen */
    assert_true(is_live(w, refresh_key(2)));
    memset(&e, 0xAA, sizeof(e));
    plan(ISTAUTH_STORE_TOKEN_GET, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(((unsigned char *)&e)[0], 0xAA);
}

static void test_ops_have_names(void **state)
{
    (void)state;
    assert_string_equal(istauth_store_op_name(ISTAUTH_STORE_CLIENT_PUT), "client_put");
    assert_string_equal(istauth_store_op_name(ISTAUTH_STORE_PURGE), "purge");
    assert_string_equal(istauth_store_op_name(ISTAUTH_STORE_ANY), "any");
    assert_string_equal(istauth_store_op_name((istauth_store_op)99), "unknown");
}

/* --- counts that many threads make --- */

#define EACH 2000

static void *read_it(void *arg)
{
    store_world *w = arg;
    istauth_key key = access_key(1);

    for (unsigned i = 0; i < EACH; i++) {
        char buffer[4096];
        istauth_arena arena;
        istauth_token_entry e;

        istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
        (void)CALL(w, token_get, &key, &arena, &e);
        istauth_arena_wipe(&arena);
    }
    return NULL;
}

static void test_threads_are_all_counted_and_one_fails(void **state)
{
    store_world *w = *state;
    pthread_t threads[4];

    plan(ISTAUTH_STORE_TOKEN_GET, EACH, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_ONCE);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_it, w), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(calls(ISTAUTH_STORE_TOKEN_GET), 4 * EACH);
    assert_int_equal(calls(ISTAUTH_STORE_ANY), 4 * EACH);
    assert_int_equal(istauth_store_shim_faults(&fault), 1);
}

/* Whatever the kit asks of a store, one behind the shim does as well. */
static void test_a_store_behind_it_keeps_the_contract(void **state)
{
    istauth_store_check_options o = ISTAUTH_STORE_CHECK_OPTIONS_INIT;

    (void)state;
    o.rounds = 10;
    o.report = tmpfile();
    assert_non_null(o.report);
    assert_int_equal(istauth_store_check(&fixture, &o), 0);
    fclose(o.report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(fixture, test_it_counts_and_stays_out_of_the_way),
        WITH_STORE(fixture, test_it_fails_the_nth_call_once),
        WITH_STORE(fixture, test_it_fails_any_op_for_good),
        WITH_STORE(fixture, test_it_fails_after_the_fact),
        cmocka_unit_test(test_ops_have_names),
        WITH_STORE(fixture, test_threads_are_all_counted_and_one_fails),
        cmocka_unit_test(test_a_store_behind_it_keeps_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
