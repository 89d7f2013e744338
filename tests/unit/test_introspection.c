#include "unit/unit.h"

#include <istauth/introspection.h>

static istauth_introspection a_token(void)
{
    static const istauth_str places[] = { ISTAUTH_STR_INIT("ws_engine"), ISTAUTH_STR_INIT("ws_2") };

    return (istauth_introspection){ .kind = ISTAUTH_TOKEN_ACCESS,
                                    .grant_id = { "0123456789abcdef0123456789abcdef" },
                                    .subject = ISTAUTH_STR("ada"),
                                    .client_id = ISTAUTH_STR("app"),
                                    .scopes = ISTAUTH_STR("mcp mcp:read"),
                                    .audience = ISTAUTH_STR("https://h/mcp"),
                                    .issuer = ISTAUTH_STR("https://h"),
                                    .workspaces = { places, 2 },
                                    .issued_at = 1700000000,
                                    .expires_at = 1700003600 };
}

static istauth_str print(void **state, const istauth_introspection *token)
{
    istauth_str json;

    assert_int_equal(istauth_introspection_print(&json, arena_of(state), token), ISTAUTH_OK);
    return json;
}

static void test_a_live_token_is_described(void **state)
{
    istauth_introspection t = a_token();

    assert_says(print(state, &t),
                "{\"active\":true,\"scope\":\"mcp mcp:read\",\"client_id\":\"app\",\"sub\":\"ada\","
                "\"aud\":\"https://h/mcp\",\"iss\":\"https://h\",\"exp\":1700003600,"
                "\"iat\":1700000000,\"token_type\":\"Bearer\",\"workspaces\":[\"ws_engine\","
                "\"ws_2\"],\"grant_id\":\"0123456789abcdef0123456789abcdef\"}");
}

static void test_what_a_token_has_not_is_left_out(void **state)
{
    istauth_introspection t = a_token();

    t.kind = ISTAUTH_TOKEN_REFRESH;
    t.subject = t.client_id = istauth_str_of(NULL);
    t.workspaces.count = 0;
    t.expires_at = 0;
    assert_says(print(state, &t),
                "{\"active\":true,\"scope\":\"mcp mcp:read\",\"aud\":\"https://h/mcp\","
                "\"iss\":\"https://h\",\"iat\":1700000000,"
                "\"grant_id\":\"0123456789abcdef0123456789abcdef\"}");
}

static void test_of_an_inactive_token_nothing_is_said(void **state)
{
    assert_says(print(state, NULL), "{\"active\":false}");
}

static istauth_status read_text(istauth_introspection *t, void **state, const char *json)
{
    istauth_str copy = exact(istauth_str_of(json));
    istauth_introspection read = { .issued_at = 4711 };
    istauth_status st = istauth_introspection_read(&read, arena_of(state), copy);

    exact_free(copy);
    if (st)
        assert_int_equal(read.issued_at, 4711);
    else
        *t = read;
    return st;
}

static void test_what_was_printed_is_read(void **state)
{
    istauth_introspection t = a_token(), back;

    assert_int_equal(read_text(&back, state, print(state, &t).p), ISTAUTH_OK);
    assert_int_equal(back.kind, ISTAUTH_TOKEN_ACCESS);
    assert_says(back.subject, "ada");
    assert_says(back.client_id, "app");
    assert_says(back.scopes, "mcp mcp:read");
    assert_says(back.audience, "https://h/mcp");
    assert_says(back.issuer, "https://h");
    assert_string_equal(back.grant_id.text, t.grant_id.text);
    assert_int_equal(back.workspaces.count, 2);
    assert_says(back.workspaces.items[1], "ws_2");
    assert_int_equal(back.issued_at, 1700000000);
    assert_int_equal(back.expires_at, 1700003600);
    assert_int_equal(read_text(&back, state, print(state, NULL).p), ISTAUTH_E_INVALID_TOKEN);
}

/* RFC 7662 2.2, but for the members that this library wants and the example lacks. */
static void test_the_rfcs_example_is_read(void **state)
{
    istauth_introspection t;

    assert_int_equal(read_text(&t, state,
                               "{\"active\": true, \"client_id\": \"l238j323ds-23ij4\","
                               "\"username\": \"jdoe\", \"scope\": \"read write dolphin\","
                               "\"sub\": \"Z5O3upPC88QrAjx00dis\","
                               "\"aud\": \"https://protected.example.net/resource\","
                               "\"iss\": \"https://server.example.com/\", \"exp\": 1419356238,"
                               "\"iat\": 1419350238, \"extension_field\": \"twenty-seven\"}"),
                     ISTAUTH_OK);
    assert_says(t.subject, "Z5O3upPC88QrAjx00dis");
    assert_says(t.audience, "https://protected.example.net/resource");
    assert_int_equal(t.expires_at, 1419356238);
    assert_string_equal(t.grant_id.text, "");
}

static void test_answers_that_are_none(void **state)
{
    static const struct {
        const char *json;
        istauth_status want;
    } rows[] = {
        { "{\"active\":false}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"active\":false,\"sub\":7}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"active\":true,\"cnf\":{\"jkt\":\"x\"}}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"active\":true,\"token_type\":\"DPoP\"}", ISTAUTH_E_INVALID_TOKEN },
        { "{\"active\":true,\"token_type\":\"bearer\"}", ISTAUTH_OK },
        { "{\"active\":true}", ISTAUTH_OK },
        { "", ISTAUTH_E_INVALID_REQUEST },
        { "{}", ISTAUTH_E_INVALID_REQUEST },
        { "[]", ISTAUTH_E_INVALID_REQUEST },
        { "true", ISTAUTH_E_INVALID_REQUEST },
        { "<html>", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":\"true\"}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":1}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":null}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"Active\":true}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":false,\"active\":true}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true}x", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"sub\":7}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"scope\":[\"mcp\"]}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"aud\":7}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"aud\":[7]}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"exp\":\"1700003600\"}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"exp\":-1}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"exp\":1e300}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"workspaces\":\"ws_engine\"}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"grant_id\":\"short\"}", ISTAUTH_E_INVALID_REQUEST },
        { "{\"active\":true,\"sub\":\"a\\u0000\"}", ISTAUTH_E_INVALID_REQUEST },
    };
    istauth_introspection t;

    for (size_t i = 0; i < COUNT(rows); i++)
        if (read_text(&t, state, rows[i].json) != rows[i].want)
            fail_msg("%s", rows[i].json);
}

#define AT 1700000000

static istauth_status check(const istauth_introspection *t, istauth_time now)
{
    return istauth_introspection_check(t, ISTAUTH_TOKEN_ACCESS, ISTAUTH_STR("https://h"),
                                       ISTAUTH_STR("https://h/mcp"), now);
}

static void test_a_token_opens_one_resource_of_one_issuer_for_its_time(void **state)
{
    static const char *const others[] = { "", "https://h/mcp/", "https://h/mc", "https://H/mcp",
                                          "https://h/mcp ", "http://h/mcp", "https://h" };
    istauth_introspection t = a_token();

    (void)state;
    assert_int_equal(check(&t, AT), ISTAUTH_OK);
    assert_int_equal(check(&t, AT + 3599), ISTAUTH_OK);
    assert_int_equal(check(&t, AT + 3600), ISTAUTH_E_INVALID_TOKEN);
    t.not_before = AT + 1;
    assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    assert_int_equal(check(&t, AT + 1), ISTAUTH_OK);
    for (size_t i = 0; i < COUNT(others); i++) {
        t = a_token();
        t.audience = istauth_str_of(others[i]);
        assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    }
    t = a_token();
    t.issuer = ISTAUTH_STR("https://h/");
    assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    t.issuer = istauth_str_of(NULL);
    assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    t = a_token();
    t.expires_at = 0;
    assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    t = a_token();
    t.kind = ISTAUTH_TOKEN_PERSONAL;
    assert_int_equal(check(&t, AT), ISTAUTH_E_INVALID_TOKEN);
    t = a_token();
    t.subject = istauth_str_of(NULL); /* a machine */
    assert_int_equal(check(&t, AT), ISTAUTH_OK);
}

static void test_a_personal_token_is_a_persons_and_may_have_no_end(void **state)
{
    istauth_introspection t = a_token();
    istauth_str issuer = t.issuer, resource = t.audience;
    istauth_token_kind kind = ISTAUTH_TOKEN_PERSONAL;

    (void)state;
    t.kind = kind;
    t.client_id = istauth_str_of(NULL);
    assert_int_equal(istauth_introspection_check(&t, kind, issuer, resource, AT), ISTAUTH_OK);
    t.expires_at = 0;
    assert_int_equal(istauth_introspection_check(&t, kind, issuer, resource, AT), ISTAUTH_OK);
    t.expires_at = AT;
    assert_int_equal(istauth_introspection_check(&t, kind, issuer, resource, AT),
                     ISTAUTH_E_INVALID_TOKEN);
    t.expires_at = 0;
    t.subject = istauth_str_of(NULL);
    assert_int_equal(istauth_introspection_check(&t, kind, issuer, resource, AT),
                     ISTAUTH_E_INVALID_TOKEN);
}

static void test_the_form_holds_the_token_encoded(void **state)
{
    istauth_str form;

    assert_int_equal(istauth_introspection_form(&form, arena_of(state), ISTAUTH_STR("a+b/c=")),
                     ISTAUTH_OK);
    assert_says(form, "token=a%2Bb%2Fc%3D&token_type_hint=access_token");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_a_live_token_is_described),
        with_arena(test_what_a_token_has_not_is_left_out),
        with_arena(test_what_was_printed_is_read),
        with_arena(test_the_rfcs_example_is_read),
        with_arena(test_answers_that_are_none),
        cmocka_unit_test(test_a_token_opens_one_resource_of_one_issuer_for_its_time),
        cmocka_unit_test(test_a_personal_token_is_a_persons_and_may_have_no_end),
        with_arena(test_the_form_holds_the_token_encoded),
        with_arena(test_of_an_inactive_token_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
