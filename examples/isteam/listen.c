#include "listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct place {
    char host[64]; /* without brackets */
    char port[8];
} place;

static int complain(const char *where, const char *why)
{
    fprintf(stderr, "cannot listen on %s: %s\n", where, why);
    return -1;
}

/* getaddrinfo would take a larger number modulo 65536. */
static bool is_port(const char *text)
{
    size_t n = strspn(text, "0123456789");

    return n > 0 && n <= 5 && !text[n] && strtoul(text, NULL, 10) <= 65535;
}

/* "[::1]:80" or "127.0.0.1:80" in two. */
static int split(place *out, const char *where)
{
    const char *colon = strrchr(where, ':');
    size_t host;

    if (!colon || colon == where)
        return -1;
    host = (size_t)(colon - where);
    if (where[0] == '[' && colon[-1] == ']') {
        where++;
        host -= 2;
    }
    if (host == 0 || host >= sizeof(out->host) || !is_port(colon + 1))
        return -1;
    memcpy(out->host, where, host);
    out->host[host] = '\0';
    memcpy(out->port, colon + 1, strlen(colon + 1) + 1);
    return 0;
}

static int open_socket(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM, 0), on = 1;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    close(fd);
    return -1;
}

static int port_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t size = sizeof(name);

    if (getsockname(fd, (struct sockaddr *)&name, &size))
        return 0;
    if (name.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&name)->sin6_port);
    return ntohs(((struct sockaddr_in *)&name)->sin_port);
}

int listen_on(char url[LISTEN_URL_SIZE], const char *where)
{
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    place at;
    int fd, trouble;

    if (split(&at, where))
        return complain(where, "expected HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080");
    trouble = getaddrinfo(at.host, at.port, &hints, &found);
    if (trouble)
        return complain(where, gai_strerror(trouble));
    fd = open_socket(found);
    freeaddrinfo(found);
    if (fd < 0)
        return complain(where, errno == EADDRINUSE ? "something else listens there already: name "
                                                     "another HOST:PORT (port 0 picks a free one)"
                                                   : strerror(errno));
    snprintf(url, LISTEN_URL_SIZE, strchr(at.host, ':') ? "http://[%s]:%d" : "http://%s:%d",
             at.host, port_of(fd));
    return fd;
}
