#include "keep.h"

#include <stdio.h>

#ifdef ISTEAM_SQLITE
#include <istauth/sqlite_store.h>
#endif
#ifdef ISTEAM_POSTGRES
#include <istauth/postgres_store.h>
#endif

static istauth_status open_memory(istauth_store *store, const char *place, istauth_error *error)
{
    (void)place;
    (void)error;
    return istauth_memory_store_new(store, NULL, NULL);
}

#ifdef ISTEAM_SQLITE
#define SQLITE_PREFIX "sqlite:"

static istauth_status open_sqlite(istauth_store *store, const char *place, istauth_error *error)
{
    return istauth_sqlite_store_open(store, place + strlen(SQLITE_PREFIX), NULL, error);
}
#endif

#ifdef ISTEAM_POSTGRES
static istauth_status open_postgres(istauth_store *store, const char *place, istauth_error *error)
{
    return istauth_postgres_store_open(store, place, NULL, error);
}
#endif

typedef struct keeper {
    const char *prefix;
    bool takes_more; /* after the prefix */
    istauth_status (*open)(istauth_store *store, const char *place, istauth_error *error);
    void (*close)(istauth_store *store);
} keeper;

static const keeper keepers[] = {
    { "memory:", false, open_memory, istauth_memory_store_free },
#ifdef ISTEAM_SQLITE
    { SQLITE_PREFIX, true, open_sqlite, istauth_sqlite_store_close },
#endif
#ifdef ISTEAM_POSTGRES
    { "postgresql://", true, open_postgres, istauth_postgres_store_close },
    { "postgres://", true, open_postgres, istauth_postgres_store_close },
#endif
};

const char keep_places[] = "memory:"
#ifdef ISTEAM_SQLITE
                           ", sqlite:FILE"
#endif
#ifdef ISTEAM_POSTGRES
                           ", postgresql://..."
#endif
    ;

static const keeper *find(const char *place)
{
    for (size_t i = 0; i < sizeof(keepers) / sizeof(keepers[0]); i++) {
        size_t n = strlen(keepers[i].prefix);

        if (strncmp(place, keepers[i].prefix, n) == 0 && (place[n] != '\0') == keepers[i].takes_more)
            return &keepers[i];
    }
    return NULL;
}

bool keep_is_known(const char *place)
{
    return find(place) != NULL;
}

const char *keep_file(const char *place)
{
#ifdef ISTEAM_SQLITE
    size_t n = strlen(SQLITE_PREFIX);

    if (strncmp(place, SQLITE_PREFIX, n) == 0 && strcmp(place + n, ":memory:") != 0)
        return place + n;
#else
    (void)place;
#endif
    return NULL;
}

/* The place itself is not printed: it may hold a password. */
bool keep_open(istauth_store *store, const char *place)
{
    const keeper *k = find(place);
    istauth_error error = { .detail = "" };
    istauth_status status = k->open(store, place, &error);

    if (status)
        fprintf(stderr, "isteam: cannot open the store: %s%s%s\n", istauth_status_name(status),
                error.detail[0] ? ": " : "", error.detail);
    return !status;
}

void keep_close(istauth_store *store, const char *place)
{
    if (store->ctx)
        find(place)->close(store);
}
