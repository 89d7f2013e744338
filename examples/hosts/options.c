/* The command line of every program here, and what those with threads do while they serve. */
#include "site.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void usage(FILE *to, const char *program)
{
    fprintf(to,
            "Usage: %s [OPTION]...\n"
            "  --listen HOST:PORT     where to listen (127.0.0.1:8080); fastcgi: the path of a socket\n"
            "  --issuer URL           the public URL (http:// and the address it listens on)\n"
            "  --store PLACE          memory:, or a SQLite file as sqlite:FILE (memory:)\n"
            "  --key FILE             32 random bytes that all processes share (random at each "
            "start)\n"
            "  --proxy ADDRESS        a proxy that may say who is calling, in X-Real-IP (none)\n"
            "She is ada@example.com, and her password is lovelace.\n",
            program);
}

bool site_options_read(site_options *options, int argc, char **argv)
{
    static const struct option known[] = { { "listen", required_argument, NULL, 'l' },
                                           { "issuer", required_argument, NULL, 'i' },
                                           { "store", required_argument, NULL, 's' },
                                           { "key", required_argument, NULL, 'k' },
                                           { "proxy", required_argument, NULL, 'p' },
                                           { "help", no_argument, NULL, 'h' },
                                           { NULL, 0, NULL, 0 } };
    site_options o = { "127.0.0.1:8080", NULL, "memory:", NULL, NULL };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == 'l')
            o.listen = optarg;
        else if (option == 'i')
            o.issuer = optarg;
        else if (option == 's')
            o.store = optarg;
        else if (option == 'k')
            o.key = optarg;
        else if (option == 'p')
            o.proxy = optarg;
        else
            break;
    }
    if (option == 'h') {
        usage(stdout, argv[0]);
        exit(0);
    }
    if (option == -1 && optind == argc) {
        *options = o;
        return true;
    }
    usage(stderr, argv[0]);
    return false;
}

void site_hold_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
    signal(SIGPIPE, SIG_IGN); /* a client that is gone must not end the server */
}

int site_wait(site *s, const sigset_t *signals, const char *name, const char *url)
{
    static const struct timespec minute = { 60, 0 };

    printf("%s: listening on %s\n", name, url);
    if (fflush(stdout))
        return 1;
    while (sigtimedwait(signals, NULL, &minute) < 0)
        site_tidy(s);
    return 0;
}
