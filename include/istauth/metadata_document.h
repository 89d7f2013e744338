/* Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document-02): a client whose
 * client_id is the https URL of a JSON document that describes it. Which URL may be fetched, what
 * its document must be, and how long a copy may be used. Nothing here fetches. */
#ifndef ISTAUTH_METADATA_DOCUMENT_H
#define ISTAUTH_METADATA_DOCUMENT_H

#include <istauth/fetch.h>
#include <istauth/records.h>
#include <istauth/scope.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_DOCUMENT_URL_MAX 512 /* bytes */
#define ISTAUTH_DOCUMENT_MAX 5120    /* bytes of a document (section 6.6) */

/* What a URL may have beyond the rules. */
enum {
    /* A query in the URL, which a client SHOULD NOT have (section 3). */
    ISTAUTH_DOCUMENT_QUERY = 1u << 0,
    /* http and https to 127.0.0.1, [::1] and localhost: for development on one machine, never for
     * a server that others can reach. */
    ISTAUTH_DOCUMENT_LOOPBACK = 1u << 1
};

/* May this be a client's URL (section 3)? https with a path; no userinfo, fragment, dot segment or
 * control character, percent-encoded or not; a port of plain decimal digits is allowed. The host is
 * a domain name in lower case (a capital I reads like an l where a person is asked) of two labels
 * or more: no address, no trailing dot, and none of the names that stay inside a machine or a
 * network (localhost, local, internal, home.arpa, ...). `flags` are ISTAUTH_DOCUMENT_...
 *
 * URLs are never normalised: https://x.example/c and https://x.example:443/c are two clients.
 * since 0.1 */
ISTAUTH_API bool istauth_document_url_is_valid(istauth_str url, unsigned flags);

/* What to show a person of a valid URL: its host, with its port unless it is the default. Borrowed
 * from `url`; empty when it is not valid under any flags. since 0.1 */
ISTAUTH_API istauth_str istauth_document_url_host(istauth_str url);

/* Is this the response that a document may come in (section 4)? Status 200, and a content type of
 * application/json or application/...+json.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_UNAVAILABLE              a status of 408, 429 or 500 and more: it may be there later
 * ISTAUTH_E_INVALID_CLIENT_METADATA  anything else
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_document_response_check(const istauth_fetched *response);

/* Read a document: JSON as istauth_client_parse wants it, of at most ISTAUTH_DOCUMENT_MAX bytes.
 * client_id is `url` to the byte; client_name and redirect_uris are there; every redirect URI
 * passes istauth_redirect_check. What registration drops is dropped here. Refused are members named
 * client_secret..., private or symmetric keys in jwks, jwks together with jwks_uri, a jwks_uri that
 * istauth_document_url_is_valid refuses, and texts that are javascript: or data: URLs, wherever.
 *
 * `methods` are the ways in which a client may prove itself, each 1 << an istauth_client_auth;
 * "none" always is one. What the document offers (token_endpoint_auth_methods_supported, else
 * token_endpoint_auth_method, else "none") and `methods` have in common decides: "none" where it
 * can be, else private_key_jwt, which needs a jwks_uri or a usable key in jwks. Nothing in common,
 * and any method with a shared secret, are refused.
 *
 * `client` gets everything but its times, in the arena; its client_id is borrowed from `url`. Its
 * scope is a default and no ceiling, as that of a client that registered itself.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_CLIENT_METADATA  `error` (may be NULL) says why
 * ISTAUTH_E_INVALID_REDIRECT_URI     likewise
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_document_parse(istauth_client *client, istauth_arena *arena,
                       const istauth_scope_catalogue *catalogue, uint32_t methods, istauth_str url,
                       istauth_str body, istauth_error *error);

/* How many seconds a copy of this response may be used, from `least` to `most` (0 < least <= most):
 * what Cache-Control s-maxage or max-age, else Expires, leaves of it after Age (RFC 9111 4.2);
 * `least` when they say nothing, nothing sensible, or no-store, no-cache or private. `now` stands
 * for a missing Date. since 0.1 */
ISTAUTH_API istauth_time istauth_document_freshness(const istauth_fetched *response,
                                                    istauth_time least, istauth_time most,
                                                    istauth_time now);

#ifdef __cplusplus
}
#endif

#endif
