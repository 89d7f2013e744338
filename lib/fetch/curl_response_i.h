#ifndef ISTAUTH_CURL_RESPONSE_I_H
#define ISTAUTH_CURL_RESPONSE_I_H

#include "fetch/curl_i.h"

/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION over a transfer. */
size_t istauth__curl_take_header(char *bytes, size_t size, size_t count, void *ctx);
size_t istauth__curl_take_body(char *bytes, size_t size, size_t count, void *ctx);

#endif
