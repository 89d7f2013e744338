/* The report, in TAP version 13 (the Test Anything Protocol). */
#ifndef CHECK_REPORT_I_H
#define CHECK_REPORT_I_H

#include "check/cases_i.h"

#include <stdio.h>

typedef struct report {
    FILE *to;
    unsigned done, failed;
} report;

/* Does `only` name it: by one of its clauses or rows, by its name, or by both as reported? NULL
 * names every case. Spaces and underscores are alike. */
bool is_chosen(const check_case *c, const char *only);

void report_begin(report *r, const char *store, unsigned count);
void report_passed(report *r, const check_case *c);
void report_failed(report *r, const check_case *c, const failure *f);
void report_skipped(report *r, const check_case *c, const char *reason);

/* Nothing can be run: 1, the failures that this counts for. */
int report_refused(report *r, const char *reason);

#endif
