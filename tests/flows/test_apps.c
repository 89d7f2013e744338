/* The account owner's side: connected apps, personal tokens, and everything at once. */
#include "support/person.h"

#include <stdlib.h>

/* One more connection of ada's or grace's, through the consent page. */
static connection connect_for(world *w, istauth_str subject, const char *client_id,
                              const char *redirect, const char *scope, const char *workspaces)
{
    char *query = world_query(w, client_id, redirect, world_text(w, "scope=%s", scope)), *location;
    answer a = { subject, BROWSER, NULL, workspaces };
    connection c = { world_text(w, "%s", client_id), NULL, NULL };
    reply *r;

    assert_int_equal(approve(w, &location, open_page(w, query, subject, BROWSER).ticket, a),
                     ISTAUTH_OK);
    r = world_post_form(w, "/api/oauth/token",
                        world_text(w,
                                   "grant_type=authorization_code&client_id=%s&code=%s"
                                   "&code_verifier=" WORLD_VERIFIER,
                                   client_id, url_param(w, location, "code")));
    assert_int_equal(r->status, 200);
    c.access = world_text(w, "%s", reply_str(r, "access_token"));
    c.refresh = world_text(w, "%s", reply_str(r, "refresh_token"));
    return c;
}

static connection grace_connects(world *w, const char *client_id)
{
    return connect_for(w, GRACE, client_id, WORLD_CLIENT_REDIRECT, "mcp", "ws_navy");
}

/* A client with a face. */
static char *register_as(world *w, const char *name, const char *uri, const char *redirect)
{
    reply *r = world_post_json(
        w, "/api/oauth/register",
        world_text(w, "{\"client_name\":\"%s\",\"client_uri\":\"%s\",\"redirect_uris\":[\"%s\"]}",
                   name, uri, redirect));

    assert_int_equal(r->status, 201);
    return world_text(w, "%s", reply_str(r, "client_id"));
}

static istauth_status disconnect(world *w, istauth_str subject, const char *client_id)
{
    istauth_str id = istauth_str_of(client_id);

    return istauth_app_disconnect(w->server, subject, (istauth_str_list){ &id, 1 });
}

static istauth_apps grouped(world *w, istauth_str subject)
{
    istauth_apps apps = apps_of(w, subject);

    assert_int_equal(istauth_apps_group(&apps, &apps, &w->arena), ISTAUTH_OK);
    return apps;
}

static istauth_personal_tokens tokens_of(world *w, istauth_str subject)
{
    istauth_personal_tokens tokens;

    assert_int_equal(istauth_personal_tokens_list(&tokens, w->server, subject, &w->arena),
                     ISTAUTH_OK);
    return tokens;
}

static void expect_text(istauth_str text, const char *wanted)
{
    if (!istauth_str_equal(text, istauth_str_of(wanted)))
        fail_msg("wanted '%s', got '%.*s'", wanted, (int)text.n, text.n ? text.p : "");
}

static void expect_list(istauth_str_list list, const char *wanted)
{
    char joined[256] = "";

    for (size_t i = 0; i < list.count; i++) {
        assert_true(strlen(joined) + list.items[i].n + 2 < sizeof(joined));
        if (i)
            strcat(joined, " ");
        strncat(joined, list.items[i].p, list.items[i].n);
    }
    assert_string_equal(joined, wanted);
}

static void expect_scopes(world *w, istauth_scope_set set, const char *wanted)
{
    istauth_str text;

    assert_int_equal(istauth_scope_print(&text, &w->arena, istauth_server_scopes(w->server), set),
                     ISTAUTH_OK);
    expect_text(text, wanted);
}

/* --- the list --- */

static void test_ca_01_a_list_shows_ones_own_apps_and_nothing_else(void **state)
{
    world *w = *state;
    connection mine = connect_app(w, "mcp");
    char *shared = world_register(w, WORLD_CLIENT_REDIRECT);
    connection hers = grace_connects(w, shared);
    istauth_apps apps = apps_of(w, ADA);

    assert_int_equal(apps.count, 1);
    expect_list(apps.items[0].client_ids, mine.client_id);
    apps = apps_of(w, GRACE);
    assert_int_equal(apps.count, 1);
    expect_list(apps.items[0].client_ids, shared);
    expect_list(apps.items[0].workspaces, "ws_navy");
    assert_true(opens(w, hers.access));
}

static void test_ca_01_no_text_in_place_of_a_subject_finds_anything(void **state)
{
    static const char *const subjects[] = { "", "%", "*", "_", "user_%", "user_ad", "user_ada ",
                                            "USER_ADA", "' OR '1'='1", "user_ada'--", "\\",
                                            "user_ada\n", "\xFF" };
    world *w = *state;
    istauth_id id;

    (void)connect_app(w, "mcp");
    (void)personal_token(w, &id, "mcp");
    for (size_t i = 0; i < COUNT(subjects); i++) {
        assert_int_equal(apps_of(w, istauth_str_of(subjects[i])).count, 0);
        assert_int_equal(tokens_of(w, istauth_str_of(subjects[i])).count, 0);
    }
    assert_int_equal(apps_of(w, ISTAUTH_STR("user_ada\0")).count, 0);
    assert_int_equal(apps_of(w, istauth_str_of(NULL)).count, 0);
    assert_int_equal(apps_of(w, ADA).count, 1);
}

static void test_an_entry_says_who_may_what_since_when(void **state)
{
    world *w = *state;
    char *client = register_as(w, "My App", "https://app.ex/", WORLD_CLIENT_REDIRECT);
    connection c = connect_for(w, ADA, client, WORLD_CLIENT_REDIRECT, "mcp+email",
                               "ws_engine ws_notes");
    istauth_app app = apps_of(w, ADA).items[0];

    expect_text(app.name, "My App");
    expect_text(app.client_host, "app.ex");
    expect_text(app.redirect_host, "c.ex");
    expect_list(app.workspaces, "ws_engine ws_notes");
    expect_scopes(w, app.scopes, "mcp email");
    assert_int_equal(app.connections, 1);
    assert_int_equal(app.connected_at, WORLD_START);
    assert_int_equal(app.issued_at, WORLD_START);
    assert_int_equal(app.used_at, 0);
    w->now += 100;
    assert_true(opens(w, c.access));
    w->now += 100;
    assert_true(refreshes(w, &c));
    app = apps_of(w, ADA).items[0];
    assert_int_equal(app.connected_at, WORLD_START);
    assert_int_equal(app.used_at, WORLD_START + 100);
    assert_int_equal(app.issued_at, WORLD_START + 200);
    assert_int_equal(app.connections, 1);
}

static void test_a_code_that_was_not_redeemed_is_no_connected_app(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client, NULL);

    assert_int_equal(apps_of(w, ADA).count, 0);
    assert_int_equal(world_redeem(w, client, code)->status, 200);
    assert_int_equal(apps_of(w, ADA).count, 1);
}

static void test_the_last_issued_comes_first(void **state)
{
    world *w = *state;
    connection a, b;

    a = connect_app(w, "mcp");
    w->now += 10;
    b = connect_app(w, "mcp");
    expect_list(apps_of(w, ADA).items[0].client_ids, b.client_id);
    w->now += 10;
    assert_true(refreshes(w, &a));
    expect_list(apps_of(w, ADA).items[0].client_ids, a.client_id);
    expect_list(apps_of(w, ADA).items[1].client_ids, b.client_id);
}

static void test_a_list_over_the_limit_says_so(void **state)
{
    world *w = *state;
    istauth_id id;

    w->config.limits.apps = 3;
    world_reopen(w);
    for (int i = 0; i < 2; i++) {
        (void)connect_app(w, "mcp");
        (void)personal_token(w, &id, "mcp");
    }
    assert_false(apps_of(w, ADA).truncated);
    assert_false(tokens_of(w, ADA).truncated);
    for (int i = 0; i < 2; i++) {
        (void)connect_app(w, "mcp");
        (void)personal_token(w, &id, "mcp");
    }
    assert_int_equal(apps_of(w, ADA).count, 3);
    assert_true(apps_of(w, ADA).truncated);
    assert_int_equal(tokens_of(w, ADA).count, 3);
    assert_true(tokens_of(w, ADA).truncated);
    assert_true(grouped(w, ADA).truncated);
}

static void test_ca_08_names_come_out_as_they_went_in(void **state)
{
    world *w = *state;
    char *client = register_as(w, "</script>'`&lt;{{7*7}}%s", "", WORLD_CLIENT_REDIRECT);

    (void)connect_for(w, ADA, client, WORLD_CLIENT_REDIRECT, "mcp", "ws_engine");
    expect_text(apps_of(w, ADA).items[0].name, "</script>'`&lt;{{7*7}}%s");
}

/* --- grouping --- */

static void test_ca_07_two_registrations_are_two_entries_and_one_can_go(void **state)
{
    world *w = *state;
    char *one = world_register(w, WORLD_CLIENT_REDIRECT);
    char *two = world_register(w, WORLD_CLIENT_REDIRECT);
    connection a = connect_for(w, ADA, one, WORLD_CLIENT_REDIRECT, "mcp", "ws_engine");
    connection b = connect_for(w, ADA, two, WORLD_CLIENT_REDIRECT, "mcp", "ws_notes");

    assert_int_equal(apps_of(w, ADA).count, 2);
    assert_int_equal(disconnect(w, ADA, one), ISTAUTH_OK);
    assert_int_equal(apps_of(w, ADA).count, 1);
    expect_list(apps_of(w, ADA).items[0].workspaces, "ws_notes");
    assert_false(opens(w, a.access));
    assert_true(opens(w, b.access));
}

static void test_ca_07_one_client_twice_is_one_entry_with_two_connections(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    connection a = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "mcp:read", "ws_engine"), b;
    istauth_app app;

    w->now += 50;
    b = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "openid", NULL);
    app = apps_of(w, ADA).items[0];
    assert_int_equal(apps_of(w, ADA).count, 1);
    assert_int_equal(app.connections, 2);
    assert_int_equal(app.connected_at, WORLD_START);
    assert_int_equal(app.issued_at, WORLD_START + 50);
    expect_scopes(w, app.scopes, "mcp:read openid");
    expect_list(app.workspaces, "ws_engine");
    assert_int_equal(disconnect(w, ADA, id), ISTAUTH_OK);
    assert_false(opens(w, a.access));
    assert_false(opens(w, b.access));
}

static void test_registrations_with_the_same_face_are_grouped(void **state)
{
    world *w = *state;
    char *one = register_as(w, "Claude Code", "https://claude.ai/", "http://localhost:1234/cb");
    char *two = register_as(w, "Claude Code", "https://claude.ai/x", "http://localhost:4321/cb");
    connection a = connect_for(w, ADA, one, "http://localhost:1234/cb", "mcp", "ws_engine");
    connection b = connect_for(w, ADA, two, "http://localhost:4321/cb", "email", NULL);
    istauth_apps apps = grouped(w, ADA);

    assert_int_equal(apps_of(w, ADA).count, 2);
    assert_int_equal(apps.count, 1);
    assert_int_equal(apps.items[0].connections, 2);
    assert_int_equal(apps.items[0].client_ids.count, 2);
    expect_text(apps.items[0].redirect_host, "localhost");
    expect_scopes(w, apps.items[0].scopes, "mcp email");
    assert_int_equal(istauth_app_disconnect(w->server, ADA, apps.items[0].client_ids), ISTAUTH_OK);
    assert_false(opens(w, a.access));
    assert_false(opens(w, b.access));
    assert_int_equal(apps_of(w, ADA).count, 0);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_DISCONNECTED), 2);
}

/* Whoever only calls himself the same does not hide behind another's entry. */
static void test_another_face_is_another_entry(void **state)
{
    static const char *const faces[][3] = {
        { "Claude", "https://claude.ai/", "https://claude.ai/cb" },
        { "Claude", "https://claude.ai/", "https://evil.ex/cb" },
        { "Claude", "https://evil.ex/", "https://claude.ai/cb" },
        { "Claude", "", "https://claude.ai/cb" },
        { "claude", "https://claude.ai/", "https://claude.ai/cb" },
        { "Claude ", "https://claude.ai/", "https://claude.ai/cb" },
        { "Claude", "https://claude.ai/", "https://claude.ai:8443/cb" },
        { "Claude", "https://claude.ai/", "http://127.0.0.1/cb" },
        { "Claude", "https://claude.ai/", "http://localhost/cb" },
        { "Claude", "https://claude.ai/", "claude://cb" },
        { "Claude", "https://claude.ai/", "claude2://cb" },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(faces); i++)
        (void)connect_for(w, ADA, register_as(w, faces[i][0], faces[i][1], faces[i][2]),
                          faces[i][2], "mcp", "ws_engine");
    assert_int_equal(apps_of(w, ADA).count, COUNT(faces));
    assert_int_equal(grouped(w, ADA).count, COUNT(faces));
}

/* Clients that register anew for each connection: the page must not fail the person who has had
 * enough of one. */
static void test_ca_07_hundreds_of_registrations_of_one_app_fit_into_a_requests_arena(void **state)
{
    world *w = *state;
    char buffer[ISTAUTH_ARENA_BUFFER];
    istauth_arena arena;
    istauth_apps apps;

    for (int i = 0; i < 400; i++)
        (void)connect_app(w, "mcp");
    istauth_server_arena(w->server, &arena, buffer, sizeof(buffer));
    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 400);
    assert_int_equal(istauth_apps_group(&apps, &apps, &arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 1);
    assert_int_equal(apps.items[0].connections, 400);
    assert_int_equal(apps.items[0].client_ids.count, 400);
    assert_int_equal(apps.items[0].workspaces.count, 2);
    assert_int_equal(istauth_app_disconnect(w->server, ADA, apps.items[0].client_ids), ISTAUTH_OK);
    istauth_arena_wipe(&arena);
    assert_int_equal(apps_of(w, ADA).count, 0);
}

static void test_grouping_nothing_gives_nothing(void **state)
{
    assert_int_equal(grouped(*state, ADA).count, 0);
}

/* --- disconnecting --- */

static void test_ca_03_another_persons_app_cannot_be_disconnected(void **state)
{
    world *w = *state;
    connection mine = connect_app(w, "mcp");
    connection hers = grace_connects(w, world_register(w, WORLD_CLIENT_REDIRECT));

    assert_int_equal(disconnect(w, GRACE, mine.client_id), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(disconnect(w, ADA, hers.client_id), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_DISCONNECTED), 0);
    assert_true(opens(w, mine.access));
    assert_true(opens(w, hers.access));
    assert_true(refreshes(w, &mine));
}

static void test_ca_03_a_client_that_two_people_use_is_disconnected_for_one(void **state)
{
    world *w = *state;
    connection mine = connect_app(w, "mcp"), hers = grace_connects(w, mine.client_id);

    assert_int_equal(disconnect(w, GRACE, mine.client_id), ISTAUTH_OK);
    assert_false(opens(w, hers.access));
    assert_true(opens(w, mine.access));
    assert_true(refreshes(w, &mine));
    assert_int_equal(disconnect(w, GRACE, mine.client_id), ISTAUTH_E_NOT_FOUND);
}

static void test_ca_03_ids_that_mean_nothing_end_nothing(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    istauth_id id;
    char *token = personal_token(w, &id, "mcp");
    istauth_access access;
    const char *ids[] = { "", "%", "*", "_", "' OR '1'='1", "0", NULL, NULL, NULL };

    assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_OK);
    ids[6] = world_text(w, "%s", access.grant_id.text);
    ids[7] = world_text(w, "%.31s", c.client_id);
    ids[8] = world_text(w, "%s ", c.client_id);
    for (size_t i = 0; i < COUNT(ids); i++)
        assert_int_equal(disconnect(w, ADA, ids[i]), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(istauth_app_disconnect(w->server, ADA, (istauth_str_list){ NULL, 0 }),
                     ISTAUTH_E_NOT_FOUND);
    assert_int_equal(disconnect(w, ISTAUTH_STR(""), c.client_id), ISTAUTH_E_NOT_FOUND);
    assert_true(opens(w, c.access));
    assert_true(opens(w, token)); /* the empty client id of its grant is no app's */
}

static void test_ca_03_someone_elses_id_among_ones_own_does_no_harm(void **state)
{
    world *w = *state;
    connection mine = connect_app(w, "mcp");
    connection hers = grace_connects(w, world_register(w, WORLD_CLIENT_REDIRECT));
    istauth_str ids[] = { istauth_str_of(hers.client_id), istauth_str_of(mine.client_id) };

    assert_int_equal(istauth_app_disconnect(w->server, ADA, (istauth_str_list){ ids, 2 }),
                     ISTAUTH_OK);
    assert_false(opens(w, mine.access));
    assert_true(opens(w, hers.access));
}

static void test_a_disconnected_app_is_dead_to_the_last_token(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp"), again = connect_again(w, c.client_id, NULL);
    char *pending = world_code(w, c.client_id, NULL);
    reply *second = world_refresh(w, c.client_id, c.refresh);
    istauth_str ticket =
        open_ticket(w, world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL));

    assert_int_equal(disconnect(w, ADA, c.client_id), ISTAUTH_OK);
    assert_false(opens(w, c.access));
    assert_false(opens(w, again.access));
    assert_false(opens(w, reply_str(second, "access_token")));
    expect_error(world_refresh(w, c.client_id, reply_str(second, "refresh_token")), 400,
                 "invalid_grant");
    assert_false(refreshes(w, &again));
    expect_error(world_redeem(w, c.client_id, pending), 400, "invalid_grant");
    assert_int_equal(apps_of(w, ADA).count, 0);
    /* A page that is still open asks anew: that is a new grant. */
    assert_int_equal(world_redeem(w, c.client_id, approved_code(w, ticket))->status, 200);
    assert_int_equal(apps_of(w, ADA).items[0].connections, 1);
    assert_false(opens(w, c.access));
}

static void test_a_pending_code_alone_can_be_disconnected(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client, NULL);

    assert_int_equal(disconnect(w, ADA, client), ISTAUTH_OK);
    expect_error(world_redeem(w, client, code), 400, "invalid_grant");
}

static void test_ca_06_a_store_that_fails_is_no_success(void **state)
{
    static const istauth_status answers[] = { ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY,
                                              ISTAUTH_E_NOT_FOUND, (istauth_status)17 };
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");
    size_t count = 77;

    for (size_t i = 0; i < COUNT(answers); i++) {
        istauth_status st, wanted = i < 2 ? answers[i] : ISTAUTH_E_INTERNAL;
        istauth_apps apps = { NULL, 99, false };

        plan_fault(f, ISTAUTH_STORE_APP_DISCONNECT, 1, answers[i], ISTAUTH_FAULT_ONCE);
        st = disconnect(f->w, ADA, c.client_id);
        assert_int_equal(st, wanted); /* and never NOT_FOUND: that would read as "gone" */
        assert_true(opens(f->w, c.access));
        plan_fault(f, ISTAUTH_STORE_SUBJECT_REVOKE, 1, answers[i], ISTAUTH_FAULT_ONCE);
        assert_int_equal(istauth_subject_revoke(&count, f->w->server, ADA), wanted);
        plan_fault(f, ISTAUTH_STORE_WORKSPACE_REMOVE, 1, answers[i], ISTAUTH_FAULT_ONCE);
        assert_int_equal(istauth_workspace_remove(&count, f->w->server, ADA,
                                                  ISTAUTH_STR("ws_engine")),
                         wanted);
        plan_fault(f, ISTAUTH_STORE_APP_LIST, 1, answers[i], ISTAUTH_FAULT_ONCE);
        assert_int_equal(istauth_apps_list(&apps, f->w->server, ADA, &f->w->arena), wanted);
        assert_int_equal(apps.count, 99);
    }
    assert_int_equal(count, 77);
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_DISCONNECTED), 0);
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_SUBJECT_REVOKED), 0);
    assert_true(opens(f->w, c.access));
    break_op(f, ISTAUTH_STORE_ANY, 0);
    assert_int_equal(disconnect(f->w, ADA, c.client_id), ISTAUTH_OK);
    assert_false(opens(f->w, c.access));
}

static void test_ca_06_an_unknown_outcome_can_be_tried_again(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    plan_fault(f, ISTAUTH_STORE_APP_DISCONNECT, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    assert_int_equal(disconnect(f->w, ADA, c.client_id), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(disconnect(f->w, ADA, c.client_id), ISTAUTH_E_NOT_FOUND); /* it was done */
    assert_false(opens(f->w, c.access));
}

/* --- everything at once --- */

static void test_ca_10_a_closed_account_leaves_nothing_alive(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp"), hers = grace_connects(w, c.client_id);
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL), *location;
    char *pending = world_code(w, c.client_id, NULL);
    istauth_str ticket = open_ticket(w, query);
    istauth_id id;
    char *token = personal_token(w, &id, "mcp");
    size_t count = 0;

    assert_int_equal(istauth_subject_revoke(&count, w->server, ADA), ISTAUTH_OK);
    assert_int_equal(count, 3); /* the connection, the pending code and the personal token */
    w->subject_status = ISTAUTH_E_ACCESS_DENIED; /* as the host answers for a closed account */
    assert_false(opens(w, c.access));
    assert_false(refreshes(w, &c));
    assert_false(opens(w, token));
    expect_error(world_redeem(w, c.client_id, pending), 400, "invalid_grant");
    assert_int_equal(approve(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_E_ACCESS_DENIED);
    assert_int_equal(apps_of(w, ADA).count, 0);
    assert_int_equal(tokens_of(w, ADA).count, 0);
    w->subject_status = ISTAUTH_OK;
    assert_true(opens(w, hers.access));
    assert_int_equal(apps_of(w, GRACE).count, 1);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_SUBJECT_REVOKED), 1);
}

static void test_ca_10_again_or_for_nobody_is_a_success(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    size_t count = 9;

    assert_int_equal(istauth_subject_revoke(NULL, w->server, ADA), ISTAUTH_OK);
    assert_int_equal(istauth_subject_revoke(&count, w->server, ADA), ISTAUTH_OK);
    assert_int_equal(count, 0);
    assert_int_equal(istauth_subject_revoke(&count, w->server, ISTAUTH_STR("nobody")), ISTAUTH_OK);
    assert_int_equal(count, 0);
    assert_false(opens(w, c.access));
    assert_true(opens(w, connect_again(w, c.client_id, NULL).access)); /* she may come back */
}

/* --- leaving a workspace --- */

static istauth_str_list workspaces_of(world *w, const char *token)
{
    istauth_access access;

    assert_int_equal(world_verify(w, &access, token), ISTAUTH_OK);
    return access.workspaces;
}

static void test_a_workspace_that_was_left_is_out_of_every_token(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT), *pending, *token, *query;
    connection both = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "mcp", "ws_engine ws_notes");
    connection one = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "mcp", "ws_engine");
    connection other = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "mcp", "ws_notes");
    connection none = connect_for(w, ADA, id, WORLD_CLIENT_REDIRECT, "openid", NULL);
    istauth_id token_id;
    size_t count = 0;

    token = personal_token(w, &token_id, "mcp");
    query = world_query(w, id, WORLD_CLIENT_REDIRECT, NULL);
    pending = approved_code(w, open_ticket(w, query));
    assert_int_equal(istauth_workspace_remove(&count, w->server, ADA, ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(count, 4); /* two connections, the personal token, the pending code */
    expect_list(workspaces_of(w, both.access), "ws_notes");
    expect_list(workspaces_of(w, token), "ws_notes");
    expect_list(workspaces_of(w, other.access), "ws_notes");
    assert_true(opens(w, none.access));
    assert_false(opens(w, one.access));
    assert_false(refreshes(w, &one));
    expect_error(world_redeem(w, id, pending), 400, "invalid_grant");
    expect_list(workspaces_of(w, reply_str(world_refresh(w, id, both.refresh), "access_token")),
                "ws_notes");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_WORKSPACE_REMOVED), 1);
}

static void test_a_workspace_is_left_by_one_person_and_by_its_whole_name(void **state)
{
    static const char *const names[] = { "", "ws", "ws_", "ws_engine ", "WS_ENGINE", "%", "*",
                                         "ws_engine,ws_notes", "ws_navy" };
    world *w = *state;
    connection c = connect_app(w, "mcp");
    size_t count = 9;

    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(istauth_workspace_remove(&count, w->server, ADA,
                                                  istauth_str_of(names[i])),
                         ISTAUTH_OK);
        assert_int_equal(count, 0);
    }
    assert_int_equal(istauth_workspace_remove(&count, w->server, GRACE,
                                              ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(count, 0);
    expect_list(workspaces_of(w, c.access), "ws_engine ws_notes");
    assert_int_equal(istauth_workspace_remove(NULL, w->server, ADA, ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    expect_list(workspaces_of(w, c.access), "ws_notes");
}

/* --- personal tokens --- */

static void test_be_21_a_list_names_tokens_and_holds_none(void **state)
{
    world *w = *state;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("Backup \xF0\x9F\x94\x91"),
                                   .scopes = ISTAUTH_STR("email mcp:read nonsense"),
                                   .workspaces = word_list(w, "ws_notes ws_engine"),
                                   .expires_at = WORLD_START + 1000 };
    istauth_personal_tokens list;
    istauth_id first, second;
    char *text;

    assert_int_equal(make_personal(w, &text, &first, ADA, &wish), ISTAUTH_OK);
    w->now += 5;
    (void)personal_token(w, &second, "mcp");
    list = tokens_of(w, ADA);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.items[0].id.text, second.text); /* newest first */
    assert_string_equal(list.items[1].id.text, first.text);
    expect_text(list.items[1].name, "Backup \xF0\x9F\x94\x91");
    expect_scopes(w, list.items[1].scopes, "mcp:read email");
    expect_list(list.items[1].workspaces, "ws_engine ws_notes");
    assert_int_equal(list.items[1].created_at, WORLD_START);
    assert_int_equal(list.items[1].expires_at, WORLD_START + 1000);
    assert_int_equal(list.items[0].expires_at, 0);
    assert_int_equal(list.items[1].used_at, 0);
    assert_true(opens(w, text));
    assert_int_equal(tokens_of(w, ADA).items[1].used_at, WORLD_START + 5);
    assert_int_equal(apps_of(w, ADA).count, 0);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_PERSONAL_CREATED), 2);
}

static void test_an_expired_personal_token_is_listed_until_it_is_purged(void **state)
{
    world *w = *state;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("x"), .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = word_list(w, "ws_engine"),
                                   .expires_at = WORLD_START + 1 };
    istauth_id id;
    char *text;

    assert_int_equal(make_personal(w, &text, &id, ADA, &wish), ISTAUTH_OK);
    w->now += 1;
    assert_false(opens(w, text));
    assert_int_equal(tokens_of(w, ADA).count, 1);
    assert_int_equal(istauth_purge(NULL, w->server, 100), ISTAUTH_OK);
    assert_int_equal(tokens_of(w, ADA).count, 0);
}

static void test_ca_03_a_personal_token_is_deleted_by_its_owner_alone(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    istauth_access access;
    istauth_id id, other;
    char *token = personal_token(w, &id, "mcp"), *second = personal_token(w, &other, "mcp");
    const char *wrong[] = { "", "x", "' OR '1'='1", "%", NULL, NULL, NULL, NULL, NULL };

    assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_OK);
    wrong[4] = world_text(w, "%s", access.grant_id.text); /* an app's grant */
    wrong[5] = world_text(w, "%.31s", id.text);
    wrong[6] = world_text(w, "%s0", id.text);
    wrong[7] = "00000000000000000000000000000000";
    wrong[8] = world_text(w, "%.31s\x01", id.text);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(istauth_personal_token_revoke(w->server, ADA, istauth_str_of(wrong[i])),
                         ISTAUTH_E_NOT_FOUND);
    assert_int_equal(istauth_personal_token_revoke(w->server, GRACE, istauth_id_str(&id)),
                     ISTAUTH_E_NOT_FOUND);
    assert_int_equal(istauth_personal_token_revoke(w->server, ISTAUTH_STR(""),
                                                   istauth_id_str(&id)),
                     ISTAUTH_E_NOT_FOUND);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_PERSONAL_REVOKED), 0);
    assert_true(opens(w, token));
    assert_int_equal(istauth_personal_token_revoke(w->server, ADA, istauth_id_str(&id)),
                     ISTAUTH_OK);
    assert_false(opens(w, token));
    assert_true(opens(w, second));
    assert_true(opens(w, c.access));
    assert_int_equal(tokens_of(w, ADA).count, 1);
    assert_int_equal(istauth_personal_token_revoke(w->server, ADA, istauth_id_str(&id)),
                     ISTAUTH_OK); /* it is gone, which is what was asked for */
}

static void refuse_wish(world *w, istauth_personal_wish wish, istauth_status status)
{
    istauth_id id;
    char *text;
    istauth_status st = make_personal(w, &text, &id, ADA, &wish);

    if (st != status)
        fail_msg("expected %s, got %s", istauth_status_name(status), istauth_status_name(st));
}

static void test_wishes_for_personal_tokens_that_are_refused(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    const istauth_personal_wish good = { .name = ISTAUTH_STR("n"), .scopes = ISTAUTH_STR("mcp"),
                                         .workspaces = word_list(w, "ws_engine") };
    const char *const names[] = { "", "a\nb", "\t", "\x7F", "\xE2\x80\xAE", "\xFF", "\xC0\xAF",
                                  world_text(w, "%0121d", 0) };
    static const char *const scopes[] = { "", "nonsense", "mcp\"", "mcp ", "MCP" };
    static const char *const workspaces[] = { "ws_home", "ws_navy", "ws_engine ws_engine",
                                              "ws_engine ws_home", "../ws_engine" };
    static const istauth_time ends[] = { WORLD_START, WORLD_START - 1, 1, -1, INT64_MIN };
    istauth_personal_wish wish;
    istauth_id id;
    char *text;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(names); i++) {
        wish = good;
        wish.name = istauth_str_of(names[i]);
        refuse_wish(w, wish, ISTAUTH_E_ARGUMENT);
    }
    for (size_t i = 0; i < COUNT(scopes); i++) {
        wish = good;
        wish.scopes = istauth_str_of(scopes[i]);
        refuse_wish(w, wish, ISTAUTH_E_INVALID_SCOPE);
    }
    for (size_t i = 0; i < COUNT(workspaces); i++) {
        wish = good;
        wish.workspaces = word_list(w, workspaces[i]);
        refuse_wish(w, wish, ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    }
    for (size_t i = 0; i < COUNT(ends); i++) {
        wish = good;
        wish.expires_at = ends[i];
        refuse_wish(w, wish, ISTAUTH_E_ARGUMENT);
    }
    wish = good;
    wish.scopes = ISTAUTH_STR("email");
    assert_int_equal(make_personal(w, &text, &id, istauth_str_of(NULL), &wish),
                     ISTAUTH_E_ARGUMENT); /* nobody's token would be everybody's who is nobody */
    wish = good;
    wish.workspaces.count = 0;
    refuse_wish(w, wish, ISTAUTH_E_NO_WORKSPACE);
    wish.scopes = ISTAUTH_STR("email");
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    refuse_wish(w, wish, ISTAUTH_OK); /* an identity scope touches no workspace */
    wish = good;
    wish.name = istauth_str_of(names[7] + 1);
    wish.expires_at = INT64_MAX;
    refuse_wish(w, wish, ISTAUTH_OK);
}

static void test_ca_06_a_store_that_fails_makes_and_deletes_no_personal_token(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("n"), .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = word_list(w, "ws_engine") };
    istauth_personal_tokens list = { NULL, 5, false };
    istauth_id id;
    char *token;

    break_op(f, ISTAUTH_STORE_PERSONAL_PUT, 1);
    refuse_wish(w, wish, ISTAUTH_E_UNAVAILABLE);
    plan_fault(f, ISTAUTH_STORE_PERSONAL_PUT, 1, ISTAUTH_E_EXISTS, ISTAUTH_FAULT_ONCE);
    refuse_wish(w, wish, ISTAUTH_E_INTERNAL);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_PERSONAL_CREATED), 0);
    token = personal_token(w, &id, "mcp");
    break_op(f, ISTAUTH_STORE_PERSONAL_REVOKE, 1);
    assert_int_equal(istauth_personal_token_revoke(w->server, ADA, istauth_id_str(&id)),
                     ISTAUTH_E_UNAVAILABLE);
    assert_true(opens(w, token));
    break_op(f, ISTAUTH_STORE_PERSONAL_LIST, 1);
    assert_int_equal(istauth_personal_tokens_list(&list, w->server, ADA, &w->arena),
                     ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(list.count, 5);
    assert_int_equal(tokens_of(w, ADA).count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_ca_01_a_list_shows_ones_own_apps_and_nothing_else),
        CASE(test_ca_01_no_text_in_place_of_a_subject_finds_anything),
        CASE(test_an_entry_says_who_may_what_since_when),
        CASE(test_a_code_that_was_not_redeemed_is_no_connected_app),
        CASE(test_the_last_issued_comes_first),
        CASE(test_a_list_over_the_limit_says_so),
        CASE(test_ca_08_names_come_out_as_they_went_in),
        CASE(test_ca_07_two_registrations_are_two_entries_and_one_can_go),
        CASE(test_ca_07_one_client_twice_is_one_entry_with_two_connections),
        CASE(test_registrations_with_the_same_face_are_grouped),
        CASE(test_another_face_is_another_entry),
        CASE(test_ca_07_hundreds_of_registrations_of_one_app_fit_into_a_requests_arena),
        CASE(test_grouping_nothing_gives_nothing),
        CASE(test_ca_03_another_persons_app_cannot_be_disconnected),
        CASE(test_ca_03_a_client_that_two_people_use_is_disconnected_for_one),
        CASE(test_ca_03_ids_that_mean_nothing_end_nothing),
        CASE(test_ca_03_someone_elses_id_among_ones_own_does_no_harm),
        CASE(test_a_disconnected_app_is_dead_to_the_last_token),
        CASE(test_a_pending_code_alone_can_be_disconnected),
        FAULTY_CASE(test_ca_06_a_store_that_fails_is_no_success),
        FAULTY_CASE(test_ca_06_an_unknown_outcome_can_be_tried_again),
        CASE(test_ca_10_a_closed_account_leaves_nothing_alive),
        CASE(test_ca_10_again_or_for_nobody_is_a_success),
        CASE(test_a_workspace_that_was_left_is_out_of_every_token),
        CASE(test_a_workspace_is_left_by_one_person_and_by_its_whole_name),
        CASE(test_be_21_a_list_names_tokens_and_holds_none),
        CASE(test_an_expired_personal_token_is_listed_until_it_is_purged),
        CASE(test_ca_03_a_personal_token_is_deleted_by_its_owner_alone),
        FAULTY_CASE(test_wishes_for_personal_tokens_that_are_refused),
        FAULTY_CASE(test_ca_06_a_store_that_fails_makes_and_deletes_no_personal_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
