/* Every statement there is. What decides between the indexes that hold only a part of a table is
 * written out (revoked = 0), because SQLite does not look into parameters for it. */
#include "stores/sqlite_i.h"

#define CLIENT \
    "client_id, name, client_uri, logo_uri, policy_uri, tos_uri, software_id, software_version," \
    " scopes, jwks, jwks_uri, resource, redirect_uris, workspaces, origin, auth, grant_types," \
    " native, registered_at, used_at, secret_key, secret_expires_at, management_key, expires_at"

/* A grant that is not revoked has its client. */
#define APP \
    "c.name, c.client_uri, " SQL_GRANT_TEXTS ", " SQL_GRANT_REST ", c.redirect_uris" \
    " FROM istauth_grant g JOIN istauth_client c ON c.client_id = g.client_id"

const char *const istauth__sqlite_statements[SQL_STATEMENTS] = {
    /* The lock for writing comes first: what a transaction reads is still so when it writes. */
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SAVEPOINT] = "SAVEPOINT op",
    [SQL_RELEASE] = "RELEASE op",
    [SQL_UNDO] = "ROLLBACK TO op",

    [SQL_CLIENT_PUT] =
        "INSERT INTO istauth_client (client_id, auth, name, client_uri, logo_uri, policy_uri,"
        " tos_uri, software_id, software_version, redirect_uris, scopes, grant_types, native,"
        " secret_key, secret_expires_at, management_key, jwks, jwks_uri, resource, workspaces,"
        " expires_at, origin, registered_at, used_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
        " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
    [SQL_CLIENT_GET] = "SELECT " CLIENT " FROM istauth_client WHERE client_id = ?1",
    [SQL_CLIENT_UPDATE] =
        "UPDATE istauth_client SET auth = ?2, name = ?3, client_uri = ?4, logo_uri = ?5,"
        " policy_uri = ?6, tos_uri = ?7, software_id = ?8, software_version = ?9,"
        " redirect_uris = ?10, scopes = ?11, grant_types = ?12, native = ?13, secret_key = ?14,"
        " secret_expires_at = ?15, management_key = ?16, jwks = ?17, jwks_uri = ?18,"
        " resource = ?19, workspaces = ?20, expires_at = ?21 WHERE client_id = ?1",
    [SQL_CLIENT_DELETE] = "DELETE FROM istauth_client WHERE client_id = ?1",
    [SQL_CLIENT_LIST] =
        "SELECT " CLIENT " FROM istauth_client WHERE client_id > ?1 ORDER BY client_id LIMIT ?2",
    [SQL_CLIENT_USED] =
        "UPDATE istauth_client SET used_at = ?2 WHERE used_at < ?2 AND client_id ="
        " (SELECT client_id FROM istauth_grant WHERE serial = ?1)",
    [SQL_CLIENT_REVOKE] =
        "UPDATE istauth_grant SET revoked = 1"
        " WHERE client_id = ?1 AND personal = 0 AND revoked = 0",

    [SQL_GRANT_PUT] =
        "INSERT INTO istauth_grant (id, subject, client_id, personal, perpetual, name, scopes,"
        " workspaces, resource, auth_time, created_at, issued_at, used_at, pending, revoked)"
        " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0"
        " WHERE ?4 OR EXISTS (SELECT 1 FROM istauth_client WHERE client_id = ?3)",
    [SQL_GRANT_EXISTS] = "SELECT 1 FROM istauth_grant WHERE id = ?1",
    [SQL_GRANT_REVOKE] = "UPDATE istauth_grant SET revoked = 1 WHERE id = ?1",
    [SQL_GRANT_TOUCH] = "UPDATE istauth_grant SET used_at = ?2 WHERE id = ?1 AND used_at < ?2",
    [SQL_GRANT_LIST] =
        "SELECT " APP " WHERE g.client_id = ?1 AND g.id > ?2 AND g.revoked = 0 AND g.pending = 0"
        " AND g.personal = 0 ORDER BY g.id LIMIT ?3",
    [SQL_GRANT_REDEEMED] = "UPDATE istauth_grant SET pending = 0, issued_at = ?2 WHERE serial = ?1",
    [SQL_GRANT_ROTATED] =
        "UPDATE istauth_grant SET issued_at = ?2, retry_until = ?3, retry_sealed = ?4,"
        " retry_spent = ?5, retry_successor = ?6 WHERE serial = ?1",

    [SQL_CODE_PUT] =
        "INSERT INTO istauth_code (grant_serial, key, redirect_uri, challenge, nonce, created_at,"
        " expires_at, spent) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
    [SQL_CODE_GET] =
        "SELECT c.redirect_uri, c.challenge, c.nonce, " SQL_GRANT_TEXTS ", " SQL_GRANT_REST
        ", c.created_at, c.expires_at, c.spent FROM istauth_code c"
        " JOIN istauth_grant g ON g.serial = c.grant_serial WHERE c.key = ?1",
    [SQL_CODE_FIND] =
        "SELECT g.serial, g.revoked, c.spent FROM istauth_code c"
        " JOIN istauth_grant g ON g.serial = c.grant_serial WHERE c.key = ?1",
    [SQL_CODE_SPEND] = "UPDATE istauth_code SET spent = 1 WHERE grant_serial = ?1",

    [SQL_TOKEN_PUT] =
        "INSERT INTO istauth_token (key, grant_serial, kind, scopes, issued_at, expires_at, spent,"
        " revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0)",
    [SQL_TOKEN_GET] =
        "SELECT t.scopes, " SQL_GRANT_TEXTS ", " SQL_GRANT_REST
        ", t.kind, t.issued_at, t.expires_at, t.spent, t.revoked FROM istauth_token t"
        " JOIN istauth_grant g ON g.serial = t.grant_serial WHERE t.key = ?1",
    [SQL_TOKEN_FIND] =
        "SELECT g.serial, g.revoked OR t.revoked, t.spent, t.kind FROM istauth_token t"
        " JOIN istauth_grant g ON g.serial = t.grant_serial WHERE t.key = ?1",
    [SQL_TOKEN_SPEND] = "UPDATE istauth_token SET spent = 1 WHERE key = ?1",
    [SQL_TOKEN_REVOKE] = "UPDATE istauth_token SET revoked = 1 WHERE key = ?1",

    /* A successor that is gone has expired: it is as good as spent. */
    [SQL_RETRY_GET] =
        "SELECT g.retry_sealed, g.retry_until FROM istauth_token t"
        " JOIN istauth_grant g ON g.serial = t.grant_serial"
        " WHERE t.key = ?1 AND g.retry_spent = ?1 AND t.revoked = 0 AND g.revoked = 0"
        " AND (g.retry_successor IS NULL OR EXISTS (SELECT 1 FROM istauth_token s"
        " WHERE s.key = g.retry_successor AND s.spent = 0 AND s.revoked = 0))",

    [SQL_APP_LIST] =
        "SELECT " APP " WHERE g.subject = ?1 AND g.revoked = 0 AND g.pending = 0 AND g.personal = 0"
        " ORDER BY g.issued_at DESC, g.serial DESC LIMIT ?2",
    [SQL_APP_DISCONNECT] =
        "UPDATE istauth_grant SET revoked = 1"
        " WHERE subject = ?1 AND client_id = ?2 AND personal = 0 AND revoked = 0",
    [SQL_SUBJECT_REVOKE] =
        "UPDATE istauth_grant SET revoked = 1 WHERE subject = ?1 AND revoked = 0",
    [SQL_WORKSPACE_NEXT] =
        "SELECT workspaces, serial FROM istauth_grant"
        " WHERE subject = ?1 AND revoked = 0 AND serial > ?2 ORDER BY serial LIMIT 1",
    [SQL_WORKSPACE_SET] =
        "UPDATE istauth_grant SET workspaces = ?2, revoked = ?3 WHERE serial = ?1",
    [SQL_PERSONAL_LIST] =
        "SELECT " SQL_GRANT_TEXTS ", " SQL_GRANT_REST ", t.expires_at"
        " FROM istauth_grant g JOIN istauth_token t ON t.grant_serial = g.serial"
        " WHERE g.subject = ?1 AND g.revoked = 0 AND g.personal = 1 AND t.revoked = 0"
        " ORDER BY g.created_at DESC, g.serial DESC LIMIT ?2",
    [SQL_PERSONAL_REVOKE] =
        "UPDATE istauth_grant SET revoked = 1 WHERE id = ?1 AND subject = ?2 AND personal = 1",

    [SQL_NONCE_CLAIM] = "INSERT INTO istauth_nonce (key, expires_at) VALUES (?1, ?2)",

    /* What is over, by the indexes that hold nothing else. Each names the grants that may be
     * empty now. */
    [SQL_PURGE_CODES] =
        "DELETE FROM istauth_code WHERE grant_serial IN (SELECT grant_serial FROM istauth_code"
        " WHERE expires_at <= ?2 ORDER BY expires_at LIMIT ?1) RETURNING grant_serial",
    [SQL_PURGE_RETRIES] =
        "UPDATE istauth_grant SET retry_until = NULL, retry_sealed = NULL, retry_spent = NULL,"
        " retry_successor = NULL WHERE serial IN (SELECT serial FROM istauth_grant"
        " WHERE retry_until <= ?2 ORDER BY retry_until LIMIT ?1)",
    [SQL_PURGE_TOKENS] =
        "DELETE FROM istauth_token WHERE key IN (SELECT key FROM istauth_token"
        " WHERE (kind <> 3 OR expires_at <> 0) AND expires_at <= ?2 ORDER BY expires_at LIMIT ?1)"
        " RETURNING grant_serial",
    /* A personal token without an end is over when it, or its grant, is revoked: else whoever
     * makes and revokes them would fill the file for good. */
    [SQL_PURGE_OVER_GRANTS] =
        "DELETE FROM istauth_token WHERE key IN (SELECT t.key FROM istauth_grant g"
        " JOIN istauth_token t ON t.grant_serial = g.serial"
        " WHERE g.perpetual = 1 AND g.revoked = 1 LIMIT ?1) RETURNING grant_serial",
    [SQL_PURGE_OVER_TOKENS] =
        "DELETE FROM istauth_token WHERE key IN (SELECT key FROM istauth_token"
        " WHERE kind = 3 AND expires_at = 0 AND revoked = 1 LIMIT ?1) RETURNING grant_serial",
    [SQL_PURGE_NONCES] =
        "DELETE FROM istauth_nonce WHERE key IN (SELECT key FROM istauth_nonce"
        " WHERE expires_at <= ?2 ORDER BY expires_at LIMIT ?1)",
    [SQL_PURGE_GRANT] =
        "DELETE FROM istauth_grant WHERE serial = ?1"
        " AND NOT EXISTS (SELECT 1 FROM istauth_code WHERE grant_serial = ?1)"
        " AND NOT EXISTS (SELECT 1 FROM istauth_token WHERE grant_serial = ?1)",
    [SQL_PURGE_UNUSED] =
        "SELECT client_id, registered_at, serial FROM istauth_client"
        " WHERE origin <> 1 AND used_at = 0 AND registered_at <= ?1"
        " AND (registered_at, serial) > (?2, ?3) ORDER BY registered_at, serial LIMIT 1",
    [SQL_PURGE_IDLE] =
        "SELECT client_id, used_at, serial FROM istauth_client"
        " WHERE origin <> 1 AND used_at <> 0 AND used_at <= ?1"
        " AND (used_at, serial) > (?2, ?3) ORDER BY used_at, serial LIMIT 1",
    /* Of each grant that is not revoked: may something of it still be used? */
    [SQL_PURGE_LIVE] =
        "SELECT g.pending OR EXISTS (SELECT 1 FROM istauth_token t WHERE t.grant_serial = g.serial"
        " AND t.spent = 0 AND t.revoked = 0"
        " AND (t.expires_at > ?2 OR (t.kind = 3 AND t.expires_at = 0)))"
        " FROM istauth_grant g WHERE g.client_id = ?1 AND g.revoked = 0",
};
