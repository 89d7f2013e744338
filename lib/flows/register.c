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

static uint32_t methods_for_strangers(const istauth_config *config)
{
    return config->confidential_registration ? config->client_auth : 0;
}

/* The response is written before the client is kept: no client that nobody was told of. */
static istauth_status answer(istauth_str *json, istauth_client *client, const istauth__call *call)
{
    istauth_time lifetime = call->server->config.lifetimes.client_secret;
    istauth_client_secrets secrets = { { NULL, 0 } };
    char secret[ISTAUTH_TOKEN_SIZE] = "";
    istauth_status st = ISTAUTH_OK;

    if (istauth__client_has_secret(client)) {
        st = istauth__secret_new(secret, &client->secret_key, call->server, ISTAUTH__SECRET_CLIENT);
        client->secret_expires_at = lifetime ? call->now + lifetime : 0;
        secrets.secret = istauth_str_of(secret);
    }
    if (!st)
        st = istauth_client_print(json, call->arena, client, &secrets);
    istauth__wipe(secret, sizeof(secret));
    return st;
}

istauth_status istauth__register(istauth_str *json, const istauth__call *call, istauth_str body)
{
    const istauth_server *server = call->server;
    istauth_client client;
    istauth_str printed;
    istauth_status st;

    st = istauth_client_parse(&client, call->arena, &server->catalogue,
                              methods_for_strangers(&server->config), body, NULL);
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
