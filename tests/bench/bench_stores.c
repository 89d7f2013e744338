/* How large grants are in memory and in a SQLite file, and how fast the verbs of every day: grants with
 * an access and a refresh token each, as codes that are redeemed leave them.
 * usage: bench_stores FILE [GRANTS] */
#include "bench/verbs.h"

#include <istauth/memory_store.h>
#include <istauth/sqlite_store.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS 10

static unsigned grants = 1000000;

static void must(istauth_status st)
{
    if (st)
        bench_stop(istauth_status_name(st));
}

/* Texts of an ordinary length, those of bench_postgres. */
static void put_clients(const istauth_store *s)
{
    static const istauth_str back = ISTAUTH_STR_INIT("https://client.example/callback");

    for (unsigned i = 0; i < CLIENTS; i++) {
        istauth_client c = { .name = ISTAUTH_STR("Notebook"),
                             .client_uri = ISTAUTH_STR("https://client.example/"),
                             .redirect_uris = { &back, 1 },
                             .scopes = ISTAUTH_STR("mcp profile"),
                             .grant_types = 3,
                             .registered_at = BENCH_T0 };
        char id[16];

        snprintf(id, sizeof(id), "client%u", i);
        c.client_id = istauth_str_of(id);
        must(s->ops->client_put(s->ctx, &c));
    }
}

static void put_grant(const istauth_store *s, unsigned n)
{
    static const istauth_str workspaces[] = { ISTAUTH_STR_INIT("ws_engine"), ISTAUTH_STR_INIT("ws_notes") };
    istauth_code code = { .key = bench_key("code", n), .created_at = BENCH_T0, .expires_at = BENCH_T0 + 60 };
    istauth_token tokens[2] = {
        { .key = bench_key("access", n), .kind = ISTAUTH_TOKEN_ACCESS, .issued_at = BENCH_T0,
          .expires_at = BENCH_T0 + 3600 + n % 3600 },
        { .key = bench_key("refresh", n), .kind = ISTAUTH_TOKEN_REFRESH, .issued_at = BENCH_T0,
          .expires_at = BENCH_T0 + 2592000 + n % 3600 },
    };
    istauth_grant g = { .scopes = ISTAUTH_STR("mcp profile"),
                        .workspaces = { workspaces, 2 },
                        .resource = ISTAUTH_STR("https://is.example/mcp"),
                        .created_at = BENCH_T0,
                        .pending = true };
    char subject[64], client[16];

    snprintf(g.id.text, sizeof(g.id.text), "%032x", n);
    snprintf(subject, sizeof(subject), "person-%032x", n / 5);
    snprintf(client, sizeof(client), "client%u", n % CLIENTS);
    g.subject = istauth_str_of(subject);
    g.client_id = istauth_str_of(client);
    code.redirect_uri = ISTAUTH_STR("https://client.example/callback");
    code.challenge = ISTAUTH_STR("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    tokens[0].grant_id = tokens[1].grant_id = g.id;
    must(s->ops->code_put(s->ctx, &code, &g));
    must(s->ops->code_redeem(s->ctx, &code.key, (istauth_token_list){ tokens, 2 }, BENCH_T0));
}

/* All grants, without the codes that they came from. */
static void fill(const istauth_store *s)
{
    istauth_purge_bounds codes = { BENCH_T0 + 61, INT64_MIN, INT64_MIN, 1000 };
    size_t removed;

    put_clients(s);
    for (unsigned n = 1; n <= grants; n++) {
        put_grant(s, n);
        if (n % 1000 == 0)
            must(s->ops->purge(s->ctx, &codes, &removed));
    }
}

/* --- memory: what the store has asked for --- */

typedef struct meter {
    size_t bytes;
} meter;

static void *metered(void *ctx, size_t size)
{
    size_t *block = malloc(size + 16);

    if (!block)
        return NULL;
    *block = size;
    ((meter *)ctx)->bytes += size;
    return block + 2;
}

static void give_back(void *ctx, void *at)
{
    size_t *block = at;

    if (!at)
        return;
    ((meter *)ctx)->bytes -= block[-2];
    free(block - 2);
}

static void bench_memory(void)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    meter m = { 0 };
    istauth_allocator allocator = { metered, give_back, &m };
    istauth_store store;

    limits.grants = limits.codes = (size_t)grants + 1;
    limits.tokens = 4 * ((size_t)grants + 1);
    must(istauth_memory_store_new(&store, &limits, &allocator));
    fill(&store);
    printf("memory           %u grants: %zu bytes, %zu each\n", grants, m.bytes, m.bytes / grants);
    bench_verbs(&store, grants);
    istauth_memory_store_free(&store);
}

/* --- SQLite: the file, once it is packed --- */

static void pack(const char *path)
{
    sqlite3 *db;

    if (sqlite3_open(path, &db) || sqlite3_exec(db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL))
        bench_stop("VACUUM failed");
    sqlite3_close(db);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* What a commit has to wait for: 4 KiB that are on the disk. */
static void bench_disk(const char *path)
{
    static const char block[4096];
    double times[200];
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);

    for (int i = 0; i < 200; i++) {
        double start = now();

        if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block) || fdatasync(fd))
            bench_stop("the disk cannot be written");
        times[i] = now() - start;
    }
    close(fd);
    qsort(times, 200, sizeof(times[0]), by_time);
    printf("fdatasync, 4 KiB                      median %7.1f us, 99%% %7.1f us\n",
           times[100] * 1e6, times[198] * 1e6);
}

static void bench_sqlite(const char *path)
{
    istauth_sqlite_options o = ISTAUTH_SQLITE_OPTIONS_INIT;
    istauth_store store;
    struct stat file;

    o.synchronous = ISTAUTH_SQLITE_OFF;
    bench_disk(path);
    (void)unlink(path);
    must(istauth_sqlite_store_open(&store, path, &o, NULL));
    fill(&store);
    istauth_sqlite_store_close(&store);
    pack(path);
    if (stat(path, &file))
        bench_stop("no file");
    printf("SQLite           %u grants: %lld bytes, %lld each\n", grants, (long long)file.st_size,
           (long long)file.st_size / grants);
    must(istauth_sqlite_store_open(&store, path, NULL, NULL));
    bench_verbs(&store, grants);
    istauth_sqlite_store_close(&store);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        grants = (unsigned)strtoul(argv[2], NULL, 10);
    if (argc < 2 || !grants)
        bench_stop("usage: bench_stores FILE [GRANTS]");
    bench_memory();
    bench_sqlite(argv[1]);
    return 0;
}
