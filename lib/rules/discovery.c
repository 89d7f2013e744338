#include <istauth/discovery.h>

#include "base/json_i.h"
#include "base/text_i.h"

static void words(istauth__json *j, const char *name, const char *text)
{
    istauth__json_words(j, name, istauth_str_of(text));
}

/* A public client cannot introspect. */
static istauth_str without_none(istauth_str methods)
{
    istauth_str none = ISTAUTH_STR("none ");

    return istauth__starts_with(methods, none) ? istauth__slice(methods, none.n, methods.n)
                                               : methods;
}

static void signing_algorithms(istauth__json *j, const istauth_server_metadata *metadata)
{
    istauth_str algorithms = metadata->auth_algorithms;

    istauth__json_words(j, "token_endpoint_auth_signing_alg_values_supported", algorithms);
    istauth__json_words(j, "revocation_endpoint_auth_signing_alg_values_supported", algorithms);
    if (metadata->introspection_endpoint.n)
        istauth__json_words(j, "introspection_endpoint_auth_signing_alg_values_supported",
                            algorithms);
}

static void endpoints(istauth__json *j, const istauth_server_metadata *m)
{
    istauth__json_str(j, "issuer", m->issuer);
    istauth__json_optional(j, "authorization_endpoint", m->authorization_endpoint);
    istauth__json_optional(j, "token_endpoint", m->token_endpoint);
    istauth__json_optional(j, "registration_endpoint", m->registration_endpoint);
    istauth__json_optional(j, "revocation_endpoint", m->revocation_endpoint);
    istauth__json_optional(j, "userinfo_endpoint", m->userinfo_endpoint);
    istauth__json_optional(j, "introspection_endpoint", m->introspection_endpoint);
    istauth__json_optional(j, "jwks_uri", m->jwks_uri);
}

/* RFC 8414 2, and RFC 9207 3 for the last member. Clients refuse a server whose document does not
 * say S256, and take a missing list of methods for client_secret_basic. */
static void server_members(istauth__json *j, const istauth_server_metadata *m)
{
    istauth_str methods = m->auth_methods.n ? m->auth_methods : ISTAUTH_STR("none");
    istauth_str grants =
        m->grant_types.n ? m->grant_types : ISTAUTH_STR("authorization_code refresh_token");

    endpoints(j, m);
    istauth__json_words(j, "scopes_supported", m->scopes);
    words(j, "response_types_supported", "code");
    words(j, "response_modes_supported", "query");
    istauth__json_words(j, "grant_types_supported", grants);
    istauth__json_words(j, "token_endpoint_auth_methods_supported", methods);
    istauth__json_words(j, "revocation_endpoint_auth_methods_supported", methods);
    if (m->introspection_endpoint.n)
        istauth__json_words(j, "introspection_endpoint_auth_methods_supported",
                            without_none(methods));
    signing_algorithms(j, m);
    words(j, "code_challenge_methods_supported", "S256");
    istauth__json_optional(j, "service_documentation", m->service_documentation);
    istauth__json_bool(j, "authorization_response_iss_parameter_supported", true);
    if (m->client_documents)
        istauth__json_bool(j, "client_id_metadata_document_supported", true);
}

istauth_status istauth_server_metadata_print(istauth_str *json, istauth_arena *arena,
                                             const istauth_server_metadata *metadata)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    server_members(&j, metadata);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

/* OpenID Connect Discovery 1.0 3. What is not supported is said: request_uri_parameter_supported is
 * true when it is left out. */
istauth_status istauth_openid_metadata_print(istauth_str *json, istauth_arena *arena,
                                             const istauth_server_metadata *metadata)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    server_members(&j, metadata);
    words(&j, "subject_types_supported", metadata->pairwise ? "pairwise" : "public");
    istauth__json_words(&j, "id_token_signing_alg_values_supported", metadata->id_token_algs);
    words(&j, "claim_types_supported", "normal");
    words(&j, "claims_supported",
          "iss sub aud azp exp iat auth_time nonce at_hash name picture email email_verified");
    words(&j, "prompt_values_supported", "none login consent select_account");
    istauth__json_bool(&j, "claims_parameter_supported", false);
    istauth__json_bool(&j, "request_parameter_supported", false);
    istauth__json_bool(&j, "request_uri_parameter_supported", false);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

/* RFC 9728 2 */
istauth_status istauth_resource_metadata_print(istauth_str *json, istauth_arena *arena,
                                               const istauth_resource_metadata *metadata)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "resource", metadata->resource);
    istauth__json_words(&j, "authorization_servers", metadata->authorization_server);
    istauth__json_words(&j, "scopes_supported", metadata->scopes);
    words(&j, "bearer_methods_supported", "header");
    istauth__json_optional(&j, "resource_name", metadata->name);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}
