/* Locks that are kept, files and disks that are full, texts that mean harm: a clear answer, and
 * nothing half-written. */
#include "support/sqlite_world.h"

#include "stores/sqlite_i.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Another process in `sql` until the pipe that is returned is closed. */
static int hold(const char *text, pid_t *child)
{
    int ready[2], over[2];
    char byte;

    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(over), 0);
    *child = fork();
    assert_true(*child >= 0);
    if (*child == 0) {
        sqlite3 *db;

        close(over[1]);
        if (sqlite3_open(place.file, &db) || sqlite3_exec(db, text, NULL, NULL, NULL))
            _exit(1);
        if (write(ready[1], "r", 1) != 1 || read(over[0], &byte, 1) != 0)
            _exit(1);
        sqlite3_close(db);
        _exit(0);
    }
    close(over[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return over[1];
}

static void let_go(int over, pid_t child)
{
    int status;

    close(over);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_a_lock_that_is_kept_too_long(void **state)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    store_world *w = world_new();
    char *before;
    pid_t child;
    int over;

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    options.busy_timeout_ms = 50;
    assert_status(istauth_sqlite_store_open(&w->store, place.file, &options, NULL), ISTAUTH_OK);
    before = strdup(snapshot(w));
    over = hold("BEGIN IMMEDIATE", &child);
    assert_status(rotate(w, 4, 5), ISTAUTH_E_UNAVAILABLE);
    assert_string_equal(snapshot(w), before); /* reading goes on */
    let_go(over, child);
    assert_status(rotate(w, 4, 5), ISTAUTH_OK);
    free(before);
    istauth_sqlite_store_close(&w->store);
    over = hold("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE;"
                "UPDATE istauth_client SET native = 0; COMMIT", &child);
    assert_refused("locked");
    let_go(over, child);
    store_world_free(w);
}

/* Whoever waits for a connection of this process does not wait for ever either. */
static void test_connections_that_are_kept_too_long(void **state)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    struct sql_connection *reader, *writer;
    store_world *w = world_new();
    struct sql_store *m;
    istauth_client c;

    (void)state;
    have_client(w, "app");
    istauth_sqlite_store_close(&w->store);
    options.readers = 1;
    options.busy_timeout_ms = 20;
    assert_status(istauth_sqlite_store_open(&w->store, place.file, &options, NULL), ISTAUTH_OK);
    m = w->store.ctx;
    assert_status(istauth__sqlite_take(&reader, &m->readers), ISTAUTH_OK);
    assert_status(istauth__sqlite_take(&writer, &m->writer), ISTAUTH_OK);
    assert_status(CALL(w, client_get, ISTAUTH_STR("app"), &w->arena, &c), ISTAUTH_E_UNAVAILABLE);
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_E_UNAVAILABLE);
    istauth__sqlite_give(&m->readers, reader);
    istauth__sqlite_give(&m->writer, writer);
    assert_text(client_at(w, "app").name, "Notebook");
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    store_world_free(w);
}

/* Write until it fails; everything that was told OK is there, nothing of what was not. */
static void fill(store_world *w)
{
    istauth_status st = ISTAUTH_OK;
    unsigned n = 100;
    istauth_token_entry e;
    istauth_key key;

    while (!st) {
        istauth_token t = personal_of(++n);
        istauth_grant g = personal_grant_of(n, "ada");

        st = CALL(w, personal_put, &t, &g);
    }
    assert_status(st, ISTAUTH_E_UNAVAILABLE);
    for (unsigned i = 101; i < n; i++)
        assert_true(is_live(w, personal_key(i)));
    key = personal_key(n);
    assert_status(CALL(w, token_get, &key, &w->arena, &e), ISTAUTH_E_NOT_FOUND);
}

static void test_a_full_file(void **state)
{
    store_world *w = world_new();
    struct sql_store *m = w->store.ctx;
    char *before;

    (void)state;
    furnish(w);
    assert_int_equal(sqlite3_exec(m->writer.all->db, "PRAGMA max_page_count = 40", NULL, NULL,
                                  NULL), SQLITE_OK);
    fill(w);
    before = strdup(snapshot(w));
    for (int i = 0; i < 3; i++)
        assert_status(CALL(w, grant_touch, &(istauth_id){ "nobody" }, T0), ISTAUTH_E_NOT_FOUND);
    assert_string_equal(snapshot(w), before);
    free(before);
    assert_int_equal(sqlite3_exec(m->writer.all->db, "PRAGMA max_page_count = 4000", NULL, NULL,
                                  NULL), SQLITE_OK);
    assert_status(rotate(w, 4, 5), ISTAUTH_OK);
    assert_sound();
    store_world_free(w);
}

/* The disk takes no more as a commit is written. */
static void test_a_full_disk(void **state)
{
    store_world *w = world_new();
    struct rlimit old, tight;

    (void)state;
    furnish(w);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    tight = old;
    tight.rlim_cur = 300000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    fill(w);
    tight.rlim_cur = 4096; /* nor the little that was left */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_status(rotate(w, 4, 5), ISTAUTH_E_UNAVAILABLE);
    assert_true(is_live(w, refresh_key(4)));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_DFL);
    assert_status(rotate(w, 4, 5), ISTAUTH_OK);
    assert_sound();
    store_world_free(w);
}

#define HOSTILE "'; DROP TABLE istauth_client; --\"\\%_\x01 4:ws_a,`]){}?1:x@y$z"

static void test_st_09_texts_are_never_sql(void **state)
{
    const istauth_str bad = ISTAUTH_STR(HOSTILE), list[] = { bad, ISTAUTH_STR("4:ws_a,"), bad };
    store_world *w = world_new();
    istauth_client c = client_of(HOSTILE), got;
    istauth_code code = code_of(1);
    istauth_grant g = grant_of(1, HOSTILE, HOSTILE), kept;
    istauth_grant_entries apps;
    size_t count;

    (void)state;
    have_client(w, "bystander");
    c.name = c.client_uri = c.logo_uri = c.policy_uri = c.tos_uri = c.software_id =
        c.software_version = c.scopes = c.jwks = c.jwks_uri = c.resource = bad;
    c.redirect_uris.items = c.workspaces.items = list;
    c.redirect_uris.count = c.workspaces.count = 3;
    assert_status(CALL(w, client_put, &c), ISTAUTH_OK);
    assert_status(CALL(w, client_update, &c), ISTAUTH_OK);
    got = client_at(w, HOSTILE);
    assert_clients_equal(&got, &c);
    code.redirect_uri = code.challenge = code.nonce = bad;
    g.scopes = g.resource = bad;
    g.workspaces.items = list;
    g.workspaces.count = 3;
    assert_status(CALL(w, code_put, &code, &g), ISTAUTH_OK);
    kept = code_at(w, 1).grant;
    assert_grants_equal(&kept, &g);
    assert_text(code_at(w, 1).code.nonce, HOSTILE);
    assert_status(redeem(w, 1, 1), ISTAUTH_OK);
    assert_status(CALL(w, app_list, bad, 10, &w->arena, &apps), ISTAUTH_OK);
    assert_int_equal(apps.count, 1);
    assert_text(apps.items[0].redirect_uri, HOSTILE);
    assert_status(CALL(w, workspace_remove, bad, ISTAUTH_STR("ws_a"), T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 0);
    assert_status(CALL(w, workspace_remove, bad, bad, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 1);
    assert_int_equal(token_at(w, access_key(1)).grant.workspaces.count, 1);
    assert_text(token_at(w, access_key(1)).grant.workspaces.items[0], "4:ws_a,");
    assert_status(CALL(w, subject_revoke, bad, T0, &count), ISTAUTH_OK);
    assert_int_equal(count, 1);
    assert_status(CALL(w, client_delete, bad, T0), ISTAUTH_OK);
    assert_text(client_at(w, "bystander").name, "Notebook");
    assert_sound();
    store_world_free(w);
}

/* A short road with the disk waited for. */
static void test_with_full_synchronisation(void **state)
{
    store_world *w = world_new();

    (void)state;
    istauth_sqlite_store_close(&w->store);
    assert_status(istauth_sqlite_store_open(&w->store, place.file, NULL, NULL), ISTAUTH_OK);
    furnish(w);
    assert_true(is_live(w, refresh_key(4)));
    assert_sound();
    store_world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_a_lock_that_is_kept_too_long),
        IN_PLACE(test_connections_that_are_kept_too_long),
        IN_PLACE(test_a_full_file),
        IN_PLACE(test_a_full_disk),
        IN_PLACE(test_st_09_texts_are_never_sql),
        IN_PLACE(test_with_full_synchronisation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
