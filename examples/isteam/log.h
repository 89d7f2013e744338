/* The log, on stderr: one line per request and per event. Never a query, a header or a body. */
#ifndef ISTEAM_LOG_H
#define ISTEAM_LOG_H

#include <istauth.h>

/* Seconds since the epoch. */
istauth_time log_now(void);

/* Milliseconds of a clock that nobody sets. */
int64_t log_milliseconds(void);

void log_request(istauth_str method, istauth_str path, int status, istauth_str address,
                 int64_t milliseconds);
void log_event(const istauth_event *event);

/* A sentence of our own and what the library has to add to it, which may be empty. */
void log_note(const char *what, istauth_str detail);

#endif
