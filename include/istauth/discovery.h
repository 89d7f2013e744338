/* Discovery: identifiers, where their documents live, and the documents (RFC 8414, RFC 9728).
 * All of it comes from configuration, never from a request. */
#ifndef ISTAUTH_DISCOVERY_H
#define ISTAUTH_DISCOVERY_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_IDENTIFIER_MAX 512 /* bytes of an issuer or resource */

/* May this be an issuer (RFC 8414 2)? https, or http on a loopback host; a host, an
 * optional port and path of unreserved characters; no trailing slash, query, fragment or userinfo.
 * since 0.1 */
ISTAUTH_API bool istauth_issuer_is_valid(istauth_str issuer);

/* May this be a resource (RFC 8707 2)? As an issuer, but a trailing slash is allowed. since 0.1 */
ISTAUTH_API bool istauth_resource_is_valid(istauth_str resource);

/* Flags of istauth_resource_matches. */
enum {
    ISTAUTH_RESOURCE_ORIGIN = 1u << 0 /* a bare origin is the one resource under it: some clients send that */
};

/* Does a client's `resource` parameter mean this configured resource? Scheme and host
 * in any case, a default port spelled out and one trailing slash more or less are forgiven;
 * nothing else is. since 0.1 */
ISTAUTH_API bool istauth_resource_matches(istauth_str configured, istauth_str presented,
                                          unsigned flags);

/* The path of a well-known document with the identifier's own path inserted after it (RFC 8414
 * 3.1, RFC 9728 3.1): ("oauth-authorization-server", "https://h/t") gives
 * "/.well-known/oauth-authorization-server/t". In the arena.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_well_known_path(istauth_str *path, istauth_arena *arena, istauth_str suffix,
                        istauth_str identifier);

/* "https://host:port" of a valid identifier, borrowed from it. since 0.1 */
ISTAUTH_API istauth_str istauth_identifier_origin(istauth_str identifier);

/* Its path, borrowed; empty when it has none. since 0.1 */
ISTAUTH_API istauth_str istauth_identifier_path(istauth_str identifier);

/* What the authorization server's document says. Endpoints are absolute URLs; an empty one
 * is left out, and so is an empty scope list. */
typedef struct istauth_server_metadata {
    istauth_str issuer;                 /* the server's identifier */
    istauth_str authorization_endpoint; /* RFC 6749 3.1 */
    istauth_str token_endpoint;         /* RFC 6749 3.2 */
    istauth_str registration_endpoint;  /* RFC 7591 */
    istauth_str revocation_endpoint;    /* RFC 7009 */
    istauth_str userinfo_endpoint;      /* OpenID Connect Core 5.3 */
    istauth_str introspection_endpoint; /* RFC 7662 */
    istauth_str scopes;                 /* space-separated */
    istauth_str service_documentation;  /* a page for developers */
    istauth_str grant_types;  /* space-separated; empty: authorization_code refresh_token */
    istauth_str auth_algorithms; /* of private_key_jwt, space-separated; empty: left out */
    istauth_str auth_methods; /* of the token and revocation endpoints, space-separated; empty: none */
    bool client_documents;    /* client_id_metadata_document_supported; left out when false */
    istauth_str jwks_uri;      /* where the signing keys are */
    istauth_str id_token_algs; /* that sign ID tokens, space-separated */
    bool pairwise;             /* subjects are pairwise, not public */
} istauth_server_metadata;

/* RFC 8414 document as JSON in the arena. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_server_metadata_print(istauth_str *json, istauth_arena *arena,
                              const istauth_server_metadata *metadata);

/* OpenID Connect Discovery 1.0 3: the same and what OpenID Connect adds. Needs jwks_uri and
 * id_token_algs.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_openid_metadata_print(istauth_str *json, istauth_arena *arena,
                              const istauth_server_metadata *metadata);

/* What a resource's document says. */
typedef struct istauth_resource_metadata {
    istauth_str resource;             /* its identifier */
    istauth_str authorization_server; /* the issuer whose tokens open it */
    istauth_str scopes;               /* space-separated; empty: left out */
    istauth_str name;                 /* resource_name; empty: left out */
} istauth_resource_metadata;

/* RFC 9728 document as JSON in the arena. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_resource_metadata_print(istauth_str *json, istauth_arena *arena,
                                const istauth_resource_metadata *metadata);

#ifdef __cplusplus
}
#endif

#endif
