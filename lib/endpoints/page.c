#include "endpoints/page_i.h"

#include "base/crypto_i.h"
#include "base/text_i.h"

/* Every pair of text and ground has a contrast of 4.5 or more, in both schemes. */
static const char style[] =
    ":root{color-scheme:light dark;--ground:#f5f6f4;--card:#fff;--text:#17211f;--muted:#56625f;"
    "--line:#dfe4e2;--edge:#84918d;--fill:#0d6b63;--warn:#6b4700;--warn-ground:#fdf3dc}"
    "@media(prefers-color-scheme:dark){:root{--ground:#0f1413;--card:#171e1c;--text:#e8eeec;"
    "--muted:#a3b0ac;--line:#2b3533;--edge:#74827e;--fill:#13756c;--warn:#f3cd82;"
    "--warn-ground:#33280f}}"
    "*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--text);"
    "font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "main{width:min(100% - 2rem,30rem);margin:clamp(1rem,6vh,4rem) auto;padding:clamp(1.25rem,"
    "5vw,2.25rem);border:1px solid var(--line);border-radius:16px;background:var(--card)}"
    "h1{margin:0;font-size:1.5rem;line-height:1.25}p{margin:.75rem 0 0}.muted{color:var(--muted)}"
    "form{display:grid;gap:1.25rem;margin-top:1.25rem}fieldset{min-width:0;margin:0;padding:0;"
    "border:0}legend{padding:0;margin-bottom:.4rem;font-weight:600}"
    "label{display:flex;gap:.65rem;padding:.35rem 0}label.off{color:var(--muted)}"
    "input{flex:none;width:1.15rem;height:1.15rem;margin:.2rem 0 0;accent-color:var(--fill)}"
    "small{display:block;color:var(--muted)}"
    ".notice{margin:0;padding:.75rem 1rem;border-radius:10px;background:var(--warn-ground);"
    "color:var(--warn)}.buttons{display:flex;gap:.75rem}button{flex:1;min-height:2.75rem;"
    "padding:.5rem 1rem;border:1px solid var(--edge);border-radius:10px;background:none;"
    "color:inherit;font:inherit;font-weight:600;cursor:pointer}.allow{border-color:transparent;"
    "background:var(--fill);color:#fff}:focus-visible{outline:3px solid var(--edge);"
    "outline-offset:2px}";

istauth__buf istauth__page_begin(istauth_arena *arena, const char *title, istauth_str stylesheet)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_text(&b, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                          "<meta name=\"robots\" content=\"noindex\"><title>");
    istauth__buf_text(&b, title);
    istauth__buf_text(&b, "</title>");
    if (stylesheet.n) {
        istauth__html_put(&b, "<link rel=\"stylesheet\" href=\"{}\">", stylesheet);
    } else {
        istauth__buf_text(&b, "<style>");
        istauth__buf_text(&b, style);
        istauth__buf_text(&b, "</style>");
    }
    istauth__buf_text(&b, "</head><body><main>");
    return b;
}

/* The built-in style is let in by its hash (CSP 3, 6.7.3.3), in base64 with padding. */
static void add_style_hash(istauth__buf *b)
{
    char text[ISTAUTH__BASE64URL_LENGTH(ISTAUTH__SHA256_SIZE) + 1];
    uint8_t hash[ISTAUTH__SHA256_SIZE];

    istauth__sha256(hash, ISTAUTH_STR(style));
    istauth__base64url_write(text, hash, sizeof(hash));
    for (size_t i = 0; i < sizeof(text) - 1; i++)
        istauth__buf_char(b, text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i]);
    istauth__buf_char(b, '=');
}

/* No form-action: Chromium would hold the redirect to the client against it. */
static istauth_status policy(istauth_str *out, istauth_str stylesheet, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_text(&b, "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src ");
    if (stylesheet.n) {
        istauth__buf_text(&b, "'self'");
    } else {
        istauth__buf_text(&b, "'sha256-");
        add_style_hash(&b);
        istauth__buf_char(&b, '\'');
    }
    return istauth__buf_done(out, &b);
}

#define BUSY "The server cannot answer right now. Wait a moment and reload this page."

/* What there is room for when there is none. */
static const char bare_page[] =
    "<!doctype html><html lang=\"en\"><title>Cannot connect</title><h1>Cannot connect</h1>"
    "<p>" BUSY "</p></html>";

void istauth__page_end(istauth_response *response, int status, istauth__buf *b,
                       istauth_str stylesheet)
{
    istauth_str body, csp;

    istauth__buf_text(b, "</main></body></html>");
    if (istauth__buf_done(&body, b) || policy(&csp, stylesheet, b->arena)) {
        status = 503;
        body = ISTAUTH_STR(bare_page);
        csp = ISTAUTH_STR("default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    }
    istauth__respond(response, status);
    response->body = body;
    if (status == 503)
        istauth__add_header(response, "Retry-After", ISTAUTH_STR("5"));
    istauth__add_header(response, "Content-Type", ISTAUTH_STR("text/html; charset=utf-8"));
    istauth__add_header(response, "Content-Security-Policy", csp);
    istauth__add_header(response, "X-Frame-Options", ISTAUTH_STR("DENY"));
    istauth__add_header(response, "Referrer-Policy", ISTAUTH_STR("no-referrer"));
}

static const char *advice(istauth_status status)
{
    if (istauth_status_http(status) >= 500)
        return BUSY; /* whatever it is, it is not the app's mistake */
    switch (status) {
    case ISTAUTH_E_INVALID_CLIENT:
        return "The app that sent you here is not known to this server, or its registration has "
               "expired. Go back to the app, remove this connection there and add it again.";
    case ISTAUTH_E_INVALID_REDIRECT_URI:
        return "The app asked for you to be sent to an address that it did not register. For your "
               "safety nothing was sent there.";
    case ISTAUTH_E_TOO_MANY_REQUESTS:
        return BUSY;
    case ISTAUTH_E_TICKET:
        return "This page was open for too long, was answered already, or belongs to another "
               "sign-in. Nothing was granted. Go back to the app and connect again.";
    case ISTAUTH_E_ACCESS_DENIED:
        return "This account cannot connect apps at the moment.";
    default:
        return "The app sent you here with a request that cannot be understood. Go back to the app "
               "and try to connect again.";
    }
}

void istauth__page_refusal(istauth_response *response, istauth_status status,
                           istauth_str stylesheet, istauth_arena *arena)
{
    int http = status == ISTAUTH_E_INVALID_CLIENT ? 400 : istauth_status_http(status);
    istauth__buf b = istauth__page_begin(arena, "Cannot connect", stylesheet);

    istauth__buf_text(&b, "<h1>Cannot connect</h1><p>");
    istauth__buf_text(&b, advice(status));
    istauth__buf_text(&b, "</p>");
    istauth__page_end(response, http, &b, stylesheet);
}

/* Fields of the gate's that its answer is not whole without. */
static bool is_kept(istauth_str name)
{
    return istauth_str_equal(name, ISTAUTH_STR("Retry-After")) ||
           istauth_str_equal(name, ISTAUTH_STR("Allow"));
}

void istauth__page_instead(istauth_response *response, istauth_status status, istauth_arena *arena)
{
    istauth_response plain = *response;

    istauth__page_refusal(response, status, istauth_str_of(NULL), arena);
    for (size_t i = 0; i < plain.header_count && response->status != 503; i++)
        if (is_kept(plain.headers[i].name))
            istauth__add_header(response, plain.headers[i].name.p, plain.headers[i].value);
}
