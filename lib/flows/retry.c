#include "flows/retry_i.h"

#include "base/crypto_i.h"
#include "base/pack_i.h"
#include "flows/store_i.h"

#define PURPOSE ISTAUTH_STR("istauth refresh retry 1")

/* Two machines of one issuer need not agree to the second. */
#define CLOCK_SKEW 60

bool istauth__retry_is_on(const istauth_server *server)
{
    return server->config.lifetimes.refresh_retry_window > 0;
}

static istauth_status pack(istauth_str *out, const istauth__call *call,
                           const istauth__answer *answer)
{
    istauth__buf b = istauth__buf_in(call->arena);

    istauth__pack_str(&b, answer->narrowed);
    istauth__pack_str(&b, answer->issued.scopes);
    istauth__pack_str(&b, answer->issued.json);
    return istauth__buf_done(out, &b);
}

static bool unpack(istauth__answer *answer, istauth_str from)
{
    return istauth__unpack_str(&answer->narrowed, &from) &&
           istauth__unpack_str(&answer->issued.scopes, &from) &&
           istauth__unpack_str(&answer->issued.json, &from) && !from.n;
}

istauth_status istauth__retry_seal(istauth_retry *retry, const istauth__call *call,
                                   istauth_str token, const istauth__answer *answer)
{
    uint8_t nonce[ISTAUTH__SEAL_NONCE_SIZE], key[ISTAUTH__SEAL_KEY_SIZE], *sealed;
    istauth_str plain;

    if (pack(&plain, call, answer))
        return ISTAUTH_E_NO_MEMORY;
    sealed = istauth_arena_alloc(call->arena, plain.n + ISTAUTH__SEAL_OVERHEAD);
    if (!sealed)
        return ISTAUTH_E_NO_MEMORY;
    if (istauth__random(call->server, nonce, sizeof(nonce)))
        return ISTAUTH_E_RANDOM;
    istauth__seal_key_derive(key, token);
    istauth__seal(sealed, plain, PURPOSE, nonce, key);
    istauth__wipe(key, sizeof(key));
    retry->sealed.p = (const char *)sealed;
    retry->sealed.n = plain.n + ISTAUTH__SEAL_OVERHEAD;
    retry->expires_at = call->now + call->server->config.lifetimes.refresh_retry_window;
    return ISTAUTH_OK;
}

static istauth_status unseal(istauth__answer *answer, const istauth__call *call, istauth_str token,
                             istauth_str sealed)
{
    uint8_t key[ISTAUTH__SEAL_KEY_SIZE], *plain = istauth_arena_alloc(call->arena, sealed.n + 1);
    istauth_str packed = { (const char *)plain, sealed.n - ISTAUTH__SEAL_OVERHEAD };
    bool opened;

    if (!plain)
        return ISTAUTH_E_NO_MEMORY;
    istauth__seal_key_derive(key, token);
    opened = istauth__unseal(plain, (const uint8_t *)sealed.p, sealed.n, PURPOSE, key);
    istauth__wipe(key, sizeof(key));
    /* Only this library seals, and only the holder gets here: anything else is a broken store. */
    return opened && unpack(answer, packed) ? ISTAUTH_OK : ISTAUTH_E_INTERNAL;
}

/* A clock that was set back does not hold the window open. */
static bool is_in_time(const istauth__call *call, const istauth_retry *retry)
{
    istauth_time longest = call->server->config.lifetimes.refresh_retry_window + CLOCK_SKEW;

    return call->now < retry->expires_at && retry->expires_at - call->now <= longest;
}

istauth_status istauth__retry_open(istauth__answer *answer, const istauth__call *call,
                                   istauth_str token, const istauth_key *key)
{
    istauth_retry retry;
    istauth_status st;

    if (!istauth__retry_is_on(call->server))
        return ISTAUTH_E_NOT_FOUND;
    st = istauth__store_retry_get(call, key, &retry);
    if (st)
        return st;
    if (!is_in_time(call, &retry))
        return ISTAUTH_E_NOT_FOUND;
    return unseal(answer, call, token, retry.sealed);
}
