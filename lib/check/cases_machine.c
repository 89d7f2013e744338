/* Tokens of a client's own: a grant with a client and no subject. */
#include "check/cases_i.h"

static void machine_round_trip(store_world *w)
{
    istauth_grant want = machine_grant_of(1, "app");
    istauth_token_entry got;

    have_client(w, "app");
    have_machine(w, 1, "app");
    got = token_at(w, access_key(1));
    assert_grants_equal(&got.grant, &want);
    assert_int_equal(got.token.kind, ISTAUTH_TOKEN_ACCESS);
    assert_int_equal(got.token.expires_at, T0 + ACCESS_TTL);
    assert_string_equal(got.token.grant_id.text, want.id.text);
    assert_true(is_live(w, access_key(1)));
    assert_int_equal(client_at(w, "app").used_at, T0);
}

static void machine_needs_its_client(store_world *w)
{
    istauth_token t = machine_of(1);
    istauth_grant g = machine_grant_of(1, "nobody");
    istauth_token_entry got;

    assert_status(CALL(w, machine_put, &t, &g), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, token_get, &t.key, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
}

static void a_second_machine_token_changes_nothing(store_world *w)
{
    istauth_token same_key = machine_of(1), new_key = machine_of(5);
    istauth_grant same_id = machine_grant_of(1, "app"), new_id = machine_grant_of(5, "app");
    const char *before;

    have_client(w, "app");
    have_machine(w, 1, "app");
    have_personal(w, 2, "ada");
    before = snapshot(w);
    assert_status(CALL(w, machine_put, &same_key, &new_id), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, machine_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    same_id.id = id_of(2);
    assert_status(CALL(w, machine_put, &new_key, &same_id), ISTAUTH_E_EXISTS);
    assert_snapshot(w, before);
}

static void a_client_of_machines_was_used_last_when_it_was(store_world *w)
{
    istauth_token t = machine_of(2);
    istauth_grant g = machine_grant_of(2, "app");

    have_client(w, "app");
    have_machine(w, 1, "app");
    t.issued_at = T0 - 5;
    assert_status(CALL(w, machine_put, &t, &g), ISTAUTH_OK);
    assert_int_equal(client_at(w, "app").used_at, T0);
}

static void client_delete_ends_its_own_tokens(store_world *w)
{
    istauth_id second = id_of(2);

    have_client(w, "app");
    have_machine(w, 1, "app");
    have_machine(w, 2, "app");
    have_personal(w, 3, "ada");
    assert_status(CALL(w, grant_revoke, &second, T0), ISTAUTH_OK);
    assert_true(is_live(w, access_key(1)));
    assert_false(is_live(w, access_key(2)));
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    assert_false(is_live(w, access_key(1)));
    assert_true(is_live(w, personal_key(3)));
}

/* Nobody's: not a personal token without a name, nor an app of a person without one. */
static void a_machine_is_no_person(store_world *w)
{
    istauth_id id = id_of(1);
    istauth_grant_entries list;
    size_t count;

    have_client(w, "app");
    have_machine(w, 1, "app");
    have_app(w, 2, "ada", "app");
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR(""), &id, T0), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, personal_list, ISTAUTH_STR(""), 9, &w->arena, &list), ISTAUTH_OK);
    assert_int_equal(list.count, 0);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 1);
    assert_true(is_live(w, access_key(1)));
}

static void a_machine_token_goes_when_it_expires(store_world *w)
{
    istauth_purge_bounds b = { T0 + ACCESS_TTL - 1, INT64_MAX, INT64_MAX, 1000 };
    istauth_token_entry got;
    istauth_client client;
    istauth_key key = access_key(1);

    have_client(w, "app");
    have_machine(w, 1, "app");
    assert_int_equal(purge_all(w, b), 0); /* its client neither */
    b.now++;
    assert_int_equal(purge_all(w, b), 2);
    assert_status(CALL(w, token_get, &key, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
    assert_status(CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &client),
                  ISTAUTH_E_NOT_FOUND);
}

static const check_case cases[] = {
    CASE("S-5", machine_round_trip),
    CASE("S-5", machine_needs_its_client),
    CASE("S-4", a_second_machine_token_changes_nothing),
    CASE("S-5", a_client_of_machines_was_used_last_when_it_was),
    CASE("S-3", client_delete_ends_its_own_tokens),
    CASE("S-9", a_machine_is_no_person),
    CASE("S-13", a_machine_token_goes_when_it_expires),
};

const check_cases check_machine_cases = CASE_LIST(cases);
