/* private_key_jwt: a client signs a short-lived statement for this issuer with a key of its own
 * (RFC 7523 3, with the sole audience of draft-ietf-oauth-rfc7523bis). */
#ifndef ISTAUTH_ASSERTION_I_H
#define ISTAUTH_ASSERTION_I_H

#include "flows/server_i.h"

/* Which client an assertion says it is of. Nothing is proven by that.
 * ISTAUTH_OK, INVALID_CLIENT, NO_MEMORY */
istauth_status istauth__assertion_subject(istauth_str *subject, const istauth__call *call,
                                          istauth_str assertion);

/* Signed by this client, for this issuer, now, and for the first time.
 * ISTAUTH_OK, INVALID_CLIENT, UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__assertion_verify(const istauth__call *call, const istauth_client *client,
                                         istauth_str assertion);

#endif
