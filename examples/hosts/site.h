/* The application that every program in this folder serves: a person who signs in, two workspaces
 * with notes, and an MCP endpoint whose tools read and write them, behind libistauth.
 *
 * It stands for what a host has already, and it knows no HTTP server: a request goes in and a
 * response comes out. Beside it each program, microhttpd.c or another, is the adapter for one
 * server and its main(). */
#ifndef HOSTS_SITE_H
#define HOSTS_SITE_H

#include <istauth.h>

#include <signal.h>

/* No request has a larger body: so large may a registration be, and a consent form is that only with
 * many more workspaces than are here. */
#define SITE_BODY_MAX (64u * 1024u)

typedef struct site site;

typedef struct site_options {
    const char *listen; /* HOST:PORT; for the host, and for the issuer's default */
    const char *issuer; /* the public URL; NULL: "http://" and `listen` */
    const char *store;  /* "memory:", or FILE or sqlite:FILE (SQLite); notes are kept beside it */
    /* A file that begins with 32 random bytes: it seals sessions and consent tickets. All processes
     * behind one issuer share it. NULL: random bytes of this process, so that its sessions end with
     * it. */
    const char *key;
    /* The address of a proxy in front. Requests that come from it, and no others, are believed when
     * they say in X-Real-IP who is calling. NULL: nobody is. */
    const char *proxy;
} site_options;

/* --listen HOST:PORT --issuer URL --store PLACE --key FILE --proxy ADDRESS, each with a
 * default. False after saying what is wrong on stderr. */
bool site_options_read(site_options *options, int argc, char **argv);

/* NULL after saying why on stderr. Any number of threads may use it at once. */
site *site_open(const site_options *options);
void site_close(site *s); /* NULL-safe */

/* Start the arena of one request; end it with istauth_arena_wipe when the response is sent. */
void site_arena(const site *s, istauth_arena *arena, void *buffer, size_t size);

/* Path and query of a request target as it was sent; the absolute form (RFC 9112 3.2.2) loses its
 * origin. */
void site_read_target(istauth_request *request, istauth_str target);

/* Answer any request at all: *response is ready to be written out, whatever happens. Blocks on the
 * store. */
void site_answer(istauth_response *response, site *s, const istauth_request *request,
                 istauth_arena *arena);

/* The answer to a request that the host does not hand over: ISTAUTH_E_TOO_LARGE is 413,
 * ISTAUTH_E_UNAVAILABLE is 503 with Retry-After. Does not block. */
void site_refuse(istauth_response *response, const site *s, istauth_status why,
                 istauth_arena *arena);

/* Remove what has expired. Once a minute or so; blocks on the store. */
void site_tidy(site *s);

/* For hosts whose server runs threads of its own. The first comes before any thread is started, so
 * that all of them leave SIGTERM and SIGINT alone; the second says that the server is up, and
 * returns the exit code when one of these signals comes. */
void site_hold_signals(sigset_t *signals);
int site_wait(site *s, const sigset_t *signals, const char *name, const char *url);

#endif
