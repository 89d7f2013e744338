/* The cases, a file for each group. */
#ifndef CHECK_CASES_I_H
#define CHECK_CASES_I_H

#include "check/assert_i.h"
#include "check/world_i.h"

/* What a case asks of the fixture. */
typedef enum check_needs {
    NEEDS_NOTHING,
    NEEDS_REOPEN,
    NEEDS_ATTACH /* it opens the store itself, behind its forks */
} check_needs;

typedef struct check_case {
    const char *clauses; /* of store.h, and rows of the attack catalogue */
    const char *name;
    void (*run)(store_world *w);
    check_needs needs;
} check_case;

#define CASE(clauses, function) { (clauses), #function, (function), NEEDS_NOTHING }
#define DURABLE_CASE(clauses, function) { (clauses), #function, (function), NEEDS_REOPEN }
#define PROCESS_CASE(clauses, function) { (clauses), #function, (function), NEEDS_ATTACH }

typedef struct check_cases {
    const check_case *items;
    size_t count;
} check_cases;

#define CASE_LIST(cases) { (cases), sizeof(cases) / sizeof((cases)[0]) }

extern const check_cases check_record_cases, check_byte_cases, check_flag_cases,
    check_failure_cases, check_subject_cases, check_purge_cases, check_race_cases,
    check_traffic_cases, check_machine_cases, check_retry_cases, check_durable_cases,
    check_killed_cases, check_process_cases, check_list_cases;

#endif
