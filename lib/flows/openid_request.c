/* How an authorization request wants the person to be signed in (OpenID Connect Core 3.1.2.1). */
#include "flows/openid_i.h"

#include "base/text_i.h"
#include "rules/jws_i.h"
#include "rules/jwt_i.h"

#define NONCE_MAX 512
#define HINT_MAX 256
#define CLOCK_SKEW 60 /* between the machine that signed the person in and this one */

static bool has_word(istauth_str words, istauth_str word)
{
    for (size_t from = 0; from < words.n;) {
        size_t to = istauth__find(words, ' ', from);

        if (istauth_str_equal(istauth__slice(words, from, to), word))
            return true;
        from = to + 1;
    }
    return false;
}

/* "consent" is what always happens, and so "none" never can. Values of other specifications are
 * ignored. */
static istauth_status read_prompt(istauth_authorization *a, const istauth__form *form)
{
    istauth_str prompt;

    if (istauth__form_get(&prompt, form, "prompt"))
        return ISTAUTH_E_INVALID_REQUEST;
    a->prompt_login = has_word(prompt, ISTAUTH_STR("login"));
    a->prompt_select_account = has_word(prompt, ISTAUTH_STR("select_account"));
    if (istauth_str_equal(prompt, ISTAUTH_STR("none")))
        return ISTAUTH_E_LOGIN_REQUIRED;
    return has_word(prompt, ISTAUTH_STR("none")) ? ISTAUTH_E_INVALID_REQUEST : ISTAUTH_OK;
}

/* Plain decimal, at most ten digits. */
static bool read_seconds(istauth_time *seconds, istauth_str text)
{
    istauth_time value = 0;

    if (text.n > 10)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (!istauth__is_digit(text.p[i]))
            return false;
        value = value * 10 + (text.p[i] - '0');
    }
    *seconds = value;
    return true;
}

/* The two ways to ask for a fresh sign-in as one: since when it must have happened. */
static istauth_status read_age(istauth_authorization *a, const istauth__form *form,
                               istauth_time seen_at)
{
    istauth_str text;
    istauth_time age;

    if (istauth__form_get(&text, form, "max_age") || !read_seconds(&age, text))
        return ISTAUTH_E_INVALID_REQUEST;
    if (text.n)
        a->signed_in_since = seen_at > age ? seen_at - age : 1;
    if (a->prompt_login)
        a->signed_in_since = seen_at;
    return ISTAUTH_OK;
}

/* What is only handed on. Whatever may not be shown or is overlong is dropped: they are hints. */
static istauth_status read_hints(istauth_authorization *a, const istauth__form *form)
{
    const struct {
        const char *name;
        istauth_str *to;
    } hints[] = { { "login_hint", &a->login_hint },
                  { "ui_locales", &a->ui_locales },
                  { "acr_values", &a->acr_values } };

    for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
        istauth_str text;

        if (istauth__form_get(&text, form, hints[i].name))
            return ISTAUTH_E_INVALID_REQUEST;
        if (text.n <= HINT_MAX && istauth__is_display_text(text))
            *hints[i].to = text;
    }
    return ISTAUTH_OK;
}

static istauth_status read_nonce(istauth_authorization *a, const istauth__form *form)
{
    istauth_str nonce;

    if (istauth__form_get(&nonce, form, "nonce") || nonce.n > NONCE_MAX)
        return ISTAUTH_E_INVALID_REQUEST;
    a->nonce = nonce;
    return ISTAUTH_OK;
}

/* An ID token of ours for this client, expired or not, says whom it expects. */
static bool is_ours(const istauth__jwt *jwt, const istauth_authorization *a,
                    const istauth_server *server)
{
    return istauth_str_equal(jwt->issuer, server->config.issuer) && jwt->audience.count == 1 &&
           istauth_str_equal(jwt->audience.items[0], a->client.client_id);
}

/* One that proves nothing, perhaps because its key is gone by now, is no hint. */
static istauth_status read_id_token(istauth_authorization *a, const istauth__call *call,
                                    const istauth__form *form)
{
    static const istauth__jws_policy policy = { ISTAUTH__ALG_ALL, ISTAUTH_STR_INIT("JWT"), true };
    istauth_str text, payload;
    istauth__jwt jwt;
    istauth_status st;

    if (istauth__form_get(&text, form, "id_token_hint"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (!text.n)
        return ISTAUTH_OK;
    st = istauth__jws_verify(&payload, call->arena, text, &policy, &call->server->jwks);
    if (!st)
        st = istauth__jwt_parse(&jwt, call->arena, payload);
    if (st == ISTAUTH_E_NO_MEMORY)
        return st;
    if (!st && is_ours(&jwt, a, call->server))
        a->id_token_subject = jwt.subject;
    return ISTAUTH_OK;
}

istauth_status istauth__openid_request(istauth_authorization *authorization,
                                       const istauth__call *call, const istauth__form *form,
                                       istauth_time seen_at)
{
    istauth_status st = read_nonce(authorization, form);

    if (!st)
        st = read_hints(authorization, form);
    if (!st)
        st = read_id_token(authorization, call, form);
    if (!st)
        st = read_prompt(authorization, form);
    if (!st)
        st = read_age(authorization, form, seen_at);
    return st;
}

istauth_status istauth__openid_signed_in(const istauth_authorization *authorization,
                                         const istauth__call *call, istauth_str subject)
{
    istauth_str sub;

    if (authorization->auth_time < 0 || authorization->auth_time > call->now + CLOCK_SKEW)
        return ISTAUTH_E_ARGUMENT;
    if (authorization->auth_time < authorization->signed_in_since)
        return ISTAUTH_E_LOGIN_REQUIRED;
    if (!authorization->id_token_subject.n)
        return ISTAUTH_OK;
    if (istauth__subject_for_client(&sub, call, &authorization->client, subject))
        return ISTAUTH_E_NO_MEMORY;
    return istauth_str_equal(sub, authorization->id_token_subject) ? ISTAUTH_OK
                                                                   : ISTAUTH_E_LOGIN_REQUIRED;
}
