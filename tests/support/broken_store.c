#include "support/broken_store.h"

#include <istauth/memory_store.h>

#include <sched.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#define SLOTS 64

/* The shim comes first: its ops work on this as well, and the broken ones stand in front of them. */
typedef struct broken {
    istauth_store_shim shim;
    istauth_store_ops ops;
    istauth_store memory, nonces;
    pthread_mutex_t mutex; /* of what follows: what is broken here is broken without a data race */
    istauth_str lent;
    istauth_key lent_for, slot;
    bool purged;
    struct {
        istauth_key spent;
        char sealed[64];
        size_t n;
        istauth_time expires_at;
    } retries[SLOTS];
    unsigned retry_count;
} broken;

#define REAL(b, op, ...) ((b)->memory.ops->op((b)->memory.ctx, __VA_ARGS__))

static void hesitate(void)
{
    for (int i = 0; i < 50; i++)
        (void)sched_yield();
}

/* --- S-1: check, then act --- */

static istauth_status redeem_in_two_steps(void *ctx, const istauth_key *key,
                                          istauth_token_list tokens, istauth_time now)
{
    broken *b = ctx;
    char buffer[4096];
    istauth_arena arena;
    istauth_code_entry e;
    istauth_status seen, st;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, ISTAUTH_ARENA_CAP);
    seen = REAL(b, code_get, key, &arena, &e);
    hesitate();
    st = REAL(b, code_redeem, key, tokens, now);
    if (st == ISTAUTH_E_SPENT && !seen && !e.code.spent)
        st = ISTAUTH_OK; /* it was free when we looked */
    istauth_arena_wipe(&arena);
    return st;
}

static void break_redeem(istauth_store_ops *ops)
{
    ops->code_redeem = redeem_in_two_steps;
}

static istauth_status claim_always(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    istauth_status st = REAL((broken *)ctx, nonce_claim, key, expires_at);

    return st == ISTAUTH_E_EXISTS ? ISTAUTH_OK : st; /* INSERT OR REPLACE */
}

static void break_claim(istauth_store_ops *ops)
{
    ops->nonce_claim = claim_always;
}

/* --- S-2: rows that are spent are rows that are gone --- */

static istauth_status redeem_or_not_found(void *ctx, const istauth_key *key,
                                          istauth_token_list tokens, istauth_time now)
{
    istauth_status st = REAL((broken *)ctx, code_redeem, key, tokens, now);

    return st == ISTAUTH_E_SPENT ? ISTAUTH_E_NOT_FOUND : st;
}

static istauth_status rotate_or_not_found(void *ctx, const istauth_key *key,
                                          istauth_token_list tokens, const istauth_retry *retry,
                                          istauth_time now)
{
    istauth_status st = REAL((broken *)ctx, refresh_rotate, key, tokens, retry, now);

    return st == ISTAUTH_E_SPENT ? ISTAUTH_E_NOT_FOUND : st;
}

static void break_losers(istauth_store_ops *ops)
{
    ops->code_redeem = redeem_or_not_found;
    ops->refresh_rotate = rotate_or_not_found;
}

static istauth_status get_as_if_unspent(void *ctx, const istauth_key *key, istauth_arena *arena,
                                        istauth_token_entry *out)
{
    istauth_status st = REAL((broken *)ctx, token_get, key, arena, out);

    if (!st)
        out->token.spent = false;
    return st;
}

static void break_spent_flag(istauth_store_ops *ops)
{
    ops->token_get = get_as_if_unspent;
}

/* --- S-3: only what is on the list is disconnected, and pending grants are not --- */

static istauth_status disconnect_what_is_listed(void *ctx, istauth_str subject,
                                                istauth_str_list client_ids, istauth_time now,
                                                size_t *count)
{
    broken *b = ctx;
    istauth_grant_entries list;
    istauth_arena arena;
    istauth_status st;
    size_t n = 0;

    istauth_arena_init(&arena, NULL, 0, NULL, (size_t)1 << 24);
    st = REAL(b, app_list, subject, 1000, &arena, &list);
    for (size_t i = 0; !st && i < list.count; i++)
        for (size_t c = 0; c < client_ids.count; c++)
            if (istauth_str_equal(list.items[i].grant.client_id, client_ids.items[c])) {
                st = REAL(b, grant_revoke, &list.items[i].grant.id, now);
                n++;
            }
    istauth_arena_wipe(&arena);
    if (!st)
        *count = n;
    return st;
}

static void break_disconnect(istauth_store_ops *ops)
{
    ops->app_disconnect = disconnect_what_is_listed;
}

/* --- S-4: what could be kept is kept --- */

static istauth_status redeem_by_halves(void *ctx, const istauth_key *key,
                                       istauth_token_list tokens, istauth_time now)
{
    broken *b = ctx;
    istauth_token_list first = { tokens.items, 1 };
    istauth_status st = REAL(b, code_redeem, key, tokens, now);

    if (st == ISTAUTH_E_EXISTS)
        (void)REAL(b, code_redeem, key, first, now);
    return st;
}

static void break_all_or_nothing(istauth_store_ops *ops)
{
    ops->code_redeem = redeem_by_halves;
}

/* --- S-5: an error is as good as an absence --- */

static istauth_status get_or_not_found(void *ctx, const istauth_key *key, istauth_arena *arena,
                                       istauth_token_entry *out)
{
    istauth_status st = REAL((broken *)ctx, token_get, key, arena, out);

    return st ? ISTAUTH_E_NOT_FOUND : ISTAUTH_OK;
}

static void break_trouble(istauth_store_ops *ops)
{
    ops->token_get = get_or_not_found;
}

/* --- S-6 --- */

static istauth_status get_and_clear(void *ctx, const istauth_key *key, istauth_arena *arena,
                                    istauth_code_entry *out)
{
    istauth_status st = REAL((broken *)ctx, code_get, key, arena, out);

    if (st == ISTAUTH_E_NOT_FOUND)
        memset(out, 0, sizeof(*out));
    return st;
}

static void break_results(istauth_store_ops *ops)
{
    ops->code_get = get_and_clear;
}

static istauth_status put_and_keep_the_pointer(void *ctx, const istauth_code *code,
                                               const istauth_grant *grant)
{
    broken *b = ctx;

    (void)pthread_mutex_lock(&b->mutex);
    b->lent_for = code->key;
    b->lent = code->challenge;
    (void)pthread_mutex_unlock(&b->mutex);
    return REAL(b, code_put, code, grant);
}

static istauth_status get_with_the_pointer(void *ctx, const istauth_key *key, istauth_arena *arena,
                                           istauth_code_entry *out)
{
    broken *b = ctx;
    istauth_status st = REAL(b, code_get, key, arena, out);

    (void)pthread_mutex_lock(&b->mutex);
    if (!st && b->lent.p && memcmp(key, &b->lent_for, sizeof(*key)) == 0)
        out->code.challenge = b->lent;
    (void)pthread_mutex_unlock(&b->mutex);
    return st;
}

static void break_ownership(istauth_store_ops *ops)
{
    ops->code_put = put_and_keep_the_pointer;
    ops->code_get = get_with_the_pointer;
}

/* --- S-7: the store knows best when something is over --- */

static istauth_status redeem_in_time(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                     istauth_time now)
{
    broken *b = ctx;
    istauth_code_entry e;
    istauth_arena arena;
    istauth_status st;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    st = REAL(b, code_get, key, &arena, &e);
    if (!st && e.code.expires_at <= now)
        st = ISTAUTH_E_NOT_FOUND;
    istauth_arena_wipe(&arena);
    return st ? st : REAL(b, code_redeem, key, tokens, now);
}

static void break_expiry(istauth_store_ops *ops)
{
    ops->code_redeem = redeem_in_time;
}

/* --- S-8 --- */

static istauth_str lower(istauth_str s, char *room)
{
    istauth_str l = { room, s.n };

    for (size_t i = 0; i < s.n; i++)
        room[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    return l;
}

static istauth_status put_lower(void *ctx, const istauth_code *code, const istauth_grant *grant)
{
    char *room = malloc(grant->subject.n + 1);
    istauth_grant g = *grant;
    istauth_status st;

    if (!room)
        return ISTAUTH_E_NO_MEMORY;
    g.subject = lower(grant->subject, room);
    st = REAL((broken *)ctx, code_put, code, &g);
    free(room);
    return st;
}

static istauth_status list_lower(void *ctx, istauth_str subject, size_t limit,
                                 istauth_arena *arena, istauth_grant_entries *out)
{
    char room[256];

    if (subject.n <= sizeof(room))
        subject = lower(subject, room);
    return REAL((broken *)ctx, app_list, subject, limit, arena, out);
}

static void break_case(istauth_store_ops *ops)
{
    ops->code_put = put_lower;
    ops->app_list = list_lower;
}

static istauth_key up_to_zero(const istauth_key *key)
{
    istauth_key k = { { 0 } };

    for (size_t i = 0; i < sizeof(k.bytes) && key->bytes[i]; i++)
        k.bytes[i] = key->bytes[i];
    return k;
}

static istauth_status put_as_c_string(void *ctx, const istauth_token *token,
                                      const istauth_grant *grant)
{
    istauth_token t = *token;

    t.key = up_to_zero(&token->key);
    return REAL((broken *)ctx, personal_put, &t, grant);
}

static istauth_status get_as_c_string(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_token_entry *out)
{
    istauth_key k = up_to_zero(key);

    return REAL((broken *)ctx, token_get, &k, arena, out);
}

static void break_zero_bytes(istauth_store_ops *ops)
{
    ops->personal_put = put_as_c_string;
    ops->token_get = get_as_c_string;
}

/* --- S-9 --- */

static istauth_status list_anyones(void *ctx, istauth_str subject, size_t limit,
                                   istauth_arena *arena, istauth_grant_entries *out)
{
    if (!subject.n)
        subject = ISTAUTH_STR("ada"); /* WHERE subject LIKE ? || '%' */
    return REAL((broken *)ctx, app_list, subject, limit, arena, out);
}

static void break_lists(istauth_store_ops *ops)
{
    ops->app_list = list_anyones;
}

static istauth_status revoke_anyones(void *ctx, istauth_str subject, const istauth_id *grant_id,
                                     istauth_time now)
{
    static const char *const others[] = { "ada", "grace", "ad", "adaa" };
    broken *b = ctx;
    istauth_status st = REAL(b, personal_revoke, subject, grant_id, now);

    for (unsigned i = 0; st == ISTAUTH_E_NOT_FOUND && i < 4; i++)
        st = REAL(b, personal_revoke, istauth_str_of(others[i]), grant_id, now);
    return st;
}

static void break_walls(istauth_store_ops *ops)
{
    ops->personal_revoke = revoke_anyones;
}

/* --- S-10 --- */

static istauth_status touch_and_leave_a_mask(void *ctx, const istauth_id *grant_id,
                                             istauth_time now)
{
    (void)umask(0123);
    return REAL((broken *)ctx, grant_touch, grant_id, now);
}

static void break_manners(istauth_store_ops *ops)
{
    ops->grant_touch = touch_and_leave_a_mask;
}

/* --- S-11: one buffer for the results of all threads --- */

static istauth_status get_through_one_slot(void *ctx, const istauth_key *key, istauth_arena *arena,
                                           istauth_token_entry *out)
{
    broken *b = ctx;
    istauth_status st = REAL(b, token_get, key, arena, out);

    (void)pthread_mutex_lock(&b->mutex);
    b->slot = *key;
    (void)pthread_mutex_unlock(&b->mutex);
    hesitate();
    (void)pthread_mutex_lock(&b->mutex);
    if (!st)
        out->token.key = b->slot;
    (void)pthread_mutex_unlock(&b->mutex);
    return st;
}

static void break_threads(istauth_store_ops *ops)
{
    ops->token_get = get_through_one_slot;
}

/* --- S-12: an answer once kept is kept --- */

static istauth_status rotate_and_note(void *ctx, const istauth_key *key, istauth_token_list tokens,
                                      const istauth_retry *retry, istauth_time now)
{
    broken *b = ctx;
    istauth_status st = REAL(b, refresh_rotate, key, tokens, retry, now);

    if (st || !retry || retry->sealed.n > sizeof(b->retries[0].sealed))
        return st;
    (void)pthread_mutex_lock(&b->mutex);
    if (b->retry_count < SLOTS) {
        b->retries[b->retry_count].spent = *key;
        b->retries[b->retry_count].n = retry->sealed.n;
        b->retries[b->retry_count].expires_at = retry->expires_at;
        if (retry->sealed.n)
            memcpy(b->retries[b->retry_count].sealed, retry->sealed.p, retry->sealed.n);
        b->retry_count++;
    }
    (void)pthread_mutex_unlock(&b->mutex);
    return st;
}

static istauth_status give_what_was_noted(broken *b, const istauth_key *key, istauth_arena *arena,
                                          istauth_retry *out)
{
    for (unsigned i = 0; i < b->retry_count; i++)
        if (memcmp(&b->retries[i].spent, key, sizeof(*key)) == 0) {
            istauth_str sealed = { b->retries[i].sealed, b->retries[i].n };

            if (istauth_arena_copy(&out->sealed, arena, sealed))
                return ISTAUTH_E_NO_MEMORY;
            out->expires_at = b->retries[i].expires_at;
            return ISTAUTH_OK;
        }
    return ISTAUTH_E_NOT_FOUND;
}

static istauth_status retry_for_ever(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_retry *out)
{
    broken *b = ctx;
    istauth_status st = REAL(b, retry_get, key, arena, out);

    if (st != ISTAUTH_E_NOT_FOUND)
        return st;
    (void)pthread_mutex_lock(&b->mutex);
    st = give_what_was_noted(b, key, arena, out);
    (void)pthread_mutex_unlock(&b->mutex);
    return st;
}

static void break_retry(istauth_store_ops *ops)
{
    ops->refresh_rotate = rotate_and_note;
    ops->retry_get = retry_for_ever;
}

/* --- S-13 --- */

static istauth_status purge_what_is_spent(void *ctx, const istauth_purge_bounds *bounds,
                                          size_t *removed)
{
    broken *b = ctx;

    (void)pthread_mutex_lock(&b->mutex);
    b->purged = true;
    (void)pthread_mutex_unlock(&b->mutex);
    return REAL(b, purge, bounds, removed);
}

static bool was_purged(broken *b)
{
    bool purged;

    (void)pthread_mutex_lock(&b->mutex);
    purged = b->purged;
    (void)pthread_mutex_unlock(&b->mutex);
    return purged;
}

static istauth_status get_unless_purged(void *ctx, const istauth_key *key, istauth_arena *arena,
                                        istauth_token_entry *out)
{
    broken *b = ctx;
    istauth_token_entry e;
    istauth_status st = REAL(b, token_get, key, arena, &e);

    if (!st && e.token.spent && was_purged(b))
        st = ISTAUTH_E_NOT_FOUND;
    if (!st)
        *out = e;
    return st;
}

static void break_purge(istauth_store_ops *ops)
{
    ops->purge = purge_what_is_spent;
    ops->token_get = get_unless_purged;
}

static istauth_status purge_without_limit(void *ctx, const istauth_purge_bounds *bounds,
                                          size_t *removed)
{
    istauth_purge_bounds all = *bounds;

    all.limit = 1000000;
    return REAL((broken *)ctx, purge, &all, removed);
}

static void break_limit(istauth_store_ops *ops)
{
    ops->purge = purge_without_limit;
}

/* --- S-14: claims that were never written down --- */

static istauth_status claim_in_memory(void *ctx, const istauth_key *key, istauth_time expires_at)
{
    broken *b = ctx;

    return b->nonces.ops->nonce_claim(b->nonces.ctx, key, expires_at);
}

static istauth_status purge_both(void *ctx, const istauth_purge_bounds *bounds, size_t *removed)
{
    broken *b = ctx;
    istauth_purge_bounds left = *bounds;
    size_t here, there;
    istauth_status st = REAL(b, purge, bounds, &here);

    if (st)
        return st;
    left.limit -= here;
    st = b->nonces.ops->purge(b->nonces.ctx, &left, &there);
    if (!st)
        *removed = here + there;
    return st;
}

static void break_durability(istauth_store_ops *ops)
{
    ops->nonce_claim = claim_in_memory;
    ops->purge = purge_both;
}

/* --- pages --- */

static int compare_without_case(const void *a, const void *b)
{
    return strcasecmp(((const istauth_client *)a)->client_id.p,
                      ((const istauth_client *)b)->client_id.p);
}

static istauth_status list_by_dictionary(void *ctx, istauth_str after, size_t limit,
                                         istauth_arena *arena, istauth_clients *out)
{
    istauth_status st = REAL((broken *)ctx, client_list, after, limit, arena, out);

    if (!st)
        qsort((void *)(uintptr_t)out->items, out->count, sizeof(*out->items), compare_without_case);
    return st;
}

static void break_order(istauth_store_ops *ops)
{
    ops->client_list = list_by_dictionary;
}

/* WHERE client_id > ? only when the last one is still there to be found. */
static istauth_status list_behind_a_client(void *ctx, istauth_str after, size_t limit,
                                           istauth_arena *arena, istauth_clients *out)
{
    istauth_client c;

    if (after.n && REAL((broken *)ctx, client_get, after, arena, &c))
        limit = 0;
    return REAL((broken *)ctx, client_list, after, limit, arena, out);
}

static void break_walk(istauth_store_ops *ops)
{
    ops->client_list = list_behind_a_client;
}

static istauth_status list_then_filter(void *ctx, istauth_str client_id, const istauth_id *after,
                                       size_t limit, istauth_arena *arena,
                                       istauth_grant_entries *out)
{
    istauth_status st = REAL((broken *)ctx, grant_list, client_id, after, limit, arena, out);
    istauth_grant_entry *items;
    size_t count = 0;

    if (st)
        return st;
    items = (istauth_grant_entry *)(uintptr_t)out->items;
    for (size_t i = 0; i < out->count; i++)
        if (items[i].grant.subject.n)
            items[count++] = items[i];
    out->count = count;
    return ISTAUTH_OK;
}

static void break_pages(istauth_store_ops *ops)
{
    ops->grant_list = list_then_filter;
}

const broken_way broken_ways[] = {
    { "code_redeem_checks_then_acts", "S-1", break_redeem, false },
    { "nonce_claim_replaces", "S-1", break_claim, false },
    { "losers_are_told_not_found", "S-2", break_losers, false },
    { "a_spent_token_looks_unspent", "S-2", break_spent_flag, false },
    { "disconnect_forgets_pending_grants", "S-3", break_disconnect, false },
    { "code_redeem_writes_half_when_a_key_exists", "S-4", break_all_or_nothing, false },
    { "trouble_is_reported_as_not_found", "S-5", break_trouble, false },
    { "a_page_is_filtered_behind_its_limit", "S-5", break_pages, false },
    { "a_walk_ends_where_a_client_is_gone", "S-5", break_walk, false },
    { "results_are_cleared_on_failure", "S-6", break_results, false },
    { "a_lent_pointer_is_kept", "S-6", break_ownership, false },
    { "the_store_judges_expiry", "S-7", break_expiry, false },
    { "subjects_are_compared_without_case", "S-8", break_case, false },
    { "clients_are_ordered_without_case", "S-8", break_order, false },
    { "keys_are_compared_as_c_strings", "S-8", break_zero_bytes, false },
    { "a_list_shows_another_subject", "S-9", break_lists, false },
    { "personal_revoke_forgets_the_subject", "S-9", break_walls, false },
    { "the_file_mode_mask_is_left_changed", "S-10", break_manners, false },
    { "threads_share_a_result", "S-11", break_threads, false },
    { "a_retry_survives_its_successor", "S-12", break_retry, false },
    { "purge_takes_spent_tokens_before_they_expire", "S-13", break_purge, false },
    { "purge_ignores_its_limit", "S-13", break_limit, false },
    { "a_restart_forgets_claims", "S-14", break_durability, true },
};
const size_t broken_way_count = sizeof(broken_ways) / sizeof(broken_ways[0]);

static void close_store(void *env, istauth_store *store)
{
    broken *b = store->ctx;

    (void)env;
    istauth_memory_store_free(&b->nonces);
    istauth_memory_store_free(&b->memory);
    free(b);
}

static istauth_status open_memory(istauth_store *out)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;

    limits.tokens = 10000;
    return istauth_memory_store_new(out, &limits, NULL);
}

static istauth_status open_store(void *env, istauth_store *out)
{
    const broken_way *way = env;
    broken *b = calloc(1, sizeof(*b));
    istauth_store shim;

    if (!b)
        return ISTAUTH_E_NO_MEMORY;
    if (open_memory(&b->memory) || open_memory(&b->nonces)) {
        istauth_memory_store_free(&b->memory);
        free(b);
        return ISTAUTH_E_NO_MEMORY;
    }
    (void)pthread_mutex_init(&b->mutex, NULL);
    shim = istauth_store_shim_wrap(&b->shim, b->memory);
    b->ops = *shim.ops;
    way->breaks(&b->ops);
    out->ops = &b->ops;
    out->ctx = b;
    return ISTAUTH_OK;
}

/* The same memory again: but for what it lost, it is as good as a file. */
static istauth_status reopen_store(void *env, istauth_store *store)
{
    broken *b = store->ctx;

    (void)env;
    istauth_memory_store_free(&b->nonces);
    return open_memory(&b->nonces);
}

istauth_store_fixture broken_fixture(const broken_way *way)
{
    istauth_store_fixture f = ISTAUTH_STORE_FIXTURE_INIT;

    f.name = way->name;
    f.open = open_store;
    f.close = close_store;
    f.reopen = way->durable ? reopen_store : NULL;
    f.env = (void *)(uintptr_t)way;
    return f;
}
