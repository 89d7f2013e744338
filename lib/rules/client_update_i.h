/* What a client may make of its own registration (RFC 7592 2.2). */
#ifndef ISTAUTH_CLIENT_UPDATE_I_H
#define ISTAUTH_CLIENT_UPDATE_I_H

#include <istauth/client.h>

/* Read the body of an update of `current`: whole metadata, as for a registration, which takes the place
 * of all that was there. client_id must be there and its own; client_secret, if it is there, must be
 * the one that it has; what the server alone decides must not be there. `client` gets what
 * istauth_client_parse gives it.
 * Statuses of istauth_client_parse. */
istauth_status istauth__client_update_read(istauth_client *client, istauth_arena *arena,
                                           const istauth_scope_catalogue *catalogue,
                                           uint32_t methods, istauth_str body,
                                           const istauth_client *current);

#endif
