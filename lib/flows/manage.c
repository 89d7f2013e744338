/* A client and its own registration (RFC 7592). Its registration access token stays what it is: to
 * replace it at each update would lock out whoever misses one response. */
#include "flows/flows_i.h"

#include "base/buf_i.h"
#include "base/crypto_i.h"
#include "base/text_i.h"
#include "flows/secrets_i.h"
#include "flows/store_i.h"
#include "rules/client_update_i.h"

#include <istauth/client.h>

bool istauth__managed_path(istauth_str *client_id, const istauth_server *server, istauth_str path)
{
    istauth_str base = server->config.paths.register_;

    if (!server->config.registration_management || path.n <= base.n + 1 ||
        !istauth__starts_with(path, base) || path.p[base.n] != '/')
        return false;
    *client_id = istauth__slice(path, base.n + 1, path.n);
    return istauth__find(*client_id, '/', 0) == client_id->n;
}

istauth_status istauth__managed_uri(istauth_str *uri, const istauth__call *call,
                                    istauth_str client_id)
{
    const istauth_config *c = &call->server->config;
    istauth__buf b = istauth__buf_in(call->arena);

    istauth__buf_add(&b, istauth_identifier_origin(c->issuer));
    istauth__buf_add(&b, c->paths.register_);
    istauth__buf_char(&b, '/');
    istauth__buf_add(&b, client_id);
    return istauth__buf_done(uri, &b);
}

/* A client that is gone looks like a wrong token (RFC 7592 2.1). */
static istauth_status find(istauth_client *client, const istauth__call *call,
                           const istauth__managed *managed)
{
    istauth_status st = istauth__store_client_get(call, managed->client_id, client);

    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_TOKEN : st;
    return client->origin == ISTAUTH_CLIENT_REGISTERED &&
                   istauth__secret_matches(&client->management_key, managed->token)
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_TOKEN;
}

static istauth_status print(istauth_str *json, const istauth__call *call,
                            const istauth__managed *managed, const istauth_client *client,
                            istauth_str secret)
{
    istauth_client_secrets secrets = { .secret = secret,
                                       .registration_access_token = managed->token };
    istauth_status st = istauth__managed_uri(&secrets.registration_client_uri, call,
                                             client->client_id);

    return st ? st : istauth_client_print(json, call->arena, client, &secrets);
}

istauth_status istauth__managed_show(istauth_str *json, const istauth__call *call,
                                     const istauth__managed *managed)
{
    istauth_client client;
    istauth_status st = find(&client, call, managed);

    return st ? st : print(json, call, managed, &client, istauth_str_of(NULL));
}

/* What an update does not change. */
static void carry_over(istauth_client *made, const istauth_client *current)
{
    made->client_id = current->client_id;
    made->origin = current->origin;
    made->registered_at = current->registered_at;
    made->used_at = current->used_at;
    made->management_key = current->management_key;
    if (!istauth__client_has_secret(made))
        return;
    made->secret_key = current->secret_key;
    made->secret_expires_at = current->secret_expires_at;
}

/* One that has ended is replaced: this is how a client renews it. */
static bool needs_a_secret(const istauth_client *made, const istauth_client *current,
                           const istauth__call *call)
{
    return istauth__client_has_secret(made) &&
           (!istauth__client_has_secret(current) ||
            (current->secret_expires_at && call->now >= current->secret_expires_at));
}

static istauth_status replace(istauth_str *json, const istauth__call *call,
                              const istauth__managed *managed, istauth_client *made,
                              const istauth_client *current)
{
    char secret[ISTAUTH_TOKEN_SIZE] = "";
    istauth_status st = ISTAUTH_OK;

    carry_over(made, current);
    if (needs_a_secret(made, current, call))
        st = istauth__client_give_secret(secret, made, call);
    if (!st)
        st = print(json, call, managed, made, istauth_str_of(secret));
    istauth__wipe(secret, sizeof(secret));
    if (!st)
        st = istauth__store_client_update(call->server, made);
    return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_TOKEN : st;
}

istauth_status istauth__managed_update(istauth_str *json, const istauth__call *call,
                                       const istauth__managed *managed, istauth_str body)
{
    const istauth_server *server = call->server;
    istauth_client current, made;
    istauth_str printed;
    istauth_status st = find(&current, call, managed);

    if (!st)
        st = istauth__client_update_read(&made, call->arena, &server->catalogue,
                                         istauth__methods_for_strangers(server), body, &current);
    if (!st && made.jwks_uri.n && !server->config.fetcher.get)
        st = ISTAUTH_E_INVALID_CLIENT_METADATA;
    if (!st)
        st = replace(&printed, call, managed, &made, &current);
    if (st)
        return st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_CLIENT_UPDATED,
                                         .client_id = made.client_id,
                                         .scopes = made.scopes });
    *json = printed;
    return ISTAUTH_OK;
}

istauth_status istauth__managed_delete(const istauth__call *call, const istauth__managed *managed)
{
    istauth_client client;
    istauth_status st = find(&client, call, managed);

    if (!st)
        st = istauth__store_client_delete(call, client.client_id);
    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_TOKEN : st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_CLIENT_REMOVED,
                                         .client_id = client.client_id });
    return ISTAUTH_OK;
}
