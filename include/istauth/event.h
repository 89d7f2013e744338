/* What happened, for the host's audit log: ids, never a secret. */
#ifndef ISTAUTH_EVENT_H
#define ISTAUTH_EVENT_H

#include <istauth/records.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of events. */
typedef enum istauth_event_kind {
    ISTAUTH_EVENT_REGISTERED = 1,      /* a client registered itself */
    ISTAUTH_EVENT_CONSENTED,           /* a person said yes: a code was made */
    ISTAUTH_EVENT_DENIED,              /* a person said no */
    ISTAUTH_EVENT_TOKEN_ISSUED,        /* for a code, or to a client of its own (client_credentials) */
    ISTAUTH_EVENT_REFRESHED,           /* a refresh token was spent, and others were issued */
    ISTAUTH_EVENT_REUSE_DETECTED,      /* a spent code or refresh token came back: its family is dead */
    ISTAUTH_EVENT_REVOKED,             /* by the client (RFC 7009) or an operator, or nothing was left of it */
    ISTAUTH_EVENT_DISCONNECTED,        /* a person disconnected an app */
    ISTAUTH_EVENT_PERSONAL_CREATED,    /* a personal token was made */
    ISTAUTH_EVENT_PERSONAL_REVOKED,    /* a personal token was deleted */
    ISTAUTH_EVENT_VERIFICATION_DENIED, /* a bearer token proved nothing */
    ISTAUTH_EVENT_SUBJECT_REVOKED,     /* everything of a subject was revoked */
    ISTAUTH_EVENT_WORKSPACE_REMOVED,   /* a subject left a workspace */
    ISTAUTH_EVENT_REFRESH_REPEATED,    /* a refresh was answered again, as it was the first time */
    ISTAUTH_EVENT_CLIENT_DENIED,       /* a client that has a secret or a key did not prove itself */
    ISTAUTH_EVENT_CLIENT_PROVISIONED,  /* the host made a client */
    ISTAUTH_EVENT_SECRET_ROTATED,      /* the host gave a client another secret */
    ISTAUTH_EVENT_CLIENT_REMOVED,      /* a client was removed, by the host or by itself */
    ISTAUTH_EVENT_CLIENT_UPDATED,      /* it changed its own registration (RFC 7592) */
    ISTAUTH_EVENT_DOCUMENT_FETCHED     /* of a client (client_id is its URL), with what came of it (status) */
} istauth_event_kind;

/* Borrowed for the call; what does not apply is empty. */
typedef struct istauth_event {
    size_t size;             /* of this struct, as the library was compiled */
    istauth_event_kind kind; /* what happened */
    istauth_time time;       /* when, by the server's clock */
    istauth_status status;   /* why, for denials */
    istauth_str subject;     /* whose */
    istauth_str client_id;   /* by or to which client */
    istauth_str grant_id;    /* of which grant */
    istauth_str scopes;      /* space-separated */
    istauth_str address;     /* the peer's, where a request is at hand */
} istauth_event;

/* "registered", "token_issued", ... ; "unknown" for anything else. Static. since 0.1 */
ISTAUTH_API const char *istauth_event_name(istauth_event_kind kind);

#ifdef __cplusplus
}
#endif

#endif
