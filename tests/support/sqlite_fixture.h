/* The SQLite store as a fixture of the kit, at a place of its own: as fast as it goes, without
 * waiting for a disk. */
#ifndef SQLITE_FIXTURE_H
#define SQLITE_FIXTURE_H

#include <istauth/sqlite_store.h>
#include <istauth/store_check.h>

#include "support/sqlite_place.h"

static inline istauth_status sqlite_fixture_attach(void *env, istauth_store *out)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    const sqlite_place *place = env;

    options.synchronous = ISTAUTH_SQLITE_OFF;
    return istauth_sqlite_store_open(out, place->file, &options, NULL);
}

static inline void sqlite_fixture_detach(void *env, istauth_store *store)
{
    (void)env;
    istauth_sqlite_store_close(store);
}

static inline void sqlite_fixture_close(void *env, istauth_store *store)
{
    istauth_sqlite_store_close(store);
    sqlite_place_clear(env);
}

static inline istauth_status sqlite_fixture_reopen(void *env, istauth_store *store)
{
    istauth_sqlite_store_close(store);
    return sqlite_fixture_attach(env, store);
}

static inline istauth_store_fixture sqlite_fixture(sqlite_place *place)
{
    istauth_store_fixture f = ISTAUTH_STORE_FIXTURE_INIT;

    f.name = "SQLite store";
    f.open = sqlite_fixture_attach;
    f.close = sqlite_fixture_close;
    f.reopen = sqlite_fixture_reopen;
    f.attach = sqlite_fixture_attach;
    f.detach = sqlite_fixture_detach;
    f.env = place;
    return f;
}

#endif
