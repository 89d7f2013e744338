/* Several processes on one file: each opens it for itself, after the fork. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, usleep */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include "stores/sqlite_i.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STARTERS 4
#define WRITERS 8
#define STEPS 60
#define FULL_STEPS 10

static sqlite_place place;

/* What the processes of a test share besides the file. */
struct board {
    atomic_bool start;
    atomic_uint claimed, trouble;
    atomic_uint acknowledged; /* the last rotation that was answered OK */
};

static int fresh(void **state)
{
    struct board *b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                           0);

    if (b == MAP_FAILED)
        return -1;
    sqlite_place_init(&place);
    *state = b;
    return 0;
}

static int wipe(void **state)
{
    sqlite_place_wipe(&place);
    return munmap(*state, sizeof(struct board));
}

/* Start them all at one moment, and wait for their end. */
static void together(struct board *b, unsigned count, void (*work)(struct board *, unsigned))
{
    pid_t children[WRITERS];
    int status;

    atomic_store(&b->start, false);
    for (unsigned i = 0; i < count; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            while (!atomic_load(&b->start))
                (void)usleep(50);
            work(b, i);
            _exit(0);
        }
    }
    atomic_store(&b->start, true);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(atomic_load(&b->trouble), 0);
}

static void expect(struct board *b, bool good)
{
    if (!good)
        atomic_fetch_add(&b->trouble, 1);
}

static istauth_status open_at(istauth_store *store, istauth_sqlite_synchronous synchronous)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;

    options.synchronous = synchronous;
    options.busy_timeout_ms = 30000; /* a slow machine is no failure */
    return istauth_sqlite_store_open(store, place.file, &options, NULL);
}

static long ask(const char *sql)
{
    sqlite3_stmt *s;
    sqlite3 *db;
    long n;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    n = (long)sqlite3_column_int64(s, 0);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return n;
}

static void assert_sound(void)
{
    assert_int_equal(ask("SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(ask("SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void start_and_register(struct board *b, unsigned number)
{
    istauth_store store;
    char id[16];
    istauth_client c;

    (void)snprintf(id, sizeof(id), "app%u", number);
    c = client_of(id);
    if (open_at(&store, ISTAUTH_SQLITE_OFF)) {
        expect(b, false);
        return;
    }
    expect(b, store.ops->client_put(store.ctx, &c) == ISTAUTH_OK);
    istauth_sqlite_store_close(&store);
}

static void test_st_10_several_processes_make_one_file(void **state)
{
    for (int round = 0; round < 20; round++) {
        together(*state, STARTERS, start_and_register);
        assert_int_equal(ask("SELECT count(*) FROM istauth_client"), STARTERS);
        assert_int_equal(ask("PRAGMA user_version"), istauth__sqlite_schema);
        assert_sound();
        sqlite_place_clear(&place);
    }
}

static void old_file(void)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, istauth__sqlite_migrations[0], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_st_10_several_processes_bring_one_file_up_to_date(void **state)
{
    for (int round = 0; round < 20; round++) {
        old_file();
        together(*state, STARTERS, start_and_register);
        assert_int_equal(ask("SELECT count(*) FROM istauth_client"), STARTERS);
        assert_int_equal(ask("PRAGMA user_version"), istauth__sqlite_schema);
        assert_sound();
        sqlite_place_clear(&place);
    }
}

/* A family of its own that must take every step, and marks that only one process may get. */
static void write_on(struct board *b, unsigned number, unsigned steps,
                     istauth_sqlite_synchronous synchronous)
{
    unsigned first = (number + 1) * 1000;
    istauth_code code = code_of(first);
    istauth_grant grant = grant_of(first, "ada", "app");
    istauth_key key = code.key;
    pair p = pair_of(first);
    istauth_store s;

    if (open_at(&s, synchronous)) {
        expect(b, false);
        return;
    }
    expect(b, s.ops->code_put(s.ctx, &code, &grant) == ISTAUTH_OK);
    expect(b, s.ops->code_redeem(s.ctx, &key, pair_list(&p), T0) == ISTAUTH_OK);
    for (unsigned i = 1; i <= steps; i++) {
        istauth_status st;

        key = refresh_key(first + i - 1);
        p = pair_of(first + i);
        expect(b, s.ops->refresh_rotate(s.ctx, &key, pair_list(&p), NULL, T0 + i) == ISTAUTH_OK);
        key = code_key(i);
        st = s.ops->nonce_claim(s.ctx, &key, T0);
        expect(b, st == ISTAUTH_OK || st == ISTAUTH_E_EXISTS);
        atomic_fetch_add(&b->claimed, st == ISTAUTH_OK);
    }
    istauth_sqlite_store_close(&s);
}

static void write_fast(struct board *b, unsigned number)
{
    write_on(b, number, STEPS, ISTAUTH_SQLITE_OFF);
}

static void write_full(struct board *b, unsigned number)
{
    write_on(b, number, FULL_STEPS, ISTAUTH_SQLITE_FULL);
}

static void assert_nothing_lost(struct board *b, unsigned steps)
{
    assert_int_equal(atomic_load(&b->claimed), steps);
    assert_int_equal(ask("SELECT count(*) FROM istauth_nonce"), steps);
    assert_int_equal(ask("SELECT count(*) FROM istauth_token"), WRITERS * 2 * (steps + 1));
    assert_int_equal(ask("SELECT count(*) FROM istauth_token WHERE kind = 2 AND spent = 0"),
                     WRITERS);
    assert_int_equal(ask("SELECT min(issued_at) FROM istauth_grant"), T0 + steps);
    assert_sound();
}

static void have_app_client(void)
{
    istauth_client c = client_of("app");
    istauth_store s;

    assert_status(open_at(&s, ISTAUTH_SQLITE_FULL), ISTAUTH_OK);
    assert_status(s.ops->client_put(s.ctx, &c), ISTAUTH_OK);
    istauth_sqlite_store_close(&s);
}

static void test_st_04_many_processes_write_and_nothing_is_lost(void **state)
{
    have_app_client();
    together(*state, WRITERS, write_fast);
    assert_nothing_lost(*state, STEPS);
}

static void test_st_04_and_with_full_synchronisation(void **state)
{
    have_app_client();
    together(*state, WRITERS, write_full);
    assert_nothing_lost(*state, FULL_STEPS);
}

/* Rotate one family as fast as it goes, from where it is. */
static void rotate_until_killed(struct board *b)
{
    istauth_store s;

    if (open_at(&s, ISTAUTH_SQLITE_FULL)) {
        expect(b, false);
        return;
    }
    atomic_store(&b->start, true);
    for (;;) {
        unsigned n = atomic_load(&b->acknowledged);
        istauth_key key = refresh_key(n);
        pair p = pair_of(n + 1);

        if (s.ops->refresh_rotate(s.ctx, &key, pair_list(&p), NULL, T0 + n)) {
            expect(b, false);
            return;
        }
        atomic_store(&b->acknowledged, n + 1);
    }
}

static void kill_in_the_act(struct board *b, unsigned moment, unsigned steps)
{
    unsigned least = atomic_load(&b->acknowledged) + steps;
    pid_t child;
    int status;

    atomic_store(&b->start, false);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        rotate_until_killed(b);
        _exit(1);
    }
    while ((!atomic_load(&b->start) || atomic_load(&b->acknowledged) < least) &&
           !atomic_load(&b->trouble))
        (void)usleep(50);
    (void)usleep(moment);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(atomic_load(&b->trouble), 0);
}

/* What was acknowledged is there; the step under way was taken, or not at all. */
static void assert_one_leaf(struct board *b)
{
    unsigned n = atomic_load(&b->acknowledged);
    istauth_key key = refresh_key(n);
    istauth_token_entry e;
    char buffer[4096];
    istauth_arena arena;
    istauth_store s;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    assert_status(open_at(&s, ISTAUTH_SQLITE_FULL), ISTAUTH_OK);
    assert_status(s.ops->token_get(s.ctx, &key, &arena, &e), ISTAUTH_OK);
    if (e.token.spent)
        atomic_store(&b->acknowledged, n + 1);
    istauth_sqlite_store_close(&s);
    istauth_arena_wipe(&arena);
    assert_int_equal(ask("SELECT count(*) FROM istauth_token WHERE kind = 2 AND spent = 0"), 1);
    assert_int_equal(ask("SELECT count(*) FROM istauth_token"),
                     2 * (atomic_load(&b->acknowledged) + 1));
    assert_sound();
}

#define KILLS 50

static void test_st_03_killed_in_the_act(void **state)
{
    struct board *b = *state;
    istauth_code code = code_of(0);
    istauth_grant grant = grant_of(0, "ada", "app");
    pair p = pair_of(0);
    istauth_store s;

    have_app_client();
    assert_status(open_at(&s, ISTAUTH_SQLITE_FULL), ISTAUTH_OK);
    assert_status(s.ops->code_put(s.ctx, &code, &grant), ISTAUTH_OK);
    assert_status(s.ops->code_redeem(s.ctx, &code.key, pair_list(&p), T0), ISTAUTH_OK);
    istauth_sqlite_store_close(&s);
    for (unsigned i = 0; i < KILLS; i++) {
        kill_in_the_act(b, 37 * i % 3000, i % 2); /* every other one takes a step, on any machine */
        assert_one_leaf(b);
    }
    assert_true(atomic_load(&b->acknowledged) >= KILLS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_st_10_several_processes_make_one_file, fresh, wipe),
        cmocka_unit_test_setup_teardown(test_st_10_several_processes_bring_one_file_up_to_date,
                                        fresh, wipe),
        cmocka_unit_test_setup_teardown(test_st_04_many_processes_write_and_nothing_is_lost, fresh,
                                        wipe),
        cmocka_unit_test_setup_teardown(test_st_04_and_with_full_synchronisation, fresh, wipe),
        cmocka_unit_test_setup_teardown(test_st_03_killed_in_the_act, fresh, wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
