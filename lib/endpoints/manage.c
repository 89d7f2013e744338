#include <istauth/challenge.h>
#include <istauth/endpoints.h>

#include "base/text_i.h"
#include "endpoints/respond_i.h"
#include "flows/flows_i.h"

/* Whose registration, and with which token. Without one it is as wrong as any. */
static istauth_status open(istauth__managed *managed, istauth__call *call,
                           const istauth_server *server, const istauth_request *request,
                           istauth_arena *arena)
{
    istauth_str header = istauth__header(request, "authorization", 0);

    if (!istauth__managed_path(&managed->client_id, server, request->path))
        return ISTAUTH_E_NOT_SERVED;
    if (istauth__header(request, "authorization", 1).p ||
        istauth_bearer_parse(&managed->token, header))
        return ISTAUTH_E_INVALID_TOKEN;
    return istauth__call_start(call, server, arena, request->address);
}

static istauth_status update(istauth_str *json, const istauth__call *call,
                             const istauth__managed *managed, const istauth_request *request)
{
    istauth_status st = istauth__json_body_check(call->server, request);

    return st ? st : istauth__managed_update(json, call, managed, request->body);
}

/* An empty *json: there is nothing to say. */
static istauth_status handle(istauth_str *json, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    istauth__managed managed;
    istauth__call call;
    istauth_status st = open(&managed, &call, server, request, arena);

    *json = istauth_str_of(NULL);
    if (st)
        return st;
    if (istauth_str_equal(request->method, ISTAUTH_STR("GET")))
        return istauth__managed_show(json, &call, &managed);
    if (istauth_str_equal(request->method, ISTAUTH_STR("PUT")))
        return update(json, &call, &managed, request);
    return istauth__managed_delete(&call, &managed);
}

static void refuse(istauth_response *response, istauth_status status, istauth_arena *arena)
{
    istauth__respond_error(response, status, arena);
    if (response->status == 401)
        istauth__add_header(response, "WWW-Authenticate",
                            ISTAUTH_STR("Bearer error=\"invalid_token\""));
}

void istauth_endpoint_client(istauth_response *response, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_CLIENT, "GET, PUT, DELETE",
                                        "GET, PUT, DELETE, OPTIONS", true };
    istauth_str json;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    st = handle(&json, server, request, arena);
    if (st)
        refuse(response, st, arena);
    else if (json.n)
        istauth__respond_json(response, 200, json);
    else
        istauth__respond(response, 204);
    istauth_response_add_cors(response);
}
