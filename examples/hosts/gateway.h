/* What CGI and FastCGI have in common: a request comes as variables named by RFC 3875 and a body to
 * be read, and the answer is a Status, header lines and a body. */
#ifndef HOSTS_GATEWAY_H
#define HOSTS_GATEWAY_H

#include <istauth.h>

/* How bytes come and go; the number of bytes that did. */
typedef size_t gateway_reader(void *from, char *to, size_t n);
typedef size_t gateway_writer(void *to, const char *from, size_t n);

/* Read a whole request. `variables` are "NAME=value", the last one NULL; they and the arena outlive
 * it.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REQUEST  its length is no number, or there is less of it
 * ISTAUTH_E_TOO_LARGE        over SITE_BODY_MAX: unread
 * ISTAUTH_E_UNAVAILABLE      the web server gives no REQUEST_METHOD or REQUEST_URI
 * ISTAUTH_E_NO_MEMORY */
istauth_status gateway_read(istauth_request *request, char **variables, gateway_reader *read,
                            void *from, istauth_arena *arena);

/* Write a whole response; without its body when the request was for HEAD. False: the web server is
 * gone. */
bool gateway_write(const istauth_response *response, istauth_str method, istauth_arena *arena,
                   gateway_writer *write, void *to);

#endif
