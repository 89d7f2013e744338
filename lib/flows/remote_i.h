/* Verification through the authorization server elsewhere. */
#ifndef ISTAUTH_REMOTE_I_H
#define ISTAUTH_REMOTE_I_H

#include "flows/server_i.h"

#include <istauth/policy.h>

/* A bearer token that looks like one. */
typedef struct istauth__bearer {
    istauth_str text;
    istauth_token_kind kind;
    istauth_key key;
} istauth__bearer;

/* Ask hooks.introspect, or an answer of it that may still be used. `resource` NULL: any that is
 * configured. ISTAUTH_OK, INVALID_TOKEN, UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__remote_verify(istauth_access *access, const istauth__call *call,
                                      const istauth__bearer *bearer,
                                      const istauth__resource *resource);

#endif
