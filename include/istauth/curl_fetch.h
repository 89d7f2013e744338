/* A fetcher on libcurl, in a library of its own (pkg-config libistauth-curl). It is for URLs that
 * strangers choose: what fetch.h asks of a fetcher, it keeps.
 *
 *   static bool fetch_with_curl(istauth_curl **curl, istauth_fetcher *fetcher)
 *   {
 *       if (istauth_curl_new(curl, NULL))
 *           return false;
 *       *fetcher = istauth_curl_fetcher(*curl);
 *       return true;
 *   }
 */
#ifndef ISTAUTH_CURL_FETCH_H
#define ISTAUTH_CURL_FETCH_H

#include <istauth/fetch.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What fetches. */
typedef struct istauth_curl istauth_curl;

/* Borrowed for the call. */
typedef struct istauth_curl_options {
    size_t size;              /* set by ISTAUTH_CURL_OPTIONS_INIT */
    const char *ca_file;      /* PEM file of what to trust; NULL: what the system does */
    const char *user_agent;   /* NULL: libistauth and its version */
    unsigned connect_timeout; /* milliseconds; 0: 3000 */
    unsigned total_timeout;   /* milliseconds, connecting and all; 0: 5000 */
    /* http and https to this machine too, and http to nothing else: for development, together with
     * ISTAUTH_DOCUMENT_LOOPBACK. */
    bool allow_loopback;
} istauth_curl_options;

/* The defaults. */
#define ISTAUTH_CURL_OPTIONS_INIT { sizeof(istauth_curl_options), NULL, NULL, 0, 0, false }

/* Make one, owned: free it with istauth_curl_free. `options` may be NULL for the defaults. It
 * starts libcurl (curl_global_init), which before libcurl 7.84 must happen while no other thread
 * runs.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT   the size is not this library's
 * ISTAUTH_E_CONFIG     ca_file cannot be read, a timeout is over ten minutes, or this libcurl lacks
 *                      TLS or an option that the fetcher needs (7.85 has them all)
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_curl_new(istauth_curl **curl,
                                                             const istauth_curl_options *options);

/* NULL-safe. No fetch of it may be running, and no server may use it any more. since 0.1 */
ISTAUTH_API void istauth_curl_free(istauth_curl *curl);

/* It as istauth_config.fetcher; `curl` is borrowed, and may serve several servers and any number of
 * threads: each fetch has a handle and a connection of its own, nothing is kept between two.
 *
 * https only, with the certificate verified and TLS 1.2 at least; HTTP/1.1 or 2; no redirects,
 * proxies (of the environment neither), cookies, credentials or compression. Every address is
 * judged as the socket for it is made: to a forbidden one none is, and then no other of the name's
 * is tried. The headers of a response may take 16 KiB. The host's signals are left as they are, and
 * a broken pipe sends it none.
 *
 * The time limits bound the wait; how long the system's resolver takes to give up on a name that
 * does not answer is its own (resolv.conf, timeout and attempts). since 0.1 */
ISTAUTH_API istauth_fetcher istauth_curl_fetcher(istauth_curl *curl);

#ifdef __cplusplus
}
#endif

#endif
