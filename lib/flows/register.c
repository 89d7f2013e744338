#include "flows/flows_i.h"

#include "base/crypto_i.h"
#include "flows/secrets_i.h"
#include "flows/store_i.h"

#include <istauth/client.h>

static istauth_status name_client(istauth_client *client, const istauth__call *call)
{
    uint8_t random[16];
    istauth_id id;
    istauth_status st = istauth__random(call->server, random, sizeof(random));

    if (st)
        return st;
    istauth__id_write(&id, random);
    client->registered_at = call->now;
    return istauth_arena_copy(&client->client_id, call->arena, istauth_id_str(&id));
}

uint32_t istauth__methods_for_strangers(const istauth_server *server)
{
    return server->config.confidential_registration ? server->config.client_auth : 0;
}

istauth_status istauth__client_give_secret(char secret[ISTAUTH_TOKEN_SIZE], istauth_client *client,
                                           const istauth__call *call)
{
    istauth_time lifetime = call->server->config.lifetimes.client_secret;
    istauth_status st =
        istauth__secret_new(secret, &client->secret_key, call->server, ISTAUTH__SECRET_CLIENT);

    if (!st)
        client->secret_expires_at = lifetime ? call->now + lifetime : 0;
    return st;
}

/* What it needs to manage its registration, if it may. */
static istauth_status give_management(char token[ISTAUTH_TOKEN_SIZE],
                                      istauth_client_secrets *secrets, istauth_client *client,
                                      const istauth__call *call)
{
    istauth_status st;

    if (!call->server->config.registration_management)
        return ISTAUTH_OK;
    st = istauth__secret_new(token, &client->management_key, call->server,
                             ISTAUTH__SECRET_MANAGEMENT);
    if (st)
        return st;
    secrets->registration_access_token = istauth_str_of(token);
    return istauth__managed_uri(&secrets->registration_client_uri, call, client->client_id);
}

/* The response is written before the client is kept: no client that nobody was told of. */
static istauth_status answer(istauth_str *json, istauth_client *client, const istauth__call *call)
{
    istauth_client_secrets secrets = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
    char secret[ISTAUTH_TOKEN_SIZE] = "", token[ISTAUTH_TOKEN_SIZE] = "";
    istauth_status st = ISTAUTH_OK;

    if (istauth__client_has_secret(client))
        st = istauth__client_give_secret(secret, client, call);
    secrets.secret = istauth_str_of(secret);
    if (!st)
        st = give_management(token, &secrets, client, call);
    if (!st)
        st = istauth_client_print(json, call->arena, client, &secrets);
    istauth__wipe(secret, sizeof(secret));
    istauth__wipe(token, sizeof(token));
    return st;
}

istauth_status istauth__register(istauth_str *json, const istauth__call *call, istauth_str body)
{
    const istauth_server *server = call->server;
    istauth_client client;
    istauth_str printed;
    istauth_status st;

    st = istauth_client_parse(&client, call->arena, &server->catalogue,
                              istauth__methods_for_strangers(server), body, NULL);
    if (!st && client.jwks_uri.n && !server->config.fetcher.get)
        st = ISTAUTH_E_INVALID_CLIENT_METADATA; /* nobody here can get them */
    if (!st)
        st = name_client(&client, call);
    if (!st)
        st = answer(&printed, &client, call);
    if (!st)
        st = istauth__store_client_put(server, &client);
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REGISTERED,
                                         .client_id = client.client_id,
                                         .scopes = client.scopes });
    *json = printed;
    return ISTAUTH_OK;
}
