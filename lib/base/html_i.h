/* HTML under construction: markup comes from literals of ours, and everything else through a "{}"
 * in it, escaped for text and for quoted attributes alike. */
#ifndef ISTAUTH_HTML_I_H
#define ISTAUTH_HTML_I_H

#include <istauth/html.h>

#include "base/buf_i.h"

void istauth__html_text(istauth__buf *b, istauth_str text);

/* Markup with at most one "{}", in whose place the text stands. */
void istauth__html_put(istauth__buf *b, const char *markup, istauth_str text);

#endif
