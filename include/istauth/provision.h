/* Clients that the host vouches for: it makes them, gives them another secret and removes them. None
 * of this has an endpoint, and the list of what it made is the host's own. */
#ifndef ISTAUTH_PROVISION_H
#define ISTAUTH_PROVISION_H

#include <istauth/client.h>
#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The client that the host wants. What is left empty it does not have. */
typedef struct istauth_provision {
    size_t size;           /* set by ISTAUTH_PROVISION_INIT */
    istauth_str client_id; /* 1 to 128 bytes of A-Z a-z 0-9 - . _ ~; empty: a random one */
    istauth_str name;      /* what a consent page and a log call it; never empty */
    istauth_client_auth auth; /* one that istauth_config.client_auth has, or NONE */
    istauth_time secret_expires_at; /* 0: never */
    uint32_t grant_types;           /* ISTAUTH_GRANT_...; 0 for one that only introspects */
    istauth_str_list redirect_uris; /* exactly when authorization_code is among its grants */
    istauth_str scopes; /* all that it can ever be granted, and what it implies; empty: all that is
                           offered, but a client of client_credentials must name its own */
    istauth_str_list workspaces; /* what its own tokens (client_credentials) may be used for */
    istauth_str resource; /* the configured resource whose server it is: it may introspect its tokens */
    istauth_str client_uri, logo_uri, policy_uri, tos_uri; /* its pages, for people */
    bool native; /* application_type "native": it runs on its user's machine */
    istauth_str jwks;     /* for private_key_jwt: its public keys, a JWK Set */
    istauth_str jwks_uri; /* or where it publishes them, which needs a fetcher */
} istauth_provision;

/* An empty wish. Compiled into the caller, so that it has the caller's idea of the size. since 0.1 */
static inline istauth_provision istauth_provision_default(void)
{
    istauth_provision wish;

    memset(&wish, 0, sizeof(wish));
    wish.size = sizeof(wish);
    return wish;
}

/* As an initialiser: istauth_provision wish = ISTAUTH_PROVISION_INIT; */
#define ISTAUTH_PROVISION_INIT istauth_provision_default()

/* Make a client. `secret` gets its secret, to be handed to whoever runs it and then wiped; empty for
 * a client without one. `client_id` is in the arena. `error` (may be NULL) says which member does
 * not hold.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT              a member is malformed, or does not go with another one or with the
 *                                 server's configuration
 * ISTAUTH_E_INVALID_CLIENT_METADATA  its keys are of no use
 * ISTAUTH_E_INVALID_REDIRECT_URI  one is not acceptable, there is none, or there should be none
 * ISTAUTH_E_INVALID_SCOPE         a scope is unknown, or not for a machine
 * ISTAUTH_E_INVALID_TARGET        no such resource
 * ISTAUTH_E_EXISTS                there is a client with this id
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_client_provision(char secret[ISTAUTH_TOKEN_SIZE], istauth_str *client_id,
                         const istauth_server *server, const istauth_provision *wish,
                         istauth_arena *arena, istauth_error *error);

/* Give a client, of whatever origin, another secret; the one before proves nothing from then on. Its
 * tokens live on. `expires_at` 0: never. `secret` is to be wiped.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_NOT_FOUND  no such client
 * ISTAUTH_E_ARGUMENT   it has no secret to replace, or the expiry is in the past
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_client_rotate_secret(char secret[ISTAUTH_TOKEN_SIZE], const istauth_server *server,
                             istauth_str client_id, istauth_time expires_at, istauth_arena *arena);

/* Remove a client, of whatever origin: it is unknown from then on, and every token and code of it is
 * dead at once.
 *
 * ISTAUTH_OK, ISTAUTH_E_NOT_FOUND, ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_client_remove(const istauth_server *server,
                                                                  istauth_str client_id);

#ifdef __cplusplus
}
#endif

#endif
