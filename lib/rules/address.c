#include <istauth/address.h>

typedef struct block {
    uint8_t first[16];
    unsigned bits;
} block;

/* IANA IPv4 Special-Purpose Address Registry, and multicast (RFC 5771). Those of its blocks that it
 * calls reachable (AS112, AMT, 192.0.0.9) are no place for a document either. 127.0.0.0/8 follows. */
static const block special4[] = {
    { { 0 }, 8 },                /* this network, RFC 791 */
    { { 10 }, 8 },               /* private use, RFC 1918 */
    { { 100, 64 }, 10 },         /* shared address space, RFC 6598 */
    { { 169, 254 }, 16 },        /* link local, RFC 3927: metadata services of clouds */
    { { 172, 16 }, 12 },         /* private use */
    { { 192, 0, 0 }, 24 },       /* protocol assignments, RFC 6890 */
    { { 192, 0, 2 }, 24 },       /* documentation, RFC 5737 */
    { { 192, 31, 196 }, 24 },    /* AS112, RFC 7535 */
    { { 192, 52, 193 }, 24 },    /* AMT, RFC 7450 */
    { { 192, 88, 99 }, 24 },     /* 6to4 relays, RFC 7526 */
    { { 192, 168 }, 16 },        /* private use */
    { { 192, 175, 48 }, 24 },    /* AS112, RFC 7534 */
    { { 198, 18 }, 15 },         /* benchmarking, RFC 2544 */
    { { 198, 51, 100 }, 24 },    /* documentation */
    { { 203, 0, 113 }, 24 },     /* documentation */
    { { 224 }, 4 },              /* multicast */
    { { 240 }, 4 },              /* reserved, RFC 1112, and broadcast */
};

/* IANA IPv6 Special-Purpose Address Registry, inside of 2000::/3: outside of it nothing is global
 * unicast (RFC 4291 2.4, and IANA's address space registry). */
static const block special6[] = {
    { { 0x20, 0x01 }, 23 },                         /* assignments, RFC 2928, with Teredo */
    { { 0x20, 0x01, 0x0D, 0xB8 }, 32 },             /* documentation, RFC 3849 */
    { { 0x20, 0x02 }, 16 },                         /* 6to4, RFC 3056 */
    { { 0x26, 0x20, 0x00, 0x4F, 0x80, 0x00 }, 48 }, /* AS112, RFC 7534 */
    { { 0x3F, 0xFF }, 20 },                         /* documentation, RFC 9637 */
};

static const block loopback4 = { { 127 }, 8 };
static const block loopback6 = { { [15] = 1 }, 128 };
static const block global6 = { { 0x20 }, 3 };
static const block mapped = { { [10] = 0xFF, [11] = 0xFF }, 96 };   /* RFC 4291 2.5.5.2 */
static const block translated = { { 0x00, 0x64, 0xFF, 0x9B }, 96 }; /* RFC 6052 2.1 */

static bool is_in(const uint8_t *bytes, const block *b)
{
    unsigned whole = b->bits / 8, rest = b->bits % 8;

    if (memcmp(bytes, b->first, whole) != 0)
        return false;
    return !rest || (bytes[whole] ^ b->first[whole]) >> (8 - rest) == 0;
}

static bool is_in_any(const uint8_t *bytes, const block *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_in(bytes, &blocks[i]))
            return true;
    return false;
}

static istauth_address_kind classify4(const uint8_t *bytes)
{
    if (is_in(bytes, &loopback4))
        return ISTAUTH_ADDRESS_LOOPBACK;
    return is_in_any(bytes, special4, sizeof(special4) / sizeof(special4[0]))
               ? ISTAUTH_ADDRESS_SPECIAL
               : ISTAUTH_ADDRESS_PUBLIC;
}

static istauth_address_kind classify6(const uint8_t *bytes)
{
    if (is_in(bytes, &loopback6))
        return ISTAUTH_ADDRESS_LOOPBACK;
    if (is_in(bytes, &mapped) || is_in(bytes, &translated))
        return classify4(bytes + 12);
    if (!is_in(bytes, &global6) ||
        is_in_any(bytes, special6, sizeof(special6) / sizeof(special6[0])))
        return ISTAUTH_ADDRESS_SPECIAL;
    return ISTAUTH_ADDRESS_PUBLIC;
}

istauth_address_kind istauth_address_classify(const uint8_t *bytes, size_t count)
{
    if (count == 4)
        return classify4(bytes);
    return count == 16 ? classify6(bytes) : ISTAUTH_ADDRESS_SPECIAL;
}
