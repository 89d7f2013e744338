/* What a store keeps: clients, grants, codes and tokens.
 *
 * Times are stored as given. No field is a secret: keys are hashes. Every text is UTF-8 without a
 * NUL, and at most the limit that the server was configured with. */
#ifndef ISTAUTH_RECORDS_H
#define ISTAUTH_RECORDS_H

#include <istauth/token.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_ID_SIZE 33 /* 32 lower-case hexadecimal digits and the NUL */

/* Names a grant or a client; random, unique, not secret. */
typedef struct istauth_id {
    char text[ISTAUTH_ID_SIZE]; /* ends in NUL */
} istauth_id;

/* The id as text, borrowed from it. since 0.1 */
static inline istauth_str istauth_id_str(const istauth_id *id)
{
    return istauth_str_of(id->text);
}

/* The bits of istauth_client.grant_types (RFC 7591 2). */
enum {
    ISTAUTH_GRANT_AUTHORIZATION_CODE = 1u << 0, /* a person consents */
    ISTAUTH_GRANT_REFRESH_TOKEN = 1u << 1,      /* and the client goes on without her */
    ISTAUTH_GRANT_CLIENT_CREDENTIALS = 1u << 2  /* for provisioned clients alone */
};

/* Where a client comes from. */
typedef enum istauth_client_origin {
    ISTAUTH_CLIENT_REGISTERED = 0, /* it registered itself: everything it says is self-asserted */
    ISTAUTH_CLIENT_PROVISIONED = 1, /* the host vouches for it: `scopes` is a ceiling, never purged */
    ISTAUTH_CLIENT_DOCUMENT = 2 /* its client_id is the URL of its metadata document, which this copies */
} istauth_client_origin;

/* How a client proves itself to the token endpoint (RFC 7591 2, token_endpoint_auth_method). */
typedef enum istauth_client_auth {
    ISTAUTH_CLIENT_AUTH_NONE = 0, /* a public client */
    ISTAUTH_CLIENT_AUTH_SECRET_BASIC = 1, /* a secret in the Authorization header */
    ISTAUTH_CLIENT_AUTH_SECRET_POST = 2,  /* a secret in the form */
    ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT = 3 /* an assertion signed with its key (RFC 7523) */
} istauth_client_auth;

/* An OAuth client. */
typedef struct istauth_client {
    istauth_str client_id; /* 1 to 128 bytes of A-Z a-z 0-9 - . _ ~, or a document's URL */
    istauth_client_origin origin; /* where it comes from */
    istauth_client_auth auth;     /* how it proves itself */
    istauth_str name; /* UTF-8; never empty */
    istauth_str client_uri, logo_uri, policy_uri, tos_uri; /* empty when absent */
    istauth_str software_id, software_version; /* as registered; empty when absent */
    istauth_str_list redirect_uris; /* as sent, in the order sent */
    istauth_str scopes;             /* as registered, known ones only; may be empty */
    uint32_t grant_types;           /* ISTAUTH_GRANT_... */
    bool native;                    /* application_type "native" */
    istauth_time registered_at;     /* when this record was made */
    istauth_time used_at; /* when a code of it was last redeemed; 0: never */
    istauth_key secret_key;         /* SHA-256 of its secret; all zero: it has none */
    istauth_time secret_expires_at; /* 0: never */
    istauth_key management_key; /* SHA-256 of its registration access token (RFC 7592); all zero: none */
    istauth_str jwks;           /* its public keys, a JWK Set (RFC 7517 5); empty when absent */
    istauth_str jwks_uri;       /* where it publishes them; empty when absent */
    istauth_str resource; /* it is this resource's server and may introspect its tokens; or empty */
    istauth_str_list workspaces; /* what a token of its own (client_credentials) may be used for */
    istauth_time expires_at;     /* of a document's copy: from then on it is fetched anew; 0: never */
} istauth_client;

/* One consent: subject + client + scopes + workspaces + resource. Or, without a client, the grant
 * behind one personal token; or, without a subject, that behind a token of a client's own. */
typedef struct istauth_grant {
    istauth_id id;         /* its name; not secret */
    istauth_str subject;   /* empty: a token of the client's own (RFC 6749 4.4) */
    istauth_str client_id; /* empty: a personal token's grant */
    istauth_str name;      /* a personal token's name; empty otherwise */
    istauth_str scopes;    /* what was granted, space-separated */
    istauth_str_list workspaces; /* ids of those that were chosen */
    istauth_str resource; /* canonical: as configured */
    istauth_time auth_time; /* when the person had signed in (OpenID Connect Core 2); 0: not told */
    istauth_time created_at; /* when consent was given */
    istauth_time issued_at; /* when a token of it was last issued; 0: none yet */
    istauth_time used_at;   /* when one was last seen by istauth_verify; 0: never */
    bool pending;           /* its code was not redeemed yet */
    bool revoked;           /* it is dead, and so is every token of it */
} istauth_grant;

/* An authorization code and the grant that it brings to life. */
typedef struct istauth_code {
    istauth_key key;          /* of the code itself, which is not kept */
    istauth_str redirect_uri; /* of the request; the exchange must name the same */
    istauth_str challenge;    /* PKCE S256 */
    istauth_str nonce;        /* for the ID token (OpenID Connect Core 3.1.2.1); may be empty */
    istauth_time created_at;  /* when consent was given */
    istauth_time expires_at;  /* from then on it is refused */
    bool spent;               /* it was redeemed */
} istauth_code;

/* A token; its grant says whose it is and what for. */
typedef struct istauth_token {
    istauth_key key;         /* of the token itself, which is not kept */
    istauth_token_kind kind; /* ACCESS, REFRESH or PERSONAL */
    istauth_id grant_id;     /* the grant that it belongs to */
    istauth_str scopes;      /* empty: the grant's; else a part of them */
    istauth_time issued_at;  /* when it was made */
    istauth_time expires_at; /* 0: never, for a personal token */
    bool spent;              /* a refresh token that was rotated */
    bool revoked;            /* this token alone; its grant has a flag of its own */
} istauth_token;

/* The answer to a refresh, kept so that whoever presents the spent token again, because that answer
 * was lost or because he shares the token, can be given it again (see
 * istauth_lifetimes.refresh_retry_window). Sealed under a key that only the spent token itself gives. */
typedef struct istauth_retry {
    istauth_str sealed; /* bytes, not text: any value, zero included */
    istauth_time expires_at; /* from then on it is of no use */
} istauth_retry;

#ifdef __cplusplus
}
#endif

#endif
