/* From an authorization request to a person's answer (RFC 6749 4.1, RFC 9207).
 *
 * The host signs its user in as it always does and renders the page; nothing is stored until the
 * answer, because the request travels in a sealed ticket. */
#ifndef ISTAUTH_CONSENT_H
#define ISTAUTH_CONSENT_H

#include <istauth/redirect.h>
#include <istauth/server.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A validated authorization request. Texts are in the arena. */
typedef struct istauth_authorization {
    istauth_client client;    /* who asks */
    istauth_str redirect_uri; /* as requested */
    istauth_str state;        /* decoded; empty: none */
    istauth_str challenge;    /* PKCE S256 */
    istauth_str resource;     /* as configured */
    istauth_scope_set scopes; /* what it asks for */
    istauth_str login_hint; /* whom the client expects to sign in; untrusted, may be empty */
    bool prompt_login;      /* the client asks that the person signs in anew */
    /* From OpenID Connect Core 3.1.2.1. Unless what it asks for is met, istauth_consent_open answers
     * LOGIN_REQUIRED: then sign the person in, and come back with `resume` as the query. */
    bool prompt_select_account; /* let her choose the account, unless `resumed` */
    istauth_time signed_in_since; /* she must have signed in then or later (prompt, max_age); 0: whenever */
    istauth_str id_token_subject; /* the `sub` that she must have for this client; empty: any */
    istauth_str nonce;            /* for the ID token */
    istauth_str ui_locales;       /* space-separated language tags; untrusted, may be empty */
    istauth_str acr_values;       /* likewise, of authentication methods */
    bool resumed;       /* the query was a `resume` of ours: this request was seen before */
    istauth_str resume; /* the query of this request, with the time at which it was first seen */
    /* For you to fill in before istauth_consent_open: when the person signed in; 0: not told. */
    istauth_time auth_time;
    istauth_status refusal; /* on failure: why */
    istauth_str location;   /* and where to send the browser; empty: show a page, never redirect */
} istauth_authorization;

/* Validate the query of an authorization request: client and redirect URI before anything else.
 *
 * ISTAUTH_OK  sign the person in and call istauth_consent_open
 * any other   when location is set, redirect there with 303; else show a page with
 *             istauth_status_description. INVALID_CLIENT, INVALID_REDIRECT_URI, INVALID_REQUEST,
 *             UNSUPPORTED_RESPONSE_TYPE, INVALID_SCOPE, INVALID_TARGET, UNAUTHORIZED_CLIENT,
 *             REQUEST_NOT_SUPPORTED, REQUEST_URI_NOT_SUPPORTED, LOGIN_REQUIRED (prompt=none
 *             cannot be honoured: consent is never skipped), TOO_LARGE, UNAVAILABLE, NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_authorize_check(istauth_authorization *authorization, const istauth_server *server,
                        istauth_str query, istauth_arena *arena);

/* The location that tells the client why a validated request was not granted: `reason` is
 * LOGIN_REQUIRED, ACCESS_DENIED or any other status with an OAuth error.
 * ISTAUTH_OK, ISTAUTH_E_ARGUMENT (not validated, or no such status), ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_authorize_refuse(istauth_str *location, const istauth_server *server,
                         const istauth_authorization *authorization, istauth_status reason,
                         istauth_arena *arena);

/* What a consent page must show. Every text came from a stranger: escape it. */
typedef struct istauth_consent {
    istauth_str client_name;   /* as the client calls itself */
    istauth_str client_host;   /* of client_uri; empty when it names none */
    istauth_str redirect_host; /* where the answer goes; always shown (RFC 9700 4.11.2) */
    istauth_redirect_kind redirect_kind; /* LOOPBACK deserves a warning: any local program may listen */
    istauth_str resource;         /* what it wants to use, as configured */
    const istauth_scope **scopes; /* what is asked for, in the catalogue's order */
    size_t scope_count;           /* of scopes */
    istauth_workspace_offer workspaces; /* what the host offers this person */
    bool workspace_needed; /* at least one must be chosen */
    istauth_str ticket;    /* for a hidden field: it is the form's CSRF token */
    /* Of a client that its metadata document's URL names, the host of that URL: proven, where name and
     * client_host are the client's own word. Empty for any other. Unless redirect_kind is HTTPS it does
     * not prove who asks: any program on the person's computer may use that URL. */
    istauth_str document_host;
} istauth_consent;

/* Open a consent: for this subject, in the browser that `binding` names (its session id or a hash
 * of it, at most 256 bytes; only its hash is sealed).
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT        no subject, no binding or one too long, a request that was refused, or
 *                           an auth_time that is yet to come
 * ISTAUTH_E_LOGIN_REQUIRED  authorization->auth_time is before signed_in_since, or not told, or the
 *                           client expects another account (id_token_subject)
 * ISTAUTH_E_ACCESS_DENIED   the host's subject hook refused
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CLOCK, ISTAUTH_E_CRYPTO
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_consent_open(istauth_consent *consent, const istauth_server *server,
                     const istauth_authorization *authorization, istauth_str subject,
                     istauth_str binding, istauth_arena *arena);

/* What the person chose. */
typedef struct istauth_choice {
    istauth_str scopes; /* space-separated; empty: all that was asked for. What was not
                           asked for, nor implied by it, is dropped */
    istauth_str_list workspaces; /* ids */
} istauth_choice;

/* The person said yes. The choice is held against what the host offers *now*; then the ticket is
 * spent, and a code is stored. `location` goes into a 303.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_TICKET                   forged, expired, used, or not of this subject and binding
 * ISTAUTH_E_NO_WORKSPACE             choose one and send the same ticket again
 * ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE  likewise
 * ISTAUTH_E_INVALID_SCOPE            nothing is left to grant
 * ISTAUTH_E_INVALID_CLIENT           the client is gone
 * ISTAUTH_E_ACCESS_DENIED            the host's subject hook refused
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CLOCK, ISTAUTH_E_CRYPTO
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_consent_approve(istauth_str *location, const istauth_server *server, istauth_str ticket,
                        istauth_str subject, istauth_str binding, const istauth_choice *choice,
                        istauth_arena *arena);

/* The person said no: spends the ticket; `location` carries access_denied.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_TICKET          forged, expired, used, or not of this subject and binding
 * ISTAUTH_E_INVALID_CLIENT  the client is gone
 * ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK, ISTAUTH_E_CRYPTO
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_consent_deny(istauth_str *location, const istauth_server *server, istauth_str ticket,
                     istauth_str subject, istauth_str binding, istauth_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
