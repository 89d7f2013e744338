/* For authors of backends: the storage contract.
 *
 * A store compares keys and flags and decides no policy. Its clauses are numbered; each number
 * names cases of the kit that holds any store against them (store_check.h).
 *
 * S-1   Every op is one atomic step. Of N concurrent code_redeem or refresh_rotate calls on one
 *       key exactly one gets OK, the others SPENT.
 * S-2   The loser learns why: a spent code or refresh token answers SPENT, never NOT_FOUND,
 *       and stays readable until it has expired and is purged. If its grant, or it alone, was revoked
 *       as well, REVOKED comes first.
 * S-3   Revocation wins. Once grant_revoke, app_disconnect, subject_revoke, personal_revoke or
 *       client_delete returned OK, no op, running or later, leaves a live token in
 *       that grant: code_redeem and refresh_rotate answer REVOKED, token_get shows the flag.
 * S-4   All or nothing. Any status but OK means that nothing changed, except UNAVAILABLE, where the
 *       outcome may be unknown; the caller treats it as failed.
 * S-5   Closed list. An op does what its comment says and answers only what that names, and
 *       UNAVAILABLE or NO_MEMORY. Trouble is never NOT_FOUND. Anything else is read as
 *       ISTAUTH_E_INTERNAL.
 * S-6   Nothing is freed across the boundary. What is passed in is borrowed for the call; results go
 *       to *out, their text and lists into the caller's arena. On failure out is untouched.
 * S-7   No policy. An expired record is found like any other; times are kept as given.
 * S-8   Comparison is by bytes: "a" is not "A", and a key may hold zero bytes.
 * S-9   Subjects are walls: an op that takes a subject neither shows nor touches another's.
 * S-10  No call back into the library from inside an op but istauth_arena_*; no longjmp out of one;
 *       nothing of the process's own (signals, locale, working directory) is left changed.
 * S-11  Concurrent calls are safe if the host makes them: from many threads, and, for a store that
 *       outlives a process, from many processes.
 * S-12  One answer is kept for a retry, the last: retry_get gives it for the token that was spent
 *       last, until the successor is spent or revoked too, or the grant is revoked.
 * S-13  Purge never takes what is still of use, and does bounded work in one call.
 * S-14  Durable, for a store that outlives its process: what an op answered OK is there, whole, after
 *       the process was killed at any moment; so is what revocation has ended. */
#ifndef ISTAUTH_STORE_H
#define ISTAUTH_STORE_H

#include <istauth/arena.h>
#include <istauth/records.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The tokens that one step issues: an access token, and a refresh token unless its client
 * did not register for one. All belong to the grant of the code or token being spent. */
typedef struct istauth_token_list {
    const istauth_token *items; /* the access token first */
    size_t count; /* 1 or 2 */
} istauth_token_list;

/* A code as it is found. */
typedef struct istauth_code_entry {
    istauth_code code;   /* with its flags */
    istauth_grant grant; /* that it brings, or brought, to life */
} istauth_code_entry;

/* A token as it is found. */
typedef struct istauth_token_entry {
    istauth_token token; /* with its flags */
    istauth_grant grant; /* that it belongs to, with its own */
} istauth_token_entry;

/* A live grant and what a list shows of its client (a personal token's grant has none; then
 * token_expires_at is its token's). */
typedef struct istauth_grant_entry {
    istauth_grant grant;      /* neither pending nor revoked */
    istauth_str client_name;  /* of its client, as all that follows */
    istauth_str client_uri;   /* may be empty */
    istauth_str redirect_uri; /* the first registered one */
    istauth_time token_expires_at; /* of a personal token */
} istauth_grant_entry;

/* What a list gives. */
typedef struct istauth_grant_entries {
    const istauth_grant_entry *items; /* in the order that the op names */
    size_t count;                     /* of items */
} istauth_grant_entries;

/* A page of clients. */
typedef struct istauth_clients {
    const istauth_client *items; /* in the order of their ids */
    size_t count;                /* of items */
} istauth_clients;

/* What a purge may remove. */
typedef struct istauth_purge_bounds {
    istauth_time now;           /* what has expires_at <= now may go */
    istauth_time unused_before; /* clients never used and registered at or before this */
    istauth_time idle_before;   /* clients last used at or before this, without a live grant */
    size_t limit;               /* remove at most this many, grants not counted */
} istauth_purge_bounds;

/* The functions of a store, each of them required. */
typedef struct istauth_store_ops {
    size_t size; /* sizeof(istauth_store_ops) as the backend was compiled */

    /* Keep a client. OK, EXISTS. */
    istauth_status (*client_put)(void *ctx, const istauth_client *client);
    /* Find a client, expired or not. OK, NOT_FOUND. */
    istauth_status (*client_get)(void *ctx, istauth_str client_id, istauth_arena *arena,
                                 istauth_client *out);
    /* Replace all but registered_at, used_at and origin. OK, NOT_FOUND. */
    istauth_status (*client_update)(void *ctx, const istauth_client *client);
    /* Remove a client and revoke its grants. OK, NOT_FOUND. */
    istauth_status (*client_delete)(void *ctx, istauth_str client_id, istauth_time now);
    /* The clients behind `after` in the order of their ids (S-8; empty: from the first), at most
     * `limit`, and fewer only when there are no more: a client that is there all the while is met once
     * by whoever goes on behind the last of each page. OK. */
    istauth_status (*client_list)(void *ctx, istauth_str after, size_t limit, istauth_arena *arena,
                                  istauth_clients *out);

    /* Keep a code and its grant, which is pending until the code is redeemed.
     * OK, EXISTS (the key or the grant's id), NOT_FOUND (no such client). */
    istauth_status (*code_put)(void *ctx, const istauth_code *code, const istauth_grant *grant);
    /* Find a code and its grant. OK (whether it is spent, revoked or neither), NOT_FOUND. */
    istauth_status (*code_get)(void *ctx, const istauth_key *key, istauth_arena *arena,
                               istauth_code_entry *out);
    /* Spend the code, bring its grant to life (pending off, issued_at = now), keep the tokens, set the
     * client's used_at = max(used_at, now). OK, NOT_FOUND, SPENT, REVOKED, EXISTS. */
    istauth_status (*code_redeem)(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                  istauth_time now);

    /* The hot path: the token and its grant in one round trip. OK (whether they are live or not: the
     * flags say), NOT_FOUND. */
    istauth_status (*token_get)(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_token_entry *out);
    /* Spend a refresh token and keep its successors, and `retry` with them unless it is NULL; the
     * grant's issued_at = now.
     * OK, NOT_FOUND (also when the key is no refresh token's), SPENT, REVOKED, EXISTS. */
    istauth_status (*refresh_rotate)(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                     const istauth_retry *retry, istauth_time now);
    /* What refresh_rotate kept as it spent this key (S-12), expired or not. OK, NOT_FOUND (there is
     * nothing, or nothing any more). */
    istauth_status (*retry_get)(void *ctx, const istauth_key *key, istauth_arena *arena,
                                istauth_retry *out);
    /* Revoke one token alone. OK (again and again), NOT_FOUND. */
    istauth_status (*token_revoke)(void *ctx, const istauth_key *key, istauth_time now);

    /* Kill a grant: its code, and every token of its family. OK (again and again), NOT_FOUND. */
    istauth_status (*grant_revoke)(void *ctx, const istauth_id *grant_id, istauth_time now);
    /* used_at = max(used_at, now). May be delayed or dropped. OK, NOT_FOUND. */
    istauth_status (*grant_touch)(void *ctx, const istauth_id *grant_id, istauth_time now);

    /* Live grants of a client, a page at a time as in client_list: those behind the grant `after`
     * (NULL: from the first) in the order of their ids. OK, also when there is no such client. */
    istauth_status (*grant_list)(void *ctx, istauth_str client_id, const istauth_id *after,
                                 size_t limit, istauth_arena *arena, istauth_grant_entries *out);

    /* Live grants of a subject that have a client, last issued first, at most `limit`. OK. */
    istauth_status (*app_list)(void *ctx, istauth_str subject, size_t limit, istauth_arena *arena,
                               istauth_grant_entries *out);
    /* Kill every grant, pending ones too, that the subject gave to any of these clients, in one
     * step. *count gets how many were live or pending. OK (count may be 0). */
    istauth_status (*app_disconnect)(void *ctx, istauth_str subject, istauth_str_list client_ids,
                                     istauth_time now, size_t *count);
    /* Kill everything of a subject, personal tokens too. OK. */
    istauth_status (*subject_revoke)(void *ctx, istauth_str subject, istauth_time now,
                                     size_t *count);
    /* Take a workspace out of every grant of a subject that is not revoked, and kill each grant that
     * has none left because of it. *count gets how many grants changed. OK. */
    istauth_status (*workspace_remove)(void *ctx, istauth_str subject, istauth_str workspace,
                                       istauth_time now, size_t *count);

    /* Keep a personal token and its grant, which has no client. OK, EXISTS. */
    istauth_status (*personal_put)(void *ctx, const istauth_token *token,
                                   const istauth_grant *grant);
    /* Grants of a subject without a client, newest first, at most `limit`; neither they nor their tokens
     * revoked. OK. */
    istauth_status (*personal_list)(void *ctx, istauth_str subject, size_t limit,
                                    istauth_arena *arena, istauth_grant_entries *out);
    /* Revoke a personal token. OK (again and again), NOT_FOUND (it is not this subject's). */
    istauth_status (*personal_revoke)(void *ctx, istauth_str subject, const istauth_id *grant_id,
                                      istauth_time now);

    /* Keep an access token of a client's own and its grant, which has a client and no subject; the
     * client's used_at = max(used_at, token's issued_at). OK, EXISTS, NOT_FOUND (no such client). */
    istauth_status (*machine_put)(void *ctx, const istauth_token *token,
                                  const istauth_grant *grant);

    /* Insert if absent, for good until expires_at: makes a sealed ticket single-use.
     * OK (to exactly one caller), EXISTS (to the others). */
    istauth_status (*nonce_claim)(void *ctx, const istauth_key *key, istauth_time expires_at);

    /* Remove what `bounds` allows: clients, codes, tokens, retries and nonces, at most its limit of
     * them in all; *removed gets how many. A grant goes, uncounted, with the last of its code and tokens.
     * Never: a token or code that has not expired, spent ones included; a client with a live or
     * pending grant or of provisioned origin. A personal token without an end goes once it, or its
     * grant, is revoked. OK. */
    istauth_status (*purge)(void *ctx, const istauth_purge_bounds *bounds, size_t *removed);
    /* 0.1 ends here */
} istauth_store_ops;

/* A store: its ops and what they work on. Both outlive every server that uses them. */
typedef struct istauth_store {
    const istauth_store_ops *ops; /* what it can do */
    void *ctx;                    /* first argument of each op */
} istauth_store;

#ifdef __cplusplus
}
#endif

#endif
