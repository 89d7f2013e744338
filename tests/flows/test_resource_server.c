/* The resource server's half alone: through the store that it shares, and through introspection. Two
 * worlds: the authorization server's, and the one that only verifies. */
#include "support/person.h"
#include "support/proof.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct pair {
    world *as, *rs;
    proof me; /* of the resource server, to the authorization server */
    size_t asked;
    istauth_status status; /* of the connection between them */
    const char *answer;    /* what comes over it instead; NULL: the truth */
} pair;

/* What a host does over HTTP. */
static istauth_status introspect(void *ctx, istauth_str *out, istauth_str form,
                                 istauth_arena *arena)
{
    pair *p = ((world *)ctx)->other;
    reply *r;

    p->asked++;
    if (p->status)
        return p->status;
    if (p->answer)
        return istauth_arena_copy(out, arena, istauth_str_of(p->answer));
    r = post_as(p->as, &p->me, "/api/oauth/introspect",
                world_text(p->as, "%.*s", (int)form.n, form.p));
    assert_null(reply_header(r, "access-control-allow-origin"));
    return r->status == 200 ? istauth_arena_copy(out, arena, istauth_str_of(r->body))
                            : ISTAUTH_E_UNAVAILABLE;
}

static world *authorization_server(void)
{
    world *w = world_new();

    w->config.client_auth = ISTAUTH_ALLOW_SECRETS;
    w->config.client_credentials = true;
    w->config.introspection = true;
    w->config.resource_count = 2;
    world_open(w);
    return w;
}

static proof second_server(world *w)
{
    istauth_provision wish = ISTAUTH_PROVISION_INIT;

    wish.name = ISTAUTH_STR("Second server");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_POST;
    wish.resource = ISTAUTH_STR(WORLD_RESOURCE);
    return provision(w, &wish);
}

/* A world without a store: its server asks the other. */
static int remote_setup(void **state)
{
    pair *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->as = authorization_server();
    p->me = second_server(p->as);
    p->rs = world_new();
    p->rs->storeless = true;
    p->rs->other = p;
    p->rs->config.resource_server_only = true;
    p->rs->config.hooks.introspect = introspect;
    world_open(p->rs);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    pair *p = *state;

    world_free(p->rs);
    world_free(p->as);
    free(p);
    return 0;
}

/* A world whose server looks into the other's store. */
static int shared_setup(void **state)
{
    pair *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->as = authorization_server();
    p->rs = world_new();
    p->rs->given = p->as->store;
    p->rs->config.resource_server_only = true;
    world_open(p->rs);
    *state = p;
    return 0;
}

#define REMOTE_CASE(name) cmocka_unit_test_setup_teardown(name, remote_setup, teardown)
#define SHARED_CASE(name) cmocka_unit_test_setup_teardown(name, shared_setup, teardown)

static void keep_answers(pair *p, istauth_time seconds, size_t count)
{
    p->rs->config.lifetimes.introspection_cache = seconds;
    p->rs->config.limits.introspection_cache = count;
    world_reopen(p->rs);
}

static void expect_the_same_access(pair *p, const char *token)
{
    istauth_access here, there;

    assert_int_equal(world_verify(p->as, &there, token), ISTAUTH_OK);
    assert_int_equal(world_verify(p->rs, &here, token), ISTAUTH_OK);
    assert_int_equal(here.kind, there.kind);
    assert_string_equal(here.grant_id.text, there.grant_id.text);
    assert_true(istauth_str_equal(here.subject, there.subject));
    assert_true(istauth_str_equal(here.client_id, there.client_id));
    assert_true(here.scopes.bits == there.scopes.bits);
    assert_int_equal(here.workspaces.count, there.workspaces.count);
    for (size_t i = 0; i < here.workspaces.count; i++)
        assert_true(istauth_str_equal(here.workspaces.items[i], there.workspaces.items[i]));
    assert_true(istauth_str_equal(here.resource, there.resource));
    assert_int_equal(here.issued_at, there.issued_at);
    assert_int_equal(here.expires_at, there.expires_at);
    assert_int_equal(here.machine, there.machine);
}

/* Whichever way: the host sees no difference. */
static void test_access_is_the_same_either_way(void **state)
{
    pair *p = *state;
    istauth_provision wish = machine_wish();
    proof machine = provision(p->as, &wish);
    istauth_id id;

    expect_the_same_access(p, connect_app(p->as, "mcp:read openid").access);
    expect_the_same_access(p, personal_token(p->as, &id, "mcp"));
    expect_the_same_access(p, reply_str(machine_token(p->as, &machine, ""), "access_token"));
}

static void test_what_is_dead_there_is_dead_here_at_once(void **state)
{
    pair *p = *state;
    connection app = connect_app(p->as, "mcp");
    istauth_str id = istauth_str_of(app.client_id);

    assert_true(opens(p->rs, app.access));
    assert_false(opens(p->rs, app.refresh));
    assert_int_equal(istauth_app_disconnect(p->as->server, ADA, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_OK);
    assert_false(opens(p->rs, app.access));
    assert_int_equal(world_events(p->rs, ISTAUTH_EVENT_VERIFICATION_DENIED), 2);
    app = connect_app(p->as, "mcp");
    p->as->now = p->rs->now += 3600;
    assert_false(opens(p->rs, app.access));
}

static void test_a_token_of_another_resource_opens_nothing(void **state)
{
    pair *p = *state;
    char *id = world_register(p->as, WORLD_CLIENT_REDIRECT);
    char *code = world_code(p->as, id, "resource=https%3A%2F%2Fas.example%2Fother");

    assert_false(opens(p->rs, reply_str(world_redeem(p->as, id, code), "access_token")));
}

static void test_nothing_but_the_resources_metadata_is_served(void **state)
{
    static const struct {
        void (*endpoint)(istauth_response *, const istauth_server *, const istauth_request *,
                         istauth_arena *);
        const char *path;
    } rows[] = { { istauth_endpoint_token, "/api/oauth/token" },
                 { istauth_endpoint_register, "/api/oauth/register" },
                 { istauth_endpoint_revoke, "/api/oauth/revoke" },
                 { istauth_endpoint_introspect, "/api/oauth/introspect" },
                 { istauth_endpoint_userinfo, "/api/oauth/userinfo" },
                 { istauth_endpoint_server_metadata, "/.well-known/oauth-authorization-server" } };
    pair *p = *state;
    istauth_str lines = ISTAUTH_STR("Content-Type: application/x-www-form-urlencoded\r\n");
    istauth_request request = ISTAUTH_REQUEST_INIT;

    request.method = ISTAUTH_STR("POST");
    request.header = istauth_raw_header;
    request.ctx = &lines;
    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_response response;

        assert_int_equal(istauth_route(p->rs->server, istauth_str_of(rows[i].path)),
                         ISTAUTH_ENDPOINT_NONE);
        rows[i].endpoint(&response, p->rs->server, &request, &p->rs->arena);
        assert_int_equal(response.status, 404);
    }
    assert_int_equal(istauth_route(p->rs->server, ISTAUTH_STR("/oauth/authorize")),
                     ISTAUTH_ENDPOINT_NONE);
    assert_string_equal(world_get(p->rs, "/.well-known/oauth-protected-resource/mcp", NULL)->body,
                        world_get(p->as, "/.well-known/oauth-protected-resource/mcp", NULL)->body);
}

static void test_a_401_says_where_to_start(void **state)
{
    pair *p = *state;
    istauth_str value;

    assert_int_equal(istauth_challenge_for(&value, p->rs->server, istauth_str_of(NULL),
                                           ISTAUTH_E_INVALID_TOKEN, istauth_str_of(NULL),
                                           &p->rs->arena),
                     ISTAUTH_OK);
    assert_non_null(strstr(value.p, "resource_metadata=\"https://as.example/.well-known/"
                                    "oauth-protected-resource/mcp\""));
}

/* --- introspection alone --- */

static void test_garbage_costs_no_question(void **state)
{
    static const char *const garbage[] = { "", "x", "ist_at_x", "Bearer" };
    pair *p = *state;
    connection app = connect_app(p->as, "mcp");

    for (size_t i = 0; i < COUNT(garbage); i++)
        assert_false(opens(p->rs, garbage[i]));
    assert_false(opens(p->rs, app.refresh));
    assert_false(opens(p->rs, world_text(p->as, "%sx", app.access)));
    assert_int_equal(p->asked, 0);
}

/* A client throws its token away on a 401: it is never the answer to trouble between the servers. */
static void test_st_01_trouble_between_the_servers_is_no_401(void **state)
{
    static const char *const answers[] = { "", "{}", "<html>", "{\"active\":1}",
                                           "{\"active\":true,\"exp\":\"x\"}" };
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;
    istauth_access access;

    p->status = ISTAUTH_E_UNAVAILABLE;
    assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_E_UNAVAILABLE);
    p->status = ISTAUTH_E_NO_MEMORY;
    assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_E_NO_MEMORY);
    p->status = ISTAUTH_E_INVALID_TOKEN; /* a hook must not say so */
    assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_E_INTERNAL);
    p->status = ISTAUTH_OK;
    for (size_t i = 0; i < COUNT(answers); i++) {
        p->answer = answers[i];
        assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_E_UNAVAILABLE);
    }
    p->answer = NULL;
    p->me.secret = "wrong";
    assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(world_events(p->rs, ISTAUTH_EVENT_VERIFICATION_DENIED), 0);
}

/* Answers that are well-formed and do not open this resource. */
static void test_answers_that_open_nothing(void **state)
{
    static const char *const answers[] = {
        "{\"active\":false}",
        "{\"active\":true}",
        "{\"active\":true,\"client_id\":\"a\",\"sub\":\"user_ada\",\"exp\":1700003600}",
        "{\"active\":true,\"client_id\":\"a\",\"aud\":\"" WORLD_RESOURCE "\",\"exp\":1700003600}",
        "{\"active\":true,\"client_id\":\"a\",\"aud\":[\"" WORLD_RESOURCE "\",\"x\"],\"iss\":\"" WORLD_ISSUER
        "\",\"exp\":1700003600}",
        "{\"active\":true,\"client_id\":\"a\",\"aud\":\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER
        "/\",\"exp\":1700003600}",
        "{\"active\":true,\"client_id\":\"a\",\"aud\":\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER
        "\",\"exp\":1700000000}",
        "{\"active\":true,\"client_id\":\"a\",\"aud\":\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER "\"}",
        "{\"active\":true,\"sub\":\"a\",\"aud\":\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER "\"}",
    };
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;
    istauth_access access;

    for (size_t i = 0; i < COUNT(answers); i++) {
        p->answer = answers[i];
        if (world_verify(p->rs, &access, token) != ISTAUTH_E_INVALID_TOKEN)
            fail_msg("%s", answers[i]);
    }
    p->answer = "{\"active\":true,\"client_id\":\"a\",\"aud\":[\"" WORLD_RESOURCE "\"],\"iss\":\"" WORLD_ISSUER
                "\",\"exp\":1700000001,\"scope\":\"mcp new:scope\"}";
    assert_int_equal(world_verify(p->rs, &access, token), ISTAUTH_OK);
    assert_int_equal(istauth_access_check(&access, p->rs->server, ISTAUTH_STR("mcp:read"),
                                          istauth_str_of(NULL)),
                     ISTAUTH_OK);
}

static void test_without_a_cache_every_request_asks(void **state)
{
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;

    for (int i = 0; i < 3; i++)
        assert_true(opens(p->rs, token));
    assert_int_equal(p->asked, 3);
}

static void test_an_answer_is_kept_for_its_time_and_no_longer(void **state)
{
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;

    keep_answers(p, 10, 0);
    assert_true(opens(p->rs, token));
    p->rs->now += 9;
    assert_true(opens(p->rs, token));
    assert_int_equal(p->asked, 1);
    p->rs->now += 1;
    assert_true(opens(p->rs, token));
    assert_int_equal(p->asked, 2);
    p->rs->now -= 1000; /* a clock that was set back */
    assert_true(opens(p->rs, token));
    assert_int_equal(p->asked, 3);
}

/* What the bound means: for so long a revocation may go unseen here. */
static void test_a_revoked_token_opens_until_its_answer_is_old(void **state)
{
    pair *p = *state;
    connection app = connect_app(p->as, "mcp");
    char *form = world_text(p->as, "client_id=%s&token=%s", app.client_id, app.refresh);

    keep_answers(p, 10, 0);
    assert_true(opens(p->rs, app.access));
    assert_int_equal(world_post_form(p->as, "/api/oauth/revoke", form)->status, 200);
    assert_true(opens(p->rs, app.access));
    p->rs->now += 10;
    assert_false(opens(p->rs, app.access));
}

static void test_a_kept_answer_ends_with_its_token(void **state)
{
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;

    keep_answers(p, 3600, 0);
    p->rs->now += 3599;
    assert_true(opens(p->rs, token));
    p->rs->now += 1;
    assert_false(opens(p->rs, token));
    assert_int_equal(p->asked, 1);
}

static void test_inactive_answers_are_not_kept(void **state)
{
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;

    keep_answers(p, 10, 0);
    p->answer = "{\"active\":false}";
    assert_false(opens(p->rs, token));
    p->answer = NULL;
    assert_true(opens(p->rs, token));
    assert_int_equal(p->asked, 2);
}

/* One place: the next token displaces the one before, and both open. */
static void test_the_cache_is_bounded(void **state)
{
    pair *p = *state;
    char *a = connect_app(p->as, "mcp").access, *b = connect_app(p->as, "mcp").access;
    size_t blocks;

    keep_answers(p, 10, 1);
    assert_true(opens(p->rs, a));
    blocks = p->rs->live_blocks;
    for (int i = 0; i < 4; i++)
        assert_true(opens(p->rs, i % 2 ? a : b));
    assert_int_equal(p->asked, 5);
    assert_int_equal(p->rs->live_blocks, blocks);
    p->rs->watched = "user_ada";
    assert_true(opens(p->rs, b));
    assert_int_equal(p->rs->unwiped, 0);
}

static void test_me_05_without_memory_an_answer_is_just_not_kept(void **state)
{
    pair *p = *state;
    char *token = connect_app(p->as, "mcp").access;

    keep_answers(p, 10, 0);
    p->rs->alloc_calls = 0;
    p->rs->alloc_fails_at = 1;
    p->rs->alloc_fails_forever = true;
    assert_true(opens(p->rs, token));
    assert_true(opens(p->rs, token));
    p->rs->alloc_fails_at = 0;
    assert_int_equal(p->asked, 2);
}

/* There is nothing to ask: trouble, and never "nothing found". */
static void test_without_a_store_everything_else_is_unavailable(void **state)
{
    pair *p = *state;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("x"), .scopes = ISTAUTH_STR("mcp") };
    istauth_str id = ISTAUTH_STR("x"), workspace = ISTAUTH_STR("ws_engine");
    istauth_apps apps;
    istauth_id made;
    char *text;

    wish.workspaces = (istauth_str_list){ &workspace, 1 };
    assert_int_equal(istauth_apps_list(&apps, p->rs->server, ADA, &p->rs->arena),
                     ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(istauth_app_disconnect(p->rs->server, ADA, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(istauth_subject_revoke(NULL, p->rs->server, ADA), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(istauth_client_remove(p->rs->server, id), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(istauth_purge(NULL, p->rs->server, 10), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(make_personal(p->rs, &text, &made, ADA, &wish), ISTAUTH_E_UNAVAILABLE);
}

static void test_configurations_that_are_refused(void **state)
{
    pair *p = *state;
    istauth_server *server;
    istauth_config config = p->rs->config;

    config.resource_server_only = false;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    config = p->rs->config;
    config.hooks.introspect = NULL;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    config = p->rs->config;
    config.lifetimes.introspection_cache = 3601;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
}

/* --- many threads on one cache --- */

typedef struct caller {
    pthread_t thread;
    const istauth_server *server;
    const char *header;
    size_t opened;
} caller;

#define CALLS 200

static void *call(void *argument)
{
    caller *me = argument;

    for (int i = 0; i < CALLS; i++) {
        char room[ISTAUTH_ARENA_BUFFER];
        istauth_access access;
        istauth_arena arena;

        istauth_server_arena(me->server, &arena, room, sizeof(room));
        me->opened += !istauth_verify(&access, me->server, istauth_str_of(me->header),
                                      istauth_str_of(NULL), &arena) &&
                      istauth_str_equal(access.subject, ADA);
        istauth_arena_wipe(&arena);
    }
    return NULL;
}

static istauth_status same_answer(void *ctx, istauth_str *out, istauth_str form,
                                  istauth_arena *arena)
{
    (void)ctx;
    (void)form;
    return istauth_arena_copy(
        out, arena,
        ISTAUTH_STR("{\"active\":true,\"client_id\":\"a\",\"sub\":\"user_ada\",\"aud\":"
                    "\"" WORLD_RESOURCE "\",\"iss\":\"" WORLD_ISSUER "\",\"exp\":1700003600}"));
}

static void test_threads_share_the_cache(void **state)
{
    pair *p = *state;
    caller callers[8];

    p->rs->config.hooks.introspect = same_answer;
    keep_answers(p, 10, 2);
    for (size_t i = 0; i < COUNT(callers); i++) {
        char *token = connect_app(p->as, "mcp").access;

        callers[i] = (caller){ .server = p->rs->server,
                               .header = world_text(p->as, "Bearer %s", token) };
    }
    for (size_t i = 0; i < COUNT(callers); i++)
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    for (size_t i = 0; i < COUNT(callers); i++) {
        assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
        assert_int_equal(callers[i].opened, CALLS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHARED_CASE(test_access_is_the_same_either_way),
        REMOTE_CASE(test_access_is_the_same_either_way),
        SHARED_CASE(test_what_is_dead_there_is_dead_here_at_once),
        REMOTE_CASE(test_what_is_dead_there_is_dead_here_at_once),
        SHARED_CASE(test_a_token_of_another_resource_opens_nothing),
        REMOTE_CASE(test_a_token_of_another_resource_opens_nothing),
        SHARED_CASE(test_nothing_but_the_resources_metadata_is_served),
        REMOTE_CASE(test_nothing_but_the_resources_metadata_is_served),
        REMOTE_CASE(test_a_401_says_where_to_start),
        REMOTE_CASE(test_garbage_costs_no_question),
        REMOTE_CASE(test_st_01_trouble_between_the_servers_is_no_401),
        REMOTE_CASE(test_answers_that_open_nothing),
        REMOTE_CASE(test_without_a_cache_every_request_asks),
        REMOTE_CASE(test_an_answer_is_kept_for_its_time_and_no_longer),
        REMOTE_CASE(test_a_revoked_token_opens_until_its_answer_is_old),
        REMOTE_CASE(test_a_kept_answer_ends_with_its_token),
        REMOTE_CASE(test_inactive_answers_are_not_kept),
        REMOTE_CASE(test_the_cache_is_bounded),
        REMOTE_CASE(test_me_05_without_memory_an_answer_is_just_not_kept),
        REMOTE_CASE(test_without_a_store_everything_else_is_unavailable),
        REMOTE_CASE(test_configurations_that_are_refused),
        REMOTE_CASE(test_threads_share_the_cache),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
