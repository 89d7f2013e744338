/* Authorization codes at the token endpoint: one use, by the client it was made for, in its time,
 * for what was consented to. */
#include "support/world.h"

#include <istauth/store_check.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TOKEN "/api/oauth/token"
#define PROOF "&code_verifier=" WORLD_VERIFIER

static reply *redeem(world *w, const char *client_id, const char *code, const char *more)
{
    return world_post_form(w, TOKEN,
                           world_text(w, "grant_type=authorization_code&client_id=%s&code=%s%s",
                                      client_id, code, more));
}

static bool lives(world *w, const char *access_token)
{
    istauth_access access;
    istauth_status st = world_verify(w, &access, access_token);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_TOKEN);
    return !st;
}

/* No token has come of anything so far. */
static void nothing_issued(world *w)
{
    istauth_apps apps;

    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), 0);
    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 0);
}

static char *changed(world *w, const char *text, size_t at)
{
    char *copy = world_text(w, "%s", text);

    copy[at] = copy[at] == 'x' ? 'y' : 'x';
    return copy;
}

static void test_cd_02_a_replay_that_proves_nothing_revokes_nothing(void **state)
{
    world *w = *state;
    char *mine = world_register(w, WORLD_CLIENT_REDIRECT);
    char *other = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, mine, NULL);
    reply *tokens = world_redeem(w, mine, code);
    size_t last = strlen(code) - 1;

    assert_int_equal(tokens->status, 200);
    expect_error(redeem(w, other, code, PROOF), 400, "invalid_grant");
    expect_error(redeem(w, "unknown", code, PROOF), 401, "invalid_client");
    expect_error(redeem(w, mine, changed(w, code, last), PROOF), 400, "invalid_grant");
    expect_error(redeem(w, mine, changed(w, code, 10), PROOF), 400, "invalid_grant");
    expect_error(redeem(w, mine, world_text(w, "%sA", code), PROOF), 400, "invalid_grant");
    expect_error(redeem(w, mine, world_text(w, "%.*s", (int)last, code), PROOF), 400,
                 "invalid_grant");
    expect_error(redeem(w, mine, code, ""), 400, "invalid_grant");
    expect_error(redeem(w, mine, code, PROOF "k"), 400, "invalid_grant");
    expect_error(redeem(w, mine, code, PROOF "&redirect_uri=https://c.ex/other"), 400,
                 "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    assert_true(lives(w, reply_str(tokens, "access_token")));
    assert_int_equal(world_refresh(w, mine, reply_str(tokens, "refresh_token"))->status, 200);
}

static void test_cd_02_garbage_costs_no_look_into_the_store(void **state)
{
    world *w = world_new();
    istauth_store memory;
    istauth_store_shim counter;
    char *client_id, *code;

    (void)state;
    assert_int_equal(istauth_memory_store_new(&memory, NULL, NULL), ISTAUTH_OK);
    w->given = istauth_store_shim_wrap(&counter, memory);
    world_open(w);
    client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    code = world_code(w, client_id, NULL);
    for (size_t at = 0; at < strlen(code); at++)
        expect_error(redeem(w, client_id, changed(w, code, at), PROOF), 400, "invalid_grant");
    assert_int_equal(istauth_store_shim_calls(&counter, ISTAUTH_STORE_CODE_GET), 0);
    assert_int_equal(redeem(w, client_id, code, PROOF)->status, 200);
    assert_int_equal(istauth_store_shim_calls(&counter, ISTAUTH_STORE_CODE_GET), 1);
    world_free(w);
    istauth_memory_store_free(&memory);
}

static void test_cd_02_a_replay_with_the_proof_kills_what_the_code_produced(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL), *bystander = world_code(w, client_id, NULL);
    reply *first = world_redeem(w, client_id, code), *second, *other;

    second = world_refresh(w, client_id, reply_str(first, "refresh_token"));
    other = world_redeem(w, client_id, bystander);
    w->now += 3000; /* the code has long expired */
    for (int i = 0; i < 2; i++) {
        expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
        assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
    }
    assert_false(lives(w, reply_str(first, "access_token")));
    assert_false(lives(w, reply_str(second, "access_token")));
    expect_error(world_refresh(w, client_id, reply_str(second, "refresh_token")), 400,
                 "invalid_grant");
    assert_true(lives(w, reply_str(other, "access_token")));
    assert_int_equal(world_refresh(w, client_id, reply_str(other, "refresh_token"))->status, 200);
}

static void redeem_after(world *w, istauth_time seconds, int status)
{
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);
    istauth_time issued = w->now;
    reply *r;

    w->now = issued + seconds;
    r = world_redeem(w, client_id, code);
    w->now = issued;
    assert_int_equal(r->status, status);
    if (status != 200)
        expect_error(r, 400, "invalid_grant");
}

static void test_cd_04_a_code_lives_sixty_seconds(void **state)
{
    world *w = *state;

    redeem_after(w, 0, 200);
    redeem_after(w, 59, 200);
    redeem_after(w, 60, 400);
    redeem_after(w, 61, 400);
    redeem_after(w, 86400, 400);
}

static void test_cd_04_no_code_may_live_longer_than_ten_minutes(void **state)
{
    world *w = world_new();
    istauth_server *server = NULL;
    istauth_config config;

    (void)state;
    w->config.lifetimes.code = 600;
    world_open(w);
    redeem_after(w, 599, 200);
    redeem_after(w, 600, 400);
    config = w->config;
    config.lifetimes.code = 601;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    config.lifetimes.code = -1;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    assert_null(server);
    world_free(w);
}

static void test_cd_05_another_client_cannot_use_a_code_nor_spoil_it(void **state)
{
    world *w = *state;
    char *mine = world_register(w, WORLD_CLIENT_REDIRECT);
    char *other = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, mine, NULL);

    expect_error(redeem(w, other, code, PROOF), 400, "invalid_grant");
    expect_error(redeem(w, other, code, ""), 400, "invalid_grant");
    expect_error(redeem(w, "unknown", code, PROOF), 401, "invalid_client");
    expect_error(redeem(w, "", code, PROOF), 401, "invalid_client");
    nothing_issued(w);
    assert_int_equal(redeem(w, mine, code, PROOF)->status, 200);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

/* Authorized with one redirect URI, redeemed with another. */
static void test_cd_06_another_redirect_uri_burns_the_code(void **state)
{
    static const struct {
        const char *registered, *authorized, *sent;
    } rows[] = {
        { WORLD_CLIENT_REDIRECT, WORLD_CLIENT_REDIRECT, "https://c.ex/cb/" },
        { WORLD_CLIENT_REDIRECT, WORLD_CLIENT_REDIRECT, "https://c.ex/Cb" },
        { WORLD_CLIENT_REDIRECT, WORLD_CLIENT_REDIRECT, "https://c.ex/cb?" },
        { WORLD_CLIENT_REDIRECT, WORLD_CLIENT_REDIRECT, "https://evil.ex/cb" },
        { "http://127.0.0.1/cb", "http://127.0.0.1:4000/cb", "http://127.0.0.1:4001/cb" },
        { "http://127.0.0.1/cb", "http://127.0.0.1:4000/cb", "http://127.0.0.1/cb" },
        { "http://localhost/cb", "http://localhost:4000/cb", "http://127.0.0.1:4000/cb" },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *client_id = world_register(w, rows[i].registered);
        char *query = world_query(w, client_id, rows[i].authorized, NULL);
        char *code = url_param(w, world_approve(w, query, NULL, NULL), "code");
        char *right = world_text(w, PROOF "&redirect_uri=%s", world_encode(w, rows[i].authorized));

        expect_error(redeem(w, client_id, code,
                            world_text(w, PROOF "&redirect_uri=%s",
                                       world_encode(w, rows[i].sent))),
                     400, "invalid_grant");
        expect_error(redeem(w, client_id, code, right), 400, "invalid_grant");
        code = url_param(w, world_approve(w, query, NULL, NULL), "code");
        assert_int_equal(redeem(w, client_id, code, right)->status, 200);
    }
}

static void test_cd_07_the_redirect_uri_may_be_left_out_but_not_be_wrong(void **state)
{
    static const char *const omitted[] = { PROOF, PROOF "&redirect_uri=", PROOF "&redirect_uri" };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT), *query, *code;

    for (size_t i = 0; i < COUNT(omitted); i++)
        assert_int_equal(redeem(w, client_id, world_code(w, client_id, NULL), omitted[i])->status,
                         200);
    /* Left out of the authorization request, which then meant the only one there is. */
    query = world_text(w,
                       "response_type=code&client_id=%s&code_challenge=" WORLD_CHALLENGE
                       "&code_challenge_method=S256",
                       client_id);
    code = url_param(w, world_approve(w, query, NULL, NULL), "code");
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
    code = url_param(w, world_approve(w, query, NULL, NULL), "code");
    expect_error(redeem(w, client_id, code, PROOF "&redirect_uri=https://c.ex/x"), 400,
                 "invalid_grant");
}

static void test_cd_09_no_page_of_ours_names_itself_to_the_next(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    reply *page = world_get(w, "/oauth/authorize", "client_id=unknown&code=x");
    reply *redirect = world_get(w, "/oauth/authorize",
                                world_text(w, "client_id=%s&response_type=token", client_id));

    expect_page(page);
    assert_string_equal(reply_header(page, "referrer-policy"), "no-referrer");
    assert_int_equal(redirect->status, 303);
    assert_string_equal(reply_header(redirect, "referrer-policy"), "no-referrer");
}

static world *world_with_two_resources(void)
{
    world *w = world_new();

    w->config.resource_count = 2;
    world_open(w);
    return w;
}

static void test_cd_10_a_code_is_bound_to_its_resource_and_a_wrong_one_does_not_spend_it(
    void **state)
{
    static const char *const wrong[] = { "https://as.example/other", "https://evil.ex/mcp",
                                         "https://as.example/mcpx",  "mcp",
                                         "https://as.example/mcp&resource=https://as.example/other",
                                         "https://as.example/mcp%23x" };
    world *w = world_with_two_resources();
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, "resource=https://as.example/mcp");
    istauth_access access;
    reply *r;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_error(redeem(w, client_id, code, world_text(w, PROOF "&resource=%s", wrong[i])), 400,
                     "invalid_target");
    nothing_issued(w);
    r = redeem(w, client_id, code, PROOF "&resource=https://as.example/mcp");
    assert_int_equal(r->status, 200);
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.resource, ISTAUTH_STR(WORLD_RESOURCE)));
    r = world_redeem(w, client_id, world_code(w, client_id, "resource=https://as.example/other"));
    assert_false(lives(w, reply_str(r, "access_token"))); /* at the first resource */
    world_free(w);
}

static void test_cd_10_nothing_in_the_token_request_widens_what_was_consented_to(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, "scope=mcp:read");
    char *code = url_param(w, world_approve(w, query, NULL, "ws_notes"), "code");
    istauth_access access;
    reply *r = redeem(w, client_id, code,
                      PROOF "&scope=mcp+email&workspace=ws_engine&workspaces=ws_engine&"
                            "subject=user_grace&expires_in=999999&resource=");

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "scope"), "mcp:read");
    assert_int_equal(reply_int(r, "expires_in"), 3600);
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.subject, ADA));
    assert_int_equal(access.workspaces.count, 1);
    assert_true(istauth_str_equal(access.workspaces.items[0], ISTAUTH_STR("ws_notes")));
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp"),
                                          ISTAUTH_STR("ws_notes")),
                     ISTAUTH_E_INSUFFICIENT_SCOPE);
}

static istauth_status disconnect(world *w, istauth_str subject, const char *client_id)
{
    istauth_str id = istauth_str_of(client_id);

    return istauth_app_disconnect(w->server, subject, (istauth_str_list){ &id, 1 });
}

static void test_cd_11_a_deleted_client_redeems_nothing(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);

    assert_int_equal(w->store.ops->client_delete(w->store.ctx, istauth_str_of(client_id), w->now),
                     ISTAUTH_OK);
    expect_error(world_redeem(w, client_id, code), 401, "invalid_client");
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, client_id, WORLD_CLIENT_REDIRECT, NULL)));
    nothing_issued(w);
}

static void test_cd_11_a_disconnected_code_redeems_nothing(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);

    assert_int_equal(disconnect(w, GRACE, client_id), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(disconnect(w, ADA, "other"), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(disconnect(w, ADA, client_id), ISTAUTH_OK);
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    code = world_code(w, client_id, NULL);
    assert_int_equal(istauth_subject_revoke(NULL, w->server, GRACE), ISTAUTH_OK);
    assert_int_equal(istauth_subject_revoke(NULL, w->server, ADA), ISTAUTH_OK);
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    nothing_issued(w);
    code = world_code(w, client_id, NULL);
    assert_int_equal(disconnect(w, GRACE, client_id), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
}

static void test_cd_12_a_workspace_lost_before_the_redemption_is_not_granted(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, NULL);
    char *only = url_param(w, world_approve(w, query, NULL, "ws_engine"), "code");
    char *both = url_param(w, world_approve(w, query, NULL, "ws_engine ws_notes"), "code");
    istauth_access access;
    reply *r;

    w->lost_engine = true;
    expect_error(world_redeem(w, client_id, only), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), 0);
    r = world_redeem(w, client_id, both);
    w->lost_engine = false;
    expect_error(world_redeem(w, client_id, only), 400, "invalid_grant");
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 1);
    assert_true(istauth_str_equal(access.workspaces.items[0], ISTAUTH_STR("ws_notes")));
}

static void test_cd_12_a_downgraded_plan_and_a_closed_account_count_as_well(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, NULL);
    char *code = url_param(w, world_approve(w, query, NULL, "ws_notes"), "code");

    w->notes_is_free = true;
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    w->notes_is_free = false;
    code = url_param(w, world_approve(w, query, NULL, "ws_notes"), "code");
    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    w->subject_status = ISTAUTH_OK;
    expect_error(world_redeem(w, client_id, code), 400, "invalid_grant");
    nothing_issued(w);
}

/* A host that cannot answer, or answers nonsense, lets nobody in and ends nothing. */
static void test_cd_12_a_host_in_trouble_costs_no_code(void **state)
{
    static const struct {
        istauth_status answer;
        int status;
    } rows[] = { { ISTAUTH_E_UNAVAILABLE, 503 },
                 { ISTAUTH_E_NOT_FOUND, 500 },
                 { ISTAUTH_E_INVALID_GRANT, 500 },
                 { (istauth_status)1, 500 } };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = world_code(w, client_id, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        w->subject_status = rows[i].answer;
        assert_int_equal(world_redeem(w, client_id, code)->status, rows[i].status);
        w->subject_status = ISTAUTH_OK;
        w->workspaces_status = rows[i].answer;
        assert_int_equal(world_redeem(w, client_id, code)->status, rows[i].status);
        w->workspaces_status = ISTAUTH_OK;
    }
    nothing_issued(w);
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
}

static char *personal_token(world *w)
{
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_personal_wish wish = { .name = ISTAUTH_STR("script"),
                                   .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = { &workspace, 1 } };
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_id id;

    assert_int_equal(istauth_personal_token_create(text, &id, w->server, ADA, &wish, &w->arena),
                     ISTAUTH_OK);
    return world_text(w, "%s", text);
}

static void test_cd_13_rf_12_each_credential_opens_only_its_own_grant(void **state)
{
    world *w = *state;
    char *client_id, *personal = personal_token(w), *code;
    reply *tokens = world_connect(w, "mcp", &client_id);
    const char *at = reply_str(tokens, "access_token"), *rt = reply_str(tokens, "refresh_token");
    size_t issued = world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED);

    code = world_code(w, client_id, NULL);
    expect_error(world_redeem(w, client_id, rt), 400, "invalid_grant");
    expect_error(world_redeem(w, client_id, at), 400, "invalid_grant");
    expect_error(world_redeem(w, client_id, personal), 400, "invalid_grant");
    expect_error(world_refresh(w, client_id, code), 400, "invalid_grant");
    expect_error(world_refresh(w, client_id, at), 400, "invalid_grant");
    expect_error(world_refresh(w, client_id, personal), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_TOKEN_ISSUED), issued);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    assert_false(lives(w, code));
    assert_false(lives(w, rt));
    assert_true(lives(w, at)); /* and nothing of it was harmed */
    assert_true(lives(w, personal));
    assert_int_equal(world_redeem(w, client_id, code)->status, 200);
    assert_int_equal(world_refresh(w, client_id, rt)->status, 200);
}

static void test_cd_16_a_clock_that_was_set_back_does_not_prolong_a_code(void **state)
{
    world *w = *state;

    redeem_after(w, -1, 200);
    redeem_after(w, -60, 200);
    redeem_after(w, -61, 400);
    redeem_after(w, -3600, 400);
    redeem_after(w, 1 - WORLD_START, 400);
}

static void test_cd_03_a_proven_replay_is_punished_before_any_other_complaint(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, client, NULL);
    reply *tokens = world_redeem(w, client, code);
    istauth_access access;

    expect_error(world_post_form(
                     w, "/api/oauth/token",
                     world_text(w,
                                "grant_type=authorization_code&client_id=%s&code=%s"
                                "&code_verifier=%s&resource=https%%3A%%2F%%2Felsewhere.example",
                                client, code, WORLD_VERIFIER)),
                 400, "invalid_grant");
    assert_int_equal(world_verify(w, &access, reply_str(tokens, "access_token")),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_cd_02_a_replay_that_proves_nothing_revokes_nothing),
        cmocka_unit_test(test_cd_02_garbage_costs_no_look_into_the_store),
        CASE(test_cd_02_a_replay_with_the_proof_kills_what_the_code_produced),
        CASE(test_cd_04_a_code_lives_sixty_seconds),
        cmocka_unit_test(test_cd_04_no_code_may_live_longer_than_ten_minutes),
        CASE(test_cd_05_another_client_cannot_use_a_code_nor_spoil_it),
        CASE(test_cd_06_another_redirect_uri_burns_the_code),
        CASE(test_cd_07_the_redirect_uri_may_be_left_out_but_not_be_wrong),
        CASE(test_cd_09_no_page_of_ours_names_itself_to_the_next),
        cmocka_unit_test(
            test_cd_10_a_code_is_bound_to_its_resource_and_a_wrong_one_does_not_spend_it),
        CASE(test_cd_10_nothing_in_the_token_request_widens_what_was_consented_to),
        CASE(test_cd_11_a_deleted_client_redeems_nothing),
        CASE(test_cd_11_a_disconnected_code_redeems_nothing),
        CASE(test_cd_12_a_workspace_lost_before_the_redemption_is_not_granted),
        CASE(test_cd_12_a_downgraded_plan_and_a_closed_account_count_as_well),
        CASE(test_cd_12_a_host_in_trouble_costs_no_code),
        CASE(test_cd_13_rf_12_each_credential_opens_only_its_own_grant),
        CASE(test_cd_16_a_clock_that_was_set_back_does_not_prolong_a_code),
        CASE(test_cd_03_a_proven_replay_is_punished_before_any_other_complaint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
