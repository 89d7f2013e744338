/* Can this process serve? It asks the store with one bounded read, at most once a second whoever asks:
 * a stranger who does it all day costs no more than that. */
#ifndef ISTEAM_HEALTH_H
#define ISTEAM_HEALTH_H

#include <istauth.h>

#define PATH_READY "/health"     /* 200 or 503: should requests be sent here? */
#define PATH_LIVE "/health/live" /* 200: the process answers, whatever the store does */

typedef struct health health;

/* Owned; NULL: no memory. */
health *health_new(const istauth_server *server);
void health_free(health *h); /* takes NULL */

/* From now on it is not ready, because it is about to end. */
void health_drain(health *h);

/* Answer a request for one of these paths; false: it is for another. */
bool health_serve(health *h, istauth_response *response, const istauth_request *request,
                  istauth_arena *arena);

#endif
