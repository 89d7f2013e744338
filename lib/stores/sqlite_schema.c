/* The tables, as the steps by which they came about. A step that was released is never edited:
 * files out there were made by it. Tables are strict, keys are 32 bytes, lists of texts are
 * netstrings ("4:ws_a,4:ws_b,"), which need no escapes whatever the texts hold.
 *
 * Indexes that hold only what is alive, or only what waits to be purged, keep the cost of an op
 * apart from how much history the file has. */
#include "stores/sqlite_i.h"

static const char version_1[] =
    "CREATE TABLE istauth_client ("
    " serial INTEGER PRIMARY KEY,"
    " client_id TEXT NOT NULL UNIQUE,"
    " origin INTEGER NOT NULL,"
    " auth INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " client_uri TEXT NOT NULL,"
    " logo_uri TEXT NOT NULL,"
    " policy_uri TEXT NOT NULL,"
    " tos_uri TEXT NOT NULL,"
    " software_id TEXT NOT NULL,"
    " software_version TEXT NOT NULL,"
    " redirect_uris TEXT NOT NULL,"
    " scopes TEXT NOT NULL,"
    " grant_types INTEGER NOT NULL,"
    " native INTEGER NOT NULL,"
    " registered_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL,"
    " secret_key BLOB NOT NULL CHECK (length(secret_key) = 32),"
    " secret_expires_at INTEGER NOT NULL,"
    " management_key BLOB NOT NULL CHECK (length(management_key) = 32),"
    " jwks TEXT NOT NULL,"
    " jwks_uri TEXT NOT NULL,"
    " resource TEXT NOT NULL,"
    " workspaces TEXT NOT NULL,"
    " expires_at INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX istauth_client_unused ON istauth_client (registered_at)"
    " WHERE origin <> 1 AND used_at = 0;"
    "CREATE INDEX istauth_client_idle ON istauth_client (used_at)"
    " WHERE origin <> 1 AND used_at <> 0;"

    /* serial is the order of creation. A client's grants stay, revoked, when the client goes. A
     * grant is perpetual when it is that of a personal token without an end. */
    "CREATE TABLE istauth_grant ("
    " serial INTEGER PRIMARY KEY,"
    " id TEXT NOT NULL UNIQUE,"
    " subject TEXT NOT NULL,"
    " client_id TEXT NOT NULL,"
    " personal INTEGER NOT NULL,"
    " perpetual INTEGER NOT NULL,"
    " name TEXT NOT NULL,"
    " scopes TEXT NOT NULL,"
    " workspaces TEXT NOT NULL,"
    " resource TEXT NOT NULL,"
    " auth_time INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " used_at INTEGER NOT NULL,"
    " pending INTEGER NOT NULL,"
    " revoked INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX istauth_grant_subject ON istauth_grant (subject) WHERE revoked = 0;"
    "CREATE INDEX istauth_grant_client ON istauth_grant (client_id) WHERE revoked = 0;"
    "CREATE INDEX istauth_grant_over ON istauth_grant (perpetual)"
    " WHERE perpetual = 1 AND revoked = 1;"

    "CREATE TABLE istauth_code ("
    " grant_serial INTEGER PRIMARY KEY REFERENCES istauth_grant (serial),"
    " key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),"
    " redirect_uri TEXT NOT NULL,"
    " challenge TEXT NOT NULL,"
    " nonce TEXT NOT NULL,"
    " created_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " spent INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX istauth_code_expiry ON istauth_code (expires_at);"

    "CREATE TABLE istauth_token ("
    " key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),"
    " grant_serial INTEGER NOT NULL REFERENCES istauth_grant (serial),"
    " kind INTEGER NOT NULL,"
    " scopes TEXT NOT NULL,"
    " issued_at INTEGER NOT NULL,"
    " expires_at INTEGER NOT NULL,"
    " spent INTEGER NOT NULL,"
    " revoked INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX istauth_token_family ON istauth_token (grant_serial, spent);"
    "CREATE INDEX istauth_token_expiry ON istauth_token (expires_at)"
    " WHERE kind <> 3 OR expires_at <> 0;"
    "CREATE INDEX istauth_token_over ON istauth_token (kind)"
    " WHERE kind = 3 AND expires_at = 0 AND revoked = 1;"

    "CREATE TABLE istauth_nonce ("
    " key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),"
    " expires_at INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX istauth_nonce_expiry ON istauth_nonce (expires_at);"

    "PRAGMA application_id = 1232290165;"
    "PRAGMA user_version = 1;";

/* The answer to a grant's last rotation: for the token that it spent, until its successor is
 * used. */
static const char version_2[] =
    "ALTER TABLE istauth_grant ADD COLUMN retry_until INTEGER;"
    "ALTER TABLE istauth_grant ADD COLUMN retry_sealed BLOB;"
    "ALTER TABLE istauth_grant ADD COLUMN retry_spent BLOB CHECK (length(retry_spent) = 32);"
    "ALTER TABLE istauth_grant ADD COLUMN retry_successor BLOB"
    " CHECK (length(retry_successor) = 32);"
    "CREATE INDEX istauth_grant_retry ON istauth_grant (retry_until)"
    " WHERE retry_until IS NOT NULL;"
    "PRAGMA user_version = 2;";

/* A client's grants can be read a page at a time, in the order of their ids. */
static const char version_3[] =
    "DROP INDEX istauth_grant_client;"
    "CREATE INDEX istauth_grant_client ON istauth_grant (client_id, id) WHERE revoked = 0;"
    "PRAGMA user_version = 3;";

const char *const istauth__sqlite_migrations[] = { version_1, version_2, version_3 };
const int istauth__sqlite_schema = sizeof(istauth__sqlite_migrations) /
                                   sizeof(istauth__sqlite_migrations[0]);
