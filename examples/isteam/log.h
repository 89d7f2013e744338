/* The log, on stderr: one line per request and per event, as text or as a JSON object. Never a query, a
 * header or a body. */
#ifndef ISTEAM_LOG_H
#define ISTEAM_LOG_H

#include <istauth.h>

/* Seconds since the epoch. */
istauth_time log_now(void);

/* Lines are JSON objects from now on. To be called before there are threads. */
void log_as_json(void);

/* Milliseconds, and microseconds, of a clock that nobody sets. */
int64_t log_milliseconds(void);
int64_t log_microseconds(void);

void log_request(istauth_str method, istauth_str path, int status, istauth_str address,
                 int64_t milliseconds);
void log_event(const istauth_event *event);

/* A sentence of our own and what the library has to add to it, which may be empty. */
void log_note(const char *what, istauth_str detail);

#endif
