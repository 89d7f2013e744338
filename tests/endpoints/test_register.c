/* Dynamic registration (RFC 7591): anyone may speak here, so everything said is a stranger's. */
#include "support/person.h"

#include <stdio.h>
#include <stdlib.h>

#define REGISTER "/api/oauth/register"
#define URIS "\"redirect_uris\":[\"https://c.ex/cb\"]"

static reply *post(world *w, const char *body)
{
    return world_post_json(w, REGISTER, body);
}

static reply *accept(world *w, const char *body)
{
    reply *r = post(w, body);

    if (r->status != 201)
        fail_msg("%.200s: %d %s", body, r->status, r->body);
    return r;
}

/* 400 with this error, and nobody was registered. */
static void refuse(world *w, const char *body, size_t n, const char *error)
{
    size_t before = world_events(w, ISTAUTH_EVENT_REGISTERED), blocks = w->live_blocks;
    reply *r = world_call(w, "POST", REGISTER, NULL, JSON, body, n);

    if (r->status != 400 || strcmp(reply_str(r, "error"), error) != 0)
        fail_msg("%.*s: %d %s", (int)(n < 200 ? n : 200), body, r->status, r->body);
    assert_false(reply_has(r, "client_id"));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REGISTERED), before);
    assert_int_equal(w->live_blocks, blocks);
}

static void refuse_text(world *w, const char *body, const char *error)
{
    refuse(w, body, strlen(body), error);
}

static void refuse_each(world *w, const char *const *bodies, size_t count, const char *error)
{
    for (size_t i = 0; i < count; i++)
        refuse_text(w, bodies[i], error);
}

static void test_dc_01_the_response_byte_for_byte(void **state)
{
    world *w = *state;
    reply *r = accept(
        w, "{\"redirect_uris\":[\"https://c.ex/b?x=1\",\"http://127.0.0.1/cb\",\"https://c.ex/a\"],"
           "\"client_name\":\"Caf\\u00e9 \\\"5\\\"\",\"client_uri\":\"https://c.ex/\","
           "\"scope\":\"email mcp\",\"grant_types\":[\"refresh_token\",\"authorization_code\"],"
           "\"application_type\":\"native\",\"token_endpoint_auth_method\":\"none\"}");

    assert_string_equal(
        r->body,
        world_text(w,
                   "{\"client_id\":\"%s\",\"client_id_issued_at\":1700000000,"
                   "\"redirect_uris\":[\"https://c.ex/b?x=1\",\"http://127.0.0.1/cb\","
                   "\"https://c.ex/a\"],\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
                   "\"response_types\":[\"code\"],\"token_endpoint_auth_method\":\"none\","
                   "\"client_name\":\"Caf\xC3\xA9 \\\"5\\\"\",\"application_type\":\"native\","
                   "\"scope\":\"mcp email\",\"client_uri\":\"https://c.ex/\"}",
                   reply_str(r, "client_id")));
    assert_string_equal(r->headers, "cache-control: no-store\n"
                                    "x-content-type-options: nosniff\n"
                                    "content-type: application/json\n"
                                    "access-control-allow-origin: *\n"
                                    "access-control-expose-headers: WWW-Authenticate, "
                                    "Mcp-Session-Id, MCP-Protocol-Version, Retry-After\n");
}

static void test_dc_01_unset_members_are_absent(void **state)
{
    world *w = *state;
    reply *r = accept(w, "{" URIS ",\"client_uri\":\"\",\"logo_uri\":null,\"scope\":\"\","
                         "\"tos_uri\":\"\",\"software_id\":null,\"contacts\":[]}");

    assert_string_equal(
        r->body, world_text(w,
                            "{\"client_id\":\"%s\",\"client_id_issued_at\":1700000000,"
                            "\"redirect_uris\":[\"https://c.ex/cb\"],\"grant_types\":"
                            "[\"authorization_code\",\"refresh_token\"],\"response_types\":"
                            "[\"code\"],\"token_endpoint_auth_method\":\"none\","
                            "\"client_name\":\"c.ex\"}",
                            reply_str(r, "client_id")));
}

static void test_dc_01_a_client_id_is_made_of_letters_and_digits(void **state)
{
    world *w = *state;

    for (int i = 0; i < 50; i++) {
        const char *id = reply_str(accept(w, "{" URIS "}"), "client_id");

        assert_int_equal(strlen(id), 32);
        assert_int_equal(strspn(id, "0123456789abcdef"), 32);
    }
}

static void expect_public(const reply *r)
{
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
    assert_false(reply_has(r, "client_secret"));
    assert_false(reply_has(r, "client_secret_expires_at"));
    assert_false(reply_has(r, "registration_client_uri"));
    assert_false(reply_has(r, "registration_access_token"));
}

static void test_dc_02_a_public_client_gets_no_secret_and_no_address_of_its_record(void **state)
{
    expect_public(accept(*state, "{" URIS ",\"token_endpoint_auth_method\":\"none\"}"));
}

/* The response is authoritative: clients use the method that it names. */
static void test_dc_04_whatever_method_is_asked_for_the_response_says_none(void **state)
{
    static const char *const methods[] = { "client_secret_basic", "client_secret_post",
                                           "client_secret_jwt", "private_key_jwt",
                                           "tls_client_auth", "", "NONE", "bogus" };
    world *w = *state;

    expect_public(accept(w, "{" URIS "}"));
    for (size_t i = 0; i < COUNT(methods); i++)
        expect_public(accept(
            w, world_text(w, "{" URIS ",\"token_endpoint_auth_method\":\"%s\"}", methods[i])));
    refuse_text(w, "{" URIS ",\"token_endpoint_auth_method\":[\"none\"]}",
                "invalid_client_metadata");
}

static void expect_grant_types(world *w, const char *sent, const char *kept)
{
    reply *r = accept(w, world_text(w, "{" URIS ",\"grant_types\":%s}", sent));

    if (!strstr(r->body, world_text(w, "\"grant_types\":%s,", kept)))
        fail_msg("%s: %s", sent, r->body);
    assert_null(strstr(r->body, "implicit"));
    assert_null(strstr(r->body, "password"));
}

static void test_dc_06_grant_types_are_cut_to_what_exists(void **state)
{
    static const char both[] = "[\"authorization_code\",\"refresh_token\"]";
    world *w = *state;

    expect_grant_types(w, "[]", both);
    expect_grant_types(w, "null", both);
    expect_grant_types(w, "[\"refresh_token\",\"implicit\",\"authorization_code\"]", both);
    expect_grant_types(w,
                       "[\"authorization_code\",\"refresh_token\","
                       "\"urn:ietf:params:oauth:grant-type:device_code\"]",
                       both);
    expect_grant_types(w, "[\"authorization_code\",\"password\",\"client_credentials\"]",
                       "[\"authorization_code\"]");
    refuse_text(w, "{" URIS ",\"grant_types\":[\"implicit\"]}", "invalid_client_metadata");
    refuse_text(w, "{" URIS ",\"grant_types\":[\"client_credentials\"]}",
                "invalid_client_metadata");
    refuse_text(w, "{" URIS ",\"grant_types\":[\"refresh_token\"]}", "invalid_client_metadata");
    refuse_text(w, "{" URIS ",\"response_types\":[\"token\"]}", "invalid_client_metadata");
}

/* What was registered is what is enforced. */
static void test_dc_06_without_the_refresh_grant_there_is_no_refresh_token(void **state)
{
    world *w = *state;
    reply *r = accept(w, "{" URIS ",\"grant_types\":[\"authorization_code\"]}");
    const char *id = reply_str(r, "client_id");
    connection c = connect_again(w, id, NULL);

    assert_null(c.refresh);
    assert_true(opens(w, c.access));
    expect_error(world_refresh(w, id, "x"), 400, "unauthorized_client");
}

static void expect_scope(world *w, const char *sent, const char *kept)
{
    reply *r = accept(w, world_text(w, "{" URIS ",\"scope\":\"%s\"}", sent));

    if (kept)
        assert_string_equal(reply_str(r, "scope"), kept);
    else
        assert_false(reply_has(r, "scope"));
}

static void test_dc_35_no_scope_keeps_a_client_from_registering(void **state)
{
    world *w = *state;

    expect_scope(w, "openid email profile", "openid profile email");
    expect_scope(w, "foo mcp", "mcp");
    expect_scope(w, "offline_access", NULL);
    expect_scope(w, "", NULL);
    expect_scope(w, "  mcp", NULL);
    expect_scope(w, "mcp mcp mcp:read", "mcp mcp:read");
    expect_scope(w, "MCP", NULL);
}

static void test_dc_08_a_client_does_not_choose_its_credentials(void **state)
{
    world *w = *state;
    reply *r = accept(w, "{" URIS ",\"client_id\":\"admin\",\"client_secret\":\"hunter2\","
                         "\"client_id_issued_at\":1,\"client_secret_expires_at\":0,"
                         "\"registration_access_token\":\"t\",\"origin\":1,\"provisioned\":true}");

    expect_public(r);
    assert_string_not_equal(reply_str(r, "client_id"), "admin");
    assert_int_equal(reply_int(r, "client_id_issued_at"), WORLD_START);
    assert_null(strstr(r->body, "hunter2"));
    expect_page(world_get(w, "/oauth/authorize",
                          world_query(w, "admin", WORLD_CLIENT_REDIRECT, NULL)));
}

static void test_dc_09_redirect_uris_of_the_wrong_shape(void **state)
{
    static const char *const bodies[] = {
        "{}",
        "{\"redirect_uris\":null}",
        "{\"redirect_uris\":[]}",
        "{\"redirect_uris\":\"https://c.ex/cb\"}",
        "{\"redirect_uris\":{\"0\":\"https://c.ex/cb\"}}",
        "{\"redirect_uris\":[1]}",
        "{\"redirect_uris\":[null]}",
        "{\"redirect_uris\":[true]}",
        "{\"redirect_uris\":[\"https://c.ex/cb\",null]}",
        "{\"redirect_uris\":[[\"https://c.ex/cb\"]]}",
        "{\"redirect_uris\":[\"\"]}",
        "{\"redirect_uri\":\"https://c.ex/cb\"}",
        "{\"Redirect_Uris\":[\"https://c.ex/cb\"]}",
    };

    refuse_each(*state, bodies, COUNT(bodies), "invalid_redirect_uri");
}

static char *with_uris(world *w, size_t count)
{
    char *body = world_text(w, "{\"redirect_uris\":[\"https://c.ex/0\"");

    for (size_t i = 1; i < count; i++)
        body = world_text(w, "%s,\"https://c.ex/%zu\"", body, i);
    return world_text(w, "%s]}", body);
}

static void test_dc_09_twenty_redirect_uris_and_no_more(void **state)
{
    world *w = *state;
    reply *r = accept(w, with_uris(w, 20));

    assert_non_null(strstr(r->body, "\"https://c.ex/18\",\"https://c.ex/19\"]"));
    refuse_text(w, with_uris(w, 21), "invalid_redirect_uri");
    refuse_text(w, with_uris(w, 1000), "invalid_redirect_uri");
}

static void test_dc_09_a_repeated_uri_is_kept_once(void **state)
{
    reply *r = accept(*state, "{\"redirect_uris\":[\"https://c.ex/b\",\"https://c.ex/a\","
                              "\"https://c.ex/b\",\"https://C.ex/b\"]}");

    assert_non_null(strstr(r->body, "\"redirect_uris\":[\"https://c.ex/b\",\"https://c.ex/a\","
                                    "\"https://C.ex/b\"]"));
}

static void test_dc_10_one_bad_uri_among_good_ones_refuses_them_all(void **state)
{
    static const char *const bad[] = {
        "http://localhost:80@evil.ex/cb", "https://c.ex@evil.ex/cb",  "https://c.ex\\\\evil.ex/cb",
        "https://c.ex/\\tcb",             "java\\nscript:alert(1)",   "javascript:alert(1)//",
        "JaVaScRiPt:x",                   "data:text/html,x",         "vbscript:x",
        "file:///etc/passwd",             "1x://a",                   "://a",
        "x",                              "https://c.ex/cb#",         "http://127.1/cb",
        "http://2130706433/",             "http://127.0.0.2/",        "http://0.0.0.0/",
        "http://127.0.0.1:99999/",        "http://127.0.0.1:0/",      "http://127.0.0.1: 80/",
        "https://ex\xC3\xA4mple.com/",    "http://localhost:*/cb",    "https://*.ex/cb",
        "http://c.ex/cb",                 "https://c.ex/%0d%0aX:%20", "https://c.ex/ cb",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++)
        refuse_text(w, world_text(w, "{\"redirect_uris\":[\"https://c.ex/cb\",\"%s\"]}", bad[i]),
                    "invalid_redirect_uri");
}

static void test_dc_12_a_repeated_member_is_refused(void **state)
{
    static const char *const bodies[] = {
        "{\"redirect_uris\":[\"https://c.ex/cb\"],\"redirect_uris\":[\"https://evil.ex/\"]}",
        "{" URIS "," URIS "}",
        "{" URIS ",\"redirect\\u005furis\":[\"https://evil.ex/\"]}",
        "{" URIS ",\"client_name\":\"a\",\"client_name\":\"b\"}",
        "{" URIS ",\"unknown\":1,\"unknown\":1}",
        "{" URIS ",\"jwks\":{\"keys\":[],\"keys\":[]}}",
        "{" URIS ",\"list\":[{\"a\":1},{\"b\":1,\"b\":2}]}",
    };

    refuse_each(*state, bodies, COUNT(bodies), "invalid_client_metadata");
}

static void test_dc_12_members_that_differ_in_case_are_different(void **state)
{
    reply *r = accept(*state, "{" URIS ",\"Client_Name\":\"Evil\",\"client_name\":\"Good\","
                              "\"CLIENT_NAME\":\"Evil\"}");

    assert_string_equal(reply_str(r, "client_name"), "Good");
}

static void test_dc_14_no_nul_gets_through(void **state)
{
    static const char *const bodies[] = {
        "{\"redirect_uris\":[\"https://c.ex/\\u0000.evil\"]}",
        "{" URIS ",\"client_name\":\"Good\\u0000Evil\"}",
        "{" URIS ",\"a\\u0000b\":1}",
        "{" URIS ",\"unknown\":\"\\u0000\"}",
        "{" URIS ",\"unknown\":[[\"\\u0000\"]]}",
    };
    static const char raw[] = "{" URIS ",\"client_name\":\"Good\0Evil\"}";
    static const char behind[] = "{" URIS "}\0{\"redirect_uris\":[]}";
    world *w = *state;

    refuse_each(w, bodies, COUNT(bodies), "invalid_client_metadata");
    refuse(w, raw, sizeof(raw) - 1, "invalid_client_metadata");
    refuse(w, behind, sizeof(behind) - 1, "invalid_client_metadata");
    /* A backslash that is itself escaped makes no NUL. */
    assert_string_equal(reply_str(accept(w, "{" URIS ",\"client_name\":\"a\\\\u0000\"}"),
                                  "client_name"),
                        "a\\u0000");
}

/* `depth` arrays or objects within each other, as an unknown member. */
static char *nested(world *w, const char *open, const char *close, size_t depth)
{
    size_t a = strlen(open), b = strlen(close);
    char *text = malloc(depth * (a + b) + 2), *p = text, *body;

    assert_non_null(text);
    for (size_t i = 0; i < depth; i++, p += a)
        memcpy(p, open, a);
    *p++ = '1';
    for (size_t i = 0; i < depth; i++, p += b)
        memcpy(p, close, b);
    *p = '\0';
    body = world_text(w, "{" URIS ",\"x\":%s}", text);
    free(text);
    return body;
}

static void test_dc_15_depth_is_bounded(void **state)
{
    world *w = *state;
    char *open_only;

    (void)accept(w, nested(w, "[", "]", 15)); /* sixteen with the object itself */
    (void)accept(w, nested(w, "{\"a\":", "}", 15));
    refuse_text(w, nested(w, "[", "]", 16), "invalid_client_metadata");
    refuse_text(w, nested(w, "{\"a\":", "}", 16), "invalid_client_metadata");
    refuse_text(w, nested(w, "[", "]", 32000), "invalid_client_metadata");
    refuse_text(w, nested(w, "{\"a\":", "}", 10000), "invalid_client_metadata");
    open_only = world_text(w, "%060000d", 0);
    memset(open_only, '[', strlen(open_only));
    refuse_text(w, open_only, "invalid_client_metadata");
    assert_int_equal(post(w, nested(w, "[", "]", 100000))->status, 413);
}

static void test_dc_16_no_number_does_harm(void **state)
{
    static const char *const numbers[] = { "1e999",  "-1e999", "1e-999", "-0",
                                           "0.1e+1", "9007199254740993", "18446744073709551616",
                                           /* no JSON, but nobody is harmed */ "00", "01", "1." };
    static const char *const broken[] = { "+1", ".5", "0x10", "1e", "1.2.3", "--1", "Infinity",
                                          "1,", "-",  "1-2",  "1e5e5" };
    static const char *const known[] = { "client_name",    "client_uri",       "scope",
                                         "software_id",    "tos_uri",          "grant_types",
                                         "response_types", "application_type", "policy_uri" };
    world *w = *state;
    char *digits = world_text(w, "%0400d", 0);

    memset(digits, '7', 400);
    for (size_t i = 0; i < COUNT(numbers); i++)
        (void)accept(w, world_text(w, "{" URIS ",\"x\":%s}", numbers[i]));
    (void)accept(w, world_text(w, "{" URIS ",\"x\":%s}", digits));
    (void)accept(w, world_text(w, "{" URIS ",\"x\":-%s.%se%.5s}", digits, digits, digits));
    for (size_t i = 0; i < COUNT(broken); i++)
        refuse_text(w, world_text(w, "{" URIS ",\"x\":%s}", broken[i]),
                    "invalid_client_metadata");
    refuse_text(w, "{\"redirect_uris\":1e999}", "invalid_redirect_uri");
    for (size_t i = 0; i < COUNT(known); i++)
        refuse_text(w, world_text(w, "{" URIS ",\"%s\":1e999}", known[i]),
                    "invalid_client_metadata");
}

static void test_dc_17_every_prefix_of_a_registration_is_refused(void **state)
{
    static const char whole[] = "{" URIS ",\"client_name\":\"A \\u00e9\\ud83d\\udd11\",\"1\":1,"
                                "\"x\":[true,false,null,-1.5e3,{\"y\":\"z\"}]}";
    world *w = *state;

    for (size_t n = 0; n + 1 < sizeof(whole); n++)
        refuse(w, whole, n, "invalid_client_metadata");
    (void)accept(w, whole);
}

static void test_dc_19_what_is_no_object_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",       "[]",     "[{" URIS "}]", "\"text\"", "1",         "null",
        "true",   "   ",    "{" URIS "} x", "{" URIS "}{}", "{" URIS ",}", "{redirect_uris:[]}",
        "{'redirect_uris':['https://c.ex/cb']}", "\xEF\xBB\xBF", "redirect_uris=https://c.ex/cb",
        "{" URIS " \"x\":1}", "{" URIS ",\"x\":tru}", "{" URIS ",\"x\":\"\t\"}",
        "{" URIS ",\"x\":\"\\q\"}", "{" URIS ",\"x\":NaN}", "// c\n{" URIS "}",
    };

    refuse_each(*state, bodies, COUNT(bodies), "invalid_client_metadata");
}

static void test_dc_20_text_is_strict_utf_8(void **state)
{
    static const char *const texts[] = {
        "\xFF",         "\x80",         "\xC0\xAF",     "\xE0\x80\xAF",     "\xED\xA0\x80",
        "\xF5\x80\x80\x80", "\xC3",     "\xF8\x88\x80\x80\x80", "\\ud800", "\\udc00",
        "\\ud800\\u0041", "\\ud800\\ud800", "\\udbff\\", "\\uD83D",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        refuse_text(w, world_text(w, "{" URIS ",\"client_name\":\"%s\"}", texts[i]),
                    "invalid_client_metadata");
        refuse_text(w, world_text(w, "{" URIS ",\"unknown\":\"%s\"}", texts[i]),
                    "invalid_client_metadata");
    }
    assert_string_equal(
        reply_str(accept(w, "{" URIS ",\"client_name\":\"\\ud83d\\udd11 \xF0\x9F\x94\x91\"}"),
                  "client_name"),
        "\xF0\x9F\x94\x91 \xF0\x9F\x94\x91");
}

/* A registration of exactly n bytes. */
static char *of_size(world *w, size_t n)
{
    static const char start[] = "{" URIS ",\"x\":\"", end[] = "\"}";
    size_t filler = n - strlen(start) - strlen(end);

    return world_text(w, "%s%0*d%s", start, (int)filler, 0, end);
}

static void test_dc_21_sizes_are_bounded(void **state)
{
    world *w = *state;
    char *many, *p;
    size_t big = 10u << 20;

    (void)accept(w, of_size(w, 65536));
    assert_int_equal(post(w, of_size(w, 65537))->status, 413);
    assert_int_equal(post(w, of_size(w, big))->status, 413);
    refuse_text(w, world_text(w, "{" URIS ",\"client_name\":\"%010240d\"}", 0),
                "invalid_client_metadata");
    many = malloc(65536);
    assert_non_null(many);
    p = many + sprintf(many, "{" URIS);
    for (int i = 0; i < 6000; i++)
        p += sprintf(p, ",\"k%d\":0", i);
    sprintf(p, "}");
    refuse_text(w, world_text(w, "%s", many), "invalid_client_metadata");
    free(many);
}

static void test_dc_21_a_smaller_limit_is_the_hosts_to_set(void **state)
{
    world *w = *state;

    w->config.limits.metadata = 100;
    world_reopen(w);
    (void)accept(w, of_size(w, 100));
    assert_int_equal(post(w, of_size(w, 101))->status, 413);
}

static void test_dc_22_a_hostile_name_stays_text(void **state)
{
    static const char *const names[] = {
        "\"><script>alert(1)</script>", "' onmouseover='alert(1)", "{{7*7}}", "</title><h1>",
        "`${x}`", "%s%n%n", "&lt;b&gt;", "'; DROP TABLE clients; --",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(names); i++) {
        cJSON *body = cJSON_Parse("{" URIS "}");
        istauth_consent c;
        char *printed;
        reply *r;

        assert_non_null(cJSON_AddStringToObject(body, "client_name", names[i]));
        printed = cJSON_PrintUnformatted(body);
        r = accept(w, printed);
        assert_string_equal(reply_str(r, "client_name"), names[i]);
        c = open_page(w, world_query(w, reply_str(r, "client_id"), WORLD_CLIENT_REDIRECT, NULL),
                      ADA, BROWSER);
        assert_true(istauth_str_equal(c.client_name, istauth_str_of(names[i])));
        assert_true(istauth_str_equal(c.redirect_host, ISTAUTH_STR("c.ex")));
        cJSON_free(printed);
        cJSON_Delete(body);
    }
}

static void test_dc_23_names_that_deceive_are_refused(void **state)
{
    static const char *const names[] = {
        "Claude\\u202e", "\\u2066Claude", "Cla\\u200dude", "Cla\\u200bude", "Claude\\n",
        "Claude\\r\\nX: y", "\\tClaude", "Claude\\u007f", "Clau\\u00adde", "\\ufeffClaude",
        "Claude\\u2028", ("Cl\xE2\x80\xAE" "aude"),
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(names); i++)
        refuse_text(w, world_text(w, "{" URIS ",\"client_name\":\"%s\"}", names[i]),
                    "invalid_client_metadata");
}

static void test_dc_23_a_name_of_blanks_is_no_name(void **state)
{
    assert_string_equal(
        reply_str(accept(*state, "{" URIS ",\"client_name\":\"   \"}"), "client_name"), "c.ex");
}

/* Nothing is fetched, so an address within is no danger; a script would be, once it is a link. */
static void test_dc_25_a_clients_pages_are_http_or_https(void **state)
{
    static const char *const members[] = { "client_uri", "logo_uri", "policy_uri", "tos_uri" };
    static const char *const bad[] = { "javascript:alert(1)", "data:image/png;base64,AA==",
                                       "file:///etc/passwd", "//evil.ex/x", "ftp://c.ex/",
                                       "https://", "https://user@c.ex/", "https://c.ex/\\n" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(members); i++) {
        reply *r = accept(w, world_text(w, "{" URIS ",\"%s\":\"http://169.254.169.254/x\"}",
                                        members[i]));

        assert_string_equal(reply_str(r, members[i]), "http://169.254.169.254/x");
        for (size_t j = 0; j < COUNT(bad); j++)
            refuse_text(w, world_text(w, "{" URIS ",\"%s\":\"%s\"}", members[i], bad[j]),
                        "invalid_client_metadata");
    }
}

static void test_dc_27_names_in_other_languages_are_ignored(void **state)
{
    reply *r = accept(*state, "{" URIS ",\"client_name\":\"Good\",\"client_name#ja-Jpan-JP\":"
                              "\"\xE3\x82\xAF\",\"client_name#de\":5,\"client_uri#fr\":\"x\"}");

    assert_string_equal(reply_str(r, "client_name"), "Good");
    assert_null(strchr(r->body, '#'));
}

static reply *post_as(world *w, const char *type)
{
    static const char body[] = "{" URIS "}";
    char *headers = type ? world_text(w, "Content-Type: %s\r\n", type) : NULL;

    return world_call(w, "POST", REGISTER, NULL, headers, body, strlen(body));
}

static void test_dc_28_the_body_is_json_and_says_so(void **state)
{
    static const char *const good[] = { "application/json", "application/json; charset=utf-8",
                                        "APPLICATION/JSON", "application/json;",
                                        " application/json ; x=\"y\"" };
    static const char *const bad[] = { "application/x-www-form-urlencoded", "text/plain",
                                       "text/json", "application/jsonx", "application/json2",
                                       "multipart/form-data; boundary=x", "", ";;;=",
                                       "application/json, text/plain", "json" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(post_as(w, good[i])->status, 201);
    for (size_t i = 0; i < COUNT(bad); i++)
        expect_error(post_as(w, bad[i]), 400, "invalid_request");
    expect_error(post_as(w, NULL), 400, "invalid_request");
    expect_error(post_as(w, "application/json\r\nContent-Type: text/plain"), 400,
                 "invalid_request");
    expect_error(post_as(w, "application/json\r\nContent-Encoding: gzip"), 400,
                 "invalid_request");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REGISTERED), COUNT(good));
}

static void test_only_post_registers(void **state)
{
    static const char *const methods[] = { "GET", "PUT", "DELETE", "PATCH", "HEAD", "post" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(methods); i++) {
        reply *r = world_call(w, methods[i], REGISTER, NULL, JSON, "{" URIS "}",
                              strlen("{" URIS "}"));

        expect_error(r, 405, "invalid_request");
        assert_string_equal(reply_header(r, "allow"), "POST, OPTIONS");
    }
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REGISTERED), 0);
}

static void test_dc_29_a_flood_is_the_hosts_to_stop(void **state)
{
    world *w = *state;
    reply *r;

    w->retry_after = 90;
    r = post(w, "{" URIS "}");
    expect_error(r, 429, "temporarily_unavailable");
    assert_string_equal(reply_header(r, "retry-after"), "90");
    assert_false(reply_has(r, "client_id"));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REGISTERED), 0);
    w->retry_after = 0;
    (void)accept(w, "{" URIS "}");
}

static void test_dc_29_dc_33_a_full_store_is_emptied_of_what_was_never_used(void **state)
{
    world *w = *state;
    connection used = connect_app(w, "mcp");
    size_t removed;
    reply *r;

    if (!any_store_is_memory(&w->own))
        skip(); /* a store on disk is full when the disk is */
    for (int i = 1; i < 4096; i++)
        (void)accept(w, "{" URIS "}");
    r = post(w, "{" URIS "}");
    expect_error(r, 503, "temporarily_unavailable");
    assert_false(reply_has(r, "client_id"));
    w->now += 86400;
    assert_int_equal(istauth_purge(&removed, w->server, 100000), ISTAUTH_OK);
    assert_true(removed >= 4095);
    for (int i = 0; i < 4095; i++)
        (void)accept(w, "{" URIS "}");
    assert_true(refreshes(w, &used));
}

static void test_dc_31_closed_registration_is_refused_and_not_advertised(void **state)
{
    world *w = *state;
    istauth_str lines = ISTAUTH_STR(JSON);
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_response response;

    w->config.closed_registration = true;
    world_reopen(w);
    assert_false(reply_has(world_get(w, "/.well-known/oauth-authorization-server", NULL),
                           "registration_endpoint"));
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR(REGISTER)), ISTAUTH_ENDPOINT_NONE);
    request.method = ISTAUTH_STR("POST");
    request.path = ISTAUTH_STR(REGISTER);
    request.body = ISTAUTH_STR("{" URIS "}");
    request.header = istauth_raw_header;
    request.ctx = &lines;
    istauth_endpoint_register(&response, w->server, &request, &w->arena);
    assert_int_equal(response.status, 403);
    assert_string_equal(response.body.p, "{\"error\":\"access_denied\","
                                         "\"error_description\":\"Access was denied\"}");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REGISTERED), 0);
}

static void test_dc_33_a_failing_store_registers_nobody(void **state)
{
    faulty *f = *state;
    reply *r;

    break_op(f, ISTAUTH_STORE_CLIENT_PUT, 1);
    r = post(f->w, "{" URIS "}");
    expect_error(r, 503, "temporarily_unavailable");
    assert_string_equal(reply_header(r, "retry-after"), "5");
    assert_false(reply_has(r, "client_id"));
    plan_fault(f, ISTAUTH_STORE_CLIENT_PUT, 1, ISTAUTH_E_EXISTS, ISTAUTH_FAULT_ONCE);
    r = post(f->w, "{" URIS "}");
    expect_error(r, 500, "server_error");
    assert_false(reply_has(r, "client_id"));
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_REGISTERED), 0);
    (void)accept(f->w, "{" URIS "}");
}

static void test_dc_10_a_refused_registration_never_reaches_the_store(void **state)
{
    faulty *f = *state;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    expect_error(post(f->w, "{\"redirect_uris\":[\"http://evil.ex/\"]}"), 400,
                 "invalid_redirect_uri");
    expect_error(post(f->w, "{" URIS ",\"client_name\":5}"), 400, "invalid_client_metadata");
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    (void)accept(f->w, "{" URIS "}");
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CLIENT_PUT), 1);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 1);
}

static void test_dc_34_the_same_body_twice_makes_two_clients(void **state)
{
    world *w = *state;
    const char *a = reply_str(accept(w, "{" URIS ",\"client_name\":\"Claude\"}"), "client_id");
    const char *b = reply_str(accept(w, "{" URIS ",\"client_name\":\"Claude\"}"), "client_id");
    char *code = world_code(w, a, NULL);

    assert_string_not_equal(a, b);
    expect_error(world_redeem(w, b, code), 400, "invalid_grant");
    assert_int_equal(world_redeem(w, a, code)->status, 200);
}

/* --- what registration takes, authorization takes too (DC-36) --- */

static uint32_t next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

#define PICK(seed, list) (list)[next(seed) % COUNT(list)]

static char *random_uri(world *w, uint32_t *seed)
{
    static const char *const schemes[] = { "https://", "http://",  "https:",       "cursor://",
                                           "com.example.app:/", "HTTPS://", "javascript:", "x-y+z://" };
    static const char *const hosts[] = { "c.ex",  "localhost", "127.0.0.1",     "[::1]",
                                         "C.Ex",  "127.1",     "xn--e1afmkfd.ex", "a@b.ex",
                                         "",      "*.ex",      "c.ex.",          "10.0.0.1" };
    static const char *const ports[] = { "", "", ":443", ":8080", ":0", ":65535", ":65536", ":" };
    static const char *const paths[] = { "",      "/",      "/cb",     "/a/../b", "/%2e%2e/x",
                                         "/a%2Fb", "/%zz",  "/a;b=c",  "//x",     "/cb/" };
    static const char *const ends[] = { "", "", "", "?a=b", "?", "#f", "?a=b&c=%20d", "\\\\x", " " };

    return world_text(w, "%s%s%s%s%s", PICK(seed, schemes), PICK(seed, hosts), PICK(seed, ports),
                      PICK(seed, paths), PICK(seed, ends));
}

static void test_dc_36_registration_and_authorization_agree(void **state)
{
    world *w = *state;
    uint32_t seed = 36;
    size_t taken = 0, refused = 0;

    for (int i = 0; i < 4000; i++) {
        char *uri = random_uri(w, &seed);
        reply *r = post(w, world_text(w, "{\"redirect_uris\":[\"%s\"]}", uri)), *asked;

        if (r->status != 201) {
            expect_error(r, 400, "invalid_redirect_uri");
            refused++;
            continue;
        }
        taken++;
        asked = world_get(w, "/oauth/authorize",
                          world_query(w, reply_str(r, "client_id"), uri, NULL));
        if (!asked->open)
            fail_msg("%s is registered, but not authorized: %d", uri, asked->status);
    }
    assert_true(taken > 300);
    assert_true(refused > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_dc_01_the_response_byte_for_byte),
        CASE(test_dc_01_unset_members_are_absent),
        CASE(test_dc_01_a_client_id_is_made_of_letters_and_digits),
        CASE(test_dc_02_a_public_client_gets_no_secret_and_no_address_of_its_record),
        CASE(test_dc_04_whatever_method_is_asked_for_the_response_says_none),
        CASE(test_dc_06_grant_types_are_cut_to_what_exists),
        CASE(test_dc_06_without_the_refresh_grant_there_is_no_refresh_token),
        CASE(test_dc_35_no_scope_keeps_a_client_from_registering),
        CASE(test_dc_08_a_client_does_not_choose_its_credentials),
        CASE(test_dc_09_redirect_uris_of_the_wrong_shape),
        CASE(test_dc_09_twenty_redirect_uris_and_no_more),
        CASE(test_dc_09_a_repeated_uri_is_kept_once),
        CASE(test_dc_10_one_bad_uri_among_good_ones_refuses_them_all),
        CASE(test_dc_12_a_repeated_member_is_refused),
        CASE(test_dc_12_members_that_differ_in_case_are_different),
        CASE(test_dc_14_no_nul_gets_through),
        CASE(test_dc_15_depth_is_bounded),
        CASE(test_dc_16_no_number_does_harm),
        CASE(test_dc_17_every_prefix_of_a_registration_is_refused),
        CASE(test_dc_19_what_is_no_object_is_refused),
        CASE(test_dc_20_text_is_strict_utf_8),
        CASE(test_dc_21_sizes_are_bounded),
        CASE(test_dc_21_a_smaller_limit_is_the_hosts_to_set),
        CASE(test_dc_22_a_hostile_name_stays_text),
        CASE(test_dc_23_names_that_deceive_are_refused),
        CASE(test_dc_23_a_name_of_blanks_is_no_name),
        CASE(test_dc_25_a_clients_pages_are_http_or_https),
        CASE(test_dc_27_names_in_other_languages_are_ignored),
        CASE(test_dc_28_the_body_is_json_and_says_so),
        CASE(test_only_post_registers),
        CASE(test_dc_29_a_flood_is_the_hosts_to_stop),
        CASE(test_dc_29_dc_33_a_full_store_is_emptied_of_what_was_never_used),
        CASE(test_dc_31_closed_registration_is_refused_and_not_advertised),
        FAULTY_CASE(test_dc_33_a_failing_store_registers_nobody),
        FAULTY_CASE(test_dc_10_a_refused_registration_never_reaches_the_store),
        CASE(test_dc_34_the_same_body_twice_makes_two_clients),
        CASE(test_dc_36_registration_and_authorization_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
