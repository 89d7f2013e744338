/* The style sheet of all pages. */
#ifndef ISTEAM_STYLE_H
#define ISTEAM_STYLE_H

#include <istauth.h>

/* In the arena; empty when there is no memory. */
istauth_str style_sheet(istauth_arena *arena);

#endif
