#include "rules/id_token_i.h"

#include "base/crypto_i.h"
#include "base/json_i.h"

/* The left half of the access token's hash (3.1.3.6), by the hash function of the algorithm:
 * Ed25519's own is SHA-512 (RFC 8032 5.1), and clients take that. */
static void at_hash(istauth__json *j, const istauth__id_token *token)
{
    size_t half = (token->alg == ISTAUTH__ALG_EDDSA ? ISTAUTH__SHA512_SIZE : ISTAUTH__SHA256_SIZE) / 2;
    char text[ISTAUTH__BASE64URL_LENGTH(ISTAUTH__SHA512_SIZE / 2)];
    istauth_str value = { text, ISTAUTH__BASE64URL_LENGTH(half) };
    uint8_t hash[ISTAUTH__SHA512_SIZE];

    if (token->alg == ISTAUTH__ALG_EDDSA)
        istauth__sha512(hash, token->access_token);
    else
        istauth__sha256(hash, token->access_token);
    istauth__base64url_write(text, hash, half);
    istauth__json_str(j, "at_hash", value);
    istauth__wipe(hash, sizeof(hash));
}

istauth_status istauth__id_token_print(istauth_str *json, istauth_arena *arena,
                                       const istauth__id_token *token)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "iss", token->issuer);
    istauth__json_str(&j, "sub", token->subject);
    istauth__json_str(&j, "aud", token->client_id);
    istauth__json_str(&j, "azp", token->client_id);
    istauth__json_int(&j, "exp", token->expires_at);
    istauth__json_int(&j, "iat", token->issued_at);
    if (token->auth_time)
        istauth__json_int(&j, "auth_time", token->auth_time);
    istauth__json_optional(&j, "nonce", token->nonce);
    at_hash(&j, token);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}
