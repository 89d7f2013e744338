#include <istauth/event.h>

static const char *const names[] = {
    [ISTAUTH_EVENT_REGISTERED] = "registered",
    [ISTAUTH_EVENT_CONSENTED] = "consented",
    [ISTAUTH_EVENT_DENIED] = "denied",
    [ISTAUTH_EVENT_TOKEN_ISSUED] = "token_issued",
    [ISTAUTH_EVENT_REFRESHED] = "refreshed",
    [ISTAUTH_EVENT_REUSE_DETECTED] = "reuse_detected",
    [ISTAUTH_EVENT_REVOKED] = "revoked",
    [ISTAUTH_EVENT_DISCONNECTED] = "disconnected",
    [ISTAUTH_EVENT_PERSONAL_CREATED] = "personal_created",
    [ISTAUTH_EVENT_PERSONAL_REVOKED] = "personal_revoked",
    [ISTAUTH_EVENT_VERIFICATION_DENIED] = "verification_denied",
    [ISTAUTH_EVENT_SUBJECT_REVOKED] = "subject_revoked",
    [ISTAUTH_EVENT_WORKSPACE_REMOVED] = "workspace_removed",
    [ISTAUTH_EVENT_REFRESH_REPEATED] = "refresh_repeated",
    [ISTAUTH_EVENT_CLIENT_DENIED] = "client_denied",
    [ISTAUTH_EVENT_CLIENT_PROVISIONED] = "client_provisioned",
    [ISTAUTH_EVENT_SECRET_ROTATED] = "secret_rotated",
    [ISTAUTH_EVENT_CLIENT_REMOVED] = "client_removed",
    [ISTAUTH_EVENT_CLIENT_UPDATED] = "client_updated",
    [ISTAUTH_EVENT_DOCUMENT_FETCHED] = "document_fetched",
};

const char *istauth_event_name(istauth_event_kind kind)
{
    int i = (int)kind;

    return i > 0 && i < (int)(sizeof(names) / sizeof(names[0])) ? names[i] : "unknown";
}
