/* The consent ticket: an authorization request sealed for one subject in one browser. */
#ifndef ISTAUTH_TICKET_I_H
#define ISTAUTH_TICKET_I_H

#include "flows/server_i.h"

typedef struct istauth__ticket {
    istauth_time expires_at;
    istauth_str client_id, redirect_uri, state, challenge, resource, scopes;
    istauth_str openid_nonce; /* for the ID token */
    istauth_time auth_time;   /* when the person had signed in; 0: not told */
    istauth_key nonce; /* claimed when it is spent */
} istauth__ticket;

/* ISTAUTH_OK, NO_MEMORY, RANDOM */
istauth_status istauth__ticket_seal(istauth_str *text, const istauth__call *call,
                                    const istauth_authorization *authorization,
                                    istauth_str subject, istauth_str binding);

/* Open one that has not expired and was sealed for this subject and binding. Texts are in the arena.
 * ISTAUTH_OK, ISTAUTH_E_TICKET, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__ticket_open(istauth__ticket *ticket, const istauth__call *call,
                                    istauth_str text, istauth_str subject, istauth_str binding);

/* Spend it: ISTAUTH_OK for one caller, ISTAUTH_E_TICKET for every other; UNAVAILABLE, NO_MEMORY */
istauth_status istauth__ticket_spend(const istauth__call *call, const istauth__ticket *ticket);

#endif
