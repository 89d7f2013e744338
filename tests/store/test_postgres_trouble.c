/* What PostgreSQL may answer besides a result, and what the store makes of it. */
#include "store/postgres_rig.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static istauth_postgres_options standard_options = { sizeof(standard_options), 8, 5000, "trouble",
                                                     false };
static istauth_postgres_options single_options = { sizeof(single_options), 1, 700, "trouble",
                                                   false };
static istauth_postgres_options pooled_options = { sizeof(pooled_options), 8, 5000, "trouble",
                                                   true };

static istauth_status open_store(void *env, istauth_store *out)
{
    return rig_open(out, rig_conninfo(), env);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_postgres_store_close(store);
}

#define FIXTURE(o) { .size = sizeof(istauth_store_fixture), .open = open_store, \
                     .close = close_store, .env = &(o) }
static const istauth_store_fixture standard = FIXTURE(standard_options),
                                   single = FIXTURE(single_options),
                                   pooled = FIXTURE(pooled_options);

static int64_t ms_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A session of the test's own, for locks. */
static PGconn *enter(const char *sql)
{
    PGconn *pq = PQconnectdb(rig_conninfo());
    PGresult *result = PQexec(pq, sql);

    if (PQresultStatus(result) == PGRES_FATAL_ERROR)
        fail_msg("%s", PQerrorMessage(pq));
    PQclear(result);
    return pq;
}

struct caller {
    store_world *w;
    istauth_status answer;
    pthread_t thread;
};

static void *revoke_subject(void *arg)
{
    struct caller *c = arg;
    size_t count = 0;

    c->answer = CALL(c->w, subject_revoke, ISTAUTH_STR("ada"), T0, &count);
    if (!c->answer && count != 2)
        c->answer = ISTAUTH_E_INTERNAL;
    return NULL;
}

static void start(struct caller *c, void *(*run)(void *))
{
    assert_int_equal(pthread_create(&c->thread, NULL, run, c), 0);
}

static void wait_for_waiters(int n)
{
    while (rig_number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") < n)
        poll(NULL, 0, 10);
}

static bool deadlocks(void)
{
    return rig_number("SELECT sum(deadlocks) FROM pg_stat_database") > 0;
}

/* Another holds the higher grant's lock and wants the lower one: the server ends one of them, which
 * is the store's, because the other waits for longer. */
static void test_st_06_a_deadlock_is_tried_again(void **state)
{
    store_world *w = *state;
    struct caller c = { .w = w, .answer = ISTAUTH_E_INTERNAL };
    PGconn *other;
    char sql[200];

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_app(w, 2, "ada", "app");
    snprintf(sql, sizeof(sql),
             "SET deadlock_timeout = '20s'; BEGIN;"
             "SELECT 1 FROM trouble.grants WHERE grant_id = '%s' FOR UPDATE", id_of(2).text);
    other = enter(sql);
    start(&c, revoke_subject);
    wait_for_waiters(1);
    snprintf(sql, sizeof(sql),
             "SELECT 1 FROM trouble.grants WHERE grant_id = '%s' FOR UPDATE", id_of(1).text);
    PQclear(PQexec(other, sql)); /* goes on when the store's statement was rolled back */
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    pthread_join(c.thread, NULL);
    assert_status(c.answer, ISTAUTH_OK);
    for (int i = 0; i < 200 && !deadlocks(); i++)
        poll(NULL, 0, 20); /* the server counts with a delay */
    assert_true(deadlocks());
    assert_false(is_live(w, access_key(1)));
    assert_false(is_live(w, access_key(2)));
}

static void *rotate_once(void *arg)
{
    struct caller *c = arg;

    c->answer = rotate(c->w, 1, 2);
    return NULL;
}

/* One connection, which waits for a lock: another call gets it when that gave up, or not at all,
 * and both come back in time. */
static void test_a_lock_or_a_full_pool_costs_no_more_than_the_time(void **state)
{
    store_world *w = *state;
    struct caller c = { .w = w, .answer = ISTAUTH_E_INTERNAL };
    istauth_key key = access_key(1);
    istauth_token_entry e;
    PGconn *other;
    istauth_status st;
    int64_t before, waited;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    before = ms_now();
    other = enter("BEGIN; SELECT 1 FROM trouble.grants FOR UPDATE");
    start(&c, rotate_once);
    wait_for_waiters(1);
    st = CALL(w, token_get, &key, &w->arena, &e);
    waited = ms_now() - before;
    pthread_join(c.thread, NULL);
    PQfinish(other);
    assert_true(st == ISTAUTH_E_UNAVAILABLE || st == ISTAUTH_OK);
    assert_true(waited >= 500 && waited < 2000);
    assert_status(c.answer, ISTAUTH_E_UNAVAILABLE);
    st = rotate(w, 1, 2); /* the one that gave up had no effect, or all of it */
    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_SPENT);
    assert_true(is_live(w, refresh_key(2)));
}

#define RACERS 4

struct racer {
    struct caller call;
    unsigned round, number;
};

static void *race_rotation(void *arg)
{
    struct racer *r = arg;

    r->call.answer = rotate(r->call.w, r->round * 10, r->round * 10 + 1 + r->number);
    return NULL;
}

static void race(store_world *w, unsigned rounds)
{
    have_client(w, "app");
    for (unsigned round = 1; round <= rounds; round++) {
        struct racer racers[RACERS];
        int won = 0;

        have_app(w, round * 10, "ada", "app");
        for (unsigned i = 0; i < RACERS; i++) {
            racers[i].call.w = w;
            racers[i].round = round;
            racers[i].number = i;
            assert_int_equal(
                pthread_create(&racers[i].call.thread, NULL, race_rotation, &racers[i]), 0);
        }
        for (unsigned i = 0; i < RACERS; i++) {
            pthread_join(racers[i].call.thread, NULL);
            won += racers[i].call.answer == ISTAUTH_OK;
            if (racers[i].call.answer)
                assert_status(racers[i].call.answer, ISTAUTH_E_SPENT);
        }
        assert_int_equal(won, 1);
    }
}

/* Sessions of a proxy's have what the database sets: a conflict is a 40001, and is tried again. */
static void test_st_06_serializable_by_default_does_not_matter(void **state)
{
    store_world *w = *state;

    rig_do("ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'");
    race(w, 60);
    rig_do("ALTER DATABASE postgres RESET default_transaction_isolation");
}

/* The server has room for two, the pool for eight: the others take turns. */
static void test_st_06_too_many_connections_are_waited_for(void **state)
{
    istauth_store kept = ((store_world *)*state)->store;
    store_world *w = *state;
    char host[64], conninfo[160];

    rig_do("DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'few') THEN"
           " CREATE ROLE few LOGIN CONNECTION LIMIT 2; END IF; END $$");
    rig_do("GRANT USAGE ON SCHEMA trouble TO few");
    rig_do("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA trouble TO few");
    rig_host(host);
    snprintf(conninfo, sizeof(conninfo), "host=%s user=few dbname=postgres", host);
    assert_status(istauth_postgres_store_open(&w->store, conninfo, &standard_options, NULL),
                  ISTAUTH_OK);
    race(w, 30);
    istauth_postgres_store_close(&w->store);
    w->store = kept;
}

/* For sessions that are open, too. */
static void set_read_only(const char *sql, int on)
{
    rig_do(sql);
    rig_do("SELECT pg_reload_conf()");
    while (rig_number("SELECT count(*) FROM pg_settings WHERE setting = 'on'"
                      " AND name = 'default_transaction_read_only'") != on)
        poll(NULL, 0, 10);
    poll(NULL, 0, 200);
}

static void test_a_server_that_cannot_write_is_unavailable(void **state)
{
    store_world *w = *state;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    set_read_only("ALTER SYSTEM SET default_transaction_read_only = on", 1);
    assert_status(rotate(w, 1, 2), ISTAUTH_E_UNAVAILABLE);
    set_read_only("ALTER SYSTEM RESET default_transaction_read_only", 0);
    assert_status(rotate(w, 1, 2), ISTAUTH_OK);
}

/* The server answers a statement first and commits then. */
static void test_a_commit_that_fails_is_no_ok(void **state)
{
    store_world *w = *state;
    istauth_token token = personal_of(1);
    istauth_grant grant = personal_grant_of(1, "ada");
    istauth_token_entry e;

    rig_do("ALTER TABLE trouble.grants ADD CONSTRAINT late FOREIGN KEY (client_id)"
           " REFERENCES trouble.clients DEFERRABLE INITIALLY DEFERRED");
    assert_status(CALL(w, personal_put, &token, &grant), ISTAUTH_E_UNAVAILABLE);
    rig_do("ALTER TABLE trouble.grants DROP CONSTRAINT late");
    assert_status(CALL(w, token_get, &token.key, &w->arena, &e), ISTAUTH_E_NOT_FOUND);
    have_personal(w, 1, "ada");
}

static const char *const nasty[] = {
    "'; DROP TABLE trouble.grants; --", "\\", "\"", "%", "_", "$1", "{a,b}", "NULL", "E'\\x00'",
    "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x94\x91", "a\nb\tc\r", "@clients", ":name", "?", "''", "",
};

static void test_st_09_texts_are_no_sql(void **state)
{
    store_world *w = *state;

    for (unsigned n = 0; n < sizeof(nasty) / sizeof(nasty[0]); n++) {
        istauth_str text = istauth_str_of(nasty[n]), list[2] = { text, text };
        istauth_client client = client_of("x"), got;
        istauth_grant grant = grant_of(n, nasty[n], "x"), kept;
        istauth_code code = code_of(n);
        size_t count;

        grant.client_id = client.client_id = text.n ? text : ISTAUTH_STR("x");
        client.name = client.software_id = client.scopes = client.jwks = text;
        client.redirect_uris.items = grant.workspaces.items = list;
        grant.scopes = grant.resource = code.redirect_uri = code.challenge = code.nonce = text;
        assert_status(CALL(w, client_put, &client), ISTAUTH_OK);
        assert_status(CALL(w, client_get, client.client_id, &w->arena, &got), ISTAUTH_OK);
        assert_text(got.name, nasty[n]);
        assert_text(got.redirect_uris.items[1], nasty[n]);
        assert_status(CALL(w, code_put, &code, &grant), ISTAUTH_OK);
        kept = code_at(w, n).grant;
        assert_grants_equal(&kept, &grant);
        assert_text(code_at(w, n).code.nonce, nasty[n]);
        assert_status(redeem(w, n, n), ISTAUTH_OK);
        assert_status(CALL(w, workspace_remove, text, text, T0, &count), ISTAUTH_OK);
        assert_int_equal(count, 1);
        assert_int_equal(token_at(w, access_key(n)).grant.workspaces.count, 0);
    }
}

static const istauth_str broken[] = {
    ISTAUTH_STR_INIT("a\0b"),         ISTAUTH_STR_INIT("\xFF"),     ISTAUTH_STR_INIT("\xC3"),
    ISTAUTH_STR_INIT("\xC0\x80"),     ISTAUTH_STR_INIT("\xE0\x9F\xBF"),
    ISTAUTH_STR_INIT("\xED\xA0\x80"), ISTAUTH_STR_INIT("\xF4\x90\x80\x80"),
    ISTAUTH_STR_INIT("\xF0\x8F\xBF\xBF"), ISTAUTH_STR_INIT("\xE2\x82"),
    ISTAUTH_STR_INIT("\xF5\x80\x80\x80"), ISTAUTH_STR_INIT("\x80"),
};

/* They are no texts of the database's: they cannot be put, and name nothing that is there. */
static void test_st_09_a_nul_and_broken_utf_8_name_nothing(void **state)
{
    store_world *w = *state;
    istauth_id id = id_of(1);
    istauth_client got;
    istauth_grant_entries list;
    size_t count;

    have_personal(w, 1, "ada");
    for (unsigned i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        istauth_client client = client_of("app");

        client.name = broken[i];
        assert_status(CALL(w, client_put, &client), ISTAUTH_E_UNAVAILABLE);
        assert_status(CALL(w, client_get, client.client_id, &w->arena, &got), ISTAUTH_E_NOT_FOUND);
        assert_status(CALL(w, client_get, broken[i], &w->arena, &got), ISTAUTH_E_NOT_FOUND);
        assert_status(CALL(w, client_delete, broken[i], T0), ISTAUTH_E_NOT_FOUND);
        assert_status(CALL(w, app_list, broken[i], 9, &w->arena, &list), ISTAUTH_OK);
        assert_int_equal(list.count, 0);
        assert_status(CALL(w, personal_revoke, broken[i], &id, T0), ISTAUTH_E_NOT_FOUND);
        assert_status(CALL(w, subject_revoke, broken[i], T0, &count), ISTAUTH_OK);
        assert_int_equal(count, 0);
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), broken[i], T0, &count),
                      ISTAUTH_OK);
        assert_int_equal(count, 0);
    }
    assert_true(is_live(w, personal_key(1)));
}

/* The ends of what UTF-8 can say, which the database takes as well. */
static void test_st_09_whole_characters_are_texts(void **state)
{
    static const char *const whole[] = { "\x01", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
                                         "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF",
                                         "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF" };
    store_world *w = *state;

    for (unsigned i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        have_client(w, whole[i]);
    for (unsigned i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        client_at(w, whole[i]);
}

static void test_an_id_that_is_none_keeps_nobody_connected(void **state)
{
    const istauth_str ids[] = { ISTAUTH_STR_INIT("\xFF"), ISTAUTH_STR_INIT("app") };
    const istauth_str_list list = { ids, 2 };
    store_world *w = *state;
    size_t count = 0;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    assert_status(CALL(w, app_disconnect, ISTAUTH_STR("ada"), list, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 1);
    assert_false(is_live(w, access_key(1)));
}

/* --- opening --- */

static void assert_refused(const char *conninfo, const istauth_postgres_options *options,
                           istauth_status want, const char *detail)
{
    istauth_store store = { NULL, NULL };
    istauth_error error = { ISTAUTH_OK, "" };
    int64_t before = ms_now();

    assert_status(istauth_postgres_store_open(&store, conninfo, options, &error), want);
    assert_true(ms_now() - before < options->timeout_ms + 500);
    assert_null(store.ctx);
    assert_status(error.status, want);
    if (!strstr(error.detail, detail))
        fail_msg("\"%s\" does not say \"%s\"", error.detail, detail);
    assert_null(strstr(error.detail, "hush"));
}

static void test_open_says_what_is_wrong(void **state)
{
    istauth_postgres_options o = ISTAUTH_POSTGRES_OPTIONS_INIT;

    (void)state;
    o.timeout_ms = 300;
    assert_refused("password=hu sh=hush x", &o, ISTAUTH_E_ARGUMENT, "conninfo");
    assert_refused("host=/nonexistent password=hush", &o, ISTAUTH_E_UNAVAILABLE, "nonexistent");
    o.schema = "a;b";
    assert_refused(rig_conninfo(), &o, ISTAUTH_E_ARGUMENT, "schema");
    o.schema = "1a";
    assert_refused(rig_conninfo(), &o, ISTAUTH_E_ARGUMENT, "schema");
    o.schema = "istauth";
    o.connections = 0;
    assert_refused(rig_conninfo(), &o, ISTAUTH_E_ARGUMENT, "connections");
    o.connections = 8;
    o.timeout_ms = 9;
    assert_refused(rig_conninfo(), &o, ISTAUTH_E_ARGUMENT, "timeout_ms");
    o.timeout_ms = 300;
    o.size--;
    assert_refused(rig_conninfo(), &o, ISTAUTH_E_ARGUMENT, "INIT");
}

static void test_a_database_that_is_not_utf8_is_refused(void **state)
{
    istauth_postgres_options o = ISTAUTH_POSTGRES_OPTIONS_INIT;
    char host[64], conninfo[160];

    (void)state;
    rig_do("DROP DATABASE IF EXISTS latin");
    rig_do("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0"
           " LC_COLLATE 'C' LC_CTYPE 'C'");
    rig_host(host);
    snprintf(conninfo, sizeof(conninfo), "host=%s user=istauth dbname=latin", host);
    o.timeout_ms = 1000;
    assert_refused(conninfo, &o, ISTAUTH_E_CONFIG, "UTF8");
    rig_do("DROP DATABASE latin");
}

/* A socket that nobody accepts on, in a directory of its own. */
static int deaf_server(char dir[64])
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(dir, 64, "/tmp/istauth-deaf.XXXXXX");
    assert_non_null(mkdtemp(dir));
    snprintf(a.sun_path, sizeof(a.sun_path), "%s/.s.PGSQL.5432", dir);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    assert_int_equal(listen(fd, 16), 0);
    return fd;
}

/* A host that does not answer leaves time for the next. */
static void test_of_several_hosts_the_next_is_tried(void **state)
{
    istauth_postgres_options o = ISTAUTH_POSTGRES_OPTIONS_INIT;
    char host[64], dir[64], path[128], conninfo[400];
    int fd = deaf_server(dir);
    istauth_store store;

    (void)state;
    o.schema = "trouble";
    o.timeout_ms = 900;
    snprintf(conninfo, sizeof(conninfo), "host=%s password=hush", dir);
    assert_refused(conninfo, &o, ISTAUTH_E_UNAVAILABLE, "no answer in time");
    rig_host(host);
    snprintf(conninfo, sizeof(conninfo), "host=/nonexistent,%s,%s user=istauth dbname=postgres",
             dir, host);
    assert_status(istauth_postgres_store_open(&store, conninfo, &o, NULL), ISTAUTH_OK);
    istauth_postgres_store_close(&store);
    close(fd);
    snprintf(path, sizeof(path), "%s/.s.PGSQL.5432", dir);
    unlink(path);
    rmdir(dir);
}

static void test_close_takes_what_was_never_opened(void **state)
{
    istauth_store store = { NULL, NULL };

    (void)state;
    istauth_postgres_store_close(&store);
    assert_null(store.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_STORE(standard, test_st_06_a_deadlock_is_tried_again),
        WITH_STORE(single, test_a_lock_or_a_full_pool_costs_no_more_than_the_time),
        WITH_STORE(pooled, test_st_06_serializable_by_default_does_not_matter),
        WITH_STORE(standard, test_st_06_too_many_connections_are_waited_for),
        WITH_STORE(standard, test_a_server_that_cannot_write_is_unavailable),
        WITH_STORE(single, test_a_commit_that_fails_is_no_ok),
        WITH_STORE(standard, test_st_09_texts_are_no_sql),
        WITH_STORE(pooled, test_st_09_texts_are_no_sql),
        WITH_STORE(standard, test_st_09_a_nul_and_broken_utf_8_name_nothing),
        WITH_STORE(standard, test_st_09_whole_characters_are_texts),
        WITH_STORE(standard, test_an_id_that_is_none_keeps_nobody_connected),
        cmocka_unit_test(test_open_says_what_is_wrong),
        cmocka_unit_test(test_a_database_that_is_not_utf8_is_refused),
        cmocka_unit_test(test_of_several_hosts_the_next_is_tried),
        cmocka_unit_test(test_close_takes_what_was_never_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
