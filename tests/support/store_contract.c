#include "support/store_contract.h"

#include <stdlib.h>

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
