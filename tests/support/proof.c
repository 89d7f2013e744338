#include "support/proof.h"

#include "support/world_i.h"

#include <istauth/client.h>
#include <sodium.h>

#define TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

proof register_proven(world *w, istauth_client_auth method)
{
    proof p = { .method = method };
    reply *r = world_post_json(
        w, "/api/oauth/register",
        world_text(w,
                   "{\"client_name\":\"Client\",\"redirect_uris\":[\"%s\"],"
                   "\"token_endpoint_auth_method\":\"%s\"}",
                   WORLD_CLIENT_REDIRECT, istauth_client_auth_name(method)));

    if (r->status != 201)
        fail_msg("registration: %d %s", r->status, r->body);
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"),
                        istauth_client_auth_name(method));
    p.client_id = world_text(w, "%s", reply_str(r, "client_id"));
    p.secret = world_text(w, "%s", reply_str(r, "client_secret"));
    return p;
}

proof provision(world *w, const istauth_provision *wish)
{
    char secret[ISTAUTH_TOKEN_SIZE];
    istauth_error error;
    istauth_str id;

    if (istauth_client_provision(secret, &id, w->server, wish, &w->arena, &error))
        fail_msg("provision: %s: %s", istauth_status_name(error.status), error.detail);
    if (*secret)
        world__keep_secret(w, secret);
    return (proof){ id.p, world_text(w, "%s", secret), wish->auth };
}

istauth_provision machine_wish(void)
{
    static const istauth_str engine = ISTAUTH_STR_INIT("ws_engine");
    istauth_provision wish = ISTAUTH_PROVISION_INIT;

    wish.name = ISTAUTH_STR("Nightly report");
    wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    wish.grant_types = ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    wish.scopes = ISTAUTH_STR("mcp");
    wish.workspaces = (istauth_str_list){ &engine, 1 };
    return wish;
}

reply *machine_token(world *w, const proof *p, const char *more)
{
    return post_as(w, p, "/api/oauth/token",
                   world_text(w, "grant_type=client_credentials%s", more));
}

char *basic_line(world *w, const char *pair)
{
    char base64[1024];

    sodium_bin2base64(base64, sizeof(base64), (const unsigned char *)pair, strlen(pair),
                      sodium_base64_VARIANT_ORIGINAL);
    return world_text(w, "Authorization: Basic %s\r\n", base64);
}

reply *post_as(world *w, const proof *p, const char *path, const char *form)
{
    char *headers = world_text(w, "%s", TYPE);

    if (p->method == ISTAUTH_CLIENT_AUTH_SECRET_BASIC)
        headers = world_text(w, TYPE "%s",
                             basic_line(w, world_text(w, "%s:%s", p->client_id, p->secret)));
    else if (p->method == ISTAUTH_CLIENT_AUTH_SECRET_POST)
        form = world_text(w, "%s&client_id=%s&client_secret=%s", form, p->client_id, p->secret);
    else
        form = world_text(w, "%s&client_id=%s", form, p->client_id);
    return world_call(w, "POST", path, NULL, headers, form, strlen(form));
}

reply *redeem_as(world *w, const proof *p, const char *code)
{
    return post_as(w, p, "/api/oauth/token",
                   world_text(w, "grant_type=authorization_code&code=%s&code_verifier=%s", code,
                              WORLD_VERIFIER));
}

reply *connect_as(world *w, const proof *p, const char *scope)
{
    char *more = world_text(w, "scope=%s", world_encode(w, scope));
    reply *r = redeem_as(w, p, world_code(w, p->client_id, more));

    if (r->status != 200)
        fail_msg("redemption: %d %s", r->status, r->body);
    return r;
}

reply *refresh_as(world *w, const proof *p, const char *refresh_token)
{
    return post_as(w, p, "/api/oauth/token",
                   world_text(w, "grant_type=refresh_token&refresh_token=%s", refresh_token));
}
