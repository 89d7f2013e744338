/* What a bearer check costs, beside its two unavoidable parts: hashing the token, and going to
 * memory for its record.
 *
 *     bench_verify [TOKENS]
 *
 * Everything is measured in one run, in turns of a few operations each, so that all of it meets the
 * same clock rate and the same caches. The figure is the median over the turns. */
#include <istauth/memory_store.h>
#include <istauth/verify.h>

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 32     /* operations in a turn */
#define TURNS 4000   /* turns of each kind */
#define SAMPLES (BATCH * TURNS)
#define SUBJECTS 1000
#define FAMILIES 50000 /* that the writer may make beside them */
#define ROTATIONS 64   /* of one family */
#define NOW 1700000000

static const istauth_str resource = ISTAUTH_STR_INIT("https://is.example/mcp");
static const istauth_str prefix = ISTAUTH_STR_INIT("ist");

typedef struct sample {
    char header[7 + ISTAUTH_TOKEN_SIZE]; /* "Bearer " and the token */
    istauth_key key;
} sample;

typedef struct bench {
    istauth_store store;
    istauth_server *server;
    unsigned tokens;
    sample *samples; /* random tokens of the store, each once, in the order of their use */
    uint64_t *memory; /* each entry is the index of the next one */
    size_t words, at;
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
    istauth_arena arena;
    char buffer[ISTAUTH_ARENA_BUFFER];
    uint64_t sum; /* of something in every result, so that none is optimised away */
} bench;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench_verify: %s failed\n", what);
    exit(1);
}

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* splitmix64: the same tokens in every run. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static void mint(char text[ISTAUTH_TOKEN_SIZE], istauth_key *key, istauth_token_kind kind,
                 uint64_t n)
{
    uint64_t words[4];

    for (unsigned i = 0; i < 4; i++)
        words[i] = mix(n * 8 + i + ((uint64_t)kind << 60));
    must(!istauth_token_mint(text, key, kind, prefix, (const uint8_t *)words), "mint");
}

/* --- the store --- */

static void put_client(const istauth_store *store)
{
    const istauth_str uri = ISTAUTH_STR("http://127.0.0.1/callback");
    istauth_client c = { .client_id = ISTAUTH_STR("0123456789abcdef0123456789abcdef"),
                         .name = ISTAUTH_STR("Bench"),
                         .redirect_uris = { &uri, 1 },
                         .registered_at = NOW };

    must(!store->ops->client_put(store->ctx, &c), "client_put");
}

/* Grant number n with its access token, or with both. */
static void put_grant(const istauth_store *store, unsigned n, size_t tokens_wanted)
{
    const istauth_str workspaces[] = { ISTAUTH_STR("ws_engine"), ISTAUTH_STR("ws_notes") };
    char text[ISTAUTH_TOKEN_SIZE], subject[32];
    istauth_token tokens[2] = { { .kind = ISTAUTH_TOKEN_ACCESS }, { .kind = ISTAUTH_TOKEN_REFRESH } };
    istauth_token_list list = { tokens, tokens_wanted };
    istauth_code code = { .expires_at = NOW };
    istauth_grant grant = { .client_id = ISTAUTH_STR("0123456789abcdef0123456789abcdef"),
                            .scopes = ISTAUTH_STR("mcp openid profile email"),
                            .workspaces = { workspaces, 2 },
                            .resource = resource,
                            .created_at = NOW,
                            .used_at = NOW };

    snprintf(grant.id.text, sizeof(grant.id.text), "%032x", n);
    snprintf(subject, sizeof(subject), "account-%08u", n % SUBJECTS + n / SUBJECTS);
    grant.subject = istauth_str_of(subject);
    mint(text, &code.key, ISTAUTH_TOKEN_CODE, n);
    for (size_t i = 0; i < list.count; i++) {
        mint(text, &tokens[i].key, tokens[i].kind, n);
        tokens[i].issued_at = NOW;
        tokens[i].expires_at = NOW + 3600;
    }
    must(!store->ops->code_put(store->ctx, &code, &grant), "code_put");
    must(!store->ops->code_redeem(store->ctx, &code.key, list, NOW), "code_redeem");
}

static void drop_codes(const istauth_store *store)
{
    istauth_purge_bounds b = { NOW, INT64_MIN, INT64_MIN, 1000000 };
    size_t removed;

    do
        must(!store->ops->purge(store->ctx, &b, &removed), "purge");
    while (removed);
}

static void fill(bench *b)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;

    limits.grants = b->tokens + FAMILIES;
    limits.codes += FAMILIES;
    if (limits.tokens < b->tokens + FAMILIES * (ROTATIONS + 1) * 2)
        limits.tokens = b->tokens + FAMILIES * (ROTATIONS + 1) * 2;
    must(!istauth_memory_store_new(&b->store, &limits, NULL), "istauth_memory_store_new");
    put_client(&b->store);
    for (unsigned n = 0; n < b->tokens; n++) {
        put_grant(&b->store, n, 1);
        if (n % 50000 == 49999)
            drop_codes(&b->store);
    }
    drop_codes(&b->store);
}

/* A walk through all numbers below a power of two that never comes back early: it is a linear
 * congruence of full period, so the samples are different tokens spread over the whole store. */
static void draw_samples(bench *b)
{
    uint64_t period = 1, n = 12345;

    while (period < b->tokens)
        period *= 2;
    b->samples = malloc(SAMPLES * sizeof(*b->samples));
    must(b->samples, "malloc");
    for (size_t i = 0; i < SAMPLES; i++) {
        do
            n = (n * UINT64_C(2862933555777941757) + 3037000493) & (period - 1);
        while (n >= b->tokens);
        memcpy(b->samples[i].header, "Bearer ", 7);
        mint(b->samples[i].header + 7, &b->samples[i].key, ISTAUTH_TOKEN_ACCESS, n);
    }
}

/* --- the memory that the walk reads --- */

static void fill_memory(bench *b)
{
    for (size_t bytes = (size_t)1 << 30; bytes >= (size_t)256 << 20 && !b->memory; bytes /= 2) {
        b->words = bytes / sizeof(*b->memory);
        b->memory = malloc(bytes);
    }
    must(b->memory, "malloc");
    for (size_t i = 0; i < b->words; i++)
        b->memory[i] = (i * UINT64_C(2862933555777941757) + 3037000493) & (b->words - 1);
}

/* --- one turn of each kind: BATCH operations from sample `at` on --- */

static void turn_verify(bench *b, size_t at)
{
    for (size_t i = 0; i < BATCH; i++) {
        istauth_access access;

        must(!istauth_verify(&access, b->server, istauth_str_of(b->samples[at + i].header),
                             resource, &b->arena), "istauth_verify");
        b->sum += access.workspaces.count;
        istauth_arena_wipe(&b->arena);
    }
}

static void turn_get(bench *b, size_t at)
{
    for (size_t i = 0; i < BATCH; i++) {
        istauth_token_entry e;

        must(!b->store.ops->token_get(b->store.ctx, &b->samples[at + i].key, &b->arena, &e),
             "token_get");
        b->sum += e.grant.workspaces.count;
        istauth_arena_wipe(&b->arena);
    }
}

/* As cheap as OpenSSL's public interface makes it: fetched once, one context for all. */
static void turn_hash(bench *b, size_t at)
{
    for (size_t i = 0; i < BATCH; i++) {
        uint8_t out[EVP_MAX_MD_SIZE];

        must(EVP_DigestInit_ex2(b->digest, b->sha256, NULL) &&
                 EVP_DigestUpdate(b->digest, b->samples[at + i].header + 7, 55) &&
                 EVP_DigestFinal_ex(b->digest, out, NULL), "EVP");
        b->sum += out[0];
    }
}

/* The library's own hash of the same bytes. */
static void turn_key(bench *b, size_t at)
{
    for (size_t i = 0; i < BATCH; i++) {
        istauth_str token = { b->samples[at + i].header + 7, 55 };

        b->sum += istauth_token_key(token).bytes[0];
    }
}

static void turn_memory(bench *b, size_t at)
{
    (void)at;
    for (size_t i = 0; i < BATCH; i++)
        b->at = b->memory[b->at];
    b->sum += b->at;
}

typedef struct kind {
    const char *name;
    void (*turn)(bench *b, size_t at);
    double *ns; /* per operation, by turn */
    double median;
} kind;

enum { VERIFY, GET, HASH, KEY, MEMORY, KINDS };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), ascending);
    return values[count / 2];
}

/* Each kind uses other samples in the same round, or the second would find them in the cache. */
static void measure(bench *b, kind *kinds)
{
    for (size_t t = 0; t < TURNS; t++)
        for (size_t k = 0; k < KINDS; k++) {
            size_t turn = (t + k * (TURNS / KINDS)) % TURNS;
            double start = now_ns();

            kinds[k].turn(b, turn * BATCH);
            kinds[k].ns[t] = (now_ns() - start) / BATCH;
        }
}

static void report(const kind *k)
{
    double hash = k[HASH].median, memory = k[MEMORY].median;

    for (size_t i = 0; i < KINDS; i++)
        printf("%-44s %8.1f ns\n", k[i].name, k[i].median);
    printf("token_get / random read                      %8.2f\n", k[GET].median / memory);
    printf("token_get / SHA-256                          %8.2f\n", k[GET].median / hash);
    printf("istauth_verify / (SHA-256 + one random read) %8.2f\n",
           k[VERIFY].median / (hash + memory));
    printf("istauth_verify / (SHA-256 + token_get)       %8.2f\n",
           k[VERIFY].median / (hash + k[GET].median));
}

static void run_one_thread(bench *b)
{
    kind kinds[KINDS] = {
        [VERIFY] = { "istauth_verify", turn_verify, NULL, 0 },
        [GET] = { "token_get", turn_get, NULL, 0 },
        [HASH] = { "SHA-256 of 55 bytes, prefetched EVP_MD", turn_hash, NULL, 0 },
        [KEY] = { "SHA-256 of 55 bytes, istauth_token_key", turn_key, NULL, 0 },
        [MEMORY] = { "one dependent random 8-byte read", turn_memory, NULL, 0 },
    };

    for (size_t k = 0; k < KINDS; k++) {
        kinds[k].ns = malloc(TURNS * sizeof(double));
        must(kinds[k].ns, "malloc");
    }
    measure(b, kinds);
    for (size_t k = 0; k < KINDS; k++) {
        kinds[k].median = median(kinds[k].ns, TURNS);
        free(kinds[k].ns);
    }
    report(kinds);
}

/* --- a reader beside a writer --- */

typedef enum neighbour_work { IDLE, HASHING, ROTATING } neighbour_work;

typedef struct neighbour {
    bench *b;
    atomic_int work;
    atomic_bool over;
    atomic_ulong done; /* pieces of work */
    unsigned next;     /* number of the next family */
} neighbour;

/* A family of tokens begins, is rotated and revoked; now and then some are purged. */
static void rotate_family(neighbour *n)
{
    const istauth_store *s = &n->b->store;
    istauth_purge_bounds bounds = { NOW, INT64_MIN, INT64_MIN, 256 };
    unsigned number = n->b->tokens + n->next++;
    istauth_id id;
    size_t removed;

    put_grant(s, number, 2);
    snprintf(id.text, sizeof(id.text), "%032x", number);
    for (unsigned i = 0; i < ROTATIONS; i++) {
        istauth_token list[2] = { { .kind = ISTAUTH_TOKEN_ACCESS },
                                  { .kind = ISTAUTH_TOKEN_REFRESH } };
        istauth_token_list tokens = { list, 2 };
        char text[ISTAUTH_TOKEN_SIZE];
        uint64_t round = (uint64_t)1 << 40 | (uint64_t)n->next << 8 | i;
        istauth_key old;

        mint(text, &old, ISTAUTH_TOKEN_REFRESH, i ? round - 1 : number);
        mint(text, &list[0].key, ISTAUTH_TOKEN_ACCESS, round);
        mint(text, &list[1].key, ISTAUTH_TOKEN_REFRESH, round);
        list[0].expires_at = list[1].expires_at = NOW; /* a purge may take them */
        must(!s->ops->refresh_rotate(s->ctx, &old, tokens, NULL, NOW), "refresh_rotate");
        atomic_fetch_add(&n->done, 1);
    }
    must(!s->ops->grant_revoke(s->ctx, &id, NOW), "grant_revoke");
    if (n->next % 32 == 0)
        must(!s->ops->purge(s->ctx, &bounds, &removed), "purge");
    must(n->next < FAMILIES, "keeping the writer within its families");
}

/* As much work as a rotation, but none that the reader could notice. */
static void hash_alone(neighbour *n)
{
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;

    mint(text, &key, ISTAUTH_TOKEN_ACCESS, atomic_fetch_add(&n->done, 1));
}

static void *live_next_door(void *arg)
{
    neighbour *n = arg;

    while (!atomic_load(&n->over))
        if (atomic_load(&n->work) == ROTATING)
            rotate_family(n);
        else if (atomic_load(&n->work) == HASHING)
            hash_alone(n);
    return NULL;
}

#define SHARED_TURNS 2000 /* of each neighbour */
#define STRETCH 50        /* turns before the neighbours change */

/* Turns of token_get, of which only those count in which the neighbour was at work: on a busy
 * machine the two threads may take turns on one processor. */
static void read_beside(bench *b, neighbour *n, neighbour_work work, double *ns, size_t *count,
                        unsigned long *done)
{
    atomic_store(&n->work, work);
    for (size_t i = 0; i < STRETCH; i++) {
        size_t turn = (*count * 2 + (work == ROTATING)) % TURNS;
        unsigned long before = atomic_load(&n->done), after;
        double start = now_ns();

        turn_get(b, turn * BATCH);
        ns[*count] = (now_ns() - start) / BATCH;
        after = atomic_load(&n->done);
        *done += after - before;
        if (i && after != before && *count < SHARED_TURNS)
            ++*count;
    }
}

static void run_two_threads(bench *b)
{
    static double ns[2][SHARED_TURNS + 1];
    neighbour n = { .b = b, .next = 0 };
    size_t count[2] = { 0, 0 };
    unsigned long done[2] = { 0, 0 };
    double alone, beside;
    pthread_t thread;

    must(!pthread_create(&thread, NULL, live_next_door, &n), "pthread_create");
    while (count[0] < SHARED_TURNS || count[1] < SHARED_TURNS) {
        read_beside(b, &n, HASHING, ns[0], &count[0], &done[0]);
        read_beside(b, &n, ROTATING, ns[1], &count[1], &done[1]);
    }
    atomic_store(&n.over, true);
    pthread_join(thread, NULL);
    alone = median(ns[0], SHARED_TURNS);
    beside = median(ns[1], SHARED_TURNS);
    printf("token_get beside a thread that hashes        %8.1f ns\n", alone);
    printf("token_get beside a thread that rotates       %8.1f ns (%lu rotations meanwhile)\n",
           beside, done[1]);
    printf("rotating / hashing neighbour                 %8.2f\n", beside / alone);
}

/* --- set-up --- */

static istauth_status fixed_clock(void *ctx, istauth_time *now)
{
    (void)ctx;
    *now = NOW + 1;
    return ISTAUTH_OK;
}

static void serve(bench *b)
{
    const istauth_resource resources[] = { { resource, ISTAUTH_STR("bench") } };
    istauth_config config = istauth_config_default();
    istauth_error error;

    config.issuer = ISTAUTH_STR("https://is.example");
    config.resources = resources;
    config.resource_count = 1;
    config.store = b->store;
    config.hooks.clock = fixed_clock;
    must(!istauth_server_new(&b->server, &config, &error), error.detail);
}

static void set_up(bench *b)
{
    istauth_arena_init(&b->arena, b->buffer, sizeof(b->buffer), NULL, 0);
    b->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    b->digest = EVP_MD_CTX_new();
    must(b->sha256 && b->digest, "EVP");
    fill(b);
    draw_samples(b);
    fill_memory(b);
    serve(b);
}

static void tear_down(bench *b)
{
    istauth_server_free(b->server);
    istauth_memory_store_free(&b->store);
    EVP_MD_CTX_free(b->digest);
    EVP_MD_free(b->sha256);
    free(b->samples);
    free(b->memory);
}

int main(int argc, char **argv)
{
    static bench b;

    b.tokens = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000000;
    must(b.tokens > 0 && b.tokens < 100000000, "reading TOKENS");
    set_up(&b);
    printf("%u access tokens, %zu MiB of random reads, medians of %d turns of %d\n", b.tokens,
           b.words * sizeof(*b.memory) >> 20, TURNS, BATCH);
    run_one_thread(&b);
    run_two_threads(&b);
    tear_down(&b);
    return b.sum == 1; /* it is not; but the compiler cannot know */
}
