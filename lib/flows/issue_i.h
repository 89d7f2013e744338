/* Minting what the token endpoint hands out. */
#ifndef ISTAUTH_ISSUE_I_H
#define ISTAUTH_ISSUE_I_H

#include "flows/flows_i.h"

/* Fresh tokens for a grant: the records for the store, and the response, written before the store is
 * asked, so that nothing is left that could fail once a credential is spent. */
typedef struct istauth__minted {
    istauth_token records[2];
    size_t count;
    istauth__issued issued;
} istauth__minted;

/* An access token, a refresh token when the client registered for that grant, and an ID token when
 * "openid" is among the scopes. `scopes` are the access token's: empty for all of the grant's;
 * `nonce` is the ID token's.
 * ISTAUTH_OK, NO_MEMORY, RANDOM, CRYPTO, INTERNAL */
istauth_status istauth__mint(istauth__minted *minted, const istauth__call *call,
                             const istauth_client *client, const istauth_grant *grant,
                             istauth_str scopes, istauth_str nonce);

static inline istauth_token_list istauth__minted_list(const istauth__minted *minted)
{
    istauth_token_list list = { minted->records, minted->count };
    return list;
}

/* A spent credential came back: kill its family and say so.
 * ISTAUTH_E_INVALID_GRANT when it is dead; UNAVAILABLE, NO_MEMORY, INTERNAL when that is not sure */
istauth_status istauth__punish_reuse(const istauth__call *call, const istauth_grant *grant);

#endif
