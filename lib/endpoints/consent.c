#include <istauth/endpoints.h>

#include "base/buf_i.h"
#include "endpoints/consent_i.h"

static istauth_status find_visitor(istauth_visitor *visitor, const istauth_server *server,
                                   const istauth_request *request, istauth_arena *arena)
{
    const istauth_hooks *hooks = &server->config.hooks;
    istauth_visitor found = ISTAUTH_VISITOR_INIT;
    istauth_status st;

    if (!hooks->visitor)
        return ISTAUTH_E_NOT_SERVED;
    st = hooks->visitor(hooks->ctx, &found, request, arena);

    if (st)
        return st == ISTAUTH_E_UNAVAILABLE || st == ISTAUTH_E_NO_MEMORY ? st : ISTAUTH_E_INTERNAL;
    *visitor = found;
    return ISTAUTH_OK;
}

/* The sign-in page, with the way back in the form of one parameter. */
static istauth_status sign_in_location(istauth_str *location, const istauth_server *server,
                                       istauth_str resume, istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_add(&b, server->config.sign_in);
    istauth__buf_url(&b, server->config.paths.authorize);
    istauth__buf_text(&b, "%3F");
    istauth__buf_url(&b, resume);
    return istauth__buf_done(location, &b);
}

/* Where a person goes who has to sign in: to do so, unless she has come from there already. Then only a
 * sign-in that was too long ago is worth another: she has another account than the client expects, or
 * the host does not tell when she signed in. */
static istauth_status login_location(istauth_str *location, const istauth_server *server,
                                     const istauth_authorization *authorization,
                                     const istauth_visitor *visitor, istauth_arena *arena)
{
    bool too_old = visitor->auth_time && visitor->auth_time < authorization->signed_in_since;
    bool futile = authorization->resumed && visitor->subject.n && !too_old;

    if (futile)
        return istauth_authorize_refuse(location, server, authorization, ISTAUTH_E_LOGIN_REQUIRED,
                                        arena);
    return sign_in_location(location, server, authorization->resume, arena);
}

void istauth__ask_visitor(istauth_response *response, const istauth_server *server,
                          const istauth_authorization *authorization,
                          const istauth_request *request, istauth_arena *arena)
{
    istauth_visitor visitor;
    istauth_str location;
    istauth_status st = find_visitor(&visitor, server, request, arena);

    if (!st && !istauth_consent_page(response, server, authorization, &visitor, arena))
        return;
    if (!st)
        st = login_location(&location, server, authorization, &visitor, arena);
    if (st)
        istauth__page_refusal(response, st, istauth_str_of(NULL), arena);
    else
        istauth__respond_redirect(response, location);
}

void istauth_endpoint_consent(istauth_response *response, const istauth_server *server,
                              const istauth_request *request, istauth_arena *arena)
{
    istauth__gate gate = { ISTAUTH_ENDPOINT_CONSENT, "POST", "POST", false };
    istauth_visitor visitor;
    istauth_status st;

    if (istauth__gate_answers(response, &gate, server, request, arena)) {
        if (response->status == 405)
            istauth__page_instead(response, ISTAUTH_E_METHOD, arena);
        else if (response->status == 429)
            istauth__page_instead(response, ISTAUTH_E_TOO_MANY_REQUESTS, arena);
        return;
    }
    st = find_visitor(&visitor, server, request, arena);
    if (st)
        istauth__page_refusal(response, st, istauth_str_of(NULL), arena);
    else
        istauth_consent_answer(response, server, request, &visitor, arena);
}
