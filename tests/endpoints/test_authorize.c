/* Authorization requests: what a client may ask for, and what it hears. */
#include "support/world.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define AUTHORIZE "/oauth/authorize"
#define PKCE "code_challenge=" WORLD_CHALLENGE "&code_challenge_method=S256"

static reply *ask(world *w, const char *client_id, const char *more)
{
    return world_get(w, AUTHORIZE, world_query(w, client_id, WORLD_CLIENT_REDIRECT, more));
}

/* Only what is given, behind client and redirect URI. */
static reply *ask_bare(world *w, const char *client_id, const char *query)
{
    return world_get(w, AUTHORIZE,
                     world_text(w, "client_id=%s&redirect_uri=%s&%s", client_id,
                                world_encode(w, WORLD_CLIENT_REDIRECT), query));
}

static void refuse_bare(world *w, const char *query, const char *error)
{
    reply *r = ask_bare(w, world_register(w, WORLD_CLIENT_REDIRECT), query);

    if (r->status != 303)
        fail_msg("%s: %d open %d", query, r->status, r->open);
    expect_redirect_error(r, WORLD_CLIENT_REDIRECT "?error=", error, NULL);
    assert_null(strchr(reply_header(r, "location"), '#'));
}

static void refuse(world *w, const char *more, const char *error)
{
    refuse_bare(w, world_text(w, "response_type=code&" PKCE "&%s", more), error);
}

/* The scope of the token that comes of it. */
static const char *granted(world *w, const char *client_id, const char *more)
{
    return reply_str(world_redeem(w, client_id, world_code(w, client_id, more)), "scope");
}

static void expect_granted(world *w, const char *more, const char *scope)
{
    assert_string_equal(granted(w, world_register(w, WORLD_CLIENT_REDIRECT), more), scope);
}

static void test_az_02_only_the_response_type_code_exists(void **state)
{
    static const char *const unsupported[] = { "token",      "id_token", "code%20token", "CODE",
                                               "code%20",    "codes",    "cod",          "none",
                                               "code%20code" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(unsupported); i++)
        refuse_bare(w, world_text(w, PKCE "&response_type=%s", unsupported[i]),
                    "unsupported_response_type");
    refuse_bare(w, PKCE, "invalid_request");
    refuse_bare(w, PKCE "&response_type=", "invalid_request");
    refuse_bare(w, PKCE "&response_type=code&response_type=code", "invalid_request");
    assert_true(ask(w, world_register(w, WORLD_CLIENT_REDIRECT), NULL)->open);
}

static void test_az_04_an_empty_parameter_is_an_absent_one(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *location;

    expect_granted(w, "scope=", "mcp");
    expect_granted(w, "scope", "mcp");
    expect_granted(w, "resource=&prompt=&response_mode=&request=&request_uri=&login_hint=", "mcp");
    location = world_approve(w, world_query(w, client_id, WORLD_CLIENT_REDIRECT, "state="), NULL,
                             NULL);
    assert_null(strstr(location, "state"));
    refuse_bare(w, "response_type=code&code_challenge=&code_challenge_method=S256",
                "invalid_request");
    refuse_bare(w, "response_type=code&code_challenge=" WORLD_CHALLENGE "&code_challenge_method=",
                "invalid_request");
    refuse(w, "state=&state=", "invalid_request");
    refuse(w, "scope=&scope=mcp", "invalid_request");
    expect_page(world_get(w, AUTHORIZE, "client_id=&response_type=code"));
    expect_page(world_get(w, AUTHORIZE, ""));
}

static void test_az_04_the_registered_scope_is_the_default(void **state)
{
    world *w = *state;
    reply *r = world_post_json(w, "/api/oauth/register",
                               "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"],"
                               "\"scope\":\"mcp:read email\"}");
    char *client_id = world_text(w, "%s", reply_str(r, "client_id"));

    assert_string_equal(granted(w, client_id, "scope="), "mcp:read email");
    assert_string_equal(granted(w, client_id, "scope=mcp:read"), "mcp:read");
}

static void test_az_05_unknown_parameters_are_ignored(void **state)
{
    expect_granted(*state,
                   "ui_locales=tr&foo=bar&nonce=n&login_hint=ada&access_type=offline&foo=baz&=x&&"
                   "display=popup&Scope=email&code_challenge_Method=plain",
                   "mcp");
}

static void test_az_06_only_get_is_answered(void **state)
{
    static const char *const methods[] = { "POST", "PUT", "DELETE", "OPTIONS", "get", "" };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, NULL);

    for (size_t i = 0; i < COUNT(methods); i++) {
        reply *r = world_call(w, methods[i], AUTHORIZE, query,
                              "Content-Type: application/x-www-form-urlencoded\r\n", query,
                              strlen(query));

        assert_int_equal(r->status, 405);
        assert_string_equal(reply_header(r, "allow"), "GET, HEAD");
        assert_null(reply_header(r, "access-control-allow-origin"));
        assert_null(reply_header(r, "location"));
        assert_false(r->open);
    }
    assert_true(world_call(w, "HEAD", AUTHORIZE, query, NULL, NULL, 0)->open);
}

/* In the location of a success and of an error. */
static void state_comes_back(world *w, const char *text)
{
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *parameter = world_text(w, "state=%s", world_encode(w, text));
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, parameter);
    char *location = world_approve(w, query, NULL, NULL);

    assert_string_equal(url_param(w, location, "state"), text);
    for (const char *p = location; *p; p++)
        assert_true(*p > 0x20 && *p < 0x7F && *p != '"' && *p != '<' && *p != '#');
    expect_redirect_error(ask_bare(w, client_id, parameter), WORLD_CLIENT_REDIRECT "?error=",
                          "invalid_request", text);
}

static void test_az_07_a_state_comes_back_byte_for_byte(void **state)
{
    static const char *const texts[] = {
        "s", " ", "+", "%41", "%2541", "a&code=x&iss=evil", "#frag", "a=b", "a;b", "\r\nX: y", "\n",
        "\x01\x1F\x7F", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"><script>", "../..", "\\"
    };
    world *w = *state;
    char all[0x7F - 0x20 + 1] = { 0 }, *longest = world_text(w, "%4096s", "");

    for (int c = 0x20; c <= 0x7E; c++)
        all[c - 0x20] = (char)c;
    state_comes_back(w, all);
    for (size_t i = 0; i < COUNT(texts); i++)
        state_comes_back(w, texts[i]);
    memset(longest, 's', 4096);
    state_comes_back(w, longest);
}

static void test_az_07_a_state_that_is_too_long_or_malformed_is_not_returned(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *too_long = world_text(w, "%4097s", "");

    memset(too_long, 's', 4097);
    refuse(w, world_text(w, "state=%s", too_long), "invalid_request");
    refuse(w, "state=a&state=b", "invalid_request");
    expect_page(ask(w, client_id, "state=a%00b"));
    expect_page(ask(w, client_id, "state=%C0%AF"));
    expect_page(ask(w, client_id, "state=%ED%A0%80"));
    expect_page(ask(w, client_id, "state=%4"));
    expect_page(ask(w, client_id, "state=%zz"));
}

static void issuer_is_there_once(world *w, const char *location, const char *issuer)
{
    const char *at = strstr(location, "iss=");

    assert_non_null(at);
    assert_true(at[-1] == '?' || at[-1] == '&');
    assert_null(strstr(at + 1, "iss="));
    assert_string_equal(url_param(w, location, "iss"), issuer);
}

static char *deny(world *w, const char *query)
{
    istauth_authorization a;
    istauth_consent consent;
    istauth_str location;

    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_open(&consent, w->server, &a, ADA, BROWSER, &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_deny(&location, w->server, consent.ticket, ADA, BROWSER,
                                          &w->arena),
                     ISTAUTH_OK);
    return world_text(w, "%s", location.p);
}

static void test_az_09_az_10_every_answer_names_its_issuer_once_and_nothing_of_the_request(
    void **state)
{
    world *w = *state;
    reply *metadata = world_get(w, "/.well-known/oauth-authorization-server", NULL);
    const char *issuer = reply_str(metadata, "issuer");
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT,
                              "state=s&iss=https://evil.ex&code=x&error=e&error_description=d");
    char *answers[3];

    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(
        metadata->json, "authorization_response_iss_parameter_supported")));
    answers[0] = world_approve(w, query, NULL, NULL);
    answers[1] = deny(w, query);
    answers[2] = world_text(w, "%s", reply_header(ask_bare(w, client_id, "iss=evil&code=x&state=s"),
                                                  "location"));
    for (size_t i = 0; i < COUNT(answers); i++) {
        issuer_is_there_once(w, answers[i], issuer);
        assert_string_equal(url_param(w, answers[i], "state"), "s");
        assert_null(strstr(answers[i], "evil"));
        assert_null(strstr(answers[i], "code=x"));
    }
    assert_null(strstr(answers[0], "error"));
    assert_string_equal(url_param(w, answers[1], "error"), "access_denied");
    assert_null(strstr(answers[1], "code="));
}

static void test_az_11_prompt_none_gives_no_code_and_no_page(void **state)
{
    world *w = *state;

    refuse(w, "prompt=none", "login_required");
    refuse(w, "prompt=none%20login", "invalid_request");
    refuse(w, "prompt=none%20consent", "invalid_request");
    refuse(w, "prompt=none&prompt=none", "invalid_request");
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CONSENTED), 0);
}

static void test_a_refused_request_hands_out_why_and_where_to_alone(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, "scope=%22");
    istauth_authorization a;

    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                     ISTAUTH_E_INVALID_SCOPE);
    assert_int_equal(a.refusal, ISTAUTH_E_INVALID_SCOPE);
    assert_true(a.location.n > 0);
    assert_int_equal(a.redirect_uri.n, 0);
    assert_int_equal(a.client.client_id.n, 0);
    assert_int_equal(istauth_authorize_check(&a, w->server, ISTAUTH_STR("client_id=x"), &w->arena),
                     ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(a.refusal, ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(a.location.n, 0);
}

static void test_az_12_consent_is_asked_for_every_time(void **state)
{
    world *w = *state;
    char *client_id;

    (void)world_connect(w, "mcp", &client_id);
    for (int i = 0; i < 2; i++) {
        assert_true(ask(w, client_id, "scope=mcp")->open);
        assert_true(ask(w, client_id, "scope=mcp&prompt=consent")->open);
        (void)world_code(w, client_id, "prompt=consent");
    }
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CONSENTED), 3);
}

static void test_az_13_request_objects_are_refused(void **state)
{
    world *w = *state;

    refuse(w, "request_uri=http://127.0.0.1:1/", "request_uri_not_supported");
    refuse(w, "request_uri=urn:ietf:params:oauth:request_uri:x", "request_uri_not_supported");
    refuse(w, "request=e30.e30.", "request_not_supported");
    refuse_bare(w, "request_uri=https://c.ex/r.jwt", "request_uri_not_supported");
    refuse(w, "request=a&request=a", "invalid_request");
    /* Without any redirect URI that is known to be right there is still only a page. */
    expect_page(world_get(w, AUTHORIZE, "client_id=unknown&request_uri=http://127.0.0.1:1/"));
}

static void test_az_14_answers_travel_in_the_query_only(void **state)
{
    static const char *const modes[] = { "form_post", "fragment", "web_message", "query.jwt", "jwt",
                                         "Query",     "query%20" };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i < COUNT(modes); i++)
        refuse(w, world_text(w, "response_mode=%s", modes[i]), "invalid_request");
    assert_true(ask(w, client_id, "response_mode=query")->open);
}

static void test_az_16_a_reloaded_request_never_gives_the_old_code(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, "state=s");
    char *first, *second;

    assert_true(world_get(w, AUTHORIZE, query)->open);
    assert_true(world_get(w, AUTHORIZE, query)->open);
    first = url_param(w, world_approve(w, query, NULL, NULL), "code");
    assert_true(world_get(w, AUTHORIZE, query)->open);
    second = url_param(w, world_approve(w, query, NULL, NULL), "code");
    assert_string_not_equal(first, second);
    assert_int_equal(world_redeem(w, client_id, second)->status, 200);
    assert_int_equal(world_redeem(w, client_id, first)->status, 200);
}

static void test_az_18_unknown_scopes_are_dropped_and_the_granted_ones_returned(void **state)
{
    world *w = *state;

    expect_granted(w, "scope=mcp%20offline_access", "mcp");
    expect_granted(w, "scope=claudeai+mcp:read+email2", "mcp:read");
    expect_granted(w, "scope=openid+mcp+profile+email+offline_access",
                   "mcp openid profile email");
    expect_granted(w, "scope=MCP+mcp:read", "mcp:read");
    refuse(w, "scope=offline_access", "invalid_scope");
    refuse(w, "scope=claudeai%20email2", "invalid_scope");
    refuse(w, "scope=MCP", "invalid_scope");
    refuse(w, "scope=mcp:", "invalid_scope");
}

static void test_az_19_scopes_keep_to_their_grammar(void **state)
{
    static const char *const bad[] = { "mcp%22x", "mcp%20%22", "mcp%5C",    "mcp%09mcp:read",
                                       "mcp%0A",  "%01",       "mcp%20%7F", "mcp%C3%A9",
                                       "mcp,mcp:read%22" };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT), *many;
    reply *r;

    for (size_t i = 0; i < COUNT(bad); i++)
        refuse(w, world_text(w, "scope=%s", bad[i]), "invalid_scope");
    refuse(w, "scope=mcp,mcp:read", "invalid_scope"); /* one word, and unknown */
    expect_granted(w, "scope=mcp+mcp+mcp", "mcp");
    expect_granted(w, "scope=email+mcp:read+email+mcp", "mcp mcp:read email");
    many = world_text(w, "%10000s", "");
    for (size_t i = 0; i < 10000; i++)
        many[i] = i % 2 ? '+' : 'a';
    refuse(w, world_text(w, "scope=%s", many), "invalid_scope");
    r = ask(w, client_id, world_text(w, "scope=%s&x=%s", many, many));
    assert_int_equal(r->status, 413);
    assert_null(reply_header(r, "location"));
}

static void provision(world *w, const char *client_id, const char *scopes)
{
    istauth_str uri = ISTAUTH_STR(WORLD_CLIENT_REDIRECT);
    istauth_client client = { .client_id = istauth_str_of(client_id),
                              .origin = ISTAUTH_CLIENT_PROVISIONED,
                              .name = ISTAUTH_STR("Provisioned"),
                              .redirect_uris = { &uri, 1 },
                              .scopes = istauth_str_of(scopes),
                              .grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE |
                                             ISTAUTH_GRANT_REFRESH_TOKEN,
                              .registered_at = WORLD_START };

    assert_int_equal(w->store.ops->client_put(w->store.ctx, &client), ISTAUTH_OK);
}

static void test_az_21_the_scopes_of_a_provisioned_client_are_a_ceiling(void **state)
{
    world *w = *state;

    provision(w, "reader", "mcp:read");
    provision(w, "writer", "mcp");
    provision(w, "broken", "mcp\"");
    provision(w, "free", "");
    assert_string_equal(granted(w, "reader", "scope=mcp+mcp:read"), "mcp:read");
    assert_string_equal(granted(w, "reader", "scope="), "mcp:read");
    expect_redirect_error(ask(w, "reader", "scope=mcp&state=s"), WORLD_CLIENT_REDIRECT "?error=",
                          "invalid_scope", "s");
    expect_redirect_error(ask(w, "reader", "scope=email"), WORLD_CLIENT_REDIRECT "?error=",
                          "invalid_scope", NULL);
    assert_string_equal(granted(w, "writer", "scope=mcp:read"), "mcp:read");
    assert_string_equal(granted(w, "writer", "scope=mcp+email"), "mcp");
    expect_redirect_error(ask(w, "broken", "scope=mcp"), WORLD_CLIENT_REDIRECT "?error=",
                          "invalid_scope", NULL);
    assert_string_equal(granted(w, "free", "scope=mcp"), "mcp");
}

/* Decided: it is self-asserted, and clients step up under the same client_id. */
static void test_az_21_the_scope_that_a_client_registered_itself_is_no_ceiling(void **state)
{
    world *w = *state;
    reply *r = world_post_json(w, "/api/oauth/register",
                               "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"],"
                               "\"scope\":\"mcp:read\"}");

    assert_string_equal(granted(w, world_text(w, "%s", reply_str(r, "client_id")), "scope=mcp"),
                        "mcp");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_az_02_only_the_response_type_code_exists),
        CASE(test_az_04_an_empty_parameter_is_an_absent_one),
        CASE(test_az_04_the_registered_scope_is_the_default),
        CASE(test_az_05_unknown_parameters_are_ignored),
        CASE(test_az_06_only_get_is_answered),
        CASE(test_az_07_a_state_comes_back_byte_for_byte),
        CASE(test_az_07_a_state_that_is_too_long_or_malformed_is_not_returned),
        CASE(test_az_09_az_10_every_answer_names_its_issuer_once_and_nothing_of_the_request),
        CASE(test_az_11_prompt_none_gives_no_code_and_no_page),
        CASE(test_a_refused_request_hands_out_why_and_where_to_alone),
        CASE(test_az_12_consent_is_asked_for_every_time),
        CASE(test_az_13_request_objects_are_refused),
        CASE(test_az_14_answers_travel_in_the_query_only),
        CASE(test_az_16_a_reloaded_request_never_gives_the_old_code),
        CASE(test_az_18_unknown_scopes_are_dropped_and_the_granted_ones_returned),
        CASE(test_az_19_scopes_keep_to_their_grammar),
        CASE(test_az_21_the_scopes_of_a_provisioned_client_are_a_ceiling),
        CASE(test_az_21_the_scope_that_a_client_registered_itself_is_no_ceiling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
