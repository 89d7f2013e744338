/* What happened, for the host's audit log: ids, never a secret. */
#ifndef ISTAUTH_EVENT_H
#define ISTAUTH_EVENT_H

#include <istauth/records.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum istauth_event_kind {
    ISTAUTH_EVENT_REGISTERED = 1,
    ISTAUTH_EVENT_CONSENTED,
    ISTAUTH_EVENT_DENIED, /* a person said no */
    ISTAUTH_EVENT_TOKEN_ISSUED,
    ISTAUTH_EVENT_REFRESHED,
    ISTAUTH_EVENT_REUSE_DETECTED, /* a spent code or refresh token came back: its family is dead */
    ISTAUTH_EVENT_REVOKED,        /* by the client (RFC 7009), or because nothing was left of it */
    ISTAUTH_EVENT_DISCONNECTED,
    ISTAUTH_EVENT_PERSONAL_CREATED,
    ISTAUTH_EVENT_PERSONAL_REVOKED,
    ISTAUTH_EVENT_VERIFICATION_DENIED,
    ISTAUTH_EVENT_SUBJECT_REVOKED,
    ISTAUTH_EVENT_WORKSPACE_REMOVED,
    ISTAUTH_EVENT_REFRESH_REPEATED, /* a refresh was answered again, as it was the first time */
    ISTAUTH_EVENT_CLIENT_DENIED, /* a client that has a secret or a key did not prove itself */
    ISTAUTH_EVENT_CLIENT_PROVISIONED,
    ISTAUTH_EVENT_SECRET_ROTATED,
    ISTAUTH_EVENT_CLIENT_REMOVED,
    ISTAUTH_EVENT_CLIENT_UPDATED, /* it changed its own registration (RFC 7592) */
    ISTAUTH_EVENT_DOCUMENT_FETCHED /* of a client (client_id is its URL), with what came of it (status) */
} istauth_event_kind;

/* Borrowed for the call; what does not apply is empty. */
typedef struct istauth_event {
    size_t size;
    istauth_event_kind kind;
    istauth_time time;
    istauth_status status; /* why, for denials */
    istauth_str subject;
    istauth_str client_id;
    istauth_str grant_id;
    istauth_str scopes;
    istauth_str address; /* the peer's, where a request is at hand */
} istauth_event;

/* "registered", "token_issued", ... ; "unknown" for anything else. Static. since 0.1 */
ISTAUTH_API const char *istauth_event_name(istauth_event_kind kind);

#ifdef __cplusplus
}
#endif

#endif
