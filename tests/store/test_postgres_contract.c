/* The PostgreSQL store keeps the store contract. */
#include "store/postgres_rig.h"

static istauth_status open_store(void *env, istauth_store *out)
{
    return rig_open(out, rig_conninfo(), env);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_postgres_store_close(store);
}

static istauth_status attach(void *env, istauth_store *out)
{
    return istauth_postgres_store_open(out, rig_conninfo(), env, NULL);
}

static istauth_status reopen(void *env, istauth_store *store)
{
    istauth_postgres_store_close(store);
    return attach(env, store);
}

int main(void)
{
    istauth_postgres_options options = ISTAUTH_POSTGRES_OPTIONS_INIT;
    istauth_store_fixture postgres = ISTAUTH_STORE_FIXTURE_INIT;

    options.schema = "contract";
    options.timeout_ms = 60000; /* what a race waits for is the machine */
    postgres.name = "PostgreSQL store";
    postgres.open = open_store;
    postgres.close = close_store;
    postgres.reopen = reopen;
    postgres.attach = attach;
    postgres.detach = close_store;
    postgres.env = &options;
    return store_check(&postgres);
}
