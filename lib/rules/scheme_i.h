/* URI schemes that no redirect may use. */
#ifndef ISTAUTH_SCHEME_I_H
#define ISTAUTH_SCHEME_I_H

#include <istauth/base.h>

/* Does a browser or an operating system act on this scheme itself, instead of handing the
 * URI to an app that registered it? In any case of letters. http and https are not asked. */
bool istauth__scheme_is_dangerous(istauth_str scheme);

#endif
