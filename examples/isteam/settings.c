#include "settings.h"

static void tab(html *h, const char *path, const char *label, bool current)
{
    HTML_PUT(h, "<a href=\"{}\"", istauth_str_of(path));
    html_raw(h, current ? " aria-current=\"page\">" : ">");
    HTML_PUT(h, "{}</a>", istauth_str_of(label));
}

html settings_begin(visit *v, settings_tab current, const char *title)
{
    html h = page_begin(v, PAGE_SETTINGS, title);

    html_raw(&h, "<h1>Account settings</h1><nav class=\"tabs\" aria-label=\"Account settings\">");
    tab(&h, "/settings/apps", "Connected apps", current == TAB_APPS);
    tab(&h, "/settings/tokens", "Personal API tokens", current == TAB_TOKENS);
    html_raw(&h, "</nav>");
    return h;
}

void settings_end(visit *v, html *h, int status)
{
    page_end(v, h, PAGE_SETTINGS, status);
}

bool settings_form_is_ours(visit *v)
{
    if (session_csrf_is_valid(v->site->sessions, istauth_str_of(v->session),
                              form_get(&v->fields, "csrf")))
        return true;
    page_error(v, 403, "That form is too old",
               "Nothing was changed. Reload the page and try again.");
    return false;
}

html settings_question_begin(visit *v, const settings_question *q)
{
    html h = page_begin(v, PAGE_CARD, q->yes);

    html_raw(&h, "<h1>");
    HTML_PUT(&h, q->title, q->name);
    HTML_PUT(&h, "</h1><p class=\"lead\">{}</p><form method=\"post\" action=\"{}\">",
             istauth_str_of(q->text), istauth_str_of(q->action));
    page_csrf_field(v, &h);
    return h;
}

void settings_question_end(visit *v, html *h, const settings_question *q)
{
    HTML_PUT(h,
             "<div class=\"buttons\"><button class=\"danger\" type=\"submit\">{}</button>"
             "<a class=\"button\" href=\"{}\">{}</a></div></form>",
             istauth_str_of(q->yes), istauth_str_of(q->back), istauth_str_of(q->no));
    page_end(v, h, PAGE_CARD, 200);
}
