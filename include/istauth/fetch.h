/* Fetching: the one thing that a server may need from the outside, and does not do itself. The host
 * gives it a fetcher: one of its own, or that of libistauth-curl (curl_fetch.h). */
#ifndef ISTAUTH_FETCH_H
#define ISTAUTH_FETCH_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A response, whatever its status. Header fields that it had not are empty; of those that it had
 * several times, the values are joined by commas. Texts are in the arena. */
typedef struct istauth_fetched {
    int status; /* HTTP's */
    istauth_str content_type, cache_control, age, expires, date; /* the fields of these names */
    istauth_str body; /* at most as long as the limit allows */
} istauth_fetched;

/* Who fetches; `get` NULL: nobody. It outlives every server that uses it, and is called from many
 * threads at once. */
typedef struct istauth_fetcher {
    /* One GET of `url`, which a stranger chose, with Accept: application/json, and neither cookies
     * nor credentials. It follows no redirect, verifies the certificate, connects to no address but
     * one that istauth_address_classify calls PUBLIC, takes at most `limit` bytes of body (more is
     * refused, counted as they come), and gives up after a few seconds. On failure out is untouched.
     *
     * OK (there was a response, of any status), NOT_FOUND (refused: a forbidden address, a bad
     * certificate, too many bytes), UNAVAILABLE (no answer now), NO_MEMORY. */
    istauth_status (*get)(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                          istauth_arena *arena);
    void *ctx; /* first argument of get */
} istauth_fetcher;

#ifdef __cplusplus
}
#endif

#endif
