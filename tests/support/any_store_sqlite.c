/* A file in a folder of its own, in memory where there is a file system for that. */
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

/* Whatever of the file is text can then be searched as text. */
static char *append_file(char *to, size_t *n, const char *path)
{
    FILE *f = fopen(path, "rb");
    size_t more;
    long size;

    if (!f)
        return to;
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    size = ftell(f);
    rewind(f);
    to = realloc(to, *n + (size_t)size + 1);
    assert_non_null(to);
    more = fread(to + *n, 1, (size_t)size, f);
    fclose(f);
    for (size_t i = 0; i < more; i++)
        if (!to[*n + i])
            to[*n + i] = '\n';
    *n += more;
    to[*n] = '\0';
    return to;
}

static char *dump_sqlite(const any_store *s)
{
    char path[160], *all = calloc(1, 1);
    size_t n = 0;

    assert_non_null(all);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        path_of(path, sizeof(path), s, files[i]);
        all = append_file(all, &n, path);
    }
    return all;
}

const any_store_kind any_store_sqlite = { "sqlite", open_sqlite, close_sqlite, dump_sqlite };
