#include "endpoints/respond_i.h"

#include "base/text_i.h"

istauth_str istauth__header(const istauth_request *request, const char *name, size_t nth)
{
    return request->header(request->ctx, name, nth);
}

/* Is `word` one of the comma-separated words of `list`? */
static bool lists(const char *list, istauth_str word)
{
    istauth_str rest = istauth_str_of(list);

    for (size_t from = 0; from < rest.n;) {
        size_t to = istauth__find(rest, ',', from);

        if (istauth_str_equal(istauth__slice(rest, from, to), word))
            return true;
        from = to + 2; /* ", " */
    }
    return false;
}

static bool refuses_address(istauth_response *response, const istauth__gate *gate,
                            const istauth_server *server, const istauth_request *request,
                            istauth_arena *arena)
{
    const istauth_hooks *hooks = &server->config.hooks;
    unsigned seconds =
        hooks->admit ? hooks->admit(hooks->ctx, gate->endpoint, request->address) : 0;

    if (!seconds)
        return false;
    istauth__respond_error(response, ISTAUTH_E_TOO_MANY_REQUESTS, arena);
    if (response->status == 429)
        istauth__add_retry_after(response, seconds, arena);
    if (gate->cors)
        istauth_response_add_cors(response);
    return true;
}

bool istauth__gate_answers(istauth_response *response, const istauth__gate *gate,
                           const istauth_server *server, const istauth_request *request,
                           istauth_arena *arena)
{
    if (server->config.resource_server_only &&
        gate->endpoint != ISTAUTH_ENDPOINT_RESOURCE_METADATA) {
        istauth__respond_error(response, ISTAUTH_E_NOT_SERVED, arena);
        return true;
    }
    if (gate->cors && istauth_str_equal(request->method, ISTAUTH_STR("OPTIONS"))) {
        istauth_response_preflight(response, gate->allow);
        return true;
    }
    if (!lists(gate->methods, request->method)) {
        istauth__respond_error(response, ISTAUTH_E_METHOD, arena);
        istauth__add_header(response, "Allow", istauth_str_of(gate->allow));
        if (gate->cors)
            istauth_response_add_cors(response);
        return true;
    }
    return refuses_address(response, gate, server, request, arena);
}

static istauth_str trimmed(istauth_str s)
{
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = istauth__slice(s, 1, s.n);
    return s;
}

bool istauth__is_media_type(const istauth_request *request, const char *type)
{
    istauth_str value = istauth__header(request, "content-type", 0);

    if (istauth__header(request, "content-type", 1).p || !value.p)
        return false;
    value = trimmed(istauth__slice(value, 0, istauth__find(value, ';', 0)));
    return istauth__equal_ignoring_case(value, istauth_str_of(type));
}

istauth_status istauth__json_body_check(const istauth_server *server,
                                        const istauth_request *request)
{
    if (request->body.n > server->config.limits.metadata)
        return ISTAUTH_E_TOO_LARGE;
    if (!istauth__is_media_type(request, "application/json") ||
        istauth__header(request, "content-encoding", 0).n)
        return ISTAUTH_E_CONTENT_TYPE;
    return ISTAUTH_OK;
}
