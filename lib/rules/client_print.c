#include <istauth/client.h>

#include "base/json_i.h"

static void grant_types(istauth__json *j, uint32_t types)
{
    istauth__json_open(j, "grant_types", '[');
    if (types & ISTAUTH_GRANT_AUTHORIZATION_CODE)
        istauth__json_str(j, NULL, ISTAUTH_STR("authorization_code"));
    if (types & ISTAUTH_GRANT_REFRESH_TOKEN)
        istauth__json_str(j, NULL, ISTAUTH_STR("refresh_token"));
    istauth__json_close(j, ']');
}

/* Unset members are left out: clients refuse null, and most of them the empty text too. */
istauth_status istauth_client_print(istauth_str *json, istauth_arena *arena,
                                    const istauth_client *client)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "client_id", client->client_id);
    istauth__json_int(&j, "client_id_issued_at", client->registered_at);
    istauth__json_list(&j, "redirect_uris", client->redirect_uris);
    grant_types(&j, client->grant_types);
    istauth__json_words(&j, "response_types", ISTAUTH_STR("code"));
    istauth__json_str(&j, "token_endpoint_auth_method", ISTAUTH_STR("none"));
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
