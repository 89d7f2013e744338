#include "flows/ticket_i.h"

#include "base/crypto_i.h"
#include "base/pack_i.h"
#include "base/text_i.h"
#include "flows/store_i.h"

#define TEXT_MAX 32768 /* more than any request within the default limits seals to */
#define VERSION 2

/* What a ticket was sealed for: another issuer's does not open, though it share the key. */
static istauth_status purpose(istauth_str *out, const istauth__call *call)
{
    istauth__buf b = istauth__buf_in(call->arena);

    istauth__buf_text(&b, "istauth consent ");
    istauth__buf_add(&b, call->server->config.issuer);
    return istauth__buf_done(out, &b);
}

/* Subject and browser as one hash; the lengths keep ("ab", "c") from passing for ("a", "bc"). */
static istauth_status owner(istauth_key *out, const istauth__call *call, istauth_str subject,
                            istauth_str binding)
{
    istauth__buf b = istauth__buf_in(call->arena);
    istauth_str packed;

    istauth__pack_str(&b, subject);
    istauth__pack_str(&b, binding);
    if (istauth__buf_done(&packed, &b))
        return ISTAUTH_E_NO_MEMORY;
    istauth__sha256(out->bytes, packed);
    return ISTAUTH_OK;
}

static istauth_status pack(istauth_str *out, const istauth__call *call,
                           const istauth_authorization *a, const istauth_key *owner_key)
{
    istauth__buf b = istauth__buf_in(call->arena);
    istauth_str key = { (const char *)owner_key->bytes, ISTAUTH_KEY_SIZE }, scopes;

    if (istauth_scope_print(&scopes, call->arena, &call->server->catalogue, a->scopes))
        return ISTAUTH_E_NO_MEMORY;
    istauth__pack_int(&b, VERSION);
    istauth__pack_int(&b, call->now + call->server->config.lifetimes.ticket);
    istauth__pack_str(&b, key);
    istauth__pack_str(&b, a->client.client_id);
    istauth__pack_str(&b, a->redirect_uri);
    istauth__pack_str(&b, a->state);
    istauth__pack_str(&b, a->challenge);
    istauth__pack_str(&b, a->resource);
    istauth__pack_str(&b, scopes);
    istauth__pack_str(&b, a->nonce);
    istauth__pack_int(&b, a->auth_time);
    return istauth__buf_done(out, &b);
}

static bool unpack(istauth__ticket *t, istauth_str *owner_key, istauth_str from)
{
    int64_t version;

    return istauth__unpack_int(&version, &from) && version == VERSION &&
           istauth__unpack_int(&t->expires_at, &from) && istauth__unpack_str(owner_key, &from) &&
           istauth__unpack_str(&t->client_id, &from) &&
           istauth__unpack_str(&t->redirect_uri, &from) && istauth__unpack_str(&t->state, &from) &&
           istauth__unpack_str(&t->challenge, &from) && istauth__unpack_str(&t->resource, &from) &&
           istauth__unpack_str(&t->scopes, &from) && istauth__unpack_str(&t->openid_nonce, &from) &&
           istauth__unpack_int(&t->auth_time, &from) && !from.n;
}

static istauth_status encode(istauth_str *text, istauth_arena *arena, const uint8_t *sealed,
                             size_t n)
{
    size_t length = ISTAUTH__BASE64URL_LENGTH(n);
    char *p = istauth_arena_alloc(arena, length + 1);

    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    istauth__base64url_write(p, sealed, n);
    p[length] = '\0';
    text->p = p;
    text->n = length;
    return ISTAUTH_OK;
}

istauth_status istauth__ticket_seal(istauth_str *text, const istauth__call *call,
                                    const istauth_authorization *authorization, istauth_str subject,
                                    istauth_str binding)
{
    uint8_t nonce[ISTAUTH__SEAL_NONCE_SIZE], *sealed;
    istauth_str plain, aad;
    istauth_key key;

    if (owner(&key, call, subject, binding) || pack(&plain, call, authorization, &key) ||
        purpose(&aad, call))
        return ISTAUTH_E_NO_MEMORY;
    sealed = istauth_arena_alloc(call->arena, plain.n + ISTAUTH__SEAL_OVERHEAD);
    if (!sealed)
        return ISTAUTH_E_NO_MEMORY;
    if (istauth__random(call->server, nonce, sizeof(nonce)))
        return ISTAUTH_E_RANDOM;
    istauth__seal(sealed, plain, aad, nonce, call->server->ticket_key);
    return encode(text, call->arena, sealed, plain.n + ISTAUTH__SEAL_OVERHEAD);
}

/* All that a ticket holds of a stranger's came in one query, and base64 takes a third more. */
static bool is_too_long(const istauth_server *server, istauth_str text)
{
    return text.n > TEXT_MAX && text.n / 2 > server->config.limits.query;
}

/* Base64url, AEAD and layout, in that order: a stranger's bytes meet the parser last. */
static istauth_status unseal(istauth__ticket *t, istauth_str *owner_key, const istauth__call *call,
                             istauth_str text)
{
    uint8_t *sealed, *plain;
    istauth_str aad, packed;
    size_t n;

    if (is_too_long(call->server, text))
        return ISTAUTH_E_TICKET;
    sealed = istauth_arena_alloc(call->arena, text.n + 1);
    plain = istauth_arena_alloc(call->arena, text.n + 1);
    if (!sealed || !plain || purpose(&aad, call))
        return ISTAUTH_E_NO_MEMORY;
    if (!istauth__base64url_read(sealed, &n, text) ||
        !istauth__unseal(plain, sealed, n, aad, call->server->ticket_key))
        return ISTAUTH_E_TICKET;
    packed.p = (const char *)plain;
    packed.n = n - ISTAUTH__SEAL_OVERHEAD;
    if (!unpack(t, owner_key, packed))
        return ISTAUTH_E_TICKET;
    istauth__sha256(t->nonce.bytes, (istauth_str){ (const char *)sealed, n });
    return ISTAUTH_OK;
}

istauth_status istauth__ticket_open(istauth__ticket *ticket, const istauth__call *call,
                                    istauth_str text, istauth_str subject, istauth_str binding)
{
    istauth_time longest = call->server->config.lifetimes.ticket;
    istauth__ticket t;
    istauth_str sealed_for;
    istauth_key expected;
    istauth_status st;

    st = owner(&expected, call, subject, binding);
    if (!st)
        st = unseal(&t, &sealed_for, call, text);
    if (st)
        return st;
    if (sealed_for.n != ISTAUTH_KEY_SIZE ||
        !istauth__secret_equal(sealed_for.p, expected.bytes, ISTAUTH_KEY_SIZE))
        return ISTAUTH_E_TICKET;
    /* A clock that was set back does not make a ticket live longer than twice its time. */
    if (call->now >= t.expires_at || t.expires_at - call->now > 2 * longest)
        return ISTAUTH_E_TICKET;
    *ticket = t;
    return ISTAUTH_OK;
}

istauth_status istauth__ticket_spend(const istauth__call *call, const istauth__ticket *ticket)
{
    /* Kept a little longer than the ticket, so that no rounding of a clock revives it. */
    istauth_time until = ticket->expires_at + call->server->config.lifetimes.ticket;
    istauth_status st = istauth__store_nonce_claim(call->server, &ticket->nonce, until);

    return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_TICKET : st;
}
