#include "metrics.h"

#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TEXT_SIZE 65536 /* all there can be takes about half of it */
#define EVENTS 64       /* kinds; a later one than this library has is counted as 0, "unknown" */
#define CLASSES 6       /* of statuses: 1xx to 5xx, and what is none */

/* Upper bounds in microseconds, as they are written. */
static const struct {
    int64_t most;
    const char *text;
} buckets[] = {
    { 500, "0.0005" },   { 1000, "0.001" },  { 2500, "0.0025" }, { 5000, "0.005" },
    { 10000, "0.01" },   { 25000, "0.025" }, { 50000, "0.05" },  { 100000, "0.1" },
    { 250000, "0.25" },  { 500000, "0.5" },  { 1000000, "1" },   { 2500000, "2.5" },
    { 5000000, "5" },
};
#define BUCKETS (sizeof(buckets) / sizeof(buckets[0]))

static const char *const route_names[METRICS_ROUTES] = {
    [ISTAUTH_ENDPOINT_NONE] = NULL,    /* then it is one of ours */
    [ISTAUTH_ENDPOINT_CONSENT] = NULL, /* likewise: this host has a page of its own */
    [ISTAUTH_ENDPOINT_SERVER_METADATA] = "server_metadata",
    [ISTAUTH_ENDPOINT_RESOURCE_METADATA] = "resource_metadata",
    [ISTAUTH_ENDPOINT_REGISTER] = "register",
    [ISTAUTH_ENDPOINT_AUTHORIZE] = "authorize",
    [ISTAUTH_ENDPOINT_TOKEN] = "token",
    [ISTAUTH_ENDPOINT_REVOKE] = "revoke",
    [ISTAUTH_ENDPOINT_USERINFO] = "userinfo",
    [ISTAUTH_ENDPOINT_INTROSPECT] = "introspect",
    [ISTAUTH_ENDPOINT_OPENID_METADATA] = "openid_metadata",
    [ISTAUTH_ENDPOINT_JWKS] = "jwks",
    [ISTAUTH_ENDPOINT_CLIENT] = "client",
    [METRICS_MCP] = "mcp",
    [METRICS_PAGE] = "page",
    [METRICS_HEALTH] = "health",
    [METRICS_OTHER] = "other",
};

static const char *const class_names[CLASSES] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };

struct route_metrics {
    atomic_uint_fast64_t classes[CLASSES];
    atomic_uint_fast64_t slower_than[BUCKETS + 1]; /* than the bucket before, and not than this one */
    atomic_uint_fast64_t microseconds;
};

struct metrics {
    istauth_time started_at;
    atomic_int_fast64_t in_flight;
    struct route_metrics routes[METRICS_ROUTES];
    atomic_uint_fast64_t events[EVENTS];
    atomic_uint_fast64_t purged, purge_failures;
};

/* Nothing hangs on the order in which others see two counters. */
static void add(atomic_uint_fast64_t *counter, uint64_t n)
{
    (void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static uint64_t value(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

metrics *metrics_new(void)
{
    metrics *m = calloc(1, sizeof(*m)); /* where zero is an atomic's zero, too */

    if (m)
        m->started_at = log_now();
    return m;
}

void metrics_free(metrics *m)
{
    free(m);
}

void metrics_request_begins(metrics *m)
{
    (void)atomic_fetch_add_explicit(&m->in_flight, 1, memory_order_relaxed);
}

void metrics_request_ends(metrics *m, metrics_route route, int status, int64_t microseconds)
{
    struct route_metrics *r = &m->routes[route];
    size_t bucket = 0;

    while (bucket < BUCKETS && microseconds > buckets[bucket].most)
        bucket++;
    add(&r->classes[status >= 100 && status < 600 ? status / 100 : 0], 1);
    add(&r->slower_than[bucket], 1);
    add(&r->microseconds, (uint64_t)(microseconds > 0 ? microseconds : 0));
    (void)atomic_fetch_sub_explicit(&m->in_flight, 1, memory_order_relaxed);
}

void metrics_event(metrics *m, istauth_event_kind kind)
{
    add(&m->events[(unsigned)kind < EVENTS ? (unsigned)kind : 0], 1);
}

void metrics_purge(metrics *m, size_t removed, bool failed)
{
    add(&m->purged, removed);
    add(&m->purge_failures, failed);
}

/* --- the text --- */

struct text {
    char *p;
    size_t n;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void put(struct text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(t->p + t->n, TEXT_SIZE - t->n, format, args);
    va_end(args);
    if (n > 0)
        t->n = (size_t)n < TEXT_SIZE - t->n ? t->n + (size_t)n : TEXT_SIZE - 1;
}

static void put_head(struct text *t, const char *name, const char *type, const char *help)
{
    put(t, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_counter(struct text *t, const char *name, const char *help,
                        const atomic_uint_fast64_t *counter)
{
    put_head(t, name, "counter", help);
    put(t, "%s %" PRIu64 "\n", name, value(counter));
}

static void put_requests(struct text *t, const metrics *m)
{
    put_head(t, "isteam_requests_total", "counter", "Requests answered, by whose they were.");
    for (size_t route = 0; route < METRICS_ROUTES; route++)
        for (size_t c = 2; route_names[route] && c < CLASSES; c++) /* no other is ever sent */
            put(t, "isteam_requests_total{route=\"%s\",class=\"%s\"} %" PRIu64 "\n",
                route_names[route], class_names[c], value(&m->routes[route].classes[c]));
}

/* Buckets are cumulative; the last one is the count, so that both agree at any moment. */
static void put_durations_of(struct text *t, const struct route_metrics *r, const char *route)
{
    uint64_t count = 0;

    for (size_t b = 0; b <= BUCKETS; b++) {
        count += value(&r->slower_than[b]);
        put(t, "isteam_request_duration_seconds_bucket{route=\"%s\",le=\"%s\"} %" PRIu64 "\n", route,
            b < BUCKETS ? buckets[b].text : "+Inf", count);
    }
    put(t, "isteam_request_duration_seconds_sum{route=\"%s\"} %.6f\n", route,
        (double)value(&r->microseconds) / 1e6);
    put(t, "isteam_request_duration_seconds_count{route=\"%s\"} %" PRIu64 "\n", route, count);
}

static void put_durations(struct text *t, const metrics *m)
{
    put_head(t, "isteam_request_duration_seconds", "histogram",
             "How long an answer took, once its request was there.");
    for (size_t route = 0; route < METRICS_ROUTES; route++)
        if (route_names[route])
            put_durations_of(t, &m->routes[route], route_names[route]);
}

static void put_events(struct text *t, const metrics *m)
{
    put_head(t, "isteam_events_total", "counter", "What happened, by the library's audit log.");
    for (int kind = 0; kind < EVENTS; kind++) {
        const char *name = istauth_event_name((istauth_event_kind)kind);

        if (kind == 0 || strcmp(name, "unknown") != 0)
            put(t, "isteam_events_total{event=\"%s\"} %" PRIu64 "\n", name,
                value(&m->events[kind]));
    }
}

static void put_process(struct text *t, const metrics *m)
{
    put_head(t, "isteam_build_info", "gauge", "The library's version.");
    put(t, "isteam_build_info{version=\"%s\"} 1\n", istauth_version());
    put_head(t, "process_start_time_seconds", "gauge", "When this process began.");
    put(t, "process_start_time_seconds %" PRId64 "\n", m->started_at);
    put_head(t, "isteam_requests_in_flight", "gauge", "Requests that are being answered.");
    put(t, "isteam_requests_in_flight %" PRIdFAST64 "\n",
        atomic_load_explicit(&m->in_flight, memory_order_relaxed));
}

istauth_str metrics_text(const metrics *m, istauth_arena *arena)
{
    struct text t = { istauth_arena_alloc(arena, TEXT_SIZE), 0 };

    if (!t.p)
        return ISTAUTH_STR("");
    put_process(&t, m);
    put_requests(&t, m);
    put_durations(&t, m);
    put_events(&t, m);
    put_counter(&t, "isteam_purged_records_total", "Records that were over and are removed.",
                &m->purged);
    put_counter(&t, "isteam_purge_failures_total", "Times that the store failed to remove them.",
                &m->purge_failures);
    return (istauth_str){ t.p, t.n };
}
