#include "support/any_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <istauth/memory_store.h>

#include "support/any_store_i.h"

#include <stdlib.h>

static void open_memory(any_store *s, const istauth_allocator *allocator)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;

    limits.clients = limits.grants = limits.codes = limits.tokens = limits.nonces = 4096;
    assert_int_equal(istauth_memory_store_new(&s->store, &limits, allocator), ISTAUTH_OK);
}

static void close_memory(any_store *s)
{
    istauth_memory_store_free(&s->store);
}

static char *dump_memory(const any_store *s)
{
    char *nothing = calloc(1, 1);

    (void)s;
    assert_non_null(nothing);
    return nothing;
}

static const any_store_kind memory = { "memory", open_memory, close_memory, dump_memory };

static const any_store_kind *const kinds[] = {
    &memory,
#ifdef TEST_SQLITE
    &any_store_sqlite,
#endif
#ifdef TEST_POSTGRES
    &any_store_postgres,
#endif
};

void any_store_open(any_store *s, const istauth_allocator *allocator)
{
    const char *name = getenv("ISTAUTH_TEST_STORE");

    s->kind = name ? NULL : &memory;
    for (size_t i = 0; name && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(name, kinds[i]->name) == 0)
            s->kind = kinds[i];
    if (!s->kind)
        fail_msg("ISTAUTH_TEST_STORE: these tests were built without a store called %s", name);
    s->kind->open(s, allocator);
}

void any_store_close(any_store *s)
{
    if (s->kind)
        s->kind->close(s);
}

bool any_store_is_memory(const any_store *s)
{
    return s->kind == &memory;
}

char *any_store_dump(const any_store *s)
{
    return (s->kind ? s->kind : &memory)->dump(s);
}
