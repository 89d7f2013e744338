/* Refresh tokens: each is good once, its family shares one fate, and nothing in a request widens
 * what was consented to. */
#include "support/connection.h"
#include <istauth/store_check.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void test_rf_01_a_refresh_gives_a_new_pair_and_spends_the_old_token(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);

    assert_string_not_equal(first.access, second.access);
    assert_string_not_equal(first.refresh, second.refresh);
    assert_int_equal(strncmp(second.access, "ist_at_", 7), 0);
    assert_int_equal(strncmp(second.refresh, "ist_rt_", 7), 0);
    assert_true(lives(w, first.access)); /* until it expires: another process may still hold it */
    assert_true(lives(w, second.access));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESHED), 1);
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
}

/* Which of three generations comes back does not matter: all of them end. */
static void test_rf_02_a_reuse_ends_the_whole_family(void **state)
{
    world *w = *state;

    for (int reused = 0; reused < 2; reused++) {
        connection bystander = connect_with(w, "mcp"), c[3];

        c[0] = connect_with(w, "mcp");
        c[1] = next(w, &c[0]);
        c[2] = next(w, &c[1]);
        expect_error(refresh(w, &c[reused], ""), 400, "invalid_grant");
        for (int i = 0; i < 3; i++)
            expect_dead(w, &c[i]);
        assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), reused + 1);
        expect_alive(w, &bystander);
    }
}

static void test_rf_02_a_reuse_is_one_whatever_else_is_wrong_with_it(void **state)
{
    static const char *const more[] = { "&scope=email", "&scope=%22", "&resource=https://x.ex/",
                                        "&code=x", "" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(more); i++) {
        connection first = connect_with(w, "mcp"), second = next(w, &first);

        expect_error(refresh(w, &first, more[i]), 400, "invalid_grant");
        expect_dead(w, &second);
    }
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), COUNT(more));
}

static void test_rf_02_a_reuse_is_still_one_after_the_token_has_expired(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second;

    w->now += 20 * 86400;
    second = next(w, &first);
    w->now += 20 * 86400;
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
    expect_dead(w, &second);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
}

static void test_rf_02_two_connections_of_one_client_are_two_families(void **state)
{
    world *w = *state;
    connection laptop = connect_with(w, "mcp"), phone = laptop, spent = laptop;

    take(w, &phone, world_redeem(w, laptop.client_id, world_code(w, laptop.client_id, NULL)));
    laptop = next(w, &laptop);
    expect_error(refresh(w, &spent, ""), 400, "invalid_grant");
    expect_dead(w, &laptop);
    expect_alive(w, &phone);
}

/* A stranger who found a token, spent or not, is no reason to end anything. */
static void test_rf_02_another_client_can_neither_use_nor_reuse_a_token(void **state)
{
    world *w = *state;
    connection mine = connect_with(w, "mcp"), spent = mine, stolen;
    char *other = world_register(w, WORLD_CLIENT_REDIRECT);

    mine = next(w, &mine);
    stolen = mine;
    stolen.client_id = other;
    expect_error(refresh(w, &stolen, ""), 400, "invalid_grant");
    stolen.client_id = "unknown";
    expect_error(refresh(w, &stolen, ""), 401, "invalid_client");
    spent.client_id = other;
    expect_error(refresh(w, &spent, ""), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    expect_alive(w, &mine);
}

static void test_rf_08_a_scope_is_never_widened_and_the_question_costs_nothing(void **state)
{
    static const char *const wider[] = { "mcp", "mcp+mcp:read", "mcp:read+email", "openid",
                                         "nothing", "offline_access", "%22", "mcp:read%09",
                                         "MCP:READ" };
    world *w = *state;
    connection c = connect_with(w, "mcp:read");

    for (size_t i = 0; i < COUNT(wider); i++)
        expect_error(refresh(w, &c, world_text(w, "&scope=%s", wider[i])), 400, "invalid_scope");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESHED), 0);
    expect_alive(w, &c);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static istauth_status may(world *w, const char *access_token, const char *scope)
{
    istauth_access access;

    assert_int_equal(world_verify(w, &access, access_token), ISTAUTH_OK);
    return istauth_access_check(&access, w->server, istauth_str_of(scope),
                                ISTAUTH_STR("ws_engine"));
}

static void test_rf_09_a_narrower_scope_narrows_the_access_token_alone(void **state)
{
    world *w = *state;
    connection c = connect_with(w, "mcp email");
    reply *r = refresh(w, &c, "&scope=mcp:read");

    assert_string_equal(reply_str(r, "scope"), "mcp:read");
    take(w, &c, r);
    assert_int_equal(may(w, c.access, "mcp:read"), ISTAUTH_OK);
    assert_int_equal(may(w, c.access, "mcp"), ISTAUTH_E_INSUFFICIENT_SCOPE);
    assert_int_equal(may(w, c.access, "email"), ISTAUTH_E_INSUFFICIENT_SCOPE);
    r = refresh(w, &c, "&scope=email+mcp");
    assert_string_equal(reply_str(r, "scope"), "mcp email");
    take(w, &c, r);
    assert_int_equal(may(w, c.access, "mcp"), ISTAUTH_OK);
    /* What is unknown is dropped, as everywhere, as long as something is left. */
    r = refresh(w, &c, "&scope=mcp+offline_access");
    assert_string_equal(reply_str(r, "scope"), "mcp");
    take(w, &c, r);
    assert_string_equal(reply_str(refresh(w, &c, ""), "scope"), "mcp email");
}

static void test_rf_10_without_a_scope_it_is_that_of_the_grant(void **state)
{
    static const char *const none[] = { "", "&scope=", "&scope", "&resource=&scope=" };
    world *w = *state;
    connection c = connect_with(w, "mcp:read email");

    for (size_t i = 0; i < COUNT(none); i++) {
        reply *r = refresh(w, &c, none[i]);

        assert_string_equal(reply_str(r, "scope"), "mcp:read email");
        take(w, &c, r);
    }
}

static void test_a_refresh_stays_with_the_resource_of_its_grant(void **state)
{
    static const char *const wrong[] = { "https://as.example/other", "https://evil.ex/mcp", "mcp",
                                         "https://as.example/mcp&resource=https://evil.ex/" };
    world *w = world_new();
    connection c;

    (void)state;
    w->config.resource_count = 2;
    world_open(w);
    c = connect_with(w, "mcp");
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_error(refresh(w, &c, world_text(w, "&resource=%s", wrong[i])), 400,
                     "invalid_target");
    take(w, &c, refresh(w, &c, "&resource=https://as.example/mcp"));
    expect_alive(w, &c);
    world_free(w);
}

static void test_rf_14_a_closed_account_ends_the_family(void **state)
{
    world *w = *state;
    connection c = connect_with(w, "mcp"), bystander = connect_with(w, "mcp");

    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    expect_error(refresh(w, &c, ""), 400, "invalid_grant");
    w->subject_status = ISTAUTH_OK;
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 1);
    expect_dead(w, &c); /* opening the account again does not bring it back */
    expect_alive(w, &bystander);
}

static connection connect_to(world *w, const char *workspaces)
{
    connection c = { .client_id = world_register(w, WORLD_CLIENT_REDIRECT) };
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL);
    char *code = url_param(w, world_approve(w, query, NULL, workspaces), "code");

    take(w, &c, world_redeem(w, c.client_id, code));
    return c;
}

static void test_rf_14_a_lost_workspace_leaves_the_family_or_ends_it(void **state)
{
    world *w = *state;
    connection only = connect_to(w, "ws_engine"), both = connect_to(w, "ws_engine ws_notes");
    istauth_access access;

    w->lost_engine = true;
    expect_error(refresh(w, &only, ""), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 1);
    both = next(w, &both);
    w->lost_engine = false;
    expect_dead(w, &only);
    assert_int_equal(world_verify(w, &access, both.access), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 1);
    assert_true(istauth_str_equal(access.workspaces.items[0], ISTAUTH_STR("ws_notes")));
    w->notes_is_free = true; /* the plan was downgraded: the last one goes */
    expect_error(refresh(w, &both, ""), 400, "invalid_grant");
    w->notes_is_free = false;
    expect_dead(w, &both);
}

static void test_rf_14_disconnected_is_disconnected(void **state)
{
    world *w = *state;
    connection a = connect_with(w, "mcp"), b = connect_with(w, "mcp"), spent = b, c;
    istauth_str id = istauth_str_of(a.client_id);

    assert_int_equal(istauth_app_disconnect(w->server, GRACE, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_E_NOT_FOUND);
    expect_alive(w, &a);
    assert_int_equal(istauth_app_disconnect(w->server, ADA, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_OK);
    expect_dead(w, &a);
    expect_alive(w, &b);
    assert_int_equal(istauth_subject_revoke(NULL, w->server, ADA), ISTAUTH_OK);
    expect_dead(w, &b);
    c = connect_with(w, "mcp"); /* and may be connected again */
    /* A reuse in a family that is dead already is no news. */
    expect_error(refresh(w, &spent, ""), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    expect_alive(w, &c);
}

static void test_rf_14_a_host_in_trouble_ends_nothing(void **state)
{
    static const struct {
        istauth_status answer;
        int status;
    } rows[] = { { ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_E_NO_MEMORY, 503 },
                 { ISTAUTH_E_NOT_FOUND, 500 },
                 { ISTAUTH_E_REVOKED, 500 },
                 { (istauth_status)1, 500 } };
    world *w = *state;
    connection c = connect_with(w, "mcp");

    for (size_t i = 0; i < COUNT(rows); i++) {
        w->subject_status = rows[i].answer;
        assert_int_equal(refresh(w, &c, "")->status, rows[i].status);
        w->subject_status = ISTAUTH_OK;
        w->workspaces_status = rows[i].answer;
        assert_int_equal(refresh(w, &c, "")->status, rows[i].status);
        w->workspaces_status = ISTAUTH_OK;
    }
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
    expect_alive(w, &c);
}

static char *with(world *w, const char *text, size_t at, char c)
{
    char *copy = world_text(w, "%s", text);

    copy[at] = copy[at] == c ? 'Q' : c;
    return copy;
}

/* The same but for the case of one letter of the random part. */
static char *with_other_case(world *w, const char *text)
{
    size_t at = 7 + strcspn(text + 7, "abcdefghijklmnopqrstuvwxyz");

    return with(w, text, at, (char)(text[at] - 'a' + 'A'));
}

/* The store counts what it is asked for. */
static void test_rf_16_garbage_costs_no_look_into_the_store(void **state)
{
    world *w = world_new();
    istauth_store memory;
    istauth_store_shim counter;
    connection c, bad;
    size_t n;

    (void)state;
    assert_int_equal(istauth_memory_store_new(&memory, NULL, NULL), ISTAUTH_OK);
    w->given = istauth_store_shim_wrap(&counter, memory);
    world_open(w);
    c = connect_with(w, "mcp");
    n = strlen(c.refresh);
    const char *garbage[] = {
        "x", "%20", "ist_rt_", "null", world_text(w, "%.*s", (int)n - 1, c.refresh),
        world_text(w, "%sA", c.refresh), world_text(w, "%s%%20", c.refresh),
        world_text(w, "%%20%s", c.refresh), world_text(w, "%s%%0A", c.refresh),
        with_other_case(w, c.refresh), with(w, c.refresh, 0, 'I'),
        with(w, c.refresh, 0, 'j'), with(w, c.refresh, 4, 'a'), with(w, c.refresh, n - 1, '-'),
        with(w, c.refresh, 30, '*'), world_text(w, "Bearer%%20%s", c.refresh)
    };

    bad = c;
    for (size_t i = 0; i < COUNT(garbage); i++) {
        istauth_store_shim_plan(&counter, ISTAUTH_STORE_ANY, 0, ISTAUTH_OK, ISTAUTH_FAULT_ONCE);
        bad.refresh = world_text(w, "%s", garbage[i]);
        expect_error(refresh(w, &bad, ""), 400, "invalid_grant");
        assert_int_equal(istauth_store_shim_calls(&counter, ISTAUTH_STORE_ANY),
                         istauth_store_shim_calls(&counter, ISTAUTH_STORE_CLIENT_GET));
    }
    expect_alive(w, &c);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    world_free(w);
    istauth_memory_store_free(&memory);
}

static void test_rf_16_a_well_formed_stranger_is_nobodys_token(void **state)
{
    world *w = *state;
    connection c = connect_with(w, "mcp"), bad = c;
    size_t blocks = w->live_blocks;

    for (uint8_t i = 0; i < 3; i++) {
        uint8_t random[ISTAUTH_TOKEN_RANDOM] = { i };
        istauth_key key;

        bad.refresh = world_text(w, "%0*d", ISTAUTH_TOKEN_LENGTH_MAX, 0);
        assert_int_equal(istauth_token_mint(bad.refresh, &key, ISTAUTH_TOKEN_REFRESH,
                                            ISTAUTH_STR("ist"), random),
                         ISTAUTH_OK);
        expect_error(refresh(w, &bad, ""), 400, "invalid_grant");
    }
    assert_int_equal(w->live_blocks, blocks);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    bad.refresh = world_text(w, "%s", "");
    expect_error(refresh(w, &bad, ""), 400, "invalid_request"); /* as good as none */
    expect_alive(w, &c);
}

static void test_rf_17_one_alarm_for_each_family_that_names_no_token(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first), third = next(w, &second);
    const char *line;

    for (int i = 0; i < 3; i++) {
        expect_error(refresh(w, &first, ""), 400, "invalid_grant");
        expect_error(refresh(w, &second, ""), 400, "invalid_grant");
    }
    expect_dead(w, &third);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
    line = strstr(w->log, istauth_event_name(ISTAUTH_EVENT_REUSE_DETECTED));
    assert_non_null(line);
    assert_non_null(strstr(line, "user_ada"));
    assert_non_null(strstr(line, first.client_id));
    assert_non_null(strstr(line, "192.0.2.7"));
    assert_null(strstr(w->log, "ist_")); /* of no token, not even the beginning */
}

static void test_rf_19_refreshes_do_not_multiply_what_is_connected(void **state)
{
    world *w = *state;
    connection c = connect_with(w, "mcp");
    istauth_access access;
    istauth_apps apps;

    for (int i = 1; i <= 3; i++) {
        w->now += 3600;
        c = next(w, &c);
        assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_OK);
        assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
        assert_int_equal(apps.count, 1);
        assert_int_equal(apps.items[0].connections, 1);
        assert_int_equal(apps.items[0].connected_at, WORLD_START);
        assert_int_equal(apps.items[0].issued_at, WORLD_START + i * 3600);
        assert_int_equal(apps.items[0].used_at, WORLD_START + i * 3600);
    }
}

/* One family for months, in a store with room for a hundred tokens: what has expired makes room. */
static void test_rf_20_a_family_that_is_refreshed_for_ever_stays_small(void **state)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    world *w = world_new();
    istauth_store memory;
    connection first, c;

    (void)state;
    limits.tokens = 100;
    assert_int_equal(istauth_memory_store_new(&memory, &limits, NULL), ISTAUTH_OK);
    w->given = memory;
    w->config.lifetimes.refresh = 86400;
    world_open(w);
    first = c = connect_with(w, "mcp");
    for (int i = 0; i < 500; i++) {
        w->now += 3600;
        c = next(w, &c);
        assert_int_equal(istauth_purge(NULL, w->server, 10), ISTAUTH_OK);
    }
    expect_error(refresh(w, &first, ""), 400, "invalid_grant"); /* long forgotten */
    expect_alive(w, &c);
    world_free(w);
    istauth_memory_store_free(&memory);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rf_01_a_refresh_gives_a_new_pair_and_spends_the_old_token),
        CASE(test_rf_02_a_reuse_ends_the_whole_family),
        CASE(test_rf_02_a_reuse_is_one_whatever_else_is_wrong_with_it),
        CASE(test_rf_02_a_reuse_is_still_one_after_the_token_has_expired),
        CASE(test_rf_02_two_connections_of_one_client_are_two_families),
        CASE(test_rf_02_another_client_can_neither_use_nor_reuse_a_token),
        CASE(test_rf_08_a_scope_is_never_widened_and_the_question_costs_nothing),
        CASE(test_rf_09_a_narrower_scope_narrows_the_access_token_alone),
        CASE(test_rf_10_without_a_scope_it_is_that_of_the_grant),
        cmocka_unit_test(test_a_refresh_stays_with_the_resource_of_its_grant),
        CASE(test_rf_14_a_closed_account_ends_the_family),
        CASE(test_rf_14_a_lost_workspace_leaves_the_family_or_ends_it),
        CASE(test_rf_14_disconnected_is_disconnected),
        CASE(test_rf_14_a_host_in_trouble_ends_nothing),
        cmocka_unit_test(test_rf_16_garbage_costs_no_look_into_the_store),
        CASE(test_rf_16_a_well_formed_stranger_is_nobodys_token),
        CASE(test_rf_17_one_alarm_for_each_family_that_names_no_token),
        CASE(test_rf_19_refreshes_do_not_multiply_what_is_connected),
        cmocka_unit_test(test_rf_20_a_family_that_is_refreshed_for_ever_stays_small),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
