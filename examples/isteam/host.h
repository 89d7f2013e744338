/* What libistauth asks of its host: accounts, workspaces, admission, the audit log. */
#ifndef ISTEAM_HOST_H
#define ISTEAM_HOST_H

#include "metrics.h"
#include "ratelimit.h"

typedef struct host {
    ratelimit *limit;
    istauth_str origin; /* of the site: pictures are there */
    metrics *numbers;   /* NULL: events are not counted */
} host;

/* The library's own scopes, with sentences that say what they are about on this site. */
const istauth_scope *host_scopes(size_t *count);

/* The hooks of this host, which outlives every server that uses them. */
istauth_hooks host_hooks(host *self);

#endif
