/* ECDSA signatures between the two forms that OpenSSL and JOSE give them. */
#ifndef ISTAUTH_ECDSA_I_H
#define ISTAUTH_ECDSA_I_H

#include <istauth/base.h>

#define ISTAUTH__P256_SIZE 32                             /* of a coordinate, and of r and of s */
#define ISTAUTH__ES256_SIZE (2 * (size_t)ISTAUTH__P256_SIZE)
#define ISTAUTH__ES256_DER_MAX 72 /* two integers with a sign byte each, in a sequence */

/* r and s to DER: its length, or 0 when there is no memory. */
size_t istauth__ecdsa_to_der(uint8_t out[ISTAUTH__ES256_DER_MAX],
                             const uint8_t raw[ISTAUTH__ES256_SIZE]);

/* DER as OpenSSL has just made it to r and s. */
bool istauth__ecdsa_from_der(uint8_t raw[ISTAUTH__ES256_SIZE], const uint8_t *der, size_t n);

#endif
