/* The flows that endpoints call and that no public header names: what the wire asks for. */
#ifndef ISTAUTH_FLOWS_I_H
#define ISTAUTH_FLOWS_I_H

#include <istauth/policy.h>

#include "base/form_i.h"
#include "flows/server_i.h"

/* --- clients --- */

/* Register from a body (RFC 7591); *json is the response. Statuses of istauth_client_parse, and
 * UNAVAILABLE, RANDOM. */
istauth_status istauth__register(istauth_str *json, const istauth__call *call, istauth_str body);

/* The methods that a client may register for by itself, as bits. */
uint32_t istauth__methods_for_strangers(const istauth_server *server);

/* Give a client that registers a fresh secret, with its end. ISTAUTH_OK, RANDOM */
istauth_status istauth__client_give_secret(char secret[ISTAUTH_TOKEN_SIZE], istauth_client *client,
                                           const istauth__call *call);

/* A request about a client's own registration (RFC 7592): whose, and its registration access token. */
typedef struct istauth__managed {
    istauth_str client_id, token;
} istauth__managed;

/* Does a path name a registration? False also when there is no management. */
bool istauth__managed_path(istauth_str *client_id, const istauth_server *server, istauth_str path);

/* The URL of a client's registration. ISTAUTH_OK, NO_MEMORY */
istauth_status istauth__managed_uri(istauth_str *uri, const istauth__call *call,
                                    istauth_str client_id);

/* ISTAUTH_OK, INVALID_TOKEN (or no such client), UNAVAILABLE, NO_MEMORY, and for the update those of
 * istauth_client_parse and RANDOM */
istauth_status istauth__managed_show(istauth_str *json, const istauth__call *call,
                                     const istauth__managed *managed);
istauth_status istauth__managed_update(istauth_str *json, const istauth__call *call,
                                       const istauth__managed *managed, istauth_str body);
istauth_status istauth__managed_delete(const istauth__call *call, const istauth__managed *managed);

/* What a request to the token or revocation endpoint presents to say which client it is. */
typedef struct istauth__client_claim {
    const istauth__form *form;
    istauth_str authorization; /* the header's value */
    bool repeated;             /* there are two such headers */
} istauth__client_claim;

/* The client behind a claim, proven by the method that it is recorded with (RFC 6749 2.3).
 * *by_header says that it came, of whatever scheme, in the Authorization header.
 * ISTAUTH_OK, INVALID_CLIENT, INVALID_REQUEST, UNAVAILABLE, NO_MEMORY */
istauth_status istauth__client_authenticate(istauth_client *client, bool *by_header,
                                            const istauth__call *call,
                                            const istauth__client_claim *claim);

/* A known client by its id; nothing is fetched. A document's copy will do until it has been expired for
 * lifetimes.document_stale. ISTAUTH_OK, INVALID_CLIENT, UNAVAILABLE, NO_MEMORY */
istauth_status istauth__client_find(istauth_client *client, const istauth__call *call,
                                    istauth_str client_id);

/* The client of an authorization request: a metadata document is fetched unless a fresh copy of it is
 * at hand. The same statuses. */
istauth_status istauth__client_resolve(istauth_client *client, const istauth__call *call,
                                       istauth_str client_id);

/* For a client that has just proven a credential of its own: fetch its document again when half of the
 * time is over for which an expired copy will do. Nothing comes of it when that fails. */
void istauth__client_renew(const istauth__call *call, const istauth_client *client);

/* What a client can be granted at most. A provisioned client's scopes are a ceiling; a self-registered
 * one's are its own word and only a default (clients register with the first challenge's and step up
 * later). */
istauth_scope_set istauth__client_ceiling(const istauth_server *server,
                                          const istauth_client *client);

/* --- tokens --- */

/* What the token endpoint answers with. */
typedef struct istauth__issued {
    istauth_str json;   /* the response's body. Secret: it lives in the request's arena only */
    istauth_str scopes; /* of the access token */
} istauth__issued;

/* One token request (RFC 6749 3.2): dispatches on grant_type. */
istauth_status istauth__grant(istauth__issued *issued, const istauth__call *call,
                              const istauth_client *client, const istauth__form *form);

istauth_status istauth__exchange(istauth__issued *issued, const istauth__call *call,
                                 const istauth_client *client, const istauth__form *form);

istauth_status istauth__refresh(istauth__issued *issued, const istauth__call *call,
                                const istauth_client *client, const istauth__form *form);

/* The client_credentials grant. */
istauth_status istauth__machine(istauth__issued *issued, const istauth__call *call,
                                const istauth_client *client, const istauth__form *form);

/* RFC 7009. Unknown and foreign tokens are OK and stay as they are.
 * ISTAUTH_OK, INVALID_REQUEST, UNAVAILABLE, NO_MEMORY */
istauth_status istauth__revoke(const istauth__call *call, const istauth_client *client,
                               const istauth__form *form);

/* RFC 7662; *json is the response.
 * ISTAUTH_OK, INVALID_CLIENT (a public one), INVALID_REQUEST, UNAVAILABLE, NO_MEMORY */
istauth_status istauth__introspect(istauth_str *json, const istauth__call *call,
                                   const istauth_client *client, const istauth__form *form);

/* --- verification --- */

/* As istauth_verify within a call. `resource` NULL: any that is configured. */
istauth_status istauth__verify(istauth_access *access, const istauth__call *call,
                               istauth_str authorization, const istauth__resource *resource);

/* What userinfo reveals to this access: *json is ready.
 * ISTAUTH_OK, INVALID_TOKEN, INSUFFICIENT_SCOPE, UNAVAILABLE, NO_MEMORY */
istauth_status istauth__userinfo(istauth_str *json, const istauth__call *call,
                                 const istauth_access *access);

#endif
