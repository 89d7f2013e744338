/* The conformance kit notices: a store that breaks one clause fails cases of that clause, and of no
 * other. */
#include "support/broken_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>

/* Is the clause one of the words behind "not ok N - "? */
static bool names(const char *line, const char *clause)
{
    const char *at = strstr(line, " - ");
    size_t n = strlen(clause);

    while (at && *at) {
        at += strspn(at, " -");
        if (strncmp(at, clause, n) == 0 && at[n] == ' ')
            return true;
        at = strchr(at, ' ');
    }
    return false;
}

/* How many failed; the report shows those of another clause. */
static unsigned read_report(FILE *report, const char *clause, unsigned *others)
{
    unsigned failed = 0;
    char line[1024];

    rewind(report);
    while (fgets(line, sizeof(line), report)) {
        if (strncmp(line, "not ok ", 7) == 0) {
            failed++;
            if (names(line, clause))
                continue;
            ++*others;
            print_error("%s", line);
        } else if (*others && line[0] == '#') {
            print_error("%s", line);
        }
    }
    return failed;
}

static void is_caught_on_its_clause(void **state)
{
    const broken_way *way = *state;
    istauth_store_fixture fixture = broken_fixture(way);
    istauth_store_check_options o = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    mode_t mask = umask(022);
    unsigned failed, others = 0;
    int said;

    (void)umask(mask);
    o.rounds = 50;
    o.flood = 50;
    o.report = tmpfile();
    assert_non_null(o.report);
    said = istauth_store_check(&fixture, &o);
    (void)umask(mask);
    failed = read_report(o.report, way->clause, &others);
    fclose(o.report);
    assert_true(failed > 0);
    assert_int_equal(said, failed);
    assert_int_equal(others, 0);
}

int main(void)
{
    struct CMUnitTest *tests = calloc(broken_way_count, sizeof(*tests));
    int failed;

    if (!tests)
        return 1;
    for (size_t i = 0; i < broken_way_count; i++) {
        tests[i].name = broken_ways[i].name;
        tests[i].test_func = is_caught_on_its_clause;
        tests[i].initial_state = (void *)(uintptr_t)&broken_ways[i];
    }
    failed = _cmocka_run_group_tests("broken stores", tests, broken_way_count, NULL, NULL);
    free(tests);
    return failed;
}
