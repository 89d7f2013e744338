/* The refresh retry window: the same answer to the same question, for a little while, and never a
 * second one that lives. */
#include "support/connection.h"

#include <pthread.h>
#include <stdlib.h>

#define WINDOW 30

static world *open_with(istauth_time window)
{
    world *w = world_new();

    w->config.lifetimes.refresh_retry_window = window;
    world_open(w);
    return w;
}

static int setup(void **state)
{
    *state = open_with(WINDOW);
    return 0;
}

static void expect_reuse(world *w, const connection *spent, connection *newest)
{
    size_t before = world_events(w, ISTAUTH_EVENT_REUSE_DETECTED);

    expect_error(refresh(w, spent, ""), 400, "invalid_grant");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), before + 1);
    expect_dead(w, newest);
}

static void test_rf_04_a_lost_response_is_given_again_to_the_byte(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second;
    reply *lost = refresh(w, &first, ""), *again;

    for (int i = 0; i < 3; i++) {
        w->now += 5;
        again = refresh(w, &first, "");
        assert_int_equal(again->status, 200);
        assert_string_equal(again->body, lost->body);
        assert_string_equal(reply_header(again, "cache-control"), "no-store");
    }
    take(w, &second, again);
    second.client_id = first.client_id;
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESHED), 1);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESH_REPEATED), 3);
    expect_alive(w, &second);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
}

static void test_rf_04_the_window_ends_on_its_second(void **state)
{
    world *w = *state;

    for (int late = 0; late < 2; late++) {
        connection first = connect_with(w, "mcp"), second = next(w, &first);

        w->now += WINDOW - 1 + late;
        if (late)
            expect_reuse(w, &first, &second);
        else
            assert_int_equal(refresh(w, &first, "")->status, 200);
    }
}

/* With the access token alone nothing is settled: five processes share one pair. */
static void test_rf_04_the_window_ends_when_the_successor_is_used(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first), third;

    assert_true(lives(w, second.access));
    assert_int_equal(refresh(w, &first, "")->status, 200);
    third = next(w, &second);
    expect_reuse(w, &first, &third);
}

static void test_rf_04_only_the_immediate_predecessor_is_answered(void **state)
{
    world *w = *state;
    connection c[4];

    c[0] = connect_with(w, "mcp");
    for (int i = 1; i < 4; i++)
        c[i] = next(w, &c[i - 1]);
    assert_int_equal(refresh(w, &c[2], "")->status, 200);
    expect_reuse(w, &c[0], &c[3]);
}

static void test_rf_02_without_a_window_every_reuse_is_one(void **state)
{
    world *w = open_with(0);
    connection first = connect_with(w, "mcp"), second = next(w, &first);

    (void)state;
    expect_reuse(w, &first, &second);
    world_free(w);
}

/* What was kept under a longer window is not answered under none. */
static void test_rf_02_a_window_that_was_closed_is_closed_for_all(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);

    w->config.lifetimes.refresh_retry_window = 0;
    world_reopen(w);
    expect_reuse(w, &first, &second);
}

static void test_rf_06_what_is_revoked_stays_so_within_the_window(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);
    reply *r = world_post_form(w, "/api/oauth/revoke",
                               world_text(w, "client_id=%s&token=%s", first.client_id,
                                          second.refresh));

    assert_int_equal(r->status, 200);
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
    expect_dead(w, &second);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESH_REPEATED), 0);
}

static void test_rf_06_what_is_disconnected_stays_so_within_the_window(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);
    istauth_str id = istauth_str_of(first.client_id);

    assert_int_equal(istauth_app_disconnect(w->server, ADA, (istauth_str_list){ &id, 1 }),
                     ISTAUTH_OK);
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
    expect_dead(w, &second);
}

static void test_rf_14_standing_is_asked_again_at_a_retry(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);

    w->subject_status = ISTAUTH_E_UNAVAILABLE;
    assert_int_equal(refresh(w, &first, "")->status, 503);
    w->subject_status = ISTAUTH_OK;
    assert_int_equal(refresh(w, &first, "")->status, 200);
    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
    w->subject_status = ISTAUTH_OK;
    expect_dead(w, &second);
}

static void test_rf_07_another_client_gets_no_answer(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first), stolen = first;

    stolen.client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    expect_error(refresh(w, &stolen, ""), 400, "invalid_grant");
    expect_alive(w, &second);
}

/* An answer is for its question; another question is no theft. */
static void test_rf_08_a_retry_asks_for_what_was_asked_for(void **state)
{
    static const char *const other[] = { "", "&scope=mcp", "&scope=email", "&scope=mcp+email" };
    world *w = *state;
    connection first = connect_with(w, "mcp email"), second;
    reply *narrow = refresh(w, &first, "&scope=mcp:read");

    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        expect_error(refresh(w, &first, other[i]), 400, "invalid_scope");
    expect_error(refresh(w, &first, "&resource=https://x.ex/"), 400, "invalid_target");
    assert_string_equal(refresh(w, &first, "&scope=mcp:read")->body, narrow->body);
    take(w, &second, narrow);
    second.client_id = first.client_id;
    expect_alive(w, &second);
}

static void test_a_clock_set_back_does_not_hold_the_window_open(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);

    w->now -= 60; /* another machine's clock */
    assert_int_equal(refresh(w, &first, "")->status, 200);
    w->now -= 1;
    expect_reuse(w, &first, &second);
}

static void test_purge_forgets_the_answer_and_nothing_else(void **state)
{
    world *w = *state;
    connection first = connect_with(w, "mcp"), second = next(w, &first);
    size_t removed = 0;

    w->now += WINDOW - 1;
    assert_int_equal(istauth_purge(&removed, w->server, 10), ISTAUTH_OK);
    assert_int_equal(refresh(w, &first, "")->status, 200);
    w->now += 1;
    assert_int_equal(istauth_purge(&removed, w->server, 10), ISTAUTH_OK);
    assert_int_equal(removed, 1);
    expect_alive(w, &second);
    expect_error(refresh(w, &first, ""), 400, "invalid_grant");
}

static void test_windows_that_are_refused(void **state)
{
    static const istauth_time bad[] = { -1, 61, INT64_MAX, INT64_MIN };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        world *w = open_with(60);
        istauth_server *server = NULL;
        istauth_error error;

        w->config.lifetimes.refresh_retry_window = bad[i];
        assert_int_equal(istauth_server_new(&server, &w->config, &error), ISTAUTH_E_CONFIG);
        assert_non_null(strstr(error.detail, "refresh_retry_window"));
        assert_null(server);
        world_free(w);
    }
}

/* --- many at once --- */

#define RACERS 16

typedef struct racer {
    pthread_t thread;
    pthread_barrier_t *start;
    const istauth_server *server;
    const char *form;
    int status;
    char body[1024];
} racer;

static void *run(void *arg)
{
    racer *me = arg;
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
    pthread_barrier_wait(me->start);
    istauth_endpoint_token(&response, me->server, &request, &arena);
    me->status = response.status;
    if (response.body.n < sizeof(me->body))
        memcpy(me->body, response.body.p, response.body.n);
    istauth_arena_wipe(&arena);
    return NULL;
}

static void race(world *w, racer *all, const char *form)
{
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        all[i] = (racer){ .start = &start, .server = w->server, .form = form };
        assert_int_equal(pthread_create(&all[i].thread, NULL, run, &all[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_join(all[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

static void test_rf_03_parallel_refreshes_all_get_the_one_answer(void **state)
{
    world *w = *state;
    connection c = connect_with(w, "mcp");
    racer *all = calloc(RACERS, sizeof(*all));

    assert_non_null(all);
    for (size_t round = 1; round <= 20; round++) {
        cJSON *json;

        race(w, all, world_text(w, "grant_type=refresh_token&client_id=%s&refresh_token=%s",
                                c.client_id, c.refresh));
        for (int i = 0; i < RACERS; i++) {
            assert_int_equal(all[i].status, 200);
            assert_string_equal(all[i].body, all[0].body);
        }
        json = cJSON_Parse(all[0].body);
        c.refresh = world_text(w, "%s", cJSON_GetObjectItem(json, "refresh_token")->valuestring);
        cJSON_Delete(json);
        assert_int_equal(world_events(w, ISTAUTH_EVENT_REFRESHED), round);
    }
    free(all);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REUSE_DETECTED), 0);
    c = next(w, &c);
    expect_alive(w, &c);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_rf_04_a_lost_response_is_given_again_to_the_byte),
        CASE(test_rf_04_the_window_ends_on_its_second),
        CASE(test_rf_04_the_window_ends_when_the_successor_is_used),
        CASE(test_rf_04_only_the_immediate_predecessor_is_answered),
        cmocka_unit_test(test_rf_02_without_a_window_every_reuse_is_one),
        CASE(test_rf_02_a_window_that_was_closed_is_closed_for_all),
        CASE(test_rf_06_what_is_revoked_stays_so_within_the_window),
        CASE(test_rf_06_what_is_disconnected_stays_so_within_the_window),
        CASE(test_rf_14_standing_is_asked_again_at_a_retry),
        CASE(test_rf_07_another_client_gets_no_answer),
        CASE(test_rf_08_a_retry_asks_for_what_was_asked_for),
        CASE(test_a_clock_set_back_does_not_hold_the_window_open),
        CASE(test_purge_forgets_the_answer_and_nothing_else),
        cmocka_unit_test(test_windows_that_are_refused),
        CASE(test_rf_03_parallel_refreshes_all_get_the_one_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
