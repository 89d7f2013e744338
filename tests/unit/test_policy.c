#include "unit/unit.h"

#include <istauth/event.h>
#include <istauth/policy.h>

static const istauth_str workspaces[] = { ISTAUTH_STR_INIT("ws_engine"),
                                          ISTAUTH_STR_INIT("ws_notes") };

static istauth_status check(const char *granted, const char *scope, const char *workspace)
{
    istauth_scope_catalogue c;
    istauth_access access = { .kind = ISTAUTH_TOKEN_ACCESS,
                              .workspaces = { workspaces, COUNT(workspaces) } };
    istauth_operation operation = { istauth_str_of(scope), istauth_str_of(workspace) };
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);

    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, count), ISTAUTH_OK);
    assert_int_equal(istauth_scope_parse(&access.scopes, NULL, &c, istauth_str_of(granted)),
                     ISTAUTH_OK);
    return istauth_policy_check(&c, &access, &operation);
}

static void test_be_12_scope_and_workspace_decide(void **state)
{
    static const struct {
        const char *granted, *scope, *workspace;
        istauth_status want;
    } rows[] = {
        { "mcp", "mcp", "ws_engine", ISTAUTH_OK },
        { "mcp", "mcp:read", "ws_notes", ISTAUTH_OK },
        { "mcp", "mcp mcp:read", "", ISTAUTH_OK },
        { "mcp:read", "mcp:read", "ws_engine", ISTAUTH_OK },
        { "mcp:read", "", "ws_engine", ISTAUTH_OK },
        { "", "", "", ISTAUTH_OK },
        { "mcp:read", "mcp", "ws_engine", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "", "mcp:read", "ws_engine", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "mcp", "mcp email", "ws_engine", ISTAUTH_E_INSUFFICIENT_SCOPE },
        { "mcp", "mcp", "ws_home", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "mcp", "mcp", "WS_ENGINE", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "mcp", "mcp", "ws_engine2", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        { "mcp", "", "ws_home", ISTAUTH_E_WORKSPACE_NOT_GRANTED },
        /* both are wrong: the scope is what the client can cure */
        { "mcp:read", "mcp", "ws_home", ISTAUTH_E_INSUFFICIENT_SCOPE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(check(rows[i].granted, rows[i].scope, rows[i].workspace), rows[i].want);
}

static void test_be_12_an_unknown_or_malformed_need_is_never_met(void **state)
{
    static const char *const needs[] = { "mcp:write", "MCP", "mcp mcp:write", "mcp ", " mcp",
                                         "mcp\"", "mcp:read2", "xmcp" };

    (void)state;
    for (size_t i = 0; i < COUNT(needs); i++)
        assert_int_equal(check("mcp mcp:read openid profile email", needs[i], ""),
                         ISTAUTH_E_INSUFFICIENT_SCOPE);
}

#define LAST_EVENT ISTAUTH_EVENT_DOCUMENT_FETCHED

static void test_event_names_are_stable_and_distinct(void **state)
{
    (void)state;
    assert_string_equal(istauth_event_name(ISTAUTH_EVENT_REGISTERED), "registered");
    assert_string_equal(istauth_event_name(ISTAUTH_EVENT_TOKEN_ISSUED), "token_issued");
    assert_string_equal(istauth_event_name(ISTAUTH_EVENT_REUSE_DETECTED), "reuse_detected");
    assert_string_equal(istauth_event_name(ISTAUTH_EVENT_REFRESH_REPEATED), "refresh_repeated");
    assert_string_equal(istauth_event_name((istauth_event_kind)0), "unknown");
    assert_string_equal(istauth_event_name((istauth_event_kind)(LAST_EVENT + 1)),
                        "unknown");
    for (int a = ISTAUTH_EVENT_REGISTERED; a <= LAST_EVENT; a++)
        for (int b = 0; b < a; b++)
            assert_string_not_equal(istauth_event_name((istauth_event_kind)a),
                                    istauth_event_name((istauth_event_kind)b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_be_12_scope_and_workspace_decide),
        cmocka_unit_test(test_be_12_an_unknown_or_malformed_need_is_never_met),
        cmocka_unit_test(test_event_names_are_stable_and_distinct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
