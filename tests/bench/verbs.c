#include "bench/verbs.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECONDS 5

static const istauth_store *store;
static unsigned grants;

void bench_stop(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

istauth_key bench_key(const char *kind, unsigned n)
{
    char text[32];

    snprintf(text, sizeof(text), "%s%u", kind, n);
    return istauth_token_key(istauth_str_of(text));
}

struct worker {
    unsigned number, done;
    double *times; /* of the first ones */
    double seconds;
    istauth_status (*step)(const struct worker *me, unsigned i);
    pthread_t thread;
};

#define TIMES 200000

static istauth_status get(const struct worker *me, unsigned i)
{
    char buffer[4096];
    istauth_arena arena;
    istauth_key key = bench_key("access", (i * 7919u + me->number * 13u) % grants + 1);
    istauth_token_entry e;
    istauth_status st;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    st = store->ops->token_get(store->ctx, &key, &arena, &e);
    istauth_arena_wipe(&arena);
    return st;
}

static istauth_status rotate(const struct worker *me, unsigned i)
{
    unsigned n = (i * BENCH_THREADS + me->number) % grants + 1;
    istauth_token tokens[2] = {
        { .kind = ISTAUTH_TOKEN_ACCESS, .issued_at = BENCH_T0, .expires_at = BENCH_T0 + 3600 },
        { .kind = ISTAUTH_TOKEN_REFRESH, .issued_at = BENCH_T0, .expires_at = BENCH_T0 + 2592000 },
    };
    istauth_key old = bench_key("refresh", n);

    tokens[0].key = bench_key("new-access", n);
    tokens[1].key = bench_key("new-refresh", n);
    return store->ops->refresh_rotate(store->ctx, &old, (istauth_token_list){ tokens, 2 }, NULL,
                                      BENCH_T0);
}

static void *work(void *arg)
{
    struct worker *me = arg;
    double start = now(), before = start, after;

    do {
        if (me->step(me, me->done))
            bench_stop("a verb failed");
        after = now();
        if (me->done < TIMES)
            me->times[me->done] = after - before;
        me->done++;
        before = after;
    } while (after - start < SECONDS && me->done < grants / BENCH_THREADS); /* a token is good once */
    me->seconds = after - start;
    return NULL;
}

static int by_time(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void measure(const char *name, istauth_status (*step)(const struct worker *, unsigned),
                    unsigned threads)
{
    struct worker workers[BENCH_THREADS];
    unsigned all = 0, n;

    for (unsigned i = 0; i < threads; i++) {
        struct worker w = { .number = i, .step = step, .times = calloc(TIMES, sizeof(double)) };

        workers[i] = w;
        if (!w.times || pthread_create(&workers[i].thread, NULL, work, &workers[i]))
            bench_stop("no memory");
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        all += workers[i].done;
    }
    n = workers[0].done < TIMES ? workers[0].done : TIMES;
    qsort(workers[0].times, n, sizeof(double), by_time);
    printf("%-16s %u threads: %8.0f/s, median %7.1f us, 99%% %7.1f us\n", name, threads,
           all / workers[0].seconds, workers[0].times[n / 2] * 1e6,
           workers[0].times[n - 1 - n / 100] * 1e6);
    for (unsigned i = 0; i < threads; i++)
        free(workers[i].times);
}

/* The access tokens of an hour are over. */
static void measure_purge(void)
{
    istauth_purge_bounds bounds = { BENCH_T0 + 7200, INT64_MIN, BENCH_T0, 1000 };
    double start = now();
    size_t all = 0, removed;
    unsigned calls = 0;

    do {
        if (store->ops->purge(store->ctx, &bounds, &removed))
            bench_stop("purge failed");
        all += removed;
        calls++;
    } while (removed && now() - start < 2 * SECONDS);
    printf("%-16s %zu records in %u calls: %.0f/s, %.1f ms a call\n", "purge", all, calls,
           (double)all / (now() - start), (now() - start) * 1e3 / calls);
}

void bench_verbs(const istauth_store *s, unsigned n)
{
    store = s;
    grants = n;
    measure("token_get", get, 1);
    measure("token_get", get, BENCH_THREADS);
    measure("refresh_rotate", rotate, BENCH_THREADS);
    measure_purge();
}
