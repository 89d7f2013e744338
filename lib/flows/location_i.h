/* Where an authorization response goes (RFC 6749 4.1.2, RFC 9207). */
#ifndef ISTAUTH_LOCATION_I_H
#define ISTAUTH_LOCATION_I_H

#include "flows/server_i.h"

/* redirect_uri + code or error + state + iss. `code` empty: the error of `status`.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__location(istauth_str *location, const istauth_server *server,
                                 istauth_str redirect_uri, istauth_str state, istauth_str code,
                                 istauth_status status, istauth_arena *arena);

#endif
