/* OpenID Connect on top of the OAuth flows. */
#ifndef ISTAUTH_OPENID_I_H
#define ISTAUTH_OPENID_I_H

#include "base/form_i.h"
#include "flows/server_i.h"

/* A compact JWS of this payload by the first signing key, of which there is one.
 * ISTAUTH_OK, ISTAUTH_E_CRYPTO, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__sign(istauth_str *jws, const istauth__call *call, const char *type,
                             istauth_str payload);

/* The `sub` that a client sees of a subject, in ID tokens and everywhere else.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__subject_for_client(istauth_str *sub, const istauth__call *call,
                                           const istauth_client *client, istauth_str subject);

/* The ID token that goes with an access token; empty when these scopes get none.
 * ISTAUTH_OK, ISTAUTH_E_CRYPTO, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__id_token_issue(istauth_str *jwt, const istauth__call *call,
                                       const istauth_client *client, const istauth_grant *grant,
                                       istauth_str scopes, istauth_str nonce,
                                       istauth_str access_token);

/* What an authorization request says of how the person is to be signed in (OpenID Connect Core
 * 3.1.2.1). `seen_at` is when it was first seen.
 * ISTAUTH_OK, INVALID_REQUEST, LOGIN_REQUIRED, NO_MEMORY */
istauth_status istauth__openid_request(istauth_authorization *authorization,
                                       const istauth__call *call, const istauth__form *form,
                                       istauth_time seen_at);

/* Is the person signed in as the request asks? ISTAUTH_OK, ARGUMENT, LOGIN_REQUIRED, NO_MEMORY */
istauth_status istauth__openid_signed_in(const istauth_authorization *authorization,
                                         const istauth__call *call, istauth_str subject);

#endif
