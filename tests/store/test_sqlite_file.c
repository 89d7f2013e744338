/* Files that are new, old, newer, not ours, damaged or read-only: a clear answer, and what is
 * not ours is left as it is. */
#include "support/sqlite_world.h"

#include "stores/sqlite_i.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
    assert_says("PRAGMA user_version", "3");
    store_world_free(w);
}

static void test_st_10_a_newer_file_is_refused(void **state)
{
    store_world *w = world_new();

    (void)state;
    furnish(w);
    istauth_sqlite_store_close(&w->store);
    sql("PRAGMA user_version = 9");
    assert_refused_and_left("newer libistauth (schema 9, this one knows 3)");
    sql("PRAGMA user_version = 3");
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
    sql("PRAGMA application_id = 1232290165; PRAGMA user_version = 3;"
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
