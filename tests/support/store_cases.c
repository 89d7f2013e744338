#include "support/store_cases_i.h"

#include <stdlib.h>

static const case_list *const groups[] = {
    &store_record_cases,  &store_byte_cases,  &store_flag_cases, &store_failure_cases,
    &store_subject_cases, &store_purge_cases, &store_race_cases,
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

/* cmocka takes one array, and wants the factory at each test. */
static struct CMUnitTest *gather(size_t *count, const store_factory *factory)
{
    struct CMUnitTest *all;
    size_t n = 0;

    for (size_t g = 0; g < GROUPS; g++)
        n += groups[g]->count;
    all = calloc(n, sizeof(*all));
    if (!all)
        abort();
    n = 0;
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g]->count; i++) {
            all[n] = groups[g]->items[i];
            all[n].setup_func = store_world_open;
            all[n].teardown_func = store_world_close;
            all[n].initial_state = (void *)(uintptr_t)factory;
            n++;
        }
    *count = n;
    return all;
}

int store_cases_run(const store_factory *factory)
{
    size_t count;
    struct CMUnitTest *all = gather(&count, factory);
    int failed = _cmocka_run_group_tests(factory->name, all, count, NULL, NULL);

    free(all);
    return failed;
}
