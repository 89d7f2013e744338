/* ST-10: tables are made once, brought up to date with what is in them, and left alone when they
 * are newer. */
#include "store/postgres_rig.h"

#include <sys/wait.h>
#include <unistd.h>

#define STARTERS 4
#define ROUNDS 10

static istauth_postgres_options options = { sizeof(options), 4, 20000, "upgrade", false };

static istauth_status open_store(void *env, istauth_store *out)
{
    rig_do("DROP SCHEMA IF EXISTS upgrade CASCADE");
    return rig_open(out, rig_conninfo(), env);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_postgres_store_close(store);
}

static const istauth_store_fixture fixture = {
    .size = sizeof(fixture), .open = open_store, .close = close_store, .env = &options
};

static istauth_status reopen(store_world *w, istauth_error *error)
{
    istauth_postgres_store_close(&w->store);
    return istauth_postgres_store_open(&w->store, rig_conninfo(), &options, error);
}

/* Version 2 has an index of clients alone, version 1 nothing of what retry_get needs. */
static void make_version_1(void)
{
    rig_do("DROP INDEX upgrade.grants_client");
    rig_do("CREATE INDEX grants_client ON upgrade.grants (client_id)"
           " WHERE NOT revoked AND client_id <> ''");
    rig_do("ALTER TABLE upgrade.tokens DROP COLUMN retry_sealed, DROP COLUMN retry_until,"
           " DROP COLUMN retry_successor");
    rig_do("UPDATE upgrade.schema_version SET version = 1");
}

static void test_st_10_version_1_is_brought_up_to_date(void **state)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("a\0z"), T0 + 60 };
    store_world *w = *state;
    istauth_key key = refresh_key(2);
    istauth_retry kept;
    pair p = pair_of(3);
    const char *before;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
    have_code(w, 4, "ada", "app");
    have_personal(w, 5, "ada");
    before = snapshot(w);
    make_version_1();
    assert_status(reopen(w, NULL), ISTAUTH_OK);
    assert_string_equal(snapshot(w), before);
    assert_int_equal(rig_number("SELECT version FROM upgrade.schema_version"), 3);
    assert_int_equal(rig_number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'upgrade'"
                                " AND indexdef LIKE '%(client_id, grant_id)%'"), 1);
    assert_int_equal(rig_number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'upgrade'"
                                " AND indexname LIKE 'tokens_retry%'"), 2);
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, T0), ISTAUTH_OK);
    assert_status(CALL(w, retry_get, &key, &w->arena, &kept), ISTAUTH_OK);
    assert_int_equal(kept.sealed.n, 3);
    assert_memory_equal(kept.sealed.p, "a\0z", 3);
}

static void test_st_10_newer_tables_are_refused(void **state)
{
    store_world *w = *state;
    istauth_error error = { ISTAUTH_OK, "" };

    have_client(w, "app");
    rig_do("UPDATE upgrade.schema_version SET version = 4");
    assert_status(reopen(w, &error), ISTAUTH_E_CONFIG);
    assert_non_null(strstr(error.detail, "newer"));
    assert_int_equal(rig_number("SELECT version FROM upgrade.schema_version"), 4);
    rig_do("UPDATE upgrade.schema_version SET version = 3");
    assert_status(reopen(w, &error), ISTAUTH_OK);
    client_at(w, "app");
}

/* 0 when a store could be opened and used. */
static int start_one(void)
{
    istauth_store store;
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_key key = access_key((unsigned)getpid());

    if (istauth_postgres_store_open(&store, rig_conninfo(), &options, &error)) {
        fprintf(stderr, "%s\n", error.detail);
        return 1;
    }
    return store.ops->nonce_claim(store.ctx, &key, T0) ? 2 : 0;
}

static void start_all(void)
{
    pid_t children[STARTERS];

    for (int i = 0; i < STARTERS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(start_one());
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < STARTERS; i++) {
        int status = -1;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void test_st_10_four_start_at_once(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        rig_do("DROP SCHEMA IF EXISTS upgrade CASCADE");
        start_all();
        assert_int_equal(rig_number("SELECT version FROM upgrade.schema_version"), 3);
        assert_int_equal(rig_number("SELECT count(*) FROM upgrade.nonces"), STARTERS);
    }
}

static void test_st_10_four_upgrade_at_once(void **state)
{
    (void)state;
    start_all();
    for (int round = 0; round < ROUNDS; round++) {
        rig_do("TRUNCATE upgrade.nonces");
        make_version_1();
        start_all();
        assert_int_equal(rig_number("SELECT version FROM upgrade.schema_version"), 3);
        assert_int_equal(rig_number("SELECT count(*) FROM upgrade.nonces"), STARTERS);
    }
}

/* A schema that was made for a role without the right to make one. */
static void test_a_role_needs_no_more_than_its_schema(void **state)
{
    istauth_postgres_options o = options;
    istauth_store store;
    char host[64], conninfo[160];

    (void)state;
    rig_do("DROP SCHEMA IF EXISTS upgrade CASCADE");
    rig_do("DROP ROLE IF EXISTS tenant");
    rig_do("CREATE ROLE tenant LOGIN");
    rig_do("CREATE SCHEMA upgrade AUTHORIZATION tenant");
    rig_host(host);
    snprintf(conninfo, sizeof(conninfo), "host=%s user=tenant dbname=postgres", host);
    assert_status(istauth_postgres_store_open(&store, conninfo, &o, NULL), ISTAUTH_OK);
    istauth_postgres_store_close(&store);
    o.schema = "another";
    assert_status(istauth_postgres_store_open(&store, conninfo, &o, NULL),
                  ISTAUTH_E_UNAVAILABLE);
    rig_do("DROP SCHEMA upgrade CASCADE");
    rig_do("DROP ROLE tenant");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(fixture, test_st_10_version_1_is_brought_up_to_date),
        WITH_STORE(fixture, test_st_10_newer_tables_are_refused),
        cmocka_unit_test(test_st_10_four_start_at_once),
        cmocka_unit_test(test_st_10_four_upgrade_at_once),
        cmocka_unit_test(test_a_role_needs_no_more_than_its_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
