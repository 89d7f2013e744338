/* libmicrohttpd on one side, istauth_request and istauth_response on the other. */
#ifndef ISTEAM_HTTPD_H
#define ISTEAM_HTTPD_H

#include <istauth.h>

/* Bodies of more bytes are not read. A little above what the endpoints allow, so that they refuse
 * most of them in their own words. */
#define HTTPD_BODY_MAX (1024u * 1024u + 65536u)

/* Called once for each request, on one of several threads. `response` is zeroed. With `too_large`
 * the body is not there, because it was over HTTPD_BODY_MAX: the answer is 413. */
typedef void httpd_handler(void *ctx, istauth_response *response, const istauth_request *request,
                           bool too_large, istauth_arena *arena);

typedef struct httpd httpd;

/* Serve on a listening socket, which belongs to the server from now on. Owned; NULL when it
 * cannot start. Arenas come from `server`. */
httpd *httpd_start(int listening, const istauth_server *server, httpd_handler *handler, void *ctx);

/* Take no more connections, and wait until every request that has begun is answered, at most so many
 * seconds. False: some are not, and will be cut off. */
bool httpd_drain(httpd *h, unsigned seconds);

/* Cut off what is left, and free. Takes NULL. */
void httpd_stop(httpd *h);

#endif
