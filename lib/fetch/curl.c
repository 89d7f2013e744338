#include "fetch/curl_i.h"

#include <istauth/version.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define CONNECT_TIMEOUT 3000
#define TOTAL_TIMEOUT 5000
#define TIMEOUT_MAX 600000u
#define USER_AGENT "libistauth/" ISTAUTH_VERSION

/* --- one fetch --- */

/* What libcurl ended with, when it was not for us. */
static istauth_status status_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return ISTAUTH_OK;
    case CURLE_OUT_OF_MEMORY:
        return ISTAUTH_E_NO_MEMORY;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED: /* userinfo in the URL */
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR: /* a forged signature among others */
    case CURLE_WEIRD_SERVER_REPLY:
        return ISTAUTH_E_NOT_FOUND;
    default:
        return ISTAUTH_E_UNAVAILABLE;
    }
}

/* Whoever writes to a connection that the other side has reset is sent SIGPIPE, which ends a
 * process that has not thought of it; and libcurl that leaves signals alone (CURLOPT_NOSIGNAL)
 * leaves that one alone, too. This thread's wait until we have thrown ours away; what the host does
 * about signals stays as it is. */
typedef struct quiet {
    sigset_t before;
    bool pending;
} quiet;

static bool pipe_is_pending(void)
{
    sigset_t pending;

    return !sigpending(&pending) && sigismember(&pending, SIGPIPE) == 1;
}

static sigset_t pipe_alone(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
    return set;
}

static void quiet_begin(quiet *q)
{
    sigset_t ours = pipe_alone();

    q->pending = pipe_is_pending();
    pthread_sigmask(SIG_BLOCK, &ours, &q->before);
}

static void quiet_end(const quiet *q)
{
    sigset_t ours = pipe_alone();
    int caught;

    if (!q->pending && pipe_is_pending())
        sigwait(&ours, &caught);
    pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}

static istauth_status run(istauth__transfer *t, CURL *handle, const char *url)
{
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    long status = 0;

    if (!istauth__curl_prepare(handle, t, url))
        return st;
    st = status_of(curl_easy_perform(handle));
    if (t->stopped)
        return t->stopped;
    if (!st && curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status))
        st = ISTAUTH_E_UNAVAILABLE;
    t->fetched.status = (int)status;
    return st;
}

static bool is_plain(const char *url)
{
    static const char scheme[] = "https:";

    for (size_t i = 0; i < sizeof(scheme) - 1; i++)
        if (url[i] != scheme[i])
            return true;
    return false;
}

static istauth_status get(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                          istauth_arena *arena)
{
    istauth__transfer t = { .curl = ctx, .arena = arena, .limit = limit };
    istauth_str copy;
    istauth_status st;
    CURL *handle;
    quiet q;

    if (url.n && memchr(url.p, '\0', url.n))
        return ISTAUTH_E_NOT_FOUND;
    if (istauth_arena_copy(&copy, arena, url))
        return ISTAUTH_E_NO_MEMORY;
    handle = curl_easy_init();
    if (!handle)
        return ISTAUTH_E_NO_MEMORY;
    t.plain = is_plain(copy.p);
    quiet_begin(&q);
    st = run(&t, handle, copy.p);
    curl_easy_cleanup(handle);
    quiet_end(&q);
    if (!st)
        *out = t.fetched;
    return st;
}

/* --- the fetcher --- */

static char *copy_of(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);

    if (copy)
        memcpy(copy, text, n);
    return copy;
}

static bool fill(istauth_curl *curl, const istauth_curl_options *o)
{
    curl->classify = istauth_address_classify;
    curl->connect_timeout = o->connect_timeout ? (long)o->connect_timeout : CONNECT_TIMEOUT;
    curl->total_timeout = o->total_timeout ? (long)o->total_timeout : TOTAL_TIMEOUT;
    curl->allow_loopback = o->allow_loopback;
    curl->headers = curl_slist_append(NULL, "Accept: application/json");
    curl->user_agent = copy_of(o->user_agent ? o->user_agent : USER_AGENT);
    curl->ca_file = o->ca_file ? copy_of(o->ca_file) : NULL;
    return curl->headers && curl->user_agent && (curl->ca_file || !o->ca_file);
}

/* Every option that a fetch sets, once, without fetching. */
static istauth_status rehearse(const istauth_curl *curl)
{
    istauth__transfer t = { .curl = curl };
    CURL *handle = curl_easy_init();
    bool good;

    if (!handle)
        return ISTAUTH_E_NO_MEMORY;
    good = istauth__curl_prepare(handle, &t, "https://example.com/");
    curl_easy_cleanup(handle);
    return good ? ISTAUTH_OK : ISTAUTH_E_CONFIG;
}

static istauth_status check(const istauth_curl_options *o)
{
    if (o->size != sizeof(*o))
        return ISTAUTH_E_ARGUMENT;
    if (o->connect_timeout > TIMEOUT_MAX || o->total_timeout > TIMEOUT_MAX)
        return ISTAUTH_E_CONFIG;
    return o->ca_file && access(o->ca_file, R_OK) ? ISTAUTH_E_CONFIG : ISTAUTH_OK;
}

istauth_status istauth_curl_new(istauth_curl **curl, const istauth_curl_options *options)
{
    istauth_curl_options o = ISTAUTH_CURL_OPTIONS_INIT;
    istauth_curl *made;
    istauth_status st;

    if (options)
        o = *options;
    st = check(&o);
    if (st)
        return st;
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return ISTAUTH_E_NO_MEMORY;
    made = calloc(1, sizeof(*made));
    if (!made) {
        curl_global_cleanup();
        return ISTAUTH_E_NO_MEMORY;
    }
    st = fill(made, &o) ? rehearse(made) : ISTAUTH_E_NO_MEMORY;
    if (st) {
        istauth_curl_free(made);
        return st;
    }
    *curl = made;
    return ISTAUTH_OK;
}

void istauth_curl_free(istauth_curl *curl)
{
    if (!curl)
        return;
    curl_slist_free_all(curl->headers);
    curl_slist_free_all(curl->names);
    free(curl->user_agent);
    free(curl->ca_file);
    free(curl);
    curl_global_cleanup();
}

istauth_fetcher istauth_curl_fetcher(istauth_curl *curl)
{
    istauth_fetcher fetcher = { get, curl };

    return fetcher;
}
