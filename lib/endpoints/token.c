#include <istauth/endpoints.h>

#include "endpoints/form_request_i.h"
#include "endpoints/respond_i.h"

void istauth_endpoint_token(istauth_response *response, const istauth_server *server,
                            const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_TOKEN, "POST", "POST, OPTIONS", true };
    istauth__form_request opened;
    istauth__issued issued;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    st = istauth__form_request_open(&opened, server, request, arena);
    if (!st)
        st = istauth__grant(&issued, &opened.call, &opened.client, &opened.form);
    if (st) {
        istauth__form_request_fail(response, &opened, st, arena);
        istauth_response_add_cors(response);
        return;
    }
    istauth__respond_json(response, 200, issued.json);
    istauth__add_header(response, "Pragma", ISTAUTH_STR("no-cache"));
    istauth_response_add_cors(response);
}
