/* Redirect URIs on their whole way: refused at registration with no client left behind, and at the
 * authorization endpoint with a page that leads nowhere. */
#include "support/world.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define AUTHORIZE "/oauth/authorize"

static char *registration(world *w, const char *const *uris, size_t count)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(body, "redirect_uris");
    char *printed, *text;

    for (size_t i = 0; i < count; i++)
        assert_true(cJSON_AddItemToArray(list, cJSON_CreateString(uris[i])));
    printed = cJSON_PrintUnformatted(body);
    text = world_text(w, "%s", printed);
    cJSON_free(printed);
    cJSON_Delete(body);
    return text;
}

static reply *post_uris(world *w, const char *const *uris, size_t count)
{
    return world_post_json(w, "/api/oauth/register", registration(w, uris, count));
}

static char *accept_uris(world *w, const char *const *uris, size_t count)
{
    reply *r = post_uris(w, uris, count);

    if (r->status != 201)
        fail_msg("%s: %d %s", uris[0], r->status, r->body);
    return world_text(w, "%s", reply_str(r, "client_id"));
}

/* 400, and no trace of a client. */
static void refuse_uris(world *w, const char *const *uris, size_t count, const char *error)
{
    size_t blocks = w->live_blocks, events = w->event_count;
    reply *r = post_uris(w, uris, count);

    if (r->status != 400 || strcmp(reply_str(r, "error"), error) != 0)
        fail_msg("%s: %d %s", uris[count - 1], r->status, r->body);
    assert_false(reply_has(r, "client_id"));
    assert_int_equal(w->live_blocks, blocks);
    assert_int_equal(w->event_count, events);
}

/* Each refused alone, and behind a good one: a list is taken whole or not at all. */
static void refuse_each(world *w, const char *const *uris, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *mixed[] = { WORLD_CLIENT_REDIRECT, uris[i] };

        refuse_uris(w, &uris[i], 1, "invalid_redirect_uri");
        refuse_uris(w, mixed, 2, "invalid_redirect_uri");
    }
}

#define REFUSED(w, ...)                                      \
    do {                                                     \
        static const char *const uris_[] = { __VA_ARGS__ };  \
        refuse_each(w, uris_, COUNT(uris_));                 \
    } while (0)

#define ACCEPTED(w, ...)                                     \
    do {                                                     \
        static const char *const uris_[] = { __VA_ARGS__ };  \
        for (size_t i_ = 0; i_ < COUNT(uris_); i_++)         \
            (void)accept_uris(w, &uris_[i_], 1);             \
    } while (0)

static reply *ask(world *w, const char *client_id, const char *uri)
{
    return world_get(w, AUTHORIZE, world_query(w, client_id, uri, "state=s1"));
}

/* A client with this URI alone: which other ones does the authorization endpoint take for it? */
static void judge(world *w, const char *registered, const char *const *uris, size_t count,
                  bool taken)
{
    char *client_id = accept_uris(w, &registered, 1);

    assert_true(ask(w, client_id, registered)->open);
    for (size_t i = 0; i < count; i++) {
        reply *r = ask(w, client_id, uris[i]);

        if (r->open != taken)
            fail_msg("%s for %s: %d", uris[i], registered, r->status);
        if (taken)
            continue;
        expect_page(r);
        assert_null(strstr(r->body, "evil"));
    }
}

#define PAGES(w, registered, ...)                            \
    do {                                                     \
        static const char *const uris_[] = { __VA_ARGS__ };  \
        judge(w, registered, uris_, COUNT(uris_), false);    \
    } while (0)

#define OPENS(w, registered, ...)                            \
    do {                                                     \
        static const char *const uris_[] = { __VA_ARGS__ };  \
        judge(w, registered, uris_, COUNT(uris_), true);     \
    } while (0)

/* Every other mistake that a request can make, each of which a client would hear about. */
static const struct {
    const char *query, *error;
} mistakes[] = {
    { "response_type=bogus", "unsupported_response_type" },
    { "state=s", "invalid_request" },
    { "response_type=code&code_challenge_method=S256", "invalid_request" },
    { "response_type=code&response_type=code", "invalid_request" },
    { "response_type=code&code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S256&scope=%22",
      "invalid_scope" },
    { "response_type=code&code_challenge=" WORLD_CHALLENGE
      "&code_challenge_method=S256&resource=https://other.example/mcp",
      "invalid_target" },
    { "response_type=code&request_uri=https://evil.ex/r", "request_uri_not_supported" },
    { "response_type=code&request=e30.e30.", "request_not_supported" },
};

static void test_ru_02_no_mistake_redirects_to_a_uri_that_is_not_registered(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *evil = world_encode(w, "https://evil.ex/cb");
    char *good = world_encode(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i < COUNT(mistakes); i++) {
        const char *q = mistakes[i].query;
        reply *r;

        expect_page(world_get(w, AUTHORIZE, world_text(w, "client_id=unknown&redirect_uri=%s&%s",
                                                       evil, q)));
        expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect_uri=%s&client_id=%s", q,
                                                       evil, client_id)));
        expect_page(world_get(w, AUTHORIZE, world_text(w, "redirect_uri=%s&%s", good, q)));
        r = world_get(w, AUTHORIZE, world_text(w, "client_id=%s&redirect_uri=%s&%s", client_id,
                                               good, q));
        assert_int_equal(r->status, 303);
        assert_string_equal(url_param(w, reply_header(r, "location"), "error"), mistakes[i].error);
    }
}

static void test_ru_02_an_unknown_client_gets_json_when_it_asks_for_json(void **state)
{
    world *w = *state;
    reply *r = world_call(w, "GET", AUTHORIZE,
                          world_query(w, "unknown", "https://evil.ex", NULL),
                          "Accept: application/json\r\n", NULL, 0);

    expect_error(r, 401, "invalid_client");
    assert_null(reply_header(r, "location"));
    assert_null(reply_header(r, "access-control-allow-origin"));
}

static void test_ru_04_ru_26_case_and_escapes_are_compared_byte_for_byte(void **state)
{
    world *w = *state;

    PAGES(w, "https://c.ex/Cb", "https://c.ex/cb", "HTTPS://C.EX/Cb", "https://C.ex/Cb",
          "https://c.ex/CB", "https://c.ex/Cb/", "https://c.ex/C", "https://c.ex/Cbb",
          "https://c.ex:443/Cb", "https://c.ex/%43b");
    PAGES(w, "https://c.ex/cb%2Fa", "https://c.ex/cb%2fa", "https://c.ex/cb/a");
    PAGES(w, "https://c.ex", "https://c.ex/", "https://c.ex?");
    PAGES(w, "https://c.ex/cb/", "https://c.ex/cb");
    PAGES(w, "com.example.app:/cb", "com.example.app:/CB", "com.example.App:/cb",
          "com.example.app:/cb/", "com.example.app://cb");
}

static void test_ru_05_ru_06_paths_cannot_be_climbed(void **state)
{
    world *w = *state;

    PAGES(w, "https://c.ex/cb", "https://c.ex/cb/../evil", "https://c.ex/cb/..;/x",
          "https://c.ex/./cb", "https://c.ex//cb", "https://c.ex/x/../cb",
          "https://c.ex/cb/%2e%2e/x", "https://c.ex/cb/%2E%2E/evil",
          "https://c.ex/cb/%252e%252e%252fx", "https://c.ex/cb/..%2fx", "https://c.ex/cb%2f..");
    REFUSED(w, "https://c.ex/cb/../evil", "https://c.ex/cb/..;/x", "https://c.ex/cb/%2e%2e/x",
            "https://c.ex/cb/%252e%252e%252fx", "https://c.ex/./cb");
}

static void test_ru_07_userinfo_never_passes_for_a_host(void **state)
{
    world *w = *state;

    REFUSED(w, "http://localhost:80@evil.ex/cb", "http://127.0.0.1:80@evil.ex/",
            "https://c.ex@evil.ex/cb", "https://c.ex%40evil.ex/", "https://@c.ex/cb",
            "https://user:pw@c.ex/cb", "https://c.ex\\@evil.ex/cb");
    PAGES(w, "http://localhost/cb", "http://localhost:80@evil.ex/cb", "http://localhost@evil.ex/cb",
          "http://a@localhost/cb", "http://localhost:1:2/cb");
    PAGES(w, "https://c.ex/cb", "https://c.ex@evil.ex/cb", "https://c.ex%40evil.ex/cb",
          "https://@c.ex/cb", "https://c.ex\\@evil.ex/cb");
}

static void test_ru_09_control_characters_are_refused_wherever_they_stand(void **state)
{
    world *w = *state;
    static const char *const nul[] = { "https://c.ex/%00", "https://c.ex%00.evil.ex/" };

    REFUSED(w, "https://c.ex/c\tb", "https://c.ex/c\nb", "https://c.ex/c\rb", "https://c\t.ex/cb",
            "ht\ttps://c.ex/cb", "java\nscript:alert(1)", "java\tscript:alert(1)",
            "https://c.ex/cb\n", " https://c.ex/cb", "https://c.ex/c\x7f" "b", "https://c.ex/%0a",
            "https://c.ex/%0D%0AX:y", "https://c.ex/%09");
    refuse_each(w, nul, COUNT(nul));
    /* \u0000 does not get past the JSON reader. */
    expect_error(world_post_json(w, "/api/oauth/register",
                                 "{\"redirect_uris\":[\"https://c.ex/\\u0000.evil\"]}"),
                 400, "invalid_client_metadata");
    PAGES(w, "https://c.ex/cb", "https://c.ex/c\tb", "https://c.ex/cb\t", "https://c.ex/cb\n",
          "\thttps://c.ex/cb", "https://c.ex\t/cb");
    expect_page(world_get(w, AUTHORIZE,
                          world_text(w, "client_id=%s&redirect_uri=https://c.ex/cb%%00.evil",
                                     world_register(w, WORLD_CLIENT_REDIRECT))));
}

static void test_ru_10_schemes_that_run_or_leak_are_refused(void **state)
{
    REFUSED(*state, "javascript:alert(1)//", "JaVaScRiPt:alert(1)", "\x01javascript:alert(1)",
            "data:text/html,<script>", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
            "blob:https://c.ex/1", "about:blank", "view-source:https://c.ex/",
            "filesystem:https://c.ex/", "ws://c.ex/", "wss://c.ex/", "ftp://c.ex/",
            "mailto:a@c.ex", "intent://c.ex/#Intent", "http://c.ex/cb", "HTTP://c.ex/cb");
}

/* What a store holds may be older than today's rules, or not have come through registration. */
static void test_ru_10_a_refused_uri_that_is_stored_is_not_redirected_to(void **state)
{
    static const char *const uris[] = { "javascript:alert(1)//", "data:text/html,x",
                                        "http://evil.ex/cb", "https://c.ex/cb#x",
                                        "https://c.ex/a/../b", "http://127.0.0.1:0/" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(uris); i++) {
        char *client_id = world_text(w, "planted%zu", i);
        istauth_str uri = istauth_str_of(uris[i]);
        istauth_client client = { .client_id = istauth_str_of(client_id),
                                  .name = ISTAUTH_STR("Planted"),
                                  .redirect_uris = { &uri, 1 },
                                  .grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE };

        assert_int_equal(w->store.ops->client_put(w->store.ctx, &client), ISTAUTH_OK);
        expect_page(ask(w, client_id, uris[i]));
        expect_page(world_get(w, AUTHORIZE, world_text(w, "client_id=%s", client_id)));
    }
}

static void test_ru_11_schemes_of_apps_are_accepted_and_nonsense_is_not(void **state)
{
    world *w = *state;

    REFUSED(w, "1x://a", "://a", "a b://x", "-x:/", "x", "", "x:", "cursor", "/cb", "//c.ex/cb",
            "https:", "https://", "https:///cb", "https:/c.ex/cb", "x_y://a", "app:");
    ACCEPTED(w, "com.example.app:/cb", "cursor://anysphere.cursor-mcp/oauth/callback",
             "claude://oauth", "x-y+z.1:/cb");
}

static void test_ru_12_the_three_uris_of_cursor_come_back_as_they_were(void **state)
{
    static const char *const uris[] = { "cursor://anysphere.cursor-mcp/oauth/callback",
                                        "https://www.cursor.com/agents/mcp/oauth/callback",
                                        "http://localhost:8787/callback" };
    world *w = *state;
    reply *r = post_uris(w, uris, COUNT(uris));
    const cJSON *echoed = cJSON_GetObjectItemCaseSensitive(r->json, "redirect_uris");
    char *client_id = world_text(w, "%s", reply_str(r, "client_id"));

    assert_int_equal(r->status, 201);
    assert_int_equal(cJSON_GetArraySize(echoed), COUNT(uris));
    for (int i = 0; i < (int)COUNT(uris); i++) {
        assert_string_equal(cJSON_GetArrayItem(echoed, i)->valuestring, uris[i]);
        assert_true(ask(w, client_id, uris[i])->open);
    }
    expect_page(ask(w, client_id, "cursor://anysphere.cursor-mcp/oauth/callback/"));
}

static void test_ru_13_fragments_are_refused(void **state)
{
    world *w = *state;

    REFUSED(w, "https://c.ex/cb#", "https://c.ex/cb#x", "https://c.ex#", "http://localhost/#a",
            "com.example.app:/cb#x");
    ACCEPTED(w, "https://c.ex/cb%23", "https://c.ex/cb?a=%23");
    PAGES(w, "https://c.ex/cb", "https://c.ex/cb#x", "https://c.ex/cb#", "https://c.ex/cb%23x");
}

static void test_ru_14_only_the_port_of_a_loopback_uri_is_free(void **state)
{
    world *w = *state;

    OPENS(w, "http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", "http://127.0.0.1:1/cb",
          "http://127.0.0.1:65535/cb", "http://127.0.0.1:80/cb");
    PAGES(w, "http://127.0.0.1/cb", "http://127.0.0.1:49152/cb?x=1", "http://127.0.0.1:49152/other",
          "http://127.0.0.1:49152/cb/", "http://127.0.0.1:49152/cb?", "http://127.0.0.1:49152/Cb",
          "http://localhost:1/cb", "http://[::1]:1/cb", "https://127.0.0.1:1/cb",
          "http://127.0.0.2:1/cb", "http://127.0.0.1:1/cb#f", "HTTP://127.0.0.1:1/cb");
    OPENS(w, "http://127.0.0.1:3118/cb?a=b", "http://127.0.0.1/cb?a=b",
          "http://127.0.0.1:9/cb?a=b");
    PAGES(w, "http://127.0.0.1:3118/cb?a=b", "http://127.0.0.1:9/cb", "http://127.0.0.1:9/cb?a=c");
    OPENS(w, "http://localhost/callback", "http://localhost:3118/callback");
    OPENS(w, "http://[::1]:7/cb", "http://[::1]:8/cb", "http://[::1]/cb");
    /* Nowhere else: a port is a part of what was registered. */
    PAGES(w, "https://localhost/cb", "https://localhost:1/cb");
    PAGES(w, "https://c.ex:8443/cb", "https://c.ex/cb", "https://c.ex:8444/cb");
    PAGES(w, "com.example.app://h:1/cb", "com.example.app://h:2/cb", "com.example.app://h/cb");
}

static void test_ru_14_the_host_can_take_the_free_port_from_localhost(void **state)
{
    world *w = world_new();
    static const char *const uris[] = { "http://localhost/cb", "http://127.0.0.1/cb" };
    char *client_id;

    (void)state;
    w->config.exact_localhost = true;
    world_open(w);
    client_id = accept_uris(w, uris, COUNT(uris));
    assert_true(ask(w, client_id, "http://localhost/cb")->open);
    expect_page(ask(w, client_id, "http://localhost:1/cb"));
    assert_true(ask(w, client_id, "http://127.0.0.1:1/cb")->open);
    world_free(w);
}

static void test_ru_16_what_only_looks_like_loopback_is_refused(void **state)
{
    world *w = *state;

    REFUSED(w, "http://127.1/cb", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/",
            "http://127.0.0.1.evil.ex/", "http://127.0.0.2/", "http://0.0.0.0/",
            "http://[::ffff:127.0.0.1]/", "http://[0:0:0:0:0:0:0:1]/", "http://localhost.evil.ex/",
            "http://localhost./", "http://LOCALHOST/", "http://Localhost/cb", "http://127.0.0.1./",
            "http://[::2]/", "http://::1/", "http://localhos/", "http://127.0.0.01/",
            "https://2130706433/", "https://127.1/cb");
}

static void test_ru_18_ports_are_plain_decimal_numbers(void **state)
{
    world *w = *state;

    REFUSED(w, "http://127.0.0.1:99999/", "http://127.0.0.1:65536/", "http://127.0.0.1:0/",
            "http://127.0.0.1:-1/", "http://127.0.0.1:08080/", "http://127.0.0.1:80a/",
            "http://127.0.0.1: 80/", "http://127.0.0.1:/", "https://c.ex:/cb", "https://c.ex:0/cb",
            "https://c.ex:65536/cb", "http://127.0.0.1:4294967376/");
    PAGES(w, "http://127.0.0.1/cb", "http://127.0.0.1:65536/cb", "http://127.0.0.1:0/cb",
          "http://127.0.0.1:-1/cb", "http://127.0.0.1:08080/cb", "http://127.0.0.1:80a/cb",
          "http://127.0.0.1: 80/cb", "http://127.0.0.1:/cb", "http://127.0.0.1:+80/cb",
          "http://127.0.0.1:4294967376/cb", "http://127.0.0.1:1@evil.ex/cb");
}

static void test_ru_19_hosts_are_ascii_and_punycode_stays_punycode(void **state)
{
    static const char *const puny[] = { "https://xn--e1awd7f.example/cb" };
    static const char *const malformed[] = { "https://c.ex/\xC0\xAF", "https://c.ex\xED\xA0\x80/" };
    world *w = *state;
    istauth_authorization a;
    istauth_consent consent;
    char *query;

    REFUSED(w, "https://\xE2\x93\x94xample.com/", "https://exa\xC2\xADmple.com/",
            "https://\xD0\xB5xample.com/", "https://c.ex/\xC3\xA9", "https://c\xE3\x80\x82" "ex/",
            "https://c.ex\xEF\xBC\x8F" "evil/");
    for (size_t i = 0; i < COUNT(malformed); i++)
        refuse_uris(w, &malformed[i], 1, "invalid_client_metadata");
    query = world_query(w, accept_uris(w, puny, 1), puny[0], NULL);
    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_open(&consent, w->server, &a, ADA, BROWSER, &w->arena),
                     ISTAUTH_OK);
    assert_true(istauth_str_equal(consent.redirect_host, ISTAUTH_STR("xn--e1awd7f.example")));
}

static void test_ru_21_a_registered_query_is_kept_and_continued(void **state)
{
    static const char *const uris[] = { "https://c.ex/cb?a=b" };
    world *w = *state;
    char *client_id = accept_uris(w, uris, 1);
    char *location =
        world_approve(w, world_query(w, client_id, uris[0], "state=s"), NULL, NULL);

    assert_int_equal(strncmp(location, "https://c.ex/cb?a=b&code=ist_ac_", 32), 0);
    assert_ptr_equal(strchr(location, '?'), strrchr(location, '?'));
    assert_string_equal(url_param(w, location, "a"), "b");
    assert_string_equal(url_param(w, location, "state"), "s");
    expect_redirect_error(world_get(w, AUTHORIZE,
                                    world_text(w, "client_id=%s&redirect_uri=%s&state=s", client_id,
                                               world_encode(w, uris[0]))),
                          "https://c.ex/cb?a=b&error=", "invalid_request", "s");
    PAGES(w, "https://c.ex/cb?a=b", "https://c.ex/cb", "https://c.ex/cb?a=b&c=d",
          "https://c.ex/cb?a=c", "https://c.ex/cb?", "https://c.ex/cb?b=a", "https://c.ex/cb?a=b&");
}

static void test_ru_21_an_open_query_is_continued_as_it_is(void **state)
{
    static const char *const uris[] = { "https://c.ex/cb?", "https://c.ex/cb?a=b&" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(uris); i++) {
        char *query = world_query(w, accept_uris(w, &uris[i], 1), uris[i], NULL);
        char *expected = world_text(w, "%scode=ist_ac_", uris[i]);

        assert_int_equal(strncmp(world_approve(w, query, NULL, NULL), expected, strlen(expected)),
                         0);
    }
}

static void test_ru_23_a_missing_redirect_uri_needs_a_single_registered_one(void **state)
{
    static const char *const two[] = { "https://c.ex/1", "https://c.ex/2" };
    world *w = *state;
    char *one_id = accept_uris(w, two, 1), *two_id = accept_uris(w, two, 2);
    static const char *const missing[] = { "", "&redirect_uri=" };

    for (size_t i = 0; i < COUNT(missing); i++) {
        expect_page(world_get(w, AUTHORIZE, world_text(w, "client_id=%s&response_type=token%s",
                                                       two_id, missing[i])));
        expect_redirect_error(
            world_get(w, AUTHORIZE,
                      world_text(w, "client_id=%s&response_type=token%s", one_id, missing[i])),
            "https://c.ex/1?", "unsupported_response_type", NULL);
    }
}

static void test_ru_24_two_redirect_uris_are_none(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, NULL);
    char *evil = world_encode(w, "https://evil.ex/cb");
    char *good = world_encode(w, WORLD_CLIENT_REDIRECT);

    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect_uri=%s", query, evil)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "redirect_uri=%s&%s", evil, query)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect_uri=%s", query, good)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect_uri=", query)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect%%5Furi=%s", query, evil)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&client_id=%s", query, client_id)));
    assert_true(world_get(w, AUTHORIZE, world_text(w, "%s&Redirect_uri=%s", query, evil))->open);
}

static void test_ru_25_wildcards_are_refused_and_never_expanded(void **state)
{
    world *w = *state;

    REFUSED(w, "http://localhost:*/cb", "https://*.ex/cb", "https://*/cb", "*", "http://*:1/cb",
            "https://c.*/cb");
    PAGES(w, "https://c.ex/*", "https://c.ex/cb", "https://c.ex/", "https://c.ex/**");
}

static void test_ru_28_a_line_break_never_reaches_a_header(void **state)
{
    world *w = *state;
    reply *r;

    PAGES(w, "https://c.ex/cb", "https://c.ex/cb\r\nSet-Cookie:x=1", "https://c.ex/cb\nX: y",
          "https://c.ex/cb\r", "https://c.ex/cb%0d%0aSet-Cookie:x=1");
    r = ask(w, world_register(w, WORLD_CLIENT_REDIRECT), "https://c.ex/cb\r\nSet-Cookie:x=1");
    assert_null(reply_header(r, "set-cookie"));
    assert_null(strstr(r->headers, "x=1"));
}

static char *long_uri(world *w, size_t n)
{
    char *uri = world_text(w, "%*s", (int)n, "");

    memset(uri, 'a', n);
    memcpy(uri, "https://c.ex/", 13);
    return uri;
}

static void test_ru_30_sizes_are_bounded(void **state)
{
    world *w = *state;
    const char *uris[1000], *longest = long_uri(w, ISTAUTH_REDIRECT_URI_MAX),
               *too_long = long_uri(w, ISTAUTH_REDIRECT_URI_MAX + 1), *huge = long_uri(w, 60000),
               *over = long_uri(w, 65536);
    size_t blocks;
    reply *r;

    for (size_t i = 0; i < COUNT(uris); i++)
        uris[i] = world_text(w, "https://c.ex/%zu", i);
    assert_true(ask(w, accept_uris(w, &longest, 1), longest)->open);
    assert_true(ask(w, accept_uris(w, uris, ISTAUTH_CLIENT_REDIRECT_URIS_MAX), uris[19])->open);
    blocks = w->live_blocks;
    w->event_count = 0;
    refuse_uris(w, &too_long, 1, "invalid_redirect_uri");
    refuse_uris(w, &huge, 1, "invalid_redirect_uri");
    refuse_uris(w, uris, ISTAUTH_CLIENT_REDIRECT_URIS_MAX + 1, "invalid_redirect_uri");
    refuse_uris(w, uris, COUNT(uris), "invalid_redirect_uri");
    r = post_uris(w, &over, 1);
    expect_error(r, 413, "invalid_request");
    assert_int_equal(w->live_blocks, blocks);
    assert_int_equal(w->event_count, 0);
}

static void test_ru_31_a_redirect_is_a_303_and_leaks_no_referrer(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_text(w, "client_id=%s&response_type=token", client_id);
    static const char *const methods[] = { "GET", "HEAD" };

    for (size_t i = 0; i < COUNT(methods); i++) {
        reply *r = world_call(w, methods[i], AUTHORIZE, query, NULL, NULL, 0);

        assert_int_equal(r->status, 303);
        assert_string_equal(reply_header(r, "referrer-policy"), "no-referrer");
    }
}

/* Decided: a registered client hears of its mistake at once. It learns nothing about a person, and
 * the browser only ever goes where that client may be answered anyway. */
static void test_ru_32_an_error_reveals_nothing_but_the_error(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    reply *r = world_get(w, AUTHORIZE,
                         world_query(w, client_id, WORLD_CLIENT_REDIRECT, "scope=nothing&state=s"));

    expect_redirect_error(r, WORLD_CLIENT_REDIRECT "?error=", "invalid_scope", "s");
    assert_int_equal(r->body_n, 0);
    assert_int_equal(w->subject_asked + w->workspaces_asked, 0);
}

static void test_ru_33_the_consent_names_where_the_answer_goes(void **state)
{
    static const struct {
        const char *uri, *host;
        istauth_redirect_kind kind;
    } rows[] = {
        { "https://c.ex/cb", "c.ex", ISTAUTH_REDIRECT_HTTPS },
        { "https://c.ex:8443/cb", "c.ex:8443", ISTAUTH_REDIRECT_HTTPS },
        { "http://localhost:3118/cb", "localhost:3118", ISTAUTH_REDIRECT_LOOPBACK },
        { "http://[::1]:9/cb", "[::1]:9", ISTAUTH_REDIRECT_LOOPBACK },
        { "cursor://anysphere.cursor-mcp/cb", "cursor:", ISTAUTH_REDIRECT_PRIVATE_USE },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *query = world_query(w, accept_uris(w, &rows[i].uri, 1), rows[i].uri, NULL);
        istauth_authorization a;
        istauth_consent consent;

        assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                         ISTAUTH_OK);
        assert_int_equal(istauth_consent_open(&consent, w->server, &a, ADA, BROWSER, &w->arena),
                         ISTAUTH_OK);
        assert_true(istauth_str_equal(consent.redirect_host, istauth_str_of(rows[i].host)));
        assert_int_equal(consent.redirect_kind, rows[i].kind);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_ru_02_no_mistake_redirects_to_a_uri_that_is_not_registered),
        CASE(test_ru_02_an_unknown_client_gets_json_when_it_asks_for_json),
        CASE(test_ru_04_ru_26_case_and_escapes_are_compared_byte_for_byte),
        CASE(test_ru_05_ru_06_paths_cannot_be_climbed),
        CASE(test_ru_07_userinfo_never_passes_for_a_host),
        CASE(test_ru_09_control_characters_are_refused_wherever_they_stand),
        CASE(test_ru_10_schemes_that_run_or_leak_are_refused),
        CASE(test_ru_10_a_refused_uri_that_is_stored_is_not_redirected_to),
        CASE(test_ru_11_schemes_of_apps_are_accepted_and_nonsense_is_not),
        CASE(test_ru_12_the_three_uris_of_cursor_come_back_as_they_were),
        CASE(test_ru_13_fragments_are_refused),
        CASE(test_ru_14_only_the_port_of_a_loopback_uri_is_free),
        cmocka_unit_test(test_ru_14_the_host_can_take_the_free_port_from_localhost),
        CASE(test_ru_16_what_only_looks_like_loopback_is_refused),
        CASE(test_ru_18_ports_are_plain_decimal_numbers),
        CASE(test_ru_19_hosts_are_ascii_and_punycode_stays_punycode),
        CASE(test_ru_21_a_registered_query_is_kept_and_continued),
        CASE(test_ru_21_an_open_query_is_continued_as_it_is),
        CASE(test_ru_23_a_missing_redirect_uri_needs_a_single_registered_one),
        CASE(test_ru_24_two_redirect_uris_are_none),
        CASE(test_ru_25_wildcards_are_refused_and_never_expanded),
        CASE(test_ru_28_a_line_break_never_reaches_a_header),
        CASE(test_ru_30_sizes_are_bounded),
        CASE(test_ru_31_a_redirect_is_a_303_and_leaks_no_referrer),
        CASE(test_ru_32_an_error_reveals_nothing_but_the_error),
        CASE(test_ru_33_the_consent_names_where_the_answer_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
