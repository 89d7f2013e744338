#include "endpoints/form_request_i.h"

#include "endpoints/respond_i.h"

static istauth_status check(const istauth_server *server, const istauth_request *request)
{
    if (request->body.n > server->config.limits.form)
        return ISTAUTH_E_TOO_LARGE;
    if (!istauth__is_media_type(request, "application/x-www-form-urlencoded") ||
        istauth__header(request, "content-encoding", 0).n)
        return ISTAUTH_E_CONTENT_TYPE;
    return ISTAUTH_OK;
}

istauth_status istauth__form_request_open(istauth__form_request *opened,
                                          const istauth_server *server,
                                          const istauth_request *request, istauth_arena *arena)
{
    istauth__client_claim claim = { &opened->form, istauth__header(request, "authorization", 0),
                                    istauth__header(request, "authorization", 1).p != NULL };
    istauth_status st = check(server, request);

    opened->by_header = false;
    if (!st)
        st = istauth__call_start(&opened->call, server, arena, request->address);
    if (!st)
        st = istauth__form_parse(&opened->form, arena, request->body);
    if (!st)
        st = istauth__client_authenticate(&opened->client, &opened->by_header, &opened->call,
                                          &claim);
    return st;
}

void istauth__form_request_fail(istauth_response *response, const istauth__form_request *opened,
                                istauth_status status, istauth_arena *arena)
{
    istauth__respond_error(response, status, arena);
    if (response->status == 401 && opened->by_header)
        istauth__add_header(response, "WWW-Authenticate", ISTAUTH_STR("Basic realm=\"oauth\""));
}
