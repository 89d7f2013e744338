/* Ops of several threads that share one transaction: one commit, each its own answer, and none of
 * them OK when the commit fails. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include "stores/sqlite_i.h"

#include <pthread.h>

#define CROWD 6

struct op {
    store_world *w;
    unsigned number;
    istauth_status answer;
    pthread_t thread;
};

static unsigned commits;
static int refuse; /* what the next commits are told */

static int at_commit(void *ctx)
{
    (void)ctx;
    commits++;
    return refuse;
}

/* Start all of them behind an op of this thread, one after the other, and let that end once all
 * stand in line. */
static void crowd(store_world *w, struct op *ops, size_t count, void *(*run)(void *))
{
    struct sql_store *m = w->store.ctx;
    struct sql_connection *c;

    assert_status(istauth__sqlite_begin(&c, m), ISTAUTH_OK);
    (void)sqlite3_commit_hook(c->db, at_commit, NULL);
    commits = 0;
    for (size_t i = 0; i < count; i++) {
        ops[i].w = w;
        assert_int_equal(pthread_create(&ops[i].thread, NULL, run, &ops[i]), 0);
        while (istauth__sqlite_waiting(&m->writer) <= i)
            istauth__sqlite_pause();
    }
    assert_status(istauth__sqlite_finish(m, c, ISTAUTH_OK),
                  refuse ? ISTAUTH_E_UNAVAILABLE : ISTAUTH_OK);
    for (size_t i = 0; i < count; i++)
        pthread_join(ops[i].thread, NULL);
}

static void *rotate_it(void *arg)
{
    struct op *o = arg;

    o->answer = rotate(o->w, o->number, o->number + 100);
    return NULL;
}

static void furnish(store_world *w)
{
    have_client(w, "app");
    for (unsigned n = 1; n <= CROWD; n++)
        have_app(w, n, "ada", "app");
}

static void test_s_1_a_crowd_shares_one_commit(void **state)
{
    store_world *w = *state;
    struct op ops[CROWD];

    furnish(w);
    for (unsigned i = 0; i < CROWD; i++)
        ops[i].number = i + 1;
    crowd(w, ops, CROWD, rotate_it);
    assert_int_equal(commits, 1);
    for (unsigned n = 1; n <= CROWD; n++) {
        assert_status(ops[n - 1].answer, ISTAUTH_OK);
        assert_true(is_live(w, refresh_key(n + 100)));
    }
}

/* The third names a key that the first takes, the others go on. */
static void *claim_it(void *arg)
{
    struct op *o = arg;
    istauth_key key = code_key(o->number);

    o->answer = CALL(o->w, nonce_claim, &key, T0);
    return NULL;
}

static void test_s_4_one_that_fails_takes_nobody_along(void **state)
{
    store_world *w = *state;
    struct op ops[4] = { { .number = 1 }, { .number = 2 }, { .number = 1 }, { .number = 3 } };

    crowd(w, ops, 4, claim_it);
    assert_int_equal(commits, 1);
    assert_status(ops[0].answer, ISTAUTH_OK);
    assert_status(ops[1].answer, ISTAUTH_OK);
    assert_status(ops[2].answer, ISTAUTH_E_EXISTS);
    assert_status(ops[3].answer, ISTAUTH_OK);
    assert_int_equal(purge_all(w, bounds_at(T0)), 3);
}

/* Half of what it does is done when it fails: that half is taken back, and what the others did
 * stays. */
static void *put_personal_it(void *arg)
{
    struct op *o = arg;
    istauth_token t = personal_of(o->number < 3 ? o->number : 1); /* a key that is taken by then */
    istauth_grant g = personal_grant_of(o->number, "ada");

    o->answer = CALL(o->w, personal_put, &t, &g);
    return NULL;
}

static void test_s_4_what_a_member_began_is_taken_back(void **state)
{
    store_world *w = *state;
    struct op ops[3] = { { .number = 1 }, { .number = 3 }, { .number = 2 } };
    istauth_id lost = id_of(3);

    crowd(w, ops, 3, put_personal_it);
    assert_status(ops[0].answer, ISTAUTH_OK);
    assert_status(ops[1].answer, ISTAUTH_E_EXISTS);
    assert_status(ops[2].answer, ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &lost, T0), ISTAUTH_E_NOT_FOUND);
    assert_true(is_live(w, personal_key(1)));
    assert_true(is_live(w, personal_key(2)));
}

/* The second lost to the first, but the first did not win either. */
static void test_s_4_when_the_commit_fails_nobody_is_told_anything_else(void **state)
{
    store_world *w = *state;
    struct op ops[3] = { { .number = 1 }, { .number = 1 }, { .number = 2 } };
    const char *before;

    furnish(w);
    before = snapshot(w);
    refuse = 1;
    crowd(w, ops, 3, rotate_it);
    refuse = 0;
    for (int i = 0; i < 3; i++)
        assert_status(ops[i].answer, ISTAUTH_E_UNAVAILABLE);
    assert_string_equal(snapshot(w), before);
    crowd(w, ops, 3, rotate_it);
    assert_status(ops[0].answer, ISTAUTH_OK);
    assert_status(ops[1].answer, ISTAUTH_E_SPENT);
    assert_status(ops[2].answer, ISTAUTH_OK);
}

/* An error that rolls all back by itself, in the midst of a group. */
static void *roll_back_it(void *arg)
{
    struct op *o = arg;
    struct sql_connection *c;

    if (o->number < 100)
        return rotate_it(arg);
    o->answer = istauth__sqlite_begin(&c, o->w->store.ctx);
    if (o->answer)
        return NULL;
    (void)sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    o->answer = istauth__sqlite_finish(o->w->store.ctx, c, ISTAUTH_E_NO_MEMORY);
    return NULL;
}

static void test_s_4_an_error_that_ends_the_transaction_ends_the_group(void **state)
{
    store_world *w = *state;
    struct op ops[3] = { { .number = 1 }, { .number = 100 }, { .number = 2 } };
    struct sql_store *m = w->store.ctx;
    struct sql_connection *c;

    furnish(w);
    assert_status(istauth__sqlite_begin(&c, m), ISTAUTH_OK);
    for (size_t i = 0; i < 3; i++) {
        ops[i].w = w;
        assert_int_equal(pthread_create(&ops[i].thread, NULL, roll_back_it, &ops[i]), 0);
        while (istauth__sqlite_waiting(&m->writer) <= i)
            istauth__sqlite_pause();
    }
    assert_status(istauth__sqlite_finish(m, c, ISTAUTH_OK), ISTAUTH_E_UNAVAILABLE);
    for (size_t i = 0; i < 3; i++)
        pthread_join(ops[i].thread, NULL);
    assert_status(ops[0].answer, ISTAUTH_E_UNAVAILABLE);
    assert_status(ops[1].answer, ISTAUTH_E_UNAVAILABLE);
    assert_status(ops[2].answer, ISTAUTH_OK); /* behind it, in a group of its own */
    assert_true(is_live(w, refresh_key(1)));
    assert_true(is_live(w, refresh_key(102)));
}

int main(void)
{
    istauth_store_fixture sqlite;
    sqlite_place place;
    int failed;

    sqlite_place_init(&place);
    sqlite = sqlite_fixture(&place);
    {
        const struct CMUnitTest tests[] = {
            WITH_STORE(sqlite, test_s_1_a_crowd_shares_one_commit),
            WITH_STORE(sqlite, test_s_4_one_that_fails_takes_nobody_along),
            WITH_STORE(sqlite, test_s_4_what_a_member_began_is_taken_back),
            WITH_STORE(sqlite, test_s_4_when_the_commit_fails_nobody_is_told_anything_else),
            WITH_STORE(sqlite, test_s_4_an_error_that_ends_the_transaction_ends_the_group),
        };

        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    sqlite_place_wipe(&place);
    return failed;
}
