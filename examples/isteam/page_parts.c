#include "page.h"

#include "text.h"

void page_plan(html *h, istauth_str plan)
{
    if (plan.n)
        HTML_PUT(h, "<span class=\"plan plan-{}\">{}</span>", plan, plan);
}

static bool contains(istauth_str_list list, istauth_str text)
{
    for (size_t i = 0; i < list.count; i++)
        if (istauth_str_equal(list.items[i], text))
            return true;
    return false;
}

static void workspace(html *h, const istauth_workspace *w, bool ticked, bool focused)
{
    HTML_PUT(h, "<label class=\"option\"><input type=\"checkbox\" name=\"workspace\" value=\"{}\"",
             w->id);
    if (!w->choosable)
        HTML_PUT(h, " disabled aria-describedby=\"why-{}\"", w->id);
    html_raw(h, w->choosable && ticked ? " checked" : "");
    html_raw(h, focused ? " autofocus" : "");
    HTML_PUT(h, "><span class=\"option-text\"><span class=\"option-name\">{}", w->name);
    page_plan(h, w->plan);
    html_raw(h, "</span>");
    if (!w->choosable)
        HTML_PUT(h, "<span class=\"hint\" id=\"why-{}\">{}</span>", w->id, w->reason);
    html_raw(h, "</span></label>");
}

void page_workspaces(html *h, istauth_workspace_offer offer, istauth_str_list chosen,
                     const char *error)
{
    bool focus = error;

    html_raw(h, error ? "<fieldset aria-describedby=\"workspace-error\">" : "<fieldset>");
    html_raw(h, "<legend>In which workspaces</legend>");
    if (error)
        HTML_PUT(h,
                 "<div class=\"notice error\" role=\"alert\">" ICON_WARNING
                 "<p id=\"workspace-error\">{}</p></div>",
                 istauth_str_of(error));
    html_raw(h, "<div class=\"options\">");
    for (size_t i = 0; i < offer.count; i++) {
        const istauth_workspace *w = &offer.items[i];

        workspace(h, w, contains(chosen, w->id), focus && w->choosable);
        focus = focus && !w->choosable;
    }
    html_raw(h, "</div></fieldset>");
}

void page_workspace_names(html *h, const person *who, istauth_str_list ids)
{
    for (size_t i = 0; i < ids.count; i++) {
        const istauth_workspace *w = person_workspace(who, ids.items[i]);

        html_raw(h, i ? ", " : "");
        html_text(h, w ? w->name : ids.items[i]);
    }
}

/* The catalogue's sentence for a scope; empty when it has none of that name. */
static istauth_str sentence_of(visit *v, const char *name)
{
    const istauth_scope_catalogue *all = istauth_server_scopes(v->site->server);
    istauth_str none = { NULL, 0 };

    for (size_t i = 0; i < all->count; i++)
        if (text_is(all->scopes[i].name, name))
            return all->scopes[i].sentence;
    return none;
}

static void access_option(visit *v, html *h, const char *scope, const char *label, bool checked)
{
    HTML_PUT(h, "<label class=\"option\"><input type=\"radio\" name=\"access\" value=\"{}\"",
             istauth_str_of(scope));
    html_raw(h, checked ? " checked" : "");
    HTML_PUT(h,
             "><span class=\"option-text\"><span class=\"option-name\">{}</span>"
             "<span class=\"hint\">{}</span></span></label>",
             istauth_str_of(label), sentence_of(v, scope));
}

void page_access_choice(visit *v, html *h, bool read_only)
{
    html_raw(h, "<fieldset><legend>What it may do</legend><div class=\"options\">");
    access_option(v, h, "mcp", "Read and make changes", !read_only);
    access_option(v, h, "mcp:read", "Read only", read_only);
    html_raw(h, "</div></fieldset>");
}

void page_scope_names(visit *v, html *h, istauth_scope_set set)
{
    const istauth_scope_catalogue *all = istauth_server_scopes(v->site->server);

    for (size_t i = 0; i < all->count; i++)
        if (set.bits >> i & 1)
            HTML_PUT(h, "<code class=\"scope\" title=\"{}\">{}</code> ", all->scopes[i].sentence,
                     all->scopes[i].name);
}
