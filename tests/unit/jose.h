/* Tokens with any header and payload, signed by the keys of support/keys.h. */
#ifndef TEST_JOSE_H
#define TEST_JOSE_H

#include "unit/unit.h"

#include "rules/jws_i.h"
#include "support/keys.h"

static inline istauth__private_key key_from(istauth_arena *arena, const char *pem)
{
    istauth__private_key key;

    assert_int_equal(istauth__private_key_load(&key, arena, istauth_str_of(pem)), ISTAUTH_OK);
    return key;
}

static inline istauth_str encoded(istauth_arena *arena, istauth_str bytes)
{
    istauth_str text = repeated(arena, '=', ISTAUTH__BASE64URL_LENGTH(bytes.n));

    istauth__base64url_write((char *)(uintptr_t)text.p, (const uint8_t *)bytes.p, bytes.n);
    return text;
}

static inline istauth_str signature_of(istauth_arena *arena, const istauth__private_key *key,
                                       istauth_str input)
{
    uint8_t bytes[ISTAUTH__SIGNATURE_MAX];
    istauth_str raw = { (const char *)bytes, 0 };

    assert_int_equal(istauth__signature_make(bytes, &raw.n, key, input), ISTAUTH_OK);
    return encoded(arena, raw);
}

static inline istauth_str token_of(istauth_arena *arena, const istauth__private_key *key,
                                   const char *header, const char *payload)
{
    istauth_str input = joined(arena, encoded(arena, istauth_str_of(header)).p, ".",
                               encoded(arena, istauth_str_of(payload)).p, NULL);

    return joined(arena, input.p, ".", signature_of(arena, key, input).p, NULL);
}

/* A set of one key. */
static inline istauth__jwks set_of(istauth_arena *arena, const istauth__private_key *key,
                                   const char *kid)
{
    istauth__jwk *jwk = istauth_arena_alloc(arena, sizeof(*jwk));
    istauth__jwks set = { jwk, 1 };

    assert_non_null(jwk);
    jwk->key = key->public_half;
    jwk->kid = istauth_str_of(kid);
    return set;
}

#endif
