/* Which resource a request asks for (RFC 8707 2). */
#ifndef ISTAUTH_RESOURCE_I_H
#define ISTAUTH_RESOURCE_I_H

#include "base/form_i.h"
#include "flows/server_i.h"

/* The parameter may come several times, absent or empty; all that are there must mean one configured
 * resource, and `bound` if that is not NULL (what was granted before).
 * ISTAUTH_OK, ISTAUTH_E_INVALID_TARGET */
istauth_status istauth__resource_asked(const istauth__resource **resource,
                                       const istauth_server *server, const istauth__form *form,
                                       const istauth__resource *bound);

#endif
