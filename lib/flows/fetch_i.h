/* The host's fetcher behind its contract (fetch.h). */
#ifndef ISTAUTH_FETCH_I_H
#define ISTAUTH_FETCH_I_H

#include "flows/server_i.h"

/* One GET of a URL that may be fetched, with at most `limit` bytes of body. There must be a fetcher.
 * ISTAUTH_OK, NOT_FOUND, UNAVAILABLE, NO_MEMORY, INTERNAL (it broke its contract) */
istauth_status istauth__fetch(istauth_fetched *fetched, const istauth__call *call, istauth_str url,
                              size_t limit);

#endif
