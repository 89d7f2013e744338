/* ST-02, ST-03, ST-06: sessions are ended and the server crashes while tokens rotate. Nobody is
 * told that a token is spent that he was not told was rotated, and no family has two live
 * leaves. */
#include "store/postgres_rig.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define OWNERS 4
#define KILLS 100
#define CRASHES 3
#define RACE_KILLS 60
#define STRIDE 1000000 /* numbers of one owner's tokens */

static istauth_postgres_options options = { sizeof(options), 6, 20000, "storm", false };

static istauth_status open_store(void *env, istauth_store *out)
{
    return rig_open(out, rig_conninfo(), env);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_postgres_store_close(store);
}

static const istauth_store_fixture fixture = {
    .size = sizeof(fixture), .open = open_store, .close = close_store, .env = &options
};

/* Whoever has a family to himself. */
struct owner {
    store_world *w;
    atomic_bool *over;
    unsigned first, last; /* the numbers of the refresh tokens: the last is the live one */
    unsigned unknown, wrong;
    pthread_t thread;
};

static bool is_there(store_world *w, istauth_key key)
{
    char buffer[2048];
    istauth_arena arena;
    istauth_token_entry e;
    istauth_status st;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    do
        st = CALL(w, token_get, &key, &arena, &e);
    while (st == ISTAUTH_E_UNAVAILABLE);
    istauth_arena_wipe(&arena);
    return !st;
}

/* After UNAVAILABLE the same is asked for again: by then it may have happened. */
static void rotate_own(struct owner *o)
{
    bool unknown = false;
    istauth_status st;

    while ((st = rotate(o->w, o->last, o->last + 1)) == ISTAUTH_E_UNAVAILABLE) {
        unknown = true;
        o->unknown++;
    }
    if (st == ISTAUTH_E_SPENT && unknown && is_there(o->w, refresh_key(o->last + 1)))
        st = ISTAUTH_OK;
    o->wrong += st != ISTAUTH_OK;
    o->last++;
}

static void *own(void *arg)
{
    struct owner *o = arg;

    while (!atomic_load(o->over) && !o->wrong)
        rotate_own(o);
    return NULL;
}

static void judge(struct owner *o)
{
    assert_int_equal(o->wrong, 0);
    assert_true(o->last > o->first);
    for (unsigned n = o->first; n < o->last; n++)
        assert_true(token_at(o->w, refresh_key(n)).token.spent);
    assert_true(is_live(o->w, refresh_key(o->last)));
}

/* Families of owners, while `strike` is called `times` times. */
static void hold(store_world *w, unsigned times, void (*strike)(unsigned))
{
    struct owner owners[OWNERS];
    atomic_bool over = false;

    have_client(w, "app");
    for (unsigned i = 0; i < OWNERS; i++) {
        struct owner o = { .w = w, .over = &over, .first = (i + 1) * STRIDE };

        o.last = o.first;
        have_app(w, o.first, "ada", "app");
        owners[i] = o;
    }
    for (unsigned i = 0; i < OWNERS; i++)
        assert_int_equal(pthread_create(&owners[i].thread, NULL, own, &owners[i]), 0);
    for (unsigned i = 0; i < times; i++)
        strike(i);
    atomic_store(&over, true);
    for (unsigned i = 0; i < OWNERS; i++)
        pthread_join(owners[i].thread, NULL);
    for (unsigned i = 0; i < OWNERS; i++) {
        judge(&owners[i]);
        istauth_arena_wipe(&w->arena);
    }
    assert_int_equal(rig_number("SELECT count(*) FROM (SELECT 1 FROM storm.tokens WHERE kind = 2"
                                " AND NOT spent GROUP BY grant_id HAVING count(*) <> 1) t"), 0);
}

static void end_a_session(unsigned i)
{
    poll(NULL, 0, (int)(i * 7 % 20));
    rig_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
           " WHERE application_name = 'libistauth' AND state <> 'idle' ORDER BY random() LIMIT 1");
}

static void test_st_06_sessions_are_ended_while_tokens_rotate(void **state)
{
    hold(*state, KILLS, end_a_session);
}

/* Killed as by a signal from outside, of one session or of all: the server recovers. */
static void crash(unsigned i)
{
    char host[64], command[160];
    pid_t pid = (pid_t)rig_number("SELECT pid FROM pg_stat_activity"
                                  " WHERE application_name = 'libistauth' LIMIT 1");

    if (i % 2 && pid > 0) {
        assert_int_equal(kill(pid, SIGKILL), 0);
    } else {
        rig_host(host);
        snprintf(command, sizeof(command), "tests/postgres restart %s >&2", host);
        assert_int_equal(system(command), 0);
    }
    poll(NULL, 0, 300);
    while (!rig_is_up())
        poll(NULL, 0, 20);
    poll(NULL, 0, 300);
}

static void test_st_03_the_server_crashes_while_tokens_rotate(void **state)
{
    hold(*state, CRASHES, crash);
}

/* --- several for one token --- */

struct racer {
    store_world *w;
    unsigned round, number;
    istauth_status answer;
    pthread_t thread;
};

static void *race_once(void *arg)
{
    struct racer *r = arg;

    r->answer = rotate(r->w, r->round * 10, r->round * 10 + 1 + r->number);
    return NULL;
}

/* Exactly one set of successors exists, and whoever was told OK has it. */
static void judge_race(const struct racer *racers, store_world *w, unsigned round)
{
    unsigned won = 0, kept = 0;

    for (unsigned i = 0; i < OWNERS; i++) {
        bool there = is_there(w, refresh_key(round * 10 + 1 + i));

        won += racers[i].answer == ISTAUTH_OK;
        kept += there;
        assert_true(racers[i].answer == ISTAUTH_OK || racers[i].answer == ISTAUTH_E_SPENT);
        assert_int_equal(there, racers[i].answer == ISTAUTH_OK);
    }
    assert_int_equal(won, 1);
    assert_int_equal(kept, 1);
}

static void test_st_06_one_of_n_wins_though_sessions_are_ended(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    for (unsigned round = 1; round <= RACE_KILLS; round++) {
        struct racer racers[OWNERS];

        have_app(w, round * 10, "ada", "app");
        for (unsigned i = 0; i < OWNERS; i++) {
            struct racer r = { .w = w, .round = round, .number = i };

            racers[i] = r;
            assert_int_equal(pthread_create(&racers[i].thread, NULL, race_once, &racers[i]), 0);
        }
        rig_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
               " WHERE application_name = 'libistauth'");
        for (unsigned i = 0; i < OWNERS; i++)
            pthread_join(racers[i].thread, NULL);
        judge_race(racers, w, round);
        istauth_arena_wipe(&w->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(fixture, test_st_06_sessions_are_ended_while_tokens_rotate),
        WITH_STORE(fixture, test_st_03_the_server_crashes_while_tokens_rotate),
        WITH_STORE(fixture, test_st_06_one_of_n_wins_though_sessions_are_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
