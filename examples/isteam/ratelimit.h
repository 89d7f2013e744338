/* How often one address may call one endpoint: a token bucket for each pair, in bounded memory. */
#ifndef ISTEAM_RATELIMIT_H
#define ISTEAM_RATELIMIT_H

#include <istauth.h>

/* What is limited: an istauth_endpoint, or the sign-in form. */
#define RATELIMIT_SIGN_IN 64u

typedef struct ratelimit ratelimit;

/* Owned; NULL when there is no memory. Loopback addresses are spared unless `limit_loopback`: a
 * developer's machine is one address. Freeing takes NULL. */
ratelimit *ratelimit_new(bool limit_loopback);
void ratelimit_free(ratelimit *limit);

/* 0 admits; otherwise the seconds after which to try again. An IPv6 address stands for its /64,
 * since one subscriber has all of it. */
unsigned ratelimit_admit(ratelimit *limit, unsigned what, istauth_str address);

#endif
