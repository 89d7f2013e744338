/* What libistauth asks of its host: accounts, workspaces, admission, the audit log. */
#ifndef ISTEAM_HOST_H
#define ISTEAM_HOST_H

#include "ratelimit.h"

/* The hooks of this host; `limit` outlives every server that uses them. */
istauth_hooks host_hooks(ratelimit *limit);

#endif
