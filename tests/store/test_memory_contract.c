/* The memory store keeps the store contract. */
#include <istauth/memory_store.h>

#include "support/store_cases.h"

static istauth_status open_store(void *env, istauth_store *out)
{
    (void)env;
    return istauth_memory_store_new(out, NULL, NULL);
}

static void close_store(void *env, istauth_store *store)
{
    (void)env;
    istauth_memory_store_free(store);
}

int main(void)
{
    const store_factory memory = { "memory store", open_store, close_store, NULL };

    return store_cases_run(&memory);
}
