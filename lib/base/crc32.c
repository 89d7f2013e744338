#include "base/crc32_i.h"

/* Slicing by eight needs eight tables of 256 words. The code is linear: an entry is the XOR of
 * the words of the bits set in its index, so eight words describe a table, and the
 * preprocessor writes it out. The 64 words are one chain: the polynomial times x, again
 * and again. */
#define BIT(i, b, word) ((((i) >> (b)) & 1u) ? (word) : 0u)
#define ENTRY(i, a, b, c, d, e, f, g, h)                                            \
    (BIT(i, 7, a) ^ BIT(i, 6, b) ^ BIT(i, 5, c) ^ BIT(i, 4, d) ^ BIT(i, 3, e) ^     \
     BIT(i, 2, f) ^ BIT(i, 1, g) ^ BIT(i, 0, h))
#define FOUR(i, ...) \
    ENTRY(i, __VA_ARGS__), ENTRY((i) + 1u, __VA_ARGS__), ENTRY((i) + 2u, __VA_ARGS__), \
        ENTRY((i) + 3u, __VA_ARGS__)
#define SIXTEEN(i, ...) \
    FOUR(i, __VA_ARGS__), FOUR((i) + 4u, __VA_ARGS__), FOUR((i) + 8u, __VA_ARGS__), \
        FOUR((i) + 12u, __VA_ARGS__)
#define SIXTYFOUR(i, ...) \
    SIXTEEN(i, __VA_ARGS__), SIXTEEN((i) + 16u, __VA_ARGS__), SIXTEEN((i) + 32u, __VA_ARGS__), \
        SIXTEEN((i) + 48u, __VA_ARGS__)
#define TABLE(...) \
    SIXTYFOUR(0u, __VA_ARGS__), SIXTYFOUR(64u, __VA_ARGS__), SIXTYFOUR(128u, __VA_ARGS__), \
        SIXTYFOUR(192u, __VA_ARGS__)

/* clang-format off */
static const uint32_t tables[8][256] = {
    { TABLE(0xEDB88320, 0x76DC4190, 0x3B6E20C8, 0x1DB71064,
            0x0EDB8832, 0x076DC419, 0xEE0E612C, 0x77073096) },
    { TABLE(0x3B83984B, 0xF0794F05, 0x958424A2, 0x4AC21251,
            0xC8D98A08, 0x646CC504, 0x32366282, 0x191B3141) },
    { TABLE(0xE1351B80, 0x709A8DC0, 0x384D46E0, 0x1C26A370,
            0x0E1351B8, 0x0709A8DC, 0x0384D46E, 0x01C26A37) },
    { TABLE(0xED59B63B, 0x9B14583D, 0xA032AF3E, 0x5019579F,
            0xC5B428EF, 0x8F629757, 0xAA09C88B, 0xB8BC6765) },
    { TABLE(0xB1E6B092, 0x58F35849, 0xC1C12F04, 0x60E09782,
            0x30704BC1, 0xF580A6C0, 0x7AC05360, 0x3D6029B0) },
    { TABLE(0x1EB014D8, 0x0F580A6C, 0x07AC0536, 0x03D6029B,
            0xEC53826D, 0x9B914216, 0x4DC8A10B, 0xCB5CD3A5) },
    { TABLE(0x8816EAF2, 0x440B7579, 0xCFBD399C, 0x67DE9CCE,
            0x33EF4E67, 0xF44F2413, 0x979F1129, 0xA6770BB4) },
    { TABLE(0x533B85DA, 0x299DC2ED, 0xF9766256, 0x7CBB312B,
            0xD3E51BB5, 0x844A0EFA, 0x4225077D, 0xCCAA009E) },
};
/* clang-format on */

static uint32_t word_at(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t four(uint32_t word, unsigned high)
{
    return tables[high][word & 255] ^ tables[high - 1][(word >> 8) & 255] ^
           tables[high - 2][(word >> 16) & 255] ^ tables[high - 3][word >> 24];
}

uint32_t istauth__crc32(istauth_str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t n = text.n;
    uint32_t crc = 0xFFFFFFFF;

    for (; n >= 8; p += 8, n -= 8)
        crc = four(crc ^ word_at(p), 7) ^ four(word_at(p + 4), 3);
    for (; n; p++, n--)
        crc = (crc >> 8) ^ tables[0][(crc ^ *p) & 255];
    return ~crc;
}
