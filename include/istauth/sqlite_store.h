/* The store in one SQLite file: libistauth-sqlite, a library of its own (pkg-config
 * libistauth-sqlite).
 *
 * One file on a local file system, never on a network one (NFS, SMB): SQLite's locks and shared
 * memory do not hold there. Beside the file lie FILE-wal and FILE-shm, which belong to it; all
 * three are for the owner alone. Any number of threads, and several processes of one machine,
 * may use the file at once. Copy it with `VACUUM INTO` or the shell's `.backup`, never with cp.
 * When a newer library has brought a file up to its schema, processes with an older one must not
 * go on using it: end them first. */
#ifndef ISTAUTH_SQLITE_STORE_H
#define ISTAUTH_SQLITE_STORE_H

#include <istauth/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What outlives a loss of power. Whatever is chosen outlives the end of the process. */
typedef enum istauth_sqlite_synchronous {
    ISTAUTH_SQLITE_FULL = 0,   /* every op that answered OK */
    ISTAUTH_SQLITE_NORMAL = 1, /* the file stays sound; the last ops may be lost, revocations too */
    ISTAUTH_SQLITE_OFF = 2     /* nothing is promised: for tests */
} istauth_sqlite_synchronous;

/* How to use the file. */
typedef struct istauth_sqlite_options {
    size_t size; /* set by ISTAUTH_SQLITE_OPTIONS_INIT */
    istauth_sqlite_synchronous synchronous; /* what outlives a loss of power */
    unsigned readers;         /* connections that read at the same time: 1 to 256 */
    unsigned busy_timeout_ms; /* an op that waits longer answers UNAVAILABLE; at most 3600000 */
} istauth_sqlite_options;

/* The defaults. */
#define ISTAUTH_SQLITE_OPTIONS_INIT \
    { sizeof(istauth_sqlite_options), ISTAUTH_SQLITE_FULL, 8, 5000 }

/* Make a store of the file `path` in *store, owned: end it with istauth_sqlite_store_close. The
 * file is made, with mode 0600, when it is not there, and brought up to this library's schema
 * when an older one made it; several processes may do so at once. A file that is not ours is
 * left as it is. `options` may be NULL for the defaults above; `error` may be NULL, else its
 * detail says what is wrong and what to do.
 *
 * A process opens a file once, for all its threads. A store must not be carried across fork:
 * open it in the child.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT     an option out of bounds; a path that is empty or begins with ":", "file:"
 * ISTAUTH_E_CONFIG       the SQLite here is older than 3.37 or was built without threads
 * ISTAUTH_E_UNAVAILABLE  no such folder, not ours, of a newer library, corrupt, read-only, locked
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_sqlite_store_open(istauth_store *store, const char *path,
                          const istauth_sqlite_options *options, istauth_error *error);

/* Close it. No call on it may be running. NULL-safe (ctx may be NULL). since 0.1 */
ISTAUTH_API void istauth_sqlite_store_close(istauth_store *store);

#ifdef __cplusplus
}
#endif

#endif
