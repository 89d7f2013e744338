/* Dates of HTTP, without a locale or the process's time zone. */
#ifndef ISTAUTH_DATE_I_H
#define ISTAUTH_DATE_I_H

#include <istauth/base.h>

/* An IMF-fixdate (RFC 9110 5.6.7), from 1970 on. False for anything else, the obsolete formats
 * included. */
bool istauth__http_date_read(istauth_time *out, istauth_str text);

#endif
