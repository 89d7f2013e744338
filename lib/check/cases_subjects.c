/* What a person sees and ends, and S-9: what of others stays out of it. */
#include "check/cases_i.h"

static istauth_grant_entries apps_of(store_world *w, const char *subject, size_t limit)
{
    istauth_grant_entries list;

    assert_status(CALL(w, app_list, istauth_str_of(subject), limit, &w->arena, &list), ISTAUTH_OK);
    return list;
}

static istauth_grant_entries personal_of_subject(store_world *w, const char *subject, size_t limit)
{
    istauth_grant_entries list;

    assert_status(CALL(w, personal_list, istauth_str_of(subject), limit, &w->arena, &list),
                  ISTAUTH_OK);
    return list;
}

/* The numbers of the grants, in order, ended by 0. */
static void assert_numbers(istauth_grant_entries list, const unsigned *want)
{
    size_t i = 0;

    for (; want[i]; i++) {
        assert_true(i < list.count);
        assert_string_equal(list.items[i].grant.id.text, id_of(want[i]).text);
    }
    assert_int_equal(list.count, i);
}

static size_t disconnect(store_world *w, const char *subject, const char *a, const char *b)
{
    istauth_str ids[2] = { istauth_str_of(a), istauth_str_of(b) };
    istauth_str_list list = { ids, b ? 2 : a ? 1 : 0 };
    size_t count = 99;

    assert_status(CALL(w, app_disconnect, istauth_str_of(subject), list, T0, &count), ISTAUTH_OK);
    return count;
}

static void issue_at(store_world *w, unsigned n, istauth_time now)
{
    istauth_key key = refresh_key(n);
    pair p = pair_of(n + 100);

    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), NULL, now), ISTAUTH_OK);
}

static void apps_are_listed_last_issued_first(store_world *w)
{
    have_client(w, "app");
    have_client(w, "other");
    for (unsigned n = 1; n <= 4; n++)
        have_app(w, n, "ada", n % 2 ? "app" : "other");
    have_code(w, 5, "ada", "app"); /* pending: not shown */
    have_personal(w, 6, "ada");    /* no app */
    issue_at(w, 3, T0 + 1);
    issue_at(w, 1, T0 + 3);
    issue_at(w, 4, T0 + 2);
    assert_numbers(apps_of(w, "ada", 10), (const unsigned[]){ 1, 4, 3, 2, 0 });
    assert_numbers(apps_of(w, "ada", 2), (const unsigned[]){ 1, 4, 0 });
    assert_numbers(apps_of(w, "ada", 0), (const unsigned[]){ 0 });
    assert_numbers(apps_of(w, "nobody", 10), (const unsigned[]){ 0 });
}

static void a_listed_app_shows_its_client(store_world *w)
{
    istauth_grant_entry e;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    e = apps_of(w, "ada", 10).items[0];
    assert_text(e.client_name, "Notebook");
    assert_text(e.client_uri, "https://client.example/");
    assert_text(e.redirect_uri, "http://127.0.0.1/callback");
    assert_text(e.grant.client_id, "app");
    assert_text(e.grant.scopes, "mcp profile");
    assert_text(e.grant.workspaces.items[1], "ws_b");
    assert_int_equal(e.grant.issued_at, T0);
}

static void only_live_apps_are_listed(store_world *w)
{
    istauth_id id = id_of(1);

    have_client(w, "app");
    have_client(w, "other");
    for (unsigned n = 1; n <= 3; n++)
        have_app(w, n, "ada", n == 3 ? "other" : "app");
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_numbers(apps_of(w, "ada", 10), (const unsigned[]){ 3, 2, 0 });
    assert_status(CALL(w, client_delete, ISTAUTH_STR("other"), T0), ISTAUTH_OK);
    assert_numbers(apps_of(w, "ada", 10), (const unsigned[]){ 2, 0 });
}

static void disconnect_ends_the_named_clients(store_world *w)
{
    have_client(w, "app");
    have_client(w, "other");
    have_client(w, "third");
    have_app(w, 1, "ada", "app");
    have_app(w, 2, "ada", "app");
    have_app(w, 3, "ada", "other");
    have_app(w, 4, "ada", "third");
    have_code(w, 5, "ada", "other");
    have_personal(w, 6, "ada");
    assert_int_equal(disconnect(w, "ada", NULL, NULL), 0);
    assert_int_equal(disconnect(w, "ada", "nobody", ""), 0); /* "" names no personal token */
    assert_int_equal(disconnect(w, "ada", "app", "other"), 4);
    assert_numbers(apps_of(w, "ada", 10), (const unsigned[]){ 4, 0 });
    assert_status(redeem(w, 5, 5), ISTAUTH_E_REVOKED);
    assert_true(is_live(w, personal_key(6)));
    assert_int_equal(disconnect(w, "ada", "app", "third"), 1);
}

static void personal_tokens_are_listed_newest_first(store_world *w)
{
    static const istauth_time created[] = { 0, T0 + 2, T0 + 9, T0 + 5 };
    istauth_grant_entries list;
    istauth_id second = id_of(2);

    have_client(w, "app");
    have_app(w, 9, "ada", "app");
    for (unsigned n = 1; n <= 3; n++) {
        istauth_token t = personal_of(n);
        istauth_grant g = personal_grant_of(n, "ada");

        t.expires_at = n == 3 ? 0 : T0 + n;
        g.created_at = created[n];
        assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
    }
    list = personal_of_subject(w, "ada", 10);
    assert_numbers(list, (const unsigned[]){ 2, 3, 1, 0 });
    assert_int_equal(list.items[0].token_expires_at, T0 + 2);
    assert_int_equal(list.items[1].token_expires_at, 0);
    assert_text(list.items[0].grant.name, "laptop");
    assert_numbers(personal_of_subject(w, "ada", 1), (const unsigned[]){ 2, 0 });
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &second, T0), ISTAUTH_OK);
    assert_numbers(personal_of_subject(w, "ada", 10), (const unsigned[]){ 3, 1, 0 });
}

static void workspace_remove_counts_what_changed(store_world *w)
{
    const istauth_str one = ISTAUTH_STR("ws_a"), twice[] = { ISTAUTH_STR("ws_c"),
                                                             ISTAUTH_STR("ws_a"),
                                                             ISTAUTH_STR("ws_d") };
    istauth_token t = personal_of(1);
    istauth_grant g = personal_grant_of(1, "ada");
    size_t count = 99;

    g.workspaces.items = &one;
    g.workspaces.count = 1;
    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
    t.key = personal_key(2);
    g.id = id_of(2);
    g.workspaces.items = twice;
    g.workspaces.count = 3;
    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 0);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 2);
    assert_false(is_live(w, personal_key(1)));
    assert_true(is_live(w, personal_key(2)));
    assert_text(token_at(w, personal_key(2)).grant.workspaces.items[0], "ws_c");
    assert_text(token_at(w, personal_key(2)).grant.workspaces.items[1], "ws_d");
    assert_text(token_at(w, personal_key(2)).grant.name, "laptop");
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 0);
}

/* A grant that never had a workspace loses nothing when one is taken away. */
static void workspace_remove_spares_grants_without_workspaces(store_world *w)
{
    istauth_token t = personal_of(1);
    istauth_grant g = personal_grant_of(1, "ada");
    size_t count = 99;

    g.workspaces.count = 0;
    assert_status(CALL(w, personal_put, &t, &g), ISTAUTH_OK);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_int_equal(count, 0);
    assert_true(is_live(w, personal_key(1)));
}

static void subjects_are_walls(store_world *w)
{
    static const char *const people[] = { "ada", "grace", "ad", "adaa", "" };
    istauth_id mine = id_of(21);
    size_t count;

    have_client(w, "app");
    for (unsigned i = 0; i < 5; i++) {
        have_app(w, 10 + i, people[i], "app");
        have_personal(w, 20 + i, people[i]);
    }
    for (unsigned i = 0; i < 5; i++) {
        assert_numbers(apps_of(w, people[i], 99), (const unsigned[]){ 10 + i, 0 });
        assert_numbers(personal_of_subject(w, people[i], 99), (const unsigned[]){ 20 + i, 0 });
    }
    assert_status(CALL(w, personal_revoke, ISTAUTH_STR("ada"), &mine, T0), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(disconnect(w, "ada", "app", NULL), 1);
    assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0, &count),
                  ISTAUTH_OK);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 1);
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("nobody"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
    for (unsigned i = 1; i < 5; i++) {
        assert_true(is_live(w, access_key(10 + i)));
        assert_true(is_live(w, personal_key(20 + i)));
        assert_int_equal(token_at(w, personal_key(20 + i)).grant.workspaces.count, 2);
    }
}

static const check_case cases[] = {
    CASE("S-5", apps_are_listed_last_issued_first),
    CASE("S-5", a_listed_app_shows_its_client),
    CASE("S-5", only_live_apps_are_listed),
    CASE("S-5 S-3", disconnect_ends_the_named_clients),
    CASE("S-5", personal_tokens_are_listed_newest_first),
    CASE("S-5", workspace_remove_counts_what_changed),
    CASE("S-5", workspace_remove_spares_grants_without_workspaces),
    CASE("S-9", subjects_are_walls),
};

const check_cases check_subject_cases = CASE_LIST(cases);
