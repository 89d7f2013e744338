#include <istauth/endpoints.h>

#include "base/text_i.h"
#include "endpoints/consent_i.h"
#include "flows/flows_i.h"

static bool is_openid_metadata(const istauth_server *server, istauth_str path)
{
    return istauth__is_openid(server) && (istauth_str_equal(path, server->openid_paths[0]) ||
                                          istauth_str_equal(path, server->openid_paths[1]));
}

static bool is_resource_metadata(const istauth_server *server, istauth_str path)
{
    if (istauth_str_equal(path, ISTAUTH_STR("/.well-known/oauth-protected-resource")))
        return true;
    for (size_t i = 0; i < server->config.resource_count; i++)
        if (istauth_str_equal(path, server->resources[i].metadata_path))
            return true;
    return false;
}

istauth_endpoint istauth_route(const istauth_server *server, istauth_str path)
{
    const istauth_config *c = &server->config;
    istauth_str client_id;

    if (c->resource_server_only)
        return is_resource_metadata(server, path) ? ISTAUTH_ENDPOINT_RESOURCE_METADATA
                                                  : ISTAUTH_ENDPOINT_NONE;
    if (istauth_str_equal(path, c->paths.token))
        return ISTAUTH_ENDPOINT_TOKEN;
    if (istauth_str_equal(path, c->paths.authorize))
        return ISTAUTH_ENDPOINT_AUTHORIZE;
    if (istauth_str_equal(path, c->paths.consent) && c->hooks.visitor)
        return ISTAUTH_ENDPOINT_CONSENT;
    if (istauth_str_equal(path, c->paths.register_) && !c->closed_registration)
        return ISTAUTH_ENDPOINT_REGISTER;
    if (istauth_str_equal(path, c->paths.revoke))
        return ISTAUTH_ENDPOINT_REVOKE;
    if (istauth_str_equal(path, c->paths.userinfo) && c->hooks.claims)
        return ISTAUTH_ENDPOINT_USERINFO;
    if (istauth_str_equal(path, c->paths.introspect) && c->introspection)
        return ISTAUTH_ENDPOINT_INTROSPECT;
    if (istauth_str_equal(path, c->paths.jwks) && istauth__is_openid(server))
        return ISTAUTH_ENDPOINT_JWKS;
    if (is_openid_metadata(server, path))
        return ISTAUTH_ENDPOINT_OPENID_METADATA;
    if (istauth__managed_path(&client_id, server, path))
        return ISTAUTH_ENDPOINT_CLIENT;
    if (istauth_str_equal(path, server->metadata_path))
        return ISTAUTH_ENDPOINT_SERVER_METADATA;
    return is_resource_metadata(server, path) ? ISTAUTH_ENDPOINT_RESOURCE_METADATA
                                              : ISTAUTH_ENDPOINT_NONE;
}

/* With hooks.visitor nothing stays open. Without it a host that has no place for an open request cannot
 * have one. */
static void handle_authorize(istauth_response *response, bool *open,
                             istauth_authorization *authorization, const istauth_server *server,
                             const istauth_request *request, istauth_arena *arena)
{
    istauth_authorization own;
    bool opened;

    if (!authorization)
        authorization = &own;
    istauth_endpoint_authorize(response, &opened, authorization, server, request, arena);
    if (opened && server->config.hooks.visitor)
        istauth__ask_visitor(response, server, authorization, request, arena);
    else if (opened && !open)
        istauth__respond_error(response, ISTAUTH_E_INTERNAL, arena);
    else if (open)
        *open = opened;
}

istauth_endpoint istauth_handle(istauth_response *response, bool *open,
                                istauth_authorization *authorization, const istauth_server *server,
                                const istauth_request *request, istauth_arena *arena)
{
    istauth_endpoint endpoint = istauth_route(server, request->path);

    if (open)
        *open = false;
    switch (endpoint) {
    case ISTAUTH_ENDPOINT_SERVER_METADATA:
        istauth_endpoint_server_metadata(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_RESOURCE_METADATA:
        istauth_endpoint_resource_metadata(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_REGISTER:
        istauth_endpoint_register(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_AUTHORIZE:
        handle_authorize(response, open, authorization, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_CONSENT:
        istauth_endpoint_consent(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_TOKEN:
        istauth_endpoint_token(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_REVOKE:
        istauth_endpoint_revoke(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_USERINFO:
        istauth_endpoint_userinfo(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_INTROSPECT:
        istauth_endpoint_introspect(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_OPENID_METADATA:
        istauth_endpoint_openid_metadata(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_JWKS:
        istauth_endpoint_jwks(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_CLIENT:
        istauth_endpoint_client(response, server, request, arena);
        break;
    case ISTAUTH_ENDPOINT_NONE:
        break;
    }
    return endpoint;
}
