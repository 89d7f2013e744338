#include "page.h"

#include "text.h"

#include <stdio.h>

#define CSP                                                                   \
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; " \
    "frame-ancestors 'none'"

void page_header(visit *v, const char *name, istauth_str value)
{
    istauth_response *r = v->response;

    if (r->header_count == ISTAUTH_RESPONSE_HEADERS)
        return;
    r->headers[r->header_count++] = (istauth_header){ istauth_str_of(name), value };
}

/* No form-action in the policy: it would stop the redirect from the consent form to the client. */
static void common_headers(visit *v)
{
    page_header(v, "Content-Security-Policy", ISTAUTH_STR(CSP));
    page_header(v, "X-Frame-Options", ISTAUTH_STR("DENY"));
    page_header(v, "X-Content-Type-Options", ISTAUTH_STR("nosniff"));
    page_header(v, "Referrer-Policy", ISTAUTH_STR("no-referrer"));
    page_header(v, "Cache-Control", ISTAUTH_STR("no-store"));
}

void page_allow_script(visit *v)
{
    for (size_t i = 0; i < v->response->header_count; i++)
        if (text_is(v->response->headers[i].name, "Content-Security-Policy"))
            v->response->headers[i].value = ISTAUTH_STR(CSP "; script-src 'self'");
}

const char *page_cookie_name(const site *s)
{
    /* The prefix makes browsers refuse it from subdomains and over plain http (RFC 6265bis 4.1.3).
     */
    return s->secure ? "__Host-isteam" : "isteam";
}

void page_cookie(visit *v, istauth_str value)
{
    const size_t size = 160;
    char *line = istauth_arena_alloc(v->arena, size);

    if (!line)
        return; /* without its cookie the browser has to sign in again */
    snprintf(line, size, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s%s", page_cookie_name(v->site),
             (int)value.n, value.n ? value.p : "", v->site->secure ? "; Secure" : "",
             value.n ? "" : "; Max-Age=0");
    page_header(v, "Set-Cookie", istauth_str_of(line));
}

void page_redirect(visit *v, istauth_str location)
{
    v->response->status = 303; /* never 307: it would send the form on (RFC 9700 4.12) */
    v->response->body = ISTAUTH_STR("");
    common_headers(v);
    page_header(v, "Location", location);
}

static void open_settings(visit *v, html *h)
{
    html_raw(
        h, "<header class=\"bar\"><div class=\"bar-inner\"><a class=\"brand\" href=\"/\">" ICON_MARK
           "<span>is.team</span></a><div class=\"who\">");
    page_avatar(h, v->person->name, "avatar small");
    HTML_PUT(h, "<span class=\"who-name\">{}</span>", v->person->name);
    html_raw(h, "<form method=\"post\" action=\"/logout\">");
    page_csrf_field(v, h);
    html_raw(h, "<button class=\"quiet\" type=\"submit\">Sign out</button></form></div></div>"
                "</header><main class=\"wide\">");
}

html page_begin(visit *v, page_frame frame, const char *title)
{
    html h = html_in(v->arena);

    HTML_PUT(&h,
             "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
             "<meta name=\"color-scheme\" content=\"light dark\">"
             "<title>{} \xC2\xB7 is.team</title>"
             "<link rel=\"stylesheet\" href=\"/style.css\">"
             "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/icon.svg\"></head><body>",
             istauth_str_of(title));
    if (frame == PAGE_SETTINGS)
        open_settings(v, &h);
    else
        html_raw(&h, "<main class=\"narrow\"><a class=\"brand\" href=\"/\">" ICON_MARK
                     "<span>is.team</span></a><div class=\"card\">");
    return h;
}

void page_end(visit *v, html *h, page_frame frame, int status)
{
    html_raw(h,
             frame == PAGE_SETTINGS ? "</main></body></html>\n" : "</div></main></body></html>\n");
    common_headers(v);
    page_header(v, "Content-Type", ISTAUTH_STR("text/html; charset=utf-8"));
    v->response->status = status;
    if (html_done(&v->response->body, h))
        return;
    v->response->status = 503;
    v->response->body = ISTAUTH_STR("Out of memory. Please try again.\n");
}

void page_hidden(html *h, const char *name, istauth_str value)
{
    HTML_PUT(h, "<input type=\"hidden\" name=\"{}\" value=\"{}\">", istauth_str_of(name), value);
}

void page_csrf_field(visit *v, html *h)
{
    page_hidden(h, "csrf", istauth_str_of(v->csrf));
}

/* The first character; html_text makes of a broken one what has to be made of it. */
static istauth_str initial(istauth_str name)
{
    size_t n = name.n ? 1 : 0;

    while (n && n < name.n && n < 4 && ((unsigned char)name.p[n] & 0xC0) == 0x80)
        n++;
    return text_slice(name, 0, n);
}

void page_avatar(html *h, istauth_str name, const char *class_name)
{
    HTML_PUT(h, "<span class=\"{}\" aria-hidden=\"true\">{}</span>", istauth_str_of(class_name),
             initial(name));
}

void page_notice(html *h, const char *kind, const char *text)
{
    bool bad = strcmp(kind, "error") == 0;

    HTML_PUT(h, "<div class=\"notice {}\" role=\"{}\">", istauth_str_of(kind),
             istauth_str_of(bad ? "alert" : "status"));
    html_raw(h, strcmp(kind, "success") == 0 ? ICON_CHECK : ICON_WARNING);
    HTML_PUT(h, "<p>{}</p></div>", istauth_str_of(text));
}
