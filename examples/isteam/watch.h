/* A listener of its own for those who look after this server: /metrics, and /health as on the public
 * one. Behind a proxy every request comes from this machine, so an address could not tell an operator from
 * a stranger; another port can. */
#ifndef ISTEAM_WATCH_H
#define ISTEAM_WATCH_H

#include "health.h"
#include "metrics.h"

typedef struct watch {
    metrics *numbers;
    health *health;
} watch;

/* An httpd_handler over a watch. */
void watch_handle(void *ctx, istauth_response *response, const istauth_request *request,
                  bool too_large, istauth_arena *arena);

#endif
