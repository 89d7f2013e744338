/* One version, told in three ways. */
#include "unit/unit.h"

#include <istauth/version.h>

#include <stdio.h>

static void test_the_parts_make_the_version_that_the_library_tells(void **state)
{
    char text[32];

    (void)state;
    snprintf(text, sizeof(text), "%d.%d.%d", ISTAUTH_VERSION_MAJOR, ISTAUTH_VERSION_MINOR,
             ISTAUTH_VERSION_PATCH);
    assert_string_equal(text, ISTAUTH_VERSION);
    assert_string_equal(text, istauth_version());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_parts_make_the_version_that_the_library_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
