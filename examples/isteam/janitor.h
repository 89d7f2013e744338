/* A thread that has the server forget what has expired, every minute. */
#ifndef ISTEAM_JANITOR_H
#define ISTEAM_JANITOR_H

#include "metrics.h"

typedef struct janitor janitor;

/* Owned; NULL when it cannot start. What it does is counted. */
janitor *janitor_start(const istauth_server *server, metrics *numbers);

/* Wait for its end, and free. Takes NULL. */
void janitor_stop(janitor *j);

#endif
