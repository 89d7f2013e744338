/* The SQLite store keeps the store contract. */
#include "support/sqlite_fixture.h"
#include "support/store_fixture.h"

int main(void)
{
    istauth_store_fixture sqlite;
    sqlite_place place;
    int status;

    sqlite_place_init(&place);
    sqlite = sqlite_fixture(&place);
    status = store_check(&sqlite);
    sqlite_place_wipe(&place);
    return status;
}
