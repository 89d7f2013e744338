/* The site: which path belongs to whom, and one visit to a page. */
#ifndef ISTEAM_SITE_H
#define ISTEAM_SITE_H

#include "form.h"
#include "health.h"
#include "html.h"
#include "mcp.h"
#include "metrics.h"
#include "people.h"
#include "ratelimit.h"
#include "session.h"

/* Everything that pages work with; borrowed. */
typedef struct site {
    const istauth_server *server;
    istauth_str resource; /* the MCP endpoint's URL */
    bool secure;          /* the public URL is https: cookies say so too */
    people *directory;
    session_table *sessions;
    ratelimit *limit;
    mcp *tools;
    health *health;
    metrics *numbers;
} site;

/* Answer any request; an httpd_handler over a site. */
void site_handle(void *ctx, istauth_response *response, const istauth_request *request,
                 bool too_large, istauth_arena *arena);

/* One request to a page. */
typedef struct visit {
    const site *site;
    const istauth_request *request;
    istauth_response *response;
    istauth_arena *arena;
    istauth_time now;
    const person *person;               /* who is signed in; NULL: nobody */
    istauth_time signed_in_at;          /* and since when */
    char session[SESSION_ID_SIZE];      /* the browser's id; fresh when it brought none */
    bool session_is_new;                /* then it must be set with the response */
    char csrf[SESSION_CSRF_SIZE];       /* for every form but the consent form */
    char binding[SESSION_BINDING_SIZE]; /* for the consent form's ticket */
    form fields;                        /* of the body of a POST, otherwise of the query */
} visit;

#define PATH_AUTHORIZE "/oauth/authorize"

/* Pages. Each answers one visit: visit->response is ready when it returns. */
void page_home(visit *v);
void page_sign_in(visit *v);        /* GET /login */
void page_sign_in_answer(visit *v); /* POST /login */
void page_sign_out(visit *v);       /* POST /logout */
void page_authorize(visit *v, const istauth_authorization *authorization);
void page_consent_answer(visit *v); /* POST /oauth/consent */
void page_settings(visit *v);
void page_apps(visit *v);
void page_disconnect(visit *v);        /* GET: are you sure? */
void page_disconnect_answer(visit *v); /* POST */
void page_tokens(visit *v);
void page_token_create(visit *v);        /* POST */
void page_token_delete(visit *v);        /* GET: are you sure? */
void page_token_delete_answer(visit *v); /* POST */

/* Sign-in as a step on the way to an authorization (may be NULL) that `query` asks for. */
void page_sign_in_for(visit *v, const istauth_authorization *authorization, istauth_str query);

/* An error page: what happened, and what to do about it. */
void page_error(visit *v, int status, const char *title, const char *text);

/* The same for a status of the library's. */
void page_error_for(visit *v, istauth_status status);

#endif
