#include "options.h"

#include "keep.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define SECONDS_MAX (10LL * 365 * 86400)
#define RETRY_WINDOW_MAX 60

enum { LISTEN = 1, ISSUER, STORE, ACCESS_TTL, REFRESH_TTL, RETRY_WINDOW, LIMIT_LOOPBACK,
       SIGNING_KEY, DOCUMENT_CA, DOCUMENT_LOOPBACK, NO_DOCUMENTS, CLIENTS, MACHINE_KEYS, NOTES,
       METRICS, LOG, HELP };

static const struct option known[] = {
    { "listen", required_argument, NULL, LISTEN },
    { "issuer", required_argument, NULL, ISSUER },
    { "store", required_argument, NULL, STORE },
    { "access-ttl", required_argument, NULL, ACCESS_TTL },
    { "refresh-ttl", required_argument, NULL, REFRESH_TTL },
    { "refresh-retry-window", required_argument, NULL, RETRY_WINDOW },
    { "limit-loopback", no_argument, NULL, LIMIT_LOOPBACK },
    { "signing-key", required_argument, NULL, SIGNING_KEY },
    { "document-ca", required_argument, NULL, DOCUMENT_CA },
    { "document-loopback", no_argument, NULL, DOCUMENT_LOOPBACK },
    { "no-documents", no_argument, NULL, NO_DOCUMENTS },
    { "clients", required_argument, NULL, CLIENTS },
    { "machine-keys", required_argument, NULL, MACHINE_KEYS },
    { "notes", required_argument, NULL, NOTES },
    { "metrics", required_argument, NULL, METRICS },
    { "log", required_argument, NULL, LOG },
    { "help", no_argument, NULL, HELP },
    { NULL, 0, NULL, 0 },
};

static const char usage[] =
    "Usage: isteam [OPTION]...\n"
    "A small is.team behind libistauth: sign-in, consent, account settings, MCP tools.\n"
    "\n"
    "  --listen HOST:PORT            where to listen (127.0.0.1:8080); port 0 picks a free one\n"
    "  --issuer URL                  the public URL (http:// and the address it listens on)\n"
    "  --store PLACE                 where to keep clients, grants and tokens (memory:), one of\n"
    "                                %s\n"
    "  --access-ttl SECONDS          how long an access token lives (3600)\n"
    "  --refresh-ttl SECONDS         how long a refresh token lives (2592000)\n"
    "  --refresh-retry-window SECONDS\n"
    "                                how long a lost refresh may be repeated (0: never; at most 60)\n"
    "  --limit-loopback              rate limits hold for loopback addresses too\n"
    "  --signing-key FILE            a private key that signs ID tokens, made if it is not there\n"
    "                                (beside the file of the store, else in memory); several: the\n"
    "                                first signs, and all are published\n"
    "  --document-ca FILE            whom to trust when a client's metadata document is fetched (the\n"
    "                                system's authorities)\n"
    "  --document-loopback           documents may come from this machine; for development\n"
    "  --no-documents                nothing is fetched: every client registers\n"
    "  --clients FILE                make clients of its own (a machine, and what follows), and write\n"
    "                                their ids and secrets to FILE\n"
    "  --machine-keys FILE           a machine that proves itself with a key of this JWK Set\n"
    "  --notes URL                   the MCP endpoint of notes, a second server that introspects\n"
    "  --metrics HOST:PORT           a second listener, for those who look after it: /metrics for\n"
    "                                Prometheus, and /health (none)\n"
    "  --log text|json               how each line of the log looks (text)\n"
    "  --help                        this text\n"
    "\n"
    "People: ada@example.com (password lovelace), grace@example.com (password hopper).\n";

static bool read_seconds(istauth_time *out, istauth_time least, istauth_time most, const char *name,
                         const char *text)
{
    char *end = NULL;
    long long seconds;

    errno = 0;
    seconds = strtoll(text, &end, 10);
    if (errno || end == text || *end || seconds < least || seconds > most) {
        fprintf(stderr, "isteam: --%s takes a number of seconds from %lld to %lld, not \"%s\"\n",
                name, (long long)least, (long long)most, text);
        return false;
    }
    *out = seconds;
    return true;
}

static bool read_store(options *o, const char *text)
{
    if (!keep_is_known(text)) {
        fprintf(stderr, "isteam: --store takes one of %s\n", keep_places);
        return false;
    }
    o->store = text;
    return true;
}

static bool read_signing_key(options *o, const char *text)
{
    if (o->signing_key_count == KEYRING_MAX) {
        fprintf(stderr, "isteam: --signing-key may be given %d times\n", KEYRING_MAX);
        return false;
    }
    o->signing_keys[o->signing_key_count++] = text;
    return true;
}

static bool read_log(options *o, const char *text)
{
    o->log_json = strcmp(text, "json") == 0;
    if (o->log_json || strcmp(text, "text") == 0)
        return true;
    fprintf(stderr, "isteam: --log takes text or json\n");
    return false;
}

static bool read_option(options *o, int option)
{
    switch (option) {
    case LISTEN:
        o->listen = optarg;
        return true;
    case ISSUER:
        o->issuer = optarg;
        return true;
    case STORE:
        return read_store(o, optarg);
    case ACCESS_TTL:
        return read_seconds(&o->access_ttl, 1, SECONDS_MAX, "access-ttl", optarg);
    case REFRESH_TTL:
        return read_seconds(&o->refresh_ttl, 1, SECONDS_MAX, "refresh-ttl", optarg);
    case RETRY_WINDOW:
        return read_seconds(&o->refresh_retry_window, 0, RETRY_WINDOW_MAX, "refresh-retry-window",
                            optarg);
    case CLIENTS:
        o->clients.file = optarg;
        return true;
    case MACHINE_KEYS:
        o->clients.machine_keys = optarg;
        return true;
    case NOTES:
        o->clients.notes = optarg;
        return true;
    case METRICS:
        o->metrics = optarg;
        return true;
    case LOG:
        return read_log(o, optarg);
    case LIMIT_LOOPBACK:
        o->limit_loopback = true;
        return true;
    case SIGNING_KEY:
        return read_signing_key(o, optarg);
    case DOCUMENT_CA:
        o->document_ca = optarg;
        return true;
    case DOCUMENT_LOOPBACK:
        o->document_loopback = true;
        return true;
    case NO_DOCUMENTS:
        o->no_documents = true;
        return true;
    default:
        fputs("isteam: try --help\n", stderr); /* getopt has named the culprit */
        return false;
    }
}

bool options_read(options *out, int *code, int argc, char **argv)
{
    options o = { .listen = "127.0.0.1:8080", .store = "memory:" };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == HELP) {
            printf(usage, keep_places);
            *code = 0;
            return false;
        }
        if (!read_option(&o, option)) {
            *code = 2;
            return false;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "isteam: \"%s\" is not an option; try --help\n", argv[optind]);
        *code = 2;
        return false;
    }
    *out = o;
    return true;
}
