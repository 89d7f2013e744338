#include "rules/jwt_i.h"

#include "base/json_i.h"

/* One text, or an array of them (RFC 7519 4.1.3). */
static istauth_status read_audience(istauth_str_list *audience, istauth_arena *arena,
                                    const struct cJSON *object)
{
    istauth_str *one;

    if (istauth__json_array(object, "aud"))
        return istauth__json_get_list(audience, NULL, arena, object, "aud");
    one = istauth_arena_alloc(arena, sizeof(*one));
    if (!one)
        return ISTAUTH_E_NO_MEMORY;
    audience->items = one;
    audience->count = istauth__json_has(object, "aud");
    return istauth__json_get_str(one, arena, object, "aud");
}

static istauth_status read_claims(istauth__jwt *jwt, istauth_arena *arena,
                                  const struct cJSON *object)
{
    istauth_status st = istauth__json_get_str(&jwt->issuer, arena, object, "iss");

    if (!st)
        st = istauth__json_get_str(&jwt->subject, arena, object, "sub");
    if (!st)
        st = istauth__json_get_str(&jwt->id, arena, object, "jti");
    if (!st)
        st = read_audience(&jwt->audience, arena, object);
    if (!st)
        st = istauth__json_get_date(&jwt->expires_at, object, "exp");
    if (!st)
        st = istauth__json_get_date(&jwt->not_before, object, "nbf");
    if (!st)
        st = istauth__json_get_date(&jwt->issued_at, object, "iat");
    return st;
}

istauth_status istauth__jwt_parse(istauth__jwt *jwt, istauth_arena *arena, istauth_str payload)
{
    struct cJSON *object;
    istauth__jwt read;
    istauth_status st = istauth__json_parse(&object, arena, payload);

    if (!st) {
        memset(&read, 0, sizeof(read));
        st = read_claims(&read, arena, object);
        istauth__json_free(object);
    }
    if (!st)
        *jwt = read;
    return st == ISTAUTH_E_INVALID_REQUEST ? ISTAUTH_E_INVALID_TOKEN : st;
}

static bool is_for(const istauth__jwt *jwt, istauth_str_list audiences)
{
    if (jwt->audience.count != 1 || !jwt->audience.items[0].n)
        return false;
    for (size_t i = 0; i < audiences.count; i++)
        if (istauth_str_equal(jwt->audience.items[0], audiences.items[i]))
            return true;
    return false;
}

static bool is_current(const istauth__jwt *jwt, const istauth__jwt_policy *policy)
{
    istauth_time latest = policy->now + policy->skew;

    return jwt->expires_at > policy->now - policy->skew &&
           jwt->expires_at <= latest + policy->lifetime_max && jwt->not_before <= latest &&
           jwt->issued_at <= latest;
}

static bool says(istauth_str claim, istauth_str wanted)
{
    return !wanted.n || istauth_str_equal(claim, wanted);
}

istauth_status istauth__jwt_check(const istauth__jwt *jwt, const istauth__jwt_policy *policy)
{
    return says(jwt->issuer, policy->issuer) && says(jwt->subject, policy->subject) &&
                   is_for(jwt, policy->audiences) && is_current(jwt, policy)
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_TOKEN;
}
