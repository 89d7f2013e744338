/* Telling a host's log what a status alone does not. */
#ifndef ISTAUTH_ERROR_I_H
#define ISTAUTH_ERROR_I_H

#include <istauth/status.h>

/* Fill in `error`, which may be NULL, with a fixed sentence; gives the status back. */
istauth_status istauth__fail(istauth_error *error, istauth_status status, const char *detail);

#endif
