/* Files that are new, old, newer, not ours, damaged, full or locked: a clear answer, and nothing
 * half-written. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include "stores/sqlite_i.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static sqlite_place place;
static istauth_store_fixture fixture;

static int fresh(void **state)
{
    (void)state;
    sqlite_place_init(&place);
    fixture = sqlite_fixture(&place);
    return 0;
}

static int wipe(void **state)
{
    (void)state;
    sqlite_place_wipe(&place);
    return 0;
}

static store_world *world_new(void)
{
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    store_world *w = store_world_new(&fixture, &options);

    assert_non_null(w);
    store_world_open(w);
    return w;
}

static void furnish(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
    assert_status(rotate(w, 1, 4), ISTAUTH_OK);
}

static void sql(const char *text)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL))
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The first column of the first row. */
static void assert_says(const char *text, const char *want)
{
    sqlite3_stmt *s;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(s, 0), want);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void assert_sound(void)
{
    assert_says("PRAGMA integrity_check", "ok");
    assert_says("SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_says("SELECT (SELECT count(*) FROM istauth_token WHERE length(key) <> 32)"
                " + (SELECT count(*) FROM istauth_code WHERE length(key) <> 32)"
                " + (SELECT count(*) FROM istauth_nonce WHERE length(key) <> 32)",
                "0");
}

/* All bytes of the file; freed by the caller. */
static char *bytes(long *n)
{
    FILE *f = fopen(place.file, "rb");
    char *all;

    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    *n = ftell(f);
    rewind(f);
    all = malloc((size_t)*n + 1);
    assert_non_null(all);
    assert_int_equal(fread(all, 1, (size_t)*n, f), *n);
    fclose(f);
    return all;
}

static void put_bytes(const char *text, size_t n)
{
    FILE *f = fopen(place.file, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void assert_refused(const char *detail)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    istauth_store store = { NULL, NULL };
    istauth_error error;

    options.busy_timeout_ms = 50;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, &error),
                  ISTAUTH_E_UNAVAILABLE);
    assert_status(error.status, ISTAUTH_E_UNAVAILABLE);
    if (!strstr(error.detail, detail))
        fail_msg("\"%s\" does not say \"%s\"", error.detail, detail);
    assert_null(store.ctx);
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_UNAVAILABLE);
}

static void assert_refused_and_left(const char *detail)
{
    long before_n, after_n;
    char *before = bytes(&before_n), *after;

    assert_refused(detail);
    after = bytes(&after_n);
    assert_int_equal(after_n, before_n);
    assert_memory_equal(after, before, (size_t)before_n);
    free(before);
    free(after);
}

static void test_arguments(void **state)
{
    static const char *const paths[] = { NULL, "", ":memory:", ":", "file:x?mode=memory" };
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    const istauth_sqlite_options good = options;
    istauth_store store = { NULL, NULL };
    istauth_error error;

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        assert_status(istauth_sqlite_store_open(&store, paths[i], NULL, &error),
                      ISTAUTH_E_ARGUMENT);
    options.readers = 0;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_ARGUMENT);
    options.readers = 257;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_ARGUMENT);
    options = good;
    options.size--;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_ARGUMENT);
    options = good;
    options.synchronous = (istauth_sqlite_synchronous)3;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_ARGUMENT);
    options = good;
    options.busy_timeout_ms = 3600001;
    assert_status(istauth_sqlite_store_open(&store, place.file, &options, NULL),
                  ISTAUTH_E_ARGUMENT);
    assert_int_equal(access(place.file, F_OK), -1);
    istauth_sqlite_store_close(&store);
    istauth_sqlite_store_close(NULL);
}

static void test_a_folder_that_is_not_there(void **state)
{
    istauth_store store;
    istauth_error error;

    (void)state;
    assert_status(istauth_sqlite_store_open(&store, "/nowhere/at/all", NULL, &error),
                  ISTAUTH_E_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "folder"));
    assert_status(istauth_sqlite_store_open(&store, place.folder, NULL, &error),
                  ISTAUTH_E_UNAVAILABLE);
    assert_non_null(strstr(error.detail, "cannot be opened"));
}

static unsigned mode_of(const char *end)
{
    char path[112];
    struct stat s;

    (void)snprintf(path, sizeof(path), "%s%s", place.file, end);
    assert_int_equal(stat(path, &s), 0);
    return s.st_mode & 0777;
}

static void test_a_new_file_is_the_owners_alone(void **state)
{
    mode_t mask = umask(0);
    store_world *w = world_new();

    (void)state;
    have_client(w, "app");
    (void)umask(mask);
    assert_int_equal(mode_of(""), 0600);
    assert_int_equal(mode_of("-wal"), 0600);
    assert_int_equal(mode_of("-shm"), 0600);
    store_world_free(w);
}

static void test_reopening_keeps_everything(void **state)
{
    store_world *w = world_new();
    char *before;

    (void)state;
    furnish(w);
    before = strdup(snapshot(w));
    for (int i = 0; i < 3; i++) {
        assert_status(fixture.reopen(fixture.env, &w->store), ISTAUTH_OK);
        assert_string_equal(snapshot(w), before);
    }
    free(before);
    assert_sound();
    store_world_free(w);
}

static void test_a_file_of_no_bytes_becomes_a_store(void **state)
{
    store_world *w;

    (void)state;
    put_bytes("", 0);
    w = world_new();
    furnish(w);
    assert_sound();
    store_world_free(w);
}

/* Made by the text of version 1, with a row of everything in it. */
static void old_file(void)
{
    sql(istauth__sqlite_migrations[0]);
    sql("INSERT INTO istauth_client VALUES (7, 'app', 0, 0, 'Notebook', 'https://client.example/',"
        " '', '', '', '', '', '2:a:,0:,', 'mcp', 3, 1, 1000000, 0, zeroblob(32), 0, zeroblob(32),"
        " '', '', '', '', 0);"
        "INSERT INTO istauth_grant VALUES (3, '00000000000000000000000000000001', 'ada', 'app', 0,"
        " 0, '', 'mcp', '4:ws_a,4:ws_b,', 'https://is.example/mcp', 0, 5, 6, 0, 0, 0);"
        "INSERT INTO istauth_code VALUES (3, CAST(zeroblob(31) || x'07' AS BLOB),"
        " 'http://127.0.0.1/', 'c', 'n', 5, 65, 1);"
        "INSERT INTO istauth_nonce VALUES (CAST(zeroblob(31) || x'09' AS BLOB), 99);");
}

static void old_token(const istauth_key *key)
{
    sqlite3_stmt *s;
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(
                         db, "INSERT INTO istauth_token VALUES (?1, 3, 2, '', 6, 9, 0, 0)", -1, &s,
                         NULL), SQLITE_OK);
    sqlite3_bind_blob(s, 1, key->bytes, sizeof(key->bytes), SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(s), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_st_10_an_old_file_is_brought_up_to_date(void **state)
{
    const istauth_retry retry = { ISTAUTH_STR_INIT("sealed"), 70 };
    istauth_key key = refresh_key(1), code = { { 0 } };
    istauth_code_entry entry;
    istauth_retry kept;
    pair p = pair_of(2);
    store_world *w;

    (void)state;
    old_file();
    old_token(&key);
    w = world_new();
    assert_text(client_at(w, "app").name, "Notebook");
    assert_int_equal(client_at(w, "app").redirect_uris.count, 2);
    assert_int_equal(token_at(w, key).grant.workspaces.count, 2);
    assert_text(token_at(w, key).grant.workspaces.items[1], "ws_b");
    assert_int_equal(token_at(w, key).grant.issued_at, 6);
    code.bytes[31] = 7;
    assert_status(CALL(w, code_get, &code, &w->arena, &entry), ISTAUTH_OK);
    assert_true(entry.code.spent);
    code.bytes[31] = 9;
    assert_status(CALL(w, nonce_claim, &code, 1), ISTAUTH_E_EXISTS);
    assert_status(CALL(w, refresh_rotate, &key, pair_list(&p), &retry, 8), ISTAUTH_OK);
    assert_status(CALL(w, retry_get, &key, &w->arena, &kept), ISTAUTH_OK);
    assert_text(kept.sealed, "sealed");
    assert_sound();
    assert_says("PRAGMA user_version", "2");
    store_world_free(w);
}

static void test_st_10_a_newer_file_is_refused(void **state)
{
    store_world *w = world_new();

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    sql("PRAGMA user_version = 9");
    assert_refused_and_left("newer libistauth (schema 9, this one knows 2)");
    sql("PRAGMA user_version = 2");
    assert_status(fixture.open(fixture.env, &w->store), ISTAUTH_OK);
    assert_true(is_live(w, access_key(1)));
    store_world_free(w);
}

static void test_what_is_not_ours_is_left_alone(void **state)
{
    (void)state;
    sql("CREATE TABLE theirs (x)");
    assert_refused_and_left("not a libistauth store");
    sql("DROP TABLE theirs; PRAGMA application_id = 7");
    assert_refused_and_left("not a libistauth store");
    sql("PRAGMA application_id = 0; PRAGMA user_version = 1");
    assert_refused_and_left("not a libistauth store");
    sql("PRAGMA application_id = 1232290165; PRAGMA user_version = 0");
    assert_refused_and_left("not a libistauth store");
    sql("PRAGMA user_version = -1");
    assert_refused_and_left("not a libistauth store");
    put_bytes("Dear diary, today I was a text file. ", 37);
    assert_refused_and_left("nor any SQLite file");
}

/* Ours by its header, but not by its tables. */
static void test_a_file_without_its_tables_is_refused(void **state)
{
    (void)state;
    sql("PRAGMA application_id = 1232290165; PRAGMA user_version = 2;"
        "CREATE TABLE istauth_code (x)");
    assert_refused("corrupt");
}

/* Opens or not; what is there is never denied. */
static void assert_never_not_found(void)
{
    istauth_store store;
    istauth_key key = access_key(1), code = code_key(2);
    char buffer[4096];
    istauth_arena arena;
    istauth_token_entry token;
    istauth_code_entry entry;
    istauth_client client;
    pair p = pair_of(9);

    if (fixture.open(fixture.env, &store))
        return;
    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    assert_status(store.ops->token_get(store.ctx, &key, &arena, &token), ISTAUTH_E_UNAVAILABLE);
    assert_status(store.ops->code_get(store.ctx, &code, &arena, &entry), ISTAUTH_E_UNAVAILABLE);
    assert_status(store.ops->client_get(store.ctx, ISTAUTH_STR("app"), &arena, &client),
                  ISTAUTH_E_UNAVAILABLE);
    assert_status(store.ops->code_redeem(store.ctx, &code, pair_list(&p), T0),
                  ISTAUTH_E_UNAVAILABLE);
    istauth_arena_wipe(&arena);
    istauth_sqlite_store_close(&store);
}

static void test_a_corrupt_file_never_says_not_found(void **state)
{
    store_world *w = world_new();
    char *all;
    long n;

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    all = bytes(&n);
    memset(all + 8192, 0xFF, (size_t)n - 8192); /* the first page names the tables, or begins to */
    put_bytes(all, (size_t)n);
    assert_never_not_found();
    free(all);
    store_world_free(w);
}

static void test_a_truncated_file_is_refused(void **state)
{
    store_world *w = world_new();
    char *all;
    long n;

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    all = bytes(&n);
    put_bytes(all, (size_t)n / 2);
    assert_refused("corrupt");
    put_bytes(all, 4096);
    assert_refused("corrupt");
    put_bytes(all, 100);
    assert_refused("corrupt");
    put_bytes(all, 50);
    assert_refused("the file");
    free(all);
    store_world_free(w);
}

/* The superuser may write anywhere: a child gives that up first. */
static void test_a_read_only_file_is_refused(void **state)
{
    store_world *w = world_new();
    int status;
    pid_t child;

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    assert_int_equal(chmod(place.folder, 0755), 0);
    assert_int_equal(chmod(place.file, 0444), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        istauth_store store;
        istauth_error error = { ISTAUTH_OK, "" };
        istauth_status st;

        if (geteuid() == 0 && setuid(65534))
            _exit(2);
        st = istauth_sqlite_store_open(&store, place.file, NULL, &error);
        _exit(st == ISTAUTH_E_UNAVAILABLE && strstr(error.detail, "read-only") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(chmod(place.file, 0600), 0);
    store_world_free(w);
}

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

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, fresh, wipe)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_arguments),
        IN_PLACE(test_a_folder_that_is_not_there),
        IN_PLACE(test_a_new_file_is_the_owners_alone),
        IN_PLACE(test_reopening_keeps_everything),
        IN_PLACE(test_a_file_of_no_bytes_becomes_a_store),
        IN_PLACE(test_st_10_an_old_file_is_brought_up_to_date),
        IN_PLACE(test_st_10_a_newer_file_is_refused),
        IN_PLACE(test_what_is_not_ours_is_left_alone),
        IN_PLACE(test_a_file_without_its_tables_is_refused),
        IN_PLACE(test_a_corrupt_file_never_says_not_found),
        IN_PLACE(test_a_truncated_file_is_refused),
        IN_PLACE(test_a_read_only_file_is_refused),
        IN_PLACE(test_a_lock_that_is_kept_too_long),
        IN_PLACE(test_connections_that_are_kept_too_long),
        IN_PLACE(test_a_full_file),
        IN_PLACE(test_a_full_disk),
        IN_PLACE(test_st_09_texts_are_never_sql),
        IN_PLACE(test_with_full_synchronisation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
