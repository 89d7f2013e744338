/* libistauth in a FastCGI program behind a web server (nginx-fastcgi.conf): a pool of threads, each
 * of which answers whole requests. --listen names a socket in the file system:
 *
 *   fastcgi --listen /run/istauth/site.sock --issuer https://example.com \
 *           --store /var/lib/istauth/site.db --key /etc/istauth/key
 *
 * Whoever can write to that socket can say that a request comes from anywhere (REMOTE_ADDR): it is
 * open to the program's user and group, and the web server belongs in that group. There is no
 * listening on a port here, because libfcgi would listen on all addresses of the machine.
 *
 * Worth knowing about libfcgi: FCGX_Accept_r, not FCGI_Accept, is the one for threads; and its
 * stream buffers are freed unwiped, so that what went through them stays in the memory of the
 * process for a while. */
#include "gateway.h"
#include "site.h"

#include <fcgiapp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define BACKLOG 128

typedef struct service {
    site *site;
    int listening;
    atomic_bool ending;
} service;

static size_t read_stream(void *from, char *to, size_t n)
{
    return (size_t)FCGX_GetStr(to, (int)n, from);
}

static size_t write_stream(void *to, const char *from, size_t n)
{
    int written = FCGX_PutStr(from, (int)n, to);

    return written < 0 ? 0 : (size_t)written;
}

static void answer(site *s, FCGX_Request *exchange)
{
    char buffer[ISTAUTH_ARENA_BUFFER];
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_response response;
    istauth_arena arena;
    istauth_status st;

    site_arena(s, &arena, buffer, sizeof(buffer));
    st = gateway_read(&request, exchange->envp, read_stream, exchange->in, &arena);
    if (st)
        site_refuse(&response, s, st, &arena);
    else
        site_answer(&response, s, &request, &arena);
    /* Whether somebody is still there to read it makes no difference. */
    gateway_write(&response, request.method, &arena, write_stream, exchange->out);
    istauth_arena_wipe(&arena);
}

static void *work(void *ctx)
{
    static const struct timespec moment = { 0, 100000000 };
    service *v = ctx;
    FCGX_Request exchange;

    if (FCGX_InitRequest(&exchange, v->listening, 0))
        return NULL;
    while (!v->ending) {
        if (FCGX_Accept_r(&exchange) == 0) {
            answer(v->site, &exchange);
            FCGX_Finish_r(&exchange);
        } else if (!v->ending) {
            nanosleep(&moment, NULL); /* no file descriptors left, say: it passes */
        }
    }
    return NULL;
}

/* The socket of an earlier run is in the way; that of a program that runs is taken away from it, as
 * it is when the program is started anew. Anything else stays. */
static bool make_way(const char *path)
{
    struct stat there;

    if (path[0] != '/') {
        fputs("fastcgi: --listen takes the absolute path of a socket\n", stderr);
        return false;
    }
    if (lstat(path, &there) || (S_ISSOCK(there.st_mode) && unlink(path) == 0))
        return true;
    fprintf(stderr, "fastcgi: %s is no socket\n", path);
    return false;
}

static int open_socket(const char *path)
{
    mode_t before;
    int fd;

    if (!make_way(path))
        return -1;
    before = umask(S_IXUSR | S_IXGRP | S_IRWXO);
    fd = FCGX_OpenSocket(path, BACKLOG);
    umask(before);
    if (fd < 0)
        fprintf(stderr, "fastcgi: cannot listen on %s\n", path);
    return fd;
}

/* Waits for the requests that are being answered. */
static void end(service *v, const pthread_t *threads, int count)
{
    v->ending = true;
    FCGX_ShutdownPending();
    shutdown(v->listening, SHUT_RDWR); /* wakes those that wait for a request */
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
}

static int serve(service *v, const sigset_t *signals, const char *issuer)
{
    pthread_t threads[THREADS];
    int count = 0, code = 1;

    while (count < THREADS && pthread_create(&threads[count], NULL, work, v) == 0)
        count++;
    if (count == THREADS)
        code = site_wait(v->site, signals, "fastcgi", issuer);
    end(v, threads, count);
    return code;
}

int main(int argc, char **argv)
{
    service v = { .listening = -1 };
    site_options options;
    sigset_t signals;
    int code = 1;

    if (!site_options_read(&options, argc, argv))
        return 2;
    if (!options.issuer) {
        fputs("fastcgi: --issuer is missing: the public address, that of the web server in front\n", stderr);
        return 2;
    }
    site_hold_signals(&signals);
    v.site = site_open(&options);
    if (v.site && FCGX_Init() == 0)
        v.listening = open_socket(options.listen);
    if (v.listening >= 0) {
        code = serve(&v, &signals, options.issuer);
        close(v.listening);
        unlink(options.listen);
    }
    site_close(v.site);
    return code;
}
