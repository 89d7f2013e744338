#include "rules/jwk_i.h"

#include "base/json_i.h"

/* RFC 7518 6.2.2, 6.3.2 and 6.4, RFC 8037 2. */
static bool is_secret(const struct cJSON *jwk)
{
    static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k",
                                           "priv" }; /* of an AKP key */

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (istauth__json_has(jwk, members[i]))
            return true;
    return false;
}

/* A member that is a text of the value wanted. */
static istauth_status is_text(bool *holds, istauth_arena *arena, const struct cJSON *jwk,
                              const char *name, const char *wanted)
{
    istauth_str value;
    istauth_status st = istauth__json_get_str(&value, arena, jwk, name);

    *holds = !st && istauth_str_equal(value, istauth_str_of(wanted));
    return st;
}

/* Bytes in base64url; empty when the member is absent or not that. */
static istauth_status read_bytes(istauth_str *out, istauth_arena *arena, const struct cJSON *jwk,
                                 const char *name)
{
    istauth_str text;
    uint8_t *bytes;
    istauth_status st = istauth__json_get_str(&text, arena, jwk, name);

    if (st)
        return st;
    bytes = istauth_arena_alloc(arena, text.n + 1);
    if (!bytes)
        return ISTAUTH_E_NO_MEMORY;
    out->p = (const char *)bytes;
    if (!istauth__base64url_read(bytes, &out->n, text))
        out->n = 0;
    return ISTAUTH_OK;
}

static istauth_status read_curve(istauth__public_key *key, istauth_arena *arena,
                                 const struct cJSON *jwk, const char *curve)
{
    bool ours;
    istauth_status st = is_text(&ours, arena, jwk, "crv", curve);

    if (!st && !ours)
        st = ISTAUTH_E_INVALID_REQUEST;
    if (!st)
        st = read_bytes(&key->x, arena, jwk, "x");
    if (!st && key->alg == ISTAUTH__ALG_ES256)
        st = read_bytes(&key->y, arena, jwk, "y");
    return st;
}

static istauth_status read_key(istauth__public_key *key, istauth_arena *arena,
                               const struct cJSON *jwk)
{
    istauth_str kty;
    istauth_status st = istauth__json_get_str(&kty, arena, jwk, "kty");

    if (st)
        return st;
    if (istauth_str_equal(kty, ISTAUTH_STR("EC"))) {
        key->alg = ISTAUTH__ALG_ES256;
        return read_curve(key, arena, jwk, "P-256");
    }
    if (istauth_str_equal(kty, ISTAUTH_STR("OKP"))) {
        key->alg = ISTAUTH__ALG_EDDSA;
        return read_curve(key, arena, jwk, "Ed25519");
    }
    if (!istauth_str_equal(kty, ISTAUTH_STR("RSA")))
        return ISTAUTH_E_INVALID_REQUEST;
    key->alg = ISTAUTH__ALG_RS256;
    st = read_bytes(&key->n, arena, jwk, "n");
    return st ? st : read_bytes(&key->e, arena, jwk, "e");
}

static istauth_status check_operations(istauth_arena *arena, const struct cJSON *jwk)
{
    istauth_str_list operations;
    bool present;
    istauth_status st = istauth__json_get_list(&operations, &present, arena, jwk, "key_ops");

    if (st || !present)
        return st;
    for (size_t i = 0; i < operations.count; i++)
        if (istauth_str_equal(operations.items[i], ISTAUTH_STR("verify")))
            return ISTAUTH_OK;
    return ISTAUTH_E_INVALID_REQUEST;
}

/* RFC 7517 4.2 to 4.5: is it meant to check signatures of the one algorithm that its kind has here? */
static istauth_status read_purpose(istauth__jwk *out, istauth_arena *arena,
                                   const struct cJSON *jwk)
{
    istauth_str use, name;
    istauth__alg alg = out->key.alg;
    istauth_status st = istauth__json_get_str(&use, arena, jwk, "use");

    if (!st)
        st = istauth__json_get_str(&name, arena, jwk, "alg");
    if (!st)
        st = istauth__json_get_str(&out->kid, arena, jwk, "kid");
    if (!st)
        st = check_operations(arena, jwk);
    if (st)
        return st;
    if ((use.n && !istauth_str_equal(use, ISTAUTH_STR("sig"))) ||
        (name.n && !istauth__alg_parse(&alg, name)) || alg != out->key.alg ||
        out->kid.n > ISTAUTH__KID_MAX)
        return ISTAUTH_E_INVALID_REQUEST;
    return ISTAUTH_OK;
}

/* INVALID_REQUEST: a key that is not for us. */
static istauth_status read_jwk(istauth__jwk *out, istauth_arena *arena, const struct cJSON *jwk)
{
    istauth_status st;

    memset(out, 0, sizeof(*out));
    st = read_key(&out->key, arena, jwk);
    if (!st)
        st = read_purpose(out, arena, jwk);
    if (!st && !istauth__public_key_is_valid(&out->key))
        st = ISTAUTH_E_INVALID_REQUEST;
    return st;
}

static istauth_status read_keys(istauth__jwks *set, istauth_arena *arena,
                                const struct cJSON *array)
{
    size_t count = array ? istauth__json_count(array) : 0;
    istauth__jwks read = { NULL, 0 };

    if (!array || count > ISTAUTH__JWKS_KEYS_MAX)
        return ISTAUTH_E_INVALID_REQUEST;
    read.keys = istauth_arena_alloc(arena, (count + 1) * sizeof(*read.keys));
    if (!read.keys)
        return ISTAUTH_E_NO_MEMORY;
    for (const struct cJSON *jwk = istauth__json_first(array); jwk;
         jwk = istauth__json_next(jwk)) {
        istauth_status st;

        if (is_secret(jwk))
            return ISTAUTH_E_INVALID_REQUEST;
        st = read_jwk(&read.keys[read.count], arena, jwk);
        if (st == ISTAUTH_E_NO_MEMORY)
            return st;
        read.count += !st;
    }
    *set = read;
    return ISTAUTH_OK;
}

istauth_status istauth__jwks_parse(istauth__jwks *set, istauth_arena *arena, istauth_str json)
{
    struct cJSON *object;
    istauth_status st;

    if (json.n > ISTAUTH__JWKS_MAX)
        return ISTAUTH_E_INVALID_REQUEST;
    st = istauth__json_parse(&object, arena, json);
    if (st)
        return st;
    st = read_keys(set, arena, istauth__json_array(object, "keys"));
    istauth__json_free(object);
    return st;
}
