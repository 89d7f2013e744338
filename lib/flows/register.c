#include "flows/flows_i.h"

#include "flows/store_i.h"

#include <istauth/client.h>

istauth_status istauth__register(istauth_client *client, const istauth__call *call,
                                 istauth_str body, istauth_error *error)
{
    istauth_client made = { .origin = ISTAUTH_CLIENT_REGISTERED };
    uint8_t random[16];
    istauth_id id;
    istauth_status st;

    st = istauth_client_parse(&made, call->arena, &call->server->catalogue, body, error);
    if (st)
        return st;
    st = istauth__random(call->server, random, sizeof(random));
    if (st)
        return st;
    istauth__id_write(&id, random);
    st = istauth_arena_copy(&made.client_id, call->arena, istauth_id_str(&id));
    if (st)
        return st;
    made.registered_at = call->now;
    st = istauth__store_client_put(call->server, &made);
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_REGISTERED,
                                         .client_id = made.client_id,
                                         .scopes = made.scopes });
    *client = made;
    return ISTAUTH_OK;
}
