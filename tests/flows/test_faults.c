/* What fails in the machine: memory, storage, randomness, the clock. Each scenario is run once to
 * count, then again and again with the nth call failing, once or for ever, before or after it took
 * effect. Nothing may leak, nothing may be half done, and the next call works. */
#include "support/keys.h"
#include "support/proof.h"

#include <istauth/store_check.h>

typedef struct scenario {
    const char *name;
    void (*prepare)(world *w);
    /* True when it succeeded. */
    bool (*act)(world *w);
    istauth_time window; /* lifetimes.refresh_retry_window */
} scenario;

/* What a scenario needs from its preparation. */
static char *client, *query, *code, *access_token, *refresh_token, *grant;
static proof proven;

static void prepare_nothing(world *w)
{
    (void)w;
}

static void prepare_client(world *w)
{
    client = world_register(w, WORLD_CLIENT_REDIRECT);
    query = world_query(w, client, WORLD_CLIENT_REDIRECT, "scope=mcp");
}

static void prepare_code(world *w)
{
    prepare_client(w);
    code = world_code(w, client, "scope=mcp+openid&nonce=n");
}

static void prepare_tokens(world *w)
{
    reply *r = world_connect(w, "mcp openid email", &client);

    access_token = world_text(w, "%s", reply_str(r, "access_token"));
    refresh_token = world_text(w, "%s", reply_str(r, "refresh_token"));
}

static void prepare_grant(world *w)
{
    istauth_grant_entries grants;

    prepare_tokens(w);
    assert_int_equal(istauth_subject_grants(&grants, w->server, ADA, 9, &w->arena), ISTAUTH_OK);
    grant = world_text(w, "%s", grants.items[0].grant.id.text);
}

static void prepare_secret_code(world *w)
{
    proven = register_proven(w, ISTAUTH_CLIENT_AUTH_SECRET_BASIC);
    code = world_code(w, proven.client_id, "scope=mcp");
}

static void prepare_machine(world *w)
{
    istauth_provision wish = machine_wish();

    proven = provision(w, &wish);
}

static void prepare_managed(world *w)
{
    reply *r = world_post_json(w, "/api/oauth/register",
                               "{\"redirect_uris\":[\"https://c.ex/cb\"]}");

    client = world_text(w, "%s", reply_str(r, "client_id"));
    access_token = world_text(w, "%s", reply_str(r, "registration_access_token"));
}

static void prepare_resource_server(world *w)
{
    istauth_provision wish = machine_wish();

    wish.resource = ISTAUTH_STR(WORLD_RESOURCE);
    proven = provision(w, &wish);
    prepare_tokens(w);
}

static void prepare_machine_with_a_key(world *w)
{
    istauth_provision wish = machine_wish();

    wish.auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    wish.jwks = istauth_str_of(jwks_of(w, EC_PEM, NULL));
    proven = provision(w, &wish);
    proven.pem = EC_PEM;
}

/* The response to the first refresh was lost. */
static void prepare_spent(world *w)
{
    prepare_tokens(w);
    assert_int_equal(world_refresh(w, client, refresh_token)->status, 200);
}

static bool act_register(world *w)
{
    return world_post_json(w, "/api/oauth/register",
                           "{\"client_name\":\"Client\",\"redirect_uris\":"
                           "[\"https://c.ex/cb\",\"cursor://a/b\",\"http://127.0.0.1/cb\"]}")
               ->status == 201;
}

static bool act_register_for_a_secret(world *w)
{
    return world_post_json(w, "/api/oauth/register",
                           "{\"redirect_uris\":[\"https://c.ex/cb\"],"
                           "\"token_endpoint_auth_method\":\"client_secret_post\"}")
               ->status == 201;
}

static bool act_redeem_with_a_secret(world *w)
{
    return redeem_as(w, &proven, code)->status == 200;
}

static bool act_machine(world *w)
{
    return machine_token(w, &proven, "")->status == 200;
}

static reply *managed(world *w, const char *method, const char *body)
{
    char *headers = world_text(w, "Content-Type: application/json\r\nAuthorization: Bearer %s\r\n",
                               access_token);

    return world_call(w, method, world_text(w, "/api/oauth/register/%s", client), NULL, headers,
                      body, strlen(body));
}

static bool act_update(world *w)
{
    return managed(w, "GET", "")->status == 200 &&
           managed(w, "PUT",
                   world_text(w, "{\"client_id\":\"%s\",\"redirect_uris\":[\"https://c.ex/cb\"],"
                                 "\"token_endpoint_auth_method\":\"client_secret_post\"}",
                              client))
                   ->status == 200;
}

static bool act_introspect(world *w)
{
    return post_as(w, &proven, "/api/oauth/introspect",
                   world_text(w, "token=%s", access_token))
               ->status == 200;
}

static bool act_provision(world *w)
{
    istauth_provision wish = machine_wish();
    char secret[ISTAUTH_TOKEN_SIZE];
    istauth_arena arena;
    istauth_str id;
    bool ok;

    istauth_server_arena(w->server, &arena, NULL, 0);
    ok = !istauth_client_provision(secret, &id, w->server, &wish, &arena, NULL) &&
         !istauth_client_rotate_secret(secret, w->server, id, 0, &arena) &&
         !istauth_client_remove(w->server, id);
    istauth_arena_wipe(&arena);
    return ok;
}

static bool act_authorize(world *w)
{
    reply *r = world_get(w, "/oauth/authorize", query);

    assert_true(r->open || r->status >= 500);
    return r->open;
}

static bool act_consent(world *w)
{
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_choice choice = { { NULL, 0 }, { &workspace, 1 } };
    istauth_authorization authorization;
    istauth_consent consent;
    istauth_str location;
    istauth_arena arena;
    bool ok;

    istauth_server_arena(w->server, &arena, NULL, 0); /* all of it from the failing allocator */
    ok = !istauth_authorize_check(&authorization, w->server, istauth_str_of(query), &arena) &&
         !istauth_consent_open(&consent, w->server, &authorization, ADA, BROWSER, &arena) &&
         !istauth_consent_approve(&location, w->server, consent.ticket, ADA, BROWSER, &choice,
                                  &arena);
    istauth_arena_wipe(&arena);
    return ok;
}

static bool act_redeem(world *w)
{
    return world_redeem(w, client, code)->status == 200;
}

static bool act_refresh(world *w)
{
    return world_refresh(w, client, refresh_token)->status == 200;
}

static bool act_revoke(world *w)
{
    return world_post_form(w, "/api/oauth/revoke",
                           world_text(w, "client_id=%s&token=%s", client, refresh_token))
               ->status == 200;
}

static bool act_userinfo(world *w)
{
    char *header = world_text(w, "Authorization: Bearer %s\r\n", access_token);

    return world_call(w, "GET", "/api/oauth/userinfo", NULL, header, NULL, 0)->status == 200;
}

static bool act_verify(world *w)
{
    char *header = world_text(w, "Bearer %s", access_token);
    istauth_access access;
    istauth_arena arena;
    istauth_status st;

    istauth_server_arena(w->server, &arena, NULL, 0);
    st = istauth_verify(&access, w->server, istauth_str_of(header), istauth_str_of(NULL), &arena);
    istauth_arena_wipe(&arena);
    /* Never a 401 for trouble of ours: clients throw their tokens away on it. */
    assert_true(st == ISTAUTH_OK || istauth_status_http(st) >= 500);
    return !st;
}

static bool act_apps(world *w)
{
    istauth_apps apps;
    istauth_arena arena;
    bool ok;

    istauth_server_arena(w->server, &arena, NULL, 0);
    ok = !istauth_apps_list(&apps, w->server, ADA, &arena) &&
         !istauth_apps_group(&apps, &apps, &arena) && apps.count == 1;
    istauth_arena_wipe(&arena);
    return ok;
}

static bool act_disconnect(world *w)
{
    istauth_str id = istauth_str_of(client);

    return !istauth_app_disconnect(w->server, ADA, (istauth_str_list){ &id, 1 });
}

static bool act_personal(world *w)
{
    istauth_str workspace = ISTAUTH_STR("ws_engine");
    istauth_personal_wish wish = { .name = ISTAUTH_STR("script"),
                                   .scopes = ISTAUTH_STR("mcp:read"),
                                   .workspaces = { &workspace, 1 } };
    istauth_personal_tokens tokens;
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_arena arena;
    istauth_id id;
    bool ok;

    istauth_server_arena(w->server, &arena, NULL, 0);
    ok = !istauth_personal_token_create(text, &id, w->server, ADA, &wish, &arena) &&
         !istauth_personal_tokens_list(&tokens, w->server, ADA, &arena) &&
         !istauth_personal_token_revoke(w->server, ADA, istauth_id_str(&id));
    istauth_arena_wipe(&arena);
    return ok;
}

static bool act_operator(world *w)
{
    istauth_clients clients;
    istauth_grant_entries grants;
    istauth_arena arena;
    bool ok;

    istauth_server_arena(w->server, &arena, NULL, 0);
    ok = !istauth_clients_list(&clients, w->server, istauth_str_of(NULL), 9, &arena) &&
         !istauth_client_grants(&grants, w->server, istauth_str_of(client),
                                istauth_str_of(NULL), 9, &arena) &&
         !istauth_subject_grants(&grants, w->server, ADA, 9, &arena) &&
         !istauth_grant_revoke(w->server, istauth_str_of(grant));
    istauth_arena_wipe(&arena);
    return ok;
}

static bool act_purge(world *w)
{
    return !istauth_purge(NULL, w->server, 100);
}

static const scenario scenarios[] = {
    { "register", prepare_nothing, act_register, 0 },
    { "register for a secret", prepare_nothing, act_register_for_a_secret, 0 },
    { "redeem with a secret", prepare_secret_code, act_redeem_with_a_secret, 0 },
    { "machine", prepare_machine, act_machine, 0 },
    { "introspect", prepare_resource_server, act_introspect, 0 },
    { "machine with a key", prepare_machine_with_a_key, act_machine, 0 },
    { "update a registration", prepare_managed, act_update, 0 },
    { "provision", prepare_nothing, act_provision, 0 },
    { "authorize", prepare_client, act_authorize, 0 },
    { "consent", prepare_client, act_consent, 0 },
    { "redeem", prepare_code, act_redeem, 0 },
    { "refresh", prepare_tokens, act_refresh, 0 },
    { "refresh that keeps its answer", prepare_tokens, act_refresh, 60 },
    { "refresh once more", prepare_spent, act_refresh, 60 },
    { "revoke", prepare_tokens, act_revoke, 0 },
    { "userinfo", prepare_tokens, act_userinfo, 0 },
    { "verify", prepare_tokens, act_verify, 0 },
    { "apps", prepare_tokens, act_apps, 0 },
    { "disconnect", prepare_tokens, act_disconnect, 0 },
    { "personal", prepare_nothing, act_personal, 0 },
    { "operator", prepare_grant, act_operator, 0 },
    { "purge", prepare_tokens, act_purge, 0 },
};

#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static void prepare(world *w, const scenario *s)
{
    static const istauth_signing_key key = { ISTAUTH_STR_INIT(ED_PEM), { NULL, 0 } };
    static const uint8_t pairwise[ISTAUTH_PAIRWISE_KEY_SIZE] = { 1 };

    if (!w->config.client_auth || w->config.lifetimes.refresh_retry_window != s->window) {
        w->config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
        w->config.confidential_registration = true;
        w->config.client_credentials = true;
        w->config.introspection = true;
        w->config.registration_management = true;
        w->config.signing_keys = &key;
        w->config.signing_key_count = 1;
        w->config.pairwise_key = pairwise;
        w->config.lifetimes.refresh_retry_window = s->window;
        world_reopen(w);
    }
    s->prepare(w);
}

/* After a failed act: trying again works, unless what was spent is gone for good; then whoever holds
 * it has lost nothing that still lives. */
static void check_after(world *w, const scenario *s, bool may_be_spent)
{
    istauth_apps apps;

    if (may_be_spent && !s->window &&
        (s->act == act_redeem || s->act == act_redeem_with_a_secret || s->act == act_refresh)) {
        /* "Commit unknown" may have spent it: then a retry is reuse, and the family is dead. But not
         * within a retry window: there the answer is given once more. */
        if (!s->act(w)) {
            assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
            assert_int_equal(apps.count, 0);
        }
        return;
    }
    if (s->act == act_disconnect) {
        (void)s->act(w); /* NOT_FOUND when the first one took effect after all */
        assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
        assert_int_equal(apps.count, 0);
        return;
    }
    if (!s->act(w))
        fail_msg("%s does not work again after a failure", s->name);
}

static size_t one_allocation_fails(const scenario *s, size_t nth, bool forever)
{
    world *w = world_new();
    bool ok;
    size_t calls;

    world_open(w);
    prepare(w, s);
    w->alloc_calls = 0;
    w->alloc_fails_at = nth;
    w->alloc_fails_forever = forever;
    ok = s->act(w);
    calls = w->alloc_calls;
    w->alloc_fails_at = 0;
    if (nth && nth <= calls && forever && ok)
        fail_msg("%s succeeds although allocation %zu and all later ones fail", s->name, nth);
    if (!ok)
        check_after(w, s, false);
    world_free(w); /* and nothing leaks: it counts */
    return calls;
}

static void test_me_05_every_allocation_may_fail_once_or_for_ever(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; i < SCENARIOS; i++) {
        size_t calls = one_allocation_fails(&scenarios[i], 0, false);

        for (size_t nth = 1; nth <= calls; nth++) {
            (void)one_allocation_fails(&scenarios[i], nth, false);
            (void)one_allocation_fails(&scenarios[i], nth, true);
            runs += 2;
        }
    }
    assert_true(runs > 20);
    print_message("%zu runs with a failing allocation\n", runs);
}

/* The arena's cap ends the memory at any byte, and so at any of its allocations. */
static bool succeeds_within(const scenario *s, size_t cap)
{
    world *w = world_new();
    bool ok;

    world_open(w);
    prepare(w, s);
    w->config.limits.arena = cap;
    w->no_buffer = true;
    world_reopen(w);
    ok = s->act(w);
    w->config.limits.arena = 0;
    w->no_buffer = false;
    world_reopen(w);
    if (!ok)
        check_after(w, s, false); /* memory that ends costs nobody a credential */
    world_free(w);
    return ok;
}

static void test_me_05_memory_may_end_at_any_byte(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; i < SCENARIOS; i++) {
        size_t cap = 1;

        while (!succeeds_within(&scenarios[i], cap)) {
            assert_true(cap < 65536);
            cap += 32;
            runs++;
        }
    }
    assert_true(runs > 200);
    print_message("%zu runs in too small an arena\n", runs);
}

static size_t one_store_call_fails(const scenario *s, size_t nth, istauth_status status,
                                   unsigned how)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    world *w = world_new();
    istauth_store_shim fault;
    istauth_store memory;
    size_t calls;

    limits.tokens = limits.grants = limits.codes = limits.clients = limits.nonces = 1024;
    assert_int_equal(istauth_memory_store_new(&memory, &limits, NULL), ISTAUTH_OK);
    w->given = istauth_store_shim_wrap(&fault, memory);
    world_open(w);
    prepare(w, s);
    istauth_store_shim_plan(&fault, ISTAUTH_STORE_ANY, nth, status, how);
    if (!s->act(w))
        assert_true(nth > 0);
    else if (nth && istauth_store_shim_faults(&fault) &&
             istauth_store_shim_calls(&fault, ISTAUTH_STORE_GRANT_TOUCH) !=
                 istauth_store_shim_faults(&fault))
        fail_msg("%s succeeds although store call %zu answers %s", s->name, nth,
                 istauth_status_name(status));
    calls = istauth_store_shim_calls(&fault, ISTAUTH_STORE_ANY);
    istauth_store_shim_plan(&fault, ISTAUTH_STORE_ANY, 0, ISTAUTH_OK, ISTAUTH_FAULT_ONCE);
    if (istauth_store_shim_faults(&fault) == 0 || nth)
        check_after(w, s, true);
    world_free(w);
    istauth_memory_store_free(&memory);
    return calls;
}

static void test_st_01_every_store_call_may_fail_in_every_way(void **state)
{
    /* What a store may answer, and what it must not: neither may pass for success. */
    static const istauth_status answers[] = { ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY,
                                              ISTAUTH_E_INVALID_GRANT, (istauth_status)17 };
    static const unsigned hows[] = { ISTAUTH_FAULT_ONCE, ISTAUTH_FAULT_FOREVER,
                                     ISTAUTH_FAULT_ONCE | ISTAUTH_FAULT_AFTER };
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; i < SCENARIOS; i++) {
        size_t calls = one_store_call_fails(&scenarios[i], 0, ISTAUTH_OK, ISTAUTH_FAULT_ONCE);

        for (size_t nth = 1; nth <= calls; nth++)
            for (size_t a = 0; a < sizeof(answers) / sizeof(answers[0]); a++)
                for (size_t h = 0; h < sizeof(hows) / sizeof(hows[0]); h++, runs++)
                    (void)one_store_call_fails(&scenarios[i], nth, answers[a], hows[h]);
    }
    assert_true(runs > 100);
    print_message("%zu runs with a failing store call\n", runs);
}

static void expect_nothing_issued(world *w, istauth_status *knob, istauth_status status)
{
    for (size_t i = 0; i < SCENARIOS; i++) {
        istauth_apps before, after;

        prepare(w, &scenarios[i]);
        assert_int_equal(istauth_apps_list(&before, w->server, ADA, &w->arena), ISTAUTH_OK);
        *knob = status;
        if (scenarios[i].prepare == prepare_spent && knob == &w->random_status)
            assert_true(scenarios[i].act(w)); /* what was issued before, and nothing else */
        else if (scenarios[i].act == act_register || scenarios[i].act == act_redeem ||
                 scenarios[i].act == act_register_for_a_secret ||
                 scenarios[i].act == act_redeem_with_a_secret || scenarios[i].act == act_machine ||
                 scenarios[i].act == act_provision ||
                 scenarios[i].act == act_refresh || scenarios[i].act == act_consent ||
                 scenarios[i].act == act_personal)
            assert_false(scenarios[i].act(w));
        *knob = ISTAUTH_OK;
        assert_int_equal(istauth_apps_list(&after, w->server, ADA, &w->arena), ISTAUTH_OK);
        assert_int_equal(after.count, before.count);
    }
}

static void test_cr_01_without_randomness_nothing_is_issued(void **state)
{
    world *w = *state;

    expect_nothing_issued(w, &w->random_status, ISTAUTH_E_RANDOM);
}

static void test_cr_09_a_failing_crypto_library_issues_nothing(void **state)
{
    world *w = *state;

    expect_nothing_issued(w, &w->random_status, ISTAUTH_E_CRYPTO);
}

static void test_me_11_without_a_clock_nothing_is_issued(void **state)
{
    world *w = *state;
    istauth_access access;
    reply *tokens;

    expect_nothing_issued(w, &w->clock_status, ISTAUTH_E_CLOCK);
    tokens = world_connect(w, "mcp", NULL);
    w->clock_status = ISTAUTH_E_CLOCK;
    assert_int_equal(world_verify(w, &access, reply_str(tokens, "access_token")), ISTAUTH_E_CLOCK);
    w->clock_status = ISTAUTH_OK;
}

/* The arena is the only place where a secret passes through memory of ours. */
static void test_cr_05_no_released_block_still_holds_a_secret(void **state)
{
    world *w = *state;
    reply *tokens = world_connect(w, "mcp", &client);

    w->watched = world_text(w, "%s", reply_str(tokens, "refresh_token"));
    assert_int_equal(world_refresh(w, client, w->watched)->status, 200);
    assert_int_equal(w->unwiped, 0);
    w->watched = WORLD_VERIFIER;
    assert_int_equal(world_redeem(w, client, world_code(w, client, NULL))->status, 200);
    assert_int_equal(w->unwiped, 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_me_05_every_allocation_may_fail_once_or_for_ever),
        cmocka_unit_test(test_me_05_memory_may_end_at_any_byte),
        cmocka_unit_test(test_st_01_every_store_call_may_fail_in_every_way),
        CASE(test_cr_01_without_randomness_nothing_is_issued),
        CASE(test_cr_09_a_failing_crypto_library_issues_nothing),
        CASE(test_me_11_without_a_clock_nothing_is_issued),
        CASE(test_cr_05_no_released_block_still_holds_a_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
