#include "support/store_fixture.h"

int store_setup(void **state)
{
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    store_world *w = store_world_new(*state, &options);

    if (!w)
        return -1;
    store_world_open(w);
    *state = w;
    return 0;
}

int store_teardown(void **state)
{
    store_world_free(*state);
    return 0;
}

void assert_text_at(istauth_str got, const char *want, const char *file, int line)
{
    if (got.n == strlen(want) && got.p && memcmp(got.p, want, got.n + 1) == 0)
        return;
    print_error("\"%.*s\" is not \"%s\"\n", (int)got.n, got.p ? got.p : "", want);
    _fail(file, line);
}
