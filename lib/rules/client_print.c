#include <istauth/client.h>

#include "base/json_i.h"

static void grant_types(istauth__json *j, uint32_t types)
{
    istauth__json_open(j, "grant_types", '[');
    if (types & ISTAUTH_GRANT_AUTHORIZATION_CODE)
        istauth__json_str(j, NULL, ISTAUTH_STR("authorization_code"));
    if (types & ISTAUTH_GRANT_REFRESH_TOKEN)
        istauth__json_str(j, NULL, ISTAUTH_STR("refresh_token"));
    if (types & ISTAUTH_GRANT_CLIENT_CREDENTIALS)
        istauth__json_str(j, NULL, ISTAUTH_STR("client_credentials"));
    istauth__json_close(j, ']');
}

static const char *const methods[] = {
    [ISTAUTH_CLIENT_AUTH_NONE] = "none",
    [ISTAUTH_CLIENT_AUTH_SECRET_BASIC] = "client_secret_basic",
    [ISTAUTH_CLIENT_AUTH_SECRET_POST] = "client_secret_post",
    [ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT] = "private_key_jwt",
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

const char *istauth_client_auth_name(istauth_client_auth method)
{
    return (size_t)method < METHODS ? methods[method] : methods[ISTAUTH_CLIENT_AUTH_NONE];
}

bool istauth_client_auth_read(istauth_client_auth *method, istauth_str name)
{
    for (size_t i = 0; i < METHODS; i++) {
        if (!istauth_str_equal(name, istauth_str_of(methods[i])))
            continue;
        *method = (istauth_client_auth)i;
        return true;
    }
    return false;
}

/* RFC 7591 3.2.1: with a secret there is always a time at which it ends, 0 for never. */
static void secrets_of(istauth__json *j, const istauth_client *client,
                       const istauth_client_secrets *secrets)
{
    if (!secrets)
        return;
    if (secrets->secret.n) {
        istauth__json_str(j, "client_secret", secrets->secret);
        istauth__json_int(j, "client_secret_expires_at", client->secret_expires_at);
    }
    istauth__json_optional(j, "registration_access_token", secrets->registration_access_token);
    istauth__json_optional(j, "registration_client_uri", secrets->registration_client_uri);
}

/* Unset members are left out: clients refuse null, and most of them the empty text too. */
istauth_status istauth_client_print(istauth_str *json, istauth_arena *arena,
                                    const istauth_client *client,
                                    const istauth_client_secrets *secrets)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "client_id", client->client_id);
    istauth__json_int(&j, "client_id_issued_at", client->registered_at);
    secrets_of(&j, client, secrets);
    istauth__json_list(&j, "redirect_uris", client->redirect_uris);
    grant_types(&j, client->grant_types);
    istauth__json_words(&j, "response_types", ISTAUTH_STR("code"));
    istauth__json_str(&j, "token_endpoint_auth_method",
                      istauth_str_of(istauth_client_auth_name(client->auth)));
    istauth__json_raw(&j, "jwks", client->jwks);
    istauth__json_optional(&j, "jwks_uri", client->jwks_uri);
    istauth__json_optional(&j, "client_name", client->name);
    if (client->native) /* any other type was not asked for, or is not kept */
        istauth__json_str(&j, "application_type", ISTAUTH_STR("native"));
    istauth__json_optional(&j, "scope", client->scopes);
    istauth__json_optional(&j, "client_uri", client->client_uri);
    istauth__json_optional(&j, "logo_uri", client->logo_uri);
    istauth__json_optional(&j, "policy_uri", client->policy_uri);
    istauth__json_optional(&j, "tos_uri", client->tos_uri);
    istauth__json_optional(&j, "software_id", client->software_id);
    istauth__json_optional(&j, "software_version", client->software_version);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}
