#include "unit/unit.h"

#include <istauth/redirect.h>

static istauth_redirect_kind judge(istauth_str uri)
{
    istauth_str copy = exact(uri);
    istauth_redirect_kind kind = istauth_redirect_check(copy);

    exact_free(copy);
    return kind;
}

static void all_are(const char *const *uris, size_t count, istauth_redirect_kind wanted)
{
    for (size_t i = 0; i < count; i++) {
        istauth_redirect_kind got = judge(istauth_str_of(uris[i]));

        if (got != wanted)
            fail_msg("%s: kind %d, wanted %d", uris[i], (int)got, (int)wanted);
    }
}

#define ALL_ARE(wanted, ...)                                                    \
    do {                                                                        \
        static const char *const uris_[] = { __VA_ARGS__ };                     \
        all_are(uris_, COUNT(uris_), wanted);                                   \
    } while (0)
#define REFUSED(...) ALL_ARE(ISTAUTH_REDIRECT_REFUSED, __VA_ARGS__)
#define HTTPS(...) ALL_ARE(ISTAUTH_REDIRECT_HTTPS, __VA_ARGS__)
#define LOOPBACK(...) ALL_ARE(ISTAUTH_REDIRECT_LOOPBACK, __VA_ARGS__)
#define PRIVATE_USE(...) ALL_ARE(ISTAUTH_REDIRECT_PRIVATE_USE, __VA_ARGS__)

static bool matches(const char *registered, const char *requested)
{
    istauth_str a = exact(istauth_str_of(registered)), b = exact(istauth_str_of(requested));
    bool match = istauth_redirect_matches(a, b, ISTAUTH_REDIRECT_LOCALHOST);

    exact_free(a);
    exact_free(b);
    return match;
}

static void none_matches(const char *registered, const char *const *requested, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (matches(registered, requested[i]))
            fail_msg("%s matches %s", requested[i], registered);
}

#define NONE_MATCHES(registered, ...)                                           \
    do {                                                                        \
        static const char *const requested_[] = { __VA_ARGS__ };                \
        none_matches(registered, requested_, COUNT(requested_));                \
    } while (0)

static void test_uris_of_real_clients_are_accepted(void **state)
{
    (void)state;
    HTTPS("https://claude.ai/api/mcp/auth_callback", "https://vscode.dev/redirect",
          "https://insiders.vscode.dev/redirect", "https://www.cursor.com/agents/mcp/oauth/callback",
          "https://chatgpt.com/connector/oauth/abc-DEF_1", "https://oauth.n8n.cloud/oauth2/callback",
          "https://grok.com/connectors-oauth-exchange-code/", "https://c.ex", "https://c.ex:8443/cb",
          "https://192.0.2.7/cb", "https://[2001:db8::1]:8443/cb", "https://c.ex/cb?a=b&c[]=d");
    LOOPBACK("http://127.0.0.1/", "http://127.0.0.1:33418", "http://127.0.0.1:33418/",
             "http://localhost/callback", "http://localhost:6274/oauth/callback",
             "http://127.0.0.1:19876/mcp/oauth/callback", "http://[::1]:1/cb", "http://[::1]/cb",
             "http://127.0.0.1:65535/", "http://127.0.0.1:1/");
}

static void test_ru_04_case_matters(void **state)
{
    (void)state;
    assert_true(matches("https://c.ex/Cb", "https://c.ex/Cb"));
    NONE_MATCHES("https://c.ex/Cb", "https://c.ex/cb", "HTTPS://C.EX/Cb", "https://C.ex/Cb",
                 "https://c.ex/CB");
    NONE_MATCHES("http://localhost/cb", "HTTP://localhost:1/cb", "http://localhost:1/CB");
}

static void test_ru_05_dot_segments_are_refused(void **state)
{
    (void)state;
    REFUSED("https://c.ex/cb/../evil", "https://c.ex/cb/..;/x", "https://c.ex/./cb",
            "https://c.ex/cb/..", "https://c.ex/cb/.", "https://c.ex/..;a=b", "https://c.ex/.;/x",
            "https://c.ex/a;x/../b", "https://c.ex/a;x/..",
            "http://127.0.0.1/../x", "com.example.app:/a/../b", "com.example.app:../b");
    HTTPS("https://c.ex/.../cb", "https://c.ex/..a/cb", "https://c.ex/a..", "https://c.ex/.well-known",
          "https://c.ex/a;..", "https://c.ex/cb?x=/../");
    NONE_MATCHES("https://c.ex/cb", "https://c.ex//cb", "https://c.ex/cb/../cb", "https://c.ex/./cb");
}

static void test_ru_06_encoded_dot_segments_are_refused(void **state)
{
    (void)state;
    REFUSED("https://c.ex/cb/%2e%2e/x", "https://c.ex/cb/%2E./x", "https://c.ex/cb/..%2fx",
            "https://c.ex/cb/..%5cx", "https://c.ex/cb/%252e%252e%252fx",
            "https://c.ex/cb/%25252e%25252e/x", "https://c.ex/cb/%2e", "https://c.ex/cb/..%3bx/y",
            "https://c.ex/cb%2f..%2fx");
    HTTPS("https://c.ex/cb%2Fa", "https://c.ex/100%25", "https://c.ex/%252ea", "https://c.ex/%2e%2ea");
}

static void test_ru_07_userinfo_is_refused(void **state)
{
    (void)state;
    REFUSED("http://localhost:80@evil.ex/cb", "http://127.0.0.1:80@evil.ex/", "https://c.ex@evil.ex/cb",
            "https://c.ex%40evil.ex/", "https://@c.ex/", "https://a:b@c.ex/", "http://a@localhost/",
            "http://a@127.0.0.1:80/", "com.example.app://a@b/cb", "https://a@b@c.ex/");
    HTTPS("https://c.ex/@evil.ex", "https://c.ex/cb?a@b");
}

static void test_ru_08_backslash_and_other_delimiters_are_refused(void **state)
{
    (void)state;
    REFUSED("https://c.ex\\@evil.ex/", "https://c.ex/\\evil", "https:\\\\c.ex/", "https://c.ex/<a>",
            "https://c.ex/\"", "https://c.ex/{a}", "https://c.ex/a|b", "https://c.ex/^", "https://c.ex/`",
            "https://c.ex%5C@evil.ex/");
}

static void test_ru_09_control_characters_are_refused_raw_and_encoded(void **state)
{
    static const struct {
        const char *before, *after;
    } places[] = { { "ht", "tps://c.ex/cb" },
                   { "https://c", ".ex/cb" },
                   { "https://c.ex/c", "b" },
                   { "https://c.ex/cb?a=", "b" } };

    for (int byte = 0; byte < 0x20; byte++) {
        for (size_t i = 0; i < COUNT(places); i++) {
            char raw[] = { byte ? (char)byte : 0x7F, '\0' }, triple[4];

            snprintf(triple, sizeof(triple), "%%%02x", (unsigned)byte);
            assert_int_equal(judge(joined(arena_of(state), places[i].before, triple, places[i].after,
                                          NULL)), ISTAUTH_REDIRECT_REFUSED);
            assert_int_equal(judge(joined(arena_of(state), places[i].before, raw, places[i].after,
                                          NULL)), ISTAUTH_REDIRECT_REFUSED);
        }
    }
    REFUSED("https://c.ex/%7f", "java\nscript:alert(1)", "java\tscript:alert(1)", "https://c.ex/%2500",
            "https://c.ex/ ");
    assert_int_equal(judge(ISTAUTH_STR("https://c.ex/\0.evil")), ISTAUTH_REDIRECT_REFUSED);
    HTTPS("https://c.ex/%20", "https://c.ex/%80");
}

static void test_ru_09_broken_percent_triples_are_refused(void **state)
{
    (void)state;
    REFUSED("https://c.ex/%", "https://c.ex/%2", "https://c.ex/%zz", "https://c.ex/%2g",
            "https://c.ex/cb?a=%", "com.example.app:/%4");
}

static void test_ru_10_schemes_that_run_or_open_by_themselves_are_refused(void **state)
{
    (void)state;
    REFUSED("javascript:alert(1)//", "JaVaScRiPt:alert(1)", "\x01javascript:alert(1)",
            "javascript://c.ex/%0aalert(1)", "data:text/html,x", "DATA:,x", "vbscript:x",
            "file:///etc/passwd", "FILE://h/x", "blob:https://c.ex/1", "about:blank",
            "view-source:https://c.ex", "filesystem:https://c.ex/x", "ws://c.ex/", "wss://c.ex/",
            "ftp://c.ex/", "mailto:a@c.ex", "tel:123", "sms:123", "intent://x#Intent;end",
            "intent://x/y", "chrome://settings", "chrome-extension://abc/x", "ms-msdt:/id",
            "MS-Settings:x", "search-ms:query", "jar:file:x", "resource://x/y", "microsoft-edge:x",
            "googlechrome://evil.ex/", "x-safari-https://evil.ex/", "moz-extension://a/b",
            "shell:startup", "ldap://h/", "itms-services://?x=y", "http://evil.ex/cb");
    PRIVATE_USE("javascripts:/cb", "com.javascript:/cb", "mydata:/cb", "msx:/cb");
}

static void test_ru_11_a_scheme_follows_rfc_3986(void **state)
{
    (void)state;
    REFUSED("1x://a", "://a", "a b://x", "-x:/", "x", "", ":", "x:", "x://", "+a:/b", "a_b:/c",
            "https", "https:", "https://", "https:///cb", "https:/cb", "https:c.ex/cb", "http:/localhost",
            "//c.ex/cb", "/cb");
    assert_int_equal(istauth_redirect_check(istauth_str_of(NULL)), ISTAUTH_REDIRECT_REFUSED);
    assert_false(istauth_redirect_matches(istauth_str_of(NULL), istauth_str_of(NULL), 0));
    PRIVATE_USE("com.example.app:/cb", "cursor://anysphere.cursor-mcp/oauth/callback",
                "com.example.app:///cb", "com.example.app:cb", "claude://oauth/callback",
                "vscode://ms.ext/cb", "a+b-c.1:/x");
}

static void test_ru_12_the_three_uris_of_one_editor_are_accepted(void **state)
{
    (void)state;
    PRIVATE_USE("cursor://anysphere.cursor-mcp/oauth/callback");
    HTTPS("https://www.cursor.com/agents/mcp/oauth/callback");
    LOOPBACK("http://localhost:8787/callback");
    assert_true(matches("cursor://anysphere.cursor-mcp/oauth/callback",
                        "cursor://anysphere.cursor-mcp/oauth/callback"));
    NONE_MATCHES("cursor://anysphere.cursor-mcp/oauth/callback", "cursor://anysphere.cursor-mcp/oauth",
                 "cursor://anysphere.cursor-mcp:1/oauth/callback");
}

static void test_ru_13_a_fragment_is_refused_even_an_empty_one(void **state)
{
    (void)state;
    REFUSED("https://c.ex/cb#", "https://c.ex/cb#x", "http://localhost/cb#", "com.example.app:/cb#x",
            "https://c.ex#", "https://c.ex/cb?a#");
    HTTPS("https://c.ex/cb%23", "https://c.ex/%23x");
    NONE_MATCHES("https://c.ex/cb", "https://c.ex/cb#x", "https://c.ex/cb#");
}

static void test_ru_14_only_the_port_of_a_loopback_uri_is_free(void **state)
{
    (void)state;
    assert_true(matches("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
    assert_true(matches("http://127.0.0.1:1/cb", "http://127.0.0.1:2/cb"));
    assert_true(matches("http://127.0.0.1:1/cb", "http://127.0.0.1/cb"));
    assert_true(matches("http://[::1]/cb", "http://[::1]:49152/cb"));
    assert_true(matches("http://127.0.0.1:8/cb?a=b", "http://127.0.0.1:9/cb?a=b"));
    NONE_MATCHES("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x=1", "http://127.0.0.1:49152/other",
                 "http://localhost:1/cb", "http://[::1]:1/cb", "https://127.0.0.1:1/cb",
                 "http://127.0.0.1:1/cb/", "http://127.0.0.1:1/cb?", "http://127.0.0.1:1/cb#",
                 "http://127.0.0.1:1", "http://127.0.0.2:1/cb");
    NONE_MATCHES("https://c.ex/cb", "https://c.ex:8443/cb", "https://c.ex:443/cb");
    NONE_MATCHES("https://127.0.0.1/cb", "https://127.0.0.1:1/cb", "http://127.0.0.1/cb");
    NONE_MATCHES("http://127.0.0.1:33418", "http://127.0.0.1:33418/");
}

static void test_ru_15_localhost_is_a_choice_of_the_host(void **state)
{
    istauth_str registered = ISTAUTH_STR("http://localhost/callback");
    istauth_str requested = ISTAUTH_STR("http://localhost:3118/callback");

    (void)state;
    assert_true(istauth_redirect_matches(registered, requested, ISTAUTH_REDIRECT_LOCALHOST));
    assert_false(istauth_redirect_matches(registered, requested, 0));
    assert_true(istauth_redirect_matches(registered, registered, 0));
    assert_true(istauth_redirect_matches(ISTAUTH_STR("http://[::1]/"), ISTAUTH_STR("http://[::1]:9/"),
                                         0));
}

static void test_ru_16_look_alikes_of_loopback_are_refused(void **state)
{
    (void)state;
    REFUSED("http://127.1/cb", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
            "http://127.0.0.1.evil.ex/", "http://127.0.0.2/", "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://localhost.evil.ex/",
            "http://localhost./", "http://LOCALHOST/", "http://127.0.0.1./", "http://[::]/",
            "http://[::1/", "http://::1/", "http://evil.ex/127.0.0.1");
}

static void test_ru_16_addresses_in_disguise_are_refused_with_https_too(void **state)
{
    (void)state;
    REFUSED("https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
            "https://1.2.3.0x4/", "https://1.2.3.256/", "https://1.2.3.4.5/", "https://a.ex.1/",
            "https://a.0x/", "https://1.2.3.04/");
    HTTPS("https://1.2.3.4/", "https://3com.ex/", "https://1.2.3.ex/", "https://a.1x/", "https://0xg/",
          "https://255.255.255.255/");
}

static void test_ru_18_ports_are_plain_decimal(void **state)
{
    (void)state;
    REFUSED("http://127.0.0.1:99999/", "http://127.0.0.1:65536/", "http://127.0.0.1:0/",
            "http://127.0.0.1:-1/", "http://127.0.0.1:08080/", "http://127.0.0.1:80a/",
            "http://127.0.0.1: 80/", "http://127.0.0.1:/", "http://127.0.0.1:", "https://c.ex:/",
            "https://c.ex:0/", "https://c.ex:1:2/", "http://[::1]:/", "http://[::1]80/",
            "com.example.app://h:0/cb", "http://127.0.0.1:4294967377/");
    NONE_MATCHES("http://127.0.0.1/cb", "http://127.0.0.1:99999/cb", "http://127.0.0.1:0/cb",
                 "http://127.0.0.1:/cb", "http://127.0.0.1:080/cb", "http://127.0.0.1:1@evil.ex/cb");
}

static void test_ru_19_only_ascii_hosts_and_punycode(void **state)
{
    (void)state;
    REFUSED("https://\xE2\x93\x94xample.com/", "https://exa\xC2\xADmple.com", "https://\xD0\xB5xample.com",
            "https://c\xC0\xAF.ex/", "https://c.ex/\xFF", "https://%D0%B5xample.com/");
    HTTPS("https://xn--xample-2of.com/cb");
    assert_says(istauth_redirect_host(ISTAUTH_STR("https://xn--xample-2of.com/cb")),
                "xn--xample-2of.com");
}

static void test_ru_21_a_query_is_part_of_the_uri(void **state)
{
    (void)state;
    assert_true(matches("https://c.ex/cb?a=b", "https://c.ex/cb?a=b"));
    NONE_MATCHES("https://c.ex/cb?a=b", "https://c.ex/cb", "https://c.ex/cb?a=b&c=d", "https://c.ex/cb?",
                 "https://c.ex/cb?a=B", "https://c.ex/cb?a%3Db");
    NONE_MATCHES("https://c.ex/cb", "https://c.ex/cb?", "https://c.ex/cb?a=b", "https://c.ex/cb/",
                 "https://c.ex/c", "https://c.ex/cbx", "https://c.ex", "");
}

static void test_ru_25_wildcards_are_refused_and_never_globs(void **state)
{
    (void)state;
    REFUSED("http://localhost:*/cb", "https://*.ex/cb", "https://*/cb", "http://*/cb", "http://127.0.0.*/",
            "com.example.app://*/cb");
    HTTPS("https://c.ex/*");
    NONE_MATCHES("https://c.ex/*", "https://c.ex/a", "https://c.ex/");
    NONE_MATCHES("http://localhost:*/cb", "http://localhost:*/cb", "http://localhost:1/cb");
}

static void test_ru_26_equivalent_escapes_do_not_match(void **state)
{
    (void)state;
    assert_true(matches("https://c.ex/cb%2Fa", "https://c.ex/cb%2Fa"));
    NONE_MATCHES("https://c.ex/cb%2Fa", "https://c.ex/cb%2fa", "https://c.ex/cb/a");
    NONE_MATCHES("https://c.ex/cb", "https://c.ex/%63b");
}

static void test_ru_28_line_ends_never_match(void **state)
{
    (void)state;
    NONE_MATCHES("https://c.ex/cb", "https://c.ex/cb\r\nSet-Cookie:x=1", "https://c.ex/cb%0d%0aSet-Cookie:x=1",
                 "https://c.ex/cb\n", " https://c.ex/cb", "https://c.ex/cb ");
    assert_false(istauth_redirect_matches(ISTAUTH_STR("https://c.ex/cb"),
                                          ISTAUTH_STR("https://c.ex/cb\0"), 0));
}

static void test_ru_28_what_is_refused_matches_not_even_itself(void **state)
{
    (void)state;
    NONE_MATCHES("https://c.ex/cb#x", "https://c.ex/cb#x");
    NONE_MATCHES("javascript:alert(1)", "javascript:alert(1)");
    NONE_MATCHES("http://evil.ex/", "http://evil.ex/");
    NONE_MATCHES("", "");
}

static void test_ru_30_length_is_limited_to_the_byte(void **state)
{
    istauth_str tail = repeated(arena_of(state), 'a', ISTAUTH_REDIRECT_URI_MAX);
    istauth_str uri = joined(arena_of(state), "https://c.ex/", tail.p, NULL);

    assert_int_equal(judge((istauth_str){ uri.p, ISTAUTH_REDIRECT_URI_MAX }), ISTAUTH_REDIRECT_HTTPS);
    assert_int_equal(judge((istauth_str){ uri.p, ISTAUTH_REDIRECT_URI_MAX + 1 }),
                     ISTAUTH_REDIRECT_REFUSED);
}

static void test_ru_33_a_person_is_shown_where_the_answer_goes(void **state)
{
    static const struct {
        const char *uri, *host;
    } rows[] = {
        { "https://c.ex/cb", "c.ex" },
        { "https://c.ex:443/cb", "c.ex" },
        { "https://c.ex:80/cb", "c.ex:80" },
        { "https://c.ex:8443", "c.ex:8443" },
        { "https://[2001:db8::1]:443/cb", "[2001:db8::1]" },
        { "http://localhost:6274/oauth", "localhost:6274" },
        { "http://127.0.0.1:80/", "127.0.0.1" },
        { "http://[::1]:443/", "[::1]:443" },
        { "cursor://anysphere.cursor-mcp/oauth/callback", "cursor:" },
        { "com.example.app:/cb", "com.example.app:" },
        { "javascript:alert(1)", "" },
        { "http://c.ex/cb", "" },
        { "https://c.ex@evil.ex/", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_says(istauth_redirect_host(istauth_str_of(rows[i].uri)), rows[i].host);
}

/* Every registration that is accepted must be usable: it matches itself. */
static void test_dc_36_what_is_registered_matches_itself(void **state)
{
    static const char alphabet[] = "htps:/.ex127loca@%2e?#*[]AZ\\ ";
    uint32_t seed = 36;
    int accepted = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        static const char *const heads[] = { "https://", "http://127.0.0.1", "http://localhost", "ap:" };
        char uri[48];
        size_t n = strlen(heads[round % 4]), more = next_random(&seed) % 12;
        istauth_str text, host;

        memcpy(uri, heads[round % 4], n);
        while (more--)
            uri[n++] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        text = exact((istauth_str){ uri, n });
        host = istauth_redirect_host(text);
        if (istauth_redirect_check(text)) {
            accepted++;
            assert_true(istauth_redirect_matches(text, text, 0));
            assert_true(host.n > 0);
        } else {
            assert_false(istauth_redirect_matches(text, text, ISTAUTH_REDIRECT_LOCALHOST));
            assert_int_equal(host.n, 0);
        }
        exact_free(text);
    }
    assert_true(accepted > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uris_of_real_clients_are_accepted),
        cmocka_unit_test(test_ru_04_case_matters),
        cmocka_unit_test(test_ru_05_dot_segments_are_refused),
        cmocka_unit_test(test_ru_06_encoded_dot_segments_are_refused),
        cmocka_unit_test(test_ru_07_userinfo_is_refused),
        cmocka_unit_test(test_ru_08_backslash_and_other_delimiters_are_refused),
        with_arena(test_ru_09_control_characters_are_refused_raw_and_encoded),
        cmocka_unit_test(test_ru_09_broken_percent_triples_are_refused),
        cmocka_unit_test(test_ru_10_schemes_that_run_or_open_by_themselves_are_refused),
        cmocka_unit_test(test_ru_11_a_scheme_follows_rfc_3986),
        cmocka_unit_test(test_ru_12_the_three_uris_of_one_editor_are_accepted),
        cmocka_unit_test(test_ru_13_a_fragment_is_refused_even_an_empty_one),
        cmocka_unit_test(test_ru_14_only_the_port_of_a_loopback_uri_is_free),
        cmocka_unit_test(test_ru_15_localhost_is_a_choice_of_the_host),
        cmocka_unit_test(test_ru_16_look_alikes_of_loopback_are_refused),
        cmocka_unit_test(test_ru_16_addresses_in_disguise_are_refused_with_https_too),
        cmocka_unit_test(test_ru_18_ports_are_plain_decimal),
        cmocka_unit_test(test_ru_19_only_ascii_hosts_and_punycode),
        cmocka_unit_test(test_ru_21_a_query_is_part_of_the_uri),
        cmocka_unit_test(test_ru_25_wildcards_are_refused_and_never_globs),
        cmocka_unit_test(test_ru_26_equivalent_escapes_do_not_match),
        cmocka_unit_test(test_ru_28_line_ends_never_match),
        cmocka_unit_test(test_ru_28_what_is_refused_matches_not_even_itself),
        with_arena(test_ru_30_length_is_limited_to_the_byte),
        cmocka_unit_test(test_ru_33_a_person_is_shown_where_the_answer_goes),
        cmocka_unit_test(test_dc_36_what_is_registered_matches_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
