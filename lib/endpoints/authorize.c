#include <istauth/endpoints.h>

#include "base/buf_i.h"
#include "base/text_i.h"
#include "endpoints/respond_i.h"

/* Does the caller want JSON rather than a page? mcp-remote probes a kept registration this way. */
static bool wants_json(const istauth_request *request)
{
    static const char json[] = "application/json";
    istauth_str accept = istauth__header(request, "accept", 0);
    size_t n = sizeof(json) - 1;

    return accept.n >= n &&
           istauth__equal_ignoring_case(istauth__slice(accept, 0, n), istauth_str_of(json));
}

static const char *advice(istauth_status status)
{
    switch (status) {
    case ISTAUTH_E_INVALID_CLIENT:
        return "The app that sent you here is not known to this server, or its registration has "
               "expired. Go back to the app, remove this connection there and add it again.";
    case ISTAUTH_E_INVALID_REDIRECT_URI:
        return "The app asked for you to be sent to an address that it did not register. For your "
               "safety nothing was sent there.";
    case ISTAUTH_E_UNAVAILABLE:
    case ISTAUTH_E_NO_MEMORY:
    case ISTAUTH_E_TOO_MANY_REQUESTS:
        return "The server cannot answer right now. Wait a moment and reload this page.";
    default:
        return "The app sent you here with a request that cannot be understood. Go back to the app "
               "and try to connect again.";
    }
}

/* Fixed text only: nothing of the request appears, so nothing needs an escape. */
static void respond_page(istauth_response *response, istauth_status status, istauth_arena *arena)
{
    static const char head[] =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<title>Cannot connect</title><h1>Cannot connect</h1><p>";
    int http = status == ISTAUTH_E_INVALID_CLIENT ? 400 : istauth_status_http(status);
    istauth__buf b = istauth__buf_in(arena);

    istauth__respond(response, http);
    istauth__buf_text(&b, head);
    istauth__buf_text(&b, advice(status));
    istauth__buf_text(&b, "</p>");
    (void)!istauth__buf_done(&response->body, &b);
    istauth__add_header(response, "Content-Type", ISTAUTH_STR("text/html; charset=utf-8"));
    istauth__add_header(response, "Content-Security-Policy",
                        ISTAUTH_STR("default-src 'none'; frame-ancestors 'none'"));
    istauth__add_header(response, "X-Frame-Options", ISTAUTH_STR("DENY"));
    istauth__add_header(response, "Referrer-Policy", ISTAUTH_STR("no-referrer"));
}

/* The gate speaks JSON; a person waits for a page, and may come back just as soon. */
static void dress_refusal(istauth_response *response, istauth_arena *arena)
{
    istauth_response plain = *response;

    respond_page(response, ISTAUTH_E_TOO_MANY_REQUESTS, arena);
    for (size_t i = 0; i < plain.header_count; i++)
        if (istauth_str_equal(plain.headers[i].name, ISTAUTH_STR("Retry-After")))
            istauth__add_header(response, "Retry-After", plain.headers[i].value);
}

void istauth_endpoint_authorize(istauth_response *response, bool *open,
                                istauth_authorization *authorization, const istauth_server *server,
                                const istauth_request *request, istauth_arena *arena)
{
    static const istauth__gate gate = { ISTAUTH_ENDPOINT_AUTHORIZE, "GET, HEAD", "GET, HEAD",
                                        false };
    istauth_status st;

    *open = false;
    memset(authorization, 0, sizeof(*authorization));
    if (istauth__gate_answers(response, &gate, server, request, arena)) {
        bool busy = response->status == 429;

        authorization->refusal = busy ? ISTAUTH_E_TOO_MANY_REQUESTS : ISTAUTH_E_METHOD;
        if (busy && !wants_json(request))
            dress_refusal(response, arena);
        return;
    }
    st = istauth_authorize_check(authorization, server, request->query, arena);
    if (!st) {
        memset(response, 0, sizeof(*response)); /* the page is the host's, headers and all */
        response->status = 200;
        *open = true;
    } else if (authorization->location.n) {
        istauth__respond_redirect(response, authorization->location);
    } else if (wants_json(request)) {
        istauth__respond_error(response, st, arena);
    } else {
        respond_page(response, st, arena);
    }
}
