/* The keys of OpenID Connect: those that sign ID tokens, and the one that pairwise subjects are
 * made of. */
#include "flows/openid_i.h"

#include "base/buf_i.h"
#include "base/error_i.h"
#include "base/text_i.h"
#include "rules/jws_i.h"

static istauth_status refuse(istauth_error *error, const char *why)
{
    return istauth__fail(error, ISTAUTH_E_CONFIG, why);
}

/* A kid goes into headers and documents: printable and without a second spelling. */
static bool is_kid(istauth_str kid)
{
    for (size_t i = 0; i < kid.n; i++)
        if (kid.p[i] <= 0x20 || kid.p[i] > 0x7E)
            return false;
    return kid.n <= ISTAUTH__KID_MAX;
}

static bool is_named(const istauth__jwks *set, istauth_str kid)
{
    for (size_t i = 0; i < set->count; i++)
        if (istauth_str_equal(set->keys[i].kid, kid))
            return true;
    return false;
}

static istauth_status name_key(istauth__jwk *jwk, istauth_server *server, istauth_str kid)
{
    if (kid.n)
        return istauth_arena_copy(&jwk->kid, &server->memory, kid);
    return istauth__jwk_thumbprint(&jwk->kid, &server->memory, &jwk->key);
}

static istauth_status load_key(istauth_server *server, const istauth_signing_key *from,
                               istauth_error *error)
{
    istauth__private_key *key = &server->signing_keys[server->jwks.count];
    istauth__jwk *jwk = &server->jwks.keys[server->jwks.count];
    istauth_status st;

    if (!is_kid(from->kid))
        return refuse(error, "signing_keys: a kid is at most 256 bytes of printable "
                                             "ASCII without spaces");
    st = istauth__private_key_load(key, &server->memory, from->pem);
    if (st == ISTAUTH_E_ARGUMENT)
        return refuse(error, "signing_keys: each is the unencrypted PEM of a private "
                                             "key on P-256, of RSA with 2048 to 8192 bits, or of "
                                             "Ed25519");
    if (st)
        return st;
    jwk->key = key->public_half;
    st = name_key(jwk, server, from->kid);
    if (st || is_named(&server->jwks, jwk->kid)) {
        istauth__private_key_free(key);
        return st ? st : refuse(error, "signing_keys: two have the same kid");
    }
    server->jwks.count++;
    return ISTAUTH_OK;
}

static istauth_status check(const istauth_server *server, const istauth_config *config,
                            istauth_error *error)
{
    istauth_scope_set set;
    size_t unknown;

    if (config->signing_key_count > ISTAUTH_SIGNING_KEYS_MAX || !config->signing_keys)
        return refuse(error, "signing_keys: name at most 16");
    if (istauth_scope_parse(&set, &unknown, &server->catalogue, ISTAUTH_STR("openid")) || unknown)
        return refuse(error, "signing_keys: no scope is named openid");
    return config->hooks.claims
               ? ISTAUTH_OK
               : refuse(error, "signing_keys: they need hooks.claims");
}

static istauth_status load_keys(istauth_server *server, const istauth_config *config,
                                istauth_error *error)
{
    size_t count = config->signing_key_count;
    istauth_status st = check(server, config, error);

    if (st)
        return st;
    server->signing_keys = istauth_arena_alloc(&server->memory, count * sizeof(*server->signing_keys));
    server->jwks.keys = istauth_arena_alloc(&server->memory, count * sizeof(*server->jwks.keys));
    if (!server->signing_keys || !server->jwks.keys)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < count && !st; i++)
        st = load_key(server, &config->signing_keys[i], error);
    return st;
}

istauth_status istauth__signing_load(istauth_server *server, const istauth_config *config,
                                     istauth_error *error)
{
    if (config->pairwise_key) {
        memcpy(server->pairwise_key, config->pairwise_key, sizeof(server->pairwise_key));
        server->pairwise = true;
    }
    return config->signing_key_count ? load_keys(server, config, error) : ISTAUTH_OK;
}

void istauth__signing_free(istauth_server *server)
{
    for (size_t i = 0; i < server->jwks.count; i++)
        istauth__private_key_free(&server->signing_keys[i]);
}

istauth_status istauth__sign(istauth_str *jws, const istauth__call *call, const char *type,
                             istauth_str payload)
{
    const istauth_server *server = call->server;
    char text[ISTAUTH__BASE64URL_LENGTH(ISTAUTH__SIGNATURE_MAX)];
    istauth__buf b = istauth__buf_in(call->arena);
    uint8_t signature[ISTAUTH__SIGNATURE_MAX];
    istauth_str input, written = { text, 0 };
    istauth_status st;
    size_t n;

    st = istauth__jws_input(&input, call->arena, &server->jwks.keys[0], type, payload);
    if (!st)
        st = istauth__signature_make(signature, &n, &server->signing_keys[0], input);
    if (st)
        return st;
    istauth__base64url_write(text, signature, n);
    written.n = ISTAUTH__BASE64URL_LENGTH(n);
    istauth__buf_add(&b, input);
    istauth__buf_char(&b, '.');
    istauth__buf_add(&b, written);
    return istauth__buf_done(jws, &b);
}
