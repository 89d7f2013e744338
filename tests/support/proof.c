#include "support/proof.h"

#include "support/world_i.h"

#include "rules/jws_i.h"
#include "support/keys.h"

#include <istauth/client.h>
#include <sodium.h>

#define TYPE "Content-Type: application/x-www-form-urlencoded\r\n"

static istauth__private_key load(world *w, const char *pem)
{
    istauth__private_key key;

    assert_int_equal(istauth__private_key_load(&key, &w->arena, istauth_str_of(pem)), ISTAUTH_OK);
    return key;
}

char *jwks_of(world *w, const char *pem, const char *kid)
{
    istauth__private_key key = load(w, pem);
    istauth__jwk jwk = { key.public_half, istauth_str_of(kid) };
    istauth__jwks set = { &jwk, 1 };
    istauth_str json;

    assert_int_equal(istauth__jwks_print(&json, &w->arena, &set), ISTAUTH_OK);
    istauth__private_key_free(&key);
    return world_text(w, "%s", json.p);
}

static char *encoded(world *w, const void *bytes, size_t n)
{
    char *text = world_text(w, "%*s", (int)ISTAUTH__BASE64URL_LENGTH(n), "");

    istauth__base64url_write(text, bytes, n);
    return text;
}

char *signed_by(world *w, const char *pem, const char *header, const char *payload)
{
    istauth__private_key key = load(w, pem);
    char *input = world_text(w, "%s.%s", encoded(w, header, strlen(header)),
                             encoded(w, payload, strlen(payload)));
    uint8_t signature[ISTAUTH__SIGNATURE_MAX];
    size_t n;

    assert_int_equal(istauth__signature_make(signature, &n, &key, istauth_str_of(input)),
                     ISTAUTH_OK);
    istauth__private_key_free(&key);
    return world_text(w, "%s.%s", input, encoded(w, signature, n));
}

char *assertion_of(world *w, const proof *p)
{
    char *payload = world_text(w,
                               "{\"iss\":\"%s\",\"sub\":\"%s\",\"aud\":\"%s\",\"iat\":%lld,"
                               "\"exp\":%lld,\"jti\":\"%zu\"}",
                               p->client_id, p->client_id, WORLD_ISSUER, (long long)w->now,
                               (long long)w->now + 60, ++w->assertions);
    char *made = signed_by(w, p->pem, "{\"alg\":\"ES256\"}", payload);

    world__keep_secret(w, made);
    return made;
}

char *assertion_form(world *w, const char *assertion)
{
    return world_text(w,
                      "client_assertion_type=urn%%3Aietf%%3Aparams%%3Aoauth%%3Aclient-assertion-type"
                      "%%3Ajwt-bearer&client_assertion=%s",
                      assertion);
}

proof register_proven(world *w, istauth_client_auth method)
{
    bool by_key = method == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    proof p = { .method = method, .pem = by_key ? EC_PEM : NULL };
    reply *r = world_post_json(
        w, "/api/oauth/register",
        world_text(w,
                   "{\"client_name\":\"Client\",\"redirect_uris\":[\"%s\"],"
                   "\"token_endpoint_auth_method\":\"%s\"%s%s}",
                   WORLD_CLIENT_REDIRECT, istauth_client_auth_name(method),
                   by_key ? ",\"jwks\":" : "", by_key ? jwks_of(w, EC_PEM, NULL) : ""));

    if (r->status != 201)
        fail_msg("registration: %d %s", r->status, r->body);
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"),
                        istauth_client_auth_name(method));
    p.client_id = world_text(w, "%s", reply_str(r, "client_id"));
    p.secret = by_key ? NULL : world_text(w, "%s", reply_str(r, "client_secret"));
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
    return (proof){ id.p, world_text(w, "%s", secret), wish->auth, NULL };
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
    else if (p->method == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        form = world_text(w, "%s&%s", form, assertion_form(w, assertion_of(w, p)));
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
