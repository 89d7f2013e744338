#include <istauth/introspection.h>

#include "base/json_i.h"

static void members(istauth__json *j, const istauth_introspection *t)
{
    istauth__json_str(j, "scope", t->scopes);
    istauth__json_optional(j, "client_id", t->client_id);
    istauth__json_optional(j, "sub", t->subject);
    istauth__json_str(j, "aud", t->audience);
    istauth__json_str(j, "iss", t->issuer);
    if (t->expires_at)
        istauth__json_int(j, "exp", t->expires_at);
    istauth__json_int(j, "iat", t->issued_at);
    if (t->kind != ISTAUTH_TOKEN_REFRESH)
        istauth__json_str(j, "token_type", ISTAUTH_STR("Bearer"));
    istauth__json_list(j, "workspaces", t->workspaces);
    istauth__json_str(j, "grant_id", istauth_id_str(&t->grant_id));
}

istauth_status istauth_introspection_print(istauth_str *json, istauth_arena *arena,
                                           const istauth_introspection *token)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_bool(&j, "active", token != NULL);
    if (token)
        members(&j, token);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}
