#include "base/text_i.h"
#include "endpoints/consent_i.h"

#include <istauth/discovery.h>

static void heading(istauth__buf *b, const istauth__asking *a, const istauth_consent *c)
{
    const istauth_config *config = &a->server->config;
    istauth_str to = c->resource;

    for (size_t i = 0; i < config->resource_count; i++)
        if (istauth_str_equal(config->resources[i].identifier, c->resource) &&
            config->resources[i].name.n)
            to = config->resources[i].name;
    istauth__html_put(b, "<h1>Connect {} to ", c->client_name);
    istauth__html_put(b, "{}?</h1>", to);
}

/* Only a document's host is proven, and only when the answer goes to a website: on her own computer
 * any program may use that document. */
static void origin(istauth__buf *b, const istauth_consent *c)
{
    const char *says = "<p class=\"muted\">It names no website. Apps choose their own names: go on "
                       "only if you started this.</p>";
    istauth_str host = c->client_host;

    if (c->document_host.n)
        host = c->document_host;
    if (c->document_host.n && c->redirect_kind == ISTAUTH_REDIRECT_HTTPS)
        says = "<p class=\"muted\">It is published by <strong>{}</strong>; that much is checked. "
               "Go on only if you started this.</p>";
    else if (host.n)
        says = "<p class=\"muted\">It says it comes from <strong>{}</strong>, as any app could. Go "
               "on only if you started this.</p>";
    istauth__html_put(b, says, host);
}

static void field(istauth__buf *b, const char *name, istauth_str value)
{
    istauth__html_put(b, "<input type=\"hidden\" name=\"{}\"", istauth_str_of(name));
    istauth__html_put(b, " value=\"{}\">", value);
}

static void box(istauth__buf *b, const char *name, istauth_str value, bool ticked, bool enabled)
{
    istauth__buf_text(b, enabled ? "<label>" : "<label class=\"off\">");
    istauth__html_put(b, "<input type=\"checkbox\" name=\"{}\"", istauth_str_of(name));
    istauth__html_put(b, " value=\"{}\"", value);
    istauth__buf_text(b, !enabled ? " disabled>" : ticked ? " checked>" : ">");
}

/* What is known of this very person: without it the sentences have to do. */
static istauth_claims claims_of(const istauth__asking *a, istauth_scope_set asked)
{
    const istauth_hooks *hooks = &a->server->config.hooks;
    istauth_scope_set identity = istauth_scope_flagged(&a->server->catalogue, ISTAUTH_SCOPE_IDENTITY);
    istauth_claims none, claims;

    memset(&none, 0, sizeof(none));
    claims = none;
    if (istauth_scope_is_empty(istauth_scope_intersection(asked, identity)) || !hooks->claims ||
        hooks->claims(hooks->ctx, &claims, a->visitor->subject, a->arena))
        return none;
    return claims;
}

static istauth_str value_of(const istauth_claims *claims, istauth_str scope)
{
    if (istauth_str_equal(scope, ISTAUTH_STR("profile")))
        return claims->name;
    if (istauth_str_equal(scope, ISTAUTH_STR("email")))
        return claims->email;
    return istauth_str_of(NULL);
}

/* A box without words would be ticked for anything. */
static istauth_str worded(istauth_str words, istauth_str id)
{
    return words.n ? words : id;
}

static void scope_box(istauth__buf *b, const istauth__asking *a, const istauth_claims *claims,
                      const istauth_scope *scope, bool asked, bool part)
{
    istauth_str note = value_of(claims, scope->name);

    if (part) /* to untick it while the greater one stays changes nothing */
        note = ISTAUTH_STR("Part of the above: leave only this to allow less.");
    box(b, asked ? ISTAUTH__FIELD_SCOPE : ISTAUTH__FIELD_IMPLIED, scope->name,
        !a->mend || istauth__list_has(a->scopes, scope->name), true);
    istauth__html_put(b, "<span>{}", worded(scope->sentence, scope->name));
    if (note.n)
        istauth__html_put(b, "<small>{}</small>", note);
    istauth__buf_text(b, "</span></label>");
}

/* Does another of these bring this one along? */
static bool is_part(const istauth_scope_catalogue *catalogue, istauth_scope_set asked, size_t i)
{
    istauth_scope_set others = { asked.bits & ~(UINT64_C(1) << i) };

    return istauth_scope_closure(catalogue, others).bits >> i & 1;
}

/* What was asked for, and what that implies: whoever unticks the greater one leaves the lesser. */
static void scopes(istauth__buf *b, const istauth__asking *a, istauth_scope_set asked)
{
    const istauth_scope_catalogue *catalogue = &a->server->catalogue;
    istauth_scope_set all = istauth_scope_closure(catalogue, asked);
    istauth_claims claims = claims_of(a, asked);

    istauth__buf_text(b, "<fieldset><legend>What it may do</legend>");
    for (size_t i = 0; i < catalogue->count; i++)
        if (all.bits >> i & 1)
            scope_box(b, a, &claims, &catalogue->scopes[i], asked.bits >> i & 1,
                      is_part(catalogue, asked, i));
    istauth__buf_text(b, "</fieldset>");
}

static void workspace_box(istauth__buf *b, const istauth__asking *a, const istauth_workspace *w)
{
    box(b, ISTAUTH__FIELD_WORKSPACE, w->id, istauth__list_has(a->workspaces, w->id),
        w->choosable);
    istauth__html_put(b, "<span>{}", worded(w->name, w->id));
    if (w->plan.n)
        istauth__html_put(b, " ({})", w->plan);
    if (w->reason.n)
        istauth__html_put(b, "<small>{}</small>", w->reason);
    istauth__buf_text(b, "</span></label>");
}

static void workspaces(istauth__buf *b, const istauth__asking *a, const istauth_consent *c)
{
    if (!c->workspace_needed)
        return;
    istauth__buf_text(b, "<fieldset><legend>Where it may do it</legend>");
    if (!c->workspaces.count)
        istauth__buf_text(b, "<p class=\"muted\">You have no workspace yet, so there is nothing to "
                             "connect.</p>");
    for (size_t i = 0; i < c->workspaces.count; i++)
        workspace_box(b, a, &c->workspaces.items[i]);
    istauth__buf_text(b, "</fieldset>");
}

/* Where the answer goes (RFC 9700 4.11.2). */
static void target(istauth__buf *b, const istauth_consent *c)
{
    const char *says = "<p>Your answer will be sent to <strong>{}</strong>.</p>";

    if (c->redirect_kind == ISTAUTH_REDIRECT_LOOPBACK)
        says = "<p class=\"notice\">Your answer goes to a program on this computer "
               "(<strong>{}</strong>). Allow it only if you just started one that wants to "
               "connect.</p>";
    else if (c->redirect_kind == ISTAUTH_REDIRECT_PRIVATE_USE)
        says = "<p class=\"notice\">Your answer opens an app on this device (<strong>{}</strong> "
               "links). Allow it only if you just started to connect that app.</p>";
    istauth__html_put(b, says, c->redirect_host);
}

static void show(istauth_response *response, const istauth__asking *a, const istauth_consent *c,
                 const istauth_authorization *authorization)
{
    istauth__buf b = istauth__page_begin(a->arena, "Connect an app", a->visitor->stylesheet);

    heading(&b, a, c);
    origin(&b, c);
    if (a->visitor->name.n)
        istauth__html_put(&b, "<p>You are signed in as <strong>{}</strong>.</p>", a->visitor->name);
    istauth__html_put(&b, "<form method=\"post\" action=\"{}\">",
                      a->visitor->action.n ? a->visitor->action : a->server->config.paths.consent);
    field(&b, ISTAUTH__FIELD_TICKET, c->ticket);
    field(&b, ISTAUTH__FIELD_REQUEST, authorization->resume);
    if (a->mend)
        istauth__html_put(&b, "<p class=\"notice\" role=\"alert\">{}</p>", istauth_str_of(a->mend));
    scopes(&b, a, authorization->scopes);
    workspaces(&b, a, c);
    target(&b, c);
    istauth__buf_text(&b, "<div class=\"buttons\"><button class=\"allow\" name=\""
                          ISTAUTH__FIELD_DECISION "\" value=\"allow\">Allow</button><button name=\""
                          ISTAUTH__FIELD_DECISION "\" value=\"deny\">Cancel</button></div></form>");
    istauth__page_end(response, a->status, &b, a->visitor->stylesheet);
}

istauth_status istauth__ask(istauth_response *response, const istauth__asking *asking,
                            const istauth_authorization *authorization)
{
    istauth_authorization request = *authorization;
    const istauth_visitor *visitor = asking->visitor;
    istauth_consent consent;
    istauth_status st;

    if (!visitor->subject.n || (request.prompt_select_account && !request.resumed))
        return ISTAUTH_E_LOGIN_REQUIRED;
    request.auth_time = visitor->auth_time;
    st = istauth_consent_open(&consent, asking->server, &request, visitor->subject,
                              visitor->binding, asking->arena);
    if (st == ISTAUTH_E_LOGIN_REQUIRED)
        return st;
    if (st)
        istauth__page_refusal(response, st, visitor->stylesheet, asking->arena);
    else
        show(response, asking, &consent, &request);
    return ISTAUTH_OK;
}

istauth_status istauth__visitor_check(const istauth_visitor *visitor)
{
    return visitor->size == sizeof(*visitor) ? ISTAUTH_OK : ISTAUTH_E_ARGUMENT;
}

istauth_status istauth_consent_page(istauth_response *response, const istauth_server *server,
                                    const istauth_authorization *authorization,
                                    const istauth_visitor *visitor, istauth_arena *arena)
{
    istauth__asking asking = {
        .server = server, .visitor = visitor, .arena = arena, .status = 200
    };
    istauth_status st = istauth__visitor_check(visitor);

    if (!st)
        return istauth__ask(response, &asking, authorization);
    istauth__page_refusal(response, st, istauth_str_of(NULL), arena);
    return ISTAUTH_OK;
}
