/* S-14 across an orderly restart. */
#include "check/cases_i.h"

static istauth_key nonce(void)
{
    return code_key(99);
}

static size_t disconnect(store_world *w, const char *subject, const char *client_id)
{
    const istauth_str id = istauth_str_of(client_id);
    const istauth_str_list ids = { &id, 1 };
    size_t count;

    assert_status(CALL(w, app_disconnect, istauth_str_of(subject), ids, T0, &count), ISTAUTH_OK);
    return count;
}

static void have_personal_until(store_world *w, unsigned n, istauth_time expires_at)
{
    istauth_token t = personal_of(n);
    istauth_grant g = personal_grant_of(n, "grace");

    t.expires_at = expires_at;
    t.scopes = ISTAUTH_STR("mcp");
    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
}

/* Something in every state that a record can be in. */
static void furnish(store_world *w)
{
    istauth_client provisioned = client_of("other");
    istauth_id revoked = id_of(4), used = id_of(1), personal = id_of(8);
    istauth_key alone = access_key(5), claimed = nonce();
    size_t count;

    provisioned.origin = ISTAUTH_CLIENT_PROVISIONED;
    provisioned.used_at = 7;
    have_client(w, "app");
    have_client(w, "gone");
    assert_status(CALL(w, client_put, &provisioned), ISTAUTH_OK);
    have_app(w, 1, "ada", "app"); /* rotated, with an answer kept, and used */
    assert_status(rotate_keeping(w, 1, 2, ISTAUTH_STR("kept")), ISTAUTH_OK);
    assert_status(CALL(w, grant_touch, &used, T0 + 3), ISTAUTH_OK);
    have_code(w, 3, "ada", "app"); /* pending */
    have_app(w, 4, "ada", "other");
    assert_status(CALL(w, grant_revoke, &revoked, T0), ISTAUTH_OK);
    have_app(w, 5, "grace", "app");
    assert_status(CALL(w, token_revoke, &alone, T0), ISTAUTH_OK);
    have_app(w, 6, "grace", "other");
    assert_int_equal(disconnect(w, "grace", "other"), 1);
    have_personal_until(w, 7, T0 + 9);
    have_personal_until(w, 8, 0);
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("grace"), &personal, T0), ISTAUTH_OK);
    have_machine(w, 10, "other");
    have_app(w, 9, "ada", "gone");
    assert_status(CALL(w, client_delete, ISTAUTH_STR("gone"), T0), ISTAUTH_OK);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("grace"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_status(CALL(w, nonce_claim, &claimed, T0 + 9), ISTAUTH_OK);
}

static void everything_is_there_after_a_restart(store_world *w)
{
    istauth_key claimed = nonce();
    const char *before;

    furnish(w);
    before = snapshot(w);
    for (int again = 0; again < 2; again++) {
        store_world_reopen(w);
        assert_snapshot(w, before);
    }
    assert_status(CALL(w, nonce_claim, &claimed, T0 + 9), ISTAUTH_E_EXISTS);
}

static void it_goes_on_where_it_was(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 50, "ada", "app");
    for (unsigned n = 1; n < 6; n++) {
        assert_status(rotate(w, n, n + 1), ISTAUTH_OK);
        store_world_reopen(w);
        assert_refused(rotate(w, n, 40));
    }
    assert_true(is_live(w, refresh_key(6)));
    assert_status(redeem(w, 50, 50), ISTAUTH_OK);
    store_world_reopen(w);
    assert_refused(redeem(w, 50, 51));
    assert_true(is_live(w, access_key(50)));
}

static void assert_over(store_world *w)
{
    istauth_client c;

    assert_status(rotate(w, 4, 11), ISTAUTH_E_REVOKED);
    assert_status(rotate(w, 6, 11), ISTAUTH_E_REVOKED);
    assert_status(rotate(w, 9, 11), ISTAUTH_E_REVOKED);
    assert_false(is_live(w, access_key(4)));
    assert_false(is_live(w, access_key(5)));
    assert_true(is_live(w, refresh_key(5)));
    assert_false(is_live(w, personal_key(8)));
    assert_status(CALL(w, client_get, ISTAUTH_STR("gone"), &w->arena, &c), ISTAUTH_E_NOT_FOUND);
}

static void what_was_ended_stays_ended(store_world *w)
{
    size_t count;

    furnish(w);
    store_world_reopen(w);
    assert_over(w);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 2); /* 1, and 3, which is pending */
    store_world_reopen(w);
    assert_status(redeem(w, 3, 11), ISTAUTH_E_REVOKED);
    assert_status(rotate(w, 2, 11), ISTAUTH_E_REVOKED);
    assert_over(w);
}

static void what_was_purged_does_not_come_back(store_world *w)
{
    istauth_purge_bounds b = bounds_at(T0 + CODE_TTL);
    istauth_key claimed = nonce();
    const char *before;

    furnish(w);
    assert_true(purge_all(w, b) > 0);
    before = snapshot(w);
    store_world_reopen(w);
    assert_snapshot(w, before);
    assert_int_equal(purge_all(w, b), 0);
    assert_status(CALL(w, nonce_claim, &claimed, T0 + 9), ISTAUTH_OK);
    have_client(w, "gone");
}

static void an_update_is_there_after_a_restart(store_world *w)
{
    istauth_client c = client_of("app");
    const istauth_str uri = ISTAUTH_STR("https://new.example/callback");
    istauth_client got;

    have_client(w, "app");
    c.name = ISTAUTH_STR("Renamed");
    c.redirect_uris.items = &uri;
    c.redirect_uris.count = 1;
    assert_status(CALL(w, client_update, &c), ISTAUTH_OK);
    store_world_reopen(w);
    got = client_at(w, "app");
    assert_clients_equal(&got, &c);
}

static const check_case cases[] = {
    DURABLE_CASE("S-14", everything_is_there_after_a_restart),
    DURABLE_CASE("S-14", it_goes_on_where_it_was),
    DURABLE_CASE("S-14", what_was_ended_stays_ended),
    DURABLE_CASE("S-14", what_was_purged_does_not_come_back),
    DURABLE_CASE("S-14", an_update_is_there_after_a_restart),
};

const check_cases check_durable_cases = CASE_LIST(cases);
