/* Where a fetch may connect to, and how. */
#include "fetch/curl_response_i.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* Slower than that for so long is no answer. */
#define LEAST_BYTES_A_SECOND 64L
#define SLOW_SECONDS 3L

static istauth_address_kind kind_of(const istauth_curl *curl, const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, address, sizeof(in));
        return curl->classify((const uint8_t *)&in.sin_addr, 4);
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in;

        memcpy(&in, address, sizeof(in));
        return curl->classify((const uint8_t *)&in.sin6_addr, 16);
    }
    return ISTAUTH_ADDRESS_SPECIAL;
}

static bool may_connect(const istauth__transfer *t, const struct sockaddr *address)
{
    switch (kind_of(t->curl, address)) {
    case ISTAUTH_ADDRESS_PUBLIC:
        return !t->plain;
    case ISTAUTH_ADDRESS_LOOPBACK:
        return t->curl->allow_loopback;
    default:
        return false;
    }
}

/* The address is the very one that libcurl connects the socket to: what a name resolved to before,
 * or will next, makes no difference. A name that leads to a forbidden place is not followed to
 * another. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
    istauth__transfer *t = ctx;
    int made;

    if (t->stopped || purpose != CURLSOCKTYPE_IPCXN || !may_connect(t, &address->addr)) {
        t->stopped = ISTAUTH_E_NOT_FOUND;
        return CURL_SOCKET_BAD;
    }
    made = socket(address->family, address->socktype, address->protocol);
    if (made < 0)
        return CURL_SOCKET_BAD;
    if (fcntl(made, F_SETFD, FD_CLOEXEC)) {
        close(made);
        return CURL_SOCKET_BAD;
    }
    return made;
}

/* Some of these are libcurl's defaults. They are spelt out because all depends on them. */
static bool set_numbers(CURL *handle, const istauth_curl *curl)
{
    const struct {
        CURLoption option;
        long value;
    } all[] = {
        { CURLOPT_HTTPGET, 1 },
        { CURLOPT_FOLLOWLOCATION, 0 },
        { CURLOPT_MAXREDIRS, 0 },
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_NETRC, CURL_NETRC_IGNORED },
        { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 },
        { CURLOPT_PATH_AS_IS, 1 },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS },
        { CURLOPT_HTTP09_ALLOWED, 0 },
        { CURLOPT_HTTP_CONTENT_DECODING, 0 },
        { CURLOPT_SSL_VERIFYPEER, 1 },
        { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
        { CURLOPT_FRESH_CONNECT, 1 },
        { CURLOPT_FORBID_REUSE, 1 },
        { CURLOPT_CONNECTTIMEOUT_MS, curl->connect_timeout },
        { CURLOPT_TIMEOUT_MS, curl->total_timeout },
        { CURLOPT_LOW_SPEED_LIMIT, LEAST_BYTES_A_SECOND },
        { CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (curl_easy_setopt(handle, all[i].option, all[i].value))
            return false;
    return true;
}

/* An empty proxy overrides those of the environment. Of the places to find trusted certificates in,
 * the folder goes when a file is named. */
static bool set_texts(CURL *handle, const istauth_curl *curl, const char *url)
{
    const char *schemes = curl->allow_loopback ? "https,http" : "https";

    if (curl_easy_setopt(handle, CURLOPT_URL, url) ||
        curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, schemes) ||
        curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "https") ||
        curl_easy_setopt(handle, CURLOPT_DEFAULT_PROTOCOL, "https") ||
        curl_easy_setopt(handle, CURLOPT_PROXY, "") ||
        curl_easy_setopt(handle, CURLOPT_NOPROXY, "*") ||
        curl_easy_setopt(handle, CURLOPT_USERAGENT, curl->user_agent))
        return false;
    return !curl->ca_file || (!curl_easy_setopt(handle, CURLOPT_CAINFO, curl->ca_file) &&
                              !curl_easy_setopt(handle, CURLOPT_CAPATH, NULL));
}

static bool set_callbacks(CURL *handle, istauth__transfer *t)
{
    return !curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_socket) &&
           !curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, t) &&
           !curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, istauth__curl_take_header) &&
           !curl_easy_setopt(handle, CURLOPT_HEADERDATA, t) &&
           !curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, istauth__curl_take_body) &&
           !curl_easy_setopt(handle, CURLOPT_WRITEDATA, t);
}

bool istauth__curl_prepare(CURL *handle, istauth__transfer *t, const char *url)
{
    return set_numbers(handle, t->curl) && set_texts(handle, t->curl, url) &&
           set_callbacks(handle, t) &&
           !curl_easy_setopt(handle, CURLOPT_HTTPHEADER, t->curl->headers) &&
           !curl_easy_setopt(handle, CURLOPT_RESOLVE, t->curl->names);
}
