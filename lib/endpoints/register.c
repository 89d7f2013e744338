#include <istauth/endpoints.h>

#include "endpoints/respond_i.h"
#include "flows/flows_i.h"

static istauth_status check(const istauth_server *server, const istauth_request *request)
{
    if (server->config.closed_registration)
        return ISTAUTH_E_ACCESS_DENIED;
    return istauth__json_body_check(server, request);
}

static istauth_status handle(istauth_str *json, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    istauth__call call;
    istauth_status st = check(server, request);

    if (!st)
        st = istauth__call_start(&call, server, arena, request->address);
    if (!st)
        st = istauth__register(json, &call, request->body);
    return st;
}

void istauth_endpoint_register(istauth_response *response, const istauth_server *server,
                               const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_REGISTER, "POST", "POST, OPTIONS", true };
    istauth_str json;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    st = handle(&json, server, request, arena);
    if (st)
        istauth__respond_error(response, st, arena);
    else
        istauth__respond_json(response, 201, json);
    istauth_response_add_cors(response);
}
