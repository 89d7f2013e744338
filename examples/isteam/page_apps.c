/* Connected apps: who may act for this person, and the end of that. */
#include "settings.h"

#include "text.h"

static istauth_status list_apps(visit *v, istauth_apps *apps)
{
    istauth_status status = istauth_apps_list(apps, v->site->server, v->person->subject, v->arena);

    return status ? status : istauth_apps_group(apps, apps, v->arena);
}

/* --- the table --- */

static void write_name(html *h, const istauth_app *app)
{
    istauth_str host = app->document_host.n ? app->document_host
                       : app->client_host.n ? app->client_host
                                            : app->redirect_host;

    html_raw(h, "<td role=\"cell\" class=\"title\"><span class=\"named\">");
    page_avatar(h, app->name, "avatar app small");
    HTML_PUT(h, "<span><strong>{}</strong><span class=\"hint\">{}</span></span></span></td>",
             app->name, host);
}

static void write_workspaces(visit *v, html *h, const istauth_app *app)
{
    html_raw(h, "<td role=\"cell\" data-label=\"Workspaces\"><span>");
    html_number(h, app->workspaces.count);
    html_raw(h, "<span class=\"hint\">");
    page_workspace_names(h, v->person, app->workspaces);
    html_raw(h, "</span></span></td>");
}

/* A link, because it only asks: what it leads to is a form. */
static void write_disconnect(html *h, const istauth_app *app)
{
    html_raw(h, "<td role=\"cell\" class=\"action\"><a class=\"trash\" "
                "href=\"/settings/apps/disconnect?");
    for (size_t i = 0; i < app->client_ids.count; i++) {
        html_raw(h, i ? "&amp;client=" : "client=");
        html_url(h, app->client_ids.items[i]);
    }
    HTML_PUT(h, "\" aria-label=\"Disconnect {}\" title=\"Disconnect\">" ICON_TRASH "</a></td>",
             app->name);
}

static void write_app(visit *v, html *h, const istauth_app *app)
{
    html_raw(h, "<tr role=\"row\">");
    write_name(h, app);
    html_raw(h, "<td role=\"cell\" data-label=\"Scopes\"><span class=\"scopes\">");
    page_scope_names(v, h, app->scopes);
    html_raw(h, "</span></td>");
    write_workspaces(v, h, app);
    html_raw(h, "<td role=\"cell\" data-label=\"Last token issued\">");
    html_ago(h, app->issued_at, v->now);
    html_raw(h, "</td><td role=\"cell\" data-label=\"Last used\">");
    html_ago(h, app->used_at, v->now);
    html_raw(h, "</td>");
    write_disconnect(h, app);
    html_raw(h, "</tr>");
}

static void write_table(visit *v, html *h, const istauth_apps *apps)
{
    html_raw(h, "<div class=\"panel\"><table role=\"table\"><thead role=\"rowgroup\">"
                "<tr role=\"row\"><th role=\"columnheader\" scope=\"col\">Name</th>"
                "<th role=\"columnheader\" scope=\"col\">Scopes</th>"
                "<th role=\"columnheader\" scope=\"col\">Workspaces</th>"
                "<th role=\"columnheader\" scope=\"col\">Last token issued</th>"
                "<th role=\"columnheader\" scope=\"col\">Last used</th>"
                "<th role=\"columnheader\" scope=\"col\"><span class=\"unseen\">Disconnect</span>"
                "</th></tr></thead><tbody role=\"rowgroup\">");
    for (size_t i = 0; i < apps->count; i++)
        write_app(v, h, &apps->items[i]);
    html_raw(h, "</tbody></table></div>");
    if (apps->truncated)
        html_raw(h, "<p class=\"footnote\">There are more: disconnect some of these to see "
                    "them.</p>");
}

static void write_empty(visit *v, html *h)
{
    HTML_PUT(h,
             "<div class=\"panel empty\"><h2>No app is connected yet</h2>"
             "<p>Give this address to your MCP client. It will bring you back here to sign in "
             "and to choose what it may do.</p><p><input class=\"copyable\" readonly "
             "aria-label=\"MCP address\" value=\"{}\"></p></div>",
             v->site->resource);
}

void page_apps(visit *v)
{
    bool done = text_is(form_get(&v->fields, "done"), "disconnected");
    istauth_status status;
    istauth_apps apps;
    html h;

    status = list_apps(v, &apps);
    if (status) {
        page_error_for(v, status);
        return;
    }
    h = settings_begin(v, TAB_APPS, "Connected apps");
    if (done)
        page_notice(&h, "success", "Disconnected. None of its tokens works any more.");
    html_raw(&h, "<p class=\"intro\">Apps that can act for you in is.team, within the scopes and "
                 "workspaces that you allowed.</p>");
    if (apps.count)
        write_table(v, &h, &apps);
    else
        write_empty(v, &h);
    settings_end(v, &h, 200);
}

/* --- disconnecting --- */

static bool has_client(const istauth_app *app, istauth_str_list clients)
{
    for (size_t i = 0; i < app->client_ids.count; i++)
        for (size_t j = 0; j < clients.count; j++)
            if (istauth_str_equal(app->client_ids.items[i], clients.items[j]))
                return true;
    return false;
}

/* The app that one of the named registrations belongs to, among this person's own. */
static istauth_status find_app(visit *v, const istauth_app **found)
{
    istauth_str_list clients;
    istauth_apps apps;
    istauth_status status;

    if (!form_all(&clients, &v->fields, "client", v->arena))
        return ISTAUTH_E_NO_MEMORY;
    status = list_apps(v, &apps);
    if (status)
        return status;
    for (size_t i = 0; i < apps.count; i++) {
        if (has_client(&apps.items[i], clients)) {
            *found = &apps.items[i];
            return ISTAUTH_OK;
        }
    }
    return ISTAUTH_E_NOT_FOUND;
}

void page_disconnect(visit *v)
{
    settings_question q = {
        .title = "Disconnect {}?",
        .text = "Its access ends at once: every token that it holds for your account stops "
                "working. You can connect it again later.",
        .action = "/settings/apps/disconnect",
        .yes = "Disconnect",
        .no = "Keep",
        .back = "/settings/apps",
    };
    const istauth_app *app = NULL;
    istauth_status status = find_app(v, &app);
    html h;

    if (status) {
        page_error_for(v, status);
        return;
    }
    q.name = app->name;
    h = settings_question_begin(v, &q);
    /* Its own, whatever the address named besides: what is asked is what is done. */
    for (size_t i = 0; i < app->client_ids.count; i++)
        page_hidden(&h, "client", app->client_ids.items[i]);
    settings_question_end(v, &h, &q);
}

void page_disconnect_answer(visit *v)
{
    istauth_str_list clients;
    istauth_status status = ISTAUTH_E_NO_MEMORY;

    if (!settings_form_is_ours(v))
        return;
    if (form_all(&clients, &v->fields, "client", v->arena))
        status = istauth_app_disconnect(v->site->server, v->person->subject, clients);
    if (status)
        page_error_for(v, status); /* never "done" unless it is */
    else
        page_redirect(v, ISTAUTH_STR("/settings/apps?done=disconnected"));
}
