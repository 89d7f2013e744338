#include "stores/sqlite_i.h"

#include <stdlib.h>

#define READERS_MAX 256
#define TIMEOUT_MAX 3600000
#define SQLITE_OLDEST 3037000 /* STRICT tables */

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
    .client_put = istauth__sqlite_client_put,
    .client_get = istauth__sqlite_client_get,
    .client_update = istauth__sqlite_client_update,
    .client_delete = istauth__sqlite_client_delete,
    .client_list = istauth__sqlite_client_list,
    .code_put = istauth__sqlite_code_put,
    .code_get = istauth__sqlite_code_get,
    .code_redeem = istauth__sqlite_code_redeem,
    .token_get = istauth__sqlite_token_get,
    .refresh_rotate = istauth__sqlite_refresh_rotate,
    .retry_get = istauth__sqlite_retry_get,
    .token_revoke = istauth__sqlite_token_revoke,
    .grant_revoke = istauth__sqlite_grant_revoke,
    .grant_touch = istauth__sqlite_grant_touch,
    .grant_list = istauth__sqlite_grant_list,
    .app_list = istauth__sqlite_app_list,
    .app_disconnect = istauth__sqlite_app_disconnect,
    .subject_revoke = istauth__sqlite_subject_revoke,
    .workspace_remove = istauth__sqlite_workspace_remove,
    .personal_put = istauth__sqlite_personal_put,
    .personal_list = istauth__sqlite_personal_list,
    .personal_revoke = istauth__sqlite_personal_revoke,
    .machine_put = istauth__sqlite_machine_put,
    .nonce_claim = istauth__sqlite_nonce_claim,
    .purge = istauth__sqlite_purge,
};

static bool are_options(const istauth_sqlite_options *o)
{
    return o->size == sizeof(*o) && o->synchronous >= ISTAUTH_SQLITE_FULL &&
           o->synchronous <= ISTAUTH_SQLITE_OFF && o->readers >= 1 && o->readers <= READERS_MAX &&
           o->busy_timeout_ms <= TIMEOUT_MAX;
}

/* SQLite reads more into these than the name of a file. */
static bool is_file_name(const char *path)
{
    return path && *path && *path != ':' && strncmp(path, "file:", 5) != 0;
}

static istauth_status check(const char *path, const istauth_sqlite_options *o,
                            istauth_error *error)
{
    if (!are_options(o))
        return istauth__sqlite_refuse(error, ISTAUTH_E_ARGUMENT, "an option is out of bounds");
    if (!is_file_name(path))
        return istauth__sqlite_refuse(error, ISTAUTH_E_ARGUMENT, "the path names no file");
    if (sqlite3_libversion_number() < SQLITE_OLDEST || !sqlite3_threadsafe())
        return istauth__sqlite_refuse(error, ISTAUTH_E_CONFIG,
                                      "SQLite 3.37 or newer is needed, built for threads");
    return ISTAUTH_OK;
}

static struct sql_store *store_new(const char *path, const istauth_sqlite_options *options)
{
    size_t n = strlen(path) + 1;
    struct sql_store *m = calloc(1, sizeof(*m) + n);

    if (!m)
        return NULL;
    m->options = *options;
    m->unused.time = m->idle.time = INT64_MIN;
    memcpy(m->path, path, n);
    if (!istauth__sqlite_pool_init(&m->writer, m, 1, true))
        goto no_writer;
    if (!istauth__sqlite_pool_init(&m->readers, m, options->readers, false))
        goto no_readers;
    return m;
no_readers:
    istauth__sqlite_pool_wipe(&m->writer);
no_writer:
    free(m);
    return NULL;
}

/* The writer is closed last: what is left in the WAL goes into the file, and the WAL goes. */
static void store_free(struct sql_store *m)
{
    istauth__sqlite_pool_wipe(&m->readers);
    istauth__sqlite_pool_wipe(&m->writer);
    free(m);
}

istauth_status istauth_sqlite_store_open(istauth_store *store, const char *path,
                                         const istauth_sqlite_options *options,
                                         istauth_error *error)
{
    const istauth_sqlite_options standard = ISTAUTH_SQLITE_OPTIONS_INIT;
    istauth_status st = check(path, options ? options : &standard, error);
    struct sql_store *m;

    if (st)
        return st;
    m = store_new(path, options ? options : &standard);
    if (!m)
        return istauth__sqlite_refuse(error, ISTAUTH_E_NO_MEMORY, "out of memory");
    st = istauth__sqlite_create(m->path, error);
    if (!st)
        st = istauth__sqlite_ready(m->writer.all, error);
    if (st) {
        store_free(m);
        return st;
    }
    store->ops = &ops;
    store->ctx = m;
    return ISTAUTH_OK;
}

void istauth_sqlite_store_close(istauth_store *store)
{
    if (!store || !store->ctx)
        return;
    store_free(store->ctx);
    store->ops = NULL;
    store->ctx = NULL;
}
