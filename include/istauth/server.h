/* The server: configuration made immutable. Any number of threads may use one at once; no call
 * keeps state between requests, and calls block on the store, on hooks and, where config.h says so, on the
 * fetcher; on nothing else. */
#ifndef ISTAUTH_SERVER_H
#define ISTAUTH_SERVER_H

#include <istauth/config.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A server, opaque. */
typedef struct istauth_server istauth_server;

/* Check a configuration and build the server and its discovery documents from it. Everything is
 * copied but the store's ops and ctx and the hooks' ctx, which outlive the server. `*server` is owned:
 * free it with istauth_server_free.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_CONFIG    `error` (may be NULL) says which member and why
 * ISTAUTH_E_NO_MEMORY, ISTAUTH_E_RANDOM, ISTAUTH_E_CRYPTO
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_server_new(istauth_server **server,
                                                               const istauth_config *config,
                                                               istauth_error *error);

/* Wipe and free; NULL-safe. No call with it may be running. since 0.1 */
ISTAUTH_API void istauth_server_free(istauth_server *server);

/* Start a request's arena with the server's allocator and limit; as istauth_arena_init. since 0.1 */
ISTAUTH_API void istauth_server_arena(const istauth_server *server, istauth_arena *arena,
                                      void *buffer, size_t size);

/* The server's scopes; live as long as it does. since 0.1 */
ISTAUTH_API const istauth_scope_catalogue *istauth_server_scopes(const istauth_server *server);

/* Remove what has expired, and registrations never used, at most `limit` records. Call it
 * every few minutes from any thread; *removed (may be NULL) at `limit` means that there is more.
 * ISTAUTH_OK, ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY, ISTAUTH_E_CLOCK. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_purge(size_t *removed,
                                                          const istauth_server *server,
                                                          size_t limit);

#ifdef __cplusplus
}
#endif

#endif
