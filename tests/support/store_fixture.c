#include "support/store_fixture.h"

#include <stdlib.h>

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

static unsigned number(const char *name, unsigned standard)
{
    const char *text = getenv(name);

    return text ? (unsigned)strtoul(text, NULL, 10) : standard;
}

int store_check(const istauth_store_fixture *fixture)
{
    istauth_store_check_options o = ISTAUTH_STORE_CHECK_OPTIONS_INIT;

    o.only = getenv("CHECK_ONLY");
    o.rounds = number("CHECK_ROUNDS", o.rounds);
    o.threads = number("CHECK_THREADS", o.threads);
    o.flood = number("CHECK_FLOOD", o.flood);
    return istauth_store_check(fixture, &o) != 0;
}
