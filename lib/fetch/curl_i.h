/* The parts of the fetcher that its tests reach into. */
#ifndef ISTAUTH_CURL_I_H
#define ISTAUTH_CURL_I_H

#include <istauth/address.h>
#include <istauth/curl_fetch.h>

#include <curl/curl.h>

struct istauth_curl {
    istauth_address_kind (*classify)(const uint8_t *bytes, size_t count);
    char *ca_file, *user_agent; /* NULL: the default */
    long connect_timeout, total_timeout;
    bool allow_loopback;
    struct curl_slist *headers; /* of the request */
    struct curl_slist *names;   /* in tests: what names resolve to (CURLOPT_RESOLVE) */
};

/* One fetch while it runs. */
typedef struct istauth__transfer {
    const istauth_curl *curl;
    istauth_arena *arena;
    size_t limit;        /* of the body */
    size_t header_bytes; /* so far */
    char *body;          /* room for `limit` bytes; NULL until there is one */
    bool plain;          /* http */
    istauth_fetched fetched;
    istauth_status stopped; /* why we ended it ourselves; OK: we did not */
} istauth__transfer;

/* Set everything on a fresh handle. False: out of memory, or an option is missing. */
bool istauth__curl_prepare(CURL *handle, istauth__transfer *t, const char *url);

#endif
