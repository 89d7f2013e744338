/* The SQLite store keeps the store contract: as fast as it goes, without waiting for a disk. */
#include <istauth/sqlite_store.h>

#include "support/store_fixture.h"
#include "support/sqlite_place.h"

static istauth_status attach_store(void *env, istauth_store *out)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;

    options.synchronous = ISTAUTH_SQLITE_OFF;
    return istauth_sqlite_store_open(out, sqlite_place_file(env), &options, NULL);
}

static void detach_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_sqlite_store_close(store);
}

static void close_store(void *env, istauth_store *store)
{
    istauth_sqlite_store_close(store);
    sqlite_place_clear(env);
}

static istauth_status reopen_store(void *env, istauth_store *store)
{
    istauth_sqlite_store_close(store);
    return attach_store(env, store);
}

int main(void)
{
    istauth_store_fixture sqlite = ISTAUTH_STORE_FIXTURE_INIT;
    sqlite_place place;
    int status;

    sqlite_place_init(&place);
    sqlite.name = "SQLite store";
    sqlite.open = attach_store;
    sqlite.close = close_store;
    sqlite.reopen = reopen_store;
    sqlite.attach = attach_store;
    sqlite.detach = detach_store;
    sqlite.env = &place;
    status = store_check(&sqlite);
    sqlite_place_wipe(&place);
    return status;
}
