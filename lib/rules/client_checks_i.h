/* What holds of every client, whoever brings it. */
#ifndef ISTAUTH_CLIENT_CHECKS_I_H
#define ISTAUTH_CLIENT_CHECKS_I_H

#include <istauth/base.h>

/* 1 to 128 unreserved characters. */
bool istauth__client_id_is_valid(istauth_str id);

/* One line for people, at most ISTAUTH_CLIENT_NAME_MAX bytes, more than spaces. */
bool istauth__client_name_is_valid(istauth_str name);

/* The http or https URL of one of its pages. */
bool istauth__client_page_is_valid(istauth_str url);

#endif
