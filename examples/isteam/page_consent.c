/* The consent page: who asks, for what, where the answer goes, and which workspaces. */
#include "page.h"

#include "text.h"

typedef struct asking {
    const istauth_consent *consent;
    istauth_str query;       /* to show the page once more, or to another account */
    istauth_str_list chosen; /* workspaces that stay ticked */
    bool read_only;
    const char *error; /* NULL: none */
    int status;
} asking;

static const istauth_scope *asked(const istauth_consent *c, const char *name)
{
    for (size_t i = 0; i < c->scope_count; i++)
        if (text_is(c->scopes[i]->name, name))
            return c->scopes[i];
    return NULL;
}

/* A document's host is proven. Who asks is proven by it only when the answer goes to a website: on
 * this computer any program may use that document. */
static void write_origin(html *h, const istauth_consent *c)
{
    if (c->document_host.n && c->redirect_kind == ISTAUTH_REDIRECT_HTTPS)
        HTML_PUT(h,
                 "<p class=\"lead\">It is published by <strong>{}</strong>; that much is checked. "
                 "Apps choose their own names: go on only if you started this.</p>",
                 c->document_host);
    else if (c->document_host.n)
        HTML_PUT(h,
                 "<p class=\"lead\">It says it is an app of <strong>{}</strong>, as any program "
                 "on this computer could. Go on only if you started this.</p>",
                 c->document_host);
    else if (c->client_host.n)
        HTML_PUT(h,
                 "<p class=\"lead\">It says it comes from <strong>{}</strong>. Apps choose their "
                 "own names: go on only if you started this.</p>",
                 c->client_host);
    else
        html_raw(h, "<p class=\"lead\">It names no website. Apps choose their own names: go on "
                    "only if you started this.</p>");
}

static void write_heading(html *h, const istauth_consent *c)
{
    html_raw(h, "<div class=\"pair\">");
    page_avatar(h, c->client_name, "avatar app");
    html_raw(h, ICON_LINK ICON_MARK "</div>");
    HTML_PUT(h, "<h1>Connect <span class=\"app-name\">{}</span> to is.team?</h1>", c->client_name);
    write_origin(h, c);
}

/* A form of its own, because signing out is not an answer. */
static void write_account(visit *v, html *h, istauth_str query)
{
    html_raw(h, "<form class=\"account\" method=\"post\" action=\"/logout\">");
    page_csrf_field(v, h);
    page_hidden(h, "authorize", query);
    page_avatar(h, v->person->name, "avatar");
    HTML_PUT(
        h,
        "<span class=\"account-text\"><strong>{}</strong><span>{}</span>"
        "<button class=\"link\" type=\"submit\">Not you? Switch account</button></span></form>",
        v->person->name, v->person->email);
}

static void write_access(visit *v, html *h, const asking *a)
{
    const istauth_scope *read = asked(a->consent, "mcp:read");

    if (asked(a->consent, "mcp")) {
        page_access_choice(v, h, a->read_only);
    } else if (read) {
        page_hidden(h, "access", read->name);
        HTML_PUT(h,
                 "<section><h2>What it may do</h2><ul class=\"grants\"><li>" ICON_CHECK
                 "<span>{}</span></li></ul></section>",
                 read->sentence);
    }
}

/* What an identity scope reveals of this very person. */
static void write_values(visit *v, html *h, const istauth_scope *scope)
{
    const person *p = v->person;

    if (text_is(scope->name, "openid"))
        HTML_PUT(h, "<span class=\"value\"><code>{}</code></span>", p->subject);
    else if (text_is(scope->name, "profile"))
        HTML_PUT(h,
                 "<span class=\"value\"><img src=\"{}\" alt=\"Your picture\" width=\"32\" "
                 "height=\"32\"> {}</span>",
                 p->picture, p->name);
    else if (text_is(scope->name, "email"))
        HTML_PUT(h, "<span class=\"value\">{}</span>", p->email);
}

/* Everything else that was asked for, which is about who the person is. */
static void write_others(visit *v, html *h, const istauth_consent *c)
{
    bool open = false;

    for (size_t i = 0; i < c->scope_count; i++) {
        if (text_is(c->scopes[i]->name, "mcp") || text_is(c->scopes[i]->name, "mcp:read"))
            continue;
        if (!open)
            html_raw(h, "<section><h2>It may also</h2><ul class=\"grants\">");
        open = true;
        HTML_PUT(h, "<li>" ICON_CHECK "<span>{}", c->scopes[i]->sentence);
        write_values(v, h, c->scopes[i]);
        html_raw(h, "</span></li>");
    }
    html_raw(h, open ? "</ul></section>" : "");
}

static void write_workspaces(html *h, const asking *a)
{
    if (!a->consent->workspace_needed)
        return;
    page_workspaces(h, a->consent->workspaces, a->chosen, a->error);
}

static void write_target(html *h, const istauth_consent *c)
{
    switch (c->redirect_kind) {
    case ISTAUTH_REDIRECT_LOOPBACK:
        HTML_PUT(
            h,
            "<div class=\"notice warning\">" ICON_WARNING
            "<p>Your answer goes to a program on this computer (<strong>{}</strong>). Allow it "
            "only if you just started one that wants to connect.</p></div>",
            c->redirect_host);
        break;
    case ISTAUTH_REDIRECT_PRIVATE_USE:
        HTML_PUT(h,
                 "<div class=\"notice warning\">" ICON_WARNING
                 "<p>Your answer opens an app on this device (<strong>{}</strong> links). Allow it "
                 "only if you just started to connect that app.</p></div>",
                 c->redirect_host);
        break;
    default:
        HTML_PUT(h, "<p class=\"target\">Your answer will be sent to <strong>{}</strong></p>",
                 c->redirect_host);
    }
}

static void write_buttons(html *h)
{
    html_raw(h,
             "<div class=\"buttons\"><button class=\"primary\" type=\"submit\" name=\"decision\" "
             "value=\"allow\">Allow</button><button type=\"submit\" name=\"decision\" "
             "value=\"deny\">Cancel</button></div>"
             "<p class=\"footnote\">You can disconnect it at any time in your account "
             "settings.</p>");
}

static void write_page(visit *v, const asking *a)
{
    html h = page_begin(v, PAGE_CARD, "Connect an app");

    write_heading(&h, a->consent);
    write_account(v, &h, a->query);
    html_raw(&h, "<form method=\"post\" action=\"/oauth/consent\">");
    page_hidden(&h, "ticket", a->consent->ticket);
    page_hidden(&h, "authorize", a->query);
    write_access(v, &h, a);
    write_others(v, &h, a->consent);
    write_workspaces(&h, a);
    write_target(&h, a->consent);
    write_buttons(&h);
    html_raw(&h, "</form>");
    page_end(v, &h, PAGE_CARD, a->status);
}

/* --- asking --- */

static void ask(visit *v, const istauth_authorization *authorization, asking *a)
{
    istauth_authorization signed_in = *authorization;
    istauth_consent consent;
    istauth_status status;

    signed_in.auth_time = v->signed_in_at;
    status = istauth_consent_open(&consent, v->site->server, &signed_in, v->person->subject,
                                  istauth_str_of(v->binding), v->arena);
    if (status == ISTAUTH_E_LOGIN_REQUIRED) {
        page_sign_in_for(v, authorization, authorization->resume); /* too long ago, or someone else */
    } else if (status) {
        page_error_for(v, status);
    } else {
        a->consent = &consent;
        write_page(v, a);
    }
}

void page_authorize(visit *v, const istauth_authorization *authorization)
{
    asking a = { .query = authorization->resume, .status = 200 };
    bool must_choose = authorization->prompt_select_account && !authorization->resumed;

    if (!v->person || must_choose)
        page_sign_in_for(v, authorization, authorization->resume);
    else
        ask(v, authorization, &a);
}

/* --- the answer --- */

/* What the person left of the access that was asked for. Identity scopes have no switch on the
 * page; the library drops those that were not asked for. Anything but "mcp" is the lesser one. */
static istauth_str chosen_scopes(const visit *v)
{
    if (text_is(form_get(&v->fields, "access"), "mcp"))
        return ISTAUTH_STR("mcp openid profile email");
    return ISTAUTH_STR("mcp:read openid profile email");
}

/* The same page, with what is missing. It shows the request in its own hidden field, and carries a
 * ticket for exactly that; the ticket of the page before is still good as well. */
static void ask_again(visit *v, istauth_status why, istauth_str_list chosen)
{
    istauth_authorization authorization;
    asking a = { .query = form_get(&v->fields, "authorize"),
                 .chosen = chosen,
                 .read_only = text_is(form_get(&v->fields, "access"), "mcp:read"),
                 .status = istauth_status_http(why) };

    a.error = why == ISTAUTH_E_NO_WORKSPACE
                  ? "Choose at least one workspace."
                  : "One of those workspaces cannot be connected. Please choose again.";
    if (!a.query.n || istauth_authorize_check(&authorization, v->site->server, a.query, v->arena))
        page_error_for(v, why);
    else
        ask(v, &authorization, &a);
}

static istauth_status approve(visit *v, istauth_str *location, istauth_str_list *workspaces)
{
    istauth_choice choice = { .scopes = chosen_scopes(v) };

    if (!form_all(workspaces, &v->fields, "workspace", v->arena))
        return ISTAUTH_E_NO_MEMORY;
    choice.workspaces = *workspaces;
    return istauth_consent_approve(location, v->site->server, form_get(&v->fields, "ticket"),
                                   v->person->subject, istauth_str_of(v->binding), &choice,
                                   v->arena);
}

static istauth_status decide(visit *v, istauth_str *location, istauth_str_list *workspaces)
{
    istauth_str decision = form_get(&v->fields, "decision");

    if (!v->person)
        return ISTAUTH_E_TICKET; /* signed out meanwhile */
    if (text_is(decision, "allow"))
        return approve(v, location, workspaces);
    if (text_is(decision, "deny"))
        return istauth_consent_deny(location, v->site->server, form_get(&v->fields, "ticket"),
                                    v->person->subject, istauth_str_of(v->binding), v->arena);
    return ISTAUTH_E_INVALID_REQUEST;
}

void page_consent_answer(visit *v)
{
    istauth_str_list workspaces = { NULL, 0 };
    istauth_str location;
    istauth_status status = decide(v, &location, &workspaces);

    if (!status)
        page_redirect(v, location);
    else if (status == ISTAUTH_E_NO_WORKSPACE || status == ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE)
        ask_again(v, status, workspaces);
    else
        page_error_for(v, status);
}
