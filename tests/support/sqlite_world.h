/* One SQLite file per test, and ways to look at it behind the store's back. */
#ifndef SQLITE_WORLD_H
#define SQLITE_WORLD_H

#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

#include <sqlite3.h>

static sqlite_place place;
static istauth_store_fixture fixture;

static inline int fresh(void **state)
{
    (void)state;
    sqlite_place_init(&place);
    fixture = sqlite_fixture(&place);
    return 0;
}

static inline int wipe(void **state)
{
    (void)state;
    sqlite_place_wipe(&place);
    return 0;
}

static inline store_world *world_new(void)
{
    static const istauth_store_check_options options = ISTAUTH_STORE_CHECK_OPTIONS_INIT;
    store_world *w = store_world_new(&fixture, &options);

    assert_non_null(w);
    store_world_open(w);
    return w;
}

static inline void furnish(store_world *w)
{
    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    have_code(w, 2, "ada", "app");
    have_personal(w, 3, "ada");
    assert_status(rotate(w, 1, 4), ISTAUTH_OK);
}

static inline void sql(const char *text)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(place.file, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL))
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The first column of the first row. */
static inline void assert_says(const char *text, const char *want)
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

static inline void assert_sound(void)
{
    assert_says("PRAGMA integrity_check", "ok");
    assert_says("SELECT count(*) FROM pragma_foreign_key_check", "0");
    assert_says("SELECT (SELECT count(*) FROM istauth_token WHERE length(key) <> 32)"
                " + (SELECT count(*) FROM istauth_code WHERE length(key) <> 32)"
                " + (SELECT count(*) FROM istauth_nonce WHERE length(key) <> 32)",
                "0");
}

static inline void assert_refused(const char *detail)
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

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, fresh, wipe)

#endif
