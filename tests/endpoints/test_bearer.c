/* The resource server's side: who is let in, and what everyone else is told. */
#include "support/person.h"

#include <stdlib.h>

#define OTHER "https://as.example/other"
#define METADATA "resource_metadata=\"https://as.example/.well-known/oauth-protected-resource"

static istauth_status verify(world *w, istauth_access *access, const char *header, size_t n,
                             const char *resource)
{
    char *exact = malloc(n ? n : 1); /* no NUL behind it */
    istauth_status st;

    assert_non_null(exact);
    if (n)
        memcpy(exact, header, n);
    st = istauth_verify(access, w->server, (istauth_str){ exact, n }, istauth_str_of(resource),
                        &w->arena);
    free(exact);
    return st;
}

static istauth_status verify_text(world *w, const char *header)
{
    istauth_access access;

    return verify(w, &access, header, strlen(header), NULL);
}

typedef struct denial {
    int status;
    const char *challenge; /* NULL: none */
    const char *body;
    istauth_response response;
} denial;

static denial deny_call(world *w, const char *resource, istauth_status why, const char *scope)
{
    denial d = { 0, NULL, NULL, { 0 } };
    size_t challenges = 0;

    istauth_denial(&d.response, w->server, istauth_str_of(resource), why, istauth_str_of(scope),
                   &w->arena);
    for (size_t i = 0; i < d.response.header_count; i++)
        if (istauth_str_equal(d.response.headers[i].name, ISTAUTH_STR("WWW-Authenticate"))) {
            challenges++;
            d.challenge = d.response.headers[i].value.p;
        }
    assert_true(challenges <= 1); /* VS Code and the SDKs look at one */
    d.status = d.response.status;
    d.body = d.response.body.p;
    return d;
}

static bool has_header(const istauth_response *r, const char *name, const char *value)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (istauth_str_equal(r->headers[i].name, istauth_str_of(name)))
            return istauth_str_equal(r->headers[i].value, istauth_str_of(value));
    return false;
}

/* --- challenges, byte for byte --- */

static void test_be_01_be_03_without_a_token(void **state)
{
    denial d = deny_call(*state, NULL, verify_text(*state, ""), NULL);

    assert_int_equal(d.status, 401);
    assert_string_equal(d.challenge, "Bearer " METADATA "/mcp\", scope=\"mcp\"");
    assert_true(has_header(&d.response, "Access-Control-Allow-Origin", "*"));
    assert_true(has_header(&d.response, "Cache-Control", "no-store"));
    assert_true(has_header(&d.response, "Access-Control-Expose-Headers",
                           "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After"));
}

static void test_be_03_with_a_bad_token(void **state)
{
    denial d = deny_call(*state, NULL, verify_text(*state, "Bearer nonsense"), NULL);

    assert_int_equal(d.status, 401);
    assert_string_equal(d.challenge,
                        "Bearer error=\"invalid_token\", " METADATA "/mcp\", scope=\"mcp\", "
                        "error_description=\"The access token is invalid or expired\"");
    assert_string_equal(d.body, "{\"error\":\"invalid_token\",\"error_description\":"
                                "\"The access token is invalid or expired\"}");
}

static void test_be_03_with_too_small_a_scope(void **state)
{
    denial d = deny_call(*state, NULL, ISTAUTH_E_INSUFFICIENT_SCOPE, "mcp");

    assert_int_equal(d.status, 403);
    assert_string_equal(
        d.challenge,
        "Bearer error=\"insufficient_scope\", " METADATA "/mcp\", scope=\"mcp\", "
        "error_description=\"The access token was not granted the scope that this needs\"");
}

static void test_be_03_no_challenge_where_no_token_would_help(void **state)
{
    static const struct {
        istauth_status why;
        int status;
    } rows[] = {
        { ISTAUTH_E_WORKSPACE_NOT_GRANTED, 403 }, { ISTAUTH_E_UNAVAILABLE, 503 },
        { ISTAUTH_E_NO_MEMORY, 503 },             { ISTAUTH_E_CLOCK, 500 },
        { ISTAUTH_E_INTERNAL, 500 },              { (istauth_status)17, 500 },
        { ISTAUTH_E_TOO_MANY_REQUESTS, 429 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        denial d = deny_call(*state, NULL, rows[i].why, "mcp");

        assert_int_equal(d.status, rows[i].status);
        assert_null(d.challenge);
        assert_true(has_header(&d.response, "Access-Control-Allow-Origin", "*"));
        assert_true((rows[i].status == 503) == has_header(&d.response, "Retry-After", "5"));
    }
}

static void test_be_03_a_mistake_of_the_hosts_is_500(void **state)
{
    denial d = deny_call(*state, NULL, ISTAUTH_OK, NULL);

    assert_int_equal(d.status, 500);
    assert_null(d.challenge);
    assert_non_null(strstr(d.body, "\"server_error\""));
    d = deny_call(*state, "https://not.configured/", ISTAUTH_E_NO_CREDENTIALS, NULL);
    assert_int_equal(d.status, 500);
    assert_null(d.challenge);
}

static world *world_of_two(void)
{
    world *w = world_new();

    w->config.resource_count = 2;
    world_open(w);
    return w;
}

static void test_be_01_a_challenge_names_the_resource_that_was_called(void **state)
{
    world *w = world_of_two();

    (void)state;
    assert_string_equal(deny_call(w, OTHER, ISTAUTH_E_NO_CREDENTIALS, "mcp:read").challenge,
                        "Bearer " METADATA "/other\", scope=\"mcp:read\"");
    assert_string_equal(deny_call(w, WORLD_RESOURCE, ISTAUTH_E_NO_CREDENTIALS, "").challenge,
                        "Bearer " METADATA "/mcp\", scope=\"mcp\"");
    world_free(w);
}

static void test_be_01_the_hosts_challenge_scope_is_asked_for(void **state)
{
    world *w = world_new();

    (void)state;
    w->config.challenge_scope = ISTAUTH_STR("mcp:read mcp");
    world_open(w);
    assert_string_equal(deny_call(w, NULL, ISTAUTH_E_NO_CREDENTIALS, NULL).challenge,
                        "Bearer " METADATA "/mcp\", scope=\"mcp:read mcp\"");
    world_free(w);
}

static void test_be_16_nothing_can_be_smuggled_into_a_challenge(void **state)
{
    static const char *const scopes[] = { "a\"b", "a\\b", "a\r\nX: y", "a\nb", "\x7F", "\xC3\xA9",
                                          "\x01" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(scopes); i++) {
        istauth_str value = { NULL, 0 };
        denial d;

        assert_int_equal(istauth_challenge_for(&value, w->server, istauth_str_of(NULL),
                                               ISTAUTH_E_NO_CREDENTIALS,
                                               istauth_str_of(scopes[i]), &w->arena),
                         ISTAUTH_E_ARGUMENT);
        assert_null(value.p);
        d = deny_call(w, NULL, ISTAUTH_E_NO_CREDENTIALS, scopes[i]);
        assert_int_equal(d.status, 500);
        assert_null(d.challenge);
    }
}

static void test_be_16_a_configuration_that_would_need_an_escape_is_refused(void **state)
{
    static const char *const resources[] = { "https://as.example/m\"cp", "https://as.example/m\\cp",
                                             "https://as.example/m\r\ncp",
                                             "https://as.example/mcp?x=\"" };
    world *w = world_new();
    istauth_server *server = NULL;
    istauth_scope scope = { ISTAUTH_STR("a\"b"), ISTAUTH_STR("x"), ISTAUTH_STR(""), 0 };

    (void)state;
    world_open(w);
    for (size_t i = 0; i < COUNT(resources); i++) {
        w->resources[0].identifier = istauth_str_of(resources[i]);
        assert_int_equal(istauth_server_new(&server, &w->config, NULL), ISTAUTH_E_CONFIG);
    }
    w->resources[0].identifier = ISTAUTH_STR(WORLD_RESOURCE);
    w->config.scopes = &scope;
    w->config.scope_count = 1;
    assert_int_equal(istauth_server_new(&server, &w->config, NULL), ISTAUTH_E_CONFIG);
    assert_null(server);
    world_free(w);
}

/* --- the header --- */

static void test_be_02_the_schemes_case_does_not_matter(void **state)
{
    static const char *const schemes[] = { "Bearer", "bearer", "BEARER", "bEaReR" };
    world *w = *state;
    connection c = connect_app(w, "mcp");

    for (size_t i = 0; i < COUNT(schemes); i++)
        assert_int_equal(verify_text(w, world_text(w, "%s %s", schemes[i], c.access)),
                         ISTAUTH_OK);
    assert_int_equal(verify_text(w, world_text(w, "Bearerx %s", c.access)),
                     ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(verify_text(w, world_text(w, "Token %s", c.access)),
                     ISTAUTH_E_NO_CREDENTIALS);
    assert_int_equal(verify_text(w, c.access), ISTAUTH_E_NO_CREDENTIALS);
}

static void test_be_04_malformed_headers_prove_nothing(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "mcp");
    const char *const headers[] = {
        "Bearer",
        "Bearer ",
        "Bearer  ",
        world_text(w, "Bearer  %s", c.access),
        world_text(w, "Bearer %s ", c.access),
        world_text(w, "Bearer\t%s", c.access),
        world_text(w, "Bearer %s\t", c.access),
        world_text(w, "Bearer %s %s", c.access, c.access),
        world_text(w, "Bearer %s,%s", c.access, c.access),
        world_text(w, "Bearer %s, Bearer %s", c.access, c.access),
        world_text(w, "Bearer \"%s\"", c.access),
        world_text(w, "Bearer %s\r\nX: y", c.access),
        world_text(w, "Bearer %s\x80", c.access),
        world_text(w, "Bearer \xC3\xA9%s", c.access),
        world_text(w, "Bearer =%s", c.access),
        world_text(w, "Bearer %s=", c.access),
        world_text(w, "Bearer %s+", c.access),
        world_text(w, "Bearer %065536d", 0),
        "Bearer a b",
        "Bearer a,b",
        "Bearer !",
    };
    istauth_access access;
    char *nul = world_text(w, "Bearer %s.", c.access);
    size_t n = strlen(nul);

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(headers); i++)
        if (verify_text(w, headers[i]) != ISTAUTH_E_INVALID_TOKEN)
            fail_msg("%.100s: %s", headers[i], istauth_status_name(verify_text(w, headers[i])));
    nul[n - 1] = '\0';
    assert_int_equal(verify(w, &access, nul, n, NULL), ISTAUTH_E_INVALID_TOKEN);
    nul[10] = '\0';
    assert_int_equal(verify(w, &access, nul, n, NULL), ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0); /* no garbage reaches the store */
    assert_true(opens(w, c.access));
}

static istauth_status verify_request(world *w, const char *headers, const char *query)
{
    istauth_str lines = istauth_str_of(headers);
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_access access;

    request.method = ISTAUTH_STR("POST");
    request.path = ISTAUTH_STR("/mcp");
    request.query = istauth_str_of(query);
    request.body = istauth_str_of(query);
    request.address = ISTAUTH_STR("192.0.2.99");
    request.header = istauth_raw_header;
    request.ctx = &lines;
    return istauth_verify_request(&access, w->server, &request, istauth_str_of(NULL), &w->arena);
}

static void test_be_04_two_headers_are_one_too_many(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *one = bearer_line(w, c.access);

    assert_int_equal(verify_request(w, one, NULL), ISTAUTH_OK);
    assert_int_equal(verify_request(w, world_text(w, "%s%s", one, one), NULL),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(verify_request(w, world_text(w, "%sAuthorization: Basic eDp5\r\n", one), NULL),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(verify_request(w, world_text(w, "Authorization:\r\n%s", one), NULL),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_VERIFICATION_DENIED), 3);
    assert_non_null(strstr(w->log, "192.0.2.99"));
}

/* RFC 6750 2.2 and 2.3 are not for MCP: a URL ends up in logs. */
/* MCP forbids both. Userinfo is no MCP endpoint: there OpenID Connect Core 5.3.1 lets a POST carry the token
 * in its form. */
static void test_be_06_a_token_in_the_query_or_the_body_is_not_seen(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "openid");
    char *query = world_text(w, "access_token=%s", c.access);
    reply *r;

    assert_int_equal(verify_request(w, "X-Authorization: x\r\n", query), ISTAUTH_E_NO_CREDENTIALS);
    r = world_call(w, "GET", "/api/oauth/userinfo", query, NULL, NULL, 0);
    expect_error(r, 401, "invalid_token");
    r = world_call(w, "POST", "/api/oauth/userinfo", query, FORM, NULL, 0);
    expect_error(r, 401, "invalid_token");
    r = world_call(w, "GET", "/api/oauth/userinfo", NULL, FORM, query, strlen(query));
    expect_error(r, 401, "invalid_token");
    r = world_call(w, "POST", "/api/oauth/userinfo", NULL, "Content-Type: text/plain\r\n", query,
                   strlen(query));
    expect_error(r, 401, "invalid_token");
    assert_null(strstr(w->log, c.access));
}

/* --- the token --- */

static char *unknown_token(world *w, const char *prefix, istauth_token_kind kind)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { 7 };
    char text[ISTAUTH_TOKEN_SIZE];
    istauth_key key;

    assert_int_equal(istauth_token_mint(text, &key, kind, istauth_str_of(prefix), random),
                     ISTAUTH_OK);
    return world_text(w, "%s", text);
}

static void test_be_08_every_bad_token_gets_the_same_answer(void **state)
{
    world *w = world_of_two();
    connection revoked = connect_app(w, "mcp"), expired = connect_app(w, "mcp"), other;
    const char *headers[5];
    denial first = { 0, NULL, NULL, { 0 } };

    (void)state;
    (void)world_post_form(w, "/api/oauth/revoke",
                          world_text(w, "client_id=%s&token=%s", revoked.client_id,
                                     revoked.refresh));
    w->now += 3600;
    other = connect_again(w, revoked.client_id, "resource=https://as.example/other");
    headers[0] = revoked.access;
    headers[1] = expired.access;
    headers[2] = other.access;
    headers[3] = unknown_token(w, "ist", ISTAUTH_TOKEN_ACCESS);
    headers[4] = other.refresh;
    for (size_t i = 0; i < COUNT(headers); i++) {
        denial d = deny_call(w, WORLD_RESOURCE,
                             verify_text(w, world_text(w, "Bearer %s", headers[i])), NULL);

        if (!i)
            first = d;
        assert_int_equal(d.status, 401);
        assert_string_equal(d.challenge, first.challenge);
        assert_string_equal(d.body, first.body);
        assert_int_equal(d.response.header_count, first.response.header_count);
    }
    world_free(w);
}

static void test_be_08_a_token_ends_at_its_second(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    w->now += 3599;
    assert_true(opens(w, c.access));
    w->now += 1;
    assert_false(opens(w, c.access));
}

static void test_be_09_a_token_opens_the_resource_it_was_issued_for_and_no_other(void **state)
{
    world *w = world_of_two();
    connection mcp = connect_app(w, "mcp");
    connection other = connect_again(w, mcp.client_id, "resource=https://as.example/other");
    istauth_access access;
    char *header = world_text(w, "Bearer %s", mcp.access);

    (void)state;
    assert_int_equal(verify(w, &access, header, strlen(header), WORLD_RESOURCE), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.resource, ISTAUTH_STR(WORLD_RESOURCE)));
    assert_int_equal(verify(w, &access, header, strlen(header), OTHER), ISTAUTH_E_INVALID_TOKEN);
    header = world_text(w, "Bearer %s", other.access);
    assert_int_equal(verify(w, &access, header, strlen(header), OTHER), ISTAUTH_OK);
    assert_int_equal(verify(w, &access, header, strlen(header), NULL), ISTAUTH_E_INVALID_TOKEN);
    world_free(w);
}

static void test_be_09_a_resource_that_is_no_longer_configured_opens_nothing(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");

    w->resources[0].identifier = ISTAUTH_STR("https://as.example/mcp2");
    world_reopen(w);
    assert_false(opens(w, c.access));
    expect_error(world_refresh(w, c.client_id, c.refresh), 400, "invalid_grant");
    w->resources[0].identifier = ISTAUTH_STR(WORLD_RESOURCE);
    world_reopen(w);
    assert_true(opens(w, c.access));
}

/* The tolerance is at the client's parameter (RI); what a host names is its own configuration. */
static void test_be_10_a_host_names_a_resource_as_it_configured_it(void **state)
{
    static const char *const wrong[] = { "https://as.example/mcp/", "https://as.example/mcpx",
                                         "https://as.example/mc", "HTTPS://as.example/mcp",
                                         "https://as.example/mcp/../x", "https://as.example" };
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *header = world_text(w, "Bearer %s", c.access);
    istauth_access access = { 0 };

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(verify(w, &access, header, strlen(header), wrong[i]),
                         ISTAUTH_E_ARGUMENT);
    assert_int_equal(access.subject.n, 0);
}

static void test_be_10_a_token_asked_for_with_a_slash_opens_the_resource(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);

    assert_true(opens(w, connect_again(w, client, "resource=https://as.example/mcp/").access));
}

/* --- scopes and workspaces --- */

static istauth_access access_of(world *w, const char *token)
{
    istauth_access access;

    assert_int_equal(world_verify(w, &access, token), ISTAUTH_OK);
    return access;
}

static istauth_status may(world *w, const istauth_access *access, const char *scope,
                          const char *workspace)
{
    return istauth_access_check(access, w->server, istauth_str_of(scope),
                                istauth_str_of(workspace));
}

static void test_be_12_mcp_includes_mcp_read_and_nothing_includes_mcp(void **state)
{
    world *w = *state;
    istauth_access all = access_of(w, connect_app(w, "mcp").access);
    istauth_access read = access_of(w, connect_app(w, "mcp:read").access);
    istauth_access openid = access_of(w, connect_app(w, "openid profile email").access);

    assert_int_equal(may(w, &all, "mcp", NULL), ISTAUTH_OK);
    assert_int_equal(may(w, &all, "mcp:read", NULL), ISTAUTH_OK);
    assert_int_equal(may(w, &all, "mcp mcp:read", NULL), ISTAUTH_OK);
    assert_int_equal(may(w, &read, "mcp:read", NULL), ISTAUTH_OK);
    assert_int_equal(may(w, &read, "mcp", NULL), ISTAUTH_E_INSUFFICIENT_SCOPE);
    assert_int_equal(may(w, &read, "mcp mcp:read", NULL), ISTAUTH_E_INSUFFICIENT_SCOPE);
    assert_int_equal(may(w, &openid, "mcp:read", NULL), ISTAUTH_E_INSUFFICIENT_SCOPE);
    assert_int_equal(may(w, &all, "openid", NULL), ISTAUTH_E_INSUFFICIENT_SCOPE);
}

static void test_be_12_names_match_whole_and_by_case(void **state)
{
    static const char *const wrong[] = { "MCP", "xmcp", "mcpx", "mcp:read2", "mcp:", "mc", "mcp*",
                                         "mcp:write", "mcp,mcp:read", "mcp  mcp:read", "mcp ",
                                         "mcp\tmcp:read", "*" };
    world *w = *state;
    istauth_access all = access_of(w, connect_app(w, "mcp mcp:read").access);

    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(may(w, &all, wrong[i], NULL), ISTAUTH_E_INSUFFICIENT_SCOPE);
}

static void test_be_12_a_workspace_matches_whole_and_by_case(void **state)
{
    static const char *const wrong[] = { "ws_home", "ws_navy", "WS_ENGINE", "ws_engine ", "ws_",
                                         "ws_engin", "ws_engine/../ws_home", "%", "*",
                                         "ws_engine ws_notes" };
    world *w = *state;
    istauth_access access = access_of(w, connect_app(w, "mcp").access);

    assert_int_equal(may(w, &access, "mcp", "ws_engine"), ISTAUTH_OK);
    assert_int_equal(may(w, &access, NULL, "ws_notes"), ISTAUTH_OK);
    assert_int_equal(may(w, &access, NULL, NULL), ISTAUTH_OK);
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(may(w, &access, "mcp", wrong[i]), ISTAUTH_E_WORKSPACE_NOT_GRANTED);
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("mcp"),
                                          ISTAUTH_STR("ws_engine\0")),
                     ISTAUTH_E_WORKSPACE_NOT_GRANTED);
}

static void test_be_12_with_verify_workspace_the_host_has_the_last_word(void **state)
{
    world *w = *state;
    istauth_access access = access_of(w, connect_app(w, "mcp").access);

    w->lost_engine = true;
    assert_int_equal(may(w, &access, "mcp", "ws_engine"), ISTAUTH_OK); /* until the next refresh */
    w->config.hooks.verify_workspace = true;
    world_reopen(w);
    assert_int_equal(may(w, &access, "mcp", "ws_engine"), ISTAUTH_E_WORKSPACE_NOT_GRANTED);
    assert_int_equal(may(w, &access, "mcp", "ws_notes"), ISTAUTH_OK);
    w->workspaces_status = ISTAUTH_E_UNAVAILABLE;
    assert_int_equal(may(w, &access, "mcp", "ws_notes"), ISTAUTH_E_UNAVAILABLE);
    w->workspaces_status = (istauth_status)17;
    assert_int_equal(may(w, &access, "mcp", "ws_notes"), ISTAUTH_E_INTERNAL);
    assert_int_equal(may(w, &access, "openid", "ws_notes"), ISTAUTH_E_INSUFFICIENT_SCOPE);
}

/* An access token is for the resource: nothing in the library takes one as its owner's word. */
static void test_be_14_an_access_token_answers_no_consent(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp openid");
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL);
    istauth_consent page = open_page(w, query, ADA, BROWSER);
    char *location;

    assert_int_equal(approve(w, &location, page.ticket,
                             (answer){ ADA, istauth_str_of(c.access), NULL, "ws_engine" }),
                     ISTAUTH_E_TICKET);
    assert_int_equal(approve(w, &location, istauth_str_of(c.access), ADA_SAYS_YES),
                     ISTAUTH_E_TICKET);
    expect_error(world_call(w, "POST", "/api/oauth/token", NULL,
                            world_text(w, FORM "%s", bearer_line(w, c.access)),
                            "grant_type=refresh_token&refresh_token=x", 40),
                 401, "invalid_client");
    assert_true(world_call(w, "GET", "/oauth/authorize", query, bearer_line(w, c.access), NULL, 0)
                    ->open); /* no shortcut past the page */
}

/* Whoever binds an MCP session to an access keys it by these (CVE-2026-52869). */
static void test_be_15_an_access_names_its_owner_the_same_way_for_ever(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp"), again = connect_again(w, c.client_id, NULL);
    reply *second = world_refresh(w, c.client_id, c.refresh);
    istauth_access a = access_of(w, c.access), b, other = access_of(w, again.access);

    w->now += 100;
    b = access_of(w, reply_str(second, "access_token"));
    assert_true(istauth_str_equal(a.subject, b.subject));
    assert_true(istauth_str_equal(a.client_id, b.client_id));
    assert_string_equal(a.grant_id.text, b.grant_id.text);
    assert_int_equal(strlen(a.grant_id.text), 32);
    assert_string_not_equal(a.grant_id.text, other.grant_id.text);
    assert_true(istauth_str_equal(a.client_id, other.client_id));
}

/* --- trouble of ours is never a 401 --- */

static void test_be_17_a_store_that_fails_is_503_and_no_challenge(void **state)
{
    static const istauth_status answers[] = { ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY,
                                              ISTAUTH_E_SPENT, ISTAUTH_E_INVALID_TOKEN,
                                              ISTAUTH_E_NO_CREDENTIALS, (istauth_status)17 };
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp openid");

    for (size_t i = 0; i < COUNT(answers); i++) {
        istauth_access access = { 0 };
        istauth_status st;
        denial d;

        plan_fault(f, ISTAUTH_STORE_TOKEN_GET, 1, answers[i], ISTAUTH_FAULT_ONCE);
        st = world_verify(f->w, &access, c.access);
        d = deny_call(f->w, NULL, st, NULL);
        assert_int_equal(d.status, i < 2 ? 503 : 500);
        assert_null(d.challenge);
        assert_int_equal(access.subject.n, 0); /* untouched */
        assert_true(opens(f->w, c.access));
    }
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_VERIFICATION_DENIED), 0);
}

static void test_be_17_a_clock_that_fails_is_500(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    istauth_access access;

    w->clock_status = ISTAUTH_E_CLOCK;
    assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_E_CLOCK);
    assert_int_equal(deny_call(w, NULL, ISTAUTH_E_CLOCK, NULL).status, 500);
}

static void test_be_17_without_memory_for_a_challenge_it_is_503(void **state)
{
    world *w = *state;
    istauth_response response;
    istauth_arena none;

    istauth_arena_init(&none, NULL, 0, NULL, 0);
    istauth_denial(&response, w->server, istauth_str_of(NULL), ISTAUTH_E_INVALID_TOKEN,
                   istauth_str_of(NULL), &none);
    assert_int_equal(response.status, 503);
    assert_true(has_header(&response, "Access-Control-Allow-Origin", "*"));
    assert_false(has_header(&response, "WWW-Authenticate", ""));
    assert_true(istauth_str_equal(response.body,
                                  ISTAUTH_STR("{\"error\":\"temporarily_unavailable\"}")));
}

static void test_be_19_a_preflight_needs_no_token(void **state)
{
    istauth_response r;

    (void)state;
    istauth_response_preflight(&r, "GET, POST, DELETE, OPTIONS");
    assert_int_equal(r.status, 204);
    assert_int_equal(r.body.n, 0);
    assert_true(has_header(&r, "Access-Control-Allow-Origin", "*"));
    assert_true(has_header(&r, "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS"));
    assert_true(has_header(&r, "Access-Control-Allow-Headers",
                           "Authorization, Content-Type, Accept, MCP-Protocol-Version, "
                           "Mcp-Session-Id, Mcp-Method, Mcp-Name, Last-Event-ID"));
}

static size_t count_header(const istauth_response *r, const char *name)
{
    size_t count = 0;

    for (size_t i = 0; i < r->header_count; i++)
        count += istauth_str_equal(r->headers[i].name, istauth_str_of(name));
    return count;
}

static void test_be_19_cors_is_said_once_however_often_it_is_added(void **state)
{
    world *w = *state;
    istauth_response r;

    istauth_denial(&r, w->server, ISTAUTH_STR(""), ISTAUTH_E_NO_CREDENTIALS, ISTAUTH_STR(""), &w->arena);
    istauth_response_add_cors(&r);
    assert_int_equal(count_header(&r, "Access-Control-Allow-Origin"), 1);
    istauth_response_init(&r, 200, NULL, ISTAUTH_STR(""));
    assert_int_equal(count_header(&r, "Access-Control-Allow-Origin"), 0);
    istauth_response_add_cors(&r);
    istauth_response_add_cors(&r);
    assert_int_equal(count_header(&r, "Access-Control-Allow-Origin"), 1);
    assert_int_equal(count_header(&r, "Access-Control-Expose-Headers"), 1);
}

static void test_ht_04_a_response_of_the_hosts_own_begins_like_every_other(void **state)
{
    istauth_response r;

    (void)state;
    istauth_response_init(&r, 418, "text/plain", ISTAUTH_STR("tea"));
    assert_int_equal(r.status, 418);
    assert_true(istauth_str_equal(r.body, ISTAUTH_STR("tea")));
    assert_true(has_header(&r, "Content-Type", "text/plain"));
    assert_true(has_header(&r, "Cache-Control", "no-store"));
    assert_true(has_header(&r, "X-Content-Type-Options", "nosniff"));
    istauth_response_init(&r, 404, NULL, ISTAUTH_STR(""));
    assert_int_equal(r.header_count, 2);
    istauth_response_init(&r, 200, "text/plain\r\nX: y", ISTAUTH_STR("tea"));
    assert_int_equal(r.status, 500);
    assert_int_equal(r.body.n, 0);
}

static istauth_request call_of(const char *method, istauth_str *lines)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;

    request.method = istauth_str_of(method);
    request.path = ISTAUTH_STR("/mcp");
    request.header = istauth_raw_header;
    request.ctx = lines;
    return request;
}

static const char *challenge_of(const istauth_response *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (istauth_str_equal(r->headers[i].name, ISTAUTH_STR("WWW-Authenticate")))
            return r->headers[i].value.p;
    fail_msg("no challenge");
    return "";
}

static void test_be_01_one_call_protects_an_endpoint_and_one_a_tool(void **state)
{
    world *w = *state;
    istauth_str lines = ISTAUTH_STR_INIT(""), none = { NULL, 0 };
    istauth_request request = call_of("POST", &lines), preflight = call_of("OPTIONS", &lines);
    istauth_access access;
    istauth_response r;

    assert_false(istauth_protect(&r, &access, w->server, &preflight, none, &w->arena));
    assert_int_equal(r.status, 204);
    assert_false(istauth_protect(&r, &access, w->server, &request, none, &w->arena));
    assert_int_equal(r.status, 401);
    assert_int_equal(count_header(&r, "WWW-Authenticate"), 1);
    lines = istauth_str_of(bearer_line(w, connect_app(w, "mcp:read").access));
    assert_false(istauth_protect(&r, &access, w->server, &request, ISTAUTH_STR("https://as.example/x"), &w->arena));
    assert_int_equal(r.status, 500);
    memset(&r, 0x5A, sizeof(r));
    assert_true(istauth_protect(&r, &access, w->server, &request, none, &w->arena));
    assert_true(istauth_permit(&r, &access, w->server, ISTAUTH_STR("mcp:read"), ISTAUTH_STR("ws_engine"), &w->arena));
    assert_int_equal(r.status, 0x5A5A5A5A); /* nothing to say */
    assert_false(istauth_permit(&r, &access, w->server, ISTAUTH_STR("mcp"), ISTAUTH_STR("ws_engine"), &w->arena));
    assert_int_equal(r.status, 403);
    assert_non_null(strstr(challenge_of(&r), "error=\"insufficient_scope\""));
    assert_non_null(strstr(challenge_of(&r), "scope=\"mcp\""));
    assert_false(istauth_permit(&r, &access, w->server, ISTAUTH_STR("mcp:read"), ISTAUTH_STR("ws_home"), &w->arena));
    assert_int_equal(r.status, 403);
    assert_int_equal(count_header(&r, "WWW-Authenticate"), 0);
}

static void test_ht_04_header_lines_are_as_they_go_over_the_wire(void **state)
{
    world *w = *state;
    istauth_str lines;
    istauth_response r;
    istauth_arena none;

    istauth_response_init(&r, 200, "a/b", ISTAUTH_STR("x"));
    assert_int_equal(istauth_response_lines(&lines, &r, &w->arena), ISTAUTH_OK);
    assert_string_equal(lines.p, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                                 "Content-Type: a/b\r\n");
    r.header_count = 0;
    assert_int_equal(istauth_response_lines(&lines, &r, &w->arena), ISTAUTH_OK);
    assert_string_equal(lines.p, "");
    istauth_arena_init(&none, NULL, 0, NULL, 0);
    assert_int_equal(istauth_response_lines(&lines, &r, &none), ISTAUTH_E_NO_MEMORY);
    assert_string_equal(lines.p, "");
}

static void test_be_20_another_prefix_or_kind_costs_no_look_at_the_store(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "mcp");
    char *code = world_code(w, c.client_id, NULL);
    char *flipped = world_text(w, "%s", c.access);
    const char *const tokens[] = {
        c.refresh,
        code,
        unknown_token(w, "xyz", ISTAUTH_TOKEN_ACCESS),
        unknown_token(w, "is", ISTAUTH_TOKEN_ACCESS),
        world_text(w, "IST%s", c.access + 3),
        world_text(w, "ist_AT%s", c.access + 6),
        world_text(w, "ist-at-%s", c.access + 7),
        world_text(w, "%s0", c.access),
        world_text(w, "%.*s", (int)strlen(c.access) - 1, c.access),
        world_text(w, "ist_pt_%s", c.access + 7),
        c.access + 1,
        flipped,
    };

    flipped[20] = flipped[20] == 'A' ? 'B' : 'A'; /* the checksum sees it */
    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(tokens); i++)
        assert_int_equal(verify_text(w, world_text(w, "Bearer %s", tokens[i])),
                         ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    assert_int_equal(verify_text(w, world_text(w, "Bearer %s",
                                               unknown_token(w, "ist", ISTAUTH_TOKEN_ACCESS))),
                     ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_TOKEN_GET), 1);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 1);
}

/* --- personal tokens --- */

static void test_be_21_a_personal_token_is_held_to_the_same_rules(void **state)
{
    world *w = *state;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("Script"),
                                   .scopes = ISTAUTH_STR("mcp:read"),
                                   .workspaces = word_list(w, "ws_engine"),
                                   .expires_at = WORLD_START + 10 };
    istauth_access access;
    istauth_id id;
    char *token;

    assert_int_equal(make_personal(w, &token, &id, ADA, &wish), ISTAUTH_OK);
    assert_int_equal(strncmp(token, "ist_pt_", 7), 0);
    access = access_of(w, token);
    assert_int_equal(access.kind, ISTAUTH_TOKEN_PERSONAL);
    assert_int_equal(access.client_id.n, 0);
    assert_int_equal(access.expires_at, WORLD_START + 10);
    assert_int_equal(may(w, &access, "mcp:read", "ws_engine"), ISTAUTH_OK);
    assert_int_equal(may(w, &access, "mcp", "ws_engine"), ISTAUTH_E_INSUFFICIENT_SCOPE);
    assert_int_equal(may(w, &access, "mcp:read", "ws_notes"), ISTAUTH_E_WORKSPACE_NOT_GRANTED);
    w->now += 9;
    assert_true(opens(w, token));
    w->now += 1;
    assert_false(opens(w, token));
}

static void test_be_21_one_without_an_end_lives_until_it_is_deleted(void **state)
{
    world *w = *state;
    istauth_id id;
    char *token = personal_token(w, &id, "mcp");
    istauth_access access;
    size_t removed;

    w->now += 90LL * 365 * 86400;
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    access = access_of(w, token);
    assert_int_equal(access.expires_at, 0);
    assert_int_equal(istauth_personal_token_revoke(w->server, ADA, istauth_id_str(&id)),
                     ISTAUTH_OK);
    assert_false(opens(w, token));
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    assert_false(opens(w, token));
}

static void test_be_21_a_lost_workspace_is_lost_to_a_personal_token_too(void **state)
{
    world *w = *state;
    istauth_id id;
    char *token = personal_token(w, &id, "mcp");
    istauth_access access = access_of(w, token);
    size_t changed;

    w->config.hooks.verify_workspace = true;
    world_reopen(w);
    w->lost_engine = true;
    assert_int_equal(may(w, &access, "mcp", "ws_engine"), ISTAUTH_E_WORKSPACE_NOT_GRANTED);
    assert_int_equal(istauth_workspace_remove(&changed, w->server, ADA, ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    assert_int_equal(changed, 1);
    access = access_of(w, token);
    assert_int_equal(access.workspaces.count, 1);
    assert_int_equal(may(w, &access, "mcp", "ws_notes"), ISTAUTH_OK);
}

static void test_be_21_a_personal_token_has_another_audience_elsewhere(void **state)
{
    world *w = world_of_two();
    istauth_personal_wish wish = { .name = ISTAUTH_STR("Script"),
                                   .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = word_list(w, "ws_engine"),
                                   .resource = ISTAUTH_STR(OTHER) };
    istauth_access access;
    istauth_id id;
    char *token, *header;

    (void)state;
    assert_int_equal(make_personal(w, &token, &id, ADA, &wish), ISTAUTH_OK);
    header = world_text(w, "Bearer %s", token);
    assert_int_equal(verify(w, &access, header, strlen(header), OTHER), ISTAUTH_OK);
    assert_int_equal(verify(w, &access, header, strlen(header), WORLD_RESOURCE),
                     ISTAUTH_E_INVALID_TOKEN);
    wish.resource = ISTAUTH_STR("https://as.example/nope");
    assert_int_equal(make_personal(w, &token, &id, ADA, &wish), ISTAUTH_E_INVALID_TARGET);
    world_free(w);
}

static void test_be_22_a_personal_token_opens_no_oauth_endpoint(void **state)
{
    world *w = *state;
    istauth_id id;
    char *token = personal_token(w, &id, "mcp openid profile email");
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client, WORLD_CLIENT_REDIRECT, NULL), *location;
    istauth_str ticket = open_ticket(w, query);
    reply *r = world_call(w, "GET", "/api/oauth/userinfo", NULL, bearer_line(w, token), NULL, 0);

    expect_error(r, 401, "invalid_token");
    expect_error(world_refresh(w, client, token), 400, "invalid_grant");
    expect_error(world_redeem(w, client, token), 400, "invalid_grant");
    expect_error(world_call(w, "POST", "/api/oauth/token", NULL,
                            world_text(w, FORM "%s", bearer_line(w, token)),
                            "grant_type=authorization_code", 29),
                 401, "invalid_client");
    assert_int_equal(approve(w, &location, istauth_str_of(token), ADA_SAYS_YES),
                     ISTAUTH_E_TICKET);
    assert_int_equal(approve(w, &location, ticket,
                             (answer){ ADA, istauth_str_of(token), NULL, "ws_engine" }),
                     ISTAUTH_E_TICKET);
    assert_true(opens(w, token));
}

/* A store that mixed up its rows: this record, of a grant without a client, behind a token's text. */
static char *mixed_up(faulty *f, istauth_token_kind text_kind, istauth_token_kind kind)
{
    uint8_t random[ISTAUTH_TOKEN_RANDOM] = { (uint8_t)text_kind, (uint8_t)kind };
    istauth_token record = { .kind = kind, .expires_at = WORLD_START + 100 };
    istauth_grant grant = { .subject = ADA, .scopes = ISTAUTH_STR("mcp"),
                            .resource = ISTAUTH_STR(WORLD_RESOURCE) };
    char text[ISTAUTH_TOKEN_SIZE];

    assert_int_equal(istauth_token_mint(text, &record.key, text_kind, ISTAUTH_STR("ist"), random),
                     ISTAUTH_OK);
    memset(record.grant_id.text, 'a' + (int)text_kind, 16);
    memset(record.grant_id.text + 16, 'a' + (int)kind, 16);
    grant.id = record.grant_id;
    assert_int_equal(f->memory.ops->personal_put(f->memory.ctx, &record, &grant), ISTAUTH_OK);
    return world_text(f->w, "%s", text);
}

static void test_be_22_a_record_of_the_wrong_kind_opens_nothing(void **state)
{
    faulty *f = *state;

    assert_true(opens(f->w, mixed_up(f, ISTAUTH_TOKEN_PERSONAL, ISTAUTH_TOKEN_PERSONAL)));
    assert_false(opens(f->w, mixed_up(f, ISTAUTH_TOKEN_PERSONAL, ISTAUTH_TOKEN_ACCESS)));
    assert_false(opens(f->w, mixed_up(f, ISTAUTH_TOKEN_ACCESS, ISTAUTH_TOKEN_PERSONAL)));
    assert_false(opens(f->w, mixed_up(f, ISTAUTH_TOKEN_ACCESS, ISTAUTH_TOKEN_REFRESH)));
    assert_false(opens(f->w, mixed_up(f, ISTAUTH_TOKEN_ACCESS, ISTAUTH_TOKEN_ACCESS)));
}

/* --- when it was last used --- */

static void test_be_23_used_at_is_written_at_most_once_a_minute(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (int i = 0; i < 60; i++, f->w->now++)
        assert_true(opens(f->w, c.access));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_GRANT_TOUCH), 1);
    assert_true(opens(f->w, c.access));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_GRANT_TOUCH), 2);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_TOKEN_GET), 61);
    assert_int_equal(apps_of(f->w, ADA).items[0].used_at, f->w->now);
}

static void test_be_23_a_request_does_not_fail_for_it(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    break_op(f, ISTAUTH_STORE_GRANT_TOUCH, 1);
    assert_true(opens(f->w, c.access));
    assert_int_equal(faults_of(f), 1);
    assert_int_equal(apps_of(f->w, ADA).items[0].used_at, 0);
    assert_true(opens(f->w, c.access)); /* and tries again */
    assert_int_equal(apps_of(f->w, ADA).items[0].used_at, WORLD_START);
}

static void test_be_23_a_clock_set_back_writes_nothing(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");

    assert_true(opens(f->w, c.access));
    break_op(f, ISTAUTH_STORE_ANY, 0);
    f->w->now -= 3600;
    assert_true(opens(f->w, c.access));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_GRANT_TOUCH), 0);
    assert_int_equal(apps_of(f->w, ADA).items[0].used_at, WORLD_START);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_be_01_be_03_without_a_token),
        CASE(test_be_03_with_a_bad_token),
        CASE(test_be_03_with_too_small_a_scope),
        CASE(test_be_03_no_challenge_where_no_token_would_help),
        CASE(test_be_03_a_mistake_of_the_hosts_is_500),
        cmocka_unit_test(test_be_01_a_challenge_names_the_resource_that_was_called),
        cmocka_unit_test(test_be_01_the_hosts_challenge_scope_is_asked_for),
        CASE(test_be_16_nothing_can_be_smuggled_into_a_challenge),
        cmocka_unit_test(test_be_16_a_configuration_that_would_need_an_escape_is_refused),
        CASE(test_be_02_the_schemes_case_does_not_matter),
        FAULTY_CASE(test_be_04_malformed_headers_prove_nothing),
        CASE(test_be_04_two_headers_are_one_too_many),
        CASE(test_be_06_a_token_in_the_query_or_the_body_is_not_seen),
        cmocka_unit_test(test_be_08_every_bad_token_gets_the_same_answer),
        CASE(test_be_08_a_token_ends_at_its_second),
        cmocka_unit_test(test_be_09_a_token_opens_the_resource_it_was_issued_for_and_no_other),
        CASE(test_be_09_a_resource_that_is_no_longer_configured_opens_nothing),
        CASE(test_be_10_a_host_names_a_resource_as_it_configured_it),
        CASE(test_be_10_a_token_asked_for_with_a_slash_opens_the_resource),
        CASE(test_be_12_mcp_includes_mcp_read_and_nothing_includes_mcp),
        CASE(test_be_12_names_match_whole_and_by_case),
        CASE(test_be_12_a_workspace_matches_whole_and_by_case),
        CASE(test_be_12_with_verify_workspace_the_host_has_the_last_word),
        CASE(test_be_14_an_access_token_answers_no_consent),
        CASE(test_be_15_an_access_names_its_owner_the_same_way_for_ever),
        FAULTY_CASE(test_be_17_a_store_that_fails_is_503_and_no_challenge),
        CASE(test_be_17_a_clock_that_fails_is_500),
        CASE(test_be_17_without_memory_for_a_challenge_it_is_503),
        cmocka_unit_test(test_be_19_a_preflight_needs_no_token),
        CASE(test_be_19_cors_is_said_once_however_often_it_is_added),
        CASE(test_be_01_one_call_protects_an_endpoint_and_one_a_tool),
        CASE(test_ht_04_header_lines_are_as_they_go_over_the_wire),
        cmocka_unit_test(test_ht_04_a_response_of_the_hosts_own_begins_like_every_other),
        FAULTY_CASE(test_be_20_another_prefix_or_kind_costs_no_look_at_the_store),
        CASE(test_be_21_a_personal_token_is_held_to_the_same_rules),
        CASE(test_be_21_one_without_an_end_lives_until_it_is_deleted),
        CASE(test_be_21_a_lost_workspace_is_lost_to_a_personal_token_too),
        cmocka_unit_test(test_be_21_a_personal_token_has_another_audience_elsewhere),
        CASE(test_be_22_a_personal_token_opens_no_oauth_endpoint),
        FAULTY_CASE(test_be_22_a_record_of_the_wrong_kind_opens_nothing),
        FAULTY_CASE(test_be_23_used_at_is_written_at_most_once_a_minute),
        FAULTY_CASE(test_be_23_a_request_does_not_fail_for_it),
        FAULTY_CASE(test_be_23_a_clock_set_back_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
