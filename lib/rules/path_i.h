/* What hides in a URL behind percent triples. */
#ifndef ISTAUTH_PATH_I_H
#define ISTAUTH_PATH_I_H

#include <istauth/base.h>

/* Is there a "." or ".." segment under any decoding, with a backslash for a slash and parameters cut
 * off: what some server behind the URL may take for another path? */
bool istauth__has_dot_segment(istauth_str path);

/* Does a percent triple, however often encoded, stand for a control character or DEL? */
bool istauth__encodes_control(istauth_str uri);

#endif
