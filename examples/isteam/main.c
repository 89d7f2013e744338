/* isteam: a small is.team, to see libistauth at work. */
#include "fetch.h"
#include "host.h"
#include "httpd.h"
#include "janitor.h"
#include "keep.h"
#include "keyring.h"
#include "listen.h"
#include "log.h"
#include "options.h"
#include "site.h"
#include "watch.h"

#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define RESOURCE_SIZE (ISTAUTH_IDENTIFIER_MAX + 8)
#define DRAIN_SECONDS 20 /* that requests under way get when it is to end */

/* All that one process owns, in the order in which it is made. */
typedef struct isteam {
    char url[LISTEN_URL_SIZE];
    char resource[RESOURCE_SIZE];
    istauth_store store;
    keyring keys;
    host host;
    fetch *fetch;
    istauth_server *server;
    board *boards;
    janitor *sweeper;
    httpd *web, *watched;
    site site;
    watch watch;
} isteam;

static bool fail(const char *what, const char *why)
{
    fprintf(stderr, "isteam: %s%s%s\n", what, *why ? ": " : "", why);
    return false;
}

static bool make_server(isteam *t, const options *o)
{
    const char *issuer = o->issuer ? o->issuer : t->url;
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_resource resources[] = { { { NULL, 0 }, ISTAUTH_STR("is.team") },
                                     { istauth_str_of(o->clients.notes), ISTAUTH_STR("Notes") } };
    istauth_error error = { .detail = "" };
    istauth_status status;

    snprintf(t->resource, sizeof(t->resource), "%s/mcp", issuer);
    resources[0].identifier = istauth_str_of(t->resource);
    config.issuer = istauth_str_of(issuer);
    config.resources = resources;
    config.resource_count = o->clients.notes ? 2 : 1;
    config.store = t->store;
    config.scopes = host_scopes(&config.scope_count);
    t->host.limit = t->site.limit;
    t->host.numbers = t->site.numbers;
    t->host.origin = istauth_identifier_origin(resources[0].identifier);
    config.hooks = host_hooks(&t->host);
    config.signing_keys = t->keys.keys;
    config.signing_key_count = t->keys.count;
    config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    config.confidential_registration = true;
    config.client_credentials = true;
    config.introspection = true;
    config.limits.arena = 4u * 1024u * 1024u; /* a page that lists a thousand apps */
    if (o->access_ttl)
        config.lifetimes.access = o->access_ttl;
    if (o->refresh_ttl)
        config.lifetimes.refresh = o->refresh_ttl;
    config.lifetimes.refresh_retry_window = o->refresh_retry_window;
    config.fetcher = fetch_fetcher(t->fetch);
    config.client_documents = config.fetcher.get && !o->no_documents;
    config.document_flags = o->document_loopback ? ISTAUTH_DOCUMENT_LOOPBACK : 0;
    status = istauth_server_new(&t->server, &config, &error);
    if (!status)
        return true;
    fail(istauth_status_name(status), error.detail);
    return o->issuer || status != ISTAUTH_E_CONFIG
               ? false
               : fail("this address cannot be its public URL", "name that with --issuer");
}

/* The keys are beside the store's file, unless they are named: who has the one has the other. */
static bool open_keys(isteam *t, const options *o)
{
    const char *file = keep_file(o->store);
    char beside[4096];
    const char *files[] = { beside };

    if (o->signing_key_count)
        return keyring_open(&t->keys, o->signing_keys, o->signing_key_count);
    if (!file)
        return keyring_open(&t->keys, NULL, 0);
    if ((size_t)snprintf(beside, sizeof(beside), "%s.key", file) >= sizeof(beside))
        return fail("the name of the store's file is too long", "");
    return keyring_open(&t->keys, files, 1);
}

static istauth_str name_of(istauth_str subject)
{
    const person *who = people_by_subject(subject);
    istauth_str nobody = { NULL, 0 };

    return who ? who->name : nobody;
}

static bool make_site(isteam *t, const options *o)
{
    site *s = &t->site;

    s->directory = people_new();
    s->sessions = sessions_new();
    s->limit = ratelimit_new(o->limit_loopback);
    s->numbers = metrics_new();
    t->boards = board_new();
    if (!s->directory || !s->sessions || !s->limit || !s->numbers || !t->boards)
        return fail("not enough memory", "");
    if (!fetch_new(&t->fetch, o->document_ca, o->document_loopback) ||
        !keep_open(&t->store, o->store) || !open_keys(t, o) || !make_server(t, o) ||
        !clients_make(t->server, &o->clients))
        return false;
    keyring_close(&t->keys);
    s->server = t->server;
    s->resource = istauth_str_of(t->resource);
    s->secure = strncmp(t->resource, "https:", 6) == 0;
    s->tools = mcp_new(t->server, s->resource, t->boards, name_of);
    s->health = health_new(t->server);
    t->watch = (watch){ s->numbers, s->health };
    return s->tools && s->health ? true : fail("not enough memory", "");
}

/* The listener for operators comes first, so that its line is there when the last one is. */
static bool serve_watch(isteam *t, const options *o)
{
    char url[LISTEN_URL_SIZE];
    int listening;

    if (!o->metrics)
        return true;
    listening = listen_on(url, o->metrics);
    if (listening < 0)
        return false;
    t->watched = httpd_start(listening, t->server, watch_handle, &t->watch);
    if (!t->watched)
        return fail("cannot start its threads", "");
    printf("isteam: metrics on %s/metrics\n", url);
    return true;
}

static bool serve(isteam *t, const options *o, int listening)
{
    t->sweeper = janitor_start(t->server, t->site.numbers);
    if (!t->sweeper)
        return fail("cannot start its threads", "");
    if (!serve_watch(t, o))
        return false;
    t->web = httpd_start(listening, t->server, site_handle, &t->site);
    if (!t->web)
        return fail("cannot start its threads", "");
    printf("isteam: listening on %s\n", t->url);
    return fflush(stdout) == 0;
}

/* The first signal: what has begun is finished. A second one finds its default action, which ends
 * the process at once. */
static void drain(isteam *t, const sigset_t *signals)
{
    pthread_sigmask(SIG_UNBLOCK, signals, NULL);
    log_note("ending: no more connections are taken", ISTAUTH_STR(""));
    health_drain(t->site.health);
    if (!httpd_drain(t->web, DRAIN_SECONDS))
        log_note("ending: some requests are cut off", ISTAUTH_STR(""));
}

static void stop(isteam *t, const options *o)
{
    httpd_stop(t->web);
    httpd_stop(t->watched);
    janitor_stop(t->sweeper);
    mcp_free(t->site.tools);
    health_free(t->site.health);
    istauth_server_free(t->server);
    keyring_close(&t->keys);
    fetch_free(t->fetch);
    keep_close(&t->store, o->store);
    board_free(t->boards);
    ratelimit_free(t->site.limit);
    metrics_free(t->site.numbers);
    sessions_free(t->site.sessions);
    people_free(t->site.directory);
}

/* Every thread inherits the mask, so that the signal waits for main. */
static sigset_t hold_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return set;
}

int main(int argc, char **argv)
{
    sigset_t signals = hold_signals();
    isteam t = { .url = "" };
    int code = 2, listening, caught;
    options o;

    if (!options_read(&o, &code, argc, argv))
        return code;
    if (sodium_init() < 0)
        return 1;
    if (o.log_json)
        log_as_json();
    listening = listen_on(t.url, o.listen);
    if (listening < 0)
        return 2;
    code = 2;
    if (make_site(&t, &o)) {
        code = 1;
        if (serve(&t, &o, listening) && sigwait(&signals, &caught) == 0) {
            drain(&t, &signals);
            code = 0;
        }
    }
    stop(&t, &o);
    return code;
}
