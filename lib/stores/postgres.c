#include "stores/postgres_i.h"

#include <stdlib.h>
#include <time.h>

static const istauth_store_ops ops = {
    .size = sizeof(istauth_store_ops),
    .client_put = istauth__pg_client_put,
    .client_get = istauth__pg_client_get,
    .client_update = istauth__pg_client_update,
    .client_delete = istauth__pg_client_delete,
    .client_list = istauth__pg_client_list,
    .code_put = istauth__pg_code_put,
    .code_get = istauth__pg_code_get,
    .code_redeem = istauth__pg_code_redeem,
    .token_get = istauth__pg_token_get,
    .refresh_rotate = istauth__pg_refresh_rotate,
    .retry_get = istauth__pg_retry_get,
    .token_revoke = istauth__pg_token_revoke,
    .grant_revoke = istauth__pg_grant_revoke,
    .grant_touch = istauth__pg_grant_touch,
    .grant_list = istauth__pg_grant_list,
    .app_list = istauth__pg_app_list,
    .app_disconnect = istauth__pg_app_disconnect,
    .subject_revoke = istauth__pg_subject_revoke,
    .workspace_remove = istauth__pg_workspace_remove,
    .personal_put = istauth__pg_personal_put,
    .personal_list = istauth__pg_personal_list,
    .personal_revoke = istauth__pg_personal_revoke,
    .machine_put = istauth__pg_machine_put,
    .nonce_claim = istauth__pg_nonce_claim,
    .purge = istauth__pg_purge,
};

static istauth_status refuse(istauth_error *error, const char *why)
{
    istauth__pg_explain(error, ISTAUTH_E_ARGUMENT, why, NULL);
    return ISTAUTH_E_ARGUMENT;
}

/* It goes into SQL as it is. */
static bool is_name(const char *s)
{
    size_t n = s ? strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_") : 0;

    return n && n <= 48 && !s[n] && !(*s >= '0' && *s <= '9');
}

static istauth_status check(const istauth_postgres_options *o, istauth_error *error)
{
    if (o->size != sizeof(*o))
        return refuse(error, "options: begin with ISTAUTH_POSTGRES_OPTIONS_INIT");
    if (o->connections < 1 || o->connections > 1000)
        return refuse(error, "options: connections is not between 1 and 1000");
    if (o->timeout_ms < 10 || o->timeout_ms > 600000)
        return refuse(error, "options: timeout_ms is not between 10 and 600000");
    if (!is_name(o->schema))
        return refuse(error, "options: schema is not a plain lower-case name");
    return ISTAUTH_OK;
}

/* libpq's complaint would repeat a piece of conninfo, which may be of the password. */
static istauth_status parse(struct pg *pg, const char *conninfo, istauth_error *error)
{
    char *complaint = NULL;

    pg->options = conninfo ? PQconninfoParse(conninfo, &complaint) : NULL;
    if (!pg->options && (complaint || !conninfo)) {
        PQfreemem(complaint);
        return refuse(error,
                      "conninfo is neither a list of keyword=value nor a postgresql:// URI");
    }
    return pg->options ? ISTAUTH_OK : ISTAUTH_E_NO_MEMORY;
}

static istauth_status make_lock(struct pg *pg)
{
    pthread_condattr_t attributes;
    int failed;

    if (pthread_mutex_init(&pg->lock, NULL))
        return ISTAUTH_E_NO_MEMORY;
    failed = pthread_condattr_init(&attributes);
    if (!failed) {
        failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) ||
                 pthread_cond_init(&pg->freed, &attributes);
        pthread_condattr_destroy(&attributes);
    }
    if (!failed)
        return ISTAUTH_OK;
    pthread_mutex_destroy(&pg->lock);
    return ISTAUTH_E_NO_MEMORY;
}

static istauth_status expand_all(struct pg *pg)
{
    for (int i = 0; i < PG_STATEMENTS; i++) {
        pg->sql[i] = istauth__pg_expand(pg, istauth__pg_sql[i]);
        if (!pg->sql[i])
            return ISTAUTH_E_NO_MEMORY;
    }
    return ISTAUTH_OK;
}

static void destroy(struct pg *pg)
{
    for (int i = 0; i < PG_STATEMENTS; i++)
        free(pg->sql[i]);
    PQconninfoFree(pg->options);
    free(pg);
}

/* The tables first: statements are prepared against them. */
static istauth_status start(struct pg *pg, istauth_error *error)
{
    int64_t deadline = istauth__pg_now() + pg->timeout_ms;
    istauth_status st = istauth__pg_migrate(pg, deadline, error);

    return st ? st : expand_all(pg);
}

istauth_status istauth_postgres_store_open(istauth_store *store, const char *conninfo,
                                           const istauth_postgres_options *options,
                                           istauth_error *error)
{
    static const istauth_postgres_options defaults = ISTAUTH_POSTGRES_OPTIONS_INIT;
    const istauth_postgres_options *o = options ? options : &defaults;
    istauth_status st = check(o, error);
    struct pg *pg;

    if (st)
        return st;
    pg = calloc(1, sizeof(*pg));
    if (!pg)
        return ISTAUTH_E_NO_MEMORY;
    memcpy(pg->schema, o->schema, strlen(o->schema) + 1);
    pg->connections = o->connections;
    pg->timeout_ms = (int)o->timeout_ms;
    pg->pooled = o->pooled;
    pg->cursor.used_at = INT64_MIN;
    st = parse(pg, conninfo, error);
    if (!st)
        st = start(pg, error);
    if (!st)
        st = make_lock(pg);
    if (st) {
        destroy(pg);
        return st;
    }
    store->ops = &ops;
    store->ctx = pg;
    return ISTAUTH_OK;
}

void istauth_postgres_store_close(istauth_store *store)
{
    struct pg *pg = store->ctx;

    if (!pg)
        return;
    while (pg->idle) {
        struct pg_conn *conn = pg->idle;

        pg->idle = conn->next;
        PQfinish(conn->pq);
        free(conn);
    }
    pthread_cond_destroy(&pg->freed);
    pthread_mutex_destroy(&pg->lock);
    destroy(pg);
    store->ops = NULL;
    store->ctx = NULL;
}
