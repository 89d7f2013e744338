#include <istauth/store_check.h>

#include "check/cases_i.h"
#include "check/report_i.h"

#include <stdlib.h>

/* What the ops leave of the process comes first: later it would be found as it was already. */
static const check_cases *const groups[] = {
    &check_process_cases, &check_record_cases,  &check_byte_cases,    &check_flag_cases,
    &check_failure_cases, &check_subject_cases, &check_machine_cases, &check_purge_cases,
    &check_race_cases,    &check_traffic_cases, &check_retry_cases,   &check_durable_cases,
    &check_killed_cases,  &check_list_cases,
};
#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static bool is_between(unsigned n, unsigned min, unsigned max)
{
    return n >= min && n <= max;
}

/* Numbers of records in the cases are `unsigned`, a hundred to a round; poll counts milliseconds in
 * an int. */
static bool are_options(const istauth_store_check_options *o)
{
    return o->size == sizeof(*o) && is_between(o->threads, 2, ISTAUTH_STORE_CHECK_THREADS) &&
           is_between(o->rounds, 1, 10000000) && is_between(o->flood, 1, 10000000) &&
           is_between(o->seconds, 1, 1000000);
}

static bool is_fixture(const istauth_store_fixture *f)
{
    return f->size == sizeof(*f) && f->open && f->close && !f->attach == !f->detach;
}

/* One case in a store of its own. */
struct run {
    const check_case *c;
    store_world *w;
};

static void in_store(void *arg)
{
    struct run *r = arg;

    if (r->c->needs != NEEDS_ATTACH)
        store_world_open(r->w);
    r->c->run(r->w);
}

static bool passes(failure *f, const check_case *c, const istauth_store_fixture *fixture,
                   const istauth_store_check_options *options)
{
    struct run r = { c, store_world_new(fixture, options) };
    bool passed;

    if (!r.w) {
        (void)snprintf(f->text, sizeof(f->text), "the kit has no memory");
        return false;
    }
    passed = attempt(f, in_store, &r);
    store_world_free(r.w);
    return passed;
}

static const char *reason_to_skip(const check_case *c, const istauth_store_fixture *f)
{
    if (c->needs == NEEDS_REOPEN && !f->reopen)
        return "a volatile store";
    if (c->needs == NEEDS_ATTACH && !f->attach)
        return "a store of one process";
    return NULL;
}

static void run_one(report *r, const check_case *c, const istauth_store_fixture *fixture,
                    const istauth_store_check_options *options)
{
    const char *reason = reason_to_skip(c, fixture);
    failure f;

    if (reason)
        report_skipped(r, c, reason);
    else if (passes(&f, c, fixture, options))
        report_passed(r, c);
    else
        report_failed(r, c, &f);
}

static unsigned count_chosen(const char *only)
{
    unsigned n = 0;

    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            n += is_chosen(&groups[g]->items[i], only);
    return n;
}

int istauth_store_check(const istauth_store_fixture *fixture,
                        const istauth_store_check_options *options)
{
    const istauth_store_check_options standard = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    const istauth_store_check_options *o = options ? options : &standard;
    report r = { o->report ? o->report : stdout, 0, 0 };
    unsigned chosen = count_chosen(o->only);

    if (!is_fixture(fixture) || !are_options(o))
        return report_refused(&r, "the fixture or the options are not what store_check.h says");
    if (!chosen)
        return report_refused(&r, "no case has this name or clause");
    report_begin(&r, fixture->name, chosen);
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t i = 0; i < groups[g]->count; i++)
            if (is_chosen(&groups[g]->items[i], o->only))
                run_one(&r, &groups[g]->items[i], fixture, o);
    return (int)r.failed;
}
