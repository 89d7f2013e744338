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
    const char *title, *text;
} wording;

static const wording wordings[] = {
    { ISTAUTH_E_TICKET, "This page can no longer be used",
      "It was already answered or is too old: go back to the app and connect again." },
    { ISTAUTH_E_INVALID_CLIENT, "This app is not known here",
      "It may have been registered too long ago. Go back to the app, remove the connection and "
      "connect again." },
    { ISTAUTH_E_INVALID_REDIRECT_URI, "This app asks for an answer at an unknown address",
      "For your safety nothing was sent there. Go back to the app and connect again; if that "
      "does not help, tell its makers." },
    { ISTAUTH_E_ACCESS_DENIED, "This account cannot connect apps",
      "Ask whoever looks after your account." },
    { ISTAUTH_E_NOT_FOUND, "Nothing to do", "It is not there, or it is gone already." },
    { ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE, "That workspace cannot be connected",
      "Nothing was changed. Go back and choose another one." },
    { ISTAUTH_E_NO_WORKSPACE, "No workspace was chosen",
      "Go back and choose at least one workspace." },
    { ISTAUTH_E_UNAVAILABLE, "We could not do that right now",
      "Please try again in a moment. Until you see it confirmed, take it as not done." },
};

void page_error_for(visit *v, istauth_status status)
{
    for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++) {
        if (wordings[i].status == status) {
            page_error(v, istauth_status_http(status), wordings[i].title, wordings[i].text);
            return;
        }
    }
    page_error(v, istauth_status_http(status), "That did not work",
               istauth_status_description(status));
}
