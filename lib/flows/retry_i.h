/* The answer to a refresh, kept for the one who presents the spent token once more.
 *
 * It is sealed under a key that is derived from the spent token itself. The store has that token's
 * SHA-256 alone, from which the key cannot be had: what it keeps is as unreadable as before. */
#ifndef ISTAUTH_RETRY_I_H
#define ISTAUTH_RETRY_I_H

#include "flows/flows_i.h"

/* An answer, and the scopes that its request named: empty for all of the grant's. */
typedef struct istauth__answer {
    istauth_str narrowed;
    istauth__issued issued;
} istauth__answer;

/* Is a retry window configured at all? */
bool istauth__retry_is_on(const istauth_server *server);

/* Seal an answer for the holder of `token`, which is about to be spent.
 * ISTAUTH_OK, NO_MEMORY, RANDOM */
istauth_status istauth__retry_seal(istauth_retry *retry, const istauth__call *call,
                                   istauth_str token, const istauth__answer *answer);

/* The answer that was kept when `token`, whose key is `key`, was spent.
 * ISTAUTH_OK
 * ISTAUTH_E_NOT_FOUND  no window, it is over, or the successor was used: the token is reused
 * UNAVAILABLE, NO_MEMORY, INTERNAL */
istauth_status istauth__retry_open(istauth__answer *answer, const istauth__call *call,
                                   istauth_str token, const istauth_key *key);

#endif
