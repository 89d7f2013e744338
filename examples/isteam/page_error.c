#include "page.h"

void page_error(visit *v, int status, const char *title, const char *text)
{
    html h = page_begin(v, PAGE_CARD, title);

    HTML_PUT(&h, "<h1>{}</h1><p class=\"lead\">{}</p><p class=\"after\">", istauth_str_of(title),
             istauth_str_of(text));
    html_raw(&h, v->person ? "<a class=\"button\" href=\"/settings\">Account settings</a></p>"
                           : "<a class=\"button\" href=\"/\">Start page</a></p>");
    page_end(v, &h, PAGE_CARD, status);
}

typedef struct wording {
    istauth_status status;
    int http; /* 0: the library's own */
    const char *title, *text;
} wording;

static const wording wordings[] = {
    { ISTAUTH_E_TICKET, 0, "This page can no longer be used",
      "It was already answered or is too old: go back to the app and connect again." },
    { ISTAUTH_E_INVALID_CLIENT, 0, "This app is not known here",
      "It may have been registered too long ago. Go back to the app, remove the connection and "
      "connect again." },
    { ISTAUTH_E_INVALID_REDIRECT_URI, 0, "This app asks for an answer at an unknown address",
      "For your safety nothing was sent there. Go back to the app and connect again; if that "
      "does not help, tell its makers." },
    { ISTAUTH_E_ACCESS_DENIED, 0, "This account cannot connect apps",
      "Ask whoever looks after your account." },
    { ISTAUTH_E_NOT_FOUND, 404, "Nothing to do", "It is not there, or it is gone already." },
    { ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE, 0, "That workspace cannot be connected",
      "Nothing was changed. Go back and choose another one." },
    { ISTAUTH_E_NO_WORKSPACE, 0, "No workspace was chosen",
      "Go back and choose at least one workspace." },
    { ISTAUTH_E_TOO_MANY_REQUESTS, 0, "Too many requests", "Please wait a minute and try again." },
    { ISTAUTH_E_UNAVAILABLE, 0, "We could not do that right now",
      "Please try again in a moment. Until you see it confirmed, take it as not done." },
};

static const wording *wording_of(istauth_status status)
{
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++)
        if (wordings[i].status == status)
            return &wordings[i];
    return NULL;
}

void page_error_for(visit *v, istauth_status status)
{
    const wording *w = wording_of(status);
    int http = w && w->http ? w->http : istauth_status_http(status);

    if (w)
        page_error(v, http, w->title, w->text);
    else
        page_error(v, http, "That did not work", istauth_status_description(status));
}
