#include <istauth/endpoints.h>
#include <istauth/verify.h>

#include "base/buf_i.h"
#include "endpoints/respond_i.h"
#include "flows/flows_i.h"

/* The form field of RFC 6750 2.2, which OpenID Connect Core 5.3.1 has clients use here. Beside a
 * header it would be a second token (RFC 6750 2). */
static istauth_status read_form(istauth_str *header, const istauth_server *server,
                                const istauth_request *request, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);
    istauth__form form;
    istauth_str token;
    istauth_status st;

    if (request->body.n > server->config.limits.form)
        return ISTAUTH_E_TOO_LARGE;
    st = istauth__form_parse(&form, arena, request->body);
    if (!st)
        st = istauth__form_get(&token, &form, "access_token");
    if (st || !token.n)
        return st;
    if (header->p)
        return ISTAUTH_E_INVALID_REQUEST;
    istauth__buf_text(&b, "Bearer ");
    istauth__buf_add(&b, token);
    return istauth__buf_done(header, &b);
}

static istauth_status find_token(istauth_str *header, const istauth_server *server,
                                 const istauth_request *request, istauth_arena *arena)
{
    *header = istauth__header(request, "authorization", 0);
    if (istauth__header(request, "authorization", 1).p)
        *header = ISTAUTH_STR("Bearer"); /* as istauth_verify_request */
    if (!istauth_str_equal(request->method, ISTAUTH_STR("POST")) ||
        !istauth__is_media_type(request, "application/x-www-form-urlencoded"))
        return ISTAUTH_OK;
    return read_form(header, server, request, arena);
}

static istauth_status handle(istauth_str *json, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    istauth_str header;
    istauth_access access;
    istauth__call call;
    istauth_status st = istauth__call_start(&call, server, arena, request->address);

    if (!st)
        st = find_token(&header, server, request, arena);
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
