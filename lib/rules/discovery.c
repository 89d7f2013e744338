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

/* RFC 8414 2, and RFC 9207 3 for the last member. Clients refuse a server whose document does not
 * say S256, and take a missing list of methods for client_secret_basic. */
istauth_status istauth_server_metadata_print(istauth_str *json, istauth_arena *arena,
                                             const istauth_server_metadata *metadata)
{
    istauth__json j = istauth__json_in(arena);
    istauth_str methods = metadata->auth_methods.n ? metadata->auth_methods : ISTAUTH_STR("none");
    istauth_str grants = metadata->grant_types.n ? metadata->grant_types
                                                 : ISTAUTH_STR("authorization_code refresh_token");

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "issuer", metadata->issuer);
    istauth__json_optional(&j, "authorization_endpoint", metadata->authorization_endpoint);
    istauth__json_optional(&j, "token_endpoint", metadata->token_endpoint);
    istauth__json_optional(&j, "registration_endpoint", metadata->registration_endpoint);
    istauth__json_optional(&j, "revocation_endpoint", metadata->revocation_endpoint);
    istauth__json_optional(&j, "userinfo_endpoint", metadata->userinfo_endpoint);
    istauth__json_optional(&j, "introspection_endpoint", metadata->introspection_endpoint);
    istauth__json_words(&j, "scopes_supported", metadata->scopes);
    words(&j, "response_types_supported", "code");
    words(&j, "response_modes_supported", "query");
    istauth__json_words(&j, "grant_types_supported", grants);
    istauth__json_words(&j, "token_endpoint_auth_methods_supported", methods);
    istauth__json_words(&j, "revocation_endpoint_auth_methods_supported", methods);
    if (metadata->introspection_endpoint.n)
        istauth__json_words(&j, "introspection_endpoint_auth_methods_supported",
                            without_none(methods));
    signing_algorithms(&j, metadata);
    words(&j, "code_challenge_methods_supported", "S256");
    istauth__json_optional(&j, "service_documentation", metadata->service_documentation);
    istauth__json_bool(&j, "authorization_response_iss_parameter_supported", true);
    if (metadata->client_documents)
        istauth__json_bool(&j, "client_id_metadata_document_supported", true);
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
