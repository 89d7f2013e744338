#include <istauth/endpoints.h>

#include "base/buf_i.h"
#include "base/form_i.h"
#include "base/text_i.h"
#include "endpoints/page_i.h"

/* Does the caller want JSON rather than a page? mcp-remote probes a kept registration this way. */
static bool wants_json(const istauth_request *request)
{
    static const char json[] = "application/json";
    istauth_str accept = istauth__header(request, "accept", 0);
    size_t n = sizeof(json) - 1;

    return accept.n >= n &&
           istauth__equal_ignoring_case(istauth__slice(accept, 0, n), istauth_str_of(json));
}

static void refuse(istauth_response *response, istauth_authorization *authorization,
                   istauth_status status, const istauth_request *request, istauth_arena *arena)
{
    authorization->refusal = status;
    if (wants_json(request))
        istauth__respond_error(response, status, arena);
    else
        istauth__page_refusal(response, status, istauth_str_of(NULL), arena);
}

/* The parameters of a form as a query, encoded anew: what is in a body need not be fit for a
 * URL. */
static istauth_status query_of(istauth_str *location, const istauth_server *server,
                               const istauth_request *request, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);
    istauth__form form;
    istauth_status st;

    if (request->body.n > server->config.limits.query)
        return ISTAUTH_E_TOO_LARGE;
    if (!istauth__is_media_type(request, "application/x-www-form-urlencoded"))
        return ISTAUTH_E_CONTENT_TYPE;
    st = istauth__form_parse(&form, arena, request->body);
    if (st)
        return st;
    istauth__buf_add(&b, istauth_identifier_origin(server->config.issuer));
    istauth__buf_add(&b, server->config.paths.authorize);
    for (size_t i = 0; i < form.count; i++) {
        istauth__buf_char(&b, i ? '&' : '?');
        istauth__buf_url(&b, form.fields[i].name);
        istauth__buf_char(&b, '=');
        istauth__buf_url(&b, form.fields[i].value);
    }
    return istauth__buf_done(location, &b);
}

/* OpenID Connect Core 3.1.2.1 wants POST as well. It becomes a GET: a browser keeps a SameSite=Lax
 * cookie back from another site's form, and the person would seem to be signed out. */
static void answer_post(istauth_response *response, istauth_authorization *authorization,
                        const istauth_server *server, const istauth_request *request,
                        istauth_arena *arena)
{
    istauth_str location;
    istauth_status st = query_of(&location, server, request, arena);

    if (st)
        refuse(response, authorization, st, request, arena);
    else
        istauth__respond_redirect(response, location);
}

void istauth_endpoint_authorize(istauth_response *response, bool *open,
                                istauth_authorization *authorization, const istauth_server *server,
                                const istauth_request *request, istauth_arena *arena)
{
    const char *methods = istauth__is_openid(server) ? "GET, HEAD, POST" : "GET, HEAD";
    istauth__gate gate = { ISTAUTH_ENDPOINT_AUTHORIZE, methods, methods, false };
    istauth_status st;

    *open = false;
    memset(authorization, 0, sizeof(*authorization));
    if (istauth__gate_answers(response, &gate, server, request, arena)) {
        bool busy = response->status == 429;

        authorization->refusal = busy ? ISTAUTH_E_TOO_MANY_REQUESTS : ISTAUTH_E_METHOD;
        if (busy && !wants_json(request))
            istauth__page_instead(response, ISTAUTH_E_TOO_MANY_REQUESTS, arena);
        return;
    }
    if (istauth_str_equal(request->method, ISTAUTH_STR("POST"))) {
        answer_post(response, authorization, server, request, arena);
        return;
    }
    st = istauth_authorize_check(authorization, server, request->query, arena);
    if (!st) {
        memset(response, 0, sizeof(*response)); /* the page is the host's, headers and all */
        response->status = 200;
        *open = true;
    } else if (authorization->location.n) {
        istauth__respond_redirect(response, authorization->location);
    } else {
        refuse(response, authorization, st, request, arena);
    }
}
