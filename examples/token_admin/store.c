#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#ifdef TOKEN_ADMIN_SQLITE
#include <istauth/sqlite_store.h>
#endif
#ifdef TOKEN_ADMIN_POSTGRES
#include <istauth/postgres_store.h>
#endif

typedef istauth_status opener(istauth_store *store, const char *place, istauth_error *error);

static istauth_status open_memory(istauth_store *store, const char *place, istauth_error *error)
{
    (void)place;
    (void)error;
    return istauth_memory_store_new(store, NULL, NULL);
}

#ifdef TOKEN_ADMIN_SQLITE
static istauth_status open_sqlite(istauth_store *store, const char *place, istauth_error *error)
{
    const char *file = place + strlen("sqlite:");

    if (access(file, F_OK) && errno == ENOENT) {
        (void)snprintf(error->detail, sizeof(error->detail), "there is no such file");
        return ISTAUTH_E_UNAVAILABLE;
    }
    return istauth_sqlite_store_open(store, file, NULL, error);
}
#endif

#ifdef TOKEN_ADMIN_POSTGRES
static istauth_status open_postgres(istauth_store *store, const char *place, istauth_error *error)
{
    return istauth_postgres_store_open(store, place, NULL, error);
}
#endif

static const struct keeper {
    const char *prefix;
    opener *open;
    void (*close)(istauth_store *store);
} keepers[] = {
    { "memory:", open_memory, istauth_memory_store_free },
#ifdef TOKEN_ADMIN_SQLITE
    { "sqlite:", open_sqlite, istauth_sqlite_store_close },
#endif
#ifdef TOKEN_ADMIN_POSTGRES
    { "postgresql://", open_postgres, istauth_postgres_store_close },
    { "postgres://", open_postgres, istauth_postgres_store_close },
#endif
};

const char store_places[] = ""
#ifdef TOKEN_ADMIN_SQLITE
                            "sqlite:FILE, "
#endif
#ifdef TOKEN_ADMIN_POSTGRES
                            "postgresql://..., "
#endif
                            "memory: (empty, to try it out)";

static const struct keeper *find(const char *place)
{
    for (size_t i = 0; i < sizeof(keepers) / sizeof(keepers[0]); i++)
        if (strncmp(place, keepers[i].prefix, strlen(keepers[i].prefix)) == 0)
            return &keepers[i];
    return NULL;
}

bool store_is_known(const char *place)
{
    return find(place) != NULL;
}

/* The place itself is not printed: it may hold a password. */
bool store_open(istauth_store *store, const char *place)
{
    istauth_error error = { .detail = "" };
    istauth_status st = find(place)->open(store, place, &error);

    if (st)
        fprintf(stderr, "token_admin: cannot open the store: %s\n",
                error.detail[0] ? error.detail : istauth_status_name(st));
    return !st;
}

void store_close(istauth_store *store, const char *place)
{
    find(place)->close(store);
}
