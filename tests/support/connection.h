/* A client's connection as a test lives through it: connect, refresh, and look who still lives. */
#ifndef TEST_CONNECTION_H
#define TEST_CONNECTION_H

#include "support/world.h"

/* A connection, and the pair that it holds now. */
typedef struct connection {
    char *client_id, *access, *refresh;
} connection;

/* The pair of a token response, which must be one. */
void take(world *w, connection *c, reply *r);
connection connect_with(world *w, const char *scope);
/* What it holds after a refresh, which must succeed. */
connection next(world *w, const connection *before);
/* A refresh request; `more` is appended to its form. */
reply *refresh(world *w, const connection *c, const char *more);

bool lives(world *w, const char *access_token);
/* Neither of its tokens is good for anything; trying its refresh token is reuse, if it was spent. */
void expect_dead(world *w, const connection *c);
/* Its access token lives, and it refreshes once. */
void expect_alive(world *w, connection *c);

#endif
