#include "support/world_i.h"

#include <stdio.h>

char *world_register(world *w, const char *redirect_uri)
{
    reply *r = world_post_json(
        w, "/api/oauth/register",
        world_text(w, "{\"client_name\":\"Client\",\"redirect_uris\":[\"%s\"]}", redirect_uri));

    if (r->status != 201)
        fail_msg("registration: %d %s", r->status, r->body);
    return world_text(w, "%s", reply_str(r, "client_id"));
}

char *world_query(world *w, const char *client_id, const char *redirect_uri, const char *more)
{
    return world_text(w,
                      "response_type=code&client_id=%s&redirect_uri=%s&code_challenge=%s"
                      "&code_challenge_method=S256%s%s",
                      client_id, world_encode(w, redirect_uri), WORLD_CHALLENGE,
                      more && *more ? "&" : "", more ? more : "");
}

static istauth_str_list split(world *w, const char *words)
{
    istauth_str *items = istauth_arena_alloc(&w->arena, 64 * sizeof(*items));
    istauth_str_list list = { items, 0 };

    assert_non_null(items);
    for (const char *p = words; *p;) {
        size_t n = strcspn(p, " ");

        assert_true(list.count < 64);
        items[list.count++] = (istauth_str){ p, n };
        p += n + (p[n] == ' ');
    }
    return list;
}

char *world_approve(world *w, const char *query, const char *scopes, const char *workspaces)
{
    istauth_choice choice = { istauth_str_of(scopes),
                              split(w, workspaces ? workspaces : "ws_engine ws_notes") };
    istauth_authorization authorization;
    istauth_consent consent;
    istauth_str location;

    assert_int_equal(istauth_authorize_check(&authorization, w->server, istauth_str_of(query),
                                             &w->arena),
                     ISTAUTH_OK);
    authorization.auth_time = w->auth_time;
    assert_int_equal(istauth_consent_open(&consent, w->server, &authorization, ADA, BROWSER,
                                          &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_approve(&location, w->server, consent.ticket, ADA, BROWSER,
                                             &choice, &w->arena),
                     ISTAUTH_OK);
    world__keep_secret(w, url_param(w, location.p, "code"));
    return world_text(w, "%s", location.p);
}

char *world_code(world *w, const char *client_id, const char *more)
{
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, more);

    return url_param(w, world_approve(w, query, NULL, NULL), "code");
}

reply *world_redeem(world *w, const char *client_id, const char *code)
{
    return world_post_form(
        w, "/api/oauth/token",
        world_text(w,
                   "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                   "&redirect_uri=%s",
                   client_id, code, WORLD_VERIFIER, world_encode(w, WORLD_CLIENT_REDIRECT)));
}

reply *world_refresh(world *w, const char *client_id, const char *refresh_token)
{
    return world_post_form(w, "/api/oauth/token",
                           world_text(w, "grant_type=refresh_token&client_id=%s&refresh_token=%s",
                                      client_id, refresh_token));
}

reply *world_connect(world *w, const char *scope, char **client_id)
{
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *more = world_text(w, "scope=%s", world_encode(w, scope));
    reply *r = world_redeem(w, id, world_code(w, id, more));

    if (r->status != 200)
        fail_msg("redemption: %d %s", r->status, r->body);
    if (client_id)
        *client_id = id;
    return r;
}

istauth_status world_verify(world *w, istauth_access *access, const char *token)
{
    char *header = world_text(w, "Bearer %s", token);

    return istauth_verify(access, w->server, istauth_str_of(header), istauth_str_of(NULL),
                          &w->arena);
}
