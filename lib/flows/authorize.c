#include "flows/flows_i.h"

#include "base/text_i.h"
#include "flows/location_i.h"
#include "flows/openid_i.h"
#include "flows/resource_i.h"
#include "flows/resume_i.h"

#include <istauth/client.h>
#include <istauth/pkce.h>

static unsigned redirect_flags(const istauth_server *server)
{
    return server->config.exact_localhost ? 0 : ISTAUTH_REDIRECT_LOCALHOST;
}

/* Client and redirect URI: until both are known to belong together, nothing is redirected. */
static istauth_status check_target(istauth_authorization *a, const istauth__call *call,
                                   const istauth__form *form)
{
    istauth_str client_id, requested;
    istauth_status st;

    if (istauth__form_get(&client_id, form, "client_id") || !client_id.n ||
        istauth__form_get(&requested, form, "redirect_uri"))
        return ISTAUTH_E_INVALID_REQUEST;
    st = istauth__client_resolve(&a->client, call, client_id);
    if (st)
        return st;
    return istauth_client_redirect(&a->redirect_uri, &a->client, requested,
                                   redirect_flags(call->server));
}

static istauth_status check_state(istauth_authorization *a, const istauth__call *call,
                                  const istauth__form *form)
{
    istauth_str state;

    if (istauth__form_get(&state, form, "state") || state.n > call->server->config.limits.state)
        return ISTAUTH_E_INVALID_REQUEST;
    a->state = state;
    return ISTAUTH_OK;
}

/* Request objects (RFC 9101) are refused before anything could be fetched for one. */
static istauth_status check_request_object(const istauth__form *form)
{
    istauth_str request, request_uri;

    if (istauth__form_get(&request, form, "request") ||
        istauth__form_get(&request_uri, form, "request_uri"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (request.n)
        return ISTAUTH_E_REQUEST_NOT_SUPPORTED;
    return request_uri.n ? ISTAUTH_E_REQUEST_URI_NOT_SUPPORTED : ISTAUTH_OK;
}

static istauth_status check_response(const istauth_authorization *a, const istauth__form *form)
{
    istauth_str type, mode;

    if (istauth__form_get(&type, form, "response_type") || !type.n ||
        istauth__form_get(&mode, form, "response_mode"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (!istauth_str_equal(type, ISTAUTH_STR("code")))
        return ISTAUTH_E_UNSUPPORTED_RESPONSE_TYPE;
    if (mode.n && !istauth_str_equal(mode, ISTAUTH_STR("query")))
        return ISTAUTH_E_INVALID_REQUEST;
    return a->client.grant_types & ISTAUTH_GRANT_AUTHORIZATION_CODE ? ISTAUTH_OK
                                                                    : ISTAUTH_E_UNAUTHORIZED_CLIENT;
}

static istauth_status check_pkce(istauth_authorization *a, const istauth__form *form)
{
    istauth_str challenge, method;

    if (istauth__form_get(&challenge, form, "code_challenge") ||
        istauth__form_get(&method, form, "code_challenge_method"))
        return ISTAUTH_E_INVALID_REQUEST;
    a->challenge = challenge;
    return istauth_pkce_challenge_check(challenge, method);
}

istauth_scope_set istauth__client_ceiling(const istauth_server *server,
                                          const istauth_client *client)
{
    istauth_scope_set registered;

    if (client->origin != ISTAUTH_CLIENT_PROVISIONED || !client->scopes.n)
        return server->offered;
    if (istauth_scope_parse(&registered, NULL, &server->catalogue, client->scopes))
        return (istauth_scope_set){ 0 };
    return istauth_scope_intersection(server->offered,
                                      istauth_scope_closure(&server->catalogue, registered));
}

static istauth_status check_scope(istauth_authorization *a, const istauth_server *server,
                                  const istauth__form *form)
{
    istauth_str text;
    istauth_scope_set asked;
    istauth_status st;

    if (istauth__form_get(&text, form, "scope"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (!text.n)
        text = a->client.scopes.n ? a->client.scopes : server->config.challenge_scope;
    st = istauth_scope_parse(&asked, NULL, &server->catalogue, text);
    if (st)
        return st;
    a->scopes = istauth_scope_intersection(asked, istauth__client_ceiling(server, &a->client));
    return istauth_scope_is_empty(a->scopes) ? ISTAUTH_E_INVALID_SCOPE : ISTAUTH_OK;
}

static istauth_status check_resource(istauth_authorization *a, const istauth_server *server,
                                     const istauth__form *form)
{
    const istauth__resource *resource;
    istauth_status st = istauth__resource_asked(&resource, server, form, NULL);

    if (!st)
        a->resource = resource->identifier;
    return st;
}

/* In the order in which a client would want to hear of its mistakes. */
static istauth_status check_request(istauth_authorization *a, const istauth__call *call,
                                    const istauth__form *form, istauth_time seen_at)
{
    istauth_status st = check_state(a, call, form);

    if (!st)
        st = check_request_object(form);
    if (!st)
        st = check_response(a, form);
    if (!st)
        st = check_pkce(a, form);
    if (!st)
        st = check_scope(a, call->server, form);
    if (!st)
        st = check_resource(a, call->server, form);
    if (!st)
        st = istauth__openid_request(a, call, form, seen_at);
    return st;
}

static istauth_status read_request(istauth__form *form, const istauth__call *call,
                                   istauth_str query)
{
    if (query.n > call->server->config.limits.query)
        return ISTAUTH_E_TOO_LARGE;
    return istauth__form_parse(form, call->arena, query);
}

/* Trouble of ours is for a page: a client cannot cure it, and it may pass. */
static bool is_for_the_client(istauth_status st)
{
    return st <= ISTAUTH_E_INVALID_REQUEST && st > ISTAUTH_E_INVALID_CLIENT;
}

/* Was it seen before, on its way to the sign-in page? Then that was its time. */
static istauth_status open_resume(istauth_str *query, istauth_time *seen_at, bool *resumed,
                                  const istauth__call *call)
{
    istauth_status st = istauth__resume_read(query, seen_at, call, *query);

    *resumed = !st;
    if (st == ISTAUTH_E_NOT_FOUND) {
        *seen_at = call->now;
        return ISTAUTH_OK;
    }
    return st;
}

static istauth_status check_all(istauth_authorization *a, const istauth_server *server,
                                istauth_str query, istauth_arena *arena)
{
    istauth_str location = { NULL, 0 };
    istauth__form form;
    istauth_time seen_at;
    istauth__call call;
    istauth_status st = istauth__call_start(&call, server, arena, istauth_str_of(NULL));

    if (!st)
        st = open_resume(&query, &seen_at, &a->resumed, &call);
    if (!st)
        st = read_request(&form, &call, query);
    if (!st)
        st = check_target(a, &call, &form);
    if (st)
        return st;
    st = check_request(a, &call, &form, seen_at);
    if (!st)
        st = istauth__resume_write(&a->resume, &call, query, seen_at);
    if (st && is_for_the_client(st) && istauth_authorize_refuse(&location, server, a, st, arena))
        return ISTAUTH_E_NO_MEMORY;
    a->location = location;
    return st;
}

/* What did not hold is not handed out: of a refused request only why, and where to. */
istauth_status istauth_authorize_check(istauth_authorization *authorization,
                                       const istauth_server *server, istauth_str query,
                                       istauth_arena *arena)
{
    istauth_authorization a;
    istauth_status st;

    memset(&a, 0, sizeof(a));
    memset(authorization, 0, sizeof(*authorization));
    st = check_all(&a, server, query, arena);
    if (!st)
        *authorization = a;
    authorization->refusal = st;
    authorization->location = a.location;
    return st;
}

istauth_status istauth_authorize_refuse(istauth_str *location, const istauth_server *server,
                                        const istauth_authorization *authorization,
                                        istauth_status reason, istauth_arena *arena)
{
    if (!authorization->redirect_uri.n || !istauth_status_oauth(reason))
        return ISTAUTH_E_ARGUMENT; /* nowhere to go, or nothing to say */
    return istauth__location(location, server, authorization->redirect_uri, authorization->state,
                             istauth_str_of(NULL), reason, arena);
}
