/* The version of these headers. The Makefile, the pkg-config file and the
 * soname read it from here. */
#ifndef ISTAUTH_VERSION_H
#define ISTAUTH_VERSION_H

#define ISTAUTH_VERSION_MAJOR 0
#define ISTAUTH_VERSION_MINOR 1
#define ISTAUTH_VERSION_PATCH 0
#define ISTAUTH_VERSION "0.1.0"

#endif
