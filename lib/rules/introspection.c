#include <istauth/introspection.h>

#include "base/json_i.h"
#include "base/text_i.h"

static void members(istauth__json *j, const istauth_introspection *t)
{
    istauth__json_str(j, "scope", t->scopes);
    istauth__json_optional(j, "client_id", t->client_id);
    istauth__json_optional(j, "sub", t->subject);
    istauth__json_str(j, "aud", t->audience);
    istauth__json_str(j, "iss", t->issuer);
    if (t->expires_at)
        istauth__json_int(j, "exp", t->expires_at);
    if (t->issued_at)
        istauth__json_int(j, "iat", t->issued_at);
    if (t->kind != ISTAUTH_TOKEN_REFRESH)
        istauth__json_str(j, "token_type", ISTAUTH_STR("Bearer"));
    istauth__json_list(j, "workspaces", t->workspaces);
    istauth__json_str(j, "grant_id", istauth_id_str(&t->grant_id));
}

istauth_status istauth_introspection_print(istauth_str *json, istauth_arena *arena,
                                           const istauth_introspection *token)
{
    istauth__json j = istauth__json_in(arena);

    istauth__json_open(&j, NULL, '{');
    istauth__json_bool(&j, "active", token != NULL);
    if (token)
        members(&j, token);
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}

istauth_status istauth_introspection_form(istauth_str *form, istauth_arena *arena,
                                          istauth_str token)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_text(&b, "token=");
    istauth__buf_url(&b, token);
    istauth__buf_text(&b, "&token_type_hint=access_token");
    return istauth__buf_done(form, &b);
}

/* One text, or an array of one: a token for several resources is good for none of them alone. */
static istauth_status read_audience(istauth_str *audience, istauth_arena *arena,
                                    const struct cJSON *object)
{
    istauth_str_list list;
    istauth_status st;

    if (!istauth__json_array(object, "aud"))
        return istauth__json_get_str(audience, arena, object, "aud");
    st = istauth__json_get_list(&list, NULL, arena, object, "aud");
    if (!st && list.count == 1)
        *audience = list.items[0];
    return st;
}

static istauth_status read_grant_id(istauth_id *id, istauth_arena *arena,
                                    const struct cJSON *object)
{
    istauth_str text;
    istauth_status st = istauth__json_get_str(&text, arena, object, "grant_id");

    if (st || !text.n)
        return st;
    if (text.n != ISTAUTH_ID_SIZE - 1)
        return ISTAUTH_E_INVALID_REQUEST;
    memcpy(id->text, text.p, text.n);
    return ISTAUTH_OK;
}

static istauth_status check_type(istauth_arena *arena, const struct cJSON *object)
{
    istauth_str type;
    istauth_status st = istauth__json_get_str(&type, arena, object, "token_type");

    if (st)
        return st;
    if (istauth__json_has(object, "cnf"))
        return ISTAUTH_E_INVALID_TOKEN;
    return !type.n || istauth__equal_ignoring_case(type, ISTAUTH_STR("Bearer"))
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_TOKEN;
}

static istauth_status read_members(istauth_introspection *t, istauth_arena *arena,
                                   const struct cJSON *object)
{
    istauth_status st;

    if ((st = check_type(arena, object)) ||
        (st = istauth__json_get_str(&t->subject, arena, object, "sub")) ||
        (st = istauth__json_get_str(&t->client_id, arena, object, "client_id")) ||
        (st = istauth__json_get_str(&t->scopes, arena, object, "scope")) ||
        (st = istauth__json_get_str(&t->issuer, arena, object, "iss")) ||
        (st = read_audience(&t->audience, arena, object)) ||
        (st = read_grant_id(&t->grant_id, arena, object)) ||
        (st = istauth__json_get_list(&t->workspaces, NULL, arena, object, "workspaces")) ||
        (st = istauth__json_get_date(&t->issued_at, object, "iat")) ||
        (st = istauth__json_get_date(&t->not_before, object, "nbf")))
        return st;
    t->kind = t->client_id.n ? ISTAUTH_TOKEN_ACCESS : ISTAUTH_TOKEN_PERSONAL;
    return istauth__json_get_date(&t->expires_at, object, "exp");
}

istauth_status istauth_introspection_read(istauth_introspection *token, istauth_arena *arena,
                                          istauth_str json)
{
    istauth_introspection read;
    struct cJSON *object;
    bool active = false;
    istauth_status st = istauth__json_parse(&object, arena, json);

    if (st)
        return st;
    memset(&read, 0, sizeof(read));
    st = istauth__json_get_bool(&active, object, "active");
    if (!st && !active)
        st = ISTAUTH_E_INVALID_TOKEN;
    if (!st)
        st = read_members(&read, arena, object);
    istauth__json_free(object);
    if (!st)
        *token = read;
    return st;
}

istauth_status istauth_introspection_check(const istauth_introspection *t, istauth_token_kind kind,
                                           istauth_str issuer, istauth_str resource,
                                           istauth_time now)
{
    bool personal = kind == ISTAUTH_TOKEN_PERSONAL;
    bool alive = now < t->expires_at || (personal && !t->expires_at);

    return t->kind == kind && alive && now >= t->not_before && (t->subject.n || !personal) &&
                   issuer.n && istauth_str_equal(t->issuer, issuer) && resource.n &&
                   istauth_str_equal(t->audience, resource)
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_TOKEN;
}
