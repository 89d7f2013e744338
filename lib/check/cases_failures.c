/* S-4: an op that fails changed nothing, and wrote nothing to what it was given for results. S-5
 * where there is nothing. */
#include "check/cases_i.h"

#include <stdlib.h>

static void furnish(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
}

static void a_second_code_changes_nothing(store_world *w)
{
    istauth_code same_key = code_of(1), new_key = code_of(5);
    istauth_grant same_id = grant_of(1, "grace", "app"), new_id = grant_of(5, "grace", "app");
    const char *before;

    furnish(w);
    before = snapshot(w);
    assert_status(CALL(w, code_put, &same_key, &new_id), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, code_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    same_id.id = id_of(3); /* a personal token's grant */
    assert_status(CALL(w, code_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    new_id.client_id = ISTAUTH_STR("nobody");
    assert_status(CALL(w, code_put, &new_key, &new_id), ISTAUTH_E_NOT_FOUND);
    assert_snapshot(w, before);
}

static void a_second_personal_token_changes_nothing(store_world *w)
{
    istauth_token same_key = personal_of(3), new_key = personal_of(5);
    istauth_grant same_id = personal_grant_of(3, "grace"), new_id = personal_grant_of(5, "grace");
    const char *before;

    furnish(w);
    before = snapshot(w);
    assert_status(CALL(w, personal_put, &same_key, &new_id), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, personal_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    same_id.id = id_of(2); /* a pending app */
    assert_status(CALL(w, personal_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    same_key.key = refresh_key(1);
    assert_status(CALL(w, personal_put, &same_key, &new_id), ISTAUTH_E_EXISTS);
    assert_snapshot(w, before);
}

/* A key that is taken, as first, as second, and by the other one of the pair. */
static void a_taken_token_key_leaves_code_and_token_unspent(store_world *w)
{
    istauth_key code = code_key(2), refresh = refresh_key(1);
    const char *before;
    pair p[3];

    furnish(w);
    before = snapshot(w);
    for (int i = 0; i < 3; i++)
        p[i] = pair_of(5);
    p[0].items[0].key = access_key(1);
    p[1].items[1].key = personal_key(3);
    p[2].items[1].key = p[2].items[0].key;
    for (int i = 0; i < 3; i++) {
        assert_status(CALL(w, code_redeem, &code, pair_list(&p[i]), T0 + 1), ISTAUTH_E_EXISTS);
        assert_status(CALL(w, refresh_rotate, &refresh, pair_list(&p[i]), NULL, T0 + 1),
                      ISTAUTH_E_EXISTS);
    }
    assert_snapshot(w, before);
    assert_status(redeem(w, 2, 5), ISTAUTH_OK);
    assert_status(rotate(w, 1, 6), ISTAUTH_OK);
}

static void losers_change_nothing(store_world *w)
{
    istauth_id id = id_of(1);
    const char *before;

    furnish(w);
    assert_status(rotate(w, 1, 4), ISTAUTH_OK);
    before = snapshot(w);
    assert_refused(redeem(w, 1, 5));
    assert_refused(rotate(w, 1, 5));
    assert_snapshot(w, before);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    before = snapshot(w);
    assert_refused(rotate(w, 4, 5));
    assert_snapshot(w, before);
}

/* One read with as much arena as `cap`; results over 0xAA bytes. */
typedef istauth_status (*reader)(store_world *w, istauth_arena *arena, void *out);

static istauth_status read_client(store_world *w, istauth_arena *arena, void *out)
{
    return CALL(w, client_get, ISTAUTH_STR("app"), arena, out);
}

static istauth_status read_code(store_world *w, istauth_arena *arena, void *out)
{
    istauth_key key = code_key(2);

    return CALL(w, code_get, &key, arena, out);
}

static istauth_status read_token(store_world *w, istauth_arena *arena, void *out)
{
    istauth_key key = access_key(1);

    return CALL(w, token_get, &key, arena, out);
}

static istauth_status read_retry(store_world *w, istauth_arena *arena, void *out)
{
    istauth_key key = refresh_key(1);

    return CALL(w, retry_get, &key, arena, out);
}

static istauth_status read_apps(store_world *w, istauth_arena *arena, void *out)
{
    return CALL(w, app_list, ISTAUTH_STR("ada"), 10, arena, out);
}

static istauth_status read_personal(store_world *w, istauth_arena *arena, void *out)
{
    return CALL(w, personal_list, ISTAUTH_STR("ada"), 10, arena, out);
}

static istauth_status read_clients(store_world *w, istauth_arena *arena, void *out)
{
    return CALL(w, client_list, ISTAUTH_STR(""), 10, arena, out);
}

static istauth_status read_grants(store_world *w, istauth_arena *arena, void *out)
{
    return CALL(w, grant_list, ISTAUTH_STR("app"), NULL, 10, arena, out);
}

static bool is_untouched(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0xAA)
            return false;
    return true;
}

/* More and more room until it is enough, and untouched results until then. */
static void starve(store_world *w, reader read)
{
    unsigned char out[1024];
    char buffer[4096];
    size_t refused = 0;

    for (size_t room = 0; room <= sizeof(buffer); room += 8) {
        istauth_arena arena;
        istauth_status st;

        istauth_arena_init(&arena, buffer, room, NULL, 0);
        memset(out, 0xAA, sizeof(out));
        st = read(w, &arena, out);
        istauth_arena_wipe(&arena);
        if (!st) {
            assert_true(refused > 0);
            return;
        }
        assert_status(st, ISTAUTH_E_NO_MEMORY);
        assert_true(is_untouched(out, sizeof(out)));
        refused++;
    }
    FAIL("%zu bytes of arena do not do", sizeof(buffer));
}

static void a_full_arena_leaves_results_untouched(store_world *w)
{
    furnish(w);
    starve(w, read_client);
    starve(w, read_code);
    starve(w, read_token);
    assert_status(rotate_keeping(w, 1, 4, ISTAUTH_STR("an answer")), ISTAUTH_OK);
    starve(w, read_retry);
    starve(w, read_apps);
    starve(w, read_personal);
    starve(w, read_clients);
    starve(w, read_grants);
}

static void not_found_leaves_results_untouched(store_world *w)
{
    istauth_key key = access_key(9);
    union {
        unsigned char bytes[1024];
        istauth_client client;
        istauth_code_entry code;
        istauth_token_entry token;
        istauth_retry retry;
    } out;

    memset(&out, 0xAA, sizeof(out));
    assert_status(CALL(w, client_get, ISTAUTH_STR("x"), &w->arena, &out.client),
                  ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, code_get, &key, &w->arena, &out.code), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, token_get, &key, &w->arena, &out.token), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, retry_get, &key, &w->arena, &out.retry), ISTAUTH_E_NOT_FOUND);
    assert_true(is_untouched(out.bytes, sizeof(out)));
}

/* --- S-5: what ops answer of what they never heard of --- */

static void nothing_is_found_where_nothing_is(store_world *w)
{
    const istauth_key key = access_key(1);
    const istauth_id id = id_of(1);
    istauth_client client = client_of("app");
    istauth_token token = machine_of(1);
    istauth_grant grant = machine_grant_of(1, "app");

    assert_status(CALL(w, machine_put, &token, &grant), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, client_update, &client), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, client_delete, client.client_id, T0), ISTAUTH_E_NOT_FOUND);
    assert_status(redeem(w, 1, 1), ISTAUTH_E_NOT_FOUND);
    assert_status(rotate(w, 1, 1), ISTAUTH_E_NOT_FOUND);
    assert_status(rotate_keeping(w, 1, 1, ISTAUTH_STR("x")), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, token_revoke, &key, T0), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, grant_touch, &id, T0), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &id, T0), ISTAUTH_E_NOT_FOUND);
}

static void lists_and_counts_of_nothing_are_empty(store_world *w)
{
    const istauth_str ada = ISTAUTH_STR("ada"), app = ISTAUTH_STR("app");
    const istauth_str_list apps = { &app, 1 };
    istauth_purge_bounds b = bounds_at(INT64_MAX);
    istauth_grant_entries list = { NULL, 99 };
    size_t count = 99;

    assert_status(CALL(w, app_list, ada, 9, &w->arena, &list), ISTAUTH_OK);
    assert_int_equal(list.count, 0);
    list.count = 99;
    assert_status(CALL(w, personal_list, ada, 9, &w->arena, &list), ISTAUTH_OK);
    assert_int_equal(list.count, 0);
    assert_status(CALL(w, app_disconnect, ada, apps, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
    count = 99;
    assert_status(CALL(w, subject_revoke, ada, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
    count = 99;
    assert_status(CALL(w, workspace_remove, ada, ISTAUTH_STR("ws_a"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
    count = 99;
    assert_status(CALL(w, purge, &b, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
}

static const check_case cases[] = {
    CASE("S-4", a_second_code_changes_nothing),
    CASE("S-4", a_second_personal_token_changes_nothing),
    CASE("S-4", a_taken_token_key_leaves_code_and_token_unspent),
    CASE("S-4", losers_change_nothing),
    CASE("S-4 S-5", a_full_arena_leaves_results_untouched),
    CASE("S-6", not_found_leaves_results_untouched),
    CASE("S-5", nothing_is_found_where_nothing_is),
    CASE("S-5", lists_and_counts_of_nothing_are_empty),
};

const check_cases check_failure_cases = CASE_LIST(cases);
