/* A file in a folder of its own, in memory where there is a file system for that. */
#define _GNU_SOURCE /* memmem */
#include "support/any_store_i.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <istauth/sqlite_store.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const files[] = { "db", "db-wal", "db-shm" };

static void path_of(char *path, size_t size, const any_store *s, const char *file)
{
    assert_true(snprintf(path, size, "%s/%s", s->place, file) < (int)size);
}

/* Without waiting for a disk: what is tested here is not what survives a loss of power. */
static void open_sqlite(any_store *s, const istauth_allocator *allocator)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    istauth_error error;
    char path[160];

    (void)allocator;
    options.synchronous = ISTAUTH_SQLITE_OFF;
    snprintf(s->place, sizeof(s->place), "%s/istauth-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    assert_non_null(mkdtemp(s->place));
    path_of(path, sizeof(path), s, "db");
    if (istauth_sqlite_store_open(&s->store, path, &options, &error))
        fail_msg("%s: %s", path, error.detail);
}

static void close_sqlite(any_store *s)
{
    char path[160];

    istauth_sqlite_store_close(&s->store);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        path_of(path, sizeof(path), s, files[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(s->place), 0);
}

static bool file_holds(const char *path, const char *text)
{
    FILE *f = fopen(path, "rb");
    bool found;
    char *all;
    long n;

    if (!f)
        return false;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    n = ftell(f);
    rewind(f);
    all = malloc((size_t)n + 1);
    assert_non_null(all);
    n = (long)fread(all, 1, (size_t)n, f);
    found = memmem(all, (size_t)n, text, strlen(text));
    free(all);
    fclose(f);
    return found;
}

static bool sqlite_holds(const any_store *s, const char *text)
{
    char path[160];
    bool found = false;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !found; i++) {
        path_of(path, sizeof(path), s, files[i]);
        found = file_holds(path, text);
    }
    return found;
}

const any_store_kind any_store_sqlite = { "sqlite", open_sqlite, close_sqlite, sqlite_holds };
