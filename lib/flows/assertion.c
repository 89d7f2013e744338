#include "flows/assertion_i.h"

#include "base/buf_i.h"
#include "base/crypto_i.h"
#include "base/pack_i.h"
#include "flows/fetch_i.h"
#include "flows/store_i.h"
#include "rules/client_i.h"
#include "rules/jws_i.h"
#include "rules/jwt_i.h"

#include <istauth/metadata_document.h>

/* Clients make one per request: minutes are plenty, and each id is remembered for as long. */
#define LIFETIME_MAX 600
#define CLOCK_SKEW 60

static istauth_status as_client_error(istauth_status st)
{
    return st == ISTAUTH_E_INVALID_TOKEN ? ISTAUTH_E_INVALID_CLIENT : st;
}

/* What it claims; nothing of it is proven. */
static istauth_status peek(istauth__jwt *jwt, const istauth__call *call, istauth_str assertion)
{
    istauth_str payload;
    istauth_status st = istauth__jws_peek(&payload, call->arena, assertion);

    if (!st)
        st = istauth__jwt_parse(jwt, call->arena, payload);
    return as_client_error(st);
}

istauth_status istauth__assertion_subject(istauth_str *subject, const istauth__call *call,
                                          istauth_str assertion)
{
    istauth__jwt jwt;
    istauth_status st = peek(&jwt, call, assertion);

    if (st)
        return st;
    if (!jwt.subject.n)
        return ISTAUTH_E_INVALID_CLIENT;
    *subject = jwt.subject;
    return ISTAUTH_OK;
}

/* The issuer alone: with any endpoint's URL among the audiences, an assertion that was made for another
 * server whose endpoint lies there could be used here. A trailing slash more is what clients
 * send that keep the issuer as a URL object. */
static istauth_status check_claims(const istauth__jwt *jwt, const istauth__call *call,
                                   const istauth_client *client)
{
    istauth_str audiences[2] = { call->server->config.issuer };
    istauth__jwt_policy policy = { .issuer = client->client_id,
                                   .subject = client->client_id,
                                   .audiences = { audiences, 2 },
                                   .now = call->now,
                                   .skew = CLOCK_SKEW,
                                   .lifetime_max = LIFETIME_MAX };
    istauth__buf slashed = istauth__buf_in(call->arena);

    istauth__buf_add(&slashed, audiences[0]);
    istauth__buf_char(&slashed, '/');
    if (istauth__buf_done(&audiences[1], &slashed))
        return ISTAUTH_E_NO_MEMORY;
    if (!jwt->id.n)
        return ISTAUTH_E_INVALID_CLIENT; /* it could be replayed */
    return as_client_error(istauth__jwt_check(jwt, &policy));
}

/* Fetched for each assertion: a copy would have to be kept with the client, where writing it back could
 * undo what changed there meanwhile. A host whose clients come often lets its fetcher keep copies. */
static istauth_status fetch_keys(istauth_str *jwks, const istauth__call *call,
                                 const istauth_client *client)
{
    istauth_fetched fetched = { .status = 0 };
    istauth_status st;

    if (!call->server->config.fetcher.get ||
        !istauth__client_jwks_uri_is_valid(client->jwks_uri))
        return ISTAUTH_E_INVALID_CLIENT;
    st = istauth__fetch(&fetched, call, client->jwks_uri, ISTAUTH__JWKS_MAX);
    if (!st)
        st = istauth_document_response_check(&fetched);
    if (st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_INVALID_CLIENT_METADATA)
        return ISTAUTH_E_INVALID_CLIENT;
    if (!st)
        *jwks = fetched.body;
    return st;
}

static istauth_status keys_of(istauth__jwks *keys, const istauth__call *call,
                              const istauth_client *client)
{
    istauth_str jwks = client->jwks;
    istauth_status st = jwks.n ? ISTAUTH_OK : fetch_keys(&jwks, call, client);

    if (!st)
        st = istauth__jwks_parse(keys, call->arena, jwks);
    return st == ISTAUTH_E_INVALID_REQUEST ? ISTAUTH_E_INVALID_CLIENT : st;
}

static istauth_status check_signature(const istauth__call *call, const istauth_client *client,
                                      istauth_str assertion)
{
    static const istauth__jws_policy policy = { ISTAUTH__ALG_ALL,
                                                ISTAUTH_STR_INIT("client-authentication+jwt JWT"),
                                                false };
    istauth_str payload;
    istauth__jwks keys;
    istauth_status st = keys_of(&keys, call, client);

    if (!st)
        st = istauth__jws_verify(&payload, call->arena, assertion, &policy, &keys);
    return as_client_error(st);
}

/* Each of a client's ids is good once, for as long as its assertion could be. */
static istauth_status spend(const istauth__call *call, const istauth_client *client,
                            const istauth__jwt *jwt)
{
    istauth__buf b = istauth__buf_in(call->arena);
    istauth_str text;
    istauth_key key;
    istauth_status st;

    istauth__buf_text(&b, "istauth client assertion 1");
    istauth__pack_str(&b, client->client_id);
    istauth__pack_str(&b, jwt->id);
    if (istauth__buf_done(&text, &b))
        return ISTAUTH_E_NO_MEMORY;
    istauth__sha256(key.bytes, text);
    st = istauth__store_nonce_claim(call->server, &key, jwt->expires_at + CLOCK_SKEW);
    return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INVALID_CLIENT : st;
}

/* What costs least comes first, so that nothing is fetched for what cannot hold, and the id is spent
 * last: only its owner can use it up. */
istauth_status istauth__assertion_verify(const istauth__call *call, const istauth_client *client,
                                         istauth_str assertion)
{
    istauth__jwt jwt;
    istauth_status st = peek(&jwt, call, assertion);

    if (!st)
        st = check_claims(&jwt, call, client);
    if (!st)
        st = check_signature(call, client, assertion);
    return st ? st : spend(call, client, &jwt);
}
