#include "fetch/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void must(int holds)
{
    if (!holds)
        abort();
}

static int listen_at(const struct sockaddr *address, socklen_t size, int *port)
{
    struct sockaddr_storage bound;
    socklen_t n = sizeof(bound);
    int on = 1, made = socket(address->sa_family, SOCK_STREAM, 0);

    must(made >= 0);
    setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->sa_family == AF_INET6)
        must(setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) == 0);
    if (bind(made, address, size) || listen(made, 64)) {
        close(made);
        return -1;
    }
    must(getsockname(made, (struct sockaddr *)&bound, &n) == 0);
    *port = ntohs(((struct sockaddr_in *)(void *)&bound)->sin_port); /* or 6: the same place */
    return made;
}

static int listen4(const char *address, int port, int *got)
{
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };

    must(inet_pton(AF_INET, address, &in.sin_addr) == 1);
    return listen_at((struct sockaddr *)&in, sizeof(in), got);
}

/* --- the server --- */

static void rest(int milliseconds)
{
    struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000L };

    nanosleep(&t, NULL);
}

static int stopping(peer *p)
{
    int is;

    pthread_mutex_lock(&p->lock);
    is = p->stopping;
    pthread_mutex_unlock(&p->lock);
    return is;
}

static int put(SSL *ssl, int fd, const char *bytes, size_t n)
{
    if (ssl)
        return SSL_write(ssl, bytes, (int)n) == (int)n;
    return send(fd, bytes, n, 0) == (ssize_t)n;
}

static int take(SSL *ssl, int fd, char *bytes, size_t n)
{
    return ssl ? SSL_read(ssl, bytes, (int)n) : (int)recv(fd, bytes, n, 0);
}

static int read_request(SSL *ssl, int fd, char *text, size_t size)
{
    size_t have = 0;

    text[0] = '\0';
    while (have + 1 < size && !strstr(text, "\r\n\r\n")) {
        int n = take(ssl, fd, text + have, size - 1 - have);

        if (n <= 0)
            return 0;
        have += (size_t)n;
        text[have] = '\0';
    }
    return 1;
}

static const answer *find(const peer *p, const char *request)
{
    for (size_t i = 0; i < p->count; i++) {
        size_t n = strlen(p->answers[i].path);

        if (strncmp(request, "GET ", 4) == 0 && strncmp(request + 4, p->answers[i].path, n) == 0 &&
            request[4 + n] == ' ')
            return &p->answers[i];
    }
    return NULL;
}

static void write_answer(peer *p, SSL *ssl, int fd, const answer *a)
{
    const char *body = strstr(a->bytes, "\r\n\r\n");
    size_t n = strlen(a->bytes);

    if (!a->pause) {
        int goes_on = put(ssl, fd, a->bytes, n);

        while (a->endless && goes_on && !stopping(p))
            goes_on = put(ssl, fd, body + 4, strlen(body + 4));
        return;
    }
    for (size_t i = 0; i < n && !stopping(p); i++) {
        if (!put(ssl, fd, a->bytes + i, 1))
            return;
        rest(a->pause);
    }
}

static void serve(peer *p, int fd)
{
    SSL *ssl = NULL;
    char text[sizeof(p->request)];
    const answer *a;

    if (p->tls) {
        ssl = SSL_new(p->tls);
        must(ssl && SSL_set_fd(ssl, fd));
        if (SSL_accept(ssl) != 1) {
            SSL_free(ssl);
            return;
        }
    }
    if (read_request(ssl, fd, text, sizeof(text))) {
        pthread_mutex_lock(&p->lock);
        p->requests++;
        memcpy(p->request, text, sizeof(text));
        pthread_mutex_unlock(&p->lock);
        a = find(p, text);
        if (a)
            write_answer(p, ssl, fd, a);
    }
    if (ssl) {
        SSL_shutdown(ssl);
        SSL_free(ssl);
    }
}

static void *run(void *ctx)
{
    struct timeval patience = { 10, 0 };
    peer *p = ctx;

    while (!stopping(p)) {
        struct pollfd wait = { p->listening, POLLIN, 0 };
        int fd;

        if (poll(&wait, 1, 50) <= 0)
            continue;
        fd = accept(p->listening, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&p->lock);
        p->connections++;
        pthread_mutex_unlock(&p->lock);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        serve(p, fd);
        close(fd);
    }
    return NULL;
}

void peer_start(peer *p, const char *address, SSL_CTX *tls, const answer *answers, size_t count)
{
    signal(SIGPIPE, SIG_IGN);
    memset(p, 0, sizeof(*p));
    p->tls = tls;
    p->answers = answers;
    p->count = count;
    pthread_mutex_init(&p->lock, NULL);
    p->listening = listen4(address, 0, &p->port);
    must(p->listening >= 0);
    must(pthread_create(&p->thread, NULL, run, p) == 0);
}

void peer_stop(peer *p)
{
    pthread_mutex_lock(&p->lock);
    p->stopping = 1;
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->thread, NULL);
    pthread_mutex_destroy(&p->lock);
    close(p->listening);
    SSL_CTX_free(p->tls);
}

size_t peer_connections(peer *p)
{
    size_t n;

    pthread_mutex_lock(&p->lock);
    n = p->connections;
    pthread_mutex_unlock(&p->lock);
    return n;
}

size_t peer_requests(peer *p)
{
    size_t n;

    pthread_mutex_lock(&p->lock);
    n = p->requests;
    pthread_mutex_unlock(&p->lock);
    return n;
}

/* --- traps --- */

void trap_open(trap *t)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    int port;

    for (int tries = 0; tries < 50; tries++) {
        t->four = listen4("0.0.0.0", 0, &t->port);
        must(t->four >= 0);
        any.sin6_port = htons((unsigned short)t->port);
        t->six = listen_at((struct sockaddr *)&any, sizeof(any), &port);
        if (t->six >= 0)
            break;
        close(t->four); /* somebody has that port in the other family */
    }
    must(t->six >= 0);
    must(fcntl(t->four, F_SETFL, O_NONBLOCK) == 0 && fcntl(t->six, F_SETFL, O_NONBLOCK) == 0);
}

static size_t drain(int listening)
{
    size_t n = 0;
    int fd;

    while ((fd = accept(listening, NULL, NULL)) >= 0) {
        close(fd);
        n++;
    }
    must(errno == EAGAIN || errno == EWOULDBLOCK);
    return n;
}

size_t trap_visits(const trap *t)
{
    return drain(t->four) + drain(t->six);
}

void trap_close(trap *t)
{
    close(t->four);
    close(t->six);
}
