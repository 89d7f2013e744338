/* Sign-in and sign-out. */
#include "page.h"

#include "log.h"
#include "text.h"

#include <stdio.h>

#define QUERY_MAX 16512 /* the library's limit for an authorization request, and what it adds itself */

typedef struct sign_in {
    const istauth_authorization *authorization; /* NULL: on the way to the settings */
    istauth_str query;                          /* of the authorization request; may be empty */
    istauth_str email;                          /* filled in already */
    const char *error;                          /* NULL: none */
    int status;
} sign_in;

static void write_heading(html *h, const sign_in *s)
{
    html_raw(h, "<h1>Sign in</h1>");
    if (s->authorization)
        HTML_PUT(h, "<p class=\"lead\">to continue to <strong>{}</strong></p>",
                 s->authorization->client.name);
    else
        html_raw(h, "<p class=\"lead\">to your is.team account</p>");
}

static void write_fields(html *h, const sign_in *s)
{
    const char *described =
        s->error ? " aria-invalid=\"true\" aria-describedby=\"sign-in-error\"" : "";

    HTML_PUT(h,
             "<label class=\"field\"><span>Email</span><input name=\"email\" type=\"email\" "
             "value=\"{}\" autocomplete=\"username\" spellcheck=\"false\" required",
             s->email);
    html_raw(h, described);
    html_raw(h, s->email.n ? ">" : " autofocus>");
    html_raw(h, "</label><label class=\"field\"><span>Password</span><input name=\"password\" "
                "type=\"password\" autocomplete=\"current-password\" required");
    html_raw(h, described);
    html_raw(h, s->email.n ? " autofocus></label>" : "></label>");
}

static void write_page(visit *v, const sign_in *s)
{
    html h = page_begin(v, PAGE_CARD, "Sign in");

    write_heading(&h, s);
    html_raw(&h, "<form method=\"post\" action=\"/login\">");
    if (s->error)
        HTML_PUT(&h,
                 "<div class=\"notice error\" role=\"alert\">" ICON_WARNING
                 "<p id=\"sign-in-error\">{}</p></div>",
                 istauth_str_of(s->error));
    page_csrf_field(v, &h);
    if (s->query.n)
        page_hidden(&h, "authorize", s->query);
    write_fields(&h, s);
    html_raw(&h, "<button class=\"primary wide-button\" type=\"submit\">Sign in</button></form>");
    if (v->session_is_new)
        page_cookie(v, istauth_str_of(v->session));
    page_end(v, &h, PAGE_CARD, s->status);
}

void page_sign_in(visit *v)
{
    sign_in s = { .status = 200 };

    if (v->person)
        page_redirect(v, ISTAUTH_STR("/settings"));
    else
        write_page(v, &s);
}

void page_sign_in_for(visit *v, const istauth_authorization *authorization, istauth_str query)
{
    sign_in s = { .authorization = authorization,
                  .query = query,
                  .email = authorization ? authorization->login_hint : ISTAUTH_STR(""),
                  .status = 200 };

    write_page(v, &s);
}

/* The form once more, with what went wrong. */
static void again(visit *v, istauth_str query, int status, const char *error)
{
    istauth_authorization authorization;
    sign_in s = {
        .query = query, .email = form_get(&v->fields, "email"), .error = error, .status = status
    };

    if (query.n && !istauth_authorize_check(&authorization, v->site->server, query, v->arena))
        s.authorization = &authorization;
    write_page(v, &s);
}

/* Where an authorization goes on. The path is ours and fixed; the query is only ever read as an
 * authorization request, and is validated from the start. */
static istauth_str authorize_url(visit *v, istauth_str query)
{
    size_t size = sizeof(PATH_AUTHORIZE) + 1 + query.n;
    char *url = istauth_arena_alloc(v->arena, size);

    if (!url)
        return ISTAUTH_STR("/settings");
    snprintf(url, size, PATH_AUTHORIZE "?%.*s", (int)query.n, query.p);
    return istauth_str_of(url);
}

/* May this go into a Location header? Queries are encoded; line breaks and the like never are. */
static bool is_query(istauth_str query)
{
    for (size_t i = 0; i < query.n; i++)
        if (query.p[i] <= ' ' || query.p[i] > '~')
            return false;
    return query.n <= QUERY_MAX;
}

static void enter(visit *v, const person *who, istauth_str query)
{
    session_end(v->site->sessions, istauth_str_of(v->session));
    session_id_new(v->session); /* never the id from before: someone may have planted it */
    session_start(v->site->sessions, istauth_str_of(v->session), who, v->now);
    page_cookie(v, istauth_str_of(v->session));
    page_redirect(v, query.n ? authorize_url(v, query) : ISTAUTH_STR("/settings"));
    log_note("signed in ", who->subject);
}

static void retry_after(visit *v, unsigned seconds)
{
    char *text = istauth_arena_alloc(v->arena, 16);

    if (!text)
        return;
    snprintf(text, 16, "%u", seconds);
    page_header(v, "Retry-After", istauth_str_of(text));
}

void page_sign_in_answer(visit *v)
{
    istauth_str query = form_get(&v->fields, "authorize");
    const person *who = NULL;
    unsigned wait;

    if (!is_query(query)) {
        page_error(v, 400, "That form cannot be read", "Go back to the app and connect again.");
        return;
    }
    if (v->session_is_new || !session_csrf_is_valid(v->site->sessions, istauth_str_of(v->session),
                                                    form_get(&v->fields, "csrf"))) {
        again(v, query, 403, "This page was open for too long. Please sign in again.");
        return;
    }
    wait = ratelimit_admit(v->site->limit, RATELIMIT_SIGN_IN, v->request->address);
    if (wait) {
        again(v, query, 429, "Too many attempts. Please wait a minute and try again.");
        retry_after(v, wait);
        return;
    }
    if (!people_sign_in(&who, v->site->directory, form_get(&v->fields, "email"),
                        form_get(&v->fields, "password"))) {
        again(v, query, 503, "Many people are signing in just now. Please try again.");
        retry_after(v, 1);
        return;
    }
    if (who) {
        enter(v, who, query);
        return;
    }
    log_note("sign-in refused from ", v->request->address);
    again(v, query, 401, "That email address and password do not match an account.");
}

/* On a consent page "not you?" leads back to the same request; otherwise to the sign-in page. */
void page_sign_out(visit *v)
{
    istauth_str query = form_get(&v->fields, "authorize");

    if (!is_query(query) || !session_csrf_is_valid(v->site->sessions, istauth_str_of(v->session),
                                                   form_get(&v->fields, "csrf"))) {
        page_error(v, 403, "That form is too old", "Go back, reload the page and try again.");
        return;
    }
    session_end(v->site->sessions, istauth_str_of(v->session));
    page_cookie(v, ISTAUTH_STR(""));
    page_redirect(v, query.n ? authorize_url(v, query) : ISTAUTH_STR("/login"));
}
