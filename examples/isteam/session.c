#include "session.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#define SETS 1024 /* of WAYS neighbours each: a lookup touches one set */
#define WAYS 8
#define LIFETIME (12 * 3600)

#define KEY_SIZE crypto_hash_sha256_BYTES

typedef struct session {
    uint8_t key[KEY_SIZE]; /* SHA-256 of the id */
    const person *who;     /* NULL: this place is free */
    istauth_time started_at;
} session;

struct session_table {
    pthread_mutex_t lock;
    uint8_t csrf_key[crypto_generichash_KEYBYTES];
    session sets[SETS][WAYS];
};

session_table *sessions_new(void)
{
    session_table *table = calloc(1, sizeof(*table));

    if (!table)
        return NULL;
    pthread_mutex_init(&table->lock, NULL);
    crypto_generichash_keygen(table->csrf_key);
    return table;
}

void sessions_free(session_table *table)
{
    if (!table)
        return;
    pthread_mutex_destroy(&table->lock);
    sodium_memzero(table, sizeof(*table));
    free(table);
}

static void base64url(char out[44], const uint8_t bytes[32])
{
    sodium_bin2base64(out, 44, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void session_id_new(char id[SESSION_ID_SIZE])
{
    uint8_t bytes[32];

    randombytes_buf(bytes, sizeof(bytes));
    base64url(id, bytes);
    sodium_memzero(bytes, sizeof(bytes));
}

bool session_id_is_valid(istauth_str id)
{
    uint8_t bytes[32];
    size_t n = 0;
    bool valid = id.n == SESSION_ID_SIZE - 1 &&
                 sodium_base642bin(bytes, sizeof(bytes), id.p, id.n, NULL, &n, NULL,
                                   sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 &&
                 n == sizeof(bytes);

    sodium_memzero(bytes, sizeof(bytes));
    return valid;
}

static void key_of(uint8_t key[KEY_SIZE], istauth_str id)
{
    crypto_hash_sha256(key, (const unsigned char *)id.p, id.n);
}

/* The neighbours among which a key lives; the key is a hash already. */
static session *set_of(session_table *table, const uint8_t key[KEY_SIZE])
{
    size_t index = (size_t)key[0] << 8 | key[1];

    return table->sets[index % SETS];
}

static bool is_live(const session *s, istauth_time now)
{
    return s->who && now >= s->started_at && now - s->started_at < LIFETIME;
}

static session *find(session_table *table, const uint8_t key[KEY_SIZE])
{
    session *set = set_of(table, key);

    for (size_t i = 0; i < WAYS; i++)
        if (set[i].who && sodium_memcmp(set[i].key, key, KEY_SIZE) == 0)
            return &set[i];
    return NULL;
}

/* A place that is free or expired, or else the oldest. */
static session *place_for(session_table *table, const uint8_t key[KEY_SIZE], istauth_time now)
{
    session *set = set_of(table, key), *oldest = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (!is_live(&set[i], now))
            return &set[i];
        if (set[i].started_at < oldest->started_at)
            oldest = &set[i];
    }
    return oldest;
}

void session_start(session_table *table, istauth_str id, const person *who, istauth_time now)
{
    session made = { .who = who, .started_at = now };

    key_of(made.key, id);
    pthread_mutex_lock(&table->lock);
    *place_for(table, made.key, now) = made;
    pthread_mutex_unlock(&table->lock);
}

const person *session_person(session_table *table, istauth_time *since, istauth_str id,
                             istauth_time now)
{
    const person *who = NULL;
    uint8_t key[KEY_SIZE];
    session *s;

    key_of(key, id);
    pthread_mutex_lock(&table->lock);
    s = find(table, key);
    if (s && is_live(s, now)) {
        who = s->who;
        *since = s->started_at;
    }
    pthread_mutex_unlock(&table->lock);
    return who;
}

void session_end(session_table *table, istauth_str id)
{
    uint8_t key[KEY_SIZE];
    session *s;

    key_of(key, id);
    pthread_mutex_lock(&table->lock);
    s = find(table, key);
    if (s)
        s->who = NULL;
    pthread_mutex_unlock(&table->lock);
}

void session_csrf(const session_table *table, char csrf[SESSION_CSRF_SIZE], istauth_str id)
{
    uint8_t hash[32];

    crypto_generichash(hash, sizeof(hash), (const unsigned char *)id.p, id.n, table->csrf_key,
                       sizeof(table->csrf_key));
    base64url(csrf, hash);
}

bool session_csrf_is_valid(const session_table *table, istauth_str id, istauth_str presented)
{
    char csrf[SESSION_CSRF_SIZE];

    if (!id.n || presented.n != sizeof(csrf) - 1)
        return false;
    session_csrf(table, csrf, id);
    return sodium_memcmp(csrf, presented.p, presented.n) == 0;
}

void session_binding(char binding[SESSION_BINDING_SIZE], istauth_str id)
{
    uint8_t key[KEY_SIZE];

    key_of(key, id);
    sodium_bin2hex(binding, SESSION_BINDING_SIZE, key, sizeof(key));
}
