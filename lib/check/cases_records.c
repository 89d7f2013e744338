/* What goes in comes out: every field of every record. */
#include "check/cases_i.h"

static void client_round_trip(store_world *w)
{
    istauth_client want = client_of("app"), got;

    want.used_at = 5;
    want.origin = ISTAUTH_CLIENT_PROVISIONED;
    assert_status(CALL(w, client_put, &want), ISTAUTH_OK);
    got = client_at(w, "app");
    assert_clients_equal(&got, &want);
    assert_status(CALL(w, client_get, ISTAUTH_STR("ap"), &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void client_put_twice_keeps_the_first(store_world *w)
{
    istauth_client second = client_of("app");

    have_client(w, "app");
    second.name = ISTAUTH_STR("Impostor");
    assert_status(CALL(w, client_put, &second), ISTAUTH_E_EXISTS);
    assert_text(client_at(w, "app").name, "Notebook");
}

static void client_update_keeps_origin_and_times(store_world *w)
{
    const istauth_str uri = ISTAUTH_STR("https://new.example/callback");
    istauth_client want = client_of("app"), got;

    assert_status(CALL(w, client_update, &want), ISTAUTH_E_NOT_FOUND);
    have_client(w, "app");
    want.name = ISTAUTH_STR("A much longer name than it had before");
    want.redirect_uris.items = &uri;
    want.redirect_uris.count = 1;
    want.scopes = ISTAUTH_STR("mcp");
    want.grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE;
    want.native = false;
    want.auth = ISTAUTH_CLIENT_AUTH_SECRET_POST;
    want.secret_key.bytes[31] = want.management_key.bytes[30] = 5;
    want.secret_expires_at = want.expires_at = 0;
    want.jwks = want.resource = ISTAUTH_STR("");
    want.jwks_uri = ISTAUTH_STR("https://new.example/keys");
    want.workspaces.count = 0;
    want.origin = ISTAUTH_CLIENT_PROVISIONED;
    want.registered_at = want.used_at = 9;
    assert_status(CALL(w, client_update, &want), ISTAUTH_OK);
    want.origin = ISTAUTH_CLIENT_REGISTERED;
    want.registered_at = T0;
    want.used_at = 0;
    got = client_at(w, "app");
    assert_clients_equal(&got, &want);
}

static void code_round_trip(store_world *w)
{
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;

    have_client(w, "app");
    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
    got = code_at(w, 1);
    assert_memory_equal(&got.code.key, &code.key, sizeof(code.key));
    assert_text(got.code.redirect_uri, code.redirect_uri.p);
    assert_text(got.code.challenge, code.challenge.p);
    assert_text(got.code.nonce, code.nonce.p);
    assert_int_equal(got.code.created_at, code.created_at);
    assert_int_equal(got.code.expires_at, code.expires_at);
    assert_false(got.code.spent);
    assert_grants_equal(&got.grant, &grant);
}

static void code_needs_its_client(store_world *w)
{
    istauth_code code = code_of(1);
    istauth_grant grant = grant_of(1, "ada", "app");
    istauth_code_entry got;

    assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, code_get, &code.key, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void redeem_brings_the_grant_to_life(store_world *w)
{
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

static void redeem_may_issue_an_access_token_alone(store_world *w)
{
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

static void rotate_keeps_both(store_world *w)
{
    istauth_key key = refresh_key(1);
    pair p = pair_of(2);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), NULL, T0 + 9), ISTAUTH_OK);
    assert_true(token_at(w, refresh_key(1)).token.spent);
    assert_false(token_at(w, refresh_key(1)).token.revoked);
    assert_true(is_live(w, refresh_key(2)));
    assert_true(is_live(w, access_key(1)));
    assert_true(is_live(w, access_key(2)));
    assert_int_equal(token_at(w, access_key(2)).grant.issued_at, T0 + 9);
    assert_string_equal(token_at(w, access_key(2)).token.grant_id.text, id_of(1).text);
}

static void rotate_is_for_refresh_tokens(store_world *w)
{
    istauth_key keys[] = { access_key(1), personal_key(2), code_key(1), refresh_key(3) };
    pair p = pair_of(4);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_personal(w, 2, "ada");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_status(CALL(w, refresh_rotate, &keys[i], pair_list(&p), NULL, T0),
                      ISTAUTH_E_NOT_FOUND);
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
static void token_times_are_kept_as_given(store_world *w)
{
    static const istauth_time times[] = { INT64_MIN, -1,        0,           1,
                                          T0,        T0 + 3600, INT64_C(1) << 33, INT64_MAX };
    const size_t count = sizeof(times) / sizeof(times[0]);
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

static void an_expired_record_is_found_like_any_other(store_world *w)
{
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

static const istauth_time extremes[] = { INT64_MIN, -1, 1, INT64_MAX };

static void times_of_every_record_are_kept_as_given(store_world *w)
{
    static const char *const ids[] = { "a", "b", "c", "d" };

    for (unsigned i = 0; i < 4; i++) {
        istauth_client client = client_of(ids[i]), got;
        istauth_code code = code_of(i);
        istauth_grant grant = grant_of(i, "ada", ids[i]), of_code;
        istauth_code_entry kept;

        client.registered_at = extremes[i];
        client.used_at = extremes[3 - i];
        assert_status(CALL(w, client_put, &client), ISTAUTH_OK);
        got = client_at(w, ids[i]);
        assert_clients_equal(&got, &client);
        code.created_at = extremes[3 - i];
        code.expires_at = grant.created_at = extremes[i];
        assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
        kept = code_at(w, i);
        of_code = kept.grant;
        assert_int_equal(kept.code.created_at, code.created_at);
        assert_int_equal(kept.code.expires_at, code.expires_at);
        assert_grants_equal(&of_code, &grant);
    }
}

/* `now` is what the caller says, even when his clock went back: kept as given where it is kept, and
 * never the end of a greater one where that is asked for. */
static void now_is_what_the_caller_says(store_world *w)
{
    istauth_key code = code_key(1), refresh = refresh_key(1);
    istauth_client client = client_of("app");
    pair p = pair_of(1), q = pair_of(2);

    client.used_at = T0;
    assert_status(CALL(w, client_put, &client), ISTAUTH_OK);
    have_code(w, 1, "ada", "app");
    assert_status(CALL(w, code_redeem, &code, pair_list(&p), 5), ISTAUTH_OK);
    assert_int_equal(token_at(w, access_key(1)).grant.issued_at, 5);
    assert_int_equal(client_at(w, "app").used_at, T0);
    assert_status(CALL(w, refresh_rotate, &refresh, pair_list(&q), NULL, 3), ISTAUTH_OK);
    assert_int_equal(token_at(w, access_key(1)).grant.issued_at, 3);
    assert_int_equal(token_at(w, access_key(1)).token.issued_at, T0);
}

static void personal_round_trip(store_world *w)
{
    istauth_grant want = personal_grant_of(1, "ada");
    istauth_token_entry got;

    have_personal(w, 1, "ada");
    got = token_at(w, personal_key(1));
    assert_grants_equal(&got.grant, &want);
    assert_int_equal(got.token.kind, ISTAUTH_TOKEN_PERSONAL);
    assert_int_equal(got.token.expires_at, 0);
    assert_string_equal(got.token.grant_id.text, want.id.text);
}

/* One key as a code, a token and a nonce: three things that do not know each other. */
static void kinds_of_key_do_not_meet(store_world *w)
{
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

static const check_case cases[] = {
    CASE("S-5", client_round_trip),
    CASE("S-5", client_put_twice_keeps_the_first),
    CASE("S-5", client_update_keeps_origin_and_times),
    CASE("S-5", code_round_trip),
    CASE("S-5", code_needs_its_client),
    CASE("S-5", redeem_brings_the_grant_to_life),
    CASE("S-5", redeem_may_issue_an_access_token_alone),
    CASE("S-5 S-2", rotate_keeps_both),
    CASE("S-5", rotate_is_for_refresh_tokens),
    CASE("S-7", token_times_are_kept_as_given),
    CASE("S-7", times_of_every_record_are_kept_as_given),
    CASE("S-7", now_is_what_the_caller_says),
    CASE("S-7", an_expired_record_is_found_like_any_other),
    CASE("S-5", personal_round_trip),
    CASE("S-8", kinds_of_key_do_not_meet),
};

const check_cases check_record_cases = CASE_LIST(cases);
