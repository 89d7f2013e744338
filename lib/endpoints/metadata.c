/* The discovery documents: built once, served as they are, cacheable for an hour. */
#include <istauth/endpoints.h>

#include "endpoints/respond_i.h"

#define CACHE "public, max-age=3600"

static void respond_document(istauth_response *response, istauth_str json)
{
    istauth__respond_json(response, 200, json);
    istauth__make_cacheable(response, CACHE);
    istauth_response_add_cors(response);
}

void istauth_endpoint_server_metadata(istauth_response *response, const istauth_server *server,
                                      const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_SERVER_METADATA, "GET, HEAD",
                                        "GET, HEAD, OPTIONS", true };

    if (!istauth__gate_answers(response, &gate, server, request, arena))
        respond_document(response, server->metadata_json);
}

/* A document that only an OpenID provider has. */
static void serve_openid(istauth_response *response, istauth_endpoint endpoint, istauth_str json,
                         const istauth_server *server, const istauth_request *request,
                         istauth_arena *arena)
{
    istauth__gate gate = { endpoint, "GET, HEAD", "GET, HEAD, OPTIONS", true };

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    if (istauth__is_openid(server)) {
        respond_document(response, json);
    } else {
        istauth__respond_error(response, ISTAUTH_E_NOT_SERVED, arena);
        istauth_response_add_cors(response);
    }
}

void istauth_endpoint_openid_metadata(istauth_response *response, const istauth_server *server,
                                      const istauth_request *request, istauth_arena *arena)
{
    serve_openid(response, ISTAUTH_ENDPOINT_OPENID_METADATA, server->openid_json, server, request,
                 arena);
}

void istauth_endpoint_jwks(istauth_response *response, const istauth_server *server,
                           const istauth_request *request, istauth_arena *arena)
{
    serve_openid(response, ISTAUTH_ENDPOINT_JWKS, server->jwks_json, server, request, arena);
}

/* The root form is for clients that do not insert paths: it names the first resource. */
static const istauth__resource *find(const istauth_server *server, istauth_str path)
{
    for (size_t i = 0; i < server->config.resource_count; i++)
        if (istauth_str_equal(server->resources[i].metadata_path, path))
            return &server->resources[i];
    if (istauth_str_equal(path, ISTAUTH_STR("/.well-known/oauth-protected-resource")))
        return &server->resources[0];
    return NULL;
}

void istauth_endpoint_resource_metadata(istauth_response *response, const istauth_server *server,
                                        const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_RESOURCE_METADATA, "GET, HEAD",
                                        "GET, HEAD, OPTIONS", true };
    const istauth__resource *resource = find(server, request->path);

    if (istauth__gate_answers(response, &gate, server, request, arena))
        return;
    if (resource) {
        respond_document(response, resource->metadata_json);
    } else {
        istauth__respond_error(response, ISTAUTH_E_NOT_SERVED, arena);
        istauth_response_add_cors(response);
    }
}
