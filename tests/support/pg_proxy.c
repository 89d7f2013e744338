#include "support/pg_proxy.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"
#define TICK 20 /* ms between looks at `over` */

struct relay {
    pg_proxy *p;
    int client, server;
    bool begun;          /* the first message, which has no type, is through */
    char head[5];        /* of the message at hand */
    size_t head_n, left; /* bytes of its head that are there, bytes of its body that are not */
    bool cut;            /* when the answer is there */
};

static void need(bool claim, const char *what)
{
    if (claim)
        return;
    perror(what);
    abort();
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
    return a;
}

static bool send_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

/* The head of a message is complete: its type, and how much follows. true: an answer is due. */
static bool begin_message(struct relay *r)
{
    const unsigned char *n = (const unsigned char *)r->head + (r->begun ? 1 : 0);
    char type = r->begun ? r->head[0] : 0;

    r->left = ((size_t)n[0] << 24 | (size_t)n[1] << 16 | (size_t)n[2] << 8 | n[3]) - 4;
    r->head_n = 0;
    r->begun = true;
    if (type == 'E' || type == 'Q')
        atomic_fetch_add(&r->p->statements, 1);
    if (type != 'S' && type != 'Q')
        return false;
    atomic_fetch_add(&r->p->trips, 1);
    return true;
}

/* How many requests end in these bytes. */
static unsigned scan(struct relay *r, const char *p, size_t n)
{
    unsigned requests = 0;

    while (n) {
        size_t take = r->left < n ? r->left : n;

        if (r->left) {
            r->left -= take;
            p += take;
            n -= take;
            continue;
        }
        r->head[r->head_n++] = *p++;
        n--;
        if (r->head_n == (r->begun ? 5u : 4u))
            requests += begin_message(r);
    }
    return requests;
}

static bool take_fault(pg_proxy *p, int fault)
{
    return atomic_compare_exchange_strong(&p->fault, &fault, PG_PROXY_NONE);
}

static bool from_client(struct relay *r)
{
    char buffer[16384];
    ssize_t n = recv(r->client, buffer, sizeof(buffer), 0);
    unsigned requests;

    if (n <= 0)
        return false;
    requests = scan(r, buffer, (size_t)n);
    if (requests && take_fault(r->p, PG_PROXY_CUT_BEFORE))
        return false;
    r->cut = r->cut || (requests && take_fault(r->p, PG_PROXY_CUT_AFTER));
    return send_all(r->server, buffer, (size_t)n);
}

/* ReadyForQuery, in whatever state the transaction is. */
static bool is_ready(const char *p, size_t n)
{
    return n >= 6 && memcmp(p + n - 6, "Z\0\0\0\5", 5) == 0;
}

static bool from_server(const struct relay *r)
{
    char buffer[16384];
    ssize_t n = recv(r->server, buffer, sizeof(buffer), 0);

    if (n <= 0)
        return false;
    if (r->cut)
        return !is_ready(buffer, (size_t)n);
    return send_all(r->client, buffer, (size_t)n);
}

static void pass(struct relay *r)
{
    struct pollfd fds[2] = { { r->client, POLLIN, 0 }, { r->server, POLLIN, 0 } };

    while (!atomic_load(&r->p->over)) {
        if (atomic_load(&r->p->fault) == PG_PROXY_HANG) {
            poll(NULL, 0, TICK);
            continue;
        }
        if (poll(fds, 2, TICK) <= 0)
            continue;
        if (fds[0].revents && !from_client(r))
            return;
        if (fds[1].revents && !from_server(r))
            return;
    }
}

static void *relay_main(void *arg)
{
    struct relay *r = arg;
    struct sockaddr_un a = address_of(r->p->target);

    r->server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (r->server >= 0 && connect(r->server, (struct sockaddr *)&a, sizeof(a)) == 0)
        pass(r);
    close(r->server);
    close(r->client);
    atomic_fetch_sub(&r->p->live, 1);
    free(r);
    return NULL;
}

static void relay_start(pg_proxy *p, int client)
{
    struct relay *r = calloc(1, sizeof(*r));
    pthread_t thread;

    need(r, "memory");
    r->p = p;
    r->client = client;
    atomic_fetch_add(&p->connections, 1);
    atomic_fetch_add(&p->live, 1);
    need(pthread_create(&thread, NULL, relay_main, r) == 0, "thread");
    pthread_detach(thread);
}

static void *listen_main(void *arg)
{
    pg_proxy *p = arg;
    struct pollfd fd = { p->listener, POLLIN, 0 };

    while (!atomic_load(&p->over))
        if (poll(&fd, 1, TICK) > 0)
            relay_start(p, accept(p->listener, NULL, NULL));
    return NULL;
}

void pg_proxy_start(pg_proxy *p, const char *host)
{
    char path[108];
    struct sockaddr_un a;

    memset(p, 0, sizeof(*p));
    snprintf(p->dir, sizeof(p->dir), "/tmp/istauth-proxy.XXXXXX");
    need(mkdtemp(p->dir), "mkdtemp");
    snprintf(p->target, sizeof(p->target), "%s/" SOCKET_NAME, host);
    snprintf(path, sizeof(path), "%s/" SOCKET_NAME, p->dir);
    a = address_of(path);
    p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    need(p->listener >= 0 && bind(p->listener, (struct sockaddr *)&a, sizeof(a)) == 0 &&
             listen(p->listener, 16) == 0,
         "listen");
    need(pthread_create(&p->thread, NULL, listen_main, p) == 0, "thread");
}

void pg_proxy_stop(pg_proxy *p)
{
    const struct timespec tick = { 0, 1000000 };
    char path[108];

    atomic_store(&p->over, true);
    pthread_join(p->thread, NULL);
    while (atomic_load(&p->live))
        nanosleep(&tick, NULL);
    close(p->listener);
    snprintf(path, sizeof(path), "%s/" SOCKET_NAME, p->dir);
    unlink(path);
    rmdir(p->dir);
}
