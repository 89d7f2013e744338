#include <istauth/provision.h>

#include "base/crypto_i.h"
#include "base/error_i.h"
#include "flows/secrets_i.h"
#include "flows/store_i.h"
#include "rules/provision_i.h"

#define PROVISION_0_1_SIZE sizeof(istauth_provision)

static istauth_status check(istauth_client *client, const istauth__call *call,
                            const istauth_provision *wish, istauth_error *error)
{
    const istauth_server *server = call->server;
    istauth__provision_terms terms = { .catalogue = &server->catalogue,
                                       .offered = server->offered,
                                       .client_auth = server->config.client_auth,
                                       .client_credentials = server->config.client_credentials,
                                       .workspaces = server->config.limits.workspaces,
                                       .now = call->now };
    istauth_scope_set scopes;
    istauth_status st;

    if (wish->size != PROVISION_0_1_SIZE)
        return istauth__fail(error, ISTAUTH_E_ARGUMENT, "size: start from ISTAUTH_PROVISION_INIT");
    st = istauth__provision_check(&scopes, call->arena, &terms, wish, error);
    if (st)
        return st;
    if (wish->jwks_uri.n && !server->config.fetcher.get)
        return istauth__fail(error, ISTAUTH_E_ARGUMENT, "jwks_uri: needs istauth_config.fetcher");
    if (wish->resource.n && !istauth__resource_named(server, wish->resource))
        return istauth__fail(error, ISTAUTH_E_INVALID_TARGET, "resource: none is configured so");
    return istauth_scope_print(&client->scopes, call->arena, &server->catalogue, scopes);
}

static void fill(istauth_client *client, const istauth__call *call, const istauth_provision *wish)
{
    client->client_id = wish->client_id;
    client->origin = ISTAUTH_CLIENT_PROVISIONED;
    client->auth = wish->auth;
    client->name = wish->name;
    client->client_uri = wish->client_uri;
    client->logo_uri = wish->logo_uri;
    client->policy_uri = wish->policy_uri;
    client->tos_uri = wish->tos_uri;
    client->redirect_uris = wish->redirect_uris;
    client->grant_types = wish->grant_types;
    client->native = wish->native;
    client->registered_at = call->now;
    client->resource = wish->resource;
    client->workspaces = wish->workspaces;
    client->jwks = wish->jwks;
    client->jwks_uri = wish->jwks_uri;
}

static istauth_status name_it(istauth_str *client_id, istauth_client *client,
                              const istauth__call *call)
{
    uint8_t random[16];
    istauth_status st;
    istauth_id id;

    if (client->client_id.n)
        return istauth_arena_copy(client_id, call->arena, client->client_id);
    st = istauth__random(call->server, random, sizeof(random));
    if (st)
        return st;
    istauth__id_write(&id, random);
    st = istauth_arena_copy(client_id, call->arena, istauth_id_str(&id));
    if (!st)
        client->client_id = *client_id;
    return st;
}

static istauth_status give_secret(char secret[ISTAUTH_TOKEN_SIZE], istauth_client *client,
                                  const istauth__call *call, istauth_time expires_at)
{
    istauth_status st;

    if (!istauth__client_has_secret(client))
        return ISTAUTH_OK;
    st = istauth__secret_new(secret, &client->secret_key, call->server, ISTAUTH__SECRET_CLIENT);
    if (!st)
        client->secret_expires_at = expires_at;
    return st;
}

static void tell(const istauth__call *call, istauth_event_kind kind, istauth_str client_id,
                 istauth_str scopes)
{
    istauth__emit(call,
                  (istauth_event){ .kind = kind, .client_id = client_id, .scopes = scopes });
}

istauth_status istauth_client_provision(char secret[ISTAUTH_TOKEN_SIZE], istauth_str *client_id,
                                        const istauth_server *server,
                                        const istauth_provision *wish, istauth_arena *arena,
                                        istauth_error *error)
{
    char made[ISTAUTH_TOKEN_SIZE] = "";
    istauth_client client;
    istauth__call call;
    istauth_str id;
    istauth_status st;

    memset(&client, 0, sizeof(client));
    st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));
    if (!st)
        st = check(&client, &call, wish, error);
    if (st)
        return st;
    fill(&client, &call, wish);
    st = name_it(&id, &client, &call);
    if (!st)
        st = give_secret(made, &client, &call, wish->secret_expires_at);
    if (!st)
        st = istauth__store_client_put(server, &client);
    if (!st) {
        memcpy(secret, made, sizeof(made));
        *client_id = id;
        tell(&call, ISTAUTH_EVENT_CLIENT_PROVISIONED, client.client_id, client.scopes);
    }
    istauth__wipe(made, sizeof(made));
    return st;
}

static istauth_status replace_secret(char secret[ISTAUTH_TOKEN_SIZE], const istauth__call *call,
                                     istauth_str client_id, istauth_time expires_at)
{
    istauth_client client;
    istauth_status st = istauth__store_client_get(call, client_id, &client);

    if (st)
        return st;
    if (!istauth__client_has_secret(&client) || (expires_at && expires_at <= call->now))
        return ISTAUTH_E_ARGUMENT;
    st = give_secret(secret, &client, call, expires_at);
    return st ? st : istauth__store_client_update(call->server, &client);
}

istauth_status istauth_client_rotate_secret(char secret[ISTAUTH_TOKEN_SIZE],
                                            const istauth_server *server, istauth_str client_id,
                                            istauth_time expires_at, istauth_arena *arena)
{
    char made[ISTAUTH_TOKEN_SIZE] = "";
    istauth__call call;
    istauth_status st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));

    if (!st)
        st = replace_secret(made, &call, client_id, expires_at);
    if (!st) {
        memcpy(secret, made, sizeof(made));
        tell(&call, ISTAUTH_EVENT_SECRET_ROTATED, client_id, istauth_str_of(NULL));
    }
    istauth__wipe(made, sizeof(made));
    return st;
}

istauth_status istauth_client_remove(const istauth_server *server, istauth_str client_id)
{
    istauth__call call;
    istauth_status st = istauth__call_start(&call, server, NULL, istauth_str_of(NULL));

    if (!st)
        st = istauth__store_client_delete(&call, client_id);
    if (!st)
        tell(&call, ISTAUTH_EVENT_CLIENT_REMOVED, client_id, istauth_str_of(NULL));
    return st;
}
