#include <istauth/endpoints.h>
#include <istauth/verify.h>

#include "endpoints/respond_i.h"
#include "flows/flows_i.h"

static istauth_status handle(istauth_str *json, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    istauth_str header = istauth__header(request, "authorization", 0);
    istauth_access access;
    istauth__call call;
    istauth_status st = istauth__call_start(&call, server, arena, request->address);

    if (istauth__header(request, "authorization", 1).p)
        header = ISTAUTH_STR("Bearer"); /* as istauth_verify_request */
    if (!st)
        st = istauth__verify(&access, &call, header, NULL);
    if (!st)
        st = istauth__userinfo(json, &call, &access);
    return st;
}

void istauth_endpoint_userinfo(istauth_response *response, const istauth_server *server,
                               const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_USERINFO, "GET, POST",
                                        "GET, POST, OPTIONS", true };
    istauth_str json;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    st = handle(&json, server, request, arena);
    if (st) {
        istauth_denial(response, server, istauth_str_of(NULL), st, ISTAUTH_STR("openid"), arena);
        return;
    }
    istauth__respond_json(response, 200, json);
    istauth_response_add_cors(response);
}
