#include "unit/unit.h"

#include <istauth/discovery.h>

#include <cjson/cJSON.h>

static bool is_issuer(const char *text)
{
    istauth_str copy = exact(istauth_str_of(text));
    bool valid = istauth_issuer_is_valid(copy);

    exact_free(copy);
    return valid;
}

static bool is_resource(const char *text)
{
    istauth_str copy = exact(istauth_str_of(text));
    bool valid = istauth_resource_is_valid(copy);

    exact_free(copy);
    return valid;
}

static void test_issuers_that_are_valid(void **state)
{
    static const char *const good[] = { "https://h", "https://h.ex", "https://h/p", "https://h:8443/p/q",
                                        "http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/x",
                                        "https://h/a.b-c_d~e", "https://[2001:db8::1]" };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!is_issuer(good[i]) || !is_resource(good[i]))
            fail_msg("%s", good[i]);
}

static void test_dm_12_issuers_that_are_not(void **state)
{
    static const char *const bad[] = {
        "", "h", "https", "https:", "https://", "https:///p", "//h", "HTTPS://h", "http://h",
        "http://127.0.0.2", "http://localhost.ex", "ftp://h", "https://u@h", "https://@h", "https://h?",
        "https://h?a", "https://h#", "https://h/p?a=b", "https://h//p", "https://h/p//q", "https://h/./p",
        "https://h/../p", "https://h/p/..", "https://h/%70", "https://h/p q", "https://h/p;q",
        "https://h/$(x)", "https://h/'", "https://h/a&b", "https://h/a=b", "https://h/a@b", "https://h:/",
        "https://h:", "https://h:0", "https://h:99999", "https://h:08", "https://*.ex", "https://h.",
        "https://.h", "https://h..ex", "https://h\r\n", "https://h/\"", "https://h/<", "https://h\\p",
        "javascript:alert(1)", "https://\xC3\xA9",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (is_issuer(bad[i]) || is_resource(bad[i]))
            fail_msg("%s", bad[i]);
}

static void test_a_trailing_slash_is_for_resources_alone(void **state)
{
    (void)state;
    assert_false(is_issuer("https://h/"));
    assert_false(is_issuer("https://h/mcp/"));
    assert_true(is_resource("https://h/"));
    assert_true(is_resource("https://h/mcp/"));
    assert_false(is_resource("https://h/mcp//"));
    assert_false(is_resource("https://h//"));
}

static void test_identifier_length_is_limited_to_the_byte(void **state)
{
    istauth_str tail = repeated(arena_of(state), 'a', ISTAUTH_IDENTIFIER_MAX);
    istauth_str text = joined(arena_of(state), "https://h/", tail.p, NULL);

    text.n = ISTAUTH_IDENTIFIER_MAX;
    assert_true(istauth_issuer_is_valid(text));
    text.n++;
    assert_false(istauth_issuer_is_valid(text));
}

static bool matches(const char *configured, const char *presented, unsigned flags)
{
    istauth_str copy = exact(istauth_str_of(presented));
    bool match = istauth_resource_matches(istauth_str_of(configured), copy, flags);

    exact_free(copy);
    return match;
}

static void test_ri_02_spellings_of_one_resource_match(void **state)
{
    static const char *const same[] = { "https://h/mcp",     "https://h/mcp/",  "HTTPS://H/mcp",
                                        "https://h:443/mcp", "Https://h:443/mcp/" };

    (void)state;
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(matches("https://h/mcp", same[i], 0));
        assert_true(matches("https://h/mcp/", same[i], 0));
        assert_true(matches("https://h:443/mcp", same[i], 0));
    }
    assert_true(matches("https://h", "https://h/", 0));
    assert_true(matches("https://h/", "https://h", 0));
    assert_true(matches("http://localhost:80/mcp", "http://localhost/mcp", 0));
    assert_true(matches("http://[::1]:8080/mcp", "http://[::1]:8080/mcp/", 0));
}

static void test_be_10_ri_07_nothing_else_matches(void **state)
{
    static const char *const other[] = {
        "", "https://h", "https://h/", "https://h/mcpx", "https://h/mc", "https://h/MCP",
        "https://h/mcp.evil", "https://h.evil/mcp", "https://h/mcp/../x", "https://h/x/../mcp",
        "https://h/mcp//", "https://h//mcp", "https://h/./mcp", "https://h/mcp/x", "https://h/%6dcp",
        "https://h/mcp%2f", "https://h/mcp?", "https://h/mcp?a=b", "https://h/mcp#", "https://u@h/mcp",
        "https://@h/mcp", "https://h:444/mcp", "https://h:/mcp", "https://h:0443/mcp", "https://h:80/mcp",
        "http://h/mcp", "http://h:443/mcp", "https:/h/mcp", "https:h/mcp", "//h/mcp", "h/mcp",
        "https://h./mcp", " https://h/mcp", "https://h/mcp ", "https://h/mcp\n", "https://evil/https://h/mcp",
        "https://h\\mcp", "https://h@evil/mcp",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(other); i++)
        if (matches("https://h/mcp", other[i], 0))
            fail_msg("%s", other[i]);
    assert_false(istauth_resource_matches(ISTAUTH_STR("https://h/mcp"), ISTAUTH_STR("https://h/mcp\0"),
                                          0));
    assert_false(matches("http://h/mcp", "http://h/mcp", 0)); /* not a valid resource to begin with */
    assert_false(matches("", "", ISTAUTH_RESOURCE_ORIGIN));
    assert_false(istauth_resource_matches(istauth_str_of(NULL), istauth_str_of(NULL),
                                          ISTAUTH_RESOURCE_ORIGIN));
    assert_false(istauth_resource_is_valid(istauth_str_of(NULL)));
}

static void test_ri_03_a_bare_origin_matches_only_when_allowed(void **state)
{
    static const char *const origins[] = { "https://h", "https://h/", "HTTPS://H:443/" };
    static const char *const others[] = { "https://h/m", "https://h//", "https://h2/", "https://h:444/",
                                          "http://h/", "https://h/?", "https://h#", "https://u@h/", "" };

    (void)state;
    for (size_t i = 0; i < COUNT(origins); i++) {
        assert_true(matches("https://h/mcp", origins[i], ISTAUTH_RESOURCE_ORIGIN));
        assert_false(matches("https://h/mcp", origins[i], 0));
    }
    for (size_t i = 0; i < COUNT(others); i++)
        if (matches("https://h/mcp", others[i], ISTAUTH_RESOURCE_ORIGIN))
            fail_msg("%s", others[i]);
}

static void test_dm_01_dm_05_the_path_is_inserted(void **state)
{
    static const struct {
        const char *suffix, *identifier, *path;
    } rows[] = {
        /* RFC 8414 3.1 */
        { "oauth-authorization-server", "https://example.com",
          "/.well-known/oauth-authorization-server" },
        { "oauth-authorization-server", "https://example.com/issuer1",
          "/.well-known/oauth-authorization-server/issuer1" },
        { "example-configuration", "https://example.com/issuer1/",
          "/.well-known/example-configuration/issuer1" },
        /* RFC 9728 3.1 */
        { "oauth-protected-resource", "https://resource.example.com",
          "/.well-known/oauth-protected-resource" },
        { "oauth-protected-resource", "https://resource.example.com/resource1",
          "/.well-known/oauth-protected-resource/resource1" },
        { "oauth-protected-resource", "https://resource.example.com/",
          "/.well-known/oauth-protected-resource" },
        { "oauth-authorization-server", "https://h:8443/p/q",
          "/.well-known/oauth-authorization-server/p/q" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str path;

        assert_int_equal(istauth_well_known_path(&path, arena_of(state),
                                                 istauth_str_of(rows[i].suffix),
                                                 istauth_str_of(rows[i].identifier)), ISTAUTH_OK);
        assert_says(path, rows[i].path);
    }
}

static void test_origin_and_path_are_cut_from_an_identifier(void **state)
{
    static const struct {
        const char *identifier, *origin, *path;
    } rows[] = {
        { "https://h", "https://h", "" },
        { "https://h/", "https://h", "/" },
        { "https://h:8443/p/q", "https://h:8443", "/p/q" },
        { "http://[::1]:1/mcp", "http://[::1]:1", "/mcp" },
        { "nonsense", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_says(istauth_identifier_origin(istauth_str_of(rows[i].identifier)), rows[i].origin);
        assert_says(istauth_identifier_path(istauth_str_of(rows[i].identifier)), rows[i].path);
    }
}

static void test_dm_04_server_metadata_is_complete(void **state)
{
    istauth_server_metadata m = {
        .issuer = ISTAUTH_STR("https://h"),
        .authorization_endpoint = ISTAUTH_STR("https://h/oauth/authorize"),
        .token_endpoint = ISTAUTH_STR("https://h/api/oauth/token"),
        .registration_endpoint = ISTAUTH_STR("https://h/api/oauth/register"),
        .revocation_endpoint = ISTAUTH_STR("https://h/api/oauth/revoke"),
        .userinfo_endpoint = ISTAUTH_STR("https://h/api/oauth/userinfo"),
        .scopes = ISTAUTH_STR("mcp mcp:read"),
        .service_documentation = ISTAUTH_STR("https://h/docs"),
    };
    istauth_str json;

    assert_int_equal(istauth_server_metadata_print(&json, arena_of(state), &m), ISTAUTH_OK);
    assert_says(json,
                "{\"issuer\":\"https://h\",\"authorization_endpoint\":\"https://h/oauth/authorize\","
                "\"token_endpoint\":\"https://h/api/oauth/token\","
                "\"registration_endpoint\":\"https://h/api/oauth/register\","
                "\"revocation_endpoint\":\"https://h/api/oauth/revoke\","
                "\"userinfo_endpoint\":\"https://h/api/oauth/userinfo\","
                "\"scopes_supported\":[\"mcp\",\"mcp:read\"],"
                "\"response_types_supported\":[\"code\"],\"response_modes_supported\":[\"query\"],"
                "\"grant_types_supported\":[\"authorization_code\",\"refresh_token\"],"
                "\"token_endpoint_auth_methods_supported\":[\"none\"],"
                "\"revocation_endpoint_auth_methods_supported\":[\"none\"],"
                "\"code_challenge_methods_supported\":[\"S256\"],"
                "\"service_documentation\":\"https://h/docs\","
                "\"authorization_response_iss_parameter_supported\":true}");
}

static void test_dc_31_what_is_not_served_is_left_out(void **state)
{
    istauth_server_metadata m = { .issuer = ISTAUTH_STR("https://h") };
    istauth_str json;
    cJSON *parsed;

    assert_int_equal(istauth_server_metadata_print(&json, arena_of(state), &m), ISTAUTH_OK);
    assert_false(mentions(json, "endpoint\""));
    assert_false(mentions(json, "scopes_supported"));
    assert_false(mentions(json, "service_documentation"));
    assert_false(mentions(json, "null"));
    assert_false(mentions(json, "\"\""));
    parsed = cJSON_Parse(json.p);
    assert_non_null(parsed);
    cJSON_Delete(parsed);
}

static void test_dm_05_resource_metadata(void **state)
{
    istauth_resource_metadata m = { ISTAUTH_STR_INIT("https://h/mcp"), ISTAUTH_STR_INIT("https://h"),
                                    ISTAUTH_STR_INIT("mcp mcp:read"), ISTAUTH_STR_INIT("is.team") };
    istauth_str json;

    assert_int_equal(istauth_resource_metadata_print(&json, arena_of(state), &m), ISTAUTH_OK);
    assert_says(json, "{\"resource\":\"https://h/mcp\",\"authorization_servers\":[\"https://h\"],"
                      "\"scopes_supported\":[\"mcp\",\"mcp:read\"],"
                      "\"bearer_methods_supported\":[\"header\"],\"resource_name\":\"is.team\"}");
    m.scopes = m.name = istauth_str_of(NULL);
    assert_int_equal(istauth_resource_metadata_print(&json, arena_of(state), &m), ISTAUTH_OK);
    assert_says(json, "{\"resource\":\"https://h/mcp\",\"authorization_servers\":[\"https://h\"],"
                      "\"bearer_methods_supported\":[\"header\"]}");
}

static void test_me_05_printing_without_memory_writes_nothing(void **state)
{
    istauth_server_metadata m = { .issuer = ISTAUTH_STR("https://h") };
    istauth_resource_metadata r = { .resource = ISTAUTH_STR("https://h/mcp") };
    istauth_str text = ISTAUTH_STR("untouched");
    istauth_arena none;

    (void)state;
    istauth_arena_init(&none, NULL, 0, NULL, 0);
    assert_int_equal(istauth_server_metadata_print(&text, &none, &m), ISTAUTH_E_NO_MEMORY);
    assert_int_equal(istauth_resource_metadata_print(&text, &none, &r), ISTAUTH_E_NO_MEMORY);
    assert_int_equal(istauth_well_known_path(&text, &none, ISTAUTH_STR("x"), r.resource),
                     ISTAUTH_E_NO_MEMORY);
    assert_says(text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issuers_that_are_valid),
        cmocka_unit_test(test_dm_12_issuers_that_are_not),
        cmocka_unit_test(test_a_trailing_slash_is_for_resources_alone),
        with_arena(test_identifier_length_is_limited_to_the_byte),
        cmocka_unit_test(test_ri_02_spellings_of_one_resource_match),
        cmocka_unit_test(test_be_10_ri_07_nothing_else_matches),
        cmocka_unit_test(test_ri_03_a_bare_origin_matches_only_when_allowed),
        with_arena(test_dm_01_dm_05_the_path_is_inserted),
        cmocka_unit_test(test_origin_and_path_are_cut_from_an_identifier),
        with_arena(test_dm_04_server_metadata_is_complete),
        with_arena(test_dc_31_what_is_not_served_is_left_out),
        with_arena(test_dm_05_resource_metadata),
        cmocka_unit_test(test_me_05_printing_without_memory_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
