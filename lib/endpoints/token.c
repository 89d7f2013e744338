#include <istauth/endpoints.h>

#include "base/json_i.h"
#include "endpoints/form_request_i.h"
#include "endpoints/respond_i.h"

/* RFC 6749 5.1. The scope is always returned: it may be less than what was asked for. */
static istauth_status print(istauth_str *json, const istauth__issued *issued,
                            istauth_arena *arena)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "access_token", issued->access_token);
    istauth__json_str(&j, "token_type", ISTAUTH_STR("Bearer"));
    istauth__json_int(&j, "expires_in", issued->expires_in);
    istauth__json_optional(&j, "refresh_token", issued->refresh_token);
    istauth__json_str(&j, "scope", issued->scopes);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

istauth_status istauth_endpoint_token(istauth_response *response, const istauth_server *server,
                                      const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_TOKEN, "POST", "POST, OPTIONS", true };
    istauth__form_request opened;
    istauth__issued issued;
    istauth_str json;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return ISTAUTH_OK;
    st = istauth__form_request_open(&opened, server, request, arena);
    if (!st)
        st = istauth__grant(&issued, &opened.call, &opened.client, &opened.form);
    if (!st)
        st = print(&json, &issued, arena);
    if (st) {
        istauth__form_request_fail(response, &opened, st, arena);
        return ISTAUTH_OK;
    }
    istauth__respond_json(response, 200, json);
    istauth__add_header(response, "Pragma", ISTAUTH_STR("no-cache"));
    return istauth_response_add_cors(response);
}
