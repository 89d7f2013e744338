/* Length-prefixed fields for what is sealed: written and read by this library alone. */
#ifndef ISTAUTH_PACK_I_H
#define ISTAUTH_PACK_I_H

#include "base/buf_i.h"

void istauth__pack_int(istauth__buf *b, int64_t value);
void istauth__pack_str(istauth__buf *b, istauth_str text);

/* Reading moves `from` on and borrows from it; false when nothing well-formed is left. */
bool istauth__unpack_int(int64_t *value, istauth_str *from);
bool istauth__unpack_str(istauth_str *text, istauth_str *from);

#endif
