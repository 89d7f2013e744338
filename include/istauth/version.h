/* The version of these headers. The Makefile, the pkg-config file and the
 * soname read it from here. */
#ifndef ISTAUTH_VERSION_H
#define ISTAUTH_VERSION_H

#include <istauth/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_VERSION_MAJOR 0 /* goes up when something that worked no longer does, from 1 on */
#define ISTAUTH_VERSION_MINOR 1 /* goes up with what is added, and while major is 0 with what breaks */
#define ISTAUTH_VERSION_PATCH 0 /* goes up with what is mended */
/* The three together. */
#define ISTAUTH_VERSION "0.1.0"

/* The version of the library that runs, such as "0.1.0"; ISTAUTH_VERSION is that of the headers that the
 * program was compiled with. Static. since 0.1 */
ISTAUTH_API const char *istauth_version(void);

#ifdef __cplusplus
}
#endif

#endif
