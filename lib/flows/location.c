#include "flows/location_i.h"

#include "base/buf_i.h"
#include "base/text_i.h"

/* The query that was registered stays (RFC 6749 3.1.2): go on behind it. */
static const char *separator(istauth_str uri)
{
    size_t mark = istauth__find(uri, '?', 0);
    char last = uri.p[uri.n - 1];

    if (mark == uri.n)
        return "?";
    return last == '?' || last == '&' ? "" : "&";
}

static void parameter(istauth__buf *b, const char *name, istauth_str value)
{
    istauth__buf_text(b, name);
    istauth__buf_url(b, value);
}

istauth_status istauth__location(istauth_str *location, const istauth_server *server,
                                 istauth_str redirect_uri, istauth_str state, istauth_str code,
                                 istauth_status status, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_add(&b, redirect_uri);
    istauth__buf_text(&b, separator(redirect_uri));
    if (code.n) {
        parameter(&b, "code=", code);
    } else {
        parameter(&b, "error=", istauth_str_of(istauth_status_oauth(status)));
        parameter(&b, "&error_description=", istauth_str_of(istauth_status_description(status)));
    }
    if (state.n)
        parameter(&b, "&state=", state);
    parameter(&b, "&iss=", server->config.issuer);
    return istauth__buf_done(location, &b);
}
