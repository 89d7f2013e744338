/* A fresh store of the kind that ISTAUTH_TEST_STORE names, memory, sqlite or postgres, so that the
 * same tests run on all of them; memory when it is not set. */
#ifndef TEST_ANY_STORE_H
#define TEST_ANY_STORE_H

#include <istauth/store.h>

#include <stdbool.h>

typedef struct any_store_kind any_store_kind;

typedef struct any_store {
    const any_store_kind *kind;
    istauth_store store;
    char place[128]; /* of a SQLite file: its folder; of PostgreSQL: its schema */
} any_store;

/* Fail the test when it cannot be had. `allocator` is for the memory store, which is kept small. */
void any_store_open(any_store *s, const istauth_allocator *allocator);
void any_store_close(any_store *s); /* harmless when it was never opened */

/* Is it kept in this process's memory, where its allocator counts it? */
bool any_store_is_memory(const any_store *s);

/* All that is kept outside of this process, as one text to search; free() it. Bytes that are zero are
 * line breaks, and columns of bytes may be in hexadecimal. */
char *any_store_dump(const any_store *s);

#endif
