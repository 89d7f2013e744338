#include "flows/flows_i.h"

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

/* The response is written before the client is kept: no client that nobody was told of. */
istauth_status istauth__register(istauth_str *json, const istauth__call *call, istauth_str body)
{
    istauth_client client;
    istauth_str printed;
    istauth_status st;

    st = istauth_client_parse(&client, call->arena, &call->server->catalogue, body, NULL);
    if (!st)
        st = name_client(&client, call);
    if (!st)
        st = istauth_client_print(&printed, call->arena, &client);
    if (!st)
        st = istauth__store_client_put(call->server, &client);
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REGISTERED,
                                         .client_id = client.client_id,
                                         .scopes = client.scopes });
    *json = printed;
    return ISTAUTH_OK;
}
