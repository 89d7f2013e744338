/* Clients that prove themselves: registered or provisioned with a secret, and their requests. */
#ifndef TEST_PROOF_H
#define TEST_PROOF_H

#include "support/world.h"

/* How a request says which client it is. */
typedef struct proof {
    const char *client_id, *secret;
    istauth_client_auth method;
    const char *pem; /* of private_key_jwt */
} proof;

/* The public half of a key, as a JWK Set; `kid` may be NULL. */
char *jwks_of(world *w, const char *pem, const char *kid);
/* A compact JWS, whatever is in it. */
char *signed_by(world *w, const char *pem, const char *header, const char *payload);
/* What a client signs to prove itself, made anew at every call. */
char *assertion_of(world *w, const proof *p);
/* The fields of a form that carry one. */
char *assertion_form(world *w, const char *assertion);

/* Register by this method, in a world whose configuration has it; the secret is kept among the
 * world's secrets. */
proof register_proven(world *w, istauth_client_auth method);
/* Made by the host; the configuration must allow it. */
proof provision(world *w, const istauth_provision *wish);
/* What the machines of these tests are: client_secret_basic, mcp, ws_engine. */
istauth_provision machine_wish(void);
reply *machine_token(world *w, const proof *p, const char *more);
/* "Authorization: Basic ..." of a pair, as it is. */
char *basic_line(world *w, const char *pair);
/* POST a form as this client; `form` has no client_id. */
reply *post_as(world *w, const proof *p, const char *path, const char *form);
/* From consent to the token response, which must be one. */
reply *connect_as(world *w, const proof *p, const char *scope);
reply *redeem_as(world *w, const proof *p, const char *code);
reply *refresh_as(world *w, const proof *p, const char *refresh_token);

#endif
