/* Between any_store.c and the kinds of it. */
#ifndef TEST_ANY_STORE_I_H
#define TEST_ANY_STORE_I_H

#include "support/any_store.h"

struct any_store_kind {
    const char *name;
    void (*open)(any_store *s, const istauth_allocator *allocator);
    void (*close)(any_store *s);
    char *(*dump)(const any_store *s);
};

extern const any_store_kind any_store_sqlite, any_store_postgres;

#endif
