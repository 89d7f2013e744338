/* The conformance kit itself: which cases it runs, what it reports, and that processes which die or
 * hang are failures. That it notices broken stores is in test_broken_stores.c. */
#include <istauth/memory_store.h>
#include <istauth/store_check.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static istauth_status open_store(void *env, istauth_store *out)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;

    (void)env;
    limits.tokens = 10000;
    return istauth_memory_store_new(out, &limits, NULL);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_memory_store_free(store);
}

static istauth_store_fixture memory_fixture(void)
{
    istauth_store_fixture f = ISTAUTH_STORE_FIXTURE_INIT;

    f.open = open_store;
    f.close = close_store;
    return f;
}

/* --- reports --- */

typedef struct run {
    int failed;
    char report[65536];
} run;

static run *check(const istauth_store_fixture *f, istauth_store_check_options o)
{
    run *r = calloc(1, sizeof(*r));

    assert_non_null(r);
    o.report = tmpfile();
    assert_non_null(o.report);
    r->failed = istauth_store_check(f, &o);
    rewind(o.report);
    (void)fread(r->report, 1, sizeof(r->report) - 1, o.report);
    fclose(o.report);
    return r;
}

static run *check_only(const istauth_store_fixture *f, const char *only)
{
    istauth_store_check_options o = ISTAUTH_STORE_CHECK_OPTIONS_INIT;

    o.only = only;
    o.rounds = 3;
    o.seconds = 1;
    return check(f, o);
}

static void test_one_case_by_its_name(void **state)
{
    static const char *const names[] = { "subjects_are_walls", "subjects are walls",
                                         "S-9 subjects_are_walls", "S-9 subjects are walls" };
    istauth_store_fixture f = memory_fixture();

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        run *r = check_only(&f, names[i]);

        assert_int_equal(r->failed, 0);
        assert_string_equal(r->report, "TAP version 13\n1..1\nok 1 - S-9 subjects are walls\n");
        free(r);
    }
}

static void test_all_cases_of_a_clause(void **state)
{
    istauth_store_fixture f = memory_fixture();
    run *r = check_only(&f, "S-1");

    (void)state;
    f.name = "memory";
    assert_int_equal(r->failed, 0);
    assert_non_null(strstr(r->report, " - S-1 S-2 one of n redemptions wins\n"));
    assert_non_null(strstr(r->report, "one of n processes redeems # SKIP a store of one process\n"));
    assert_null(strstr(r->report, " - S-10 "));
    free(r);
    r = check_only(&f, "S-14");
    assert_non_null(strstr(r->report, "\n# memory\nok 1 - S-14 "));
    assert_non_null(strstr(r->report, " # SKIP a volatile store\n"));
    free(r);
}

static void test_what_names_no_case_is_a_failure(void **state)
{
    static const char *const names[] = { "S-99", "S", "subjects", "", "S-9 ", "subjects are walls " };
    istauth_store_fixture f = memory_fixture();

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        run *r = check_only(&f, names[i]);

        assert_int_equal(r->failed, 1);
        assert_non_null(strstr(r->report, "\nnot ok 1 - "));
        free(r);
    }
}

static void test_options_and_fixtures_are_checked(void **state)
{
    const istauth_store_check_options good = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    istauth_store_check_options bad[6] = { good, good, good, good, good, good };
    istauth_store_fixture f = memory_fixture();
    run *r;

    (void)state;
    bad[0].size--;
    bad[1].threads = 1;
    bad[2].threads = ISTAUTH_STORE_CHECK_THREADS + 1;
    bad[3].rounds = 0;
    bad[4].flood = 0;
    bad[5].seconds = 0;
    for (size_t i = 0; i < 6; i++) {
        r = check(&f, bad[i]);
        assert_int_equal(r->failed, 1);
        free(r);
    }
    f.attach = open_store; /* and no detach */
    r = check(&f, good);
    assert_int_equal(r->failed, 1);
    free(r);
}

static istauth_status cannot_open(void *env, istauth_store *out)
{
    (void)env;
    (void)out;
    return ISTAUTH_E_UNAVAILABLE;
}

static void test_a_store_that_cannot_be_opened_fails_every_case(void **state)
{
    istauth_store_fixture f = memory_fixture();
    run *r;

    (void)state;
    f.open = cannot_open;
    r = check_only(&f, "S-9");
    assert_int_equal(r->failed, 2);
    assert_non_null(strstr(r->report, "\nnot ok 1 - S-9 "));
    assert_non_null(strstr(r->report, "\n# lib/check/world.c:"));
    assert_non_null(strstr(r->report, ": UNAVAILABLE, not OK: "));
    free(r);
}

/* --- processes that come to grief --- */

static istauth_status dies(void *env, istauth_store *out)
{
    (void)env;
    (void)out;
    (void)raise(SIGKILL);
    return ISTAUTH_OK;
}

static istauth_status hangs(void *env, istauth_store *out)
{
    (void)env;
    (void)out;
    for (;;)
        (void)pause();
    return ISTAUTH_OK;
}

static istauth_status die_in_an_op(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    (void)ctx;
    (void)key;
    (void)expires_at;
    (void)raise(SIGKILL);
    return ISTAUTH_OK;
}

static istauth_status dies_later(void *env, istauth_store *out)
{
    static istauth_store_ops ops;
    istauth_status st = open_store(env, out);

    if (!st) {
        ops = *out->ops;
        ops.nonce_claim = die_in_an_op;
        out->ops = &ops;
    }
    return st;
}

static void expect_grief(istauth_status (*attach)(void *env, istauth_store *out), const char *what)
{
    istauth_store_fixture f = memory_fixture();
    run *r;

    f.attach = attach;
    f.detach = close_store;
    r = check_only(&f, "one_of_n_processes_claims");
    assert_int_equal(r->failed, 1);
    assert_non_null(strstr(r->report, what));
    free(r);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no process is left behind */
    assert_int_equal(errno, ECHILD);
}

static void test_a_process_that_dies_is_a_failure(void **state)
{
    (void)state;
    expect_grief(dies, "process 0 died");
    expect_grief(dies_later, "process 0 died");
}

static void test_a_process_that_hangs_is_a_failure(void **state)
{
    (void)state;
    expect_grief(hangs, "process 0 does not answer within 1 seconds");
}

/* Its own memory is nobody else's: each process claims what all the others claim, too. */
static void test_processes_that_share_nothing_are_found_out(void **state)
{
    (void)state;
    expect_grief(open_store, "OK for 0 and for 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_case_by_its_name),
        cmocka_unit_test(test_all_cases_of_a_clause),
        cmocka_unit_test(test_what_names_no_case_is_a_failure),
        cmocka_unit_test(test_options_and_fixtures_are_checked),
        cmocka_unit_test(test_a_store_that_cannot_be_opened_fails_every_case),
        cmocka_unit_test(test_a_process_that_dies_is_a_failure),
        cmocka_unit_test(test_a_process_that_hangs_is_a_failure),
        cmocka_unit_test(test_processes_that_share_nothing_are_found_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
