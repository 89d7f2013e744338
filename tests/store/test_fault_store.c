/* The wrapper that makes stores fail is itself to be trusted. */
#include <istauth/memory_store.h>

#include "support/fault_store.h"
#include "support/store_fixture.h"

static istauth_store real;
static fault_store fault;

static istauth_status open_store(void *env, istauth_store *out)
{
    istauth_status st = istauth_memory_store_new(&real, NULL, NULL);

    (void)env;
    if (!st)
        *out = fault_store_wrap(&fault, real);
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

static void test_it_counts_and_stays_out_of_the_way(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_true(is_live(w, access_key(1)));
    assert_true(is_live(w, access_key(1)));
    assert_int_equal(fault.calls[FAULT_CLIENT_PUT], 1);
    assert_int_equal(fault.calls[FAULT_CODE_REDEEM], 1);
    assert_int_equal(fault.calls[FAULT_TOKEN_GET], 2);
    assert_int_equal(fault.calls[FAULT_ANY], 5);
    assert_int_equal(fault.faults, 0);
}

static void test_it_fails_the_nth_call_once(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    fault_store_plan(&fault, FAULT_REFRESH_ROTATE, 2, ISTAUTH_E_UNAVAILABLE, FAULT_ONCE);
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    assert_status(rotate(w, 2, 3), ISTAUTH_E_UNAVAILABLE);
    assert_true(is_live(w, refresh_key(2))); /* it did not happen */
    assert_status(rotate(w, 2, 3), ISTAUTH_OK);
    assert_int_equal(fault.faults, 1);
}

static void test_it_fails_any_op_for_good(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;
    size_t count = 77;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    fault_store_plan(&fault, FAULT_ANY, 2, ISTAUTH_E_NO_MEMORY, FAULT_FOREVER);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_OK);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_NO_MEMORY);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_E_NO_MEMORY);
    assert_int_equal(count, 77);
    fault_store_plan(&fault, FAULT_ANY, 0, ISTAUTH_OK, FAULT_ONCE);
    assert_true(is_live(w, key));
}

static void test_it_fails_after_the_fact(void **state)
{
    store_world *w = *state;
    istauth_key key = access_key(1);
    istauth_token_entry e;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    fault_store_plan(&fault, FAULT_REFRESH_ROTATE, 1, ISTAUTH_E_UNAVAILABLE, FAULT_AFTER);
    assert_status(rotate(w, 1, 2), ISTAUTH_E_UNAVAILABLE);
    assert_true(token_at(w, refresh_key(1)).token.spent); /* it did happen */
    assert_true(is_live(w, refresh_key(2)));
    memset(&e, 0xAA, sizeof(e));
    fault_store_plan(&fault, FAULT_TOKEN_GET, 1, ISTAUTH_E_UNAVAILABLE, FAULT_AFTER);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(((unsigned char *)&e)[0], 0xAA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(fixture, test_it_counts_and_stays_out_of_the_way),
        WITH_STORE(fixture, test_it_fails_the_nth_call_once),
        WITH_STORE(fixture, test_it_fails_any_op_for_good),
        WITH_STORE(fixture, test_it_fails_after_the_fact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
