/* Spent once, told so; revoked for good. */
#include "check/cases_i.h"

static void a_spent_code_says_so(store_world *w)
{
    istauth_key unknown = code_key(9);
    pair p = pair_of(9);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(redeem(w, 1, 2), ISTAUTH_E_SPENT);
    assert_status(redeem(w, 1, 1), ISTAUTH_E_SPENT); /* with the same tokens, too */
    assert_true(is_live(w, access_key(1)));
    assert_status(CALL(w, code_redeem, &unknown, pair_list(&p), T0), ISTAUTH_E_NOT_FOUND);
}

static void a_spent_refresh_token_says_so(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    assert_status(rotate(w, 1, 3), ISTAUTH_E_SPENT);
    assert_status(rotate(w, 2, 3), ISTAUTH_OK);
    assert_status(rotate(w, 2, 4), ISTAUTH_E_SPENT);
    assert_status(rotate(w, 1, 4), ISTAUTH_E_SPENT);
    assert_true(is_live(w, refresh_key(3)));
}

/* Until it expires, and through purges: a replay must be punished, not shrugged at. */
static void spent_records_outlive_a_purge(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    purge_all(w, bounds_at(T0 + CODE_TTL - 1));
    assert_status(redeem(w, 1, 3), ISTAUTH_E_SPENT);
    purge_all(w, bounds_at(T0 + REFRESH_TTL - 1));
    assert_status(rotate(w, 1, 3), ISTAUTH_E_SPENT);
    assert_string_equal(token_at(w, refresh_key(1)).grant.id.text, id_of(1).text);
    purge_all(w, bounds_at(T0 + REFRESH_TTL));
    assert_status(rotate(w, 1, 3), ISTAUTH_E_NOT_FOUND);
}

/* Spent and revoked: whoever presents it is told that all is over, not that he came late. */
static void revoked_comes_before_spent(store_world *w)
{
    istauth_key alone = refresh_key(2);
    istauth_id id = id_of(1);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_app(w, 2, "ada", "app");
    assert_status(rotate(w, 1, 3), ISTAUTH_OK);
    assert_status(rotate(w, 2, 4), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_status(CALL(w, token_revoke, &alone, T0), ISTAUTH_OK);
    assert_status(redeem(w, 1, 5), ISTAUTH_E_REVOKED);
    assert_status(rotate(w, 1, 5), ISTAUTH_E_REVOKED);
    assert_status(rotate(w, 2, 5), ISTAUTH_E_REVOKED);
    assert_true(token_at(w, refresh_key(1)).token.spent);
    assert_true(token_at(w, refresh_key(2)).token.spent);
    assert_true(is_live(w, refresh_key(4)));
}

/* App 1 of ada is redeemed, app 2 waits with its code, 3 is a personal token. */
static void furnish(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
}

static void assert_dead(store_world *w)
{
    istauth_key code = code_key(2);
    istauth_code_entry e;

    assert_false(is_live(w, access_key(1)));
    assert_true(token_at(w, access_key(1)).grant.revoked);
    assert_true(token_at(w, refresh_key(1)).grant.revoked);
    assert_status(rotate(w, 1, 4), ISTAUTH_E_REVOKED);
    assert_status(redeem(w, 2, 4), ISTAUTH_E_REVOKED);
    assert_status(CALL(w, code_get, &code, &w->arena, &e), ISTAUTH_OK);
    assert_true(e.grant.revoked);
}

static void grant_revoke_wins(store_world *w)
{
    istauth_id ids[] = { id_of(1), id_of(2), id_of(9) };

    furnish(w);
    for (int again = 0; again < 2; again++) {
        assert_status(CALL(w, grant_revoke, &ids[0], T0), ISTAUTH_OK);
        assert_status(CALL(w, grant_revoke, &ids[1], T0), ISTAUTH_OK);
        assert_dead(w);
    }
    assert_true(is_live(w, personal_key(3)));
    assert_status(CALL(w, grant_revoke, &ids[2], T0), ISTAUTH_E_NOT_FOUND);
}

static void app_disconnect_wins(store_world *w)
{
    const istauth_str id = ISTAUTH_STR("app");
    const istauth_str_list ids = { &id, 1 };
    size_t count = 99;

    furnish(w);
    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), ids, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 2); /* the live one and the pending one */
    assert_dead(w);
    assert_true(is_live(w, personal_key(3)));
    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), ids, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
}

static void subject_revoke_wins(store_world *w)
{
    size_t count = 99;

    furnish(w);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 3);
    assert_dead(w);
    assert_false(is_live(w, personal_key(3)));
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
}

static void client_delete_wins(store_world *w)
{
    istauth_client c;

    furnish(w);
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    assert_dead(w);
    assert_status(CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &c), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_E_NOT_FOUND);
    have_client(w, "app"); /* the name comes back, the grants do not */
    assert_dead(w);
}

static void personal_revoke_wins(store_world *w)
{
    istauth_id id = id_of(3), app = id_of(1);

    furnish(w);
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &app, T0), ISTAUTH_E_NOT_FOUND);
    assert_true(is_live(w, access_key(1)));
    for (int again = 0; again < 2; again++) {
        assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &id, T0), ISTAUTH_OK);
        assert_true(token_at(w, personal_key(3)).grant.revoked);
    }
}

static void the_last_workspace_takes_the_grant_along(store_world *w)
{
    size_t count;

    furnish(w);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 3);
    assert_true(is_live(w, access_key(1)));
    assert_int_equal(token_at(w, access_key(1)).grant.workspaces.count, 1);
    assert_text(token_at(w, access_key(1)).grant.workspaces.items[0], "ws_b");
    assert_text(token_at(w, access_key(1)).grant.resource, "https://is.example/mcp");
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_b"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 3);
    assert_dead(w);
    assert_false(is_live(w, personal_key(3)));
    assert_int_equal(token_at(w, access_key(1)).grant.workspaces.count, 0);
}

static void a_revoked_token_dies_alone(store_world *w)
{
    istauth_key access = access_key(1), refresh = refresh_key(1), unknown = access_key(9);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    for (int again = 0; again < 2; again++)
        assert_status(CALL(w, token_revoke, &access, T0), ISTAUTH_OK);
    assert_true(token_at(w, access).token.revoked);
    assert_false(token_at(w, access).grant.revoked);
    assert_true(is_live(w, refresh));
    assert_status(CALL(w, token_revoke, &refresh, T0), ISTAUTH_OK);
    assert_status(rotate(w, 1, 2), ISTAUTH_E_REVOKED);
    assert_status(CALL(w, token_revoke, &unknown, T0), ISTAUTH_E_NOT_FOUND);
}

static void touch_never_goes_back(store_world *w)
{
    istauth_id id = id_of(1), unknown = id_of(9);

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, grant_touch, &id, T0 + 5), ISTAUTH_OK);
    assert_status(CALL(w, grant_touch, &id, T0 + 4), ISTAUTH_OK);
    assert_int_equal(token_at(w, access_key(1)).grant.used_at, T0 + 5);
    assert_status(CALL(w, grant_touch, &unknown, T0), ISTAUTH_E_NOT_FOUND);
}

static void a_nonce_is_claimed_once(store_world *w)
{
    istauth_key a = access_key(1), b = access_key(2);

    assert_status(CALL(w, nonce_claim, &a, T0 + 10), ISTAUTH_OK);
    assert_status(CALL(w, nonce_claim, &a, T0 + 10), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, nonce_claim, &a, T0 + 99), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, nonce_claim, &b, T0 + 10), ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0 + 9)), 0);
    assert_status(CALL(w, nonce_claim, &a, T0 + 10), ISTAUTH_E_EXISTS);
    assert_int_equal(purge_all(w, bounds_at(T0 + 10)), 2);
    assert_status(CALL(w, nonce_claim, &a, T0 + 20), ISTAUTH_OK);
}

static const check_case cases[] = {
    CASE("S-2", a_spent_code_says_so),
    CASE("S-2", a_spent_refresh_token_says_so),
    CASE("S-2", revoked_comes_before_spent),
    CASE("S-2 S-13", spent_records_outlive_a_purge),
    CASE("S-3", grant_revoke_wins),
    CASE("S-3", app_disconnect_wins),
    CASE("S-3", subject_revoke_wins),
    CASE("S-3", client_delete_wins),
    CASE("S-3", personal_revoke_wins),
    CASE("S-3", the_last_workspace_takes_the_grant_along),
    CASE("S-5", a_revoked_token_dies_alone),
    CASE("S-5", touch_never_goes_back),
    CASE("S-1", a_nonce_is_claimed_once),
};

const check_cases check_flag_cases = CASE_LIST(cases);
