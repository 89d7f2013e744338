#include "unit.h"

#include <arpa/inet.h>

#include <istauth/address.h>

static istauth_address_kind kind_of(const char *text)
{
    uint8_t bytes[16];
    bool six = strchr(text, ':') != NULL;

    if (inet_pton(six ? AF_INET6 : AF_INET, text, bytes) != 1)
        fail_msg("%s is no address", text);
    return istauth_address_classify(bytes, six ? 16 : 4);
}

static void expect(const char *text, istauth_address_kind want)
{
    istauth_address_kind got = kind_of(text);

    if (got != want)
        fail_msg("%s is of kind %d, not %d", text, (int)got, (int)want);
}

/* A block's first and last address are refused, and the ones outside of it are not, unless they lie
 * in another block (NULL). */
typedef struct range {
    const char *before, *first, *last, *after;
} range;

static void check(const range *ranges, size_t count, istauth_address_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        expect(ranges[i].first, kind);
        expect(ranges[i].last, kind);
        if (ranges[i].before)
            expect(ranges[i].before, ISTAUTH_ADDRESS_PUBLIC);
        if (ranges[i].after)
            expect(ranges[i].after, ISTAUTH_ADDRESS_PUBLIC);
    }
}

static void test_special_ipv4_blocks_to_the_address(void **state)
{
    static const range ranges[] = {
        { NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0" },
        { "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0" },
        { "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0" },
        { "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0" },
        { NULL, "169.254.169.254", "169.254.170.2", NULL },
        { "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0" },
        { "191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0" },
        { "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0" },
        { "192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0" },
        { "192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0" },
        { "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0" },
        { "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0" },
        { "192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0" },
        { "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0" },
        { "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0" },
        { "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0" },
        { "223.255.255.255", "224.0.0.0", "239.255.255.255", NULL },
        { NULL, "240.0.0.0", "255.255.255.255", NULL },
    };

    (void)state;
    check(ranges, COUNT(ranges), ISTAUTH_ADDRESS_SPECIAL);
}

static void test_special_ipv6_blocks_to_the_address(void **state)
{
    static const range ranges[] = {
        { NULL, "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
        { "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::",
          "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
        { "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
          "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
        { "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::",
          "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::" },
        { "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
          "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
        /* outside of 2000::/3 */
        { NULL, "::", "::", NULL },
        { NULL, "::2", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::" },
        { "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::",
          "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
        { NULL, "100::", "100::ffff:ffff:ffff:ffff", NULL },      /* discard only */
        { NULL, "100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff", NULL },
        { NULL, "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL }, /* segment routing */
        { NULL, "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL }, /* unique local */
        { NULL, "fd00:ec2::254", "fd20:ce::254", NULL }, /* metadata services of clouds */
        { NULL, "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL }, /* link local */
        { NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL }, /* site local */
        { NULL, "ff00::", "ff02::1", NULL },                                 /* multicast */
    };

    (void)state;
    check(ranges, COUNT(ranges), ISTAUTH_ADDRESS_SPECIAL);
}

static void test_loopback_is_told_apart(void **state)
{
    static const range ranges[] = {
        { "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0" },
        { NULL, "127.0.0.1", "127.0.0.1", NULL },
        { NULL, "::1", "::1", NULL },
    };

    (void)state;
    check(ranges, COUNT(ranges), ISTAUTH_ADDRESS_LOOPBACK);
}

/* RFC 4291 2.5.5.2, RFC 6052: the packet goes to the IPv4 address. */
static void test_mapped_and_translated_addresses_are_what_they_carry(void **state)
{
    static const struct {
        const char *text;
        istauth_address_kind kind;
    } table[] = {
        { "::ffff:8.8.8.8", ISTAUTH_ADDRESS_PUBLIC },
        { "::ffff:127.0.0.1", ISTAUTH_ADDRESS_LOOPBACK },
        { "::ffff:10.0.0.1", ISTAUTH_ADDRESS_SPECIAL },
        { "::ffff:169.254.169.254", ISTAUTH_ADDRESS_SPECIAL },
        { "::ffff:0.0.0.0", ISTAUTH_ADDRESS_SPECIAL },
        { "::ffff:100.64.0.1", ISTAUTH_ADDRESS_SPECIAL },
        { "::ffff:9.255.255.255", ISTAUTH_ADDRESS_PUBLIC },
        { "64:ff9b::8.8.8.8", ISTAUTH_ADDRESS_PUBLIC },
        { "64:ff9b::127.0.0.1", ISTAUTH_ADDRESS_LOOPBACK },
        { "64:ff9b::192.168.1.1", ISTAUTH_ADDRESS_SPECIAL },
        { "64:ff9b::169.254.169.254", ISTAUTH_ADDRESS_SPECIAL },
        { "64:ff9b::1:808:808", ISTAUTH_ADDRESS_SPECIAL }, /* one bit outside of the /96 */
        { "::fffe:8.8.8.8", ISTAUTH_ADDRESS_SPECIAL },
        { "::1:ffff:808:808", ISTAUTH_ADDRESS_SPECIAL },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        expect(table[i].text, table[i].kind);
}

static void test_other_carriers_are_refused_whatever_they_carry(void **state)
{
    static const char *const table[] = {
        "::8.8.8.8",              "::127.0.0.1",          "::10.0.0.1", /* compatible, RFC 4291 */
        "64:ff9b:1::8.8.8.8",     "64:ff9b:1::7f00:1",                  /* local NAT64, RFC 8215 */
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        "2002:808:808::1",        "2002:7f00:1::",        "2002:a9fe:a9fe::1", /* 6to4 */
        "2001:0:808:808::f7f7:f7f7",                      "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "::ffff:0:8.8.8.8", /* translated, RFC 2765 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        expect(table[i], ISTAUTH_ADDRESS_SPECIAL);
}

static void test_ordinary_addresses_are_public(void **state)
{
    static const char *const table[] = { "1.1.1.1", "8.8.8.8", "93.184.216.34", "223.255.255.1",
                                         "2606:4700:4700::1111", "2a00:1450:4001:82a::200e",
                                         "2001:4860:4860::8888", "2000::1" };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        expect(table[i], ISTAUTH_ADDRESS_PUBLIC);
}

static void test_other_sizes_are_refused(void **state)
{
    static const uint8_t bytes[20] = { 8, 8, 8, 8 };

    (void)state;
    for (size_t n = 0; n <= sizeof(bytes); n++)
        if (n != 4 && n != 16)
            assert_int_equal(istauth_address_classify(bytes, n), ISTAUTH_ADDRESS_SPECIAL);
    assert_int_equal(istauth_address_classify(bytes, 4), ISTAUTH_ADDRESS_PUBLIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_special_ipv4_blocks_to_the_address),
        cmocka_unit_test(test_special_ipv6_blocks_to_the_address),
        cmocka_unit_test(test_loopback_is_told_apart),
        cmocka_unit_test(test_mapped_and_translated_addresses_are_what_they_carry),
        cmocka_unit_test(test_other_carriers_are_refused_whatever_they_carry),
        cmocka_unit_test(test_ordinary_addresses_are_public),
        cmocka_unit_test(test_other_sizes_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
