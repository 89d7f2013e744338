/* The cases of the store contract, for any store: each in a fresh one.
 *
 *   static const store_factory memory = { "memory", open_memory, close_memory, NULL };
 *   int main(void) { return store_cases_run(&memory); } */
#ifndef STORE_CASES_H
#define STORE_CASES_H

#include <istauth/store.h>

typedef struct store_factory {
    const char *name;
    istauth_status (*open)(void *env, istauth_store *out); /* fresh and empty */
    void (*close)(void *env, istauth_store *store);
    void *env;
} store_factory;

/* Run all of them as a cmocka group: the number of failures. */
int store_cases_run(const store_factory *factory);

#endif
