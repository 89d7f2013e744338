#include "fetch.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef ISTEAM_CURL
#include <istauth/curl_fetch.h>

#include <pthread.h>

/* Whoever waits for a stranger's server holds one of our threads meanwhile: not more than that many
 * of them, and not for long. */
#define AT_ONCE 2
#define MILLISECONDS_MAX 3000

struct fetch {
    istauth_curl *curl;
    istauth_fetcher real;
    pthread_mutex_t lock;
    unsigned running;
};

bool fetch_new(fetch **out, const char *ca_file, bool loopback)
{
    istauth_curl_options options = ISTAUTH_CURL_OPTIONS_INIT;
    fetch *f = calloc(1, sizeof(*f));
    istauth_status status = ISTAUTH_E_NO_MEMORY;

    options.ca_file = ca_file;
    options.allow_loopback = loopback;
    options.total_timeout = MILLISECONDS_MAX;
    if (f)
        status = istauth_curl_new(&f->curl, &options);
    if (status) {
        fprintf(stderr, "isteam: cannot fetch documents: %s\n",
                status == ISTAUTH_E_CONFIG && ca_file
                    ? "--document-ca names no file that can be read"
                    : istauth_status_name(status));
        free(f);
        return false;
    }
    f->real = istauth_curl_fetcher(f->curl);
    pthread_mutex_init(&f->lock, NULL);
    *out = f;
    return true;
}

void fetch_free(fetch *f)
{
    if (!f)
        return;
    istauth_curl_free(f->curl);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

static bool enter(fetch *f)
{
    bool admitted;

    pthread_mutex_lock(&f->lock);
    admitted = f->running < AT_ONCE;
    f->running += admitted;
    pthread_mutex_unlock(&f->lock);
    return admitted;
}

static void leave(fetch *f)
{
    pthread_mutex_lock(&f->lock);
    f->running--;
    pthread_mutex_unlock(&f->lock);
}

static istauth_status get(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                          istauth_arena *arena)
{
    fetch *f = ctx;
    istauth_status status;

    if (!enter(f))
        return ISTAUTH_E_UNAVAILABLE;
    status = f->real.get(f->real.ctx, out, url, limit, arena);
    leave(f);
    return status;
}

istauth_fetcher fetch_fetcher(fetch *f)
{
    istauth_fetcher fetcher = { f ? get : NULL, f };

    return fetcher;
}

#else

bool fetch_new(fetch **out, const char *ca_file, bool loopback)
{
    *out = NULL;
    if (!ca_file && !loopback)
        return true;
    fputs("isteam: this build cannot fetch documents: it was made without libcurl\n", stderr);
    return false;
}

void fetch_free(fetch *f)
{
    (void)f;
}

istauth_fetcher fetch_fetcher(fetch *f)
{
    istauth_fetcher nobody = { NULL, f };

    return nobody;
}

#endif
