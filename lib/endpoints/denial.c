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
