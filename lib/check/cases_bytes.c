/* S-6 and S-8: whatever the bytes, and whoever owns them afterwards. */
#include "check/cases_i.h"

#include <stdlib.h>

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

static void what_was_passed_in_is_not_kept(store_world *w)
{
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
static void what_was_read_is_a_copy(store_world *w)
{
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

static void long_and_empty_texts(store_world *w)
{
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

static void empty_lists(store_world *w)
{
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

static void keys_may_hold_zero_bytes(store_world *w)
{
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

static void case_and_length_matter(store_world *w)
{
    static const char *const ids[] = { "app", "App", "APP", "app1", "ap", "app ", "_pp", "%" };

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

static const check_case cases[] = {
    CASE("S-6", what_was_passed_in_is_not_kept),
    CASE("S-6", what_was_read_is_a_copy),
    CASE("S-6", long_and_empty_texts),
    CASE("S-6", empty_lists),
    CASE("S-8 ST-15", keys_may_hold_zero_bytes),
    CASE("S-8 ST-14", case_and_length_matter),
};

const check_cases check_byte_cases = CASE_LIST(cases);
