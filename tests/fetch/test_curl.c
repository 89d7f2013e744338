/* libistauth-curl against a TLS server under an authority of the test's own: what it brings back,
 * and that nothing goes where nothing may go. "app.example" resolves to whatever a test says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fetch/curl_i.h"
#include "fetch/peer.h"

#include <istauth.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define LIMIT 64
#define JSON "Content-Type: application/json\r\n"
#define BODY "{\"client_id\":\"https://app.example/c\"}"
#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define K1 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64 X64

static char flood[32768]; /* more than 16 KiB of headers, written by main */

static const answer answers[] = {
    { "/c", "HTTP/1.1 200 OK\r\n" JSON "Cache-Control: max-age=60\r\nContent-Length: 37\r\n\r\n" BODY, 0, 0 },
    { "/headers", "HTTP/1.1 103 Early Hints\r\nCache-Control: no-store\r\nLink: x\r\n\r\n"
                  "HTTP/1.1 200 OK\r\ncontent-TYPE:application/cimd+json\r\nCACHE-CONTROL:  public \r\n"
                  "Cache-Control: max-age=60\r\nAge: 7\r\nExpires: 0\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                  "X-Age: 8\r\nContent-Length: 2\r\n\r\n{}", 0, 0 },
    { "/cookie", "HTTP/1.1 200 OK\r\n" JSON "Set-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}", 0, 0 },
    { "/missing", "HTTP/1.1 404 Not Found\r\n" JSON "Content-Length: 2\r\n\r\n{}", 0, 0 },
    { "/html", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n{}", 0, 0 },
    { "/empty", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 0\r\n\r\n", 0, 0 },
    { "/limit", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 64\r\n\r\n" X64, 0, 0 },
    { "/over", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 65\r\n\r\n" X64 "x", 0, 0 },
    { "/chunked", "HTTP/1.1 200 OK\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n"
                  "40\r\n" X64 "\r\n1\r\nx\r\n0\r\n\r\n", 0, 0 },
    { "/chunks", "HTTP/1.1 200 OK\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n"
                 "10\r\n" X16 "\r\n10\r\n" X16 "\r\n0\r\n\r\n", 0, 0 },
    { "/close", "HTTP/1.1 200 OK\r\n" JSON "Connection: close\r\n\r\n" X64 "x", 0, 0 },
    { "/endless", "HTTP/1.1 200 OK\r\n" JSON "\r\n" K1, 0, 1 },
    { "/endless404", "HTTP/1.1 404 Not Found\r\n" JSON "\r\n" K1, 0, 1 },
    { "/lie", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 5\r\n\r\n" X64 "x", 0, 0 },
    { "/short", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 50\r\n\r\n{}", 0, 0 },
    { "/flood", flood, 0, 0 },
    { "/gzip", "HTTP/1.1 200 OK\r\n" JSON "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1F\x8B\x08x", 0, 0 },
    { "/slow", "HTTP/1.1 200 OK\r\n" JSON "Content-Length: 64\r\n\r\n" X64, 100, 0 },
    { "/nothing", "", 0, 0 },
    { "/noise", "SSH-2.0-OpenSSH_9.2\r\n", 0, 0 },
    { "/old", "{}", 0, 0 },
};

/* --- every socket that the fetcher makes is counted --- */

static size_t sockets;

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);

int __wrap_socket(int domain, int type, int protocol)
{
    __atomic_fetch_add(&sockets, 1, __ATOMIC_SEQ_CST);
    return __real_socket(domain, type, protocol);
}

/* --- a world with one server --- */

typedef struct world {
    authority ca;
    char ca_file[64];
    peer server;
    istauth_curl *curl;
    istauth_arena arena;
    istauth_fetched got;
} world;

static bool breaks_a_pipe; /* in the middle of a fetch */

/* 127.0.0.2 plays a public address; all others are what they are. */
static istauth_address_kind classify(const uint8_t *bytes, size_t count)
{
    static const uint8_t ours[4] = { 127, 0, 0, 2 };

    if (breaks_a_pipe)
        raise(SIGPIPE);
    return count == 4 && memcmp(bytes, ours, 4) == 0 ? ISTAUTH_ADDRESS_PUBLIC
                                                     : istauth_address_classify(bytes, count);
}

static void fetcher(world *w, bool allow_loopback)
{
    istauth_curl_options o = ISTAUTH_CURL_OPTIONS_INIT;

    istauth_curl_free(w->curl);
    o.ca_file = w->ca_file;
    o.allow_loopback = allow_loopback;
    o.connect_timeout = 1000;
    o.total_timeout = 1500;
    assert_int_equal(istauth_curl_new(&w->curl, &o), ISTAUTH_OK);
    w->curl->classify = classify;
}

static void serve(world *w, const authority *by, certificate_kind kind)
{
    peer_start(&w->server, "127.0.0.2", authority_server(by, kind), answers, COUNT(answers));
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof(*w));
    int fd;

    assert_non_null(w);
    authority_new(&w->ca);
    snprintf(w->ca_file, sizeof(w->ca_file), "/tmp/istauth-ca-XXXXXX");
    fd = mkstemp(w->ca_file);
    assert_true(fd >= 0);
    close(fd);
    authority_write(&w->ca, w->ca_file);
    serve(w, &w->ca, CERTIFICATE_GOOD);
    istauth_arena_init(&w->arena, NULL, 0, NULL, 16u << 20);
    fetcher(w, false);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;

    istauth_curl_free(w->curl);
    peer_stop(&w->server);
    unlink(w->ca_file);
    authority_free(&w->ca);
    istauth_arena_wipe(&w->arena);
    free(w);
    return 0;
}

/* From now on app.example is at these addresses, as far as this fetcher is told. */
static void resolves_to(world *w, int port, const char *addresses)
{
    char entry[256];

    curl_slist_free_all(w->curl->names);
    snprintf(entry, sizeof(entry), "app.example:%d:%s", port, addresses);
    w->curl->names = curl_slist_append(NULL, entry);
    assert_non_null(w->curl->names);
}

/* On failure nothing was written. */
static istauth_status fetch(world *w, const char *url)
{
    istauth_fetcher f = istauth_curl_fetcher(w->curl);
    istauth_fetched got = { .status = -1 };
    istauth_status st = f.get(f.ctx, &got, istauth_str_of(url), LIMIT, &w->arena);

    if (st)
        assert_int_equal(got.status, -1);
    else
        w->got = got;
    return st;
}

static istauth_status fetch_path(world *w, const char *path)
{
    char url[256];

    resolves_to(w, w->server.port, "127.0.0.2");
    snprintf(url, sizeof(url), "https://app.example:%d%s", w->server.port, path);
    return fetch(w, url);
}

static bool says(istauth_str text, const char *wanted)
{
    return istauth_str_equal(text, istauth_str_of(wanted));
}

/* --- what comes back --- */

static void test_a_document_is_fetched(void **state)
{
    world *w = *state;

    assert_int_equal(fetch_path(w, "/c"), ISTAUTH_OK);
    assert_int_equal(w->got.status, 200);
    assert_true(says(w->got.content_type, "application/json"));
    assert_true(says(w->got.cache_control, "max-age=60"));
    assert_true(says(w->got.body, BODY));
    assert_int_equal(w->got.body.p[w->got.body.n], '\0');
    assert_int_equal(w->got.age.n, 0);
}

static void test_the_request_gives_nothing_away(void **state)
{
    static const char *const never[] = { "\ncookie", "\nauthorization", "\nreferer",
                                         "\naccept-encoding", "\norigin", "\nproxy" };
    world *w = *state;
    char start[128];

    assert_int_equal(fetch_path(w, "/cookie"), ISTAUTH_OK);
    assert_int_equal(fetch_path(w, "/cookie"), ISTAUTH_OK);
    snprintf(start, sizeof(start), "GET /cookie HTTP/1.1\r\nHost: app.example:%d\r\n",
             w->server.port);
    assert_int_equal(strncmp(w->server.request, start, strlen(start)), 0);
    assert_non_null(strstr(w->server.request, "Accept: application/json\r\n"));
    assert_non_null(strstr(w->server.request, "User-Agent: libistauth/" ISTAUTH_VERSION "\r\n"));
    for (char *p = w->server.request; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
    for (size_t i = 0; i < COUNT(never); i++)
        assert_null(strstr(w->server.request, never[i]));
    assert_int_equal(peer_connections(&w->server), 2); /* none is kept */
}

static void test_headers_of_interim_responses_do_not_count(void **state)
{
    world *w = *state;

    assert_int_equal(fetch_path(w, "/headers"), ISTAUTH_OK);
    assert_int_equal(w->got.status, 200);
    assert_true(says(w->got.content_type, "application/cimd+json"));
    assert_true(says(w->got.cache_control, "public, max-age=60"));
    assert_true(says(w->got.age, "7"));
    assert_true(says(w->got.expires, "0"));
    assert_true(says(w->got.date, "Sun, 06 Nov 1994 08:49:37 GMT"));
}

static void test_other_answers_are_told_as_they_are(void **state)
{
    world *w = *state;

    assert_int_equal(fetch_path(w, "/missing"), ISTAUTH_OK);
    assert_int_equal(w->got.status, 404);
    assert_int_equal(fetch_path(w, "/html"), ISTAUTH_OK);
    assert_true(says(w->got.content_type, "text/html"));
    assert_int_equal(fetch_path(w, "/empty"), ISTAUTH_OK);
    assert_int_equal(w->got.body.n, 0);
    assert_int_equal(fetch_path(w, "/gzip"), ISTAUTH_OK);
    assert_true(says(w->got.body, "\x1F\x8B\x08x")); /* nothing is unpacked */
    assert_int_equal(fetch_path(w, "/chunks"), ISTAUTH_OK);
    assert_true(says(w->got.body, X16 X16));
}

/* --- limits --- */

static void test_bytes_are_counted_whatever_was_announced(void **state)
{
    static const struct {
        const char *path;
        istauth_status st;
        size_t n;
    } table[] = {
        { "/limit", ISTAUTH_OK, LIMIT },
        { "/over", ISTAUTH_E_NOT_FOUND, 0 },
        { "/chunked", ISTAUTH_E_NOT_FOUND, 0 },
        { "/close", ISTAUTH_E_NOT_FOUND, 0 },
        { "/endless", ISTAUTH_E_NOT_FOUND, 0 },
        { "/endless404", ISTAUTH_E_NOT_FOUND, 0 },
        { "/lie", ISTAUTH_OK, 5 }, /* the rest is not the body's */
        { "/short", ISTAUTH_E_UNAVAILABLE, 0 },
        { "/flood", ISTAUTH_E_NOT_FOUND, 0 },
        { "/nothing", ISTAUTH_E_UNAVAILABLE, 0 },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(table); i++) {
        istauth_status st = fetch_path(w, table[i].path);

        if (st != table[i].st)
            fail_msg("%s: %s", table[i].path, istauth_status_name(st));
        if (!st)
            assert_int_equal(w->got.body.n, table[i].n);
    }
    assert_int_not_equal(fetch_path(w, "/noise"), ISTAUTH_OK);
    assert_int_not_equal(fetch_path(w, "/old"), ISTAUTH_OK); /* HTTP/0.9 */
}

static int64_t milliseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void test_what_is_too_slow_is_given_up(void **state)
{
    world *w = *state;
    int64_t from = milliseconds();

    assert_int_equal(fetch_path(w, "/slow"), ISTAUTH_E_UNAVAILABLE);
    assert_true(milliseconds() - from < 3000);
}

static void test_me_05_without_memory_nothing_is_written(void **state)
{
    world *w = *state;
    istauth_fetcher f = istauth_curl_fetcher(w->curl);
    size_t failures = 0;

    for (size_t cap = 0;; cap += 24, failures++) {
        istauth_fetched got = { .status = -1 };
        istauth_arena arena;
        istauth_status st;
        char url[64];

        resolves_to(w, w->server.port, "127.0.0.2");
        snprintf(url, sizeof(url), "https://app.example:%d/headers", w->server.port);
        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        st = f.get(f.ctx, &got, istauth_str_of(url), LIMIT, &arena);
        istauth_arena_wipe(&arena);
        if (!st)
            break;
        assert_int_equal(st, ISTAUTH_E_NO_MEMORY);
        assert_int_equal(got.status, -1);
        assert_true(cap < 65536);
    }
    assert_true(failures > 3);
}

/* --- whom it believes --- */

static void expect_no_request(world *w, istauth_status want)
{
    istauth_status st = fetch_path(w, "/c");

    if (st != want)
        fail_msg("%s", istauth_status_name(st));
    assert_int_equal(peer_connections(&w->server), 1);
    assert_int_equal(peer_requests(&w->server), 0); /* not a byte of it */
}

static void test_certificates_that_prove_nothing_get_no_request(void **state)
{
    static const certificate_kind kinds[] = { CERTIFICATE_EXPIRED, CERTIFICATE_EARLY,
                                              CERTIFICATE_OTHER };
    world *w = *state;
    authority stranger;

    for (size_t i = 0; i < COUNT(kinds); i++) {
        peer_stop(&w->server);
        serve(w, &w->ca, kinds[i]);
        expect_no_request(w, ISTAUTH_E_NOT_FOUND);
    }
    peer_stop(&w->server);
    authority_new(&stranger);
    serve(w, &stranger, CERTIFICATE_GOOD);
    expect_no_request(w, ISTAUTH_E_NOT_FOUND);
    authority_free(&stranger);
    /* nor does one who does not speak TLS at all */
    peer_stop(&w->server);
    peer_start(&w->server, "127.0.0.2", NULL, answers, COUNT(answers));
    assert_int_not_equal(fetch_path(w, "/c"), ISTAUTH_OK);
    assert_int_equal(peer_requests(&w->server), 0);
}

static void test_without_a_ca_file_the_test_authority_is_a_stranger(void **state)
{
    world *w = *state;

    istauth_curl_free(w->curl);
    assert_int_equal(istauth_curl_new(&w->curl, NULL), ISTAUTH_OK);
    w->curl->classify = classify;
    expect_no_request(w, ISTAUTH_E_NOT_FOUND);
}

static void test_old_tls_is_refused(void **state)
{
    world *w = *state;
    SSL_CTX *tls = authority_server(&w->ca, CERTIFICATE_GOOD);

    peer_stop(&w->server);
    assert_true(SSL_CTX_set_min_proto_version(tls, TLS1_VERSION));
    assert_true(SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION));
    peer_start(&w->server, "127.0.0.2", tls, answers, COUNT(answers));
    assert_int_not_equal(fetch_path(w, "/c"), ISTAUTH_OK);
    assert_int_equal(peer_requests(&w->server), 0);
}

/* --- where nothing may go --- */

/* Refused, without a socket. */
static void expect_refused(world *w, const trap *t, const char *url)
{
    size_t before = __atomic_load_n(&sockets, __ATOMIC_SEQ_CST);
    istauth_status st = fetch(w, url);

    if (st != ISTAUTH_E_NOT_FOUND)
        fail_msg("%s: %s", url, istauth_status_name(st));
    if (__atomic_load_n(&sockets, __ATOMIC_SEQ_CST) != before)
        fail_msg("%s: a socket was made", url);
    if (trap_visits(t))
        fail_msg("%s: somebody called", url);
}

static void test_urls_that_name_a_forbidden_address(void **state)
{
    static const char *const hosts[] = {
        "127.0.0.1",        "localhost",        "127.0.0.53",   "127.1",       "2130706433",
        "0x7f000001",       "0177.0.0.1",       "0.0.0.0",      "0",           "[::1]",
        "[::]",             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:0.0.0.0]",
        "[::127.0.0.1]",    "[64:ff9b::127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]",
        "[2002:7f00:1::1]", "[2001:0:7f00:1::1]", "10.0.0.1",   "172.16.0.1",  "192.168.0.1",
        "169.254.169.254",  "100.64.0.1",       "192.0.0.1",    "198.18.0.1",  "192.0.2.1",
        "224.0.0.1",        "240.0.0.1",        "255.255.255.255", "[fe80::1]", "[fc00::1]",
        "[fd00:ec2::254]",  "[fec0::1]",        "[ff02::1]",    "[2001:db8::1]", "[100::1]",
    };
    world *w = *state;
    trap t;
    char url[128];

    trap_open(&t);
    for (size_t i = 0; i < COUNT(hosts); i++) {
        snprintf(url, sizeof(url), "https://%s:%d/c", hosts[i], t.port);
        expect_refused(w, &t, url);
    }
    trap_close(&t);
}

static void test_names_that_lead_to_a_forbidden_address(void **state)
{
    static const char *const addresses[] = {
        "127.0.0.1", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "[64:ff9b::127.0.0.1]",
        "10.0.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00::1]", "[2002:7f00:1::1]",
        /* one of several: nothing is tried any more */
        "127.0.0.1,127.0.0.2", "10.0.0.1,127.0.0.1,127.0.0.2", "[::1],127.0.0.2", "[::ffff:10.0.0.1],[::1]",
    };
    world *w = *state;
    trap t;
    char url[128];

    trap_open(&t);
    snprintf(url, sizeof(url), "https://app.example:%d/c", t.port);
    for (size_t i = 0; i < COUNT(addresses); i++) {
        resolves_to(w, t.port, addresses[i]);
        expect_refused(w, &t, url);
    }
    trap_close(&t);
}

/* The name is good when it is looked at first, and leads inside the next time. */
static void test_a_name_that_is_rebound_is_judged_anew(void **state)
{
    world *w = *state;
    char url[128];
    trap t;

    trap_open(&t);
    snprintf(url, sizeof(url), "https://app.example:%d/c", w->server.port);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(fetch_path(w, "/c"), ISTAUTH_OK);
        resolves_to(w, w->server.port, "127.0.0.1");
        expect_refused(w, &t, url);
    }
    assert_int_equal(peer_connections(&w->server), 3);
    trap_close(&t);
}

static void test_a_redirect_is_not_followed(void **state)
{
    static const char *const statuses[] = { "301 Moved", "302 Found", "303 See Other",
                                            "307 Temporary", "308 Permanent" };
    world *w = *state;
    trap t;

    trap_open(&t);
    for (size_t i = 0; i < COUNT(statuses); i++) {
        char text[256];
        answer moved = { "/moved", text, 0, 0 };

        snprintf(text, sizeof(text),
                 "HTTP/1.1 %s\r\nLocation: http%s://127.0.0.1:%d/c\r\nRefresh: 0;url=http://127.0.0.1:%d/\r\n"
                 "Content-Length: 0\r\n\r\n",
                 statuses[i], i % 2 ? "s" : "", t.port, t.port);
        peer_stop(&w->server);
        peer_start(&w->server, "127.0.0.2", authority_server(&w->ca, CERTIFICATE_GOOD), &moved, 1);
        assert_int_equal(fetch_path(w, "/moved"), ISTAUTH_OK);
        assert_int_equal(w->got.status, atoi(statuses[i]));
        assert_int_equal(peer_connections(&w->server), 1);
        assert_int_equal(trap_visits(&t), 0);
    }
    trap_close(&t);
}

static void test_other_schemes_and_userinfo_are_refused(void **state)
{
    static const char *const starts[] = {
        "http://app.example:", "ftp://app.example:", "gopher://app.example:", "dict://app.example:",
        "telnet://app.example:", "ws://app.example:", "smb://app.example:", "file:///etc/passwd?",
        "https://user@app.example:", "https://user:password@app.example:", "https://:", "nonsense:", "",
    };
    world *w = *state;
    trap t;

    trap_open(&t);
    for (size_t i = 0; i < COUNT(starts); i++) {
        char url[128];

        resolves_to(w, t.port, "127.0.0.2");
        snprintf(url, sizeof(url), "%s%d/c", starts[i], t.port);
        if (fetch(w, url) == ISTAUTH_OK)
            fail_msg("%s was fetched", url);
        if (trap_visits(&t))
            fail_msg("%s: somebody called", url);
    }
    trap_close(&t);
    assert_int_equal(fetch(w, ""), ISTAUTH_E_NOT_FOUND);
}

static void test_nothing_goes_through_a_proxy_of_the_environment(void **state)
{
    static const char *const names[] = { "https_proxy", "HTTPS_PROXY", "http_proxy", "ALL_PROXY",
                                         "all_proxy" };
    world *w = *state;
    char proxy[64];
    trap t;

    trap_open(&t);
    snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%d", t.port);
    for (size_t i = 0; i < COUNT(names); i++)
        setenv(names[i], proxy, 1);
    assert_int_equal(fetch_path(w, "/c"), ISTAUTH_OK);
    assert_int_equal(trap_visits(&t), 0);
    for (size_t i = 0; i < COUNT(names); i++)
        unsetenv(names[i]);
    trap_close(&t);
}

/* --- development --- */

static void test_loopback_is_reached_only_when_allowed_and_http_nowhere_else(void **state)
{
    world *w = *state;
    char https[64], http[64], other[64];
    peer plain;

    peer_start(&plain, "127.0.0.1", NULL, answers, COUNT(answers));
    snprintf(http, sizeof(http), "http://127.0.0.1:%d/c", plain.port);
    snprintf(other, sizeof(other), "http://app.example:%d/c", w->server.port);
    peer_stop(&w->server);
    peer_start(&w->server, "127.0.0.1", authority_server(&w->ca, CERTIFICATE_GOOD), answers, COUNT(answers));
    snprintf(https, sizeof(https), "https://localhost:%d/c", w->server.port);

    assert_int_equal(fetch(w, https), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(fetch(w, http), ISTAUTH_E_NOT_FOUND);
    fetcher(w, true);
    assert_int_equal(fetch(w, https), ISTAUTH_OK);
    assert_int_equal(fetch(w, http), ISTAUTH_OK);
    assert_int_equal(peer_requests(&plain), 1);
    /* to a public address never in the clear, and to a private one never */
    snprintf(other, sizeof(other), "http://app.example:%d/c", plain.port);
    resolves_to(w, plain.port, "127.0.0.2");
    assert_int_equal(fetch(w, other), ISTAUTH_E_NOT_FOUND);
    snprintf(other, sizeof(other), "https://app.example:%d/c", plain.port);
    resolves_to(w, plain.port, "10.0.0.1");
    assert_int_equal(fetch(w, other), ISTAUTH_E_NOT_FOUND);
    assert_int_equal(peer_connections(&plain), 1);
    peer_stop(&plain);
}

/* --- signals --- */

static void test_a_broken_pipe_does_not_end_the_process(void **state)
{
    world *w = *state;
    sigset_t mask, pending;

    signal(SIGPIPE, SIG_DFL); /* a host that has not thought of it */
    breaks_a_pipe = true;
    assert_int_equal(fetch_path(w, "/c"), ISTAUTH_OK);
    breaks_a_pipe = false;
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    assert_int_equal(sigismember(&mask, SIGPIPE), 0);
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
    signal(SIGPIPE, SIG_IGN);
}

/* --- threads and options --- */

typedef struct worker {
    world *w;
    pthread_t thread;
    size_t good;
} worker;

static void *work(void *ctx)
{
    worker *me = ctx;
    istauth_fetcher f = istauth_curl_fetcher(me->w->curl);
    char url[64];

    snprintf(url, sizeof(url), "https://app.example:%d/c", me->w->server.port);
    for (int i = 0; i < 5; i++) {
        istauth_arena arena;
        istauth_fetched got;

        istauth_arena_init(&arena, NULL, 0, NULL, 65536);
        me->good += !f.get(f.ctx, &got, istauth_str_of(url), LIMIT, &arena) && says(got.body, BODY);
        istauth_arena_wipe(&arena);
    }
    return NULL;
}

static void test_many_threads_share_one_fetcher(void **state)
{
    world *w = *state;
    worker workers[4] = { { NULL, 0, 0 } };

    w->curl->connect_timeout = w->curl->total_timeout = 20000;
    resolves_to(w, w->server.port, "127.0.0.2");
    for (size_t i = 0; i < COUNT(workers); i++) {
        workers[i].w = w;
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < COUNT(workers); i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].good, 5);
    }
}

static void test_options_that_cannot_be_honoured_are_refused(void **state)
{
    istauth_curl_options o = ISTAUTH_CURL_OPTIONS_INIT;
    istauth_curl *curl = NULL;

    (void)state;
    o.size--;
    assert_int_equal(istauth_curl_new(&curl, &o), ISTAUTH_E_ARGUMENT);
    o.size++;
    o.ca_file = "/nowhere/ca.pem";
    assert_int_equal(istauth_curl_new(&curl, &o), ISTAUTH_E_CONFIG);
    o.ca_file = NULL;
    o.total_timeout = 600001;
    assert_int_equal(istauth_curl_new(&curl, &o), ISTAUTH_E_CONFIG);
    o.total_timeout = 600000;
    assert_null(curl);
    assert_int_equal(istauth_curl_new(&curl, &o), ISTAUTH_OK);
    istauth_curl_free(curl);
    istauth_curl_free(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void write_flood(void)
{
    size_t n = (size_t)snprintf(flood, sizeof(flood), "HTTP/1.1 200 OK\r\n");

    for (int i = 0; i < 17; i++)
        n += (size_t)snprintf(flood + n, sizeof(flood) - n, "X-%d: %s\r\n", i, K1);
    snprintf(flood + n, sizeof(flood) - n, JSON "Content-Length: 2\r\n\r\n{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_document_is_fetched),
        CASE(test_the_request_gives_nothing_away),
        CASE(test_headers_of_interim_responses_do_not_count),
        CASE(test_other_answers_are_told_as_they_are),
        CASE(test_bytes_are_counted_whatever_was_announced),
        CASE(test_what_is_too_slow_is_given_up),
        CASE(test_me_05_without_memory_nothing_is_written),
        CASE(test_certificates_that_prove_nothing_get_no_request),
        CASE(test_without_a_ca_file_the_test_authority_is_a_stranger),
        CASE(test_old_tls_is_refused),
        CASE(test_urls_that_name_a_forbidden_address),
        CASE(test_names_that_lead_to_a_forbidden_address),
        CASE(test_a_name_that_is_rebound_is_judged_anew),
        CASE(test_a_redirect_is_not_followed),
        CASE(test_other_schemes_and_userinfo_are_refused),
        CASE(test_nothing_goes_through_a_proxy_of_the_environment),
        CASE(test_loopback_is_reached_only_when_allowed_and_http_nowhere_else),
        CASE(test_a_broken_pipe_does_not_end_the_process),
        CASE(test_many_threads_share_one_fetcher),
        cmocka_unit_test(test_options_that_cannot_be_honoured_are_refused),
    };

    write_flood();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
