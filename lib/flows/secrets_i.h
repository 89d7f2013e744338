/* Giving a client its secret. */
#ifndef ISTAUTH_SECRETS_I_H
#define ISTAUTH_SECRETS_I_H

#include "flows/server_i.h"
#include "rules/secret_i.h"

static inline bool istauth__client_has_secret(const istauth_client *client)
{
    return client->auth == ISTAUTH_CLIENT_AUTH_SECRET_BASIC ||
           client->auth == ISTAUTH_CLIENT_AUTH_SECRET_POST;
}

/* A fresh one, and the key to keep. ISTAUTH_OK, ISTAUTH_E_RANDOM */
istauth_status istauth__secret_new(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key,
                                   const istauth_server *server, istauth__secret_kind kind);

#endif
