#include "unit/unit.h"

#include <istauth/client.h>

#include <cjson/cJSON.h>
#include <locale.h>

static istauth_scope_catalogue catalogue(void)
{
    istauth_scope_catalogue c;
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);

    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, count), ISTAUTH_OK);
    return c;
}

/* On failure: nothing was written, and the error says why. */
static istauth_status parse(istauth_client *client, void **state, istauth_str body)
{
    istauth_scope_catalogue c = catalogue();
    istauth_str copy = exact(body);
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_client made = { .registered_at = 4711 };
    istauth_status st = istauth_client_parse(&made, arena_of(state), &c, 0, copy, &error);

    exact_free(copy);
    assert_int_equal(error.status, st);
    assert_int_equal(st == ISTAUTH_OK, error.detail[0] == '\0');
    if (st)
        assert_int_equal(made.registered_at, 4711);
    else
        *client = made;
    return st;
}

static istauth_status parse_text(void **state, const char *body)
{
    istauth_client client;

    return parse(&client, state, istauth_str_of(body));
}

/* A registration of one good redirect URI, and more members. */
static istauth_status parse_with(istauth_client *client, void **state, const char *members)
{
    return parse(client, state, joined(arena_of(state), "{\"redirect_uris\":[\"https://c.ex/cb\"]",
                                       members, "}", NULL));
}

#define GOOD "\"redirect_uris\":[\"https://c.ex/cb\"]"

/* Modelled on what these clients send, not captured from them. */
static const struct {
    const char *body, *name, *first_redirect, *scopes;
    size_t redirects;
    uint32_t grant_types;
    bool native;
} real[] = {
    { "{\"client_name\":\"Claude\",\"redirect_uris\":[\"https://claude.ai/api/mcp/auth_callback\"],"
      "\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":[\"code\"],"
      "\"token_endpoint_auth_method\":\"none\",\"scope\":\"mcp\"}",
      "Claude", "https://claude.ai/api/mcp/auth_callback", "mcp", 1, 3, false },
    { "{\"client_name\":\"Claude Code (is.team)\",\"redirect_uris\":[\"http://localhost/callback\"],"
      "\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":[\"code\"],"
      "\"token_endpoint_auth_method\":\"none\",\"application_type\":\"native\"}",
      "Claude Code (is.team)", "http://localhost/callback", "", 1, 3, true },
    { "{\"client_name\":\"Cursor\",\"redirect_uris\":["
      "\"cursor://anysphere.cursor-mcp/oauth/callback\","
      "\"https://www.cursor.com/agents/mcp/oauth/callback\",\"http://localhost:8787/callback\"],"
      "\"grant_types\":[\"authorization_code\",\"refresh_token\"],\"response_types\":[\"code\"],"
      "\"token_endpoint_auth_method\":\"none\"}",
      "Cursor", "cursor://anysphere.cursor-mcp/oauth/callback", "", 3, 3, false },
    { "{\"client_name\":\"Visual Studio Code\",\"client_uri\":\"https://code.visualstudio.com\","
      "\"grant_types\":[\"authorization_code\",\"refresh_token\","
      "\"urn:ietf:params:oauth:grant-type:device_code\"],\"response_types\":[\"code\"],"
      "\"redirect_uris\":[\"https://insiders.vscode.dev/redirect\",\"https://vscode.dev/redirect\","
      "\"http://127.0.0.1/\",\"http://127.0.0.1:33418/\"],\"scope\":\"mcp mcp:read\","
      "\"token_endpoint_auth_method\":\"none\",\"application_type\":\"native\"}",
      "Visual Studio Code", "https://insiders.vscode.dev/redirect", "mcp mcp:read", 4, 3, true },
    { "{\"redirect_uris\":[\"http://localhost:6274/oauth/callback\"],"
      "\"token_endpoint_auth_method\":\"none\",\"grant_types\":[\"authorization_code\","
      "\"refresh_token\"],\"response_types\":[\"code\"],\"client_name\":\"MCP Inspector\","
      "\"client_uri\":\"https://github.com/modelcontextprotocol/inspector\",\"scope\":\"\"}",
      "MCP Inspector", "http://localhost:6274/oauth/callback", "", 1, 3, false },
    { "{\"redirect_uris\":[\"http://localhost:3334/oauth/callback\"],"
      "\"token_endpoint_auth_method\":\"none\",\"grant_types\":[\"authorization_code\","
      "\"refresh_token\"],\"response_types\":[\"code\"],\"client_name\":\"MCP CLI Client\","
      "\"client_uri\":\"https://github.com/modelcontextprotocol/mcp-cli\","
      "\"software_id\":\"2e6dc280-f3c3-4e01-99a7-8181dbd1d23d\",\"software_version\":\"0.1.0\","
      "\"scope\":\"openid email profile\"}",
      "MCP CLI Client", "http://localhost:3334/oauth/callback", "openid profile email", 1, 3, false },
    { "{\"client_name\":\"LM Studio\",\"redirect_uris\":[\"http://127.0.0.1:33389/callback\"]}",
      "LM Studio", "http://127.0.0.1:33389/callback", "", 1, 3, false },
    { "{\"client_name\":\"Zed\",\"redirect_uris\":[\"http://127.0.0.1/callback\"],"
      "\"grant_types\":[\"authorization_code\"],\"token_endpoint_auth_method\":\"none\"}",
      "Zed", "http://127.0.0.1/callback", "", 1, 1, false },
};

static void test_ru_12_registrations_of_real_clients_pass(void **state)
{
    for (size_t i = 0; i < COUNT(real); i++) {
        istauth_client c;

        assert_int_equal(parse(&c, state, istauth_str_of(real[i].body)), ISTAUTH_OK);
        assert_says(c.name, real[i].name);
        assert_int_equal(c.redirect_uris.count, real[i].redirects);
        assert_says(c.redirect_uris.items[0], real[i].first_redirect);
        assert_says(c.scopes, real[i].scopes);
        assert_int_equal(c.grant_types, real[i].grant_types);
        assert_int_equal(c.native, real[i].native);
        assert_int_equal(c.client_id.n, 0);
        assert_int_equal(c.registered_at, 0);
    }
}

static void test_ru_12_order_and_bytes_are_kept_and_repeats_dropped(void **state)
{
    istauth_client c;

    assert_int_equal(parse(&c, state, ISTAUTH_STR("{\"redirect_uris\":[\"http://localhost:1/cb\","
                                                  "\"https:\\/\\/c.ex/cb%2F\",\"http://localhost:1/cb\","
                                                  "\"https://c.ex/cb\",\"https://c.ex/cb%2F\"]}")),
                     ISTAUTH_OK);
    assert_int_equal(c.redirect_uris.count, 3);
    assert_says(c.redirect_uris.items[0], "http://localhost:1/cb");
    assert_says(c.redirect_uris.items[1], "https://c.ex/cb%2F");
    assert_says(c.redirect_uris.items[2], "https://c.ex/cb");
}

static void test_dc_09_redirect_uris_of_the_wrong_shape(void **state)
{
    static const char *const bad[] = {
        "{}", "{\"redirect_uris\":null}", "{\"redirect_uris\":[]}", "{\"redirect_uris\":{}}",
        "{\"redirect_uris\":\"https://c.ex/cb\"}", "{\"redirect_uris\":1}", "{\"redirect_uris\":true}",
        "{\"redirect_uris\":[1]}", "{\"redirect_uris\":[null]}", "{\"redirect_uris\":[\"\"]}",
        "{\"redirect_uris\":[[\"https://c.ex/cb\"]]}", "{\"redirect_uris\":[\"https://c.ex/cb\",1]}",
        "{\"redirect_uris\":[{\"0\":\"https://c.ex/cb\"}]}", "{\"Redirect_uris\":[\"https://c.ex/cb\"]}",
    };

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse_text(state, bad[i]), ISTAUTH_E_INVALID_REDIRECT_URI);
}

static istauth_str with_redirects(void **state, int count)
{
    static const char unit[] = "\"https://c.ex/00\",";
    char *p = istauth_arena_alloc(arena_of(state), 64 + (size_t)count * sizeof(unit));
    istauth_str body = { p, 0 };

    assert_non_null(p);
    body.n = (size_t)sprintf(p, "{\"redirect_uris\":[");
    for (int i = 0; i < count; i++)
        body.n += (size_t)sprintf(p + body.n, "%s\"https://c.ex/%d\"", i ? "," : "", i);
    body.n += (size_t)sprintf(p + body.n, "]}");
    return body;
}

static void test_dc_09_ru_30_twenty_redirect_uris_and_not_21(void **state)
{
    istauth_client c;

    assert_int_equal(parse(&c, state, with_redirects(state, 20)), ISTAUTH_OK);
    assert_int_equal(c.redirect_uris.count, 20);
    assert_int_equal(parse(&c, state, with_redirects(state, 21)), ISTAUTH_E_INVALID_REDIRECT_URI);
    assert_int_equal(parse(&c, state, with_redirects(state, 1000)), ISTAUTH_E_INVALID_REDIRECT_URI);
}

static void test_dc_10_one_bad_redirect_uri_refuses_the_registration(void **state)
{
    static const char *const bad[] = { "javascript:alert(1)", "http://evil.ex/cb", "https://c.ex/cb#",
                                       "http://127.1/cb", "https://a@c.ex/", "http://localhost:*/cb",
                                       "https://c.ex/\\u000a", "https://\\u0435x.ex/", "/cb" };

    for (size_t i = 0; i < COUNT(bad); i++) {
        istauth_client c;

        assert_int_equal(parse(&c, state, joined(arena_of(state), "{\"redirect_uris\":[\"https://c.ex/cb\",\"",
                                                 bad[i], "\"]}", NULL)), ISTAUTH_E_INVALID_REDIRECT_URI);
    }
}

static void test_dc_12_repeated_members_are_refused(void **state)
{
    static const char *const bad[] = {
        "{\"redirect_uris\":[\"https://c.ex/cb\"],\"redirect_uris\":[\"https://evil.ex/cb\"]}",
        "{" GOOD ",\"client_name\":\"a\",\"client_name\":\"a\"}",
        "{" GOOD ",\"client_name\":\"a\",\"client_nam\\u0065\":\"b\"}",
        "{" GOOD ",\"x\":{\"a\":1,\"a\":2}}",
    };

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse_text(state, bad[i]), ISTAUTH_E_INVALID_CLIENT_METADATA);
    assert_int_equal(parse_text(state, "{" GOOD ",\"x\":{\"a\":1},\"y\":{\"a\":1}}"), ISTAUTH_OK);
}

static void test_dc_14_nul_is_refused_wherever_it_hides(void **state)
{
    static const istauth_str bad[] = {
        ISTAUTH_STR_INIT("{\"redirect_uris\":[\"https://c.ex/\\u0000.evil\"]}"),
        ISTAUTH_STR_INIT("{" GOOD ",\"client_name\":\"good\\u0000evil\"}"),
        ISTAUTH_STR_INIT("{" GOOD ",\"client_name\":\"good\0evil\"}"),
        ISTAUTH_STR_INIT("{" GOOD "}\0"),
        ISTAUTH_STR_INIT("{" GOOD ",\"a\\u0000b\":1}"),
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse(&c, state, bad[i]), ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_dc_15_to_dc_20_bodies_that_are_no_json_object(void **state)
{
    static const char *const bad[] = {
        "", " ", "null", "true", "1", "\"x\"", "[]", "[" GOOD "]", "{", "}", "{" GOOD, "{" GOOD "}}",
        "{" GOOD "} x", "{" GOOD ",}", "{'a':1}", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\xC0\xAF\"}", "{\"a\":\"\xED\xA0\x80\"}", "{\"a\":\"\xFF\"}", "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}", "redirect_uris=https://c.ex/cb",
    };

    istauth_scope_catalogue c = catalogue();
    istauth_client client;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse_text(state, bad[i]), ISTAUTH_E_INVALID_CLIENT_METADATA);
    assert_int_equal(istauth_client_parse(&client, arena_of(state), &c, 0, istauth_str_of(NULL), NULL),
                     ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_dc_17_every_prefix_of_a_registration_is_refused(void **state)
{
    istauth_str whole = istauth_str_of(real[3].body);
    istauth_client c;

    for (size_t n = 0; n < whole.n; n++)
        assert_int_equal(parse(&c, state, (istauth_str){ whole.p, n }),
                         ISTAUTH_E_INVALID_CLIENT_METADATA);
    assert_int_equal(parse(&c, state, whole), ISTAUTH_OK);
}

static void test_members_of_the_wrong_type_are_refused(void **state)
{
    static const char *const names[] = {
        "client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri", "software_id",
        "software_version", "scope", "application_type", "token_endpoint_auth_method",
    };
    static const char *const values[] = { "1", "true", "[]", "{}", "[\"a\"]" };
    istauth_client c;

    for (size_t i = 0; i < COUNT(names); i++) {
        for (size_t k = 0; k < COUNT(values); k++)
            assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", names[i], "\":",
                                                          values[k], NULL).p),
                             ISTAUTH_E_INVALID_CLIENT_METADATA);
        assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", names[i], "\":null",
                                                      NULL).p), ISTAUTH_OK);
        assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", names[i], "\":\"\"",
                                                      NULL).p), ISTAUTH_OK);
    }
}

static void test_dc_06_grant_types_are_cut_to_what_is_offered(void **state)
{
    static const struct {
        const char *members;
        istauth_status want;
        uint32_t types;
    } rows[] = {
        { "", ISTAUTH_OK, 3 },
        { ",\"grant_types\":null", ISTAUTH_OK, 3 },
        { ",\"grant_types\":[]", ISTAUTH_OK, 3 },
        { ",\"grant_types\":[\"authorization_code\"]", ISTAUTH_OK, 1 },
        { ",\"grant_types\":[\"refresh_token\",\"authorization_code\",\"implicit\",\"password\"]",
          ISTAUTH_OK, 3 },
        { ",\"grant_types\":[\"refresh_token\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"grant_types\":[\"implicit\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"grant_types\":[\"client_credentials\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"grant_types\":[\"AUTHORIZATION_CODE\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"grant_types\":\"authorization_code\"", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"grant_types\":[1]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"response_types\":[\"code\"]", ISTAUTH_OK, 3 },
        { ",\"response_types\":[\"token\",\"code\"]", ISTAUTH_OK, 3 },
        { ",\"response_types\":[]", ISTAUTH_OK, 3 },
        { ",\"response_types\":[\"token\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"response_types\":[\"code token\"]", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
        { ",\"response_types\":\"code\"", ISTAUTH_E_INVALID_CLIENT_METADATA, 0 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_client c = { .grant_types = 0 };

        assert_int_equal(parse_with(&c, state, rows[i].members), rows[i].want);
        assert_int_equal(c.grant_types, rows[i].types);
    }
}

static void test_dc_35_unknown_and_identity_scopes_never_refuse(void **state)
{
    static const struct {
        const char *scope, *kept;
    } rows[] = {
        { "openid email profile", "openid profile email" },
        { "foo mcp", "mcp" },
        { "foo", "" },
        { "", "" },
        { "mcp ", "" }, /* breaks the grammar: as if it were not there */
        { " mcp", "" },
        { "mcp\\tmcp:read", "" },
        { "mcp:read mcp offline_access", "mcp mcp:read" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_client c;

        assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"scope\":\"", rows[i].scope,
                                                      "\"", NULL).p), ISTAUTH_OK);
        assert_says(c.scopes, rows[i].kept);
    }
}

static void test_dc_08_what_the_server_decides_is_ignored(void **state)
{
    istauth_client c;

    assert_int_equal(parse_with(&c, state,
                                ",\"client_id\":\"x\",\"client_secret\":\"y\",\"client_id_issued_at\":1,"
                                "\"client_secret_expires_at\":-1e999,\"registration_access_token\":[],"
                                "\"jwks\":{\"keys\":[]},\"jwks_uri\":1,\"software_statement\":{},"
                                "\"contacts\":[\"a\"],\"client_name#ja-Jpan-JP\":\"x\","
                                "\"token_endpoint_auth_method\":\"client_secret_basic\""), ISTAUTH_OK);
    assert_int_equal(c.client_id.n, 0);
    assert_int_equal(c.registered_at, 0);
    assert_says(c.name, "c.ex");
}

static void test_dc_23_names_that_deceive_are_refused(void **state)
{
    static const char *const bad[] = {
        "Cl\\u202Eaude", "\\u2066Claude", "Cla\\u200Dude", "Cla\\u200Bude", "Claude\\n", "Cl\\taude",
        "\\u0001", "\\u007f", "\\u0085", "\\u00ad", "\\uFEFFClaude", "\\u2028", "\\udb40\\udc41",
        "Claude\xE2\x80\xAE",
    };
    static const char *const good[] = { "Claude", "\\u00c9diteur", "\xE6\x97\xA5\xE6\x9C\xAC",
                                        "%s%n%n", "<script>alert(1)</script>", "'\\\"&{{7*7}}`",
                                        "\\ud83d\\ude80" };
    istauth_client c;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"client_name\":\"", bad[i],
                                                      "\"", NULL).p), ISTAUTH_E_INVALID_CLIENT_METADATA);
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"client_name\":\"", good[i],
                                                      "\"", NULL).p), ISTAUTH_OK);
}

static void test_dc_21_lengths_are_limited_to_the_byte(void **state)
{
    static const struct {
        const char *name, *before;
        size_t max;
    } rows[] = {
        { "client_name", "", ISTAUTH_CLIENT_NAME_MAX },
        { "software_id", "", 255 },
        { "software_version", "", 255 },
        { "client_uri", "https://c.ex/", ISTAUTH_CLIENT_URI_MAX },
        { "logo_uri", "https://c.ex/", ISTAUTH_CLIENT_URI_MAX },
        { "policy_uri", "https://c.ex/", ISTAUTH_CLIENT_URI_MAX },
        { "tos_uri", "https://c.ex/", ISTAUTH_CLIENT_URI_MAX },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t over = 0; over < 2; over++) {
            size_t fill = rows[i].max - strlen(rows[i].before) + over;
            istauth_str text = repeated(arena_of(state), 'a', fill);
            istauth_client c;

            assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", rows[i].name, "\":\"",
                                                          rows[i].before, text.p, "\"", NULL).p),
                             over ? ISTAUTH_E_INVALID_CLIENT_METADATA : ISTAUTH_OK);
        }
    }
}

static void test_a_client_without_a_name_goes_by_its_redirect_host(void **state)
{
    static const struct {
        const char *body, *name;
    } rows[] = {
        { "{\"redirect_uris\":[\"https://c.ex:8443/cb\",\"https://d.ex/\"]}", "c.ex:8443" },
        { "{" GOOD ",\"client_name\":\"\"}", "c.ex" },
        { "{" GOOD ",\"client_name\":\"   \"}", "c.ex" },
        { "{" GOOD ",\"client_name\":\"\\u00a0\"}", "c.ex" },
        { "{" GOOD ",\"client_name\":\" \\u1680\\u2000\\u200a\\u202f\\u205f\\u3000\"}", "c.ex" },
        { "{" GOOD ",\"client_name\":\"\\ufe0f\"}", "c.ex" },
        { "{" GOOD ",\"client_name\":\"\\u3000x\"}", "\xE3\x80\x80x" },
        { "{" GOOD ",\"client_name\":null}", "c.ex" },
        { "{\"redirect_uris\":[\"com.example.app:/cb\"]}", "com.example.app:" },
    };
    istauth_str scheme = repeated(arena_of(state), 'a', 500);
    istauth_client c;

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(parse(&c, state, istauth_str_of(rows[i].body)), ISTAUTH_OK);
        assert_says(c.name, rows[i].name);
    }
    assert_int_equal(parse(&c, state, joined(arena_of(state), "{\"redirect_uris\":[\"", scheme.p,
                                             ":/cb\"]}", NULL)), ISTAUTH_OK);
    assert_int_equal(c.name.n, ISTAUTH_CLIENT_NAME_MAX);
}

static void test_dc_25_pages_are_plain_http_urls(void **state)
{
    static const char *const names[] = { "client_uri", "logo_uri", "policy_uri", "tos_uri" };
    static const char *const good[] = { "https://c.ex", "http://c.ex/a?b#c", "HTTPS://c.ex:8443/",
                                        "http://localhost:1234/logo.png", "" };
    static const char *const bad[] = { "javascript:alert(1)", "data:image/png;base64,AA", "ftp://c.ex/",
                                       "c.ex", "//c.ex/", "https:", "https://", "https:c.ex",
                                       "https://u@c.ex/", "https://u:p@c.ex/", "https://c.ex:0/",
                                       "https://c.ex:/", "https://c..ex/", "https://c.ex/ a",
                                       "https://c.ex/<script>", "https://c.ex/\\\"", "https://c.ex/%",
                                       "https://\xC3\xA9.ex/", " https://c.ex/", "https://c.ex/\\n" };
    istauth_client c;

    for (size_t n = 0; n < COUNT(names); n++) {
        for (size_t i = 0; i < COUNT(good); i++)
            assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", names[n], "\":\"",
                                                          good[i], "\"", NULL).p), ISTAUTH_OK);
        for (size_t i = 0; i < COUNT(bad); i++)
            assert_int_equal(parse_with(&c, state, joined(arena_of(state), ",\"", names[n], "\":\"",
                                                          bad[i], "\"", NULL).p),
                             ISTAUTH_E_INVALID_CLIENT_METADATA);
    }
}

static void test_each_page_lands_in_its_own_member(void **state)
{
    istauth_client c;

    assert_int_equal(parse_with(&c, state,
                                ",\"client_uri\":\"https://c.ex/1\",\"logo_uri\":\"https://c.ex/2\","
                                "\"policy_uri\":\"https://c.ex/3\",\"tos_uri\":\"https://c.ex/4\","
                                "\"software_id\":\"5\",\"software_version\":\"6\""), ISTAUTH_OK);
    assert_says(c.client_uri, "https://c.ex/1");
    assert_says(c.logo_uri, "https://c.ex/2");
    assert_says(c.policy_uri, "https://c.ex/3");
    assert_says(c.tos_uri, "https://c.ex/4");
    assert_says(c.software_id, "5");
    assert_says(c.software_version, "6");
}

static istauth_str printed(void **state, const istauth_client *client)
{
    istauth_str json;

    assert_int_equal(istauth_client_print(&json, arena_of(state), client, NULL), ISTAUTH_OK);
    return json;
}

static void test_dc_01_the_response_says_what_was_registered(void **state)
{
    istauth_client c;

    assert_int_equal(parse(&c, state, istauth_str_of(real[3].body)), ISTAUTH_OK);
    c.client_id = ISTAUTH_STR("abc");
    c.registered_at = 1700000000;
    assert_says(printed(state, &c),
                "{\"client_id\":\"abc\",\"client_id_issued_at\":1700000000,\"redirect_uris\":["
                "\"https://insiders.vscode.dev/redirect\",\"https://vscode.dev/redirect\","
                "\"http://127.0.0.1/\",\"http://127.0.0.1:33418/\"],"
                "\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
                "\"response_types\":[\"code\"],\"token_endpoint_auth_method\":\"none\","
                "\"client_name\":\"Visual Studio Code\",\"application_type\":\"native\","
                "\"scope\":\"mcp mcp:read\",\"client_uri\":\"https://code.visualstudio.com\"}");
}

static void test_dc_01_dc_02_unset_members_are_left_out(void **state)
{
    istauth_client c;
    istauth_str json;

    assert_int_equal(parse_with(&c, state, ",\"grant_types\":[\"authorization_code\"],\"scope\":\"\","
                                           "\"logo_uri\":\"\",\"software_id\":null"), ISTAUTH_OK);
    c.client_id = ISTAUTH_STR("abc");
    c.registered_at = 1;
    json = printed(state, &c);
    assert_says(json, "{\"client_id\":\"abc\",\"client_id_issued_at\":1,"
                      "\"redirect_uris\":[\"https://c.ex/cb\"],\"grant_types\":[\"authorization_code\"],"
                      "\"response_types\":[\"code\"],\"token_endpoint_auth_method\":\"none\","
                      "\"client_name\":\"c.ex\"}");
    assert_false(mentions(json, "secret"));
    assert_false(mentions(json, "null"));
    assert_false(mentions(json, "\"\""));
}

static void test_dc_22_a_hostile_name_is_escaped_in_the_response(void **state)
{
    istauth_client c;
    istauth_str json;
    cJSON *parsed;

    assert_int_equal(parse_with(&c, state, ",\"client_name\":\"\\\"></script>&\""), ISTAUTH_OK);
    json = printed(state, &c);
    assert_false(mentions(json, "</"));
    parsed = cJSON_Parse(json.p);
    assert_string_equal(cJSON_GetObjectItem(parsed, "client_name")->valuestring, "\"></script>&");
    cJSON_Delete(parsed);
}

static void test_me_16_numbers_are_printed_the_same_in_any_locale(void **state)
{
    static const char *const locales[] = { "C", "C.utf8", "de_DE.UTF-8", "tr_TR.UTF-8" };
    istauth_client c;

    for (size_t i = 0; i < COUNT(locales); i++) {
        setlocale(LC_ALL, locales[i]); /* where it is missing, the one before stays */
        assert_int_equal(parse_with(&c, state, ",\"x\":1.5,\"client_name\":\"TITLE\","
                                               "\"client_uri\":\"HTTPS://I.ex\""), ISTAUTH_OK);
        c.registered_at = 253402300799;
        assert_true(mentions(printed(state, &c), "\"client_id_issued_at\":253402300799,"));
    }
    setlocale(LC_ALL, "C");
}

static istauth_status redirect(istauth_str *uri, const char *const *registered, size_t count,
                               const char *requested)
{
    istauth_str items[4];
    istauth_client c = { .redirect_uris = { items, count } };

    for (size_t i = 0; i < count; i++)
        items[i] = istauth_str_of(registered[i]);
    return istauth_client_redirect(uri, &c, istauth_str_of(requested), 1);
}

static void test_ru_23_a_missing_redirect_uri_needs_exactly_one_registered(void **state)
{
    static const char *const two[] = { "https://c.ex/cb", "https://c.ex/cb2" };
    istauth_str uri = ISTAUTH_STR("untouched");

    (void)state;
    assert_int_equal(redirect(&uri, two, 2, ""), ISTAUTH_E_INVALID_REDIRECT_URI);
    assert_int_equal(redirect(&uri, two, 0, ""), ISTAUTH_E_INVALID_REDIRECT_URI);
    assert_int_equal(redirect(&uri, two, 0, "https://c.ex/cb"), ISTAUTH_E_INVALID_REDIRECT_URI);
    assert_says(uri, "untouched");
    assert_int_equal(redirect(&uri, two, 1, ""), ISTAUTH_OK);
    assert_says(uri, "https://c.ex/cb");
    assert_int_equal(redirect(&uri, two, 2, "https://c.ex/cb2"), ISTAUTH_OK);
    assert_says(uri, "https://c.ex/cb2");
    assert_int_equal(redirect(&uri, two, 2, "https://c.ex/cb3"), ISTAUTH_E_INVALID_REDIRECT_URI);
}

static void test_ru_14_the_requested_loopback_port_is_kept(void **state)
{
    static const char *const registered[] = { "https://c.ex/cb", "http://127.0.0.1/cb" };
    istauth_str uri;

    (void)state;
    assert_int_equal(redirect(&uri, registered, 2, "http://127.0.0.1:49152/cb"), ISTAUTH_OK);
    assert_says(uri, "http://127.0.0.1:49152/cb");
    assert_int_equal(redirect(&uri, registered, 2, "http://127.0.0.1:49152/cb2"),
                     ISTAUTH_E_INVALID_REDIRECT_URI);
}

static void test_me_05_without_memory_nothing_is_written(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    istauth_client client = { .registered_at = 4711 };
    size_t failures = 0;

    (void)state;
    for (size_t cap = 0; st; cap += 64, failures++) {
        istauth_arena arena;

        assert_int_equal(client.registered_at, 4711);
        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        st = istauth_client_parse(&client, &arena, &c, 0, istauth_str_of(real[3].body), NULL);
        istauth_arena_wipe(&arena);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_true(cap < 1 << 20);
    }
    assert_true(failures > 5);
}

/* The names of RFC 7591 2, of which a client gets one that it may have, and else none. */
static void test_dc_03_dc_04_a_method_that_may_be_had_is_had(void **state)
{
    static const struct {
        const char *member;
        uint32_t methods;
        istauth_client_auth want;
    } rows[] = {
        { ",\"token_endpoint_auth_method\":\"client_secret_basic\"", 1u << 1, 1 },
        { ",\"token_endpoint_auth_method\":\"client_secret_post\"", 1u << 2, 2 },
        { ",\"token_endpoint_auth_method\":\"client_secret_basic\"", 1u << 1 | 1u << 2, 1 },
        { ",\"token_endpoint_auth_method\":\"client_secret_basic\"", 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":\"client_secret_post\"", 1u << 1, 0 },
        { ",\"token_endpoint_auth_method\":\"client_secret_basic\"", 0, 0 },
        { ",\"token_endpoint_auth_method\":\"none\"", 1u << 1 | 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":\"client_secret_jwt\"", UINT32_MAX, 0 },
        { ",\"token_endpoint_auth_method\":\"Client_secret_basic\"", 1u << 1 | 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":\"client_secret_basic \"", 1u << 1 | 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":\"client_secret\"", 1u << 1 | 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":\"\"", 1u << 1 | 1u << 2, 0 },
        { ",\"token_endpoint_auth_method\":null", 1u << 1 | 1u << 2, 0 },
        { "", 1u << 1 | 1u << 2, 0 },
    };
    istauth_scope_catalogue c = catalogue();

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str body = joined(arena_of(state), "{" GOOD, rows[i].member, "}", NULL);
        istauth_client client;

        assert_int_equal(istauth_client_parse(&client, arena_of(state), &c, rows[i].methods, body,
                                              NULL),
                         ISTAUTH_OK);
        if (client.auth != rows[i].want)
            fail_msg("row %zu: method %d", i, (int)client.auth);
    }
}

static void test_dc_03_a_secret_is_shown_with_the_time_at_which_it_ends(void **state)
{
    istauth_client_secrets secrets = { .secret = ISTAUTH_STR("ist_cs_x") };
    istauth_client c = { .client_id = ISTAUTH_STR("abc"),
                         .auth = ISTAUTH_CLIENT_AUTH_SECRET_POST,
                         .grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE,
                         .registered_at = 1 };
    istauth_str json;

    assert_int_equal(istauth_client_print(&json, arena_of(state), &c, &secrets), ISTAUTH_OK);
    assert_says(json, "{\"client_id\":\"abc\",\"client_id_issued_at\":1,"
                      "\"client_secret\":\"ist_cs_x\",\"client_secret_expires_at\":0,"
                      "\"grant_types\":[\"authorization_code\"],\"response_types\":[\"code\"],"
                      "\"token_endpoint_auth_method\":\"client_secret_post\"}");
    c.secret_expires_at = 2147483648;
    assert_int_equal(istauth_client_print(&json, arena_of(state), &c, &secrets), ISTAUTH_OK);
    assert_true(mentions(json, "\"client_secret_expires_at\":2147483648,"));
    assert_int_equal(istauth_client_print(&json, arena_of(state), &c, NULL), ISTAUTH_OK);
    assert_false(mentions(json, "\"client_secret\""));
    assert_false(mentions(json, "expires_at"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_ru_12_registrations_of_real_clients_pass),
        with_arena(test_ru_12_order_and_bytes_are_kept_and_repeats_dropped),
        with_arena(test_dc_09_redirect_uris_of_the_wrong_shape),
        with_arena(test_dc_09_ru_30_twenty_redirect_uris_and_not_21),
        with_arena(test_dc_10_one_bad_redirect_uri_refuses_the_registration),
        with_arena(test_dc_12_repeated_members_are_refused),
        with_arena(test_dc_14_nul_is_refused_wherever_it_hides),
        with_arena(test_dc_15_to_dc_20_bodies_that_are_no_json_object),
        with_arena(test_dc_17_every_prefix_of_a_registration_is_refused),
        with_arena(test_members_of_the_wrong_type_are_refused),
        with_arena(test_dc_06_grant_types_are_cut_to_what_is_offered),
        with_arena(test_dc_35_unknown_and_identity_scopes_never_refuse),
        with_arena(test_dc_08_what_the_server_decides_is_ignored),
        with_arena(test_dc_23_names_that_deceive_are_refused),
        with_arena(test_dc_21_lengths_are_limited_to_the_byte),
        with_arena(test_a_client_without_a_name_goes_by_its_redirect_host),
        with_arena(test_dc_25_pages_are_plain_http_urls),
        with_arena(test_each_page_lands_in_its_own_member),
        with_arena(test_dc_01_the_response_says_what_was_registered),
        with_arena(test_dc_01_dc_02_unset_members_are_left_out),
        with_arena(test_dc_22_a_hostile_name_is_escaped_in_the_response),
        with_arena(test_dc_03_dc_04_a_method_that_may_be_had_is_had),
        with_arena(test_dc_03_a_secret_is_shown_with_the_time_at_which_it_ends),
        with_arena(test_me_16_numbers_are_printed_the_same_in_any_locale),
        cmocka_unit_test(test_ru_23_a_missing_redirect_uri_needs_exactly_one_registered),
        cmocka_unit_test(test_ru_14_the_requested_loopback_port_is_kept),
        cmocka_unit_test(test_me_05_without_memory_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
