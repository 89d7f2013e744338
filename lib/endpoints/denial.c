#include <istauth/verify.h>

#include "endpoints/respond_i.h"

void istauth_denial(istauth_response *response, const istauth_server *server, istauth_str resource,
                    istauth_status status, istauth_str scope, istauth_arena *arena)
{
    istauth_str challenge = { NULL, 0 };
    istauth_status st = istauth_challenge_for(&challenge, server, resource, status, scope, arena);

    if (!st) /* a host that denies a success has a bug, which must not look like a 200 */
        st = status ? status : ISTAUTH_E_INTERNAL;
    istauth__respond_error(response, st, arena);
    if (challenge.n)
        istauth__add_header(response, "WWW-Authenticate", challenge);
    istauth_response_add_cors(response);
}

bool istauth_protect(istauth_response *response, istauth_access *access,
                     const istauth_server *server, const istauth_request *request,
                     istauth_str resource, istauth_arena *arena)
{
    istauth_status st;

    if (istauth_str_equal(request->method, ISTAUTH_STR("OPTIONS"))) {
        istauth_response_preflight(response, "GET, POST, DELETE"); /* what MCP's transport uses */
        return false;
    }
    st = istauth_verify_request(access, server, request, resource, arena);
    if (st)
        istauth_denial(response, server, resource, st, istauth_str_of(NULL), arena);
    return !st;
}

bool istauth_permit(istauth_response *response, const istauth_access *access,
                    const istauth_server *server, istauth_str scope, istauth_str workspace,
                    istauth_arena *arena)
{
    istauth_status st = istauth_access_check(access, server, scope, workspace);

    if (st)
        istauth_denial(response, server, access->resource, st, scope, arena);
    return !st;
}
