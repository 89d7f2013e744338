/* The command line. */
#ifndef ISTEAM_OPTIONS_H
#define ISTEAM_OPTIONS_H

#include "clients.h"
#include "keyring.h"

typedef struct options {
    const char *listen; /* HOST:PORT */
    const char *issuer; /* NULL: where it listens */
    const char *store;
    istauth_time access_ttl;  /* 0: the library's default */
    istauth_time refresh_ttl; /* likewise */
    istauth_time refresh_retry_window;
    bool limit_loopback;
    clients_wish clients;
    const char *signing_keys[KEYRING_MAX]; /* files; none: beside the store, or in memory like it */
    size_t signing_key_count;
    const char *document_ca; /* NULL: the system's authorities */
    bool document_loopback, no_documents;
    const char *metrics; /* HOST:PORT of the listener for operators; NULL: none */
    bool log_json;
} options;

/* Read argv. True: go on. False: *code is what the process ends with; whatever there was to
 * say has been said. */
bool options_read(options *out, int *code, int argc, char **argv);

#endif
