/* The start page, and the way into the settings. */
#include "page.h"

void page_settings(visit *v)
{
    page_redirect(v, ISTAUTH_STR("/settings/apps"));
}

void page_home(visit *v)
{
    html h;

    if (v->person) {
        page_redirect(v, ISTAUTH_STR("/settings"));
        return;
    }
    h = page_begin(v, PAGE_CARD, "Boards for your agents");
    HTML_PUT(&h,
             "<h1>Your boards, in your MCP client</h1>"
             "<p class=\"lead\">Cards, tasks and chat of your workspaces, for any client that "
             "speaks MCP. You decide what it may do, and where.</p>"
             "<ol class=\"steps\"><li>Give your client this address:"
             "<input class=\"copyable\" readonly aria-label=\"MCP address\" value=\"{}\"></li>"
             "<li>It opens this site: sign in, and choose what it may do.</li>"
             "<li>Change your mind at any time under Connected apps.</li></ol>"
             "<p class=\"after\"><a class=\"button primary\" href=\"/login\">Sign in</a></p>",
             v->site->resource);
    html_raw(&h, "<p class=\"footnote\">A demonstration: sign in as <code>ada@example.com</code> "
                 "with <code>lovelace</code>, or as <code>grace@example.com</code> with "
                 "<code>hopper</code>.</p>");
    page_end(v, &h, PAGE_CARD, 200);
}
