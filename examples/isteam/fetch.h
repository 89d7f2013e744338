/* Fetching the metadata documents of clients: with libistauth-curl, when this build has it. */
#ifndef ISTEAM_FETCH_H
#define ISTEAM_FETCH_H

#include <istauth.h>

typedef struct fetch fetch;

/* Owned. `ca_file` (may be NULL) names whom to trust instead of the system's authorities;
 * `loopback` lets documents come from this machine. NULL in *out when this build cannot fetch and
 * nothing was asked of it. False: what there was to say has been said. Freeing takes NULL. */
bool fetch_new(fetch **out, const char *ca_file, bool loopback);
void fetch_free(fetch *f);

/* `f` may be NULL: then nobody fetches. */
istauth_fetcher fetch_fetcher(fetch *f);

#endif
