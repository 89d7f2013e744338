/* Stores that break the contract, each in one way: to see that the conformance kit notices. */
#ifndef BROKEN_STORE_H
#define BROKEN_STORE_H

#include <istauth/store_check.h>

typedef struct broken_way {
    const char *name;
    const char *clause;                     /* that it breaks */
    void (*breaks)(istauth_store_ops *ops); /* puts its own ops in */
    bool durable;                           /* says that it outlives its process */
} broken_way;

extern const broken_way broken_ways[];
extern const size_t broken_way_count;

/* A memory store that is broken this way; env is the broken_way. */
istauth_store_fixture broken_fixture(const broken_way *way);

#endif
