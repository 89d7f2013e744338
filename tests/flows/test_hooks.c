/* Hosts that misbehave: callbacks that answer nonsense, too much, or what their comment does not
 * name. And stores, looked at from outside. */
#include "support/world.h"

#include <stdlib.h>

static istauth_workspace_offer offered;
static istauth_status offer_status;

static istauth_status offer_hook(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                 istauth_arena *arena)
{
    (void)ctx;
    (void)subject;
    (void)arena;
    *offer = offered;
    return offer_status;
}

static istauth_status open_consent(world *w, istauth_consent *consent)
{
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client, WORLD_CLIENT_REDIRECT, "scope=mcp");
    istauth_authorization authorization;

    assert_int_equal(
        istauth_authorize_check(&authorization, w->server, istauth_str_of(query), &w->arena),
        ISTAUTH_OK);
    return istauth_consent_open(consent, w->server, &authorization, ADA, BROWSER, &w->arena);
}

static istauth_status choose(world *w, const istauth_consent *consent, istauth_str workspace)
{
    istauth_choice choice = { { NULL, 0 }, { &workspace, 1 } };
    istauth_str location;

    return istauth_consent_approve(&location, w->server, consent->ticket, ADA, BROWSER, &choice,
                                   &w->arena);
}

static void test_me_14_odd_workspaces_are_offered_but_never_granted(void **state)
{
    static char huge[100000];
    world *w = *state;
    istauth_workspace odd[] = {
        { { NULL, 0 }, ISTAUTH_STR("no id"), { NULL, 0 }, { NULL, 0 }, true },
        { { huge, sizeof(huge) }, { huge, sizeof(huge) }, { NULL, 0 }, { NULL, 0 }, true },
        { ISTAUTH_STR("two words"), ISTAUTH_STR("\xFF\xFE"), { NULL, 0 }, { NULL, 0 }, true },
        { ISTAUTH_STR("ws\0x"), ISTAUTH_STR("NUL"), { NULL, 0 }, { NULL, 0 }, true },
        { ISTAUTH_STR("good"), ISTAUTH_STR("Good"), { NULL, 0 }, { NULL, 0 }, true },
    };
    istauth_consent consent;

    memset(huge, 'x', sizeof(huge));
    offered = (istauth_workspace_offer){ odd, 5 };
    offer_status = ISTAUTH_OK;
    w->config.hooks.workspaces = offer_hook;
    world_reopen(w);
    assert_int_equal(open_consent(w, &consent), ISTAUTH_OK);
    assert_int_equal(consent.workspaces.count, 5);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(choose(w, &consent, odd[i].id), ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    assert_int_equal(choose(w, &consent, odd[4].id), ISTAUTH_OK);
}

static void test_me_14_a_host_without_any_workspace_to_offer_grants_none(void **state)
{
    world *w = *state;
    istauth_consent consent;

    offered = (istauth_workspace_offer){ NULL, 0 };
    offer_status = ISTAUTH_OK;
    w->config.hooks.workspaces = offer_hook;
    world_reopen(w);
    assert_int_equal(open_consent(w, &consent), ISTAUTH_OK);
    assert_true(consent.workspace_needed);
    assert_int_equal(choose(w, &consent, ISTAUTH_STR("ws_engine")),
                     ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
}

static void test_me_14_an_answer_that_no_comment_names_lets_nobody_through(void **state)
{
    static const istauth_status answers[] = { ISTAUTH_E_NOT_FOUND, ISTAUTH_E_INVALID_GRANT,
                                              (istauth_status)1, (istauth_status)-9999 };
    world *w = *state;
    char *client;
    reply *tokens = world_connect(w, "mcp", &client);
    istauth_access access;
    istauth_consent consent;

    w->config.hooks.workspaces = offer_hook;
    world_reopen(w);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        offer_status = answers[i];
        assert_int_equal(open_consent(w, &consent), ISTAUTH_E_INTERNAL);
        expect_error(world_refresh(w, client, reply_str(tokens, "refresh_token")), 500,
                     "server_error");
        offer_status = ISTAUTH_OK;
        w->subject_status = answers[i];
        assert_int_equal(open_consent(w, &consent), ISTAUTH_E_INTERNAL);
        expect_error(world_refresh(w, client, reply_str(tokens, "refresh_token")), 500,
                     "server_error");
        w->subject_status = ISTAUTH_OK;
    }
    /* Nothing was torn down for it. */
    assert_int_equal(world_verify(w, &access, reply_str(tokens, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 2);
}

#define MANY 200

/* As a host does that reads its database: a fresh copy in the arena at each call. */
static istauth_status many_workspaces(void *ctx, istauth_workspace_offer *offer,
                                      istauth_str subject, istauth_arena *arena)
{
    istauth_workspace *items = istauth_arena_alloc(arena, MANY * sizeof(*items));

    (void)ctx;
    (void)subject;
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    memset(items, 0, MANY * sizeof(*items));
    for (size_t i = 0; i < MANY; i++) {
        char id[] = "ws_000";

        id[3] = (char)('0' + i / 100);
        id[4] = (char)('0' + i / 10 % 10);
        id[5] = (char)('0' + i % 10);
        if (istauth_arena_copy(&items[i].id, arena, istauth_str_of(id)))
            return ISTAUTH_E_NO_MEMORY;
        items[i].name = ISTAUTH_STR("One of many");
        items[i].choosable = true;
    }
    *offer = (istauth_workspace_offer){ items, MANY };
    return ISTAUTH_OK;
}

static void test_a_person_with_many_workspaces_connects_and_refreshes(void **state)
{
    world *w = *state;
    istauth_choice choice = { .workspaces = { NULL, MANY } };
    istauth_str *ids, location;
    istauth_workspace_offer offer;
    istauth_authorization authorization;
    istauth_consent consent;
    istauth_access access;
    char *client;
    reply *r;

    w->config.hooks.workspaces = many_workspaces;
    world_reopen(w);
    assert_int_equal(many_workspaces(NULL, &offer, ADA, &w->arena), ISTAUTH_OK);
    ids = istauth_arena_alloc(&w->arena, MANY * sizeof(*ids));
    assert_non_null(ids);
    for (size_t i = 0; i < MANY; i++)
        ids[i] = offer.items[i].id;
    choice.workspaces.items = ids;
    client = world_register(w, WORLD_CLIENT_REDIRECT);
    assert_int_equal(istauth_authorize_check(&authorization, w->server,
                                             istauth_str_of(world_query(w, client,
                                                                        WORLD_CLIENT_REDIRECT,
                                                                        NULL)),
                                             &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(
        istauth_consent_open(&consent, w->server, &authorization, ADA, BROWSER, &w->arena),
        ISTAUTH_OK);
    assert_int_equal(istauth_consent_approve(&location, w->server, consent.ticket, ADA, BROWSER,
                                             &choice, &w->arena),
                     ISTAUTH_OK);
    r = world_redeem(w, client, url_param(w, location.p, "code"));
    assert_int_equal(r->status, 200);
    r = world_refresh(w, client, reply_str(r, "refresh_token"));
    assert_int_equal(r->status, 200);
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, MANY);
}

static istauth_status odd_claims(void *ctx, istauth_claims *claims, istauth_str subject,
                                 istauth_arena *arena)
{
    static char huge[20000];

    (void)ctx;
    (void)subject;
    (void)arena;
    memset(huge, '"', sizeof(huge));
    claims->name = (istauth_str){ huge, sizeof(huge) };
    claims->email = ISTAUTH_STR("\xC0\xAF\"},{\"sub\":\"user_root\"");
    return ISTAUTH_OK;
}

static void test_me_14_odd_claims_stay_inside_their_json_text(void **state)
{
    world *w = *state;
    reply *tokens, *r;

    w->config.hooks.claims = odd_claims;
    world_reopen(w);
    tokens = world_connect(w, "openid profile email", NULL);
    r = world_call(w, "GET", "/api/oauth/userinfo", NULL,
                   world_text(w, "Authorization: Bearer %s\r\n", reply_str(tokens, "access_token")),
                   NULL, 0);
    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "sub"), "user_ada");
    assert_int_equal(strlen(reply_str(r, "name")), 20000);
}

/* CR-02 by hand: every kind of credential, looked for in everything that server and store hold. */
static void test_cr_02_the_store_holds_no_credential(void **state)
{
    world *w = *state;
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_personal_wish wish = { .name = ISTAUTH_STR("script"),
                                   .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = { &workspace, 1 } };
    char personal[ISTAUTH_TOKEN_SIZE];
    char *client, *code;
    istauth_id id;
    reply *r = world_connect(w, "mcp", &client);

    code = world_code(w, client, NULL);
    assert_int_equal(
        istauth_personal_token_create(personal, &id, w->server, ADA, &wish, &w->arena),
        ISTAUTH_OK);
    assert_true(world_memory_holds(w, client)); /* the search finds what is there */
    assert_true(world_memory_holds(w, id.text));
    assert_true(world_memory_holds(w, WORLD_CHALLENGE));
    assert_false(world_memory_holds(w, reply_str(r, "access_token")));
    assert_false(world_memory_holds(w, reply_str(r, "refresh_token")));
    assert_false(world_memory_holds(w, code));
    assert_false(world_memory_holds(w, personal));
    assert_false(world_memory_holds(w, WORLD_VERIFIER));
    /* Nor their random part alone. */
    assert_false(world_memory_holds(w, personal + 8));
    assert_null(w->log ? strstr(w->log, personal + 8) : NULL);
}

static void test_co_23_every_path_to_a_token_asks_the_host(void **state)
{
    world *w = *state;
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_personal_wish wish = { .name = ISTAUTH_STR("script"),
                                   .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = { &workspace, 1 } };
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *code;
    char personal[ISTAUTH_TOKEN_SIZE];
    istauth_id id;
    reply *r;

    code = world_code(w, client, NULL);
    assert_int_equal(w->subject_asked, 2); /* opening and approving */
    r = world_redeem(w, client, code);
    assert_int_equal(w->subject_asked, 3);
    r = world_refresh(w, client, reply_str(r, "refresh_token"));
    assert_int_equal(r->status, 200);
    assert_int_equal(w->subject_asked, 4);
    assert_int_equal(
        istauth_personal_token_create(personal, &id, w->server, ADA, &wish, &w->arena),
        ISTAUTH_OK);
    assert_int_equal(w->subject_asked, 5);
    assert_true(w->workspaces_asked >= 5);
    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    expect_error(world_refresh(w, client, reply_str(r, "refresh_token")), 400, "invalid_grant");
    assert_int_equal(
        istauth_personal_token_create(personal, &id, w->server, ADA, &wish, &w->arena),
        ISTAUTH_E_ACCESS_DENIED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_me_14_odd_workspaces_are_offered_but_never_granted),
        CASE(test_me_14_a_host_without_any_workspace_to_offer_grants_none),
        CASE(test_me_14_an_answer_that_no_comment_names_lets_nobody_through),
        CASE(test_a_person_with_many_workspaces_connects_and_refreshes),
        CASE(test_me_14_odd_claims_stay_inside_their_json_text),
        CASE(test_cr_02_the_store_holds_no_credential),
        CASE(test_co_23_every_path_to_a_token_asks_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
