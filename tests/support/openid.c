#include "support/openid.h"

#include "base/text_i.h"
#include "rules/jws_i.h"
#include "support/world_i.h"

void openid_use(world *w, const char *pem, ...)
{
    istauth_signing_key keys[8] = { { istauth_str_of(pem), { NULL, 0 } } };
    size_t count = 1;
    va_list more;

    va_start(more, pem);
    for (const char *next = va_arg(more, const char *); next; next = va_arg(more, const char *))
        keys[count++].pem = istauth_str_of(next);
    va_end(more);
    w->config.signing_keys = keys;
    w->config.signing_key_count = count;
    if (w->server)
        world_reopen(w);
    else
        world_open(w);
    w->config.signing_keys = NULL;
    w->config.signing_key_count = 0;
}

int openid_setup(void **state)
{
    world *w = world_new();

    w->auth_time = WORLD_START - 100;
    openid_use(w, EC_PEM, NULL);
    *state = w;
    return 0;
}

static cJSON *decoded(world *w, istauth_str part)
{
    char *text = istauth_arena_alloc(&w->arena, part.n + 1);
    cJSON *json;
    size_t n;

    assert_non_null(text);
    assert_true(istauth__base64url_read((uint8_t *)text, &n, part));
    text[n] = '\0';
    json = cJSON_ParseWithLength(text, n);
    assert_true(cJSON_IsObject(json));
    world__keep_json(w, json);
    return json;
}

cJSON *id_token_claims(world *w, const char *id_token, char **kid)
{
    static const istauth__jws_policy policy = { ISTAUTH__ALG_ALL, ISTAUTH_STR_INIT("JWT"), true };
    istauth_str text = istauth_str_of(id_token), payload;
    reply *r = world_get(w, JWKS, NULL);
    istauth__jwks set;
    size_t dot = istauth__find(text, '.', 0), end = istauth__find(text, '.', dot + 1);

    assert_int_equal(istauth__jwks_parse(&set, &w->arena, istauth_str_of(r->body)), ISTAUTH_OK);
    assert_int_equal(istauth__jws_verify(&payload, &w->arena, text, &policy, &set), ISTAUTH_OK);
    if (kid)
        *kid = cJSON_GetObjectItemCaseSensitive(decoded(w, istauth__slice(text, 0, dot)), "kid")
                   ->valuestring;
    return decoded(w, istauth__slice(text, dot + 1, end));
}

const char *claim_str(const cJSON *claims, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(claims, name);

    if (!cJSON_IsString(value))
        fail_msg("no text \"%s\" in the ID token", name);
    return value->valuestring;
}

int64_t claim_int(const cJSON *claims, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(claims, name);

    if (!cJSON_IsNumber(value))
        fail_msg("no number \"%s\" in the ID token", name);
    return (int64_t)value->valuedouble;
}
