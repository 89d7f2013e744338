#include "site_i.h"

#include "isteam/form.h"
#include "isteam/text.h"

#include <istauth/html.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define LIFETIME (12 * 3600)
#define QUERY_MAX 16512 /* the library's limit for an authorization request, and what it adds */
#define SEALED (crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + sizeof(session))
#define COOKIE_SIZE sodium_base64_ENCODED_LEN(SEALED, sodium_base64_VARIANT_URLSAFE_NO_PADDING)

/* Formatted into the arena; absent when there is no memory. */
__attribute__((format(printf, 2, 3))) static istauth_str print(istauth_arena *arena,
                                                               const char *format, ...)
{
    istauth_str text = { NULL, 0 };
    va_list values, again;
    char *room;
    int n;

    va_start(values, format);
    va_copy(again, values);
    n = vsnprintf(NULL, 0, format, values);
    room = n < 0 ? NULL : istauth_arena_alloc(arena, (size_t)n + 1);
    if (room) {
        vsnprintf(room, (size_t)n + 1, format, again);
        text.p = room;
        text.n = (size_t)n;
    }
    va_end(again);
    va_end(values);
    return text;
}

/* --- the cookie --- */

/* The prefix has the browser refuse one that another host of this domain, or plain http, has
 * planted. */
static const char *cookie_name(const site *s)
{
    return s->https ? "__Host-session" : "session";
}

static istauth_str seal(const site *s, const session *held, istauth_arena *arena)
{
    uint8_t sealed[SEALED], *nonce = sealed, *box = sealed + crypto_secretbox_NONCEBYTES;
    istauth_str none = { NULL, 0 };
    char text[COOKIE_SIZE];

    randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
    if (crypto_secretbox_easy(box, (const uint8_t *)held, sizeof(*held), nonce, s->session_key))
        return none;
    sodium_bin2base64(text, sizeof(text), sealed, sizeof(sealed),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return print(arena, "%s=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s", cookie_name(s), text,
                 LIFETIME, s->https ? "; Secure" : "");
}

static bool unseal(session *out, const site *s, istauth_str text)
{
    uint8_t sealed[SEALED], *nonce = sealed, *box = sealed + crypto_secretbox_NONCEBYTES;
    size_t n = 0;

    return !sodium_base642bin(sealed, sizeof(sealed), text.p, text.n, NULL, &n, NULL,
                              sodium_base64_VARIANT_URLSAFE_NO_PADDING) &&
           n == sizeof(sealed) &&
           !crypto_secretbox_open_easy((uint8_t *)out, box,
                                       sizeof(sealed) - crypto_secretbox_NONCEBYTES, nonce,
                                       s->session_key);
}

const person *session_read(session *out, const site *s, const istauth_request *request)
{
    istauth_time now = time(NULL);
    istauth_str text = form_cookie(request->header(request->ctx, "cookie", 0), cookie_name(s));

    if (!text.n || !unseal(out, s, text) || now < out->since || now - out->since > LIFETIME)
        return NULL;
    return person_by_subject(istauth_str_of(out->subject));
}

/* --- the page --- */

static const char page[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Sign in</title>"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta name=\"color-scheme\" content=\"light dark\">"
    "<h1>Sign in</h1><p role=\"alert\">%s</p>"
    "<form method=\"post\" action=\"" SIGNIN_PATH "\">"
    "<input type=\"hidden\" name=\"authorize\" value=\"%s\">"
    "<p><label>Email <input name=\"email\" type=\"email\" value=\"%s\" "
    "autocomplete=\"username\" required></label>"
    "<p><label>Password <input name=\"password\" type=\"password\" "
    "autocomplete=\"current-password\" required></label>"
    "<p><button>Sign in</button></form></html>";

/* Under `same-origin` a browser names its origin when the form comes back; `no-referrer` would keep
 * it. */
static void show(istauth_response *response, int status, istauth_str query, istauth_str email,
                 const char *problem, istauth_arena *arena)
{
    response->status = 503;
    if (istauth_html_escape(&query, arena, query) || istauth_html_escape(&email, arena, email))
        return;
    response->body = print(arena, page, problem, query.p, email.p);
    if (!response->body.p)
        return;
    response->status = status;
    site_add_header(response, "Content-Type", ISTAUTH_STR("text/html; charset=utf-8"));
    site_add_header(response, "Content-Security-Policy",
                    ISTAUTH_STR("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
    site_add_header(response, "X-Frame-Options", ISTAUTH_STR("DENY"));
    site_add_header(response, "X-Content-Type-Options", ISTAUTH_STR("nosniff"));
    site_add_header(response, "Referrer-Policy", ISTAUTH_STR("same-origin"));
    site_add_header(response, "Cache-Control", ISTAUTH_STR("no-store"));
}

void signin_page(istauth_response *response, const istauth_authorization *authorization,
                 istauth_arena *arena)
{
    show(response, 200, authorization->resume, authorization->login_hint, "", arena);
}

/* --- the answer --- */

/* Did a page of ours send this form? Otherwise another site could sign its visitors in as somebody
 * that it chooses. Browsers say so with every POST; nothing else has a reason to be here. */
static bool is_from_us(const site *s, const istauth_request *request)
{
    istauth_str origin = request->header(request->ctx, "origin", 0);

    return istauth_str_equal(origin, istauth_identifier_origin(istauth_str_of(s->resource)));
}

/* May this go into a Location header? */
static bool is_query(istauth_str query)
{
    for (size_t i = 0; i < query.n; i++)
        if (query.p[i] <= ' ' || query.p[i] > '~')
            return false;
    return query.n > 0 && query.n <= QUERY_MAX;
}

/* Back to where she came from: the path is ours, and the query is only ever read as an
 * authorization request. The session is a new one, whatever the browser sent: somebody may have
 * planted that. */
static void enter(istauth_response *response, const site *s, const person *who, istauth_str query,
                  istauth_arena *arena)
{
    session held = { .since = time(NULL) };
    istauth_str cookie, location;

    if (who->subject.n >= sizeof(held.subject)) {
        response->status = 500; /* half a name would be somebody else's */
        return;
    }
    randombytes_buf(held.browser, sizeof(held.browser));
    memcpy(held.subject, who->subject.p, who->subject.n);
    cookie = seal(s, &held, arena);
    location = print(arena, "/oauth/authorize?%.*s", (int)query.n, query.p);
    response->status = cookie.p && location.p ? 303 : 503;
    if (response->status == 503)
        return;
    site_add_header(response, "Location", location);
    site_add_header(response, "Set-Cookie", cookie);
    site_add_header(response, "Cache-Control", ISTAUTH_STR("no-store"));
}

/* What bounds the attempts is not here: count them by request->address and by account. */
void signin_answer(istauth_response *response, const site *s, const istauth_request *request,
                   istauth_arena *arena)
{
    form fields = { NULL, 0 };
    const person *who;
    istauth_str query;

    if (!text_is(request->method, "POST")) {
        site_refuse(response, s, ISTAUTH_E_METHOD, arena);
        site_add_header(response, "Allow", ISTAUTH_STR("POST"));
        return;
    }
    if (!is_from_us(s, request) || !form_parse(&fields, arena, request->body) ||
        !is_query(form_get(&fields, "authorize"))) {
        site_refuse(response, s, ISTAUTH_E_INVALID_REQUEST, arena);
        return;
    }
    query = form_get(&fields, "authorize");
    who = person_by_password(form_get(&fields, "email"), form_get(&fields, "password"));
    if (who)
        enter(response, s, who, query, arena);
    else
        show(response, 401, query, form_get(&fields, "email"),
             "That email address and password do not match an account.", arena);
}
