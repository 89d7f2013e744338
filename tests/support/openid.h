/* A world that is an OpenID provider, and a client that checks what it is given. */
#ifndef TEST_OPENID_H
#define TEST_OPENID_H

#include "support/keys.h"
#include "support/person.h"

#define OPENID_METADATA "/.well-known/openid-configuration"
#define JWKS "/.well-known/jwks.json"

/* Sign with these keys from now on; the world is opened, or opened again. NULL ends the list. */
void openid_use(world *w, const char *pem, ...);

/* A cmocka set-up with one EC key. */
int openid_setup(void **state);

/* The claims of an ID token, once a key of the published set is found to have signed it. The
 * header's kid is in *kid if that is not NULL. */
cJSON *id_token_claims(world *w, const char *id_token, char **kid);

/* A member of the claims; the test fails without it. */
const char *claim_str(const cJSON *claims, const char *name);
int64_t claim_int(const cJSON *claims, const char *name);

#define OPENID_CASE(name) cmocka_unit_test_setup_teardown(name, openid_setup, world_teardown)

#endif
