/* Allocations that SQLite makes fail, once and from then on: a clear status, nothing
 * half-written, and all is well afterwards. CHECK_EVERY=1 fails every one of them. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>

static sqlite3_mem_methods real;
static struct {
    unsigned left; /* allocations until one fails; 0: none does */
    bool forever, failed;
} plan;

static bool fails(void)
{
    if (plan.left == 0 || --plan.left > 0)
        return false;
    plan.left = plan.forever;
    plan.failed = true;
    return true;
}

static void *failing_malloc(int n)
{
    return fails() ? NULL : real.xMalloc(n);
}

static void *failing_realloc(void *p, int n)
{
    return fails() ? NULL : real.xRealloc(p, n);
}

static void fail_at(unsigned nth, bool forever)
{
    plan.left = nth;
    plan.forever = forever;
    plan.failed = false;
}

/* Thousands are alike, as SQLite reads the schema: the further, the wider apart. */
static unsigned next(unsigned nth)
{
    return nth + 1 + (getenv("CHECK_EVERY") ? 0 : nth / 8);
}

static bool failed_since(void)
{
    plan.left = 0;
    return plan.failed;
}

static istauth_store_fixture fixture;

static store_world *furnished(void)
{
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    const istauth_retry retry = { ISTAUTH_STR_INIT("sealed"), T0 + 60 };
    store_world *w = store_world_new(&fixture, &options);
    istauth_key key = refresh_key(1);
    pair p = pair_of(4);

    assert_non_null(w);
    store_world_open(w);
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    return w;
}

typedef istauth_status (*op)(store_world *w);

static istauth_status client_put(store_world *w)
{
    istauth_client c = client_of("other");

    return CALL(w, client_put, &c);
}

static istauth_status code_put(store_world *w)
{
    istauth_code c = code_of(5);
    istauth_grant g = grant_of(5, "ada", "app");

    return CALL(w, code_put, &c, &g);
}

static istauth_status code_redeem(store_world *w)
{
    return redeem(w, 2, 5);
}

static istauth_status refresh_rotate(store_world *w)
{
    return rotate(w, 4, 5);
}

static istauth_status workspace_remove(store_world *w)
{
    size_t n;

    return CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &n);
}

static istauth_status subject_revoke(store_world *w)
{
    size_t n;

    return CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &n);
}

static istauth_status purge(store_world *w)
{
    istauth_purge_bounds b = bounds_at(T0 + ACCESS_TTL);
    size_t removed;

    return CALL(w, purge, &b, &removed);
}

static istauth_status client_get(store_world *w)
{
    istauth_client c;

    return CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &c);
}

static istauth_status token_get(store_world *w)
{
    istauth_key key = access_key(1);
    istauth_token_entry e;

    return CALL(w, token_get, &key, &w->arena, &e);
}

static istauth_status code_get(store_world *w)
{
    istauth_key key = code_key(2);
    istauth_code_entry e;

    return CALL(w, code_get, &key, &w->arena, &e);
}

static istauth_status retry_get(store_world *w)
{
    istauth_key key = refresh_key(1);
    istauth_retry r;

    return CALL(w, retry_get, &key, &w->arena, &r);
}

static istauth_status client_list(store_world *w)
{
    istauth_clients page;

    return CALL(w, client_list, ISTAUTH_STR(""), 10, &w->arena, &page);
}

static istauth_status grant_list(store_world *w)
{
    istauth_grant_entries page;

    return CALL(w, grant_list, ISTAUTH_STR("app"), NULL, 10, &w->arena, &page);
}

static istauth_status app_list(store_world *w)
{
    istauth_grant_entries list;

    return CALL(w, app_list, ISTAUTH_STR("ada"), 10, &w->arena, &list);
}

static istauth_status personal_list(store_world *w)
{
    istauth_grant_entries list;

    return CALL(w, personal_list, ISTAUTH_STR("ada"), 10, &w->arena, &list);
}

/* SQLite does without some allocations: then the op is done, and needs a new store to be tried
 * again. */
static void starve(op run, bool forever)
{
    store_world *w = furnished();
    char *before = strdup(snapshot(w));
    unsigned n = 1, refused = 0;
    istauth_status st;
    bool failed;

    do {
        assert_status(fixture.reopen(fixture.env, &w->store), ISTAUTH_OK);
        fail_at(n, forever);
        st = run(w);
        failed = failed_since();
        if (st) {
            assert_true(failed);
            assert_status(st, ISTAUTH_E_NO_MEMORY);
            assert_string_equal(snapshot(w), before);
            refused++;
        } else if (failed) {
            store_world_free(w);
            w = furnished();
        }
        istauth_arena_wipe(&w->arena);
        n = next(n);
    } while (failed);
    assert_status(st, ISTAUTH_OK);
    assert_true(refused > 0);
    free(before);
    store_world_free(w);
}

static void test_no_memory_for_an_op(void **state)
{
    static const op ops[] = { client_put, code_put,  code_redeem, refresh_rotate, workspace_remove,
                              subject_revoke, purge, client_get,  token_get,      code_get,
                              retry_get,  app_list,  personal_list, client_list, grant_list };

    (void)state;
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        starve(ops[i], false);
        starve(ops[i], true);
    }
}

static void open_starved(bool forever)
{
    sqlite_place *place = fixture.env;
    istauth_store store;
    istauth_status st;
    unsigned n = 1;
    bool failed;

    do {
        istauth_error error = { ISTAUTH_OK, "" };

        sqlite_place_clear(place);
        fail_at(n, forever);
        st = istauth_sqlite_store_open(&store, place->file, NULL, &error);
        failed = failed_since();
        if (st) {
            assert_true(failed);
            assert_status(st, ISTAUTH_E_NO_MEMORY);
            assert_string_equal(error.detail, "out of memory");
            assert_status(fixture.open(place, &store), ISTAUTH_OK); /* what is there is good */
        }
        istauth_sqlite_store_close(&store);
        n = next(n);
    } while (failed);
    assert_status(st, ISTAUTH_OK);
    sqlite_place_clear(place);
}

static void test_no_memory_to_open(void **state)
{
    (void)state;
    open_starved(false);
    open_starved(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_memory_for_an_op),
        cmocka_unit_test(test_no_memory_to_open),
    };
    sqlite3_mem_methods failing;
    sqlite_place place;
    int failed;

    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real))
        return 1;
    failing = real;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &failing))
        return 1;
    sqlite_place_init(&place);
    fixture = sqlite_fixture(&place);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    sqlite_place_wipe(&place);
    return failed;
}
