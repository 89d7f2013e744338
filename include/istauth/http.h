/* A request as the host hands it over, and the response that it writes out. */
#ifndef ISTAUTH_HTTP_H
#define ISTAUTH_HTTP_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed from the host for the call. */
typedef struct istauth_request {
    size_t size;         /* set by ISTAUTH_REQUEST_INIT */
    istauth_str method;  /* "GET"; case matters (RFC 9110 9.1) */
    istauth_str path;    /* as on the request line, still percent-encoded, without the query */
    istauth_str query;   /* what follows '?', still encoded */
    istauth_str body;    /* the whole body, transfer coding removed */
    istauth_str address; /* the peer's, for admission and events; may be empty */
    /* The value of the nth (from 0) header field with this lower-case name; {NULL, 0} when there
     * are not so many. Required. */
    istauth_str (*header)(void *ctx, const char *name, size_t nth);
    void *ctx; /* first argument of header */
} istauth_request;

/* Everything empty. */
#define ISTAUTH_REQUEST_INIT \
    { sizeof(istauth_request), { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 }, 0, 0 }

/* A ready `header` callback for hosts that keep the raw header block: ctx points to an istauth_str
 * with the lines between request line and body. Folded lines are not joined. since 0.1 */
ISTAUTH_API istauth_str istauth_raw_header(void *ctx, const char *name, size_t nth);

/* A header field of a response. */
typedef struct istauth_header {
    istauth_str name;  /* as it is usually written */
    istauth_str value; /* no CR, LF or NUL, ever */
} istauth_header;

#define ISTAUTH_RESPONSE_HEADERS 16 /* at most, in one response */

/* Ready to be written out. Texts are in the caller's arena or static. For HEAD the body is
 * there but must not be sent; HTTP servers do that by themselves. */
typedef struct istauth_response {
    int status;                                       /* HTTP's */
    istauth_header headers[ISTAUTH_RESPONSE_HEADERS]; /* to be sent in this order */
    size_t header_count;                              /* of headers */
    istauth_str body;                                 /* may be empty */
} istauth_response;

/* Start a response of your own: Cache-Control: no-store and nosniff, `content_type` unless it is NULL, and
 * a body, which outlives the response. A content type with a control character makes it a 500.
 * since 0.1 */
ISTAUTH_API void istauth_response_init(istauth_response *response, int status,
                                       const char *content_type, istauth_str body);

/* The response's header fields as they go over the wire, one "Name: value\r\n" after the other, in the
 * arena: for hosts that write their own. Status line, Content-Length and the empty line are theirs.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY (lines untouched). since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_response_lines(istauth_str *lines,
                                                                   const istauth_response *response,
                                                                   istauth_arena *arena);

/* The CORS header fields of an MCP endpoint or any other resource that browsers call with a
 * bearer token: appended to `response`, which has room for two more, unless it has them. since 0.1 */
ISTAUTH_API void istauth_response_add_cors(istauth_response *response);

/* The answer to a CORS preflight for such a resource: 204, `methods` such as "GET, POST".
 * `methods` must outlive the response. since 0.1 */
ISTAUTH_API void istauth_response_preflight(istauth_response *response, const char *methods);

#ifdef __cplusplus
}
#endif

#endif
