/* The frame of the library's own pages: one card in the middle of the window, no script, nothing
 * from elsewhere. */
#ifndef ISTAUTH_PAGE_I_H
#define ISTAUTH_PAGE_I_H

#include "base/html_i.h"
#include "endpoints/respond_i.h"

/* Begin a page; `title` is ours. `stylesheet` is a path of the host's; empty: the built-in style. */
istauth__buf istauth__page_begin(istauth_arena *arena, const char *title, istauth_str stylesheet);

/* Finish it and make it the response; a bare page with 503 when there was no memory for it. */
void istauth__page_end(istauth_response *response, int status, istauth__buf *b,
                       istauth_str stylesheet);

/* A page that says why nothing can be connected, in words for the person. Nothing of the request
 * appears in it. */
void istauth__page_refusal(istauth_response *response, istauth_status status,
                           istauth_str stylesheet, istauth_arena *arena);

/* In place of what the gate has answered, which is JSON where a person waits: she may come back just as
 * soon. */
void istauth__page_instead(istauth_response *response, istauth_status status, istauth_arena *arena);

#endif
