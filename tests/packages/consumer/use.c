/* What a consumer of the packages does first: a store of each kind that it was built for, the fetcher,
 * and the version. usage: use FILE. C and C++. */
#include <istauth.h>
#ifdef WITH_SQLITE
#include <istauth/sqlite_store.h>
#endif
#ifdef WITH_POSTGRES
#include <istauth/postgres_store.h>
#endif
#ifdef WITH_CURL
#include <istauth/curl_fetch.h>
#endif
#include <stdio.h>

#ifdef WITH_SQLITE
static int sqlite(const char *file)
{
    istauth_store store;

    if (istauth_sqlite_store_open(&store, file, NULL, NULL))
        return 1;
    istauth_sqlite_store_close(&store);
    return 0;
}
#endif

#ifdef WITH_POSTGRES
/* There is no server to talk to, and the library says so. */
static int postgres(void)
{
    istauth_store store;

    return istauth_postgres_store_open(&store, "no such setting", NULL, NULL) == ISTAUTH_OK;
}
#endif

#ifdef WITH_CURL
static int curl(void)
{
    istauth_curl *fetcher;

    if (istauth_curl_new(&fetcher, NULL))
        return 1;
    istauth_curl_free(fetcher);
    return 0;
}
#endif

int main(int argc, char **argv)
{
    istauth_store store;

    if (argc < 2 || istauth_memory_store_new(&store, NULL, NULL))
        return 1;
    istauth_memory_store_free(&store);
    (void)argv;
#ifdef WITH_SQLITE
    if (sqlite(argv[1]))
        return 2;
#endif
#ifdef WITH_POSTGRES
    if (postgres())
        return 3;
#endif
#ifdef WITH_CURL
    if (curl())
        return 4;
#endif
    puts(ISTAUTH_VERSION);
    return 0;
}
