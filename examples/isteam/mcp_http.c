#include "mcp_i.h"

#include "text.h"

#define ORIGIN_MAX 512

static bool is_port(istauth_str s)
{
    if (s.n < 2 || s.n > 6 || s.p[0] != ':')
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

static bool is_loopback(istauth_str host)
{
    static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = strlen(names[i]);

        if (text_starts(host, names[i]) && (host.n == n || is_port(text_slice(host, n, host.n))))
            return true;
    }
    return false;
}

static bool is_host(istauth_str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (host.p[i] <= ' ' || host.p[i] > '~' || strchr("/\\?#@\"<>", host.p[i]))
            return false;
    return host.n > 0;
}

static bool is_scheme(istauth_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] >= 'a' && s.p[i] <= 'z') ||
              (i && ((s.p[i] >= '0' && s.p[i] <= '9') || strchr("+-.", s.p[i])))))
            return false;
    return s.n > 0;
}

/* MCP wants Origin validated, against DNS rebinding: a page at http://evil.example that makes its
 * name resolve to this machine. This server has no ambient credentials that such a page could ride
 * on: no cookie opens /mcp, only a bearer token that the page would have to own. So web clients may
 * live anywhere, which is also what CORS here says: any https origin (a rebound name has no
 * certificate for us), an application's own scheme, and http on loopback, where the Inspector
 * lives. What rebinding looks like, plain http under any other name, is refused, and so is the
 * origin "null". */
bool mcp_origin_is_welcome(const istauth_request *request)
{
    istauth_str origin = request->header(request->ctx, "origin", 0);
    istauth_str scheme, host;
    size_t colon;

    if (!origin.p)
        return true; /* not a browser */
    if (request->header(request->ctx, "origin", 1).p || origin.n > ORIGIN_MAX)
        return false;
    colon = text_find(origin, ':', 0);
    scheme = text_slice(origin, 0, colon);
    host = text_slice(origin, colon, origin.n);
    if (!is_scheme(scheme) || !text_starts(host, "://"))
        return false;
    host = text_slice(host, 3, host.n);
    return is_host(host) && (!text_is(scheme, "http") || is_loopback(host));
}

bool mcp_is_json(istauth_str content_type)
{
    istauth_str type = text_slice(content_type, 0, text_find(content_type, ';', 0));

    return text_is_ignoring_case(text_trimmed(type), ISTAUTH_STR("application/json"));
}

void mcp_add_header(istauth_response *response, const char *name, istauth_str value)
{
    if (response->header_count == ISTAUTH_RESPONSE_HEADERS)
        return;
    response->headers[response->header_count].name = istauth_str_of(name);
    response->headers[response->header_count].value = value;
    response->header_count++;
}

void mcp_give_up(istauth_response *response)
{
    memset(response, 0, sizeof(*response));
    response->status = 503;
}

void mcp_answer(exchange *x, int status, istauth_str body)
{
    istauth_response *response = x->response;

    memset(response, 0, sizeof(*response));
    response->status = status;
    istauth_response_add_cors(response);
    mcp_add_header(response, "Cache-Control", ISTAUTH_STR("no-store"));
    if (body.n)
        mcp_add_header(response, "Content-Type", ISTAUTH_STR("application/json"));
    response->body = body;
}
