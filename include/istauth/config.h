/* Everything that varies between servers: identifiers, store, lifetimes, limits, hooks. */
#ifndef ISTAUTH_CONFIG_H
#define ISTAUTH_CONFIG_H

#include <istauth/event.h>
#include <istauth/fetch.h>
#include <istauth/scope.h>
#include <istauth/store.h>
#include <istauth/workspace.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_TICKET_KEY_SIZE 32   /* bytes of istauth_config.ticket_key */
#define ISTAUTH_PAIRWISE_KEY_SIZE 32 /* bytes of istauth_config.pairwise_key */
#define ISTAUTH_SIGNING_KEYS_MAX 16  /* of one server */

/* A protected resource: an MCP endpoint. */
typedef struct istauth_resource {
    istauth_str identifier; /* its absolute URL, such as https://example.com/mcp */
    istauth_str name;       /* for its metadata; may be empty */
} istauth_resource;

/* The endpoints that a server may have; endpoints.h says what each does. */
typedef enum istauth_endpoint {
    ISTAUTH_ENDPOINT_NONE = 0,          /* none of ours */
    ISTAUTH_ENDPOINT_SERVER_METADATA,   /* RFC 8414 */
    ISTAUTH_ENDPOINT_RESOURCE_METADATA, /* RFC 9728 */
    ISTAUTH_ENDPOINT_REGISTER,          /* RFC 7591 */
    ISTAUTH_ENDPOINT_AUTHORIZE,         /* RFC 6749 3.1 */
    ISTAUTH_ENDPOINT_TOKEN,             /* RFC 6749 3.2 */
    ISTAUTH_ENDPOINT_REVOKE,            /* RFC 7009 */
    ISTAUTH_ENDPOINT_USERINFO,          /* OpenID Connect Core 5.3 */
    ISTAUTH_ENDPOINT_INTROSPECT,        /* RFC 7662 */
    ISTAUTH_ENDPOINT_OPENID_METADATA,   /* OpenID Connect Discovery 1.0 4 */
    ISTAUTH_ENDPOINT_JWKS,              /* the signing keys (RFC 7517 5) */
    ISTAUTH_ENDPOINT_CLIENT,            /* a client's own registration (RFC 7592) */
    ISTAUTH_ENDPOINT_CONSENT            /* the answer to the ready-made consent page */
} istauth_endpoint;

/* A private key that signs ID tokens: P-256 (ES256), RSA of 2048 to 8192 bits (RS256) or Ed25519 (EdDSA). */
typedef struct istauth_signing_key {
    istauth_str pem; /* unencrypted */
    istauth_str kid; /* at most 256 printable bytes; empty: the key's thumbprint (RFC 7638) */
} istauth_signing_key;

/* istauth_config.client_auth: each bit is 1 << an istauth_client_auth. */
enum {
    /* A secret in the Authorization header. */
    ISTAUTH_ALLOW_SECRET_BASIC = 1u << ISTAUTH_CLIENT_AUTH_SECRET_BASIC,
    /* A secret in the form. */
    ISTAUTH_ALLOW_SECRET_POST = 1u << ISTAUTH_CLIENT_AUTH_SECRET_POST,
    /* An assertion signed with the client's key. */
    ISTAUTH_ALLOW_PRIVATE_KEY_JWT = 1u << ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT,
    /* A secret, in either place. */
    ISTAUTH_ALLOW_SECRETS = ISTAUTH_ALLOW_SECRET_BASIC | ISTAUTH_ALLOW_SECRET_POST
};

/* What userinfo reveals about a subject; a scope decides which of it. Empty: left out. */
typedef struct istauth_claims {
    istauth_str name;    /* the person's, for people to read */
    istauth_str picture; /* URL */
    istauth_str email;   /* address */
    bool email_verified; /* the host knows that it is hers */
} istauth_claims;

struct istauth_request; /* http.h */

/* Who sits at a browser, as the host's own session says. */
typedef struct istauth_visitor {
    size_t size;            /* set by ISTAUTH_VISITOR_INIT */
    istauth_str subject;    /* empty: nobody is signed in */
    istauth_str binding;    /* her browser session, as in istauth_consent_open: none is a 500 */
    istauth_str name;       /* what she knows her account by, such as her e-mail address; shown */
    istauth_time auth_time; /* when she signed in; 0: not told */
    istauth_str action;     /* where the page's form is posted to; empty: paths.consent */
    istauth_str stylesheet; /* the path of a stylesheet of yours; empty: the built-in one */
} istauth_visitor;

/* Nobody. */
#define ISTAUTH_VISITOR_INIT \
    { sizeof(istauth_visitor), { 0, 0 }, { 0, 0 }, { 0, 0 }, 0, { 0, 0 }, { 0, 0 } }

/* The host's side. Callbacks run on the calling thread, possibly many at once, and may not call
 * back into the server. Any status that a comment does not name is a broken callback:
 * the call fails with ISTAUTH_E_INTERNAL, and nothing is revoked for it. */
typedef struct istauth_hooks {
    void *ctx; /* first argument of each */

    /* The workspaces of a subject, those included that may not be chosen; in the arena or static.
     * NULL: this host has no workspaces. OK, UNAVAILABLE, NO_MEMORY. */
    istauth_status (*workspaces)(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                 istauth_arena *arena);
    /* May a token of this subject still be used for this workspace (membership, plan)? Asked for
     * each at code exchange and at refresh, and, with verify_workspace, at every istauth_access_check.
     * NULL: it is looked up in `workspaces`. OK, WORKSPACE_NOT_CHOOSABLE, UNAVAILABLE. */
    istauth_status (*workspace)(void *ctx, istauth_str subject, istauth_str workspace);
    bool verify_workspace; /* ask `workspace` at every istauth_access_check, too */
    /* Is the account still in good standing? Asked at consent, code exchange, refresh and for
     * a new personal token. NULL: always. OK, ACCESS_DENIED, UNAVAILABLE. */
    istauth_status (*subject)(void *ctx, istauth_str subject);
    /* What userinfo may reveal. NULL: the userinfo endpoint is not served, and no identity scope is
     * offered. OK, NOT_FOUND, UNAVAILABLE, NO_MEMORY. */
    istauth_status (*claims)(void *ctx, istauth_claims *claims, istauth_str subject,
                             istauth_arena *arena);
    /* May this address call this endpoint now? 0 admits; otherwise the seconds after which to try
     * again: 429 with Retry-After. NULL: everyone. */
    unsigned (*admit)(void *ctx, istauth_endpoint endpoint, istauth_str address);
    /* The audit log. NULL: none. */
    void (*event)(void *ctx, const istauth_event *event);
    /* Seconds since the epoch. NULL: the system's clock. OK; anything else is a failed clock, and so
     * is a time that is not after the epoch. */
    istauth_status (*clock)(void *ctx, istauth_time *now);
    /* Ask the authorization server about a token: POST `form`, as application/x-www-form-urlencoded and
     * with this server's own credential, to its introspection endpoint (RFC 7662), verifying its
     * certificate, and give the body of a 200 response, in the arena. For resource_server_only, which
     * then needs no store. NULL: tokens are looked up in the store. OK, UNAVAILABLE (no answer, or one of
     * another status), NO_MEMORY. */
    istauth_status (*introspect)(void *ctx, istauth_str *answer, istauth_str form,
                                 istauth_arena *arena);
    /* Fill with cryptographically secure random bytes. NULL: the crypto library's. OK; anything
     * else is a failed generator. */
    istauth_status (*random)(void *ctx, void *bytes, size_t count);
    /* May clients come from this host, the one of their metadata document's URL, with a port that is
     * not the default? Asked before a document is fetched, and whenever its client comes for tokens.
     * NULL: from any. OK, ACCESS_DENIED, UNAVAILABLE. */
    istauth_status (*document_host)(void *ctx, istauth_str host);
    /* Who sent this request, by the session cookie in it? With this hook istauth_handle asks her with
     * the ready-made page (consent_page.h), or sends her to `sign_in` first. `visitor` comes empty, which
     * is nobody; its texts are in the arena or static. NULL: the host has a page of its own.
     * OK, UNAVAILABLE, NO_MEMORY. */
    istauth_status (*visitor)(void *ctx, istauth_visitor *visitor,
                              const struct istauth_request *request, istauth_arena *arena);
} istauth_hooks;

/* Absolute paths on the issuer's origin; empty: the default. */
typedef struct istauth_paths {
    istauth_str register_; /* /api/oauth/register */
    istauth_str authorize; /* /oauth/authorize */
    istauth_str token;     /* /api/oauth/token */
    istauth_str revoke;    /* /api/oauth/revoke */
    istauth_str userinfo;  /* /api/oauth/userinfo */
    istauth_str introspect; /* /api/oauth/introspect */
    istauth_str jwks;       /* /.well-known/jwks.json */
    istauth_str consent;    /* /oauth/consent: the answer to the ready-made page */
} istauth_paths;

/* Seconds; 0: the default. */
typedef struct istauth_lifetimes {
    istauth_time code;    /* 60; at most 600 */
    istauth_time access;  /* 3600 */
    istauth_time refresh; /* 30 days, from each rotation */
    istauth_time ticket;  /* 600: how long a consent page may stay open; at most 3600 */
    istauth_time touch;   /* 60: used_at is written at most this often per grant */
    istauth_time unused_client; /* 1 day: a registration that was never used is purged */
    istauth_time idle_client;   /* 90 days: one without a live grant is purged */
    /* 0, that is off; at most 60. Whoever presents the refresh token that was spent last again within
     * this time, before its successor was used, gets the very same response again. It lets a client
     * survive a lost response, and several processes of one client share a refresh token; for as long
     * a thief of that token goes unnoticed. Outside of it a reuse revokes the family, as ever. */
    istauth_time refresh_retry_window;
    /* 0, that is off; at most 3600. For so long an answer of hooks.introspect is used again: a token that
     * was revoked meanwhile goes on opening this server until then. */
    istauth_time introspection_cache;
    istauth_time client_secret; /* of one given to a client that registered itself; 0: it never ends */
    istauth_time document_least; /* 60: a copy of a metadata document is used that long at least, */
    istauth_time document_most;  /* 1 day: and so long at most, whatever its cache headers say */
    /* 30 days: a copy that has expired still serves connections that exist (refresh, revocation, an
     * answer to an open consent page) for so long; no new one is authorized on it. */
    istauth_time document_stale;
} istauth_lifetimes;

/* Everything that a stranger could make large, in bytes or pieces; 0: the default. */
typedef struct istauth_limits {
    size_t query;     /* 16384: an authorization request */
    size_t form;      /* 16384: a token or revocation body; the ready-made consent page's may have 5 times
                         `query` and 396 times `workspaces` more */
    size_t metadata;  /* 65536: a registration body */
    size_t state;     /* 4096 */
    size_t arena;     /* 1 MiB: what one istauth_server_arena may take beyond its buffer */
    size_t workspaces; /* 256: chosen for one grant */
    size_t apps;      /* 1000: grants in one listing */
    size_t introspection_cache; /* 1024: answers that are kept, of at most 4096 bytes each */
} istauth_limits;

/* What istauth_server_new builds a server from. issuer, resources and store have no default. */
typedef struct istauth_config {
    size_t size; /* set by ISTAUTH_CONFIG_INIT */
    istauth_str issuer; /* RFC 8414: https URL without trailing slash; http on loopback only */
    const istauth_resource *resources; /* at least one, unique; the first is the default */
    size_t resource_count;       /* of resources */
    istauth_store store;         /* outlives the server */
    const istauth_scope *scopes; /* NULL: istauth_scope_defaults */
    size_t scope_count;          /* of scopes */
    istauth_str challenge_scope; /* asked for in a 401, granted when a request names none: the first
                                    scope, "mcp" by default */
    istauth_str token_prefix;    /* "ist" */
    /* ISTAUTH_TICKET_KEY_SIZE bytes: seals consent tickets, and vouches for requests that come back
     * from a sign-in page. All processes behind one issuer share one; NULL: a random one per
     * istauth_server_new, so that an open consent page does not outlive the process. */
    const uint8_t *ticket_key;
    istauth_str service_documentation; /* URL for the metadata; may be empty */
    bool closed_registration; /* no one registers by himself: clients come from the host */
    bool exact_localhost;     /* no free port for http://localhost (RFC 8252 8.3) */
    istauth_paths paths;         /* where the endpoints are */
    istauth_lifetimes lifetimes; /* how long what is issued is good */
    istauth_limits limits;       /* how much a stranger may send */
    istauth_hooks hooks;         /* what the server asks of the host */
    const istauth_allocator *allocator; /* copied; NULL: malloc and free */
    /* How clients may prove themselves (RFC 6749 2.3), beside public ones, which prove nothing:
     * ISTAUTH_ALLOW_..., in any number; 0: every client is public. One that is recorded with a method
     * that is not here cannot prove itself at all. */
    uint32_t client_auth;
    bool confidential_registration; /* a client that registers itself may have one of these methods;
                                       otherwise it is answered as a public client */
    /* This is the resource server's half alone: it verifies, and serves its resources' metadata. issuer is
     * that of the authorization server elsewhere; tokens are looked up in the store that both share, or
     * through hooks.introspect. Scopes and token_prefix are as they are there. */
    bool resource_server_only;
    bool registration_management; /* a client that registers itself may look at its registration, change
                                     and delete it (RFC 7592), at paths.register_/{client_id} */
    bool introspection; /* the introspection endpoint is served (RFC 7662) */
    bool client_credentials; /* provisioned clients may have tokens of their own (RFC 6749 4.4) */
    /* For what a feature below fetches; each names it. With private_key_jwt: the keys of clients that
     * name a jwks_uri, for each of their assertions; without it they cannot have that. */
    istauth_fetcher fetcher;
    /* Take clients whose client_id is the URL of a metadata document (metadata_document.h); needs a
     * fetcher. An authorization request waits for at most one fetch: hooks.admit is who bounds how many
     * a stranger causes. */
    bool client_documents;
    unsigned document_flags; /* ISTAUTH_DOCUMENT_...; LOOPBACK for an issuer on a loopback host alone */
    /* OpenID Connect: at most ISTAUTH_SIGNING_KEYS_MAX; none: "openid" is granted but not advertised, and
     * no ID token is issued. The first signs and all are published, so that keys can be changed: add the
     * new one last, an hour later (what was published is cached so long) make it the first, and
     * take the old one away when the last ID token that it signed has expired. Needs hooks.claims and a
     * scope named "openid". A provider must have an RS256 key (OpenID Connect Core 15.1): clients that
     * registered for nothing else take no other. */
    const istauth_signing_key *signing_keys;
    size_t signing_key_count; /* of signing_keys */
    /* ISTAUTH_PAIRWISE_KEY_SIZE bytes: each client sees another `sub` for the same person (OpenID
     * Connect Core 8.1), except that those with one and the same host in all their redirect URIs share
     * theirs. Never change it: it is what these subjects are made of. NULL: everyone sees the subject. */
    const uint8_t *pairwise_key;
    /* With hooks.visitor: your sign-in page, such as "/login?next=". A browser is sent there with the
     * path to come back to, percent-encoded, behind it. Sign in anew whoever comes: a page that sends back at
     * once whom it knows already would go in circles with a client that asks for a fresh sign-in. */
    istauth_str sign_in;
} istauth_config;

/* An empty config, in which every member that is zero or empty stands for its default; set issuer,
 * resources and store. Compiled into the caller, so that it has the caller's idea of the size. since 0.1 */
static inline istauth_config istauth_config_default(void)
{
    istauth_config config;

    memset(&config, 0, sizeof(config));
    config.size = sizeof(config);
    return config;
}

/* As an initialiser: istauth_config config = ISTAUTH_CONFIG_INIT; */
#define ISTAUTH_CONFIG_INIT istauth_config_default()

#ifdef __cplusplus
}
#endif

#endif
