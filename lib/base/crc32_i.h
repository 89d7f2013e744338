/* CRC-32 (ISO-HDLC), as in zlib: the checksum of a token. */
#ifndef ISTAUTH_CRC32_I_H
#define ISTAUTH_CRC32_I_H

#include <istauth/base.h>

uint32_t istauth__crc32(istauth_str text);

#endif
