#include "support/connection.h"

void take(world *w, connection *c, reply *r)
{
    if (r->status != 200)
        fail_msg("no tokens: %d %s", r->status, r->body);
    c->access = world_text(w, "%s", reply_str(r, "access_token"));
    c->refresh = world_text(w, "%s", reply_str(r, "refresh_token"));
}

connection connect_with(world *w, const char *scope)
{
    connection c;

    take(w, &c, world_connect(w, scope, &c.client_id));
    return c;
}

connection next(world *w, const connection *before)
{
    connection c = *before;

    take(w, &c, world_refresh(w, before->client_id, before->refresh));
    return c;
}

reply *refresh(world *w, const connection *c, const char *more)
{
    return world_post_form(w, "/api/oauth/token",
                           world_text(w, "grant_type=refresh_token&client_id=%s&refresh_token=%s%s",
                                      c->client_id, c->refresh, more));
}

bool lives(world *w, const char *access_token)
{
    istauth_access access;
    istauth_status st = world_verify(w, &access, access_token);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_TOKEN);
    return !st;
}

void expect_dead(world *w, const connection *c)
{
    assert_false(lives(w, c->access));
    expect_error(refresh(w, c, ""), 400, "invalid_grant");
}

void expect_alive(world *w, connection *c)
{
    assert_true(lives(w, c->access));
    *c = next(w, c);
}
