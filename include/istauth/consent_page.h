/* A ready-made consent page: plain HTML that works without scripts, in light and dark, on a phone, in
 * English. Whoever wants his own words and looks uses consent.h, on which this stands.
 *
 * With hooks.visitor istauth_handle shows it and takes its answer by itself. These two calls are for
 * hosts that route requests themselves. */
#ifndef ISTAUTH_CONSENT_PAGE_H
#define ISTAUTH_CONSENT_PAGE_H

#include <istauth/consent.h>
#include <istauth/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Ask the visitor about an authorization request that was opened (istauth_endpoint_authorize).
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

/* Take the form that was posted to visitor->action (empty: paths.consent): 303 to the client with a code or with
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
