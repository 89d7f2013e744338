/* Clients that this host makes for itself: a machine, one with a key, and the server of notes. */
#ifndef ISTEAM_CLIENTS_H
#define ISTEAM_CLIENTS_H

#include <istauth.h>

typedef struct clients_wish {
    const char *file;         /* gets their ids and secrets, for its owner alone; NULL: make none */
    const char *machine_keys; /* a file with a JWK Set; NULL: no machine with a key */
    const char *notes;        /* the MCP endpoint that notes is the server of; NULL: none */
} clients_wish;

/* Make them, or give those that a store has kept another secret, and write the file: a line each of
 * name, client_id and secret. False after saying why. */
bool clients_make(const istauth_server *server, const clients_wish *wish);

#endif
