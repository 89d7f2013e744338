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

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_a_live_token_is_described),
        with_arena(test_what_a_token_has_not_is_left_out),
        with_arena(test_of_an_inactive_token_nothing_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
