/* The groups of cases, one file each. */
#ifndef STORE_CASES_I_H
#define STORE_CASES_I_H

#include "support/store_world.h"

typedef struct case_list {
    const struct CMUnitTest *items;
    size_t count;
} case_list;

#define CASE_LIST(tests) { (tests), sizeof(tests) / sizeof((tests)[0]) }

extern const case_list store_record_cases, store_byte_cases, store_flag_cases,
    store_failure_cases, store_subject_cases, store_purge_cases, store_race_cases;

#endif
