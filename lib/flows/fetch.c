#include "flows/fetch_i.h"

istauth_status istauth__fetch(istauth_fetched *fetched, const istauth__call *call, istauth_str url,
                              size_t limit)
{
    const istauth_fetcher *fetcher = &call->server->config.fetcher;
    istauth_status st = fetcher->get(fetcher->ctx, fetched, url, limit, call->arena);

    if (!st && fetched->body.n > limit)
        return ISTAUTH_E_INTERNAL;
    if (!st || st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_UNAVAILABLE ||
        st == ISTAUTH_E_NO_MEMORY)
        return st;
    return ISTAUTH_E_INTERNAL;
}
