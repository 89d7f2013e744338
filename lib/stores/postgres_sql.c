/* Every statement, with '@' where the schema's name goes.
 *
 * They run under READ COMMITTED. There a row that was locked or updated is seen in its latest
 * version, and the condition on it is checked again, while every other row is seen as it was when
 * the statement began. So whatever decides is locked before it is looked at: first the grant, then
 * its code or token, then the client; of several grants the lower id first. All that brings tokens
 * to life or ends them takes the grant's lock, so that one of them is first.
 *
 * What has to see rows that others added while it waited for a lock is a statement of its own
 * behind the one that locks: client_delete and purge. */
#include "stores/postgres_i.h"

#include <stdlib.h>

#define GRANT \
    "g.grant_id, g.subject, g.client_id, g.name, g.scopes, g.workspaces, g.resource," \
    " g.auth_time, g.created_at, g.issued_at, g.used_at, g.pending, g.revoked"

/* An index holds no more than 2.7 kB: it has the beginning of a subject. */
#define OF_SUBJECT "left(subject, 256) = left($1::text, 256) AND subject = $1::text"

/* $1 to $11 of what puts a grant. */
#define GRANT_COLUMNS \
    "grant_id, subject, client_id, name, scopes, workspaces, resource, auth_time, created_at," \
    " issued_at, used_at, pending, revoked, endless"
#define GRANT_VALUES \
    "$1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text[], $7::text, $8::int8," \
    " $9::int8, $10::int8, $11::int8"

/* Its token, $12 to $16. */
#define PUT_TOKEN \
    "g AS (INSERT INTO @grants (" GRANT_COLUMNS ")" \
    " SELECT " GRANT_VALUES ", false, false, $13::int2 = 3 AND $16::int8 = 0 FROM c" \
    " RETURNING grant_id)" \
    " INSERT INTO @tokens (" TOKEN_COLUMNS ") SELECT $12::bytea, grant_id, $13::int2," \
    " $14::text, $15::int8, $16::int8, false, false FROM g"

/* What a list shows of a grant g and its client c. */
#define APP \
    "c.name, c.client_uri, coalesce(c.redirect_uris[1], ''), 0::int8, " GRANT \
    " FROM @grants g JOIN @clients c ON c.client_id = g.client_id"

#define CLIENT_COLUMNS \
    "client_id, origin, registered_at, used_at, auth, name, client_uri, logo_uri, policy_uri," \
    " tos_uri, software_id, software_version, redirect_uris, scopes, grant_types, native," \
    " secret_key, secret_expires_at, management_key, jwks, jwks_uri, resource, workspaces," \
    " expires_at"

#define TOKEN_COLUMNS "key, grant_id, kind, scopes, issued_at, expires_at, spent, revoked"

/* Keep the tokens $3 to $12, the second of which may be NULL, in the grant of `won`. */
#define KEEP_TOKENS \
    "kept AS (INSERT INTO @tokens (" TOKEN_COLUMNS ")" \
    " SELECT n.key, won.grant_id, n.kind, n.scopes, n.issued_at, n.expires_at, false, false" \
    " FROM won, (VALUES ($3::bytea, $4::int2, $5::text, $6::int8, $7::int8)," \
    " ($8::bytea, $9::int2, $10::text, $11::int8, $12::int8))" \
    " AS n (key, kind, scopes, issued_at, expires_at) WHERE n.key IS NOT NULL)"

#define ENDLESS "(kind = 3 AND expires_at = 0)"

/* Whether there is a row, asked of an index for each row outside: EXISTS may be turned into a join
 * with all of the table. */
#define ANY(from) "(SELECT 1 FROM " from " LIMIT 1) IS NOT NULL"

/* The clients c with a grant that is pending, or has a token of use at $1. */
#define HAS_LIVE(pending) \
    ANY("@grants g WHERE g.client_id = c.client_id AND g.client_id <> '' AND NOT g.revoked AND (" \
        pending " OR " ANY("@tokens t WHERE t.grant_id = g.grant_id" \
                           " AND NOT t.spent AND NOT t.revoked AND t.expires_at > $1::int8") ")")
#define PENDING_YET \
    "g.pending AND " ANY("@codes k WHERE k.grant_id = g.grant_id AND k.expires_at > $1::int8")

/* Lock, in order, those grants that are not revoked, and revoke them. */
#define REVOKE_ALL(which) \
    "WITH l AS (SELECT grant_id FROM @grants WHERE " which " AND NOT revoked" \
    " ORDER BY grant_id FOR UPDATE)" \
    " UPDATE @grants g SET revoked = true FROM l WHERE g.grant_id = l.grant_id"

const char *const istauth__pg_sql[PG_STATEMENTS] = {
    [PG_BEGIN] = "BEGIN ISOLATION LEVEL READ COMMITTED",
    [PG_COMMIT] = "COMMIT",

    [PG_CLIENT_PUT] =
        "INSERT INTO @clients (" CLIENT_COLUMNS ")"
        " VALUES ($1::text, $2::int2, $3::int8, $4::int8, $5::int2, $6::text, $7::text, $8::text,"
        " $9::text, $10::text, $11::text, $12::text, $13::text[], $14::text, $15::int8, $16::bool,"
        " $17::bytea, $18::int8, $19::bytea, $20::text, $21::text, $22::text, $23::text[],"
        " $24::int8) ON CONFLICT (client_id) DO NOTHING",
    [PG_CLIENT_GET] = "SELECT " CLIENT_COLUMNS " FROM @clients WHERE client_id = $1::text",
    [PG_CLIENT_UPDATE] =
        "UPDATE @clients SET auth = $2::int2, name = $3::text, client_uri = $4::text,"
        " logo_uri = $5::text, policy_uri = $6::text, tos_uri = $7::text, software_id = $8::text,"
        " software_version = $9::text, redirect_uris = $10::text[], scopes = $11::text,"
        " grant_types = $12::int8, native = $13::bool, secret_key = $14::bytea,"
        " secret_expires_at = $15::int8, management_key = $16::bytea, jwks = $17::text,"
        " jwks_uri = $18::text, resource = $19::text, workspaces = $20::text[],"
        " expires_at = $21::int8 WHERE client_id = $1::text",
    [PG_CLIENT_REVOKE] = REVOKE_ALL("client_id = $1::text AND client_id <> ''"),
    [PG_CLIENT_DELETE] = "DELETE FROM @clients WHERE client_id = $1::text",
    [PG_CLIENT_LIST] = "SELECT " CLIENT_COLUMNS " FROM @clients WHERE client_id > $1::text"
                       " ORDER BY client_id LIMIT $2::int8",
    [PG_CLIENT_IS_SAME] =
        "SELECT 1 FROM @clients WHERE client_id = $1::text AND name = $2::text"
        " AND redirect_uris = $3::text[] AND registered_at = $4::int8",

    /* The client's lock makes client_delete and purge wait, and this wait for them. */
    [PG_CODE_PUT] =
        "WITH c AS (SELECT client_id FROM @clients WHERE client_id = $3::text FOR KEY SHARE),"
        " g AS (INSERT INTO @grants (" GRANT_COLUMNS ")"
        " SELECT " GRANT_VALUES ", true, false, false FROM c RETURNING grant_id)"
        " INSERT INTO @codes (key, grant_id, redirect_uri, challenge, nonce, created_at,"
        " expires_at, spent)"
        " SELECT $12::bytea, grant_id, $13::text, $14::text, $15::text, $16::int8, $17::int8, false"
        " FROM g",
    [PG_CODE_GET] =
        "SELECT c.redirect_uri, c.challenge, c.nonce, c.created_at, c.expires_at, c.spent, " GRANT
        " FROM @codes c JOIN @grants g ON g.grant_id = c.grant_id WHERE c.key = $1::bytea",
    [PG_CODE_REDEEM] =
        "WITH g AS (SELECT grant_id, client_id, revoked FROM @grants WHERE grant_id ="
        " (SELECT grant_id FROM @codes WHERE key = $1::bytea) FOR UPDATE),"
        " c AS (SELECT c.key, c.spent, g.grant_id, g.client_id, g.revoked"
        " FROM @codes c JOIN g ON g.grant_id = c.grant_id WHERE c.key = $1::bytea FOR UPDATE OF c),"
        " won AS (SELECT key, grant_id, client_id FROM c WHERE NOT spent AND NOT revoked),"
        " spend AS (UPDATE @codes o SET spent = true FROM won WHERE o.key = won.key),"
        " live AS (UPDATE @grants o SET pending = false, issued_at = $2::int8"
        " FROM won WHERE o.grant_id = won.grant_id),"
        " used AS (UPDATE @clients o SET used_at = $2::int8"
        " FROM won WHERE o.client_id = won.client_id AND o.used_at < $2::int8)," KEEP_TOKENS
        " SELECT revoked, spent FROM c",
    [PG_CODE_IS_OURS] = "SELECT 1 FROM @codes WHERE key = $1::bytea AND grant_id = $2::uuid",

    [PG_TOKEN_GET] =
        "SELECT t.kind, t.scopes, t.issued_at, t.expires_at, t.spent, t.revoked, " GRANT
        " FROM @tokens t JOIN @grants g ON g.grant_id = t.grant_id WHERE t.key = $1::bytea",
    [PG_TOKEN_IS_OURS] = "SELECT 1 FROM @tokens WHERE key = $1::bytea AND grant_id = $2::uuid",
    [PG_TOKEN_FOLLOWS_CODE] =
        "SELECT 1 FROM @tokens n JOIN @codes o ON o.grant_id = n.grant_id"
        " WHERE n.key = $1::bytea AND o.key = $2::bytea",
    [PG_TOKEN_FOLLOWS_TOKEN] =
        "SELECT 1 FROM @tokens n JOIN @tokens o ON o.grant_id = n.grant_id"
        " WHERE n.key = $1::bytea AND o.key = $2::bytea",
    [PG_REFRESH_ROTATE] =
        "WITH g AS (SELECT grant_id, revoked FROM @grants WHERE grant_id ="
        " (SELECT grant_id FROM @tokens WHERE key = $1::bytea AND kind = 2) FOR UPDATE),"
        " t AS (SELECT t.key, t.spent, g.grant_id, t.revoked OR g.revoked AS revoked"
        " FROM @tokens t JOIN g ON g.grant_id = t.grant_id"
        " WHERE t.key = $1::bytea FOR UPDATE OF t),"
        " won AS (SELECT key, grant_id FROM t WHERE NOT spent AND NOT revoked),"
        " spend AS (UPDATE @tokens o SET spent = true, retry_sealed = $13::bytea,"
        " retry_until = $14::int8, retry_successor = $15::bytea FROM won WHERE o.key = won.key),"
        " clear AS (UPDATE @tokens o SET retry_sealed = NULL, retry_until = NULL,"
        " retry_successor = NULL FROM won WHERE o.grant_id = won.grant_id"
        " AND o.retry_until IS NOT NULL AND o.key <> won.key),"
        " live AS (UPDATE @grants o SET issued_at = $2::int8"
        " FROM won WHERE o.grant_id = won.grant_id)," KEEP_TOKENS
        " SELECT revoked, spent FROM t",
    [PG_RETRY_GET] =
        "SELECT t.retry_sealed, t.retry_until FROM @tokens t"
        " JOIN @grants g ON g.grant_id = t.grant_id"
        " LEFT JOIN @tokens s ON s.key = t.retry_successor"
        " WHERE t.key = $1::bytea AND t.retry_until IS NOT NULL AND NOT t.revoked"
        " AND NOT g.revoked AND (t.retry_successor IS NULL OR (NOT s.spent AND NOT s.revoked))",
    [PG_TOKEN_REVOKE] =
        "WITH u AS (UPDATE @tokens SET revoked = true WHERE key = $1::bytea AND NOT revoked)"
        " SELECT 1 FROM @tokens WHERE key = $1::bytea",

    [PG_GRANT_REVOKE] =
        "WITH u AS (UPDATE @grants SET revoked = true WHERE grant_id = $1::uuid AND NOT revoked)"
        " SELECT 1 FROM @grants WHERE grant_id = $1::uuid",
    [PG_GRANT_TOUCH] =
        "WITH u AS (UPDATE @grants SET used_at = $2::int8"
        " WHERE grant_id = $1::uuid AND used_at < $2::int8)"
        " SELECT 1 FROM @grants WHERE grant_id = $1::uuid",
    /* From $2 on, but for the very one when there was a page before. */
    [PG_GRANT_LIST] =
        "SELECT " APP " WHERE g.client_id = $1::text AND g.client_id <> '' AND NOT g.revoked"
        " AND NOT g.pending AND g.grant_id >= $2::uuid AND g.grant_id IS DISTINCT FROM $3::uuid"
        " ORDER BY g.grant_id LIMIT $4::int8",
    [PG_APP_LIST] =
        "SELECT " APP " WHERE " OF_SUBJECT " AND NOT g.revoked AND NOT g.pending"
        " ORDER BY g.issued_at DESC, g.serial DESC LIMIT $2::int8",
    [PG_APP_DISCONNECT] =
        REVOKE_ALL(OF_SUBJECT " AND client_id = ANY ($2::text[]) AND client_id <> ''"),
    [PG_SUBJECT_REVOKE] = REVOKE_ALL(OF_SUBJECT),
    [PG_WORKSPACE_REMOVE] =
        "WITH l AS (SELECT grant_id FROM @grants WHERE " OF_SUBJECT " AND NOT revoked"
        " AND $2::text = ANY (workspaces) ORDER BY grant_id FOR UPDATE)"
        " UPDATE @grants g SET workspaces = array_remove(g.workspaces, $2::text),"
        " revoked = array_remove(g.workspaces, $2::text) = '{}'::text[]"
        " FROM l WHERE g.grant_id = l.grant_id",

    [PG_PERSONAL_PUT] = "WITH c AS (SELECT 1), " PUT_TOKEN,
    [PG_MACHINE_PUT] =
        "WITH c AS (SELECT client_id FROM @clients WHERE client_id = $3::text FOR KEY SHARE),"
        " used AS (UPDATE @clients o SET used_at = $15::int8 FROM c"
        " WHERE o.client_id = c.client_id AND o.used_at < $15::int8), " PUT_TOKEN,
    [PG_PERSONAL_LIST] =
        "SELECT '', '', '', t.expires_at, " GRANT
        " FROM @grants g JOIN @tokens t ON t.grant_id = g.grant_id"
        " WHERE " OF_SUBJECT " AND NOT g.revoked AND g.client_id = '' AND NOT t.revoked"
        " ORDER BY g.created_at DESC, g.serial DESC LIMIT $2::int8",
    [PG_PERSONAL_REVOKE] =
        "WITH u AS (UPDATE @grants SET revoked = true WHERE grant_id = $2::uuid"
        " AND subject = $1::text AND client_id = '' AND NOT revoked)"
        " SELECT 1 FROM @grants"
        " WHERE grant_id = $2::uuid AND subject = $1::text AND client_id = ''",
    [PG_NONCE_CLAIM] = "INSERT INTO @nonces (key, expires_at) VALUES ($1::bytea, $2::int8)"
                       " ON CONFLICT (key) DO NOTHING",

    /* What may go: see postgres_purge.c for the kinds. $1 now, $2 limit, $3 unused_before, $4
     * idle_before, $5 and $6 where the last visit to idle clients ended, $7 how many to visit. */
    [PG_PURGE_LOOK] =
        "(SELECT 0::int2, key, grant_id, ''::text, 0::int8, true FROM @codes"
        " WHERE expires_at <= $1::int8 ORDER BY expires_at LIMIT $2::int8)"
        " UNION ALL (SELECT 1::int2, key, grant_id, ''::text, 0::int8, true FROM @tokens"
        " WHERE retry_until <= $1::int8 ORDER BY retry_until LIMIT $2::int8)"
        " UNION ALL (SELECT 2::int2, key, grant_id, ''::text, 0::int8, true FROM @tokens"
        " WHERE expires_at <= $1::int8 AND NOT " ENDLESS " ORDER BY expires_at LIMIT $2::int8)"
        " UNION ALL (SELECT 2::int2, key, grant_id, ''::text, 0::int8, true FROM @tokens"
        " WHERE " ENDLESS " AND revoked LIMIT $2::int8)"
        " UNION ALL (SELECT 2::int2, t.key, t.grant_id, ''::text, 0::int8, true"
        " FROM (SELECT grant_id FROM @grants WHERE revoked AND endless LIMIT $2::int8) g"
        " CROSS JOIN LATERAL (SELECT key, grant_id, revoked FROM @tokens o"
        " WHERE o.grant_id = g.grant_id LIMIT 1) t WHERE NOT t.revoked)"
        " UNION ALL (SELECT 3::int2, key, NULL::uuid, ''::text, 0::int8, true FROM @nonces"
        " WHERE expires_at <= $1::int8 ORDER BY expires_at LIMIT $2::int8)"
        " UNION ALL (SELECT 4::int2, NULL::bytea, NULL::uuid, c.client_id, 0::int8, true"
        " FROM (SELECT client_id FROM @clients WHERE origin <> 1 AND used_at = 0"
        " AND registered_at <= $3::int8 ORDER BY registered_at LIMIT $7::int8) c"
        " WHERE NOT (" HAS_LIVE(PENDING_YET) ") LIMIT $2::int8)"
        " UNION ALL (SELECT 5::int2, NULL::bytea, NULL::uuid, c.client_id, c.used_at,"
        " NOT (" HAS_LIVE(PENDING_YET) ")"
        " FROM (SELECT client_id, used_at FROM @clients WHERE origin <> 1 AND used_at <> 0"
        " AND used_at <= $4::int8 AND (used_at, client_id) > ($5::int8, $6::text)"
        " ORDER BY used_at, client_id LIMIT $7::int8) c)",
    [PG_PURGE_LOCK] = "SELECT count(*) FROM (SELECT grant_id FROM @grants"
                      " WHERE grant_id = ANY ($1::uuid[]) ORDER BY grant_id FOR UPDATE) l",
    [PG_PURGE_RETRIES] =
        "UPDATE @tokens SET retry_sealed = NULL, retry_until = NULL, retry_successor = NULL"
        " WHERE key = ANY ($1::bytea[]) AND retry_until <= $2::int8",
    [PG_PURGE_CODES] =
        "DELETE FROM @codes WHERE key = ANY ($1::bytea[]) AND expires_at <= $2::int8",
    [PG_PURGE_TOKENS] =
        "DELETE FROM @tokens t WHERE key = ANY ($1::bytea[]) AND CASE WHEN " ENDLESS
        " THEN t.revoked OR " ANY("@grants g WHERE g.grant_id = t.grant_id AND g.revoked")
        " ELSE expires_at <= $2::int8 END",
    [PG_PURGE_GRANTS] =
        "DELETE FROM @grants g WHERE g.grant_id = ANY ($1::uuid[])"
        " AND NOT (" ANY("@tokens t WHERE t.grant_id = g.grant_id") ")"
        " AND NOT (" ANY("@codes c WHERE c.grant_id = g.grant_id") ")",
    [PG_PURGE_NONCES] =
        "DELETE FROM @nonces WHERE key IN (SELECT key FROM @nonces WHERE key = ANY ($1::bytea[])"
        " AND expires_at <= $2::int8 ORDER BY key FOR UPDATE SKIP LOCKED)",
    [PG_PURGE_LOCK_CLIENTS] =
        "SELECT count(*) FROM (SELECT client_id FROM @clients"
        " WHERE client_id = ANY ($1::text[]) ORDER BY client_id FOR UPDATE) l",
    [PG_PURGE_CLIENTS] =
        "WITH gone AS (DELETE FROM @clients c WHERE c.client_id = ANY ($2::text[])"
        " AND c.origin <> 1 AND CASE WHEN c.used_at = 0 THEN c.registered_at <= $3::int8"
        " ELSE c.used_at <= $4::int8 END AND NOT (" HAS_LIVE("g.pending") ")"
        " RETURNING c.client_id),"
        " dead AS (UPDATE @grants g SET revoked = true FROM gone"
        " WHERE g.client_id = gone.client_id AND g.client_id <> '' AND NOT g.revoked)"
        " SELECT count(*) FROM gone",
};

char *istauth__pg_expand(const struct pg *pg, const char *sql)
{
    size_t name = strlen(pg->schema) + 1, room = 1;
    char *text, *at;

    for (const char *p = sql; *p; p++)
        room += *p == '@' ? name : 1;
    text = at = malloc(room);
    if (!text)
        return NULL;
    for (; *sql; sql++) {
        if (*sql != '@') {
            *at++ = *sql;
            continue;
        }
        memcpy(at, pg->schema, name - 1);
        at += name - 1;
        *at++ = '.';
    }
    *at = '\0';
    return text;
}
