#include "site.h"

#include "assets.h"
#include "form.h"
#include "log.h"
#include "page.h"
#include "text.h"

typedef struct route {
    const char *path;
    void (*get)(visit *v);
    void (*post)(visit *v);
    bool for_members; /* nobody else gets further than the sign-in page */
} route;

static const route routes[] = {
    { "/", page_home, NULL, false },
    { "/login", page_sign_in, page_sign_in_answer, false },
    { "/logout", NULL, page_sign_out, false },
    { "/oauth/consent", NULL, page_consent_answer, false },
    { "/settings", page_settings, NULL, true },
    { "/settings/apps", page_apps, NULL, true },
    { "/settings/apps/disconnect", page_disconnect, page_disconnect_answer, true },
    { "/settings/tokens", page_tokens, page_token_create, true },
    { "/settings/tokens/delete", page_token_delete, page_token_delete_answer, true },
};

/* --- who is visiting --- */

static void read_session(visit *v)
{
    const istauth_request *r = v->request;
    istauth_str id = form_cookie(r->header(r->ctx, "cookie", 0), page_cookie_name(v->site));

    v->session_is_new = !session_id_is_valid(id);
    if (v->session_is_new) {
        session_id_new(v->session);
    } else {
        memcpy(v->session, id.p, id.n);
        v->session[id.n] = '\0';
        v->person = session_person(v->site->sessions, &v->signed_in_at, id, v->now);
    }
    session_csrf(v->site->sessions, v->csrf, istauth_str_of(v->session));
    session_binding(v->binding, istauth_str_of(v->session));
}

static visit visit_of(const site *s, istauth_response *response, const istauth_request *request,
                      istauth_arena *arena)
{
    visit v = {
        .site = s, .request = request, .response = response, .arena = arena, .now = log_now()
    };

    read_session(&v);
    return v;
}

/* --- what they want --- */

/* Browsers say so; programs do not. */
static bool wants_page(const istauth_request *request)
{
    istauth_str accept = request->header(request->ctx, "accept", 0);
    istauth_str page = ISTAUTH_STR("text/html");

    for (size_t i = 0; i + page.n <= accept.n; i++)
        if (memcmp(accept.p + i, page.p, page.n) == 0)
            return true;
    return false;
}

static bool is_form(const istauth_request *request)
{
    istauth_str type = request->header(request->ctx, "content-type", 0);

    return text_is_ignoring_case(text_trimmed(text_slice(type, 0, text_find(type, ';', 0))),
                                 ISTAUTH_STR("application/x-www-form-urlencoded"));
}

/* A bearer token opens the MCP endpoint. It never stands for a person at a page. */
static void turn_away(visit *v)
{
    if (v->request->header(v->request->ctx, "authorization", 0).p)
        page_error(v, 403, "Sign in with a browser",
                   "A token opens the MCP endpoint only. These pages are for people.");
    else if (text_is(v->request->method, "POST"))
        page_error(v, 403, "You are signed out",
                   "Your session has ended, so nothing was changed. Sign in and try again.");
    else
        page_redirect(v, ISTAUTH_STR("/login"));
}

static void refuse_method(visit *v, const route *r)
{
    page_error(v, 405, "That does not work here", "This address does not take such a request.");
    page_header(v, "Allow",
                !r->post  ? ISTAUTH_STR("GET, HEAD")
                : !r->get ? ISTAUTH_STR("POST")
                          : ISTAUTH_STR("GET, HEAD, POST"));
}

static void post(visit *v, const route *r)
{
    if (!is_form(v->request))
        page_error(v, 415, "That does not work here", "This address takes forms only.");
    else if (!form_parse(&v->fields, v->arena, v->request->body))
        page_error(v, 400, "That form cannot be read", "Go back, reload the page and try again.");
    else
        r->post(v);
}

static void get(visit *v, const route *r)
{
    if (!form_parse(&v->fields, v->arena, v->request->query))
        page_error(v, 400, "That address cannot be read", "Please check it and try again.");
    else
        r->get(v);
}

static void visit_route(visit *v, const route *r)
{
    bool is_get = text_is(v->request->method, "GET") || text_is(v->request->method, "HEAD");
    bool is_post = text_is(v->request->method, "POST");

    if ((is_get && r->get) || (is_post && r->post)) {
        if (r->for_members && !v->person)
            turn_away(v);
        else if (is_post)
            post(v, r);
        else
            get(v, r);
    } else {
        refuse_method(v, r);
    }
}

static const route *route_of(istauth_str path)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
        if (text_is(path, routes[i].path))
            return &routes[i];
    return NULL;
}

/* Programs look for endpoints where there are none, and choke on pages. */
static void serve_nothing(visit *v)
{
    const site *s = v->site;

    if (wants_page(v->request) && !text_starts(v->request->path, "/.well-known/") &&
        !text_starts(v->request->path, "/api/"))
        page_error(v, 404, "There is no such page",
                   "The address may be mistyped, or the page may have moved.");
    else
        istauth_denial(v->response, s->server, s->resource, ISTAUTH_E_NOT_SERVED, ISTAUTH_STR(""),
                       v->arena);
}

static void serve_page(const site *s, istauth_response *response, const istauth_request *request,
                       istauth_arena *arena)
{
    const route *r = route_of(request->path);
    visit v;

    if (assets_serve(response, request, arena))
        return;
    v = visit_of(s, response, request, arena);
    if (r)
        visit_route(&v, r);
    else
        serve_nothing(&v);
}

/* --- everything --- */

static bool is_mcp(const site *s, istauth_str path)
{
    istauth_str own = istauth_identifier_path(s->resource);

    if (path.n == own.n + 1 && path.p[own.n] == '/')
        path.n--; /* clients strip and add that slash as they like */
    return istauth_str_equal(path, own);
}

static istauth_str header_of(const istauth_response *response, const char *name)
{
    istauth_str none = { NULL, 0 };

    for (size_t i = 0; i < response->header_count; i++)
        if (text_is(response->headers[i].name, name))
            return response->headers[i].value;
    return none;
}

/* The library's error page says what is wrong; ours says it in the site's own clothes. */
static void dress_error(visit *v, istauth_status refusal)
{
    istauth_response plain = *v->response;
    istauth_str retry_after = header_of(&plain, "Retry-After");

    if (!text_starts(header_of(&plain, "Content-Type"), "text/html"))
        return;
    v->response->header_count = 0;
    page_error_for(v, refusal);
    v->response->status = plain.status;
    if (retry_after.n)
        page_header(v, "Retry-After", retry_after);
}

static void serve_authorize(const site *s, istauth_response *response,
                            const istauth_request *request, istauth_arena *arena, bool open,
                            const istauth_authorization *authorization)
{
    visit v = visit_of(s, response, request, arena);

    if (open)
        page_authorize(&v, authorization);
    else
        dress_error(&v, authorization->refusal);
}

static void refuse_body(const site *s, istauth_response *response, const istauth_request *request,
                        istauth_arena *arena)
{
    istauth_endpoint endpoint = istauth_route(s->server, request->path);
    visit v;

    if (is_mcp(s, request->path) ||
        (endpoint != ISTAUTH_ENDPOINT_NONE && endpoint != ISTAUTH_ENDPOINT_AUTHORIZE)) {
        istauth_denial(response, s->server, s->resource, ISTAUTH_E_TOO_LARGE, ISTAUTH_STR(""),
                       arena);
        return;
    }
    v = visit_of(s, response, request, arena);
    page_error(&v, 413, "That is too large", "The request was larger than this server reads.");
}

static void serve(const site *s, istauth_response *response, const istauth_request *request,
                  bool too_large, istauth_arena *arena)
{
    istauth_authorization authorization;
    bool open;

    if (too_large) {
        refuse_body(s, response, request, arena);
        return;
    }
    if (is_mcp(s, request->path)) {
        mcp_handle(s->tools, response, request, arena);
        return;
    }
    if (health_serve(s->health, response, request, arena))
        return;
    switch (istauth_handle(response, &open, &authorization, s->server, request, arena)) {
    case ISTAUTH_ENDPOINT_NONE:
        serve_page(s, response, request, arena);
        break;
    case ISTAUTH_ENDPOINT_AUTHORIZE:
        serve_authorize(s, response, request, arena, open, &authorization);
        break;
    default:
        break; /* the response is ready */
    }
}

/* For the numbers: one of a few, whatever the path. */
static metrics_route whose(const site *s, istauth_str path)
{
    istauth_endpoint endpoint = istauth_route(s->server, path);

    if (is_mcp(s, path))
        return METRICS_MCP;
    if (endpoint != ISTAUTH_ENDPOINT_NONE)
        return (metrics_route)endpoint;
    if (text_is(path, PATH_READY) || text_is(path, PATH_LIVE))
        return METRICS_HEALTH;
    return route_of(path) ? METRICS_PAGE : METRICS_OTHER;
}

void site_handle(void *ctx, istauth_response *response, const istauth_request *request,
                 bool too_large, istauth_arena *arena)
{
    const site *s = ctx;
    int64_t began = log_microseconds();

    metrics_request_begins(s->numbers);
    serve(s, response, request, too_large, arena);
    metrics_request_ends(s->numbers, whose(s, request->path), response->status,
                         log_microseconds() - began);
}
