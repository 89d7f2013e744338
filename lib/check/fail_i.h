/* How a case fails: what was wrong is noted, and the case is left by longjmp, in its own thread.
 *
 * Names in this folder have no prefix: the archive is made of one object in which hidden names are
 * local (Makefile), so that they meet nobody else's. */
#ifndef CHECK_FAIL_I_H
#define CHECK_FAIL_I_H

#include <istauth/base.h>

typedef struct failure {
    char text[1024]; /* file:line: what was wrong; empty: nothing */
} failure;

/* Run it until it returns or fails: false when it failed. Attempts nest. */
bool attempt(failure *f, void (*run)(void *arg), void *arg);

/* Leave the innermost attempt of this thread. Outside of one: print and abort. */
#if defined(__GNUC__)
__attribute__((noreturn, format(printf, 3, 4)))
#endif
void fail_at(const char *file, int line, const char *format, ...);

/* Leave it for a failure that an attempt inside of it noted. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void fail_again(const failure *f);

#endif
