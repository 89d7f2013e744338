/* The memory store's rooms.
 *
 *   memory.c          making, freeing, the table of ops
 *   memory_index.c    hash indexes and lists
 *   memory_pack.c     texts in one piece
 *   memory_reclaim.c  when memory that a reader may still hold can be freed
 *   memory_clients.c  memory_codes.c  memory_tokens.c  memory_grants.c  memory_subjects.c
 *   memory_lists.c    pages of clients and of a client's grants
 *   memory_retry.c    answers kept for a second time
 *   memory_purge.c    removing what is over
 *
 * Every op but token_get holds `mutex` from its first look to its last change, so that an op is
 * one step by construction. token_get takes no lock: what it can reach (buckets, tokens, grants
 * and their texts) is either immutable once linked or atomic, and is freed by memory_reclaim.c
 * alone.
 *
 * Keys are compared with memcmp: they are hashes, and the time it takes to compare two tells
 * nothing about a text that has one of them. */
#ifndef ISTAUTH_MEMORY_I_H
#define ISTAUTH_MEMORY_I_H

#include <istauth/memory_store.h>

#include <pthread.h>
#include <stdatomic.h>

/* --- lists: circular, with the head as one of the ring --- */

struct mem_ring {
    struct mem_ring *prev, *next;
};

#define MEM_OWNER(type, member, ring) ((type *)((char *)(ring) - offsetof(type, member)))

static inline void istauth__mem_ring_init(struct mem_ring *r)
{
    r->prev = r->next = r;
}

static inline bool istauth__mem_ring_is_empty(const struct mem_ring *r)
{
    return r->next == r;
}

void istauth__mem_ring_append(struct mem_ring *head, struct mem_ring *r);
void istauth__mem_ring_remove(struct mem_ring *r); /* harmless when it is in no list */

/* --- indexes: chained hash tables under the mutex, first member of what they index --- */

struct mem_link {
    struct mem_link *next;
    uint64_t hash;
};

struct mem_index {
    struct mem_link **buckets;
    size_t mask, count;
};

/* --- texts in one piece: their lengths, then each text and a NUL. They never change. --- */

/* In front of everything that waits for its last reader. */
struct mem_limbo {
    struct mem_limbo *next;
};

struct mem_pack {
    struct mem_limbo limbo;
    uint32_t count, size; /* texts; bytes of them with their NULs */
    uint32_t lengths[];
};

/* --- records --- */

struct mem_client {
    struct mem_link by_id;
    struct mem_ring all;
    struct mem_ring grants;
    istauth_client_origin origin;
    istauth_client_auth auth;
    uint32_t grant_types;
    uint32_t redirect_uris; /* how many of the listed texts; the others are workspaces */
    bool native;
    istauth_key secret_key, management_key;
    istauth_time registered_at, used_at, secret_expires_at, expires_at;
    struct mem_pack *texts;
};

struct mem_subject {
    struct mem_link by_text;
    struct mem_ring grants;
    size_t n;
    char text[];
};

struct mem_grant {
    struct mem_limbo limbo;
    struct mem_link by_id;
    struct mem_ring all, of_subject, of_client;
    struct mem_subject *subject;
    struct mem_client *client; /* NULL: a personal token's, or its client was removed */
    struct mem_code *code;     /* NULL once purged */
    struct mem_token *tokens;  /* the last of a circle through `sibling`: any order */
    struct mem_retry *retry;   /* NULL: none is kept */
    uint64_t serial; /* order of creation, where times tie */
    bool personal;
    /* From here on what token_get reads; the atomics alone ever change. */
    istauth_id id;
    atomic_bool pending, revoked;
    istauth_time auth_time, created_at;
    _Atomic istauth_time issued_at, used_at;
    _Atomic(struct mem_pack *) texts; /* behind the grant, until a workspace is taken out */
};

struct mem_code {
    struct mem_link by_key;
    struct mem_ring all;
    struct mem_grant *grant;
    istauth_key key;
    istauth_time created_at, expires_at;
    bool spent;
    struct mem_pack *texts; /* behind the code */
};

enum { MEM_SPENT = 1, MEM_REVOKED = 2 }; /* mem_token.flags */

/* 72 bytes, which malloc rounds to 80: there are millions of them. */
struct mem_token {
    union {
        struct mem_limbo limbo;    /* once it is unlinked */
        struct mem_token *sibling; /* the next in the circle of its grant */
    };
    _Atomic(struct mem_token *) next;
    istauth_key key;
    struct mem_grant *grant;
    istauth_time expires_at;
    uint32_t lifetime; /* expires_at - issued_at, unless there is a tail */
    uint8_t kind;
    bool has_tail;
    atomic_uchar flags;
};

/* Behind a token with scopes of its own or a lifetime that 32 bits cannot hold. */
struct mem_tail {
    istauth_time issued_at;
    size_t n;
    char scopes[];
};

/* The answer to a grant's last rotation. */
struct mem_retry {
    struct mem_ring all;
    struct mem_grant *grant;
    istauth_key spent, successor;
    bool has_successor;
    istauth_time expires_at;
    size_t n;
    char sealed[];
};

struct mem_nonce {
    struct mem_link by_key;
    struct mem_ring all;
    istauth_key key;
    istauth_time expires_at;
};

/* --- the store --- */

#define MEM_STRIPES 64

/* A cache line of its own for each stripe, whatever the block's alignment: 8 bytes, 64 apart. */
struct mem_stripe {
    atomic_uint readers[2];
    char apart[64 - 2 * sizeof(unsigned)];
};

struct mem_reclaim {
    struct mem_limbo *fresh, *waiting;
    unsigned drained; /* of 2 * MEM_STRIPES counters, how many were seen at zero */
};

struct mem_purge {
    unsigned first; /* kind to begin with */
};

struct mem {
    /* Read by everyone, written by nobody but the turn of a grace period. */
    _Atomic(struct mem_token *) *buckets;
    unsigned bucket_shift;
    uint64_t multiplier;
    atomic_uint turn;
    char apart[64];

    pthread_mutex_t mutex;
    istauth_allocator allocator;
    istauth_memory_limits limits;
    uint8_t hash_key[16];
    struct mem_index clients, grants, codes, nonces, subjects;
    struct mem_ring all_clients, all_grants, all_codes, all_retries, all_nonces;
    size_t tokens; /* linked ones */
    uint64_t serial;
    struct mem_reclaim reclaim;
    struct mem_purge purge;
    struct mem_stripe stripes[MEM_STRIPES];
};

static inline void *istauth__mem_alloc(struct mem *m, size_t size)
{
    return m->allocator.alloc(m->allocator.ctx, size);
}

static inline void istauth__mem_release(struct mem *m, void *block)
{
    m->allocator.release(m->allocator.ctx, block);
}

static inline void istauth__mem_lock(struct mem *m)
{
    (void)pthread_mutex_lock(&m->mutex); /* cannot fail on a default mutex that we initialised */
}

static inline void istauth__mem_unlock(struct mem *m)
{
    (void)pthread_mutex_unlock(&m->mutex);
}

/* --- memory_index.c --- */

/* SipHash under a key of this store: nobody outside can aim at one chain. */
uint64_t istauth__mem_hash(const struct mem *m, const void *p, size_t n);

bool istauth__mem_index_init(struct mem *m, struct mem_index *index);
void istauth__mem_index_add(struct mem *m, struct mem_index *index, struct mem_link *link);
void istauth__mem_index_remove(struct mem_index *index, struct mem_link *link);

/* Walk the entries with this hash; the caller compares keys. */
struct mem_link *istauth__mem_index_first(const struct mem_index *index, uint64_t hash);
struct mem_link *istauth__mem_index_next(const struct mem_link *link);

/* --- memory_pack.c --- */

/* Bytes of a pack of these texts, its header included; 0 when that is more than a pack can hold. */
size_t istauth__mem_pack_room(const istauth_str *fixed, size_t count,
                              const istauth_str_list *lists, size_t list_count);
void istauth__mem_pack_write(struct mem_pack *pack, const istauth_str *fixed, size_t count,
                             const istauth_str_list *lists, size_t list_count);

/* The texts themselves, where the pack has them. */
const char *istauth__mem_pack_text(const struct mem_pack *pack);

/* Name the texts as they lie at `text` (the pack's own or a copy): the first `count` in fixed[],
 * the others in items[]. */
void istauth__mem_pack_read(istauth_str *fixed, size_t count, istauth_str *items,
                            const struct mem_pack *pack, const char *text);

/* Copy all into an arena in one allocation, and with it *also when that is not NULL. */
istauth_status istauth__mem_pack_copy(istauth_str *fixed, size_t count, istauth_str_list *list,
                                      istauth_str *also, const struct mem_pack *pack,
                                      istauth_arena *arena);

/* Has the list behind the first `fixed` texts this one? A copy without it; NULL: no memory. */
bool istauth__mem_pack_has(const struct mem_pack *pack, size_t fixed, istauth_str text);
struct mem_pack *istauth__mem_pack_without(struct mem *m, const struct mem_pack *from, size_t fixed,
                                           istauth_str text);

/* --- memory_reclaim.c --- */

/* Bracket a lock-free read. `hint` spreads readers over the stripes: anything that differs
 * between threads. */
atomic_uint *istauth__mem_read_begin(struct mem *m, const void *hint);
void istauth__mem_read_end(atomic_uint *reader);

/* Unlinked, so no new reader finds it: free it when the last one is gone. */
void istauth__mem_retire(struct mem *m, struct mem_limbo *limbo);
void istauth__mem_reclaim_poll(struct mem *m);
void istauth__mem_reclaim_all(struct mem *m); /* no reader is left */

/* --- memory_clients.c --- */

struct mem_client *istauth__mem_client_find(const struct mem *m, istauth_str client_id);
istauth_str istauth__mem_client_id(const struct mem_client *c);
istauth_status istauth__mem_client_copy(istauth_client *out, const struct mem_client *c,
                                        istauth_arena *arena);
/* Revokes its grants. */
void istauth__mem_client_remove(struct mem *m, struct mem_client *c);
/* What a list shows of it, copied into the arena. */
istauth_status istauth__mem_client_shown(istauth_grant_entry *out, const struct mem_client *c,
                                         istauth_arena *arena);
istauth_status istauth__mem_client_put(void *ctx, const istauth_client *client);
istauth_status istauth__mem_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                       istauth_client *out);
istauth_status istauth__mem_client_update(void *ctx, const istauth_client *client);
istauth_status istauth__mem_client_delete(void *ctx, istauth_str client_id, istauth_time now);

/* --- memory_grants.c --- */

/* A grant and, where it is the subject's first, its subject; nothing is linked yet. NULL: no
 * memory. */
struct mem_grant *istauth__mem_grant_make(struct mem *m, const istauth_grant *from);
void istauth__mem_grant_discard(struct mem *m, struct mem_grant *g);
void istauth__mem_grant_link(struct mem *m, struct mem_grant *g, struct mem_client *client);
/* Out of everything, for good: its code and tokens are gone before. */
void istauth__mem_grant_remove(struct mem *m, struct mem_grant *g);
struct mem_grant *istauth__mem_grant_find(const struct mem *m, const istauth_id *id);
struct mem_subject *istauth__mem_subject_find(const struct mem *m, istauth_str subject);
/* True when it was not revoked before. */
bool istauth__mem_grant_kill(struct mem_grant *g);
/* Copy a grant; *also (may be NULL) is copied along with it, in the same allocation. */
istauth_status istauth__mem_grant_copy(istauth_grant *out, istauth_str *also,
                                       const struct mem_grant *g, istauth_arena *arena);
/* Its texts without a workspace, made beforehand; NULL: no memory. Swapping in
 * texts that have none left kills the grant. */
bool istauth__mem_grant_has(const struct mem_grant *g, istauth_str workspace);
struct mem_pack *istauth__mem_grant_without(struct mem *m, const struct mem_grant *g,
                                            istauth_str workspace);
void istauth__mem_grant_swap(struct mem *m, struct mem_grant *g, struct mem_pack *texts);
/* Its client's id; empty for a personal token's grant. */
istauth_str istauth__mem_grant_client_id(const struct mem_grant *g);
istauth_status istauth__mem_grant_revoke(void *ctx, const istauth_id *grant_id, istauth_time now);
istauth_status istauth__mem_grant_touch(void *ctx, const istauth_id *grant_id, istauth_time now);

/* --- memory_codes.c --- */

void istauth__mem_code_remove(struct mem *m, struct mem_code *code);
istauth_status istauth__mem_code_put(void *ctx, const istauth_code *code,
                                     const istauth_grant *grant);
istauth_status istauth__mem_code_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                     istauth_code_entry *out);
istauth_status istauth__mem_code_redeem(void *ctx, const istauth_key *key,
                                        istauth_token_list tokens, istauth_time now);

/* --- memory_tokens.c --- */

/* Copies of these tokens for grant `g`, in a chain through `sibling`, not linked yet.
 * ISTAUTH_OK, ISTAUTH_E_EXISTS, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__mem_tokens_make(struct mem_token **chain, struct mem *m,
                                        istauth_token_list tokens);
void istauth__mem_tokens_discard(struct mem *m, struct mem_token *chain);
void istauth__mem_tokens_link(struct mem *m, struct mem_token *chain, struct mem_grant *g);
/* Under the mutex, or in a read section. */
struct mem_token *istauth__mem_token_find(const struct mem *m, const istauth_key *key);
/* Out of the index; the caller takes it out of its grant. */
void istauth__mem_token_remove(struct mem *m, struct mem_token *t);
istauth_status istauth__mem_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_token_entry *out);
istauth_status istauth__mem_refresh_rotate(void *ctx, const istauth_key *key,
                                           istauth_token_list tokens, const istauth_retry *retry,
                                           istauth_time now);
istauth_status istauth__mem_token_revoke(void *ctx, const istauth_key *key, istauth_time now);

/* --- memory_retry.c --- */

/* A copy for the rotation of `spent` into `tokens`, not linked yet. NULL: no memory. */
struct mem_retry *istauth__mem_retry_make(struct mem *m, const istauth_retry *retry,
                                          const istauth_key *spent, istauth_token_list tokens);
/* In the place of what was kept for this grant; `r` may be NULL: nothing any more. */
void istauth__mem_retry_swap(struct mem *m, struct mem_grant *g, struct mem_retry *r);
istauth_status istauth__mem_retry_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_retry *out);

/* --- memory_subjects.c --- */

/* Has it a client, and is it live? */
bool istauth__mem_is_app(const struct mem_grant *g);
istauth_status istauth__mem_grants_describe(istauth_grant_entries *out,
                                            struct mem_grant *const *grants, size_t count,
                                            istauth_arena *arena);
istauth_status istauth__mem_app_list(void *ctx, istauth_str subject, size_t limit,
                                     istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__mem_app_disconnect(void *ctx, istauth_str subject,
                                           istauth_str_list client_ids, istauth_time now,
                                           size_t *count);
istauth_status istauth__mem_subject_revoke(void *ctx, istauth_str subject, istauth_time now,
                                           size_t *count);
istauth_status istauth__mem_workspace_remove(void *ctx, istauth_str subject, istauth_str workspace,
                                             istauth_time now, size_t *count);
istauth_status istauth__mem_personal_put(void *ctx, const istauth_token *token,
                                         const istauth_grant *grant);
istauth_status istauth__mem_personal_list(void *ctx, istauth_str subject, size_t limit,
                                          istauth_arena *arena, istauth_grant_entries *out);
istauth_status istauth__mem_personal_revoke(void *ctx, istauth_str subject,
                                            const istauth_id *grant_id, istauth_time now);
istauth_status istauth__mem_machine_put(void *ctx, const istauth_token *token,
                                        const istauth_grant *grant);

/* --- memory_lists.c --- */

istauth_status istauth__mem_client_list(void *ctx, istauth_str after, size_t limit,
                                        istauth_arena *arena, istauth_clients *out);
istauth_status istauth__mem_grant_list(void *ctx, istauth_str client_id, const istauth_id *after,
                                       size_t limit, istauth_arena *arena,
                                       istauth_grant_entries *out);

/* --- memory_purge.c --- */

istauth_status istauth__mem_nonce_claim(void *ctx, const istauth_key *key, istauth_time expires_at);
istauth_status istauth__mem_purge(void *ctx, const istauth_purge_bounds *bounds, size_t *removed);

#endif
