/* The store that keeps everything in this process's memory: complete, bounded, safe for any
 * number of threads, gone at exit. Readers of tokens never wait for a lock. */
#ifndef ISTAUTH_MEMORY_STORE_H
#define ISTAUTH_MEMORY_STORE_H

#include <istauth/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many records of each kind a store keeps at most. */
typedef struct istauth_memory_limits {
    size_t size;    /* set by ISTAUTH_MEMORY_LIMITS_INIT */
    size_t clients; /* registered, provisioned, and copies of metadata documents */
    size_t grants;  /* pending ones too */
    size_t codes;   /* until they are purged */
    size_t tokens;  /* of every kind, until they are purged */
    size_t nonces;  /* one for each consent page answered and each client assertion, likewise */
} istauth_memory_limits;

/* The defaults. */
#define ISTAUTH_MEMORY_LIMITS_INIT \
    { sizeof(istauth_memory_limits), 100000, 1000000, 100000, 4000000, 1000000 }

/* Make a store in *store, owned: free it with istauth_memory_store_free. `limits` may be NULL for
 * the defaults above; an op that would exceed one answers ISTAUTH_E_NO_MEMORY. `allocator` is
 * copied, called under a lock by ops that keep something; NULL means malloc and free.
 *
 * In one call its purge looks at no more than 4096 records of a kind and 16 for each that it may
 * remove; the next call goes on from there.
 *
 * ISTAUTH_OK, ISTAUTH_E_ARGUMENT (a limit of 0, or over 2^31), ISTAUTH_E_NO_MEMORY,
 * ISTAUTH_E_RANDOM, ISTAUTH_E_CRYPTO (its hash key comes from the system's generator)
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_memory_store_new(istauth_store *store, const istauth_memory_limits *limits,
                         const istauth_allocator *allocator);

/* Free it with everything in it. No call on it may be running. NULL-safe (ctx may be NULL).
 * since 0.1 */
ISTAUTH_API void istauth_memory_store_free(istauth_store *store);

#ifdef __cplusplus
}
#endif

#endif
