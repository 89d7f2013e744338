/* A grant keeps one answer, to its last rotation, in its own row: the update that notes the
 * rotation replaces what was kept before, or clears it. */
#include "stores/sqlite_i.h"

static const istauth_key *refresh_key_of(istauth_token_list tokens)
{
    for (size_t i = 0; i < tokens.count; i++)
        if (tokens.items[i].kind == ISTAUTH_TOKEN_REFRESH)
            return &tokens.items[i].key;
    return NULL;
}

istauth_status istauth__sqlite_retry_put(struct sql_connection *c, int64_t grant_serial,
                                         const istauth_key *spent, istauth_token_list tokens,
                                         const istauth_retry *retry, istauth_time now)
{
    struct sql_query q = istauth__sqlite_query(c, SQL_GRANT_ROTATED);
    const istauth_key *successor = refresh_key_of(tokens);

    istauth__sqlite_bind_number(&q, grant_serial);
    istauth__sqlite_bind_number(&q, now);
    if (retry) { /* what is not bound is NULL */
        istauth__sqlite_bind_number(&q, retry->expires_at);
        istauth__sqlite_bind_bytes(&q, retry->sealed);
        istauth__sqlite_bind_key(&q, spent);
        if (successor)
            istauth__sqlite_bind_key(&q, successor);
    }
    return istauth__sqlite_run(&q, NULL);
}

static istauth_status read_row(void *to, const struct sql_query *q, const istauth_key *key,
                               istauth_arena *arena)
{
    istauth_retry *out = to;
    istauth_status st = istauth_arena_copy(&out->sealed, arena, istauth__sqlite_text(q, 0));

    (void)key;
    if (!st)
        out->expires_at = istauth__sqlite_number(q, 1);
    return st;
}

istauth_status istauth__sqlite_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                         istauth_retry *out)
{
    return istauth__sqlite_find(out, ctx, SQL_RETRY_GET, key, read_row, arena);
}
