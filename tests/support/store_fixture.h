/* The conformance kit's stores and records in cmocka tests. A helper of the kit that fails outside
 * of the kit's own cases prints what was wrong and aborts. */
#ifndef STORE_FIXTURE_H
#define STORE_FIXTURE_H

#include "check/world_i.h"
#include "support/store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

int store_setup(void **state); /* *state: an istauth_store_fixture, then a store_world */
int store_teardown(void **state);

#define WITH_STORE(fixture, test) \
    { #test, test, store_setup, store_teardown, (void *)(uintptr_t)&(fixture) }

#define assert_status(got, want) \
    assert_string_equal(istauth_status_name(got), istauth_status_name(want))

/* Equal, and followed by a NUL. */
#define assert_text(got, want) assert_text_at(got, want, __FILE__, __LINE__)
void assert_text_at(istauth_str got, const char *want, const char *file, int line);

#endif
