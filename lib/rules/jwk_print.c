#include "rules/jwk_i.h"

#include "base/crypto_i.h"
#include "base/json_i.h"

static void bytes(istauth__json *j, const char *name, istauth_str value)
{
    char text[ISTAUTH__BASE64URL_LENGTH(ISTAUTH__RSA_BITS_MAX / 8)];
    istauth_str written = { text, ISTAUTH__BASE64URL_LENGTH(value.n) };

    istauth__base64url_write(text, (const uint8_t *)value.p, value.n);
    istauth__json_str(j, name, written);
}

static void word(istauth__json *j, const char *name, const char *value)
{
    istauth__json_str(j, name, istauth_str_of(value));
}

/* The required members of each kind, in the order of RFC 7638 3. */
static void required(istauth__json *j, const istauth__public_key *key)
{
    if (key->alg == ISTAUTH__ALG_RS256) {
        bytes(j, "e", key->e);
        word(j, "kty", "RSA");
        bytes(j, "n", key->n);
        return;
    }
    word(j, "crv", key->alg == ISTAUTH__ALG_ES256 ? "P-256" : "Ed25519");
    word(j, "kty", key->alg == ISTAUTH__ALG_ES256 ? "EC" : "OKP");
    bytes(j, "x", key->x);
    if (key->alg == ISTAUTH__ALG_ES256)
        bytes(j, "y", key->y);
}

istauth_status istauth__jwks_print(istauth_str *json, istauth_arena *arena,
                                   const istauth__jwks *set)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_open(&j, "keys", '[');
    for (size_t i = 0; i < set->count; i++) {
        istauth__json_open(&j, NULL, '{');
        required(&j, &set->keys[i].key);
        word(&j, "use", "sig");
        istauth__json_str(&j, "alg", istauth__alg_name(set->keys[i].key.alg));
        istauth__json_optional(&j, "kid", set->keys[i].kid);
        istauth__json_close(&j, '}');
    }
    istauth__json_close(&j, ']');
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

istauth_status istauth__jwk_thumbprint(istauth_str *thumbprint, istauth_arena *arena,
                                       const istauth__public_key *key)
{
    istauth__json j = istauth__json_in(arena);
    uint8_t hash[ISTAUTH__SHA256_SIZE];
    char text[ISTAUTH__THUMBPRINT_LENGTH];
    istauth_str written = { text, sizeof(text) }, json;

    istauth__json_open(&j, NULL, '{');
    required(&j, key);
    istauth__json_close(&j, '}');
    if (istauth__buf_done(&json, &j.buf))
        return ISTAUTH_E_NO_MEMORY;
    istauth__sha256(hash, json);
    istauth__base64url_write(text, hash, sizeof(hash));
    return istauth_arena_copy(thumbprint, arena, written);
}
