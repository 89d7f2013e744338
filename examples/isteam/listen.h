/* The listening socket: open before the server is built, because port 0 decides its issuer. */
#ifndef ISTEAM_LISTEN_H
#define ISTEAM_LISTEN_H

#define LISTEN_URL_SIZE 96

/* Listen on HOST:PORT, where HOST is an IPv4 address, an IPv6 address in brackets, or a name.
 * `url` gets "http://HOST:PORT" with the port that it became. The socket, or -1 after saying
 * why on stderr. */
int listen_on(char url[LISTEN_URL_SIZE], const char *where);

#endif
