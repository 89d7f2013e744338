/* Many threads and one credential: at most one wins, and what it won dies with the others' try. */
#include "support/keys.h"
#include "support/proof.h"

#include <pthread.h>
#include <stdatomic.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define THREADS 64

/* The hooks of these worlds order nothing, so that a thread sanitizer sees every race of the
 * library's own. */
static atomic_size_t reuses, issued;

static void count_event(void *ctx, const istauth_event *e)
{
    (void)ctx;
    if (e->kind == ISTAUTH_EVENT_REUSE_DETECTED)
        atomic_fetch_add_explicit(&reuses, 1, memory_order_relaxed);
    if (e->kind == ISTAUTH_EVENT_TOKEN_ISSUED || e->kind == ISTAUTH_EVENT_REFRESHED)
        atomic_fetch_add_explicit(&issued, 1, memory_order_relaxed);
}

static istauth_status any_workspace(void *ctx, istauth_str subject, istauth_str workspace)
{
    (void)ctx;
    (void)subject;
    (void)workspace;
    return ISTAUTH_OK;
}

static int setup(void **state)
{
    world *w = world_new();

    w->config.hooks.event = count_event;
    w->config.hooks.workspace = any_workspace;
    w->config.hooks.subject = NULL;
    w->config.hooks.random = NULL;
    world_open(w);
    atomic_store(&reuses, 0);
    atomic_store(&issued, 0);
    *state = w;
    return 0;
}

/* One thread's request. What it does is told by which texts are there: a form for the token
 * endpoint, or a client to disconnect. */
typedef struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    const istauth_server *server;
    const char *form, *disconnects;
    int status; /* HTTP; of a disconnection 200 or 0 */
    char body[1024];
} racer;

static void disconnect(racer *me)
{
    istauth_str id = istauth_str_of(me->disconnects);

    if (!istauth_app_disconnect(me->server, ADA, (istauth_str_list){ &id, 1 }))
        me->status = 200;
}

static void post(racer *me)
{
    istauth_str lines = ISTAUTH_STR("Content-Type: application/x-www-form-urlencoded\r\n");
    istauth_request request = ISTAUTH_REQUEST_INIT;
    char room[ISTAUTH_ARENA_BUFFER];
    istauth_response response;
    istauth_arena arena;

    request.method = ISTAUTH_STR("POST");
    request.body = istauth_str_of(me->form);
    request.header = istauth_raw_header;
    request.ctx = &lines;
    istauth_server_arena(me->server, &arena, room, sizeof(room));
    istauth_endpoint_token(&response, me->server, &request, &arena);
    if (response.body.n < sizeof(me->body)) {
        me->status = response.status;
        memcpy(me->body, response.body.p, response.body.n);
        me->body[response.body.n] = '\0';
    }
    istauth_arena_wipe(&arena);
}

static void *run(void *argument)
{
    racer *me = argument;

    pthread_barrier_wait(me->start);
    if (me->form)
        post(me);
    else
        disconnect(me);
    return NULL;
}

static void race(world *w, racer *racers, size_t n)
{
    pthread_barrier_t start;

    assert_int_equal(pthread_barrier_init(&start, NULL, (unsigned)n), 0);
    for (size_t i = 0; i < n; i++) {
        racers[i].start = &start;
        racers[i].server = w->server;
        racers[i].status = 0;
        assert_int_equal(pthread_create(&racers[i].thread, NULL, run, &racers[i]), 0);
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
    pthread_barrier_destroy(&start);
}

static char *refresh_form(world *w, const char *client_id, const char *token)
{
    return world_text(w, "grant_type=refresh_token&client_id=%s&refresh_token=%s", client_id,
                      token);
}

static void all_post(racer *racers, size_t n, const char *form)
{
    for (size_t i = 0; i < n; i++)
        racers[i] = (racer){ .form = form };
}

/* How many won. Everybody else was told that the grant is invalid, and nothing more. */
static size_t winners(const racer *racers, size_t n)
{
    size_t won = 0;

    for (size_t i = 0; i < n; i++) {
        if (!racers[i].form)
            continue;
        won += racers[i].status == 200;
        if (racers[i].status == 200)
            continue;
        assert_int_equal(racers[i].status, 400);
        assert_non_null(strstr(racers[i].body, "\"invalid_grant\""));
        assert_null(strstr(racers[i].body, "ist_"));
    }
    return won;
}

/* Whatever the winners were given opens nothing any more, and nothing is connected. */
static void expect_all_dead(world *w, const racer *racers, size_t n, const char *client_id)
{
    istauth_access access;
    istauth_apps apps;

    for (size_t i = 0; i < n; i++) {
        bool won = racers[i].form && racers[i].status == 200;
        cJSON *json = won ? cJSON_Parse(racers[i].body) : NULL;
        const cJSON *at = cJSON_GetObjectItemCaseSensitive(json, "access_token");
        const cJSON *rt = cJSON_GetObjectItemCaseSensitive(json, "refresh_token");

        if (!won)
            continue;
        assert_int_equal(world_verify(w, &access, at->valuestring), ISTAUTH_E_INVALID_TOKEN);
        expect_error(world_refresh(w, client_id, rt->valuestring), 400, "invalid_grant");
        cJSON_Delete(json);
    }
    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 0);
}

/* Fewer rounds for more threads: about the same work for each row. */
static const struct {
    size_t threads, rounds;
} sizes[] = { { 2, 40 }, { 3, 30 }, { 4, 20 }, { 8, 10 }, { 16, 6 }, { 32, 3 }, { 64, 2 } };

static void test_rf_03_of_parallel_refreshes_one_wins_and_the_family_dies(void **state)
{
    world *w = *state;
    racer racers[THREADS];

    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t round = 0; round < sizes[i].rounds; round++) {
            size_t n = sizes[i].threads;
            char *client_id;
            reply *r = world_connect(w, "mcp", &client_id);

            atomic_store(&issued, 0);
            atomic_store(&reuses, 0);
            all_post(racers, n, refresh_form(w, client_id, reply_str(r, "refresh_token")));
            race(w, racers, n);
            assert_int_equal(winners(racers, n), 1);
            assert_int_equal(atomic_load(&issued), 1);
            assert_in_range(atomic_load(&reuses), 1, n - 1);
            expect_all_dead(w, racers, n, client_id);
        }
}

static void test_rf_03_of_parallel_redemptions_one_wins_and_the_family_dies(void **state)
{
    world *w = *state;
    racer racers[THREADS];

    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t round = 0; round < sizes[i].rounds; round++) {
            size_t n = sizes[i].threads;
            char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
            char *form = world_text(w,
                                    "grant_type=authorization_code&client_id=%s&code=%s"
                                    "&code_verifier=" WORLD_VERIFIER,
                                    client_id, world_code(w, client_id, NULL));

            atomic_store(&issued, 0);
            atomic_store(&reuses, 0);
            all_post(racers, n, form);
            race(w, racers, n);
            assert_int_equal(winners(racers, n), 1);
            assert_int_equal(atomic_load(&issued), 1);
            assert_in_range(atomic_load(&reuses), 1, n - 1);
            expect_all_dead(w, racers, n, client_id);
        }
}

/* The thief holds the first token, the client the second: who comes first does not matter. */
static void test_rf_03_a_reuse_beside_a_refresh_ends_both(void **state)
{
    world *w = *state;
    racer racers[2];

    for (int round = 0; round < 60; round++) {
        char *client_id;
        reply *first = world_connect(w, "mcp", &client_id);
        reply *second = world_refresh(w, client_id, reply_str(first, "refresh_token"));

        all_post(racers, 1, refresh_form(w, client_id, reply_str(first, "refresh_token")));
        all_post(racers + 1, 1, refresh_form(w, client_id, reply_str(second, "refresh_token")));
        race(w, racers, 2);
        assert_true(winners(racers, 2) <= 1);
        assert_int_equal(racers[0].status, 400);
        expect_all_dead(w, racers, 2, client_id);
    }
}

static void test_rf_03_ca_05_a_disconnection_wins_against_refreshes(void **state)
{
    world *w = *state;
    racer racers[4];

    for (int round = 0; round < 60; round++) {
        char *client_id;
        reply *r = world_connect(w, "mcp", &client_id);

        all_post(racers, 2, refresh_form(w, client_id, reply_str(r, "refresh_token")));
        racers[1 + round % 2] = (racer){ .disconnects = client_id };
        race(w, racers, 2 + (size_t)(round % 2));
        if (round % 2 == 0)
            assert_int_equal(racers[1].status, 200); /* nothing else could have ended it */
        assert_true(winners(racers, 2) <= 1);
        expect_all_dead(w, racers, 2, client_id);
    }
}

static void test_rf_03_a_disconnection_wins_against_redemptions(void **state)
{
    world *w = *state;
    racer racers[2];

    for (int round = 0; round < 60; round++) {
        char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
        char *form = world_text(w,
                                "grant_type=authorization_code&client_id=%s&code=%s"
                                "&code_verifier=" WORLD_VERIFIER,
                                client_id, world_code(w, client_id, NULL));

        all_post(racers, 1, form);
        racers[1] = (racer){ .disconnects = client_id };
        race(w, racers, 2);
        assert_int_equal(racers[1].status, 200); /* a pending code counts as connected */
        assert_true(winners(racers, 1) <= 1);
        expect_all_dead(w, racers, 1, client_id);
        expect_error(world_post_form(w, "/api/oauth/token", form), 400, "invalid_grant");
    }
}

/* The near miss: as many threads, each with a token of its own. */
static void test_rf_03_families_do_not_disturb_each_other(void **state)
{
    world *w = *state;
    racer racers[32];
    istauth_apps apps;

    for (size_t i = 0; i < COUNT(racers); i++) {
        char *client_id;
        reply *r = world_connect(w, "mcp", &client_id);

        all_post(racers + i, 1, refresh_form(w, client_id, reply_str(r, "refresh_token")));
    }
    race(w, racers, COUNT(racers));
    assert_int_equal(winners(racers, COUNT(racers)), COUNT(racers));
    assert_int_equal(atomic_load(&reuses), 0);
    assert_int_equal(istauth_apps_list(&apps, w->server, ADA, &w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, COUNT(racers));
}

static void count_statuses(const racer *racers, size_t n, size_t *won, size_t *unproven)
{
    *won = *unproven = 0;
    for (size_t i = 0; i < n; i++) {
        *won += racers[i].status == 200;
        *unproven += racers[i].status == 401;
    }
}

/* One assertion, many threads: whoever else holds it holds nothing. */
static void test_of_parallel_uses_of_an_assertion_one_wins(void **state)
{
    world *w = *state;
    istauth_provision wish = machine_wish();
    racer racers[THREADS];
    size_t won, unproven;
    proof p;

    w->config.client_auth = ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    w->config.client_credentials = true;
    world_reopen(w);
    wish.auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    wish.jwks = istauth_str_of(jwks_of(w, EC_PEM, NULL));
    p = provision(w, &wish);
    p.pem = EC_PEM;
    for (int round = 0; round < 5; round++) {
        all_post(racers, THREADS,
                 world_text(w, "grant_type=client_credentials&%s",
                            assertion_form(w, assertion_of(w, &p))));
        race(w, racers, THREADS);
        count_statuses(racers, THREADS, &won, &unproven);
        assert_int_equal(won, 1);
        assert_int_equal(unproven, THREADS - 1);
    }
    for (size_t i = 0; i < THREADS; i++) /* the near miss: each has one of its own */
        all_post(racers + i, 1,
                 world_text(w, "grant_type=client_credentials&%s",
                            assertion_form(w, assertion_of(w, &p))));
    race(w, racers, THREADS);
    count_statuses(racers, THREADS, &won, &unproven);
    assert_int_equal(won, THREADS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rf_03_of_parallel_refreshes_one_wins_and_the_family_dies),
        CASE(test_rf_03_of_parallel_redemptions_one_wins_and_the_family_dies),
        CASE(test_rf_03_a_reuse_beside_a_refresh_ends_both),
        CASE(test_rf_03_ca_05_a_disconnection_wins_against_refreshes),
        CASE(test_rf_03_a_disconnection_wins_against_redemptions),
        CASE(test_of_parallel_uses_of_an_assertion_one_wins),
        CASE(test_rf_03_families_do_not_disturb_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
