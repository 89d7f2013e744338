/* Discovery documents: byte for byte, from configuration alone, at the paths where clients look. */
#include "support/person.h"

#define SERVER_METADATA "/.well-known/oauth-authorization-server"
#define RESOURCE_METADATA "/.well-known/oauth-protected-resource"

static const char server_document[] =
    "{\"issuer\":\"https://as.example\","
    "\"authorization_endpoint\":\"https://as.example/oauth/authorize\","
    "\"token_endpoint\":\"https://as.example/api/oauth/token\","
    "\"registration_endpoint\":\"https://as.example/api/oauth/register\","
    "\"revocation_endpoint\":\"https://as.example/api/oauth/revoke\","
    "\"userinfo_endpoint\":\"https://as.example/api/oauth/userinfo\","
    "\"scopes_supported\":[\"mcp\",\"mcp:read\",\"profile\",\"email\"],"
    "\"response_types_supported\":[\"code\"],"
    "\"response_modes_supported\":[\"query\"],"
    "\"grant_types_supported\":[\"authorization_code\",\"refresh_token\"],"
    "\"token_endpoint_auth_methods_supported\":[\"none\"],"
    "\"revocation_endpoint_auth_methods_supported\":[\"none\"],"
    "\"code_challenge_methods_supported\":[\"S256\"],"
    "\"authorization_response_iss_parameter_supported\":true}";

static const char resource_document[] = "{\"resource\":\"https://as.example/mcp\","
                                        "\"authorization_servers\":[\"https://as.example\"],"
                                        "\"scopes_supported\":[\"mcp\",\"mcp:read\"],"
                                        "\"bearer_methods_supported\":[\"header\"],"
                                        "\"resource_name\":\"The board\"}";

static const char document_headers[] = "cache-control: public, max-age=3600\n"
                                       "x-content-type-options: nosniff\n"
                                       "content-type: application/json\n"
                                       "access-control-allow-origin: *\n"
                                       "access-control-expose-headers: WWW-Authenticate, "
                                       "Mcp-Session-Id, MCP-Protocol-Version, Retry-After\n";

static void expect_document(const reply *r, const char *document)
{
    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, document);
    assert_string_equal(r->headers, document_headers);
}

static void test_dm_04_dm_06_the_servers_document_byte_for_byte(void **state)
{
    expect_document(world_get(*state, SERVER_METADATA, NULL), server_document);
}

static void test_dm_05_the_resources_document_where_its_path_is_inserted_and_at_the_root(
    void **state)
{
    expect_document(world_get(*state, RESOURCE_METADATA "/mcp", NULL), resource_document);
    expect_document(world_get(*state, RESOURCE_METADATA, NULL), resource_document);
}

/* A world with this issuer, whose resource is under it. */
static world *world_of(const char *issuer)
{
    world *w = world_new();

    w->config.issuer = istauth_str_of(issuer);
    w->resources[0].identifier = istauth_str_of(world_text(w, "%s/mcp", issuer));
    world_open(w);
    return w;
}

static bool is_served(const world *w, const char *path)
{
    return istauth_route(w->server, istauth_str_of(path)) != ISTAUTH_ENDPOINT_NONE;
}

static void test_dm_01_the_issuers_path_is_inserted_and_nothing_is_at_the_root(void **state)
{
    static const struct {
        const char *issuer, *path;
    } rows[] = {
        { "https://h", SERVER_METADATA },
        { "https://h/p", SERVER_METADATA "/p" },
        { "https://h:8443/p/q", SERVER_METADATA "/p/q" },
        { "http://127.0.0.1:8080", SERVER_METADATA },
        { "http://[::1]:9", SERVER_METADATA },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        world *w = world_of(rows[i].issuer);
        reply *r = world_get(w, rows[i].path, NULL);

        assert_int_equal(r->status, 200);
        assert_string_equal(reply_str(r, "issuer"), rows[i].issuer);
        assert_int_equal(is_served(w, SERVER_METADATA),
                         strcmp(rows[i].path, SERVER_METADATA) == 0);
        assert_false(is_served(w, world_text(w, "%s/", rows[i].path)));
        assert_false(is_served(w, "/p" SERVER_METADATA));
        world_free(w);
    }
}

static void test_dm_01_endpoints_are_on_the_issuers_origin(void **state)
{
    world *w = world_of("https://h:8443/p/q");
    reply *r = world_get(w, SERVER_METADATA "/p/q", NULL);

    (void)state;
    assert_string_equal(reply_str(r, "authorization_endpoint"), "https://h:8443/oauth/authorize");
    assert_string_equal(reply_str(r, "token_endpoint"), "https://h:8443/api/oauth/token");
    r = world_get(w, RESOURCE_METADATA "/p/q/mcp", NULL);
    assert_string_equal(reply_str(r, "resource"), "https://h:8443/p/q/mcp");
    assert_non_null(strstr(r->body, "\"authorization_servers\":[\"https://h:8443/p/q\"]"));
    world_free(w);
}

static void test_dm_03_no_header_of_a_request_changes_a_document(void **state)
{
    static const char *const headers[] = {
        "Host: evil.ex\r\n",
        "Host: evil.ex\r\nHost: as.example\r\n",
        "X-Forwarded-Host: evil.ex\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 81\r\n",
        "X-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\n",
        "Forwarded: host=evil.ex;proto=http\r\n",
        "X-Host: evil.ex\r\nX-Forwarded-Server: evil.ex\r\n:authority: evil.ex\r\n",
        "Origin: https://evil.ex\r\nReferer: https://evil.ex/\r\n",
        "Accept: text/html\r\nAccept-Encoding: gzip\r\nIf-None-Match: *\r\n",
        "MCP-Protocol-Version: 1999-01-01\r\n",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(headers); i++) {
        expect_document(world_call(w, "GET", SERVER_METADATA, "host=evil.ex", headers[i], NULL, 0),
                        server_document);
        expect_document(world_call(w, "GET", RESOURCE_METADATA "/mcp", "resource=https://evil.ex/",
                                   headers[i], NULL, 0),
                        resource_document);
    }
}

static void test_dm_03_neither_does_one_change_where_an_answer_goes(void **state)
{
    world *w = *state;
    char *query = world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT,
                              "scope=%22");
    reply *r = world_call(w, "GET", "/oauth/authorize", query,
                          "Host: evil.ex\r\nX-Forwarded-Host: evil.ex\r\n", NULL, 0);

    expect_redirect_error(r, WORLD_CLIENT_REDIRECT, "invalid_scope", NULL);
    assert_null(strstr(r->headers, "evil"));
}

static void test_dm_04_required_members_and_no_promise_that_is_not_kept(void **state)
{
    static const char *const absent[] = {
        "jwks_uri", "introspection_endpoint", "client_id_metadata_document_supported",
        "pushed_authorization_request_endpoint", "device_authorization_endpoint",
        "id_token_signing_alg_values_supported", "subject_types_supported",
        "end_session_endpoint", "dpop_signing_alg_values_supported",
    };
    reply *r = world_get(*state, SERVER_METADATA, NULL);

    for (size_t i = 0; i < COUNT(absent); i++)
        assert_false(reply_has(r, absent[i]));
    assert_null(strstr(r->body, "openid")); /* strict clients would demand a signed ID token */
    assert_null(strstr(r->body, "offline_access"));
    assert_null(strstr(r->body, "plain"));
}

static void test_dm_04_what_is_not_configured_is_left_out(void **state)
{
    world *w = world_new();
    reply *r;

    (void)state;
    w->config.hooks.claims = NULL;
    w->config.closed_registration = true;
    w->config.service_documentation = ISTAUTH_STR("https://as.example/docs");
    world_open(w);
    r = world_get(w, SERVER_METADATA, NULL);
    assert_false(reply_has(r, "userinfo_endpoint"));
    assert_false(reply_has(r, "registration_endpoint"));
    assert_string_equal(reply_str(r, "service_documentation"), "https://as.example/docs");
    assert_non_null(strstr(r->body, "\"scopes_supported\":[\"mcp\",\"mcp:read\"]"));
    world_free(w);
}

static void test_dm_05_each_resource_has_its_own_document(void **state)
{
    world *w = world_new();

    (void)state;
    w->config.resource_count = 2;
    w->resources[1].identifier = ISTAUTH_STR("https://as.example/other/mcp/");
    world_open(w);
    expect_document(world_get(w, RESOURCE_METADATA "/mcp", NULL), resource_document);
    expect_document(world_get(w, RESOURCE_METADATA, NULL), resource_document);
    expect_document(world_get(w, RESOURCE_METADATA "/other/mcp", NULL),
                    "{\"resource\":\"https://as.example/other/mcp/\","
                    "\"authorization_servers\":[\"https://as.example\"],"
                    "\"scopes_supported\":[\"mcp\",\"mcp:read\"],"
                    "\"bearer_methods_supported\":[\"header\"]}");
    assert_false(is_served(w, RESOURCE_METADATA "/other"));
    world_free(w);
}

static void test_dm_06_get_head_and_options_and_nothing_else(void **state)
{
    static const char *const paths[] = { SERVER_METADATA, RESOURCE_METADATA,
                                         RESOURCE_METADATA "/mcp" };
    static const char *const methods[] = { "POST", "PUT", "DELETE", "PATCH", "TRACE", "get", "" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(paths); i++) {
        reply *r = world_call(w, "OPTIONS", paths[i], NULL, NULL, NULL, 0);

        assert_int_equal(world_call(w, "HEAD", paths[i], NULL, NULL, NULL, 0)->status, 200);
        assert_int_equal(r->status, 204);
        assert_int_equal(r->body_n, 0);
        assert_string_equal(reply_header(r, "access-control-allow-methods"), "GET, HEAD, OPTIONS");
        assert_non_null(strstr(reply_header(r, "access-control-allow-headers"),
                               "MCP-Protocol-Version"));
        for (size_t j = 0; j < COUNT(methods); j++) {
            r = world_call(w, methods[j], paths[i], NULL, NULL, "x", 1);
            expect_error(r, 405, "invalid_request");
            assert_string_equal(reply_header(r, "allow"), "GET, HEAD, OPTIONS");
            assert_string_equal(reply_header(r, "cache-control"), "no-store");
        }
    }
}

/* The host answers 404 to what is not ours: a 5xx would end a client's discovery. */
static void test_dm_07_dm_10_neighbours_of_the_documents_are_not_ours(void **state)
{
    static const char *const paths[] = {
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/mcp",
        "/.well-known/jwks.json",
        "/.well-known/oauth-client",
        "/.well-known/",
        "/.well-known",
        SERVER_METADATA "/",
        SERVER_METADATA "/mcp",
        SERVER_METADATA "/x",
        SERVER_METADATA "%2f..",
        SERVER_METADATA "%00",
        SERVER_METADATA ".json",
        SERVER_METADATA "/..",
        "/.well-known//oauth-authorization-server",
        "//.well-known/oauth-authorization-server",
        "/.well-known/./oauth-authorization-server",
        "/.well-known/x/../oauth-authorization-server",
        "/.Well-Known/oauth-authorization-server",
        "/.well-known/OAuth-Authorization-Server",
        "/.well-known/oauth%2Dauthorization-server",
        ".well-known/oauth-authorization-server",
        "https://as.example" SERVER_METADATA,
        RESOURCE_METADATA "/",
        RESOURCE_METADATA "/mcp/",
        RESOURCE_METADATA "/mcp/x",
        RESOURCE_METADATA "/mcpx",
        RESOURCE_METADATA "/MCP",
        RESOURCE_METADATA "//mcp",
        RESOURCE_METADATA "/other",
        "/mcp" RESOURCE_METADATA,
        "/",
        "",
        "*",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(paths); i++)
        if (is_served(w, paths[i]))
            fail_msg("%s is served", paths[i]);
    assert_int_equal(istauth_route(w->server, istauth_str_of(NULL)), ISTAUTH_ENDPOINT_NONE);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(SERVER_METADATA "\0x")),
                     ISTAUTH_ENDPOINT_NONE);
}

static void test_dm_07_a_resource_that_is_not_ours_is_404_with_cors(void **state)
{
    world *w = *state;
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_str lines = { NULL, 0 };
    istauth_response response;

    request.method = ISTAUTH_STR("GET");
    request.path = ISTAUTH_STR(RESOURCE_METADATA "/nope");
    request.header = istauth_raw_header;
    request.ctx = &lines;
    istauth_endpoint_resource_metadata(&response, w->server, &request, &w->arena);
    assert_int_equal(response.status, 404);
    assert_true(istauth_str_equal(response.body,
                                  ISTAUTH_STR("{\"error\":\"invalid_request\",\"error_description\""
                                              ":\"Nothing is served here\"}")));
    assert_true(istauth_str_equal(response.headers[3].name,
                                  ISTAUTH_STR("Access-Control-Allow-Origin")));
}

static void test_dm_08_documents_may_be_kept_for_an_hour_by_anyone(void **state)
{
    reply *r = world_get(*state, SERVER_METADATA, NULL);

    assert_string_equal(reply_header(r, "cache-control"), "public, max-age=3600");
    assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
    assert_null(reply_header(r, "vary"));
    assert_null(reply_header(r, "access-control-allow-credentials"));
}

static istauth_status new_server(const istauth_config *config)
{
    istauth_server *server = NULL;
    istauth_status st = istauth_server_new(&server, config, NULL);

    istauth_server_free(server);
    return st;
}

static void test_dm_11_a_name_is_escaped_and_an_identifier_never_needs_it(void **state)
{
    static const char *const issuers[] = {
        "https://as.example/\"", "https://as.example/\\", "https://as.example/a b",
        "https://as.example/\n", "https://as.ex\xC3\xA4mple", "https://as.example/%22",
        "https://as.example/'", "https://as.example/<", "https://as.example/;id",
        "https://as.example/$(id)", "https://as.example/`id`", "https://as.example/a|b",
        "https://as.example/a&b", "https://\"as\".example", "https://as.example:80a",
    };
    world *w = world_new();
    reply *r;

    (void)state;
    w->resources[0].name = ISTAUTH_STR("\"Q\" \\ </script> \xC3\xA9");
    world_open(w);
    r = world_get(w, RESOURCE_METADATA, NULL);
    assert_string_equal(reply_str(r, "resource_name"), "\"Q\" \\ </script> \xC3\xA9");
    for (size_t i = 0; i < COUNT(issuers); i++) {
        w->config.issuer = istauth_str_of(issuers[i]);
        assert_int_equal(new_server(&w->config), ISTAUTH_E_CONFIG);
    }
    world_free(w);
}

/* What a client may hand to a shell or a browser (CVE-2025-6514). */
static void check_url(const char *url)
{
    const char *rest = strstr(url, "://");

    assert_non_null(rest);
    assert_true(strncmp(url, "https", 5) == 0 || strncmp(url, "http:", 5) == 0);
    for (const char *p = rest + 3; *p; p++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:[]/_~%-", *p))
            fail_msg("%s", url);
}

static void test_dm_12_every_url_is_plain_and_on_one_origin(void **state)
{
    static const char *const issuers[] = { "https://h", "https://h:8443/p/q.r~s-t_u",
                                           "http://[::1]:9", "http://localhost:8080" };

    (void)state;
    for (size_t i = 0; i < COUNT(issuers); i++) {
        world *w = world_of(issuers[i]);
        istauth_str origin = istauth_identifier_origin(istauth_str_of(issuers[i]));
        istauth_str path;
        size_t urls = 0;

        assert_int_equal(istauth_well_known_path(&path, &w->arena,
                                                 ISTAUTH_STR("oauth-authorization-server"),
                                                 istauth_str_of(issuers[i])),
                         ISTAUTH_OK);
        for (const cJSON *m = world_get(w, path.p, NULL)->json->child; m; m = m->next) {
            if (!strstr(m->string, "endpoint") || !cJSON_IsString(m))
                continue;
            urls++;
            check_url(m->valuestring);
            assert_int_equal(strncmp(m->valuestring, origin.p, origin.n), 0);
            assert_int_equal(m->valuestring[origin.n], '/');
        }
        assert_int_equal(urls, 5);
        world_free(w);
    }
}

static void test_dm_12_the_hosts_own_paths_are_advertised_and_served(void **state)
{
    world *w = world_new();
    reply *r;

    (void)state;
    w->config.paths.token = ISTAUTH_STR("/t");
    w->config.paths.authorize = ISTAUTH_STR("/a/b-c_d.e~f");
    world_open(w);
    r = world_get(w, SERVER_METADATA, NULL);
    assert_string_equal(reply_str(r, "token_endpoint"), "https://as.example/t");
    assert_string_equal(reply_str(r, "authorization_endpoint"), "https://as.example/a/b-c_d.e~f");
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR("/t")), ISTAUTH_ENDPOINT_TOKEN);
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR("/a/b-c_d.e~f")),
                     ISTAUTH_ENDPOINT_AUTHORIZE);
    assert_false(is_served(w, "/api/oauth/token"));
    world_free(w);
}

/* Two issuers side by side, even on one store, as a host with tenants would have them. */
static void test_dm_13_two_issuers_never_mix(void **state)
{
    world *a = world_new(), *b = world_new();
    connection c;
    char *code;

    (void)state;
    world_open(a);
    b->given = a->store;
    b->config.issuer = ISTAUTH_STR("https://b.example/p");
    b->resources[0].identifier = ISTAUTH_STR("https://b.example/mcp");
    world_open(b);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(reply_str(world_get(a, SERVER_METADATA, NULL), "issuer"),
                            "https://as.example");
        assert_string_equal(reply_str(world_get(b, SERVER_METADATA "/p", NULL), "issuer"),
                            "https://b.example/p");
    }
    c = connect_app(a, "mcp");
    assert_false(opens(b, c.access)); /* bound to a resource that b does not have */
    expect_error(world_refresh(b, c.client_id, c.refresh), 400, "invalid_grant");
    code = world_code(a, c.client_id, NULL);
    expect_error(world_redeem(b, c.client_id, code), 400, "invalid_grant");
    assert_int_equal(world_redeem(a, c.client_id, code)->status, 200);
    assert_true(opens(a, c.access));
    world_free(b);
    world_free(a);
}

static void test_dm_13_a_server_with_a_store_of_its_own_knows_nothing_of_the_other(void **state)
{
    world *a = world_new(), *b = world_new();
    connection c;
    char *code;

    (void)state;
    world_open(a);
    b->seed = 43;
    world_open(b);
    c = connect_app(a, "mcp");
    code = world_code(a, c.client_id, NULL);
    expect_error(world_redeem(b, c.client_id, code), 401, "invalid_client");
    expect_error(world_refresh(b, world_register(b, WORLD_CLIENT_REDIRECT), c.refresh), 400,
                 "invalid_grant");
    assert_false(opens(b, c.access));
    world_free(b);
    world_free(a);
}

static void test_documents_cost_no_call_to_the_store(void **state)
{
    faulty *f = *state;

    break_op(f, ISTAUTH_STORE_ANY, 1);
    f->w->clock_status = ISTAUTH_E_CLOCK;
    f->w->random_status = ISTAUTH_E_RANDOM;
    expect_document(world_get(f->w, SERVER_METADATA, NULL), server_document);
    expect_document(world_get(f->w, RESOURCE_METADATA, NULL), resource_document);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    assert_int_equal(faults_of(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_dm_04_dm_06_the_servers_document_byte_for_byte),
        CASE(test_dm_05_the_resources_document_where_its_path_is_inserted_and_at_the_root),
        cmocka_unit_test(test_dm_01_the_issuers_path_is_inserted_and_nothing_is_at_the_root),
        cmocka_unit_test(test_dm_01_endpoints_are_on_the_issuers_origin),
        CASE(test_dm_03_no_header_of_a_request_changes_a_document),
        CASE(test_dm_03_neither_does_one_change_where_an_answer_goes),
        CASE(test_dm_04_required_members_and_no_promise_that_is_not_kept),
        cmocka_unit_test(test_dm_04_what_is_not_configured_is_left_out),
        cmocka_unit_test(test_dm_05_each_resource_has_its_own_document),
        CASE(test_dm_06_get_head_and_options_and_nothing_else),
        CASE(test_dm_07_dm_10_neighbours_of_the_documents_are_not_ours),
        CASE(test_dm_07_a_resource_that_is_not_ours_is_404_with_cors),
        CASE(test_dm_08_documents_may_be_kept_for_an_hour_by_anyone),
        cmocka_unit_test(test_dm_11_a_name_is_escaped_and_an_identifier_never_needs_it),
        cmocka_unit_test(test_dm_12_every_url_is_plain_and_on_one_origin),
        cmocka_unit_test(test_dm_12_the_hosts_own_paths_are_advertised_and_served),
        cmocka_unit_test(test_dm_13_two_issuers_never_mix),
        cmocka_unit_test(test_dm_13_a_server_with_a_store_of_its_own_knows_nothing_of_the_other),
        FAULTY_CASE(test_documents_cost_no_call_to_the_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
