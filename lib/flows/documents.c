#include "flows/server_i.h"

#include "base/buf_i.h"

#include <istauth/client.h>

/* An endpoint lives on the issuer's origin, whatever the issuer's own path. */
static istauth_status absolute(istauth_str *url, istauth_server *server, istauth_str path)
{
    istauth__buf b = istauth__buf_in(&server->memory);

    istauth__buf_add(&b, istauth_identifier_origin(server->config.issuer));
    istauth__buf_add(&b, path);
    return istauth__buf_done(url, &b);
}

static istauth_scope_set advertised(const istauth_server *server, unsigned without)
{
    return istauth_scope_without(server->offered,
                                 istauth_scope_flagged(&server->catalogue, without));
}

/* A catalogue may leave "openid" unlisted for the time without keys: with them it is listed, as it
 * must be (OpenID Connect Discovery 1.0 3). */
static istauth_scope_set server_scopes(const istauth_server *server)
{
    istauth_scope_set listed = advertised(server, ISTAUTH_SCOPE_UNLISTED), openid;

    if (!istauth__is_openid(server) ||
        istauth_scope_parse(&openid, NULL, &server->catalogue, ISTAUTH_STR("openid")))
        return listed;
    return istauth_scope_union(listed, openid);
}

/* "none" first: clients that have a choice take the first that they can. */
static istauth_status auth_methods(istauth_str *words, istauth_server *server)
{
    istauth__buf b = istauth__buf_in(&server->memory);

    istauth__buf_text(&b, istauth_client_auth_name(ISTAUTH_CLIENT_AUTH_NONE));
    for (unsigned method = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
         method <= ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT; method++) {
        if (!(server->config.client_auth & 1u << method))
            continue;
        istauth__buf_char(&b, ' ');
        istauth__buf_text(&b, istauth_client_auth_name((istauth_client_auth)method));
    }
    return istauth__buf_done(words, &b);
}

/* The algorithms of the published keys, each once. */
static istauth_status id_token_algs(istauth_str *words, istauth_server *server)
{
    istauth__buf b = istauth__buf_in(&server->memory);
    unsigned seen = 0;

    for (size_t i = 0; i < server->jwks.count; i++) {
        istauth__alg alg = server->jwks.keys[i].key.alg;

        if (seen & alg)
            continue;
        if (seen)
            istauth__buf_char(&b, ' ');
        istauth__buf_add(&b, istauth__alg_name(alg));
        seen |= alg;
    }
    return istauth__buf_done(words, &b);
}

/* With the path of the issuer inserted, as RFC 8414 3 has it, and appended, as OpenID Connect Discovery
 * 1.0 4 does: clients try both. */
static istauth_status openid_paths(istauth_server *server)
{
    istauth__buf b = istauth__buf_in(&server->memory);

    istauth__buf_add(&b, istauth_identifier_path(server->config.issuer));
    istauth__buf_text(&b, "/.well-known/openid-configuration");
    if (istauth__buf_done(&server->openid_paths[1], &b))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_well_known_path(&server->openid_paths[0], &server->memory,
                                   ISTAUTH_STR("openid-configuration"), server->config.issuer);
}

static istauth_status openid_documents(istauth_server *server, istauth_server_metadata *m)
{
    m->pairwise = server->pairwise;
    if (id_token_algs(&m->id_token_algs, server) ||
        absolute(&m->jwks_uri, server, server->config.paths.jwks) || openid_paths(server) ||
        istauth__jwks_print(&server->jwks_json, &server->memory, &server->jwks))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_openid_metadata_print(&server->openid_json, &server->memory, m);
}

static istauth_status server_document(istauth_server *server)
{
    const istauth_config *c = &server->config;
    istauth_server_metadata m = { .issuer = c->issuer,
                                  .service_documentation = c->service_documentation,
                                  .client_documents = c->client_documents };

    if (c->client_auth & ISTAUTH_ALLOW_PRIVATE_KEY_JWT)
        m.auth_algorithms = ISTAUTH_STR("ES256 RS256 EdDSA Ed25519");
    if (c->client_credentials)
        m.grant_types = ISTAUTH_STR("authorization_code refresh_token client_credentials");
    if (absolute(&m.authorization_endpoint, server, c->paths.authorize) ||
        absolute(&m.token_endpoint, server, c->paths.token) ||
        absolute(&m.revocation_endpoint, server, c->paths.revoke) ||
        (!c->closed_registration &&
         absolute(&m.registration_endpoint, server, c->paths.register_)) ||
        (c->hooks.claims && absolute(&m.userinfo_endpoint, server, c->paths.userinfo)) ||
        (c->introspection &&
         absolute(&m.introspection_endpoint, server, c->paths.introspect)) ||
        istauth_scope_print(&m.scopes, &server->memory, &server->catalogue,
                            server_scopes(server)) ||
        auth_methods(&m.auth_methods, server) ||
        istauth_well_known_path(&server->metadata_path, &server->memory,
                                ISTAUTH_STR("oauth-authorization-server"), c->issuer))
        return ISTAUTH_E_NO_MEMORY;
    if (istauth__is_openid(server) && openid_documents(server, &m))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_server_metadata_print(&server->metadata_json, &server->memory, &m);
}

static istauth_status resource_document(istauth_server *server, istauth__resource *to,
                                        const istauth_resource *from)
{
    istauth_resource_metadata m = { .resource = from->identifier,
                                    .authorization_server = server->config.issuer,
                                    .name = from->name };
    istauth__buf url = istauth__buf_in(&server->memory);

    to->identifier = from->identifier;
    if (istauth_well_known_path(&to->metadata_path, &server->memory,
                                ISTAUTH_STR("oauth-protected-resource"), from->identifier))
        return ISTAUTH_E_NO_MEMORY;
    istauth__buf_add(&url, istauth_identifier_origin(from->identifier));
    istauth__buf_add(&url, to->metadata_path);
    if (istauth__buf_done(&to->metadata_url, &url) ||
        istauth_scope_print(&m.scopes, &server->memory, &server->catalogue,
                            advertised(server, ISTAUTH_SCOPE_UNLISTED | ISTAUTH_SCOPE_IDENTITY)))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_resource_metadata_print(&to->metadata_json, &server->memory, &m);
}

istauth_status istauth__documents_build(istauth_server *server)
{
    size_t count = server->config.resource_count;

    server->resources = istauth_arena_alloc(&server->memory, count * sizeof(*server->resources));
    if (!server->resources)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        if (resource_document(server, &server->resources[i], &server->config.resources[i]))
            return ISTAUTH_E_NO_MEMORY;
    return server_document(server);
}
