#include "ratelimit.h"

#include "log.h"
#include "text.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define SETS 2048
#define WAYS 4

/* Who calls what: the address's leading bytes, then the endpoint. */
typedef struct pair {
    uint8_t bytes[17]; /* 16 for an IPv4-mapped or IPv6 address, 1 for what */
} pair;

typedef struct bucket {
    pair who;
    double left; /* calls */
    int64_t at;  /* milliseconds; when `left` was right; 0: never used */
} bucket;

struct ratelimit {
    pthread_mutex_t lock;
    bool limit_loopback;
    uint8_t key[crypto_shorthash_KEYBYTES]; /* so that no one can choose his neighbours */
    bucket sets[SETS][WAYS];
};

typedef struct rate {
    double burst;      /* calls at once */
    double per_second; /* and from then on */
} rate;

/* Generous: a client's own test run registers some thirty times and authorizes eighty times from
 * one address, and a company's people share one. */
static rate rate_of(unsigned what)
{
    switch (what) {
    case ISTAUTH_ENDPOINT_REGISTER:
        return (rate){ 60, 0.5 };
    case ISTAUTH_ENDPOINT_AUTHORIZE:
        return (rate){ 200, 2 };
    case ISTAUTH_ENDPOINT_TOKEN:
    case ISTAUTH_ENDPOINT_REVOKE:
        return (rate){ 300, 10 };
    case ISTAUTH_ENDPOINT_INTROSPECT: /* one for each request of a whole server */
        return (rate){ 5000, 1000 };
    case RATELIMIT_SIGN_IN:
        return (rate){ 10, 0.1 };
    default:
        return (rate){ 600, 20 };
    }
}

ratelimit *ratelimit_new(bool limit_loopback)
{
    ratelimit *limit = calloc(1, sizeof(*limit));

    if (!limit)
        return NULL;
    pthread_mutex_init(&limit->lock, NULL);
    limit->limit_loopback = limit_loopback;
    crypto_shorthash_keygen(limit->key);
    return limit;
}

void ratelimit_free(ratelimit *limit)
{
    if (!limit)
        return;
    pthread_mutex_destroy(&limit->lock);
    free(limit);
}

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
static const uint8_t loopback6[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 };

/* The address as 16 bytes, IPv4 as IPv4-mapped; all zero when it is none. */
static void read_address(uint8_t out[16], istauth_str address)
{
    char text[INET6_ADDRSTRLEN] = "";

    memset(out, 0, 16);
    if (address.n >= sizeof(text))
        return;
    if (address.n)
        memcpy(text, address.p, address.n);
    if (inet_pton(AF_INET, text, out + 12) == 1)
        memcpy(out, mapped, sizeof(mapped));
    else if (inet_pton(AF_INET6, text, out) != 1)
        memset(out, 0, 16);
}

static bool is_mapped(const uint8_t address[16])
{
    return memcmp(address, mapped, sizeof(mapped)) == 0;
}

static bool is_loopback(const uint8_t address[16])
{
    return (is_mapped(address) && address[12] == 127) || memcmp(address, loopback6, 16) == 0;
}

static pair pair_of(const uint8_t address[16], unsigned what)
{
    pair p = { { 0 } };

    memcpy(p.bytes, address, is_mapped(address) ? 16 : 8);
    p.bytes[16] = (uint8_t)what;
    return p;
}

/* The pair's bucket, or the longest unused place of its set, made full. */
static bucket *bucket_of(ratelimit *limit, pair who, double burst, int64_t now)
{
    unsigned char hash[crypto_shorthash_BYTES];
    bucket *set, *oldest;

    crypto_shorthash(hash, who.bytes, sizeof(who.bytes), limit->key);
    set = limit->sets[((size_t)hash[0] << 8 | hash[1]) % SETS];
    oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].at && memcmp(&set[i].who, &who, sizeof(who)) == 0)
            return &set[i];
        if (set[i].at < oldest->at)
            oldest = &set[i];
    }
    oldest->who = who;
    oldest->left = burst;
    oldest->at = now;
    return oldest;
}

static unsigned take(bucket *b, rate r, int64_t now)
{
    b->left += (double)(now - b->at) / 1000 * r.per_second;
    if (b->left > r.burst)
        b->left = r.burst;
    b->at = now;
    if (b->left >= 1) {
        b->left -= 1;
        return 0;
    }
    return (unsigned)((1 - b->left) / r.per_second) + 1;
}

unsigned ratelimit_admit(ratelimit *limit, unsigned what, istauth_str address)
{
    int64_t now = log_milliseconds() + 1; /* never 0, which is an unused bucket's */
    rate r = rate_of(what);
    uint8_t bytes[16];
    unsigned seconds;

    read_address(bytes, address);
    if (!limit->limit_loopback && is_loopback(bytes))
        return 0;
    pthread_mutex_lock(&limit->lock);
    seconds = take(bucket_of(limit, pair_of(bytes, what), r.burst, now), r, now);
    pthread_mutex_unlock(&limit->lock);
    return seconds;
}
