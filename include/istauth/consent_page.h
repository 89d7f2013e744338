/* A ready-made consent page: one call shows it, one takes its answer.
 *
 * For hosts without pages of their own, and to start with. It is plain HTML that works without
 * scripts, in light and dark, on a phone, in English. Whoever wants his own words and looks uses
 * consent.h, on which this stands. */
#ifndef ISTAUTH_CONSENT_PAGE_H
#define ISTAUTH_CONSENT_PAGE_H

#include <istauth/consent.h>
#include <istauth/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who sits at the browser, as the host's own session says. */
typedef struct istauth_visitor {
    size_t size;            /* set by ISTAUTH_VISITOR_INIT */
    istauth_str subject;    /* empty: nobody is signed in */
    istauth_str binding;    /* her browser session, as in istauth_consent_open */
    istauth_str name;       /* what she knows her account by, such as her e-mail address; shown */
    istauth_time auth_time; /* when she signed in; 0: not told */
    istauth_str action;     /* the path of yours that passes the answer to istauth_consent_answer */
    istauth_str stylesheet; /* the path of a stylesheet of yours; empty: the built-in one */
} istauth_visitor;

/* Everything empty. */
#define ISTAUTH_VISITOR_INIT \
    { sizeof(istauth_visitor), { 0, 0 }, { 0, 0 }, { 0, 0 }, 0, { 0, 0 }, { 0, 0 } }

/* Ask the visitor about an authorization request that istauth_handle opened.
 *
 * ISTAUTH_OK                the response is ready: the page, or one that says why there is none
 * ISTAUTH_E_LOGIN_REQUIRED  sign her in first (nobody is, or too long ago, or another account is
 *                           expected), and let her come back to the same path with
 *                           authorization->resume as the query; *response is untouched
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_consent_page(istauth_response *response, const istauth_server *server,
                     const istauth_authorization *authorization, const istauth_visitor *visitor,
                     istauth_arena *arena);

/* Take the form that was posted to visitor->action: 303 to the client with a code or with
 * access_denied, or a page that says what to mend. The ticket in the form is its CSRF token. No more of
 * the request is read than method, Content-Type and body; the response is ready whatever happens.
 * since 0.1 */
ISTAUTH_API void istauth_consent_answer(istauth_response *response, const istauth_server *server,
                                        const istauth_request *request,
                                        const istauth_visitor *visitor, istauth_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
