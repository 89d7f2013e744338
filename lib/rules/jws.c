#include "rules/jws_i.h"

#include "base/json_i.h"

#define TRIES_MAX 8

typedef struct jws {
    istauth_str signed_part; /* header, dot, payload */
    istauth_str header, payload, signature; /* decoded */
} jws;

typedef struct header {
    istauth__alg alg;
    istauth_str kid;
} header;

istauth_str istauth__alg_name(istauth__alg alg)
{
    if (alg == ISTAUTH__ALG_ES256)
        return ISTAUTH_STR("ES256");
    return alg == ISTAUTH__ALG_RS256 ? ISTAUTH_STR("RS256") : ISTAUTH_STR("EdDSA");
}

bool istauth__alg_parse(istauth__alg *alg, istauth_str name)
{
    if (istauth_str_equal(name, ISTAUTH_STR("ES256")))
        *alg = ISTAUTH__ALG_ES256;
    else if (istauth_str_equal(name, ISTAUTH_STR("RS256")))
        *alg = ISTAUTH__ALG_RS256;
    else if (istauth_str_equal(name, ISTAUTH_STR("EdDSA")) ||
             istauth_str_equal(name, ISTAUTH_STR("Ed25519")))
        *alg = ISTAUTH__ALG_EDDSA;
    else
        return false;
    return true;
}

static istauth_status decode(istauth_str *out, istauth_arena *arena, istauth_str part)
{
    uint8_t *bytes;

    if (!part.n)
        return ISTAUTH_E_INVALID_TOKEN;
    bytes = istauth_arena_alloc(arena, part.n);
    if (!bytes)
        return ISTAUTH_E_NO_MEMORY;
    if (!istauth__base64url_read(bytes, &out->n, part))
        return ISTAUTH_E_INVALID_TOKEN;
    out->p = (const char *)bytes;
    return ISTAUTH_OK;
}

static istauth_status cut(jws *token, istauth_arena *arena, istauth_str text)
{
    size_t first = istauth__find(text, '.', 0), second = istauth__find(text, '.', first + 1);
    istauth_status st;

    if (text.n > ISTAUTH__JWS_MAX || second >= text.n)
        return ISTAUTH_E_INVALID_TOKEN;
    token->signed_part = istauth__slice(text, 0, second);
    st = decode(&token->header, arena, istauth__slice(text, 0, first));
    if (!st)
        st = decode(&token->payload, arena, istauth__slice(text, first + 1, second));
    if (!st)
        st = decode(&token->signature, arena, istauth__slice(text, second + 1, text.n));
    return st;
}

/* A media type, whose "application/" may be left out (RFC 7515 4.1.9). */
static bool accepts_type(const istauth__jws_policy *policy, istauth_str type)
{
    static const istauth_str prefix = ISTAUTH_STR_INIT("application/");

    if (!type.n)
        return !policy->type_required;
    if (type.n > prefix.n &&
        istauth__equal_ignoring_case(istauth__slice(type, 0, prefix.n), prefix))
        type = istauth__slice(type, prefix.n, type.n);
    for (size_t from = 0; from < policy->types.n;) {
        size_t to = istauth__find(policy->types, ' ', from);

        if (istauth__equal_ignoring_case(istauth__slice(policy->types, from, to), type))
            return true;
        from = to + 1;
    }
    return false;
}

static istauth_status read_header(header *h, istauth_arena *arena, const struct cJSON *object,
                                  const istauth__jws_policy *policy)
{
    istauth_str alg, type;
    istauth_status st = istauth__json_get_str(&alg, arena, object, "alg");

    if (!st)
        st = istauth__json_get_str(&type, arena, object, "typ");
    if (!st)
        st = istauth__json_get_str(&h->kid, arena, object, "kid");
    if (st)
        return st;
    /* Extensions that must be understood (RFC 7515 4.1.11): none is. RFC 7797 makes "b64" one. */
    if (istauth__json_has(object, "crit") || istauth__json_has(object, "b64"))
        return ISTAUTH_E_INVALID_TOKEN;
    if (!istauth__alg_parse(&h->alg, alg) || !(policy->algs & h->alg) ||
        !accepts_type(policy, type))
        return ISTAUTH_E_INVALID_TOKEN;
    return ISTAUTH_OK;
}

static istauth_status parse_header(header *h, istauth_arena *arena, istauth_str text,
                                   const istauth__jws_policy *policy)
{
    struct cJSON *object;
    istauth_status st = istauth__json_parse(&object, arena, text);

    if (!st) {
        st = read_header(h, arena, object, policy);
        istauth__json_free(object);
    }
    return st == ISTAUTH_E_INVALID_REQUEST ? ISTAUTH_E_INVALID_TOKEN : st;
}

static bool fits(const istauth__jwk *jwk, const header *h)
{
    return jwk->key.alg == h->alg && (!h->kid.n || istauth_str_equal(jwk->kid, h->kid));
}

static istauth_status check_signature(const jws *token, const header *h, const istauth__jwks *keys)
{
    istauth_status st = ISTAUTH_E_INVALID_TOKEN;

    for (size_t i = 0, tries = 0; i < keys->count && tries < TRIES_MAX; i++) {
        if (!fits(&keys->keys[i], h))
            continue;
        tries++;
        st = istauth__signature_verify(&keys->keys[i].key, token->signed_part, token->signature);
        if (st != ISTAUTH_E_INVALID_TOKEN)
            break;
    }
    return st;
}

istauth_status istauth__jws_verify(istauth_str *payload, istauth_arena *arena, istauth_str text,
                                   const istauth__jws_policy *policy, const istauth__jwks *keys)
{
    jws token;
    header h;
    istauth_status st = cut(&token, arena, text);

    if (!st)
        st = parse_header(&h, arena, token.header, policy);
    if (!st)
        st = check_signature(&token, &h, keys);
    if (!st)
        *payload = token.payload;
    return st;
}

istauth_status istauth__jws_peek(istauth_str *payload, istauth_arena *arena, istauth_str text)
{
    jws token;
    istauth_status st = cut(&token, arena, text);

    if (!st)
        *payload = token.payload;
    return st;
}

static istauth_status encode(istauth__buf *b, istauth_arena *arena, istauth_str text)
{
    istauth_str written = { NULL, ISTAUTH__BASE64URL_LENGTH(text.n) };
    char *p = istauth_arena_alloc(arena, written.n + 1);

    if (!p)
        return ISTAUTH_E_NO_MEMORY;
    istauth__base64url_write(p, (const uint8_t *)text.p, text.n);
    written.p = p;
    istauth__buf_add(b, written);
    return ISTAUTH_OK;
}

static istauth_status print_header(istauth_str *json, istauth_arena *arena,
                                   const istauth__jwk *key, const char *type)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "alg", istauth__alg_name(key->key.alg));
    istauth__json_str(&j, "typ", istauth_str_of(type));
    istauth__json_optional(&j, "kid", key->kid);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

istauth_status istauth__jws_input(istauth_str *input, istauth_arena *arena,
                                  const istauth__jwk *key, const char *type, istauth_str payload)
{
    istauth__buf b = istauth__buf_in(arena);
    istauth_str head;

    if (print_header(&head, arena, key, type) || encode(&b, arena, head))
        return ISTAUTH_E_NO_MEMORY;
    istauth__buf_char(&b, '.');
    if (encode(&b, arena, payload))
        return ISTAUTH_E_NO_MEMORY;
    return istauth__buf_done(input, &b);
}
