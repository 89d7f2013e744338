/* What an ID token says (OpenID Connect Core 2), ready to be signed. */
#ifndef ISTAUTH_ID_TOKEN_I_H
#define ISTAUTH_ID_TOKEN_I_H

#include "rules/jwk_i.h"

typedef struct istauth__id_token {
    istauth_str issuer;
    istauth_str subject;   /* as this client sees it */
    istauth_str client_id; /* the audience, and the party that it was issued to */
    istauth_str nonce;     /* empty: left out */
    istauth_str access_token; /* that it is issued with */
    istauth__alg alg;         /* that signs it: at_hash depends on it */
    istauth_time auth_time;   /* 0: left out */
    istauth_time issued_at, expires_at;
} istauth__id_token;

/* The claims, as JSON. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__id_token_print(istauth_str *json, istauth_arena *arena,
                                       const istauth__id_token *token);

#endif
