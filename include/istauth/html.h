/* Text into HTML, so that what a stranger sent can never become markup. */
#ifndef ISTAUTH_HTML_H
#define ISTAUTH_HTML_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Escape text for an element's content or a quoted attribute's value, in the arena. Control
 * characters and what is not UTF-8 become U+FFFD. It does not make a URL safe to follow: put nothing of a
 * stranger's into href or src.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY (out untouched). since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status istauth_html_escape(istauth_str *out,
                                                                istauth_arena *arena,
                                                                istauth_str text);

#ifdef __cplusplus
}
#endif

#endif
