/* The MCP endpoint from outside: HTTP, tokens, JSON-RPC and protocol revisions. */
#include "mcp_rig.c" /* one program per test file, each with a rig of its own */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define NOTHING ISTAUTH_STR("")
#define LIST "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"
#define MODERN_LIST \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" MODERN_META "}}"
#define BATCH "[" LIST "]"
#define TWO_NAMES                                              \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"," \
    "\"params\":{\"name\":\"list_workspaces\",\"name\":\"create_card\"}}"
#define MODERN_HEADERS "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n"

/* --- tokens --- */

static void assert_challenged(const rig *g, const char *error)
{
    const char *challenge = rig_header(g, "WWW-Authenticate");

    assert_int_equal(g->r.status, 401);
    assert_non_null(challenge);
    assert_int_equal(strncmp(challenge, "Bearer ", 7), 0);
    assert_non_null(strstr(challenge, "resource_metadata=\"http://127.0.0.1:8080/.well-known/"
                                      "oauth-protected-resource/mcp\""));
    assert_non_null(strstr(challenge, "scope=\"mcp\""));
    assert_int_equal(strstr(challenge, "error=") != NULL, error != NULL);
    if (error)
        assert_non_null(strstr(challenge, error));
}

static void test_be_01_no_token_is_challenged_without_an_error(void **state)
{
    rig_post(*state, NULL, "", LIST);
    assert_challenged(*state, NULL);
}

static void test_be_19_every_method_but_options_is_challenged(void **state)
{
    static const char *const methods[] = { "HEAD", "GET", "DELETE", "PUT", "POST", "options" };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        rig_send(*state, methods[i], NULL, "", NOTHING);
        assert_challenged(*state, NULL);
    }
}

static void test_be_19_preflight_needs_no_token(void **state)
{
    rig *g = *state;

    rig_send(g, "OPTIONS", NULL, "Origin: http://localhost:6274\r\n", NOTHING);
    assert_int_equal(g->r.status, 204);
    assert_string_equal(rig_header(g, "Access-Control-Allow-Origin"), "*");
    assert_non_null(strstr(rig_header(g, "Access-Control-Allow-Methods"), "POST"));
    assert_non_null(strstr(rig_header(g, "Access-Control-Allow-Headers"), "Mcp-Name"));
    assert_null(rig_header(g, "WWW-Authenticate"));
}

static void test_bad_tokens_are_invalid_whatever_the_body(void **state)
{
    rig *g = *state;
    char wrong[ISTAUTH_TOKEN_SIZE];

    memcpy(wrong, g->writer, sizeof(wrong));
    wrong[20] = wrong[20] == 'A' ? 'B' : 'A';
    rig_post(g, wrong, "", LIST);
    assert_challenged(g, "error=\"invalid_token\"");
    rig_post(g, wrong, "MCP-Protocol-Version: 1900-01-01\r\n", "not JSON");
    assert_challenged(g, "error=\"invalid_token\"");
    g->now += 1000; /* the second at which they expire */
    rig_post(g, g->writer, "", LIST);
    assert_challenged(g, "error=\"invalid_token\"");
    g->now -= 1;
    rig_post(g, g->writer, "", LIST);
    assert_int_equal(g->r.status, 200);
}

static void test_be_17_a_store_that_is_down_is_no_401(void **state)
{
    rig *g = *state;

    g->store_down = true;
    rig_post(g, g->writer, "", LIST);
    assert_int_equal(g->r.status, 503);
    assert_null(rig_header(g, "WWW-Authenticate"));
}

static void test_two_authorization_headers_are_refused(void **state)
{
    rig *g = *state;

    rig_post(g, g->writer, "Authorization: Bearer x\r\n", LIST);
    assert_challenged(g, "error=\"invalid_token\"");
}

/* --- HTTP --- */

static void test_origin_is_validated(void **state)
{
    static const struct {
        const char *origin;
        int status;
    } table[] = {
        { "http://localhost:6274", 200 },
        { "http://127.0.0.1", 200 },
        { "http://[::1]:1", 200 },
        { "https://claude.ai", 200 },
        { "https://inspector.example:8443", 200 },
        { "vscode-webview://1f2e3d", 200 },
        { "http://evil.example", 403 },
        { "http://evil.example:8080", 403 },
        { "http://localhost.evil.example", 403 },
        { "http://127.0.0.1.evil.example:8080", 403 },
        { "http://localhost:", 403 },
        { "http://localhost:80a", 403 },
        { "http://localhost:8080/", 403 },
        { "http://localhost@evil.example", 403 },
        { "https://", 403 },
        { "https://a b", 403 },
        { "null", 403 },
        { "", 403 },
        { "localhost", 403 },
    };
    rig *g = *state;
    char line[128];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(line, sizeof(line), "Origin: %s\r\n", table[i].origin);
        rig_post(g, g->writer, line, LIST);
        assert_int_equal(g->r.status, table[i].status);
        assert_null(rig_header(g, "WWW-Authenticate"));
    }
    rig_post(g, g->writer, "Origin: https://a.example\r\nOrigin: https://b.example\r\n", LIST);
    assert_int_equal(g->r.status, 403);
}

static void test_only_post_carries_messages(void **state)
{
    static const char *const methods[] = { "GET", "HEAD", "DELETE", "PUT" };
    rig *g = *state;

    for (size_t i = 0; i < 4; i++) {
        rig_send(g, methods[i], g->writer, "", NOTHING);
        assert_int_equal(g->r.status, 405);
        assert_string_equal(rig_header(g, "Allow"), "POST, OPTIONS");
    }
}

static void test_content_type_must_be_json(void **state)
{
    rig *g = *state;

    rig_send(g, "POST", g->writer, "Content-Type: Application/JSON; charset=utf-8\r\n",
             ISTAUTH_STR(LIST));
    assert_int_equal(g->r.status, 200);
    rig_send(g, "POST", g->writer, "", ISTAUTH_STR(LIST));
    assert_int_equal(g->r.status, 415);
    rig_send(g, "POST", g->writer, "Content-Type: text/plain\r\n", ISTAUTH_STR(LIST));
    assert_int_equal(g->r.status, 415);
    rig_send(g, "POST", g->writer, "Content-Type: application/json-seq\r\n", ISTAUTH_STR(LIST));
    assert_int_equal(g->r.status, 415);
}

static void test_body_of_a_mebibyte_is_the_largest(void **state)
{
    rig *g = *state;
    char *text = malloc(MCP_BODY_MAX + 1);
    istauth_str body = { text, MCP_BODY_MAX };

    assert_non_null(text);
    memset(text, ' ', MCP_BODY_MAX + 1);
    memcpy(text, LIST, sizeof(LIST) - 1);
    rig_send(g, "POST", g->writer, "Content-Type: application/json\r\n", body);
    assert_int_equal(g->r.status, 200);
    body.n++;
    rig_send(g, "POST", g->writer, "Content-Type: application/json\r\n", body);
    assert_int_equal(g->r.status, 413);
    free(text);
}

/* --- JSON-RPC --- */

static void nested(char *text, size_t depth)
{
    sprintf(text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":");
    text += strlen(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    strcpy(text + 2 * depth, "}}");
}

static void test_malformed_json_is_a_parse_error(void **state)
{
    static const istauth_str bodies[] = {
        ISTAUTH_STR_INIT(""),
        ISTAUTH_STR_INIT("{"),
        ISTAUTH_STR_INIT("nonsense"),
        ISTAUTH_STR_INIT(LIST "x"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\\u0000\"}"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\0"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"\xff\",\"method\":\"ping\"}"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"\xed\xa0\x80\",\"method\":\"ping\"}"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"a\nb\",\"method\":\"ping\"}"),
        ISTAUTH_STR_INIT("{\"jsonrpc\":\"2.0\",\"id\":\"unterminated\\"),
    };
    rig *g = *state;
    char deep[512];

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        rig_send(g, "POST", g->writer, "Content-Type: application/json\r\n", bodies[i]);
        assert_int_equal(g->r.status, 400);
        assert_int_equal(rig_int(g, "error.code"), -32700);
        assert_null(rig_at(g, "id"));
    }
    nested(deep, 62); /* two objects around it: 64 */
    rig_post(g, g->writer, "", deep);
    assert_int_equal(g->r.status, 200);
    nested(deep, 63);
    rig_post(g, g->writer, "", deep);
    assert_int_equal(rig_int(g, "error.code"), -32700);
}

static void test_other_json_is_an_invalid_request(void **state)
{
    static const char *const bodies[] = {
        "[]",
        BATCH,
        "1",
        "{}",
        "{\"id\":1,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1e300,\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"method\":\"tools/list\"}",
        TWO_NAMES,
    };
    rig *g = *state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        rig_post(g, g->writer, "", bodies[i]);
        assert_int_equal(g->r.status, 400);
        assert_int_equal(rig_int(g, "error.code"), -32600);
    }
}

static void test_ids_come_back_as_they_were_sent(void **state)
{
    rig *g = *state;

    rig_post(g, g->writer, "", "{\"jsonrpc\":\"2.0\",\"id\":\"a \\u00e9\",\"method\":\"ping\"}");
    assert_string_equal(rig_text(g, "id"), "a \xc3\xa9");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, "result")), 0);
    rig_post(g, g->writer, "", "{\"jsonrpc\":\"2.0\",\"id\":9007199254740991,\"method\":\"ping\"}");
    assert_non_null(strstr(g->r.body.p, "\"id\":9007199254740991,"));
    rig_post(g, g->writer, "", "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}");
    assert_non_null(strstr(g->r.body.p, "\"id\":0,"));
}

static void test_notifications_and_responses_are_accepted_in_silence(void **state)
{
    static const char *const bodies[] = {
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
        "{\"jsonrpc\":\"2.0\",\"method\":\"tools/list\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1,\"message\":\"\"}}",
    };
    rig *g = *state;

    for (size_t i = 0; i < 4; i++) {
        rig_post(g, g->writer, "", bodies[i]);
        assert_int_equal(g->r.status, 202);
        assert_int_equal(g->r.body.n, 0);
    }
    rig_post(g, g->writer, "MCP-Protocol-Version: 2026-07-28\r\n", bodies[0]);
    assert_int_equal(g->r.status, 202);
}

/* A mutating tool must not run for want of an id. */
static void test_a_call_without_id_changes_nothing(void **state)
{
    rig *g = *state;

    rig_post(g, g->writer, "",
             "{\"jsonrpc\":\"2.0\",\"method\":\"tools/call\",\"params\":{\"name\":\"create_card\","
             "\"arguments\":{\"workspace\":\"ws_notes\",\"title\":\"ghost\"}}}");
    assert_int_equal(g->r.status, 202);
    rig_call(g, g->reader, "search_cards", "{\"workspace\":\"ws_notes\",\"query\":\"ghost\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, "result.structuredContent.cards")), 0);
}

static void test_unknown_methods_are_not_found(void **state)
{
    static const char *const methods[] = { "resources/list", "prompts/list", "server/discover",
                                           "Tools/List", "" };
    rig *g = *state;
    char body[256];

    for (size_t i = 0; i < 5; i++) {
        snprintf(body, sizeof(body), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\"}",
                 methods[i]);
        rig_post(g, g->writer, "", body);
        assert_int_equal(g->r.status, 200);
        assert_int_equal(rig_int(g, "error.code"), -32601);
    }
}

/* --- revisions --- */

static void test_initialize_negotiates_a_revision_with_a_handshake(void **state)
{
    static const struct {
        const char *wanted, *answered;
    } table[] = {
        { "2025-03-26", "2025-03-26" }, { "2025-06-18", "2025-06-18" },
        { "2025-11-25", "2025-11-25" }, { "2024-11-05", "2025-11-25" },
        { "2026-07-28", "2025-11-25" }, { "2099-01-01", "2025-11-25" },
    };
    rig *g = *state;
    char body[256];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(body, sizeof(body),
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
                 "{\"protocolVersion\":\"%s\",\"capabilities\":{}}}",
                 table[i].wanted);
        rig_post(g, g->reader, "", body);
        assert_int_equal(g->r.status, 200);
        assert_string_equal(rig_text(g, "result.protocolVersion"), table[i].answered);
        assert_string_equal(rig_text(g, "result.serverInfo.name"), "isteam");
        assert_true(cJSON_IsObject(rig_at(g, "result.capabilities.tools")));
        assert_null(rig_at(g, "result.resultType"));
        assert_null(rig_header(g, "Mcp-Session-Id"));
    }
    rig_post(g, g->reader, "", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\"}");
    assert_int_equal(rig_int(g, "error.code"), -32602);
}

static void test_each_revision_lists_the_tools(void **state)
{
    static const char *const headers[] = { "", "MCP-Protocol-Version: 2025-03-26\r\n",
                                           "MCP-Protocol-Version: 2025-06-18\r\n",
                                           "MCP-Protocol-Version: 2025-11-25\r\n" };
    rig *g = *state;

    for (size_t i = 0; i < 4; i++) {
        rig_post(g, g->reader, headers[i], LIST);
        assert_int_equal(g->r.status, 200);
        assert_int_equal(cJSON_GetArraySize(rig_at(g, "result.tools")), 15);
        assert_null(rig_at(g, "result.ttlMs"));
        assert_null(rig_at(g, "result.resultType"));
    }
    rig_post(g, g->reader, MODERN_HEADERS, MODERN_LIST);
    assert_int_equal(g->r.status, 200);
    assert_int_equal(cJSON_GetArraySize(rig_at(g, "result.tools")), 15);
    assert_string_equal(rig_text(g, "result.resultType"), "complete");
    assert_string_equal(rig_text(g, "result.cacheScope"), "private");
    assert_true(rig_int(g, "result.ttlMs") > 0);
    assert_non_null(strstr(g->r.body.p, "\"io.modelcontextprotocol/serverInfo\""));
}

static void test_discover_says_what_is_spoken_here(void **state)
{
    rig *g = *state;

    rig_post(
        g, g->reader, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: server/discover\r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"d\",\"method\":\"server/discover\",\"params\":{" MODERN_META
        "}}");
    assert_int_equal(g->r.status, 200);
    assert_string_equal(rig_text(g, "result.supportedVersions.0"), "2026-07-28");
    assert_string_equal(rig_text(g, "result.supportedVersions.1"), "2025-11-25");
    assert_string_equal(rig_text(g, "result.resultType"), "complete");
    assert_string_equal(rig_text(g, "result.cacheScope"), "private");
    assert_true(cJSON_IsObject(rig_at(g, "result.capabilities.tools")));
    assert_non_null(rig_at(g, "result.ttlMs"));
    assert_non_null(rig_at(g, "result.instructions"));
}

static void test_the_handshake_is_gone_in_2026(void **state)
{
    rig *g = *state;

    rig_post(g, g->reader, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: ping\r\n",
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" MODERN_META "}}");
    assert_int_equal(g->r.status, 404);
    assert_int_equal(rig_int(g, "error.code"), -32601);
}

static void test_unsupported_revisions_are_told_which_are(void **state)
{
    rig *g = *state;

    rig_post(g, g->reader, "MCP-Protocol-Version: 2024-11-05\r\n", LIST);
    assert_int_equal(g->r.status, 400);
    assert_int_equal(rig_int(g, "error.code"), -32022);
    assert_string_equal(rig_text(g, "error.data.supported.0"), "2026-07-28");
    assert_string_equal(rig_text(g, "error.data.requested"), "2024-11-05");
    assert_int_equal(rig_int(g, "id"), 1);
    rig_post(g, g->reader, "MCP-Protocol-Version: \xff\x01\r\n", LIST);
    assert_int_equal(rig_int(g, "error.code"), -32022);
    assert_string_equal(rig_text(g, "error.data.requested"), "(malformed)");
    rig_post(g, g->reader, "MCP-Protocol-Version:\r\n", LIST);
    assert_int_equal(rig_int(g, "error.code"), -32022);
    rig_post(g, g->reader, "MCP-Protocol-Version: 2099-01-01\r\n",
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    assert_int_equal(g->r.status, 400);
}

static void test_modern_headers_must_mirror_the_body(void **state)
{
    static const char *const wrong[] = {
        "",
        "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list\r\n",
        "MCP-Protocol-Version: 2026-07-28\r\n",
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n",
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: Tools/list\r\n",
        MODERN_HEADERS "Mcp-Method: tools/list\r\n",
        MODERN_HEADERS "MCP-Protocol-Version: 2026-07-28\r\n",
    };
    rig *g = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        rig_post(g, g->reader, wrong[i], MODERN_LIST);
        assert_int_equal(g->r.status, 400);
        assert_int_equal(rig_int(g, "error.code"), -32020);
        assert_int_equal(rig_int(g, "id"), 1);
    }
}

static void test_mcp_name_must_mirror_the_tool(void **state)
{
    static const struct {
        const char *name;
        int status;
    } table[] = {
        { "Mcp-Name: list_workspaces\r\n", 200 },
        { "Mcp-Name: =?base64?bGlzdF93b3Jrc3BhY2Vz?=\r\n", 200 },
        { "Mcp-Name: =?base64?bGlzdF93b3Jrc3BhY2VzIQ==?=\r\n", 400 },
        { "Mcp-Name: =?base64?bGlzdF93b3Jrc3Bh****?=\r\n", 400 },
        { "Mcp-Name: =?base64?"
          "?=\r\n",
          400 },
        { "Mcp-Name: list_cards\r\n", 400 },
        { "Mcp-Name: list_workspaces\r\nMcp-Name: list_workspaces\r\n", 400 },
        { "", 400 },
    };
    rig *g = *state;
    char headers[256];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(headers, sizeof(headers),
                 "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n%s", table[i].name);
        rig_post(g, g->reader, headers,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
                 "\"list_workspaces\"," MODERN_META "}}");
        assert_int_equal(g->r.status, table[i].status);
        if (table[i].status == 400)
            assert_int_equal(rig_int(g, "error.code"), -32020);
        else
            assert_string_equal(rig_text(g, "result.resultType"), "complete");
    }
}

static void test_modern_requests_need_their_meta(void **state)
{
    static const char *const bodies[] = {
        LIST,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"}}}",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
        "\"io.modelcontextprotocol/clientCapabilities\":{}}}}",
    };
    rig *g = *state;

    for (size_t i = 0; i < 3; i++) {
        rig_post(g, g->reader, MODERN_HEADERS, bodies[i]);
        assert_int_equal(g->r.status, 400);
        assert_int_equal(rig_int(g, "error.code"), -32602);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_be_01_no_token_is_challenged_without_an_error),
        T(test_be_19_every_method_but_options_is_challenged),
        T(test_be_19_preflight_needs_no_token),
        T(test_bad_tokens_are_invalid_whatever_the_body),
        T(test_be_17_a_store_that_is_down_is_no_401),
        T(test_two_authorization_headers_are_refused),
        T(test_origin_is_validated),
        T(test_only_post_carries_messages),
        T(test_content_type_must_be_json),
        T(test_body_of_a_mebibyte_is_the_largest),
        T(test_malformed_json_is_a_parse_error),
        T(test_other_json_is_an_invalid_request),
        T(test_ids_come_back_as_they_were_sent),
        T(test_notifications_and_responses_are_accepted_in_silence),
        T(test_a_call_without_id_changes_nothing),
        T(test_unknown_methods_are_not_found),
        T(test_initialize_negotiates_a_revision_with_a_handshake),
        T(test_each_revision_lists_the_tools),
        T(test_discover_says_what_is_spoken_here),
        T(test_the_handshake_is_gone_in_2026),
        T(test_unsupported_revisions_are_told_which_are),
        T(test_modern_headers_must_mirror_the_body),
        T(test_mcp_name_must_mirror_the_tool),
        T(test_modern_requests_need_their_meta),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
