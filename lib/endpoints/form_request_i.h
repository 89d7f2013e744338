/* What the token, revocation and introspection endpoints share: a form body and the client behind it. */
#ifndef ISTAUTH_FORM_REQUEST_I_H
#define ISTAUTH_FORM_REQUEST_I_H

#include <istauth/http.h>

#include "flows/flows_i.h"

typedef struct istauth__form_request {
    istauth__call call;
    istauth__form form;
    istauth_client client;
    bool by_header; /* the client named itself there: a 401 has a challenge (RFC 6749 5.2) */
} istauth__form_request;

/* ISTAUTH_OK, CONTENT_TYPE, TOO_LARGE, INVALID_REQUEST, INVALID_CLIENT, UNAVAILABLE, ... */
istauth_status istauth__form_request_open(istauth__form_request *opened,
                                          const istauth_server *server,
                                          const istauth_request *request, istauth_arena *arena);

/* The error response, without CORS. */
void istauth__form_request_fail(istauth_response *response, const istauth__form_request *opened,
                                istauth_status status, istauth_arena *arena);

#endif
