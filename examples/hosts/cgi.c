/* libistauth in a CGI program: one process for each request. It needs nothing but a web server that
 * runs such programs (lighttpd-cgi.conf configures one) and a file; it pays with a start-up for
 * each request.
 *
 * All processes share the SQLite file, and the key that seals sessions and consent tickets. Where
 * they are the web server says, in variables that no request can set:
 *
 *   SITE_ISSUER=https://example.com SITE_STORE=/var/lib/istauth/site.db SITE_KEY=/etc/istauth/key
 *
 * Worth knowing about CGI: servers keep the Authorization header back unless they are told (Apache:
 * CGIPassAuth On); words of a query without "=" become arguments of the program (RFC 3875 4.4), so
 * that its command line is a stranger's and is not looked at; and headers come as HTTP_..., which
 * is why a program that fetches things must not take HTTP_PROXY for the name of its proxy.
 *
 * Started without a request, by cron say, it removes what has expired. */
#include "gateway.h"
#include "site.h"

#include <stdio.h>
#include <stdlib.h>

extern char **environ;

static size_t read_input(void *from, char *to, size_t n)
{
    return fread(to, 1, n, from);
}

static size_t write_output(void *to, const char *from, size_t n)
{
    return fwrite(from, 1, n, to);
}

static site *open_site(void)
{
    site_options options = { .listen = "",
                             .issuer = getenv("SITE_ISSUER"),
                             .store = getenv("SITE_STORE"),
                             .key = getenv("SITE_KEY") };

    if (options.issuer && options.store && options.key)
        return site_open(&options);
    fputs("cgi: SITE_ISSUER, SITE_STORE and SITE_KEY have to be set\n", stderr);
    return NULL;
}

static bool answer(site *s)
{
    char buffer[ISTAUTH_ARENA_BUFFER];
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_response response;
    istauth_arena arena;
    istauth_status st;
    bool written;

    site_arena(s, &arena, buffer, sizeof(buffer));
    setvbuf(stdin, NULL, _IONBF, 0); /* a buffer would keep a password */
    st = gateway_read(&request, environ, read_input, stdin, &arena);
    if (st)
        site_refuse(&response, s, st, &arena);
    else
        site_answer(&response, s, &request, &arena);
    written = gateway_write(&response, request.method, &arena, write_output, stdout) &&
              fflush(stdout) == 0;
    istauth_arena_wipe(&arena);
    return written;
}

int main(void)
{
    bool requested = getenv("GATEWAY_INTERFACE"), ok;
    site *s = open_site();

    ok = s != NULL;
    if (requested && !s)
        fputs("Status: 503 Failed\r\nRetry-After: 5\r\n\r\n", stdout);
    else if (requested)
        ok = answer(s);
    else if (s)
        site_tidy(s);
    site_close(s);
    return ok ? 0 : 1;
}
