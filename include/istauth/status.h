/* What a call can end with, and what each ending is called on the wire.
 *
 * 0 is success. Negative values are grouped by who has to act; a caller switches
 * on the class and logs the name. Values are never renumbered or reused. */
#ifndef ISTAUTH_STATUS_H
#define ISTAUTH_STATUS_H

#include <istauth/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call ended. */
typedef enum istauth_status {
    ISTAUTH_OK = 0, /* as it should */

    /* -1xx: the host's mistake */
    ISTAUTH_E_ARGUMENT = -101, /* an argument outside what the header allows */
    ISTAUTH_E_CONFIG = -102,   /* istauth_config cannot be honoured; see istauth_error */

    /* -2xx: the OAuth client's mistake (RFC 6749 4.1.2.1 and 5.2, RFC 7591 3.2.2,
     * RFC 8707 2, OpenID Connect Core 3.1.2.6 for the names of the errors) */
    ISTAUTH_E_INVALID_REQUEST = -201,           /* a parameter is missing, repeated or malformed */
    ISTAUTH_E_UNSUPPORTED_RESPONSE_TYPE = -202, /* anything but "code" */
    ISTAUTH_E_UNSUPPORTED_GRANT_TYPE = -203,    /* of the token endpoint */
    ISTAUTH_E_INVALID_SCOPE = -204,             /* malformed, or none is left to grant */
    ISTAUTH_E_INVALID_TARGET = -205,            /* no such resource */
    ISTAUTH_E_INVALID_REDIRECT_URI = -206,      /* not acceptable, or not one that is registered */
    ISTAUTH_E_INVALID_CLIENT_METADATA = -207,   /* a registration or a document of no use */
    ISTAUTH_E_UNAUTHORIZED_CLIENT = -208,       /* this grant type is not for this client */
    ISTAUTH_E_REQUEST_NOT_SUPPORTED = -209,     /* request objects */
    ISTAUTH_E_REQUEST_URI_NOT_SUPPORTED = -210, /* request objects, by reference */
    ISTAUTH_E_LOGIN_REQUIRED = -211,            /* the person must sign in, or sign in anew */
    ISTAUTH_E_METHOD = -212,                    /* HTTP method not allowed here */
    ISTAUTH_E_CONTENT_TYPE = -213,              /* body of a type that this endpoint does not read */
    ISTAUTH_E_TOO_LARGE = -214,                 /* over one of istauth_limits */
    ISTAUTH_E_NOT_SERVED = -215,                /* no endpoint of ours at this path */

    /* -3xx: a credential that proves nothing */
    ISTAUTH_E_INVALID_CLIENT = -301,  /* unknown, or it did not prove itself */
    ISTAUTH_E_INVALID_GRANT = -302,   /* a code or refresh token: unknown, expired, spent, another's */
    ISTAUTH_E_NO_CREDENTIALS = -303,  /* none presented: challenge without "error" */
    ISTAUTH_E_INVALID_TOKEN = -304,   /* unknown, expired, revoked, wrong audience: not told apart */
    ISTAUTH_E_PKCE_MISMATCH = -305,   /* the verifier is not that of the challenge */
    ISTAUTH_E_TICKET = -306,          /* consent ticket forged, expired, used, or another person's */

    /* -4xx: proven, but not permitted */
    ISTAUTH_E_ACCESS_DENIED = -401,           /* the person, or the host's hook, said no */
    ISTAUTH_E_INSUFFICIENT_SCOPE = -402,      /* ask for more scopes */
    ISTAUTH_E_WORKSPACE_NOT_GRANTED = -403,   /* no scope cures it */
    ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE = -404, /* not offered, or its plan forbids it */
    ISTAUTH_E_NO_WORKSPACE = -405,            /* none chosen where one is needed */
    ISTAUTH_E_TOO_MANY_REQUESTS = -406,       /* hooks.admit said no: try again later */

    /* -5xx: what a store answers (store.h) */
    ISTAUTH_E_NOT_FOUND = -501,   /* there is no such record, or it is another subject's */
    ISTAUTH_E_EXISTS = -502,      /* there is one already */
    ISTAUTH_E_SPENT = -503,       /* it was used before */
    ISTAUTH_E_REVOKED = -504,     /* it, or its grant, was revoked */
    ISTAUTH_E_UNAVAILABLE = -505, /* outcome unknown or store unreachable: try again later */

    /* -6xx: the machine */
    ISTAUTH_E_NO_MEMORY = -601, /* none left, or a cap was reached */
    ISTAUTH_E_RANDOM = -602,    /* the random source failed */
    ISTAUTH_E_CLOCK = -603,     /* the clock failed, or told no time */
    ISTAUTH_E_CRYPTO = -604,    /* the crypto library failed */
    ISTAUTH_E_INTERNAL = -605   /* a callback broke its contract */
} istauth_status;

/* The status's name without prefix, such as "INVALID_GRANT"; "UNKNOWN" for a value that
 * is none of the above. Static text. since 0.1 */
ISTAUTH_API const char *istauth_status_name(istauth_status status);

/* The registered OAuth error code for the wire, such as "invalid_grant". NULL for
 * ISTAUTH_OK and for NO_CREDENTIALS, which has none (RFC 6750 3.1). Anything that a
 * client cannot cure is "server_error" or "temporarily_unavailable". since 0.1 */
ISTAUTH_API const char *istauth_status_oauth(istauth_status status);

/* The HTTP status code that goes with it: 200 for ISTAUTH_OK. since 0.1 */
ISTAUTH_API int istauth_status_http(istauth_status status);

/* A fixed sentence for error_description: printable ASCII without quote or backslash,
 * saying what was wrong and what to do, never what was sent. since 0.1 */
ISTAUTH_API const char *istauth_status_description(istauth_status status);

/* Detail for the host's log, in memory of the caller's. Every function that takes one
 * accepts NULL. Nothing in it reaches the wire, and it never holds a secret. */
typedef struct istauth_error {
    istauth_status status; /* what the call answered */
    char detail[192];      /* NUL-terminated sentence; empty when there is nothing to add */
} istauth_error;

#ifdef __cplusplus
}
#endif

#endif
