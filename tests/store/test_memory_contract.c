/* The memory store keeps the store contract. */
#include <istauth/memory_store.h>

#include "support/store_contract.h"

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
    istauth_store_fixture memory = ISTAUTH_STORE_FIXTURE_INIT;

    memory.name = "memory store";
    memory.open = open_store;
    memory.close = close_store;
    return store_check(&memory);
}
