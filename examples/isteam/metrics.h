/* What this process has done since it began, in numbers, for Prometheus. Any thread may count; every
 * label is one of a few that are written down here, and none is anything that a client sent. */
#ifndef ISTEAM_METRICS_H
#define ISTEAM_METRICS_H

#include <istauth.h>

/* Whose request it was: the library's endpoints, and ours behind them. */
enum { METRICS_ENDPOINTS = ISTAUTH_ENDPOINT_CONSENT + 1 };
typedef enum metrics_route {
    METRICS_MCP = METRICS_ENDPOINTS,
    METRICS_PAGE,
    METRICS_HEALTH,
    METRICS_OTHER, /* an asset, or nothing */
    METRICS_ROUTES
} metrics_route;

typedef struct metrics metrics;

/* Owned; NULL: no memory. */
metrics *metrics_new(void);
void metrics_free(metrics *m); /* takes NULL */

/* A request is being answered; how it was, and how long that took. */
void metrics_request_begins(metrics *m);
void metrics_request_ends(metrics *m, metrics_route route, int status, int64_t microseconds);
void metrics_event(metrics *m, istauth_event_kind kind);
void metrics_purge(metrics *m, size_t removed, bool failed);

/* All of it in the text format 0.0.4, in the arena; empty: no memory. */
istauth_str metrics_text(const metrics *m, istauth_arena *arena);

#endif
