/* What all pages share: the frame around them, the response's head, and their small parts. */
#ifndef ISTEAM_PAGE_H
#define ISTEAM_PAGE_H

#include "site.h"

typedef enum page_frame {
    PAGE_CARD,    /* one question in the middle of the window */
    PAGE_SETTINGS /* signed in, with a bar on top */
} page_frame;

/* Begin a page; `title` is shown in the browser's tab. */
html page_begin(visit *v, page_frame frame, const char *title);

/* Finish it and make it the response. */
void page_end(visit *v, html *h, page_frame frame, int status);

/* Let the finished page run /copy.js, and nothing else. */
void page_allow_script(visit *v);

/* 303 to a location, which is ours or the library's, never the request's. */
void page_redirect(visit *v, istauth_str location);

/* One more header line. Both texts outlive the response. */
void page_header(visit *v, const char *name, istauth_str value);

/* What the session's cookie is called on this site. */
const char *page_cookie_name(const site *s);

/* Set the session's cookie; an empty value removes it. */
void page_cookie(visit *v, istauth_str value);

/* <input type=hidden name=csrf ...> */
void page_csrf_field(visit *v, html *h);
void page_hidden(html *h, const char *name, istauth_str value);

/* The first letter in a disc: no picture is ever fetched for a stranger. */
void page_avatar(html *h, istauth_str name, const char *class_name);

/* A message above a form or list. `kind` is "error", "warning" or "success". */
void page_notice(html *h, const char *kind, const char *text);

/* Pro, Max or Free. */
void page_plan(html *h, istauth_str plan);

/* The workspaces as checkboxes; `chosen` stay ticked. With an `error` (else NULL) that is about
 * them, they have the focus, so that the page opens where there is something to mend. */
void page_workspaces(html *h, istauth_workspace_offer offer, istauth_str_list chosen,
                     const char *error);

/* Names in the place of ids, separated by commas. */
void page_workspace_names(html *h, const person *who, istauth_str_list ids);

/* "mcp" or "mcp:read" as two radio buttons with what they mean. */
void page_access_choice(visit *v, html *h, bool read_only);

/* The names of a set of scopes, as they stand in a table. */
void page_scope_names(visit *v, html *h, istauth_scope_set set);

#define ICON_MARK                                                                                \
    "<svg class=\"mark\" viewBox=\"0 0 32 32\" width=\"32\" height=\"32\" aria-hidden=\"true\">" \
    "<rect width=\"32\" height=\"32\" rx=\"9\"/><path d=\"M10 9.5v13M16 9.5v7M22 9.5v10\"/></svg>"

#define ICON(paths)                                                         \
    "<svg class=\"icon\" viewBox=\"0 0 20 20\" width=\"20\" height=\"20\" " \
    "aria-hidden=\"true\">" paths "</svg>"
#define ICON_TRASH                                                                      \
    ICON("<path d=\"M3.5 5.5h13M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11M8.3 8.8v4.6M11.7 " \
         "8.8v4.6\"/>")
#define ICON_WARNING ICON("<path d=\"M10 3.2 17.6 16.5H2.4zM10 8v3.8M10 14.1v.1\"/>")
#define ICON_CHECK ICON("<path d=\"m4.5 10.5 3.6 3.6 7.4-8\"/>")
#define ICON_LINK ICON("<path d=\"M4 10h12M11.5 5.5 16 10l-4.5 4.5\"/>")

#endif
