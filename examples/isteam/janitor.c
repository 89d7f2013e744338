#include "janitor.h"

#include "log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define PAUSE_SECONDS 60
#define AT_ONCE 1000 /* records per call: the store is never busy with it for long */

struct janitor {
    const istauth_server *server;
    metrics *numbers;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

static void sweep(const janitor *j)
{
    size_t removed = AT_ONCE;

    while (removed == AT_ONCE) {
        istauth_status status = istauth_purge(&removed, j->server, AT_ONCE);

        metrics_purge(j->numbers, status ? 0 : removed, status != ISTAUTH_OK);
        if (!status)
            continue;
        log_note("purge failed: ", istauth_str_of(istauth_status_name(status)));
        return;
    }
}

static bool pause_or_stop(janitor *j)
{
    struct timespec until;
    bool stopping;
    int timed_out = 0;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PAUSE_SECONDS;
    pthread_mutex_lock(&j->lock);
    while (!j->stopping && !timed_out)
        timed_out = pthread_cond_timedwait(&j->wake, &j->lock, &until);
    stopping = j->stopping;
    pthread_mutex_unlock(&j->lock);
    return stopping;
}

static void *run(void *ctx)
{
    janitor *j = ctx;

    while (!pause_or_stop(j))
        sweep(j);
    return NULL;
}

janitor *janitor_start(const istauth_server *server, metrics *numbers)
{
    janitor *j = calloc(1, sizeof(*j));

    if (!j)
        return NULL;
    j->server = server;
    j->numbers = numbers;
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->wake, NULL);
    if (pthread_create(&j->thread, NULL, run, j) == 0)
        return j;
    pthread_cond_destroy(&j->wake);
    pthread_mutex_destroy(&j->lock);
    free(j);
    return NULL;
}

void janitor_stop(janitor *j)
{
    if (!j)
        return;
    pthread_mutex_lock(&j->lock);
    j->stopping = true;
    pthread_cond_signal(&j->wake);
    pthread_mutex_unlock(&j->lock);
    pthread_join(j->thread, NULL);
    pthread_cond_destroy(&j->wake);
    pthread_mutex_destroy(&j->lock);
    free(j);
}
