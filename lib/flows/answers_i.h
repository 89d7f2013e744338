/* Answers of hooks.introspect, kept for as long as the host allows: of live tokens alone, each under
 * its token's SHA-256. It is the one thing in a server that changes, behind a lock of its own. */
#ifndef ISTAUTH_ANSWERS_I_H
#define ISTAUTH_ANSWERS_I_H

#include "flows/server_i.h"

/* *answers stays NULL when none are to be kept. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__answers_new(struct istauth__answers **answers,
                                    const istauth_server *server);

/* Wipe and free; NULL-safe. */
void istauth__answers_free(struct istauth__answers *answers);

/* False when there is none that may still be used; or no memory to copy it into the arena. */
bool istauth__answers_get(istauth_str *answer, const istauth__call *call, const istauth_key *key);

/* Keep one, in the place of another if need be. Without memory it is not kept. */
void istauth__answers_put(const istauth__call *call, const istauth_key *key, istauth_str answer);

#endif
