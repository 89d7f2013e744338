#include "flows/answers_i.h"

#include "base/crypto_i.h"

#include <pthread.h>

#define ANSWER_MAX 4096

typedef struct slot {
    istauth_key key;
    istauth_time until;
    char *text; /* n bytes; NULL: nothing is kept here */
    size_t n;
} slot;

struct istauth__answers {
    pthread_mutex_t mutex;
    istauth_allocator allocator;
    istauth_time lifetime;
    size_t count;
    slot slots[];
};

istauth_status istauth__answers_new(struct istauth__answers **answers,
                                    const istauth_server *server)
{
    istauth_allocator allocator = server->allocator;
    size_t count = server->config.limits.introspection_cache;
    struct istauth__answers *made;
    size_t size = sizeof(*made) + count * sizeof(slot);

    if (!server->config.hooks.introspect || !server->config.lifetimes.introspection_cache)
        return ISTAUTH_OK;
    made = count <= SIZE_MAX / (2 * sizeof(slot)) ? allocator.alloc(allocator.ctx, size) : NULL;
    if (!made)
        return ISTAUTH_E_NO_MEMORY;
    memset(made, 0, size);
    made->allocator = allocator;
    made->lifetime = server->config.lifetimes.introspection_cache;
    made->count = count;
    if (pthread_mutex_init(&made->mutex, NULL)) {
        allocator.release(allocator.ctx, made);
        return ISTAUTH_E_NO_MEMORY;
    }
    *answers = made;
    return ISTAUTH_OK;
}

static void clear(const struct istauth__answers *a, slot *s)
{
    if (!s->text)
        return;
    istauth__wipe(s->text, s->n);
    a->allocator.release(a->allocator.ctx, s->text);
    memset(s, 0, sizeof(*s));
}

void istauth__answers_free(struct istauth__answers *a)
{
    istauth_allocator allocator;

    if (!a)
        return;
    allocator = a->allocator;
    for (size_t i = 0; i < a->count; i++)
        clear(a, &a->slots[i]);
    pthread_mutex_destroy(&a->mutex);
    allocator.release(allocator.ctx, a);
}

/* One place for each key, whose bytes are as good as random: nobody chooses what he displaces. */
static slot *place_of(struct istauth__answers *a, const istauth_key *key)
{
    uint64_t number;

    memcpy(&number, key->bytes, sizeof(number));
    return &a->slots[number % a->count];
}

/* A clock that was set back does not make an answer live longer. */
static bool is_usable(const struct istauth__answers *a, const slot *s, const istauth_key *key,
                      istauth_time now)
{
    return s->text && istauth_key_equal(&s->key, key) && now < s->until &&
           s->until - now <= a->lifetime;
}

bool istauth__answers_get(istauth_str *answer, const istauth__call *call, const istauth_key *key)
{
    struct istauth__answers *a = call->server->answers;
    bool found = false;
    slot *s;

    if (!a)
        return false;
    pthread_mutex_lock(&a->mutex);
    s = place_of(a, key);
    if (is_usable(a, s, key, call->now))
        found = !istauth_arena_copy(answer, call->arena, (istauth_str){ s->text, s->n });
    else if (s->text && istauth_key_equal(&s->key, key))
        clear(a, s);
    pthread_mutex_unlock(&a->mutex);
    return found;
}

void istauth__answers_put(const istauth__call *call, const istauth_key *key, istauth_str answer)
{
    struct istauth__answers *a = call->server->answers;
    char *text;
    slot *s;

    if (!a || !answer.n || answer.n > ANSWER_MAX)
        return;
    text = a->allocator.alloc(a->allocator.ctx, answer.n);
    if (!text)
        return;
    memcpy(text, answer.p, answer.n);
    pthread_mutex_lock(&a->mutex);
    s = place_of(a, key);
    clear(a, s);
    s->key = *key;
    s->until = call->now + a->lifetime;
    s->text = text;
    s->n = answer.n;
    pthread_mutex_unlock(&a->mutex);
}
