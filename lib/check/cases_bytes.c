/* S-6 and S-8: whatever the bytes, and whoever owns them afterwards. */
#include "check/cases_i.h"

#include <stdlib.h>

/* Memory that is lent to the store for a call, and overwritten once that is over. */
typedef struct lender {
    char *p;
    size_t n, room;
} lender;

static lender lender_new(store_world *w)
{
    lender l = { istauth_arena_alloc(&w->arena, 8192), 0, 8192 };

    assert_non_null(l.p);
    return l;
}

static istauth_str lent(lender *l, istauth_str text)
{
    istauth_str s = { l->p + l->n, text.n };

    assert_true(text.n < l->room - l->n);
    if (text.n)
        memcpy(l->p + l->n, text.p, text.n);
    l->n += text.n;
    l->p[l->n++] = '!'; /* where a store that counts on a NUL reads on */
    return s;
}

/* Two of them. */
static istauth_str_list lent_list(lender *l, istauth_str_list list, istauth_str items[2])
{
    istauth_str_list copy = { items, 2 };

    assert_int_equal(list.count, 2);
    items[0] = lent(l, list.items[0]);
    items[1] = lent(l, list.items[1]);
    return copy;
}

static void spoil(lender *l)
{
    memset(l->p, 'X', l->n);
    l->n = 0;
}

static void a_client_is_not_kept_by_reference(store_world *w)
{
    istauth_client want = client_of("app"), c = want, got;
    istauth_str *texts[] = { &c.client_id, &c.name,        &c.client_uri,       &c.logo_uri,
                             &c.policy_uri, &c.tos_uri,    &c.software_id,      &c.software_version,
                             &c.scopes,     &c.jwks,       &c.jwks_uri,         &c.resource };
    istauth_str uris[2], workspaces[2];
    lender l = lender_new(w);

    for (int updating = 0; updating < 2; updating++) {
        c = want;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            *texts[i] = lent(&l, *texts[i]);
        c.redirect_uris = lent_list(&l, c.redirect_uris, uris);
        c.workspaces = lent_list(&l, c.workspaces, workspaces);
        if (updating)
            assert_status(CALL(w, client_update, &c), ISTAUTH_OK);
        else
            assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
        spoil(&l);
        uris[0] = uris[1] = workspaces[0] = workspaces[1] = ISTAUTH_STR("spoilt");
        got = client_at(w, "app");
        assert_clients_equal(&got, &want);
        want.name = ISTAUTH_STR("Renamed");
    }
}

static void put_lent(store_world *w, lender *l, const istauth_code *code,
                     const istauth_grant *grant)
{
    istauth_code c = *code;
    istauth_grant g = *grant;
    istauth_str workspaces[2];

    c.redirect_uri = lent(l, c.redirect_uri);
    c.challenge = lent(l, c.challenge);
    c.nonce = lent(l, c.nonce);
    g.subject = lent(l, g.subject);
    g.client_id = lent(l, g.client_id);
    g.scopes = lent(l, g.scopes);
    g.resource = lent(l, g.resource);
    g.workspaces = lent_list(l, g.workspaces, workspaces);
    assert_status(CALL(w, code_put, &c, &g), ISTAUTH_OK);
    spoil(l);
    workspaces[0] = workspaces[1] = ISTAUTH_STR("spoilt");
}

static void rotate_lent(store_world *w, lender *l)
{
    const istauth_retry retry = { lent(l, ISTAUTH_STR("an answer")), T0 };
    istauth_key key = refresh_key(1);
    istauth_retry got;
    pair p = pair_of(2);

    p.items[1].scopes = lent(l, ISTAUTH_STR("profile"));
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    spoil(l);
    memset(&p, 0xAA, sizeof(p));
    assert_text(token_at(w, refresh_key(2)).token.scopes, "profile");
    assert_status(CALL(w, retry_get, &key, &w->arena, &got), ISTAUTH_OK);
    assert_text(got.sealed, "an answer");
}

static void what_was_passed_in_is_not_kept(store_world *w)
{
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;
    pair p = pair_of(1);
    lender l = lender_new(w);

    have_client(w, "app");
    put_lent(w, &l, &code, &grant);
    got = code_at(w, 1);
    assert_text(got.code.redirect_uri, code.redirect_uri.p);
    assert_text(got.code.challenge, code.challenge.p);
    assert_text(got.code.nonce, code.nonce.p);
    assert_grants_equal(&got.grant, &grant);
    p.items[0].scopes = lent(&l, ISTAUTH_STR("mcp"));
    assert_status(CALL(w, code_redeem, &code.key, pair_list(&p), T0), ISTAUTH_OK);
    spoil(&l);
    memset(&p, 0xAA, sizeof(p));
    assert_text(token_at(w, access_key(1)).token.scopes, "mcp");
    rotate_lent(w, &l);
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
    CASE("S-6", a_client_is_not_kept_by_reference),
    CASE("S-6", what_was_passed_in_is_not_kept),
    CASE("S-6", what_was_read_is_a_copy),
    CASE("S-6", long_and_empty_texts),
    CASE("S-6", empty_lists),
    CASE("S-8 ST-15", keys_may_hold_zero_bytes),
    CASE("S-8 ST-14", case_and_length_matter),
};

const check_cases check_byte_cases = CASE_LIST(cases);
