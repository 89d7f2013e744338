#include <istauth/verify.h>

#include "endpoints/respond_i.h"

istauth_status istauth_denial(istauth_response *response, const istauth_server *server,
                              istauth_str resource, istauth_status status, istauth_str scope,
                              istauth_arena *arena)
{
    istauth_str challenge;
    istauth_status st =
        istauth_challenge_for(&challenge, server, resource, status, scope, arena);

    if (st)
        return st;
    istauth__respond_error(response, status, arena);
    if (challenge.n)
        istauth__add_header(response, "WWW-Authenticate", challenge);
    return istauth_response_add_cors(response);
}
