/* notes: a second MCP server, which knows nobody. It protects its endpoint with the tokens of another
 * server, isteam, and asks that one about each of them (RFC 7662). */
#include "ask.h"
#include "mcp.h"

#include "isteam/httpd.h"
#include "isteam/listen.h"
#include "isteam/log.h"
#include "isteam/text.h"

#include <curl/curl.h>
#include <getopt.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define DRAIN_SECONDS 20 /* that requests under way get when it is to end */
#define URL_SIZE (ISTAUTH_IDENTIFIER_MAX + 64)

static const char usage[] =
    "Usage: notes --issuer URL --clients FILE [--listen HOST:PORT] [--keep SECONDS]\n"
    "An MCP server behind the tokens of isteam, which was started with --notes and this server's\n"
    "address, and wrote this server's credential to FILE (its --clients).\n"
    "\n"
    "  --keep SECONDS  use an answer again for so long (0); a revoked token opens until then\n";

typedef struct options {
    const char *listen, *issuer, *clients;
    istauth_time keep;
    bool help;
} options;

typedef struct notes {
    char url[LISTEN_URL_SIZE], resource[URL_SIZE], introspection[URL_SIZE];
    asker asker;
    istauth_server *server;
    httpd *web;
} notes;

static bool options_read(options *o, int argc, char **argv)
{
    static const struct option known[] = { { "listen", required_argument, NULL, 'l' },
                                           { "issuer", required_argument, NULL, 'i' },
                                           { "clients", required_argument, NULL, 'c' },
                                           { "keep", required_argument, NULL, 'k' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'l')
            o->listen = optarg;
        else if (option == 'i')
            o->issuer = optarg;
        else if (option == 'c')
            o->clients = optarg;
        else if (option == 'k')
            o->keep = strtoll(optarg, NULL, 10);
        else
            break;
    }
    o->help = option == 'h';
    return option == -1 && o->issuer && o->clients && optind == argc;
}

static void on_event(void *ctx, const istauth_event *event)
{
    (void)ctx;
    log_event(event);
}

/* Verified before it is read: a stranger's message is not parsed. */
static void serve_mcp(notes *n, istauth_response *response, const istauth_request *request,
                      istauth_arena *arena)
{
    istauth_access access;
    notes_call call = { n->server, &access, response, arena };
    istauth_status st =
        istauth_verify_request(&access, n->server, request, istauth_str_of(NULL), arena);

    if (st) {
        istauth_denial(response, n->server, istauth_str_of(NULL), st, istauth_str_of(NULL), arena);
    } else if (!text_is(request->method, "POST")) {
        response->status = 405;
        notes_add_header(response, "Allow", "POST");
    } else {
        notes_mcp(&call, request->body);
    }
}

static void handle(void *ctx, istauth_response *response, const istauth_request *request,
                   bool too_large, istauth_arena *arena)
{
    notes *n = ctx;
    istauth_authorization authorization;
    bool open;

    if (too_large)
        response->status = 413;
    else if (istauth_handle(response, &open, &authorization, n->server, request, arena))
        return; /* the metadata that says whose tokens open this server */
    else if (!text_is(request->path, "/mcp"))
        response->status = 404;
    else if (text_is(request->method, "OPTIONS"))
        istauth_response_preflight(response, "POST");
    else
        serve_mcp(n, response, request, arena);
}

static bool make_server(notes *n, const options *o)
{
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_resource resource = { { NULL, 0 }, ISTAUTH_STR("Notes") };
    istauth_error error = { .detail = "" };

    snprintf(n->resource, sizeof(n->resource), "%s/mcp", n->url);
    snprintf(n->introspection, sizeof(n->introspection), "%s/api/oauth/introspect", o->issuer);
    n->asker.url = n->introspection;
    resource.identifier = istauth_str_of(n->resource);
    config.issuer = istauth_str_of(o->issuer);
    config.resources = &resource;
    config.resource_count = 1;
    config.resource_server_only = true;
    config.lifetimes.introspection_cache = o->keep;
    config.hooks.ctx = &n->asker;
    config.hooks.introspect = ask;
    config.hooks.event = on_event;
    if (!istauth_server_new(&n->server, &config, &error))
        return true;
    fprintf(stderr, "notes: %s: %s\n", istauth_status_name(error.status), error.detail);
    return false;
}

static bool serve(notes *n, int listening)
{
    n->web = httpd_start(listening, n->server, handle, n);
    if (!n->web) {
        fputs("notes: cannot start its threads\n", stderr);
        return false;
    }
    printf("notes: listening on %s\n", n->url);
    return fflush(stdout) == 0;
}

int main(int argc, char **argv)
{
    options o = { .listen = "127.0.0.1:8081" };
    notes n = { .url = "" };
    sigset_t signals;
    int code = 2, listening, caught;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!options_read(&o, argc, argv)) {
        fputs(usage, o.help ? stdout : stderr);
        return o.help ? 0 : 2;
    }
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT))
        return 1;
    listening = listen_on(n.url, o.listen);
    if (listening >= 0 && asker_load(&n.asker, o.clients) && make_server(&n, &o) &&
        serve(&n, listening) && sigwait(&signals, &caught) == 0) {
        pthread_sigmask(SIG_UNBLOCK, &signals, NULL); /* a second one ends it at once */
        (void)httpd_drain(n.web, DRAIN_SECONDS);
        code = 0;
    }
    httpd_stop(n.web);
    istauth_server_free(n.server);
    asker_free(&n.asker);
    curl_global_cleanup();
    return code;
}
