/* What goes in comes out: every field of every record, whatever its bytes. */
#include "support/store_cases_i.h"

#include <stdlib.h>

static void assert_clients_equal(const istauth_client *got, const istauth_client *want)
{
    assert_text(got->client_id, want->client_id.p);
    assert_int_equal(got->origin, want->origin);
    assert_text(got->name, want->name.p);
    assert_text(got->client_uri, want->client_uri.p);
    assert_text(got->logo_uri, want->logo_uri.p);
    assert_text(got->policy_uri, want->policy_uri.p);
    assert_text(got->tos_uri, want->tos_uri.p);
    assert_text(got->software_id, want->software_id.p);
    assert_text(got->software_version, want->software_version.p);
    assert_int_equal(got->redirect_uris.count, want->redirect_uris.count);
    for (size_t i = 0; i < want->redirect_uris.count; i++)
        assert_text(got->redirect_uris.items[i], want->redirect_uris.items[i].p);
    assert_text(got->scopes, want->scopes.p);
    assert_int_equal(got->grant_types, want->grant_types);
    assert_int_equal(got->native, want->native);
    assert_int_equal(got->registered_at, want->registered_at);
    assert_int_equal(got->used_at, want->used_at);
}

static void assert_grants_equal(const istauth_grant *got, const istauth_grant *want)
{
    assert_string_equal(got->id.text, want->id.text);
    assert_text(got->subject, want->subject.p);
    assert_text(got->client_id, want->client_id.p);
    assert_text(got->name, want->name.p ? want->name.p : "");
    assert_text(got->scopes, want->scopes.p);
    assert_int_equal(got->workspaces.count, want->workspaces.count);
    for (size_t i = 0; i < want->workspaces.count; i++)
        assert_text(got->workspaces.items[i], want->workspaces.items[i].p);
    assert_text(got->resource, want->resource.p);
    assert_int_equal(got->created_at, want->created_at);
    assert_int_equal(got->issued_at, want->issued_at);
    assert_int_equal(got->used_at, want->used_at);
    assert_int_equal(got->pending, want->pending);
    assert_int_equal(got->revoked, want->revoked);
}

static istauth_client client_at(store_world *w, const char *client_id)
{
    istauth_client c;

    assert_status(CALL(w, client_get, istauth_str_of(client_id), &w->arena, &c), ISTAUTH_OK);
    return c;
}

static istauth_code_entry code_at(store_world *w, unsigned n)
{
    istauth_key key = code_key(n);
    istauth_code_entry e;

    assert_status(CALL(w, code_get, &key, &w->arena, &e), ISTAUTH_OK);
    return e;
}

static void test_client_round_trip(void **state)
{
    store_world *w = *state;
    istauth_client want = client_of("app"), got;

    want.used_at = 5;
    want.origin = ISTAUTH_CLIENT_PROVISIONED;
    assert_status(CALL(w, client_put, &want), ISTAUTH_OK);
    got = client_at(w, "app");
    assert_clients_equal(&got, &want);
    assert_status(CALL(w, client_get, ISTAUTH_STR("ap"), &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void test_client_put_twice_keeps_the_first(void **state)
{
    store_world *w = *state;
    istauth_client second = client_of("app");

    have_client(w, "app");
    second.name = ISTAUTH_STR("Impostor");
    assert_status(CALL(w, client_put, &second), ISTAUTH_E_EXISTS);
    assert_text(client_at(w, "app").name, "Notebook");
}

static void test_client_update_keeps_origin_and_times(void **state)
{
    const istauth_str uri = ISTAUTH_STR("https://new.example/callback");
    store_world *w = *state;
    istauth_client want = client_of("app"), got;

    assert_status(CALL(w, client_update, &want), ISTAUTH_E_NOT_FOUND);
    have_client(w, "app");
    want.name = ISTAUTH_STR("A much longer name than it had before");
    want.redirect_uris.items = &uri;
    want.redirect_uris.count = 1;
    want.scopes = ISTAUTH_STR("mcp");
    want.grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE;
    want.native = false;
    want.origin = ISTAUTH_CLIENT_PROVISIONED;
    want.registered_at = want.used_at = 9;
    assert_status(CALL(w, client_update, &want), ISTAUTH_OK);
    want.origin = ISTAUTH_CLIENT_REGISTERED;
    want.registered_at = T0;
    want.used_at = 0;
    got = client_at(w, "app");
    assert_clients_equal(&got, &want);
}

static void test_code_round_trip(void **state)
{
    store_world *w = *state;
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;

    have_client(w, "app");
    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
    got = code_at(w, 1);
    assert_memory_equal(&got.code.key, &code.key, sizeof(code.key));
    assert_text(got.code.redirect_uri, code.redirect_uri.p);
    assert_text(got.code.challenge, code.challenge.p);
    assert_int_equal(got.code.created_at, code.created_at);
    assert_int_equal(got.code.expires_at, code.expires_at);
    assert_false(got.code.spent);
    assert_grants_equal(&got.grant, &grant);
}

static void test_code_needs_its_client(void **state)
{
    store_world *w = *state;
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;

    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, code_get, &code.key, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void test_redeem_brings_the_grant_to_life(void **state)
{
    store_world *w = *state;
    istauth_key key = code_key(1);
    istauth_grant want = grant_of(1, "ada", "app");
    istauth_token_entry got;
    pair p = pair_of(1);

    have_client(w, "app");
    have_code(w, 1, "ada", "app");
    assert_status(CALL(w, code_redeem, &key, pair_list(&p), T0 + 7), ISTAUTH_OK);
    want.pending = false;
    want.issued_at = T0 + 7;
    got = token_at(w, access_key(1));
    assert_grants_equal(&got.grant, &want);
    assert_int_equal(got.token.kind, ISTAUTH_TOKEN_ACCESS);
    assert_string_equal(got.token.grant_id.text, want.id.text);
    assert_int_equal(token_at(w, refresh_key(1)).token.kind, ISTAUTH_TOKEN_REFRESH);
    assert_int_equal(client_at(w, "app").used_at, T0 + 7);
    assert_true(code_at(w, 1).code.spent);
    assert_false(code_at(w, 1).grant.pending);
}

static void test_redeem_may_issue_an_access_token_alone(void **state)
{
    store_world *w = *state;
    istauth_key key = code_key(1), refresh = refresh_key(1);
    istauth_token_entry got;
    pair p = pair_of(1);
    istauth_token_list one = { p.items, 1 };

    have_client(w, "app");
    have_code(w, 1, "ada", "app");
    assert_status(CALL(w, code_redeem, &key, one, T0), ISTAUTH_OK);
    assert_true(is_live(w, access_key(1)));
    assert_status(CALL(w, token_get, &refresh, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void test_rotate_keeps_both(void **state)
{
    store_world *w = *state;
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), T0 + 9), ISTAUTH_OK);
    assert_true(token_at(w, refresh_key(1)).token.spent);
    assert_false(token_at(w, refresh_key(1)).token.revoked);
    assert_true(is_live(w, refresh_key(2)));
    assert_true(is_live(w, access_key(1)));
    assert_true(is_live(w, access_key(2)));
    assert_int_equal(token_at(w, access_key(2)).grant.issued_at, T0 + 9);
    assert_string_equal(token_at(w, access_key(2)).token.grant_id.text, id_of(1).text);
}

static void test_rotate_is_for_refresh_tokens(void **state)
{
    store_world *w = *state;
    istauth_key keys[] = { access_key(1), personal_key(2), code_key(1), refresh_key(3) };
    pair p = pair_of(4);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_personal(w, 2, "ada");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_status(CALL(w, refresh_rotate, &keys[i], pair_list(&p), T0), ISTAUTH_E_NOT_FOUND);
    assert_true(is_live(w, access_key(1)));
    assert_true(is_live(w, personal_key(2)));
}

static void check_token(store_world *w, unsigned n, istauth_token want)
{
    istauth_key code = code_key(n);
    istauth_token_list one = { &want, 1 };
    istauth_token got;

    have_code(w, n, "ada", "app");
    want.key = access_key(n);
    assert_status(CALL(w, code_redeem, &code, one, T0), ISTAUTH_OK);
    got = token_at(w, want.key).token;
    assert_memory_equal(&got.key, &want.key, sizeof(want.key));
    assert_int_equal(got.kind, want.kind);
    assert_text(got.scopes, want.scopes.p ? want.scopes.p : "");
    assert_int_equal(got.issued_at, want.issued_at);
    assert_int_equal(got.expires_at, want.expires_at);
    assert_false(got.spent);
    assert_false(got.revoked);
}

/* S-7: any time, in any order, with and without scopes of its own. */
static void test_s_7_token_times_are_kept_as_given(void **state)
{
    static const istauth_time times[] = { INT64_MIN, -1,        0,           1,
                                          T0,        T0 + 3600, INT64_C(1) << 33, INT64_MAX };
    const size_t count = sizeof(times) / sizeof(times[0]);
    store_world *w = *state;
    unsigned n = 1;

    have_client(w, "app");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            istauth_token t = { .kind = ISTAUTH_TOKEN_ACCESS,
                                .issued_at = times[i],
                                .expires_at = times[j] };

            check_token(w, n++, t);
            t.scopes = ISTAUTH_STR("mcp");
            check_token(w, n++, t);
        }
}

static void test_s_7_an_expired_record_is_found_like_any_other(void **state)
{
    store_world *w = *state;
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    pair p = pair_of(1);

    have_client(w, "app");
    code.expires_at = 1;
    p.items[0].expires_at = p.items[1].expires_at = 2;
    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
    assert_status(CALL(w, code_redeem, &code.key, pair_list(&p), T0), ISTAUTH_OK);
    assert_true(is_live(w, access_key(1)));
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
}

static void test_personal_round_trip(void **state)
{
    store_world *w = *state;
    istauth_grant want = personal_grant_of(1, "ada");
    istauth_token_entry got;

    have_personal(w, 1, "ada");
    got = token_at(w, personal_key(1));
    assert_grants_equal(&got.grant, &want);
    assert_int_equal(got.token.kind, ISTAUTH_TOKEN_PERSONAL);
    assert_int_equal(got.token.expires_at, 0);
    assert_string_equal(got.token.grant_id.text, want.id.text);
}

/* A copy of `text` that is overwritten once the call is over. */
static istauth_str scratch(istauth_str text)
{
    char *p = malloc(text.n + 1);
    istauth_str s = { p, text.n };

    assert_non_null(p);
    if (text.n)
        memcpy(p, text.p, text.n);
    p[text.n] = '!'; /* where a store that counts on a NUL reads on */
    return s;
}

static void spoil(istauth_str s)
{
    memset((void *)(uintptr_t)s.p, 'X', s.n + 1);
    free((void *)(uintptr_t)s.p);
}

static void put_and_spoil(store_world *w, const istauth_code *code, const istauth_grant *grant)
{
    istauth_str items[2] = { scratch(grant->workspaces.items[0]),
                             scratch(grant->workspaces.items[1]) };
    istauth_code c = *code;
    istauth_grant g = *grant;

    c.redirect_uri = scratch(c.redirect_uri);
    c.challenge = scratch(c.challenge);
    g.subject = scratch(g.subject);
    g.client_id = scratch(g.client_id);
    g.scopes = scratch(g.scopes);
    g.resource = scratch(g.resource);
    g.workspaces.items = items;
    assert_status(CALL(w, code_put, &c, &g), ISTAUTH_OK);
    spoil(c.redirect_uri);
    spoil(c.challenge);
    spoil(g.subject);
    spoil(g.client_id);
    spoil(g.scopes);
    spoil(g.resource);
    spoil(items[0]);
    spoil(items[1]);
}

static void test_s_6_what_was_passed_in_is_not_kept(void **state)
{
    store_world *w = *state;
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;
    pair p = pair_of(1);
    istauth_str scopes = scratch(ISTAUTH_STR("mcp"));

    have_client(w, "app");
    put_and_spoil(w, &code, &grant);
    got = code_at(w, 1);
    assert_text(got.code.challenge, code.challenge.p);
    assert_grants_equal(&got.grant, &grant);
    p.items[0].scopes = scopes;
    assert_status(CALL(w, code_redeem, &code.key, pair_list(&p), T0), ISTAUTH_OK);
    spoil(scopes);
    memset(&p, 0xAA, sizeof(p));
    assert_text(token_at(w, access_key(1)).token.scopes, "mcp");
}

/* What was read stays as it was read, whatever happens to the store. */
static void test_s_6_what_was_read_is_a_copy(void **state)
{
    store_world *w = *state;
    istauth_client client;
    istauth_token_entry got;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    client = client_at(w, "app");
    got = token_at(w, access_key(1));
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    purge_all(w, bounds_at(INT64_MAX));
    assert_text(client.name, "Notebook");
    assert_text(got.grant.subject, "ada");
    assert_text(got.grant.workspaces.items[1], "ws_b");
}

static void test_s_6_long_and_empty_texts(void **state)
{
    store_world *w = *state;
    char *text = malloc(65536);
    istauth_str uris[2] = { ISTAUTH_STR_INIT(""), { text, 65535 } };
    istauth_client want = client_of("app"), got;
    istauth_grant grant = grant_of(1, "ada", "app"), kept;
    istauth_code code = code_of(1);

    assert_non_null(text);
    memset(text, 'u', 65535);
    text[65535] = '\0';
    want.redirect_uris.items = uris;
    want.logo_uri = uris[1];
    want.tos_uri = want.scopes = uris[0];
    assert_status(CALL(w, client_put, &want), ISTAUTH_OK);
    got = client_at(w, "app");
    assert_clients_equal(&got, &want);
    grant.scopes = grant.resource = uris[0];
    grant.subject = uris[1];
    grant.workspaces.items = uris;
    code.redirect_uri = uris[1];
    code.challenge = uris[0];
    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
    assert_text(code_at(w, 1).code.redirect_uri, text);
    assert_text(code_at(w, 1).code.challenge, "");
    kept = code_at(w, 1).grant;
    assert_grants_equal(&kept, &grant);
    free(text);
}

static void test_s_6_empty_lists(void **state)
{
    store_world *w = *state;
    istauth_client client = client_of("app");
    istauth_grant grant = personal_grant_of(1, "ada");
    istauth_token token = personal_of(1);

    client.redirect_uris.items = NULL;
    client.redirect_uris.count = 0;
    grant.workspaces = client.redirect_uris;
    assert_status(CALL(w, client_put, &client), ISTAUTH_OK);
    assert_int_equal(client_at(w, "app").redirect_uris.count, 0);
    assert_status(CALL(w, personal_put, &token, &grant), ISTAUTH_OK);
    assert_int_equal(token_at(w, personal_key(1)).grant.workspaces.count, 0);
}

static void test_s_8_keys_may_hold_zero_bytes(void **state)
{
    store_world *w = *state;
    istauth_key none = { { 0 } };
    istauth_token token = personal_of(1);
    istauth_grant grant = personal_grant_of(1, "ada");
    istauth_token_entry got;

    assert_status(CALL(w, token_get, &none, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
    token.key = none;
    assert_status(CALL(w, personal_put, &token, &grant), ISTAUTH_OK);
    for (unsigned i = 0; i < ISTAUTH_KEY_SIZE; i++) {
        istauth_key one = none;

        one.bytes[i] = 1;
        assert_status(CALL(w, token_get, &one, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
        token.key = one;
        grant.id = id_of(2 + i);
        assert_status(CALL(w, personal_put, &token, &grant), ISTAUTH_OK);
        assert_string_equal(token_at(w, one).grant.id.text, grant.id.text);
    }
    assert_string_equal(token_at(w, none).grant.id.text, id_of(1).text);
}

static void test_s_8_case_and_length_matter(void **state)
{
    static const char *const ids[] = { "app", "App", "APP", "app1", "ap", "app ", "_pp", "%" };
    store_world *w = *state;

    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        istauth_client c = client_of(ids[i]);

        assert_status(CALL(w, client_get, c.client_id, &w->arena, &c), ISTAUTH_E_NOT_FOUND);
        have_client(w, ids[i]);
        have_app(w, i, ids[i], ids[i]); /* a subject of the same name */
    }
    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        istauth_grant_entries list;

        assert_text(client_at(w, ids[i]).client_id, ids[i]);
        assert_status(CALL(w, app_list, istauth_str_of(ids[i]), 9, &w->arena, &list), ISTAUTH_OK);
        assert_int_equal(list.count, 1);
        assert_string_equal(list.items[0].grant.id.text, id_of(i).text);
    }
}

/* One key as a code, a token and a nonce: three things that do not know each other. */
static void test_kinds_of_key_do_not_meet(void **state)
{
    store_world *w = *state;
    istauth_key key = code_key(1);
    istauth_token token = personal_of(2);
    istauth_grant grant = personal_grant_of(2, "ada");
    istauth_token_entry got;
    istauth_code_entry code;

    have_client(w, "app");
    have_code(w, 1, "ada", "app");
    assert_status(CALL(w, token_get, &key, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, nonce_claim, &key, T0), ISTAUTH_OK);
    token.key = key;
    assert_status(CALL(w, personal_put, &token, &grant), ISTAUTH_OK);
    assert_string_equal(token_at(w, key).grant.id.text, id_of(2).text);
    assert_string_equal(code_at(w, 1).grant.id.text, id_of(1).text);
    key = access_key(9);
    assert_status(CALL(w, code_get, &key, &w->arena, &code), ISTAUTH_E_NOT_FOUND);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_client_round_trip),
    cmocka_unit_test(test_client_put_twice_keeps_the_first),
    cmocka_unit_test(test_client_update_keeps_origin_and_times),
    cmocka_unit_test(test_code_round_trip),
    cmocka_unit_test(test_code_needs_its_client),
    cmocka_unit_test(test_redeem_brings_the_grant_to_life),
    cmocka_unit_test(test_redeem_may_issue_an_access_token_alone),
    cmocka_unit_test(test_rotate_keeps_both),
    cmocka_unit_test(test_rotate_is_for_refresh_tokens),
    cmocka_unit_test(test_s_7_token_times_are_kept_as_given),
    cmocka_unit_test(test_s_7_an_expired_record_is_found_like_any_other),
    cmocka_unit_test(test_personal_round_trip),
    cmocka_unit_test(test_s_6_what_was_passed_in_is_not_kept),
    cmocka_unit_test(test_s_6_what_was_read_is_a_copy),
    cmocka_unit_test(test_s_6_long_and_empty_texts),
    cmocka_unit_test(test_s_6_empty_lists),
    cmocka_unit_test(test_s_8_keys_may_hold_zero_bytes),
    cmocka_unit_test(test_s_8_case_and_length_matter),
    cmocka_unit_test(test_kinds_of_key_do_not_meet),
};

const case_list store_record_cases = CASE_LIST(tests);
