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
