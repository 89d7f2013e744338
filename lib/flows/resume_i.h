/* A request's way back from the sign-in page: its query with the time at which it was first seen.
 *
 * Without that time a request that asks for a fresh sign-in would ask again each time it is seen.
 * It is no secret and no credential: a MAC ties it to this very query, so that it cannot be taken
 * to another. */
#ifndef ISTAUTH_RESUME_I_H
#define ISTAUTH_RESUME_I_H

#include "flows/server_i.h"

/* ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__resume_write(istauth_str *resume, const istauth__call *call,
                                     istauth_str query, istauth_time seen_at);

/* The query without that time, if it ends in one that is ours and no older than an hour. Borrowed.
 * ISTAUTH_OK
 * ISTAUTH_E_NOT_FOUND  it has none
 * ISTAUTH_E_NO_MEMORY */
istauth_status istauth__resume_read(istauth_str *query, istauth_time *seen_at,
                                    const istauth__call *call, istauth_str resume);

#endif
