#include "unit/unit.h"

#include "base/text_i.h"
#include "base/url_i.h"

#include <istauth/status.h>

static bool utf8(const char *bytes, size_t n)
{
    istauth_str copy = exact((istauth_str){ bytes, n });
    bool valid = istauth__utf8_is_valid(copy);

    exact_free(copy);
    return valid;
}

/* Unicode 3.9, table 3-7: the ranges of each byte of each row. */
static const unsigned char rows[][5][2] = {
    { { 1 }, { 0x01, 0x7F } },
    { { 2 }, { 0xC2, 0xDF }, { 0x80, 0xBF } },
    { { 3 }, { 0xE0, 0xE0 }, { 0xA0, 0xBF }, { 0x80, 0xBF } },
    { { 3 }, { 0xE1, 0xEC }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 3 }, { 0xED, 0xED }, { 0x80, 0x9F }, { 0x80, 0xBF } },
    { { 3 }, { 0xEE, 0xEF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 4 }, { 0xF0, 0xF0 }, { 0x90, 0xBF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 4 }, { 0xF1, 0xF3 }, { 0x80, 0xBF }, { 0x80, 0xBF }, { 0x80, 0xBF } },
    { { 4 }, { 0xF4, 0xF4 }, { 0x80, 0x8F }, { 0x80, 0xBF }, { 0x80, 0xBF } },
};

static bool in_table(const unsigned char *p, size_t n)
{
    for (size_t r = 0; r < COUNT(rows); r++) {
        size_t i = 0;

        if (rows[r][0][0] != n)
            continue;
        while (i < n && p[i] >= rows[r][i + 1][0] && p[i] <= rows[r][i + 1][1])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

static bool one_character(const unsigned char *p, size_t n)
{
    return istauth__utf8_is_valid((istauth_str){ (const char *)p, n });
}

static void test_ht_03_utf8_is_table_3_7_exactly(void **state)
{
    static const unsigned char edges[] = { 0x00, 0x01, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                           0xBF, 0xC0, 0xC1, 0xC2, 0xE0, 0xFF };

    (void)state;
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            unsigned char p[4] = { (unsigned char)a, (unsigned char)b };

            assert_int_equal(one_character(p, 1), in_table(p, 1));
            if (a >= 0x80)
                assert_int_equal(one_character(p, 2), in_table(p, 2));
            for (size_t c = 0; a >= 0xE0 && c < COUNT(edges); c++) {
                p[2] = edges[c];
                assert_int_equal(one_character(p, 3), in_table(p, 3));
                for (size_t d = 0; a >= 0xF0 && d < COUNT(edges); d++) {
                    p[3] = edges[d];
                    assert_int_equal(one_character(p, 4), in_table(p, 4));
                }
            }
        }
    }
}

static void test_ht_03_truncated_characters_are_refused_without_over_reading(void **state)
{
    (void)state;
    assert_true(utf8("", 0));
    assert_true(utf8("\xF0\x9F\x9A\x80", 4));
    for (size_t n = 1; n < 4; n++)
        assert_false(utf8("\xF0\x9F\x9A\x80", n));
    assert_false(utf8("ok\xC3", 3));
    assert_true(utf8("ok\xC3\xA9", 4));
    assert_false(utf8("a\0b", 3));
}

static void test_dc_23_text_for_a_person_hides_nothing(void **state)
{
    static const uint32_t hidden[] = { 1, 9, 10, 13, 0x1F, 0x7F, 0x80, 0x9F, 0xAD, 0x34F, 0x61C, 0x115F,
                                       0x1160, 0x180E, 0x200B,
                                       0x200F, 0x2028, 0x202A, 0x202E, 0x2060, 0x2066, 0x2069, 0x206F,
                                       0x2800, 0x3164, 0xFFA0,                                       0xFEFF, 0xFFF9, 0xFFFB, 0xE0001, 0xE0041, 0xE007F };
    static const uint32_t shown[] = { 0x20, 0x7E, 0xA0, 0xE9, 0x350, 0x1161, 0x27FF, 0x3163, 0x200A, 0x2010, 0x2027, 0x202F, 0x205F,
                                      0x2070, 0x3042, 0xFEFE, 0xFF00, 0xFFFC, 0x1F680 };

    (void)state;
    for (size_t i = 0; i < COUNT(hidden) + COUNT(shown); i++) {
        uint32_t c = i < COUNT(hidden) ? hidden[i] : shown[i - COUNT(hidden)];
        char p[4];
        size_t n = 0;

        if (c < 0x80) {
            p[n++] = (char)c;
        } else if (c < 0x800) {
            p[n++] = (char)(0xC0 | c >> 6);
            p[n++] = (char)(0x80 | (c & 63));
        } else {
            if (c >= 0x10000)
                p[n++] = (char)(0xF0 | c >> 18);
            p[n++] = (char)(c < 0x10000 ? 0xE0 | c >> 12 : 0x80 | (c >> 12 & 63));
            p[n++] = (char)(0x80 | (c >> 6 & 63));
            p[n++] = (char)(0x80 | (c & 63));
        }
        assert_true(utf8(p, n));
        if (istauth__is_display_text((istauth_str){ p, n }) != (i >= COUNT(hidden)))
            fail_msg("U+%04X", (unsigned)c);
    }
    assert_false(istauth__is_display_text(ISTAUTH_STR("a\0b")));
    assert_false(istauth__is_display_text(ISTAUTH_STR("\xC0\xAF")));
    assert_true(istauth__is_display_text(ISTAUTH_STR("")));
}

static bool reads(const char *text, const char *wanted, bool standard)
{
    uint8_t out[64];
    size_t n = 99;
    istauth_str copy = exact(istauth_str_of(text));
    bool ok = standard ? istauth__base64_read(out, &n, copy) : istauth__base64url_read(out, &n, copy);

    exact_free(copy);
    return ok && n == strlen(wanted) && memcmp(out, wanted, n) == 0;
}

/* RFC 4648 10, without padding */
static void test_rfc_4648_vectors(void **state)
{
    static const struct {
        const char *plain, *base64url, *base64;
    } vectors[] = {
        { "", "", "" },
        { "f", "Zg", "Zg==" },
        { "fo", "Zm8", "Zm8=" },
        { "foo", "Zm9v", "Zm9v" },
        { "foob", "Zm9vYg", "Zm9vYg==" },
        { "fooba", "Zm9vYmE", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
        { "\xFB\xFF\xBF", "-_-_", "+/+/" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        char out[16] = { 0 };
        size_t n = strlen(vectors[i].plain);

        istauth__base64url_write(out, (const uint8_t *)vectors[i].plain, n);
        assert_string_equal(out, vectors[i].base64url);
        assert_int_equal(ISTAUTH__BASE64URL_LENGTH(n), strlen(vectors[i].base64url));
        assert_true(reads(vectors[i].base64url, vectors[i].plain, false));
        assert_true(reads(vectors[i].base64url, vectors[i].plain, true));
        assert_true(reads(vectors[i].base64, vectors[i].plain, true));
    }
}

static void test_cr_13_base64url_has_one_text_per_value(void **state)
{
    static const char *const bad[] = { "Z", "Zg=", "Zg==", "Zh", "Zm9", "Zm9=", "Zm8=", "Zm 8", "Zm8\n",
                                       " Zm8", "+/+/", "Zm9v=", "Zm9vY", "Z\xE9", "Zm8.", "====", "=" };
    uint8_t out[64];

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        istauth_str copy = exact(istauth_str_of(bad[i]));
        size_t n = 99;

        if (istauth__base64url_read(out, &n, copy))
            fail_msg("%s", bad[i]);
        assert_int_equal(n, 99);
        exact_free(copy);
    }
}

/* Of the 64 last characters of a one-byte text, four are canonical; of a two-byte text, sixteen. */
static void test_cr_13_the_tail_is_canonical(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int one = 0, two = 0;
    uint8_t out[4];
    size_t n;

    (void)state;
    for (int i = 0; i < 64; i++) {
        char text[] = { 'A', alphabet[i], alphabet[i] };

        one += istauth__base64url_read(out, &n, (istauth_str){ text, 2 });
        text[1] = 'A';
        two += istauth__base64url_read(out, &n, (istauth_str){ text, 3 });
    }
    assert_int_equal(one, 4);
    assert_int_equal(two, 16);
}

static void test_base64_for_basic_credentials_is_strict_about_padding(void **state)
{
    static const char *const bad[] = { "Zg=", "Zg===", "Zg====", "=Zg=", "Z===", "Zh==", "Zm9v====", "====" };
    uint8_t out[64];
    size_t n;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (istauth__base64_read(out, &n, istauth_str_of(bad[i])))
            fail_msg("%s", bad[i]);
}

static void test_hexadecimal(void **state)
{
    static const uint8_t bytes[] = { 0x00, 0x09, 0xAF, 0xFF };
    char text[9];

    (void)state;
    istauth__hex_write(text, bytes, sizeof(bytes));
    assert_string_equal(text, "0009afff");
    assert_int_equal(istauth__hex_value('0'), 0);
    assert_int_equal(istauth__hex_value('a'), 10);
    assert_int_equal(istauth__hex_value('F'), 15);
    for (int c = 0; c < 256; c++)
        assert_int_equal(istauth__hex_value((char)c) >= 0,
                         c && strchr("0123456789abcdefABCDEF", c) && c < 128);
}

static void test_me_16_case_is_that_of_ascii(void **state)
{
    (void)state;
    assert_true(istauth__equal_ignoring_case(ISTAUTH_STR("TITLE[Z@"), ISTAUTH_STR("title[z@")));
    assert_false(istauth__equal_ignoring_case(ISTAUTH_STR("a["), ISTAUTH_STR("a{")));
    assert_false(istauth__equal_ignoring_case(ISTAUTH_STR("\xC9"), ISTAUTH_STR("\xE9")));
    assert_false(istauth__equal_ignoring_case(ISTAUTH_STR("i"), ISTAUTH_STR("\xC4\xB0")));
    assert_false(istauth__equal_ignoring_case(ISTAUTH_STR("ab"), ISTAUTH_STR("abc")));
}

static void test_an_url_is_cut_by_the_grammar(void **state)
{
    istauth__url u;

    (void)state;
    assert_true(istauth__url_cut(&u, ISTAUTH_STR("https://u:p@h.ex:8443/a/b?c=d?e#f")));
    assert_says(u.scheme, "https");
    assert_says(u.authority, "u:p@h.ex:8443");
    assert_says(u.userinfo, "u:p");
    assert_says(u.host, "h.ex");
    assert_says(u.port, "8443");
    assert_says(u.path, "/a/b");
    assert_says(u.query, "c=d?e");
    assert_says(u.fragment, "f");
    assert_true(istauth__url_cut(&u, ISTAUTH_STR("http://[::1]:80?#")));
    assert_says(u.host, "[::1]");
    assert_says(u.port, "80");
    assert_says(u.path, "");
    assert_true(u.has_query && u.has_fragment && !u.has_userinfo);
    assert_true(istauth__url_cut(&u, ISTAUTH_STR("com.example:a")));
    assert_true(!u.has_authority && says(u.path, "a"));
    assert_false(istauth__url_cut(&u, ISTAUTH_STR("no scheme")));
    assert_false(istauth__url_cut(&u, ISTAUTH_STR("")));
}

static void test_cutting_any_bytes_stays_inside_them(void **state)
{
    static const char alphabet[] = "htps:/?#[]@%2e.a1 \\\0\xC3";
    uint32_t seed = 5;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        size_t n = next_random(&seed) % sizeof(bytes);
        istauth_str text;
        istauth__url u;

        for (size_t i = 0; i < n; i++)
            bytes[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        text = exact((istauth_str){ bytes, n });
        if (istauth__url_cut(&u, text)) {
            assert_true(u.path.p >= text.p && u.path.p + u.path.n <= text.p + text.n);
            assert_true(u.host.n + u.port.n + u.userinfo.n <= u.authority.n);
            (void)istauth__url_host_is_valid(u.host);
        }
        exact_free(text);
    }
}

static void test_inv_4_every_description_may_go_on_the_wire(void **state)
{
    (void)state;
    for (int s = -700; s <= 0; s++) {
        const char *text = istauth_status_description((istauth_status)s);

        for (; *text; text++)
            assert_true(*text >= 0x20 && *text <= 0x7E && !strchr("\"\\=", *text));
        assert_non_null(istauth_status_name((istauth_status)s));
        assert_true(istauth_status_http((istauth_status)s) >= (s ? 400 : 200));
    }
    assert_string_equal(istauth_status_name((istauth_status)-999), "UNKNOWN");
    assert_int_equal(istauth_status_http((istauth_status)1), 500);
    assert_null(istauth_status_oauth(ISTAUTH_E_NO_CREDENTIALS));
    assert_string_equal(istauth_status_oauth(ISTAUTH_E_INVALID_CLIENT), "invalid_client");
    assert_int_equal(istauth_status_http(ISTAUTH_E_INVALID_CLIENT), 401);
    assert_int_equal(istauth_status_http(ISTAUTH_E_INVALID_GRANT), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ht_03_utf8_is_table_3_7_exactly),
        cmocka_unit_test(test_ht_03_truncated_characters_are_refused_without_over_reading),
        cmocka_unit_test(test_dc_23_text_for_a_person_hides_nothing),
        cmocka_unit_test(test_rfc_4648_vectors),
        cmocka_unit_test(test_cr_13_base64url_has_one_text_per_value),
        cmocka_unit_test(test_cr_13_the_tail_is_canonical),
        cmocka_unit_test(test_base64_for_basic_credentials_is_strict_about_padding),
        cmocka_unit_test(test_hexadecimal),
        cmocka_unit_test(test_me_16_case_is_that_of_ascii),
        cmocka_unit_test(test_an_url_is_cut_by_the_grammar),
        cmocka_unit_test(test_cutting_any_bytes_stays_inside_them),
        cmocka_unit_test(test_inv_4_every_description_may_go_on_the_wire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
