/* What holds of every endpoint: decoding, methods, CORS, admission, headers in and headers out. */
#include "support/person.h"

#include <stdio.h>
#include <stdlib.h>

#include "endpoints/respond_i.h"

#define AUTHORIZE "/oauth/authorize"
#define TOKEN "/api/oauth/token"
#define REVOKE "/api/oauth/revoke"
#define REGISTER "/api/oauth/register"
#define USERINFO "/api/oauth/userinfo"
#define SERVER_METADATA "/.well-known/oauth-authorization-server"
#define RESOURCE_METADATA "/.well-known/oauth-protected-resource/mcp"
#define EXPOSED "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After"

/* Endpoints that browsers call from anywhere. */
static const char *const open_paths[] = { TOKEN,           REVOKE,           REGISTER, USERINFO,
                                          SERVER_METADATA, RESOURCE_METADATA };

/* --- decoding --- */

/* Malformed anywhere: nobody knows whose request it is, so nobody is redirected. */
static void expect_unreadable(world *w, const char *more)
{
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *good = world_query(w, client, WORLD_CLIENT_REDIRECT, NULL);
    connection c = connect_again(w, client, NULL);

    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&%s", good, more)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&%s", more, good)));
    expect_error(world_post_form(w, TOKEN,
                                 world_text(w,
                                            "grant_type=refresh_token&client_id=%s"
                                            "&refresh_token=%s&%s",
                                            client, c.refresh, more)),
                 400, "invalid_request");
    expect_error(world_post_form(w, REVOKE, world_text(w, "%s&client_id=%s&token=%s", more, client,
                                                       c.access)),
                 400, "invalid_request");
    assert_true(opens(w, c.access));
    assert_true(refreshes(w, &c));
}

static void test_ht_01_a_nul_in_any_parameter_is_refused(void **state)
{
    static const char *const places[] = { "state=a%00b", "x=%00", "%00=x", "state%00=a", "scope=%00",
                                          "x%00y=z", "code=%00", "resource=%00" };

    for (size_t i = 0; i < COUNT(places); i++)
        expect_unreadable(*state, places[i]);
}

static void test_ht_01_a_nul_does_not_end_a_value(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *client = c.client_id, *body;
    char raw[256];
    int n;

    expect_page(world_get(w, AUTHORIZE,
                          world_query(w, world_text(w, "%s%%00evil", client),
                                      WORLD_CLIENT_REDIRECT, NULL)));
    expect_page(world_get(w, AUTHORIZE,
                          world_text(w,
                                     "response_type=code&client_id=%s&redirect_uri=%s%%00.evil.ex"
                                     "&code_challenge=" WORLD_CHALLENGE
                                     "&code_challenge_method=S256",
                                     client, world_encode(w, WORLD_CLIENT_REDIRECT))));
    body = world_text(w, "grant_type=refresh_token%%00x&client_id=%s&refresh_token=%s", client,
                      c.refresh);
    expect_error(world_post_form(w, TOKEN, body), 400, "invalid_request");
    /* And a NUL that is not even encoded. */
    n = snprintf(raw, sizeof(raw), "client_id=%s&token=%s.evil", client, c.access);
    raw[n - 5] = '\0';
    expect_error(world_call(w, "POST", REVOKE, NULL, FORM, raw, (size_t)n), 400,
                 "invalid_request");
    assert_true(opens(w, c.access));
}

static void test_ht_03_text_is_strict_utf_8(void **state)
{
    static const char *const texts[] = { "%C0%AF", "%E0%80%AF", "%ED%A0%80", "%F5%80%80%80", "%FF",
                                         "%80", "%C3", "%F0%9F%94", "%C3(", "\xC0\xAF", "\xFF" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        expect_unreadable(w, world_text(w, "state=%s", texts[i]));
        expect_unreadable(w, world_text(w, "%s=x", texts[i]));
    }
}

static void test_ht_03_broken_triples_are_refused(void **state)
{
    static const char *const texts[] = { "%", "%4", "%zz", "%4g", "%%41", "%u0041", "% 41", "%-1" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(texts); i++)
        expect_unreadable(w, world_text(w, "state=%s", texts[i]));
}

static char *state_of(world *w, const char *encoded)
{
    char *query = world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT,
                              world_text(w, "state=%s", encoded));

    return world_approve(w, query, NULL, NULL);
}

static void test_ht_04_a_plus_is_a_space_and_nothing_is_decoded_twice(void **state)
{
    world *w = *state;

    assert_non_null(strstr(state_of(w, "a+b%2Bc"), "&state=a%20b%2Bc&"));
    assert_non_null(strstr(state_of(w, "%2541"), "&state=%2541&"));
    assert_non_null(strstr(state_of(w, "%252B"), "&state=%252B&"));
    assert_non_null(strstr(state_of(w, "%25"), "&state=%25&"));
    assert_non_null(strstr(state_of(w, "a=b"), "&state=a%3Db&"));
    assert_non_null(strstr(state_of(w, "%26error%3Dx"), "&state=%26error%3Dx&"));
    assert_non_null(strstr(state_of(w, "a;b"), "&state=a%3Bb&"));
    assert_non_null(strstr(state_of(w, "%f0%9f%94%91"), "&state=%F0%9F%94%91&"));
}

static void test_ht_04_the_same_in_a_body(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp email");
    reply *r = world_post_form(
        w, TOKEN,
        world_text(w, "grant_type=refresh%%5Ftoken&client_id=%s&refresh_token=%s&scope=mcp+email",
                   c.client_id, c.refresh));

    assert_int_equal(r->status, 200);
    assert_string_equal(reply_str(r, "scope"), "mcp email");
    expect_error(world_post_form(w, TOKEN,
                                 world_text(w,
                                            "grant_type=refresh%%255Ftoken&client_id=%s"
                                            "&refresh_token=%s",
                                            c.client_id, reply_str(r, "refresh_token"))),
                 400, "unsupported_grant_type");
}

static void test_ht_05_odd_pairs_mean_the_same_every_time(void **state)
{
    static const char *const harmless[] = { "&&",   "=x", "=",     "x",   "x=",   "=&=",
                                            "a==b", "&",  "%3D=y", "%26", "%=25"};
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i + 1 < COUNT(harmless); i++) {
        char *query = world_query(w, client, WORLD_CLIENT_REDIRECT, harmless[i]);

        if (!world_get(w, AUTHORIZE, query)->open)
            fail_msg("%s", harmless[i]);
    }
    expect_page(world_get(w, AUTHORIZE,
                          world_query(w, client, WORLD_CLIENT_REDIRECT, harmless[10])));
    assert_non_null(strstr(state_of(w, "=b"), "&state=%3Db&"));
    assert_null(strstr(state_of(w, ""), "state"));
}

static void test_ht_05_more_fields_than_anyone_needs_are_refused(void **state)
{
    world *w = *state;
    char *many = world_text(w, "%s", ""), *query;

    for (int i = 0; i < 251; i++)
        many = world_text(w, "%s&a%d", many, i);
    query = world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT, NULL);
    assert_true(world_get(w, AUTHORIZE, world_text(w, "%s%s", query, many))->open);
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s%s&b", query, many)));
}

static void test_ht_06_an_encoded_name_is_the_same_name(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL);

    expect_page(world_get(w, AUTHORIZE, world_text(w, "client%%5Fid=evil&%s", query)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&%%63lient_id=%s", query, c.client_id)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "%s&redirect%%5furi=https://evil.ex", query)));
    expect_redirect_error(world_get(w, AUTHORIZE, world_text(w, "%s&sc%%6Fpe=mcp&scope=mcp", query)),
                          WORLD_CLIENT_REDIRECT, "invalid_request", NULL);
    expect_error(world_post_form(w, REVOKE,
                                 world_text(w, "client_id=%s&token=%s&t%%6Fken=x", c.client_id,
                                            c.access)),
                 400, "invalid_request");
    expect_error(world_post_form(w, TOKEN,
                                 world_text(w,
                                            "grant_type=refresh_token&client_id=%s"
                                            "&refresh%%5ftoken=%s&refresh_token=%s",
                                            c.client_id, c.refresh, c.refresh)),
                 400, "invalid_request");
    assert_true(refreshes(w, &c));
}

/* The world looks at every header value of every response; here are the places that could fail it. */
static void test_ht_07_no_line_break_reaches_a_header(void **state)
{
    static const char evil[] = "%0D%0ASet-Cookie:%20x=1%0D%0A%0D%0A<script>";
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *location;
    reply *r;

    location = state_of(w, evil);
    assert_non_null(strstr(location, "%0D%0ASet-Cookie%3A%20x%3D1%0D%0A%0D%0A%3Cscript%3E&iss="));
    r = world_get(w, AUTHORIZE, world_query(w, client, WORLD_CLIENT_REDIRECT,
                                            world_text(w, "scope=%s&state=%s", evil, evil)));
    expect_redirect_error(r, WORLD_CLIENT_REDIRECT, "invalid_scope",
                          "\r\nSet-Cookie: x=1\r\n\r\n<script>");
    assert_null(strstr(r->headers, "\nset-cookie:"));
    r = world_get(w, AUTHORIZE, world_query(w, client, WORLD_CLIENT_REDIRECT,
                                            world_text(w, "resource=%s", evil)));
    expect_redirect_error(r, WORLD_CLIENT_REDIRECT, "invalid_target", NULL);
    expect_page(world_get(w, AUTHORIZE,
                          world_text(w, "response_type=code&client_id=%s&redirect_uri=%s%s", client,
                                     world_encode(w, WORLD_CLIENT_REDIRECT), evil)));
    expect_page(world_get(w, AUTHORIZE, world_text(w, "client_id=%s", evil)));
    r = world_post_form(w, TOKEN, world_text(w, "grant_type=%s&client_id=%s", evil, client));
    expect_error(r, 400, "unsupported_grant_type");
    r = world_call(w, "GET", USERINFO, NULL, "Authorization: Bearer a\rb\r\n", NULL, 0);
    expect_error(r, 401, "invalid_token");
}

static void test_ht_08_a_value_with_a_control_character_is_never_written(void **state)
{
    static const char controls[] = "\r\n\t\x01\x1F\x7F";
    istauth_response r;

    (void)state;
    for (size_t i = 0; i < sizeof(controls); i++) { /* the NUL at the end too */
        char value[] = "https://c.ex/?x";

        value[10] = controls[i];
        istauth__respond_redirect(&r, (istauth_str){ value, sizeof(value) - 1 });
        assert_int_equal(r.status, 500);
        for (size_t j = 0; j < r.header_count; j++)
            assert_false(istauth_str_equal(r.headers[j].name, ISTAUTH_STR("Location")));
    }
    istauth__respond_redirect(&r, ISTAUTH_STR("https://c.ex/ ~!"));
    assert_int_equal(r.status, 303);
}

static void test_ht_08_more_headers_than_there_is_room_for_are_500(void **state)
{
    istauth_response r;

    (void)state;
    istauth__respond(&r, 200);
    while (r.header_count < ISTAUTH_RESPONSE_HEADERS)
        istauth__add_header(&r, "X", ISTAUTH_STR("y"));
    assert_int_equal(r.status, 200);
    istauth__add_header(&r, "X", ISTAUTH_STR("y"));
    assert_int_equal(r.status, 500);
    assert_true(r.header_count <= ISTAUTH_RESPONSE_HEADERS);
}

/* --- CORS --- */

static void expect_cors(const reply *r)
{
    const char *origin = reply_header(r, "access-control-allow-origin");

    if (!origin)
        fail_msg("no CORS on %d %s", r->status, r->body);
    assert_string_equal(origin, "*");
    assert_string_equal(reply_header(r, "access-control-expose-headers"), EXPOSED);
    assert_null(reply_header(r, "access-control-allow-credentials"));
    assert_null(reply_header(r, "vary")); /* HT-20: nothing varies */
}

static void expect_cors_on(const reply *r, int status)
{
    if (r->status != status)
        fail_msg("expected %d, got %d %s", status, r->status, r->body);
    expect_cors(r);
}

static void test_ht_10_ht_20_cors_on_every_client_error(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *large = world_text(w, "x=%070000d", 0);

    for (size_t i = 0; i < COUNT(open_paths); i++)
        expect_cors_on(world_call(w, "BREW", open_paths[i], NULL, NULL, NULL, 0), 405);
    expect_cors_on(world_post_form(w, TOKEN, "%"), 400);
    expect_cors_on(world_post_form(w, TOKEN, "grant_type=x&client_id=nobody"), 401);
    expect_cors_on(world_refresh(w, c.client_id, "x"), 400);
    expect_cors_on(world_post_json(w, TOKEN, "{}"), 400);
    expect_cors_on(world_post_form(w, TOKEN, large), 413);
    expect_cors_on(world_post_form(w, REVOKE, "%"), 400);
    expect_cors_on(world_post_form(w, REVOKE, "token=x"), 401);
    expect_cors_on(world_post_form(w, REVOKE, large), 413);
    expect_cors_on(world_post_json(w, REGISTER, "{}"), 400);
    expect_cors_on(world_post_json(w, REGISTER, large), 413);
    expect_cors_on(world_post_form(w, REGISTER, "x=y"), 400);
    expect_cors_on(world_get(w, USERINFO, NULL), 401);
    expect_cors_on(world_call(w, "GET", USERINFO, NULL, bearer_line(w, "x"), NULL, 0), 401);
    expect_cors_on(world_call(w, "GET", USERINFO, NULL, bearer_line(w, c.access), NULL, 0), 403);
}

static void test_ht_10_cors_on_every_success(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "openid");
    reply *r = world_redeem(w, c.client_id, world_code(w, c.client_id, NULL));

    expect_cors_on(r, 200);
    expect_cors_on(world_refresh(w, c.client_id, reply_str(r, "refresh_token")), 200);
    expect_cors_on(world_call(w, "GET", USERINFO, NULL, bearer_line(w, c.access), NULL, 0), 200);
    expect_cors_on(world_post_form(w, REVOKE, world_text(w, "client_id=%s&token=x", c.client_id)),
                      200);
    expect_cors_on(world_post_json(w, REGISTER, "{\"redirect_uris\":[\"https://c.ex/\"]}"), 201);
    expect_cors_on(world_get(w, SERVER_METADATA, NULL), 200);
    expect_cors_on(world_get(w, RESOURCE_METADATA, NULL), 200);
}

static void test_ht_10_cors_on_every_trouble_of_ours(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "openid");
    char *form = world_text(w, "client_id=%s&token=%s&grant_type=refresh_token&refresh_token=%s",
                            c.client_id, c.access, c.refresh);

    break_op(f, ISTAUTH_STORE_ANY, 1);
    expect_cors_on(world_post_form(w, TOKEN, form), 503);
    break_op(f, ISTAUTH_STORE_ANY, 1);
    expect_cors_on(world_post_form(w, REVOKE, form), 503);
    break_op(f, ISTAUTH_STORE_ANY, 1);
    expect_cors_on(world_post_json(w, REGISTER, "{\"redirect_uris\":[\"https://c.ex/\"]}"), 503);
    break_op(f, ISTAUTH_STORE_ANY, 1);
    expect_cors_on(world_call(w, "GET", USERINFO, NULL, bearer_line(w, c.access), NULL, 0), 503);
    w->clock_status = ISTAUTH_E_CLOCK;
    expect_cors_on(world_post_form(w, TOKEN, form), 500);
    expect_cors_on(world_post_form(w, REVOKE, form), 500);
    expect_cors_on(world_post_json(w, REGISTER, "{\"redirect_uris\":[\"https://c.ex/\"]}"), 500);
    expect_cors_on(world_call(w, "GET", USERINFO, NULL, bearer_line(w, c.access), NULL, 0), 500);
    expect_cors(world_get(w, SERVER_METADATA, NULL));
}

static void test_ht_10_a_preflight_is_answered_to_anyone_for_anything(void **state)
{
    static const char *const methods[] = { "POST, OPTIONS",      "POST, OPTIONS",
                                           "POST, OPTIONS",      "GET, POST, OPTIONS",
                                           "GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS" };
    world *w = *state;

    w->retry_after = 60; /* not even an address that has to wait is refused */
    w->clock_status = ISTAUTH_E_CLOCK;
    for (size_t i = 0; i < COUNT(open_paths); i++) {
        reply *r = world_call(w, "OPTIONS", open_paths[i], NULL,
                              "Origin: https://evil.ex\r\nAccess-Control-Request-Method: POST\r\n"
                              "Access-Control-Request-Headers: x-anything\r\n",
                              NULL, 0);

        assert_int_equal(r->status, 204);
        assert_int_equal(r->body_n, 0);
        assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
        assert_string_equal(reply_header(r, "access-control-allow-methods"), methods[i]);
        assert_string_equal(reply_header(r, "access-control-allow-headers"),
                            "Authorization, Content-Type, Accept, MCP-Protocol-Version, "
                            "Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID");
        assert_string_equal(reply_header(r, "access-control-max-age"), "7200");
        assert_null(reply_header(r, "access-control-allow-credentials"));
        assert_null(strstr(r->headers, "evil"));
    }
}

static void test_ht_10_userinfo_is_challenged_with_what_it_needs(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    reply *r = world_call(w, "GET", USERINFO, NULL, bearer_line(w, c.access), NULL, 0);

    expect_error(r, 403, "insufficient_scope");
    assert_string_equal(reply_header(r, "www-authenticate"),
                        "Bearer error=\"insufficient_scope\", resource_metadata=\"https://as.example"
                        "/.well-known/oauth-protected-resource/mcp\", scope=\"openid\", "
                        "error_description=\"The access token was not granted the scope that this "
                        "needs\"");
}

static void expect_no_cors(const reply *r)
{
    assert_null(strstr(r->headers, "access-control"));
    assert_null(reply_header(r, "vary"));
}

static void test_ht_11_no_cors_where_a_person_decides(void **state)
{
    static const char origin[] = "Origin: https://evil.ex\r\n";
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *good = world_query(w, client, WORLD_CLIENT_REDIRECT, NULL);
    char *bad = world_query(w, client, WORLD_CLIENT_REDIRECT, "scope=%22");
    reply *r;

    expect_no_cors(world_call(w, "GET", AUTHORIZE, good, origin, NULL, 0));
    r = world_call(w, "GET", AUTHORIZE, bad, origin, NULL, 0);
    assert_int_equal(r->status, 303);
    expect_no_cors(r);
    r = world_call(w, "GET", AUTHORIZE, "client_id=x", origin, NULL, 0);
    assert_int_equal(r->status, 400);
    expect_no_cors(r);
    r = world_call(w, "GET", AUTHORIZE, "client_id=x",
                   "Origin: https://evil.ex\r\nAccept: application/json\r\n", NULL, 0);
    expect_no_cors(r);
    r = world_call(w, "OPTIONS", AUTHORIZE, good, origin, NULL, 0);
    assert_int_equal(r->status, 405);
    assert_string_equal(reply_header(r, "allow"), "GET, HEAD");
    expect_no_cors(r);
    r = world_call(w, "POST", AUTHORIZE, NULL, origin, good, strlen(good));
    assert_int_equal(r->status, 405);
    expect_no_cors(r);
    w->retry_after = 5;
    r = world_call(w, "GET", AUTHORIZE, good, origin, NULL, 0);
    assert_int_equal(r->status, 429);
    expect_no_cors(r);
}

/* --- no redirects, no detours --- */

static void test_ht_12_only_the_authorization_endpoint_redirects(void **state)
{
    static const char *const methods[] = { "GET", "POST", "HEAD", "OPTIONS", "PUT" };
    static const char *const headers[] = { NULL, FORM, JSON, "X-Forwarded-Proto: http\r\n" };
    static const char *const bodies[] = { "", "grant_type=x", "{}", "redirect_uri=https://evil.ex" };
    world *w = *state;

    for (size_t p = 0; p < COUNT(open_paths); p++)
        for (size_t m = 0; m < COUNT(methods); m++)
            for (size_t h = 0; h < COUNT(headers); h++)
                for (size_t b = 0; b < COUNT(bodies); b++) {
                    reply *r = world_call(w, methods[m], open_paths[p], bodies[b], headers[h],
                                          bodies[b], strlen(bodies[b]));

                    assert_false(r->status >= 300 && r->status < 400);
                    assert_null(reply_header(r, "location"));
                }
}

static void test_ht_12_a_trailing_slash_is_another_path(void **state)
{
    static const char *const suffixes[] = { "/", "//", "/.", ";x", "%2F", "?", "#", " ", ".json" };
    world *w = *state;

    for (size_t p = 0; p < COUNT(open_paths); p++)
        for (size_t s = 0; s < COUNT(suffixes); s++) {
            char *path = world_text(w, "%s%s", open_paths[p], suffixes[s]);

            if (istauth_route(w->server, istauth_str_of(path)) != ISTAUTH_ENDPOINT_NONE)
                fail_msg("%s is served", path);
        }
}

static void test_ht_13_no_header_changes_the_method(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *form = world_text(w, "client_id=%s&token=%s&_method=POST", c.client_id, c.access);
    reply *r = world_call(w, "GET", REVOKE, form,
                          FORM "X-HTTP-Method-Override: POST\r\nX-HTTP-Method: POST\r\n"
                               "X-Method-Override: POST\r\n",
                          form, strlen(form));

    expect_error(r, 405, "invalid_request");
    assert_true(opens(w, c.access));
}

static void test_ht_13_methods_are_case_sensitive_and_whole(void **state)
{
    static const char *const methods[] = { "post", "Post", "POST ", " POST", "POS", "POSTX", "",
                                           "POST, OPTIONS", "OPTIONS, POST", ",", "GET, POST" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(methods); i++) {
        expect_error(world_call(w, methods[i], TOKEN, NULL, FORM, "", 0), 405, "invalid_request");
        expect_error(world_call(w, methods[i], USERINFO, NULL, NULL, "", 0), 405,
                     "invalid_request");
    }
}

/* --- headers in --- */

static istauth_str header(const char *block, const char *name, size_t nth)
{
    istauth_str lines = istauth_str_of(block);

    return istauth_raw_header(&lines, name, nth);
}

static void expect_header(const char *block, const char *name, size_t nth, const char *wanted)
{
    istauth_str got = header(block, name, nth);

    if (!wanted)
        assert_null(got.p);
    else if (!got.p || !istauth_str_equal(got, istauth_str_of(wanted)))
        fail_msg("wanted '%s', got '%.*s'", wanted, (int)got.n, got.p ? got.p : "");
}

static void test_ht_15_a_raw_block_is_read_to_the_letter(void **state)
{
    static const char block[] = "Host: as.example\r\nAUTHORIZATION:Bearer a\r\n"
                                "authorization: \t Bearer b \t\r\nX-Empty:\r\nNo-Colon\r\n"
                                "Space : x\r\n folded: y\r\nLast: z";

    (void)state;
    expect_header(block, "host", 0, "as.example");
    expect_header(block, "authorization", 0, "Bearer a");
    expect_header(block, "authorization", 1, "Bearer b");
    expect_header(block, "authorization", 2, NULL);
    expect_header(block, "x-empty", 0, "");
    expect_header(block, "x-empty", 1, NULL);
    expect_header(block, "no-colon", 0, NULL);
    expect_header(block, "space", 0, NULL); /* RFC 9112 5.1: no space before the colon */
    expect_header(block, "folded", 0, NULL);
    expect_header(block, "last", 0, "z");
    expect_header(block, "", 0, NULL);
    expect_header("", "host", 0, NULL);
    expect_header(NULL, "host", 0, NULL);
    expect_header("\r\n\r\n\n:\r\n::\r\n", "host", 0, NULL);
    expect_header("a:1\nb:2\n", "b", 0, "2");
    expect_header("a: 1\rb: 2\r\n", "b", 0, NULL); /* a lone CR ends no line */
}

static void test_ht_15_a_great_many_headers_and_a_great_one(void **state)
{
    world *w = *state;
    size_t big = 1u << 20;
    char *block = malloc(2 * big), *p = block;
    connection c = connect_app(w, "openid");

    assert_non_null(block);
    for (int i = 0; i < 1000; i++)
        p += sprintf(p, "X-%d: y\r\n", i);
    p += sprintf(p, "Big: ");
    memset(p, 'x', big);
    p += big;
    p += sprintf(p, "\r\nAuthorization: Bearer %s\r\n", c.access);
    assert_int_equal(world_call(w, "GET", USERINFO, NULL, block, NULL, 0)->status, 200);
    p = block + sprintf(block, "Authorization: Bearer ");
    memset(p, 'x', big);
    memcpy(p + big, "\r\n", 3);
    expect_error(world_call(w, "GET", USERINFO, NULL, block, NULL, 0), 401, "invalid_token");
    p = block + sprintf(block, FORM "Authorization: Basic ");
    memset(p, 'x', big);
    memcpy(p + big, "\r\n", 3);
    expect_error(world_call(w, "POST", TOKEN, NULL, block, "grant_type=x", 12), 401,
                 "invalid_client");
    free(block);
}

static void test_ht_15_without_memory_for_an_error_it_is_503(void **state)
{
    world *w = *state;
    istauth_response r;
    istauth_arena none;

    istauth_arena_init(&none, NULL, 0, NULL, 0);
    istauth__respond_error(&r, ISTAUTH_E_INVALID_GRANT, &none);
    assert_int_equal(r.status, 503); /* and no 400 without the error that a client acts on */
    assert_true(istauth_str_equal(r.body, ISTAUTH_STR("{\"error\":\"temporarily_unavailable\"}")));
    w->retry_after = 9;
    w->no_buffer = true;
    w->alloc_calls = 0;
    w->alloc_fails_at = 1;
    w->alloc_fails_forever = true;
    expect_error(world_get(w, SERVER_METADATA, NULL), 503, "temporarily_unavailable");
    w->alloc_fails_at = 0;
}

static void test_ht_17_an_encoded_body_is_not_guessed_at(void **state)
{
    static const char *const codings[] = { "gzip", "deflate", "br", "identity", "x", "gzip, gzip" };
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *form = world_text(w, "client_id=%s&token=%s", c.client_id, c.access);

    for (size_t i = 0; i < COUNT(codings); i++) {
        char *headers = world_text(w, FORM "Content-Encoding: %s\r\n", codings[i]);

        expect_error(world_call(w, "POST", REVOKE, NULL, headers, form, strlen(form)), 400,
                     "invalid_request");
        expect_error(world_call(w, "POST", TOKEN, NULL, headers, form, strlen(form)), 400,
                     "invalid_request");
    }
    assert_true(opens(w, c.access));
}

/* --- texts out --- */

static char random_bytes[64];
static size_t random_count;

static istauth_status random_claims(void *ctx, istauth_claims *claims, istauth_str subject,
                                    istauth_arena *arena)
{
    (void)ctx;
    (void)subject;
    (void)arena;
    claims->name = (istauth_str){ random_bytes, random_count };
    claims->email = claims->picture = claims->name;
    return ISTAUTH_OK;
}

static bool is_well_formed(const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < 0x20)
            return false;
    return true;
}

static void test_ht_18_any_bytes_of_the_hosts_make_valid_json(void **state)
{
    static const char special[] = "\"\\/\b\f\n\r\t</>&'\x00\x01\x1F\x7F\xC3\xA9\xE2\x80\xA8\xFF\xC0";
    world *w = *state;
    uint32_t seed = 18;
    char *line;

    w->config.hooks.claims = random_claims;
    world_reopen(w);
    line = bearer_line(w, connect_app(w, "openid profile email").access);
    for (int i = 0; i < 3000; i++) {
        reply *r;

        seed = seed * 1664525u + 1013904223u;
        random_count = 1 + (seed >> 8) % (sizeof(random_bytes) - 1);
        for (size_t j = 0; j < random_count; j++) {
            seed = seed * 1664525u + 1013904223u;
            random_bytes[j] = (seed & 0x80000000u) ? (char)(seed >> 8)
                                                   : special[(seed >> 8) % (sizeof(special) - 1)];
        }
        r = world_call(w, "GET", USERINFO, NULL, line, NULL, 0); /* and it parses, or this fails */
        assert_int_equal(r->status, 200);
        assert_int_equal(cJSON_GetArraySize(r->json), 5);
        assert_string_equal(reply_str(r, "sub"), "user_ada");
        assert_true(is_well_formed(r->body));
        assert_int_equal(strlen(r->body), r->body_n);
    }
}

static void test_ht_18_valid_text_comes_through_as_it_is(void **state)
{
    static const char text[] = "\"\\/\b\f\n\r\t\x01\x1F\x7F </script> \xC3\xA9\xE2\x80\xA8\xF0\x9F\x94\x91";
    world *w = *state;
    reply *r;

    memcpy(random_bytes, text, sizeof(text) - 1);
    random_count = sizeof(text) - 1;
    w->config.hooks.claims = random_claims;
    world_reopen(w);
    r = world_call(w, "GET", USERINFO, NULL,
                   bearer_line(w, connect_app(w, "openid profile").access), NULL, 0);
    assert_string_equal(reply_str(r, "name"), text);
}

static void test_ht_19_the_error_page_repeats_nothing_of_the_request(void **state)
{
    static const char *const names[] = { "client_id", "redirect_uri", "state", "scope", "resource",
                                         "response_type", "xyzzy", "login_hint", "error" };
    static const char policy[] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
                                 "style-src 'sha256-";
    world *w = *state;

    for (size_t i = 0; i < COUNT(names); i++) {
        reply *r = world_call(w, "GET", AUTHORIZE,
                              world_text(w, "%s=xyzzy%%22%%3E%%3Cscript%%3E", names[i]),
                              "Referer: https://xyzzy/\r\nHost: xyzzy\r\nUser-Agent: xyzzy\r\n",
                              NULL, 0);

        expect_page(r);
        assert_null(strstr(r->body, "xyzzy"));
        assert_null(strstr(r->body, "<script"));
        assert_null(strstr(r->headers, "xyzzy"));
        assert_int_equal(strncmp(reply_header(r, "content-security-policy"), policy, strlen(policy)),
                         0);
        assert_string_equal(reply_header(r, "referrer-policy"), "no-referrer");
    }
}

/* --- who asks for a page, and who for JSON --- */

static void test_an_unknown_client_is_told_in_the_form_that_it_asks_for(void **state)
{
    static const struct {
        const char *accept;
        bool json;
    } rows[] = {
        { "application/json", true },
        { "APPLICATION/JSON; q=1", true },
        { "application/json, text/html", true },
        { "text/html,application/xhtml+xml,*/*;q=0.8", false },
        { "text/html, application/json", false },
        { "*/*", false },
        { "", false },
        { "application/jso", false },
    };
    world *w = *state;
    char *query = world_query(w, "nobody", WORLD_CLIENT_REDIRECT, NULL);

    for (size_t i = 0; i < COUNT(rows); i++) {
        reply *r = world_call(w, "GET", AUTHORIZE, query,
                              world_text(w, "Accept: %s\r\n", rows[i].accept), NULL, 0);

        if (rows[i].json)
            expect_error(r, 401, "invalid_client"); /* mcp-remote registers again on this */
        else
            expect_page(r);
        assert_null(reply_header(r, "location"));
    }
}

/* --- admission --- */

static istauth_endpoint admitted[32];
static char addresses[32][16];
static size_t admissions;

static unsigned note_admission(void *ctx, istauth_endpoint endpoint, istauth_str address)
{
    assert_true(admissions < 32);
    admitted[admissions] = endpoint;
    snprintf(addresses[admissions++], 16, "%.*s", (int)address.n, address.p);
    return ((world *)ctx)->retry_after;
}

static void test_ht_10_an_address_that_must_wait_is_told_how_long(void **state)
{
    static const char *const methods[] = { "POST", "POST", "POST", "GET", "GET", "GET" };
    static const istauth_endpoint endpoints[] = {
        ISTAUTH_ENDPOINT_TOKEN,    ISTAUTH_ENDPOINT_REVOKE,          ISTAUTH_ENDPOINT_REGISTER,
        ISTAUTH_ENDPOINT_USERINFO, ISTAUTH_ENDPOINT_SERVER_METADATA, ISTAUTH_ENDPOINT_RESOURCE_METADATA,
    };
    faulty *f = *state;
    world *w = f->w;

    w->config.hooks.admit = note_admission;
    world_reopen(w);
    admissions = 0;
    w->retry_after = 4294967295u;
    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(open_paths); i++) {
        reply *r = world_call(w, methods[i], open_paths[i], NULL, FORM, "x", 1);

        expect_error(r, 429, "temporarily_unavailable");
        assert_string_equal(reply_header(r, "retry-after"), "4294967295");
        assert_string_equal(reply_header(r, "cache-control"), "no-store");
        expect_cors(r);
        assert_int_equal(admitted[i], endpoints[i]);
        assert_string_equal(addresses[i], "192.0.2.7");
    }
    assert_int_equal(admissions, 6);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    /* What is no request to an endpoint does not count against anyone. */
    (void)world_call(w, "OPTIONS", TOKEN, NULL, NULL, NULL, 0);
    (void)world_call(w, "BREW", TOKEN, NULL, NULL, NULL, 0);
    assert_int_equal(admissions, 6);
    w->retry_after = 0;
    assert_int_equal(world_get(w, SERVER_METADATA, NULL)->status, 200);
}

static void test_a_person_who_must_wait_gets_a_page(void **state)
{
    world *w = *state;
    char *query = world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT,
                              NULL);
    reply *r;

    w->retry_after = 30;
    r = world_get(w, AUTHORIZE, query);
    assert_int_equal(r->status, 429);
    assert_false(r->open);
    assert_string_equal(reply_header(r, "content-type"), "text/html; charset=utf-8");
    assert_string_equal(reply_header(r, "retry-after"), "30");
    assert_string_equal(reply_header(r, "x-frame-options"), "DENY");
    assert_non_null(strstr(r->body, "Wait a moment"));
    r = world_call(w, "GET", AUTHORIZE, query, "Accept: application/json\r\n", NULL, 0);
    expect_error(r, 429, "temporarily_unavailable");
    assert_string_equal(reply_header(r, "retry-after"), "30");
    w->retry_after = 0;
    assert_true(world_get(w, AUTHORIZE, query)->open);
}

static void test_a_person_gets_a_page_when_the_store_fails(void **state)
{
    faulty *f = *state;
    char *query = world_query(f->w, world_register(f->w, WORLD_CLIENT_REDIRECT),
                              WORLD_CLIENT_REDIRECT, NULL);
    reply *r;

    break_op(f, ISTAUTH_STORE_CLIENT_GET, 1);
    r = world_get(f->w, AUTHORIZE, query);
    assert_int_equal(r->status, 503);
    assert_false(r->open);
    assert_null(reply_header(r, "location"));
    assert_string_equal(reply_header(r, "content-type"), "text/html; charset=utf-8");
    assert_non_null(strstr(r->body, "Wait a moment"));
    assert_true(world_get(f->w, AUTHORIZE, query)->open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_ht_01_a_nul_in_any_parameter_is_refused),
        CASE(test_ht_01_a_nul_does_not_end_a_value),
        CASE(test_ht_03_text_is_strict_utf_8),
        CASE(test_ht_03_broken_triples_are_refused),
        CASE(test_ht_04_a_plus_is_a_space_and_nothing_is_decoded_twice),
        CASE(test_ht_04_the_same_in_a_body),
        CASE(test_ht_05_odd_pairs_mean_the_same_every_time),
        CASE(test_ht_05_more_fields_than_anyone_needs_are_refused),
        CASE(test_ht_06_an_encoded_name_is_the_same_name),
        CASE(test_ht_07_no_line_break_reaches_a_header),
        cmocka_unit_test(test_ht_08_a_value_with_a_control_character_is_never_written),
        cmocka_unit_test(test_ht_08_more_headers_than_there_is_room_for_are_500),
        CASE(test_ht_10_ht_20_cors_on_every_client_error),
        CASE(test_ht_10_cors_on_every_success),
        FAULTY_CASE(test_ht_10_cors_on_every_trouble_of_ours),
        CASE(test_ht_10_a_preflight_is_answered_to_anyone_for_anything),
        CASE(test_ht_10_userinfo_is_challenged_with_what_it_needs),
        CASE(test_ht_11_no_cors_where_a_person_decides),
        CASE(test_ht_12_only_the_authorization_endpoint_redirects),
        CASE(test_ht_12_a_trailing_slash_is_another_path),
        CASE(test_ht_13_no_header_changes_the_method),
        CASE(test_ht_13_methods_are_case_sensitive_and_whole),
        cmocka_unit_test(test_ht_15_a_raw_block_is_read_to_the_letter),
        CASE(test_ht_15_a_great_many_headers_and_a_great_one),
        CASE(test_ht_15_without_memory_for_an_error_it_is_503),
        CASE(test_ht_17_an_encoded_body_is_not_guessed_at),
        CASE(test_ht_18_any_bytes_of_the_hosts_make_valid_json),
        CASE(test_ht_18_valid_text_comes_through_as_it_is),
        CASE(test_ht_19_the_error_page_repeats_nothing_of_the_request),
        CASE(test_an_unknown_client_is_told_in_the_form_that_it_asks_for),
        FAULTY_CASE(test_ht_10_an_address_that_must_wait_is_told_how_long),
        CASE(test_a_person_who_must_wait_gets_a_page),
        FAULTY_CASE(test_a_person_gets_a_page_when_the_store_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
