#include "base/error_i.h"

typedef struct row {
    istauth_status status;
    const char *name;
    const char *oauth;
    int http;
    const char *description;
} row;

/* The wire's whole vocabulary. Descriptions hold neither quote, backslash nor '=' so that
 * no client's parser can take a part of one for a parameter. */
static const row rows[] = {
    { ISTAUTH_OK, "OK", NULL, 200, "" },
    { ISTAUTH_E_ARGUMENT, "ARGUMENT", "server_error", 500, "Internal error" },
    { ISTAUTH_E_CONFIG, "CONFIG", "server_error", 500, "Internal error" },

    { ISTAUTH_E_INVALID_REQUEST, "INVALID_REQUEST", "invalid_request", 400,
      "A parameter is missing, malformed or repeated" },
    { ISTAUTH_E_UNSUPPORTED_RESPONSE_TYPE, "UNSUPPORTED_RESPONSE_TYPE",
      "unsupported_response_type", 400, "Only the response type code is supported" },
    { ISTAUTH_E_UNSUPPORTED_GRANT_TYPE, "UNSUPPORTED_GRANT_TYPE", "unsupported_grant_type", 400,
      "Use one of the grant types that the metadata lists" },
    { ISTAUTH_E_INVALID_SCOPE, "INVALID_SCOPE", "invalid_scope", 400,
      "The scope is malformed, unknown, or more than was granted" },
    { ISTAUTH_E_INVALID_TARGET, "INVALID_TARGET", "invalid_target", 400,
      "The resource is not one that this server protects, or not the one that was granted" },
    { ISTAUTH_E_INVALID_REDIRECT_URI, "INVALID_REDIRECT_URI", "invalid_redirect_uri", 400,
      "The redirect URI is not acceptable or not registered for this client" },
    { ISTAUTH_E_INVALID_CLIENT_METADATA, "INVALID_CLIENT_METADATA", "invalid_client_metadata", 400,
      "The client metadata is not a valid JSON object, or a member is malformed" },
    { ISTAUTH_E_UNAUTHORIZED_CLIENT, "UNAUTHORIZED_CLIENT", "unauthorized_client", 400,
      "This client is not registered for that grant type" },
    { ISTAUTH_E_REQUEST_NOT_SUPPORTED, "REQUEST_NOT_SUPPORTED", "request_not_supported", 400,
      "Request objects are not supported: send plain parameters" },
    { ISTAUTH_E_REQUEST_URI_NOT_SUPPORTED, "REQUEST_URI_NOT_SUPPORTED",
      "request_uri_not_supported", 400, "Request URIs are not supported: send plain parameters" },
    { ISTAUTH_E_LOGIN_REQUIRED, "LOGIN_REQUIRED", "login_required", 400,
      "The person has to sign in and consent: repeat without prompt none" },
    { ISTAUTH_E_METHOD, "METHOD", "invalid_request", 405,
      "This method is not allowed here: see the Allow header" },
    { ISTAUTH_E_CONTENT_TYPE, "CONTENT_TYPE", "invalid_request", 400,
      "The body is not of the content type that this endpoint reads" },
    { ISTAUTH_E_TOO_LARGE, "TOO_LARGE", "invalid_request", 413, "The request is too large" },
    { ISTAUTH_E_NOT_SERVED, "NOT_SERVED", "invalid_request", 404, "Nothing is served here" },

    { ISTAUTH_E_INVALID_CLIENT, "INVALID_CLIENT", "invalid_client", 401,
      "The client is unknown or its credentials are wrong: register again" },
    { ISTAUTH_E_INVALID_GRANT, "INVALID_GRANT", "invalid_grant", 400,
      "The code or refresh token is invalid, expired, revoked or already used: authorize again" },
    { ISTAUTH_E_NO_CREDENTIALS, "NO_CREDENTIALS", NULL, 401, "An access token is required" },
    { ISTAUTH_E_INVALID_TOKEN, "INVALID_TOKEN", "invalid_token", 401,
      "The access token is invalid or expired" },
    { ISTAUTH_E_PKCE_MISMATCH, "PKCE_MISMATCH", "invalid_grant", 400,
      "The code verifier does not belong to this code: authorize again" },
    { ISTAUTH_E_TICKET, "TICKET", "access_denied", 403,
      "This consent page was already answered, is too old, or belongs to another session" },

    { ISTAUTH_E_ACCESS_DENIED, "ACCESS_DENIED", "access_denied", 403, "Access was denied" },
    { ISTAUTH_E_INSUFFICIENT_SCOPE, "INSUFFICIENT_SCOPE", "insufficient_scope", 403,
      "The access token was not granted the scope that this needs" },
    { ISTAUTH_E_WORKSPACE_NOT_GRANTED, "WORKSPACE_NOT_GRANTED", "access_denied", 403,
      "This connection was not granted the workspace" },
    { ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE, "WORKSPACE_NOT_CHOOSABLE", "access_denied", 403,
      "A chosen workspace is not available" },
    { ISTAUTH_E_NO_WORKSPACE, "NO_WORKSPACE", "invalid_request", 400,
      "At least one workspace has to be chosen" },
    { ISTAUTH_E_TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "temporarily_unavailable", 429,
      "Too many requests: try again later" },

    { ISTAUTH_E_NOT_FOUND, "NOT_FOUND", "server_error", 500, "Internal error" },
    { ISTAUTH_E_EXISTS, "EXISTS", "server_error", 500, "Internal error" },
    { ISTAUTH_E_SPENT, "SPENT", "server_error", 500, "Internal error" },
    { ISTAUTH_E_REVOKED, "REVOKED", "server_error", 500, "Internal error" },
    { ISTAUTH_E_UNAVAILABLE, "UNAVAILABLE", "temporarily_unavailable", 503,
      "Temporarily unavailable: try again later" },

    { ISTAUTH_E_NO_MEMORY, "NO_MEMORY", "temporarily_unavailable", 503,
      "Temporarily unavailable: try again later" },
    { ISTAUTH_E_RANDOM, "RANDOM", "server_error", 500, "Internal error" },
    { ISTAUTH_E_CLOCK, "CLOCK", "server_error", 500, "Internal error" },
    { ISTAUTH_E_CRYPTO, "CRYPTO", "server_error", 500, "Internal error" },
    { ISTAUTH_E_INTERNAL, "INTERNAL", "server_error", 500, "Internal error" },
};

static const row unknown = { ISTAUTH_E_INTERNAL, "UNKNOWN", "server_error", 500,
                             "Internal error" };

static const row *find(istauth_status status)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *istauth_status_name(istauth_status status)
{
    return find(status)->name;
}

const char *istauth_status_oauth(istauth_status status)
{
    return find(status)->oauth;
}

int istauth_status_http(istauth_status status)
{
    return find(status)->http;
}

const char *istauth_status_description(istauth_status status)
{
    return find(status)->description;
}

istauth_status istauth__fail(istauth_error *error, istauth_status status, const char *detail)
{
    size_t n = strlen(detail);

    if (!error)
        return status;
    if (n >= sizeof(error->detail))
        n = sizeof(error->detail) - 1;
    memcpy(error->detail, detail, n);
    error->detail[n] = '\0';
    error->status = status;
    return status;
}
