#include "rules/client_i.h"

#include <istauth/metadata_document.h>

#include "base/error_i.h"
#include "base/json_i.h"
#include "rules/jwk_i.h"

static istauth_status no_memory(istauth_error *error)
{
    return istauth__fail(error, ISTAUTH_E_NO_MEMORY, "no memory to read a client's keys");
}

static istauth_status bad(istauth_error *error, const char *why)
{
    return istauth__fail(error, ISTAUTH_E_INVALID_CLIENT_METADATA, why);
}

istauth_status istauth__client_check_jwks(bool *usable, istauth_arena *arena, istauth_str jwks,
                                          istauth_error *error)
{
    istauth__jwks set;
    istauth_status st = istauth__jwks_parse(&set, arena, jwks);

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(error);
    if (st)
        return bad(error, "jwks is no set of public keys");
    *usable = set.count > 0;
    return ISTAUTH_OK;
}

bool istauth__client_jwks_uri_is_valid(istauth_str uri)
{
    return istauth_document_url_is_valid(uri, ISTAUTH_DOCUMENT_QUERY);
}

static istauth_status read_jwks(istauth_client *client, istauth_arena *arena,
                                const struct cJSON *jwks, istauth_error *error)
{
    bool usable = false;
    istauth_str json;
    istauth_status st;

    if (istauth__json_print(&json, arena, jwks))
        return no_memory(error);
    st = istauth__client_check_jwks(&usable, arena, json, error);
    if (!st && usable)
        client->jwks = json;
    return st;
}

istauth_status istauth__client_read_keys(istauth_client *client, istauth_arena *arena,
                                         const struct cJSON *object, istauth_error *error)
{
    const struct cJSON *jwks = istauth__json_member(object, "jwks");
    istauth_status st = istauth__json_get_str(&client->jwks_uri, arena, object, "jwks_uri");

    if (st == ISTAUTH_E_NO_MEMORY)
        return no_memory(error);
    if (st)
        return bad(error, "jwks_uri is not a text");
    if (jwks && client->jwks_uri.n)
        return bad(error, "jwks and jwks_uri exclude each other"); /* RFC 7591 2 */
    if (client->jwks_uri.n && !istauth__client_jwks_uri_is_valid(client->jwks_uri))
        return bad(error, "jwks_uri is no URL that may be fetched");
    return jwks ? read_jwks(client, arena, jwks, error) : ISTAUTH_OK;
}
