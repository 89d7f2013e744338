/* Responses: built in one place, so that no endpoint forgets a header. */
#ifndef ISTAUTH_RESPOND_I_H
#define ISTAUTH_RESPOND_I_H

#include <istauth/http.h>

#include "flows/server_i.h"

/* A bare response with nosniff and no-store. */
void istauth__respond(istauth_response *response, int status);

/* Append a header field. A value with a control character is never written: the response becomes
 * a bare 500 instead. */
void istauth__add_header(istauth_response *response, const char *name, istauth_str value);

/* Replace no-store by this Cache-Control, which is static. */
void istauth__make_cacheable(istauth_response *response, const char *cache_control);

void istauth__respond_json(istauth_response *response, int status, istauth_str json);

/* {"error", "error_description"} (RFC 6749 5.2) with the status's code, and Retry-After with a 503.
 * Without memory in the arena it is a 503 whatever the status. */
void istauth__respond_error(istauth_response *response, istauth_status status,
                            istauth_arena *arena);

/* 303, which never repeats a POST (RFC 9700 4.12). */
void istauth__respond_redirect(istauth_response *response, istauth_str location);

/* Seconds for Retry-After. */
void istauth__add_retry_after(istauth_response *response, unsigned seconds, istauth_arena *arena);

/* What every endpoint asks first: was this address admitted, is it a preflight, is the method one of
 * ours? `cors` endpoints answer OPTIONS. True when the response is already made. */
typedef struct istauth__gate {
    istauth_endpoint endpoint;
    const char *methods; /* such as "POST": those that go through, comma-separated */
    const char *allow;   /* for the Allow header and the preflight */
    bool cors;
} istauth__gate;

bool istauth__gate_answers(istauth_response *response, const istauth__gate *gate,
                           const istauth_server *server, const istauth_request *request,
                           istauth_arena *arena);

/* Is the request's Content-Type this media type, whatever its parameters and case? */
bool istauth__is_media_type(const istauth_request *request, const char *type);

/* May this body be read as client metadata? ISTAUTH_OK, TOO_LARGE, CONTENT_TYPE */
istauth_status istauth__json_body_check(const istauth_server *server,
                                        const istauth_request *request);

/* The request's nth header; absent is {NULL, 0}. */
istauth_str istauth__header(const istauth_request *request, const char *name, size_t nth);

#endif
