/* Internet addresses that a server may be made to connect to by a stranger's URL, and those that it
 * may not: whoever fetches one asks before it connects. */
#ifndef ISTAUTH_ADDRESS_H
#define ISTAUTH_ADDRESS_H

#include <istauth/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a server may connect to an address. */
typedef enum istauth_address_kind {
    ISTAUTH_ADDRESS_SPECIAL = 0, /* never connect: private, link-local, multicast, ... */
    ISTAUTH_ADDRESS_LOOPBACK,    /* this machine: only where the host says so */
    ISTAUTH_ADDRESS_PUBLIC       /* any other: a stranger may name it */
} istauth_address_kind;

/* Judge an address as a resolver gave it: 4 bytes of IPv4 or 16 of IPv6, in network order. Any
 * other count is SPECIAL.
 *
 * SPECIAL is every block of IANA's special-purpose registries (RFC 6890), multicast, and IPv6
 * outside of 2000::/3. An IPv4-mapped address and one of 64:ff9b::/96 (RFC 6052) are what the IPv4
 * address in them is. The other carriers of IPv4 addresses (::/96, 64:ff9b:1::/48, 6to4, Teredo)
 * are SPECIAL whatever they carry: where such a packet ends, no sender knows.
 *
 * Judge the very address that the socket connects to, not an answer of the resolver's that is
 * thrown away. since 0.1 */
ISTAUTH_API istauth_address_kind istauth_address_classify(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
