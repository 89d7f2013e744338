#include "httpd.h"

#include "log.h"
#include "text.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 900u /* below the usual limit of 1024 files */
#define CONNECTION_MEMORY (128u * 1024u)
#define IDLE_SECONDS 30u
#define UNREAD_MAX (16u * 1024u * 1024u) /* of a body that is too large: then the line is cut */
#define REQUEST_MILLISECONDS 30000       /* from its first line to the end of its body */
#define THREADS_MIN 4
#define THREADS_MAX 64

struct httpd {
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    pthread_cond_t quiet;
    size_t begun;     /* requests of which a first line has arrived, and not all of the answer sent */
    bool is_draining; /* under the lock */
    const istauth_server *server;
    httpd_handler *handler;
    void *ctx;
};

/* One request from its first line until its response is sent: the response lives in the arena. */
typedef struct exchange {
    struct MHD_Connection *connection;
    char *target; /* as on the request line; owned */
    char *body;   /* owned */
    size_t body_size, body_room;
    size_t taken; /* bytes of body so far, read or not */
    bool begun, too_large;
    int64_t started_at;
    char address[INET6_ADDRSTRLEN];
    istauth_arena arena;
    char buffer[ISTAUTH_ARENA_BUFFER];
} exchange;

static void exchange_free(exchange *x)
{
    istauth_arena_wipe(&x->arena);
    if (x->body)
        sodium_memzero(x->body, x->body_room);
    free(x->body);
    sodium_memzero(x->target, strlen(x->target)); /* the query may hold a state, or worse */
    free(x->target);
    free(x);
}

/* One more, or one less. */
static void count(httpd *h, size_t by)
{
    pthread_mutex_lock(&h->lock);
    h->begun += by;
    if (!h->begun)
        pthread_cond_signal(&h->quiet);
    pthread_mutex_unlock(&h->lock);
}

static bool is_draining(httpd *h)
{
    bool answer;

    pthread_mutex_lock(&h->lock);
    answer = h->is_draining;
    pthread_mutex_unlock(&h->lock);
    return answer;
}

/* The first that is heard of a request: the only place where its target is not decoded yet. */
static void *on_target(void *ctx, const char *target, struct MHD_Connection *connection)
{
    httpd *h = ctx;
    exchange *x = malloc(sizeof(*x));

    if (!x)
        return NULL;
    x->target = strdup(target);
    if (!x->target) {
        free(x);
        return NULL;
    }
    x->connection = connection;
    x->body = NULL;
    x->body_size = x->body_room = x->taken = 0;
    x->begun = x->too_large = false;
    x->started_at = log_milliseconds();
    x->address[0] = '\0';
    istauth_server_arena(h->server, &x->arena, x->buffer, sizeof(x->buffer));
    count(h, 1);
    return x;
}

static void on_completed(void *ctx, struct MHD_Connection *connection, void **state,
                         enum MHD_RequestTerminationCode why)
{
    (void)connection;
    (void)why;
    if (!*state)
        return;
    exchange_free(*state);
    *state = NULL;
    count(ctx, (size_t)-1);
}

/* --- the request --- */

typedef struct header_search {
    istauth_str name, value;
    size_t nth;
} header_search;

static enum MHD_Result match_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    size_t name_size, const char *value, size_t value_size)
{
    header_search *s = ctx;
    istauth_str here = { name, name_size };

    (void)kind;
    if (!text_is_ignoring_case(here, s->name) || s->nth-- > 0)
        return MHD_YES;
    s->value.p = value ? value : "";
    s->value.n = value ? value_size : 0;
    return MHD_NO; /* found: look no further */
}

static istauth_str header(void *ctx, const char *name, size_t nth)
{
    exchange *x = ctx;
    header_search s = { istauth_str_of(name), { NULL, 0 }, nth };

    MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, match_header, &s);
    return s.value;
}

static void read_address(exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *peer = info ? info->client_addr : NULL;
    const void *bytes = NULL;

    if (peer && peer->sa_family == AF_INET)
        bytes = &((const struct sockaddr_in *)(const void *)peer)->sin_addr;
    else if (peer && peer->sa_family == AF_INET6)
        bytes = &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    if (!bytes || !inet_ntop(peer->sa_family, bytes, x->address, sizeof(x->address)))
        x->address[0] = '\0';
}

/* The path and query of a request target; the absolute form (RFC 9112 3.2.2) loses its origin. */
static void split_target(istauth_request *request, istauth_str target)
{
    size_t question;

    if (text_starts(target, "http://") || text_starts(target, "https://"))
        target = text_slice(
            target, text_find(target, '/', text_find(target, ':', 0) + strlen("://")), target.n);
    question = text_find(target, '?', 0);
    request->path = text_slice(target, 0, question);
    if (question < target.n)
        request->query = text_slice(target, question + 1, target.n);
}

static istauth_request request_of(exchange *x, const char *method)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;

    request.method = istauth_str_of(method);
    split_target(&request, istauth_str_of(x->target));
    request.body.p = x->body;
    request.body.n = x->body_size;
    request.address = istauth_str_of(x->address);
    request.header = header;
    request.ctx = x;
    return request;
}

/* Room for n more bytes of body. What is left behind may hold a password: it is wiped. */
static bool body_reserve(exchange *x, size_t n)
{
    size_t room = x->body_room ? x->body_room : 1024;
    char *p;

    if (n <= x->body_room - x->body_size)
        return true;
    while (room - x->body_size < n)
        room *= 2;
    p = malloc(room);
    if (!p)
        return false;
    if (x->body) {
        memcpy(p, x->body, x->body_size);
        sodium_memzero(x->body, x->body_room);
        free(x->body);
    }
    x->body = p;
    x->body_room = room;
    return true;
}

/* A piece of the body. False: drop the connection. */
static bool take_body(exchange *x, const char *piece, size_t size)
{
    x->taken += size;
    if (x->taken > UNREAD_MAX || log_milliseconds() - x->started_at > REQUEST_MILLISECONDS)
        return false;
    if (x->taken > HTTPD_BODY_MAX) {
        x->too_large = true;
        return true; /* unread: most clients listen for an answer only when they have sent all */
    }
    if (!body_reserve(x, size))
        return false;
    memcpy(x->body + x->body_size, piece, size);
    x->body_size += size;
    return true;
}

/* Is a body announced that is too large, by someone who waits for our word before he sends it, or
 * so large that it will not even be ignored? Then this is the moment to say so. */
static bool refuses_outright(exchange *x)
{
    istauth_str length = header(x, "content-length", 0);
    unsigned long long size = length.n ? strtoull(length.p, NULL, 10) : 0;

    return size > UNREAD_MAX || (size > HTTPD_BODY_MAX && header(x, "expect", 0).n);
}

/* --- the response --- */

/* Every text that came from the library or from us ends in a NUL; MHD wants it so. */
static enum MHD_Result send_response(struct MHD_Connection *connection,
                                     const istauth_response *response, bool is_last)
{
    struct MHD_Response *out;
    enum MHD_Result sent = MHD_YES;

    out = MHD_create_response_from_buffer(response->body.n, (void *)(uintptr_t)response->body.p,
                                          MHD_RESPMEM_PERSISTENT);
    if (!out)
        return MHD_NO;
    for (size_t i = 0; sent == MHD_YES && i < response->header_count; i++)
        sent =
            MHD_add_response_header(out, response->headers[i].name.p, response->headers[i].value.p);
    if (sent == MHD_YES && is_last)
        sent = MHD_add_response_header(out, "Connection", "close");
    if (sent == MHD_YES)
        sent = MHD_queue_response(connection, (unsigned)response->status, out);
    MHD_destroy_response(out); /* counted: it lives until it is sent */
    return sent;
}

static enum MHD_Result answer(httpd *h, exchange *x, const char *method)
{
    istauth_request request = request_of(x, method);
    istauth_response response = { 0 };

    h->handler(h->ctx, &response, &request, x->too_large, &x->arena);
    log_request(request.method, request.path, response.status, request.address,
                log_milliseconds() - x->started_at);
    return send_response(x->connection, &response, is_draining(h));
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *piece,
                                  size_t *size, void **state)
{
    exchange *x = *state;

    (void)connection;
    (void)url;
    (void)version;
    if (!x)
        return MHD_NO; /* there was no memory for it */
    if (!x->begun) {
        x->begun = true;
        read_address(x);
        x->too_large = refuses_outright(x);
        return x->too_large ? answer(ctx, x, method) : MHD_YES;
    }
    if (*size == 0)
        return answer(ctx, x, method);
    if (!take_body(x, piece, *size))
        return MHD_NO;
    *size = 0;
    return MHD_YES;
}

/* --- start and stop --- */

static unsigned threads(void)
{
    long wanted = 2 * sysconf(_SC_NPROCESSORS_ONLN);

    if (wanted < THREADS_MIN)
        return THREADS_MIN;
    return wanted > THREADS_MAX ? THREADS_MAX : (unsigned)wanted;
}

/* Waits are by the clock that nobody sets. */
static void locks_init(httpd *h)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&h->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&h->quiet, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void locks_wipe(httpd *h)
{
    pthread_cond_destroy(&h->quiet);
    pthread_mutex_destroy(&h->lock);
}

httpd *httpd_start(int listening, const istauth_server *server, httpd_handler *handler, void *ctx)
{
    httpd *h = malloc(sizeof(*h));

    if (!h)
        return NULL;
    h->server = server;
    h->handler = handler;
    h->ctx = ctx;
    h->begun = 0;
    h->is_draining = false;
    locks_init(h);
    h->daemon = MHD_start_daemon(
        MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET,
        listening, MHD_OPTION_THREAD_POOL_SIZE, threads(), MHD_OPTION_CONNECTION_LIMIT,
        CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_URI_LOG_CALLBACK, on_target, h,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_END);
    if (!h->daemon) {
        locks_wipe(h);
        free(h);
        return NULL;
    }
    return h;
}

bool httpd_drain(httpd *h, unsigned seconds)
{
    struct timespec until;
    bool is_quiet;
    int listening;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)seconds;
    listening = MHD_quiesce_daemon(h->daemon); /* ours from now on */
    if (listening >= 0)
        close(listening); /* whoever waits to be accepted is told so, and not left to wait */
    pthread_mutex_lock(&h->lock);
    h->is_draining = true;
    while (h->begun && pthread_cond_timedwait(&h->quiet, &h->lock, &until) == 0)
        continue;
    is_quiet = h->begun == 0;
    pthread_mutex_unlock(&h->lock);
    return is_quiet;
}

void httpd_stop(httpd *h)
{
    if (!h)
        return;
    MHD_stop_daemon(h->daemon);
    locks_wipe(h);
    free(h);
}
