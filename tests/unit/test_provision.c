#include "unit/unit.h"

#include "rules/client_checks_i.h"
#include "rules/provision_i.h"

#define NOW 1700000000

/* What a host allows, and a wish that holds; each test takes one thing away. */
typedef struct desk {
    istauth_scope_catalogue catalogue;
    istauth__provision_terms terms;
    istauth_provision wish;
} desk;

static const istauth_str redirect = ISTAUTH_STR_INIT("https://c.ex/cb");
static const istauth_str engine = ISTAUTH_STR_INIT("ws_engine");

static desk machine(void)
{
    desk d = { .terms = { .client_auth = 1u << 1 | 1u << 2,
                          .client_credentials = true,
                          .workspaces = 2,
                          .now = NOW },
               .wish = istauth_provision_default() };
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);

    assert_int_equal(istauth_scope_catalogue_init(&d.catalogue, scopes, count), ISTAUTH_OK);
    d.terms.offered.bits = (UINT64_C(1) << count) - 1;
    d.wish.name = ISTAUTH_STR("Report");
    d.wish.auth = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    d.wish.grant_types = ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    d.wish.scopes = ISTAUTH_STR("mcp:read");
    d.wish.workspaces = (istauth_str_list){ &engine, 1 };
    return d;
}

static desk app(void)
{
    desk d = machine();

    d.wish.grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE | ISTAUTH_GRANT_REFRESH_TOKEN;
    d.wish.redirect_uris = (istauth_str_list){ &redirect, 1 };
    d.wish.workspaces = (istauth_str_list){ NULL, 0 };
    d.wish.scopes = ISTAUTH_STR("");
    return d;
}

/* A failure says why and gives no scopes. */
static istauth_status check(desk *d)
{
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_scope_set scopes = { 4711 };
    istauth_arena arena;
    istauth_status st;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    d->terms.catalogue = &d->catalogue;
    st = istauth__provision_check(&scopes, &arena, &d->terms, &d->wish, &error);
    assert_int_equal(error.status, st);
    assert_int_equal(st == ISTAUTH_OK, error.detail[0] == '\0');
    assert_int_equal(st == ISTAUTH_OK, scopes.bits != 4711);
    assert_int_equal(istauth__provision_check(&scopes, &arena, &d->terms, &d->wish, NULL), st);
    istauth_arena_wipe(&arena);
    return st;
}

#define expect(d, status) assert_int_equal(check(&(d)), (status))

static void test_what_holds_is_taken(void **state)
{
    desk d = machine();

    (void)state;
    expect(d, ISTAUTH_OK);
    d.wish.secret_expires_at = NOW + 1;
    expect(d, ISTAUTH_OK);
    d = app();
    expect(d, ISTAUTH_OK);
    d.wish.auth = ISTAUTH_CLIENT_AUTH_NONE;
    expect(d, ISTAUTH_OK);
    d.wish.grant_types = 0; /* of no use, and of no harm */
    d.wish.redirect_uris.count = 0;
    expect(d, ISTAUTH_OK);
    d = app();
    d.wish.grant_types |= ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    d.wish.scopes = ISTAUTH_STR("openid mcp");
    expect(d, ISTAUTH_OK);
    d.wish.resource = ISTAUTH_STR("https://h/mcp");
    expect(d, ISTAUTH_OK);
}

static void test_names_that_are_refused(void **state)
{
    static const char *const ids[] = { "a b", "a:b", "a/b", "https://c.ex/x", "a%41", "\xC3\xA9" };
    desk d = machine();

    for (size_t i = 0; i < COUNT(ids); i++) {
        d.wish.client_id = istauth_str_of(ids[i]);
        expect(d, ISTAUTH_E_ARGUMENT);
    }
    d.wish.client_id = repeated(arena_of(state), 'a', 128);
    expect(d, ISTAUTH_OK);
    d.wish.client_id = repeated(arena_of(state), 'a', 129);
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.wish.name = ISTAUTH_STR("");
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.name = ISTAUTH_STR("  ");
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.name = ISTAUTH_STR("a\nb");
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.name = repeated(arena_of(state), 'a', 121);
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.wish.logo_uri = ISTAUTH_STR("javascript:alert(1)");
    expect(d, ISTAUTH_E_ARGUMENT);
}

static void test_methods_that_are_refused(void **state)
{
    desk d = machine();

    (void)state;
    d.wish.auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT; /* not among the terms */
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.auth = (istauth_client_auth)32;
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.auth = (istauth_client_auth)(1 << 20);
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.terms.client_auth = 1u << 2;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.wish.secret_expires_at = NOW;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = app();
    d.wish.auth = ISTAUTH_CLIENT_AUTH_NONE;
    d.wish.secret_expires_at = NOW + 1;
    expect(d, ISTAUTH_E_ARGUMENT);
}

static void test_roles_that_are_refused(void **state)
{
    desk d = machine();

    (void)state;
    d.wish.auth = ISTAUTH_CLIENT_AUTH_NONE;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.terms.client_credentials = false;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.wish.grant_types |= 8;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = machine();
    d.wish.grant_types |= ISTAUTH_GRANT_REFRESH_TOKEN;
    expect(d, ISTAUTH_E_ARGUMENT);
    d = app();
    d.wish.auth = ISTAUTH_CLIENT_AUTH_NONE;
    d.wish.resource = ISTAUTH_STR("https://h/mcp");
    expect(d, ISTAUTH_E_ARGUMENT);
}

static void test_redirect_uris_that_are_refused(void **state)
{
    static const istauth_str bad[] = { ISTAUTH_STR_INIT("https://c.ex/cb"),
                                       ISTAUTH_STR_INIT("http://c.ex/cb") };
    static istauth_str many[21];
    desk d = app();

    (void)state;
    d.wish.redirect_uris = (istauth_str_list){ bad, 2 };
    expect(d, ISTAUTH_E_INVALID_REDIRECT_URI);
    d.wish.redirect_uris.count = 0;
    expect(d, ISTAUTH_E_INVALID_REDIRECT_URI);
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = redirect;
    d.wish.redirect_uris = (istauth_str_list){ many, 21 };
    expect(d, ISTAUTH_E_INVALID_REDIRECT_URI);
    d.wish.redirect_uris.count = 20;
    expect(d, ISTAUTH_OK);
    d = machine();
    d.wish.redirect_uris = (istauth_str_list){ &redirect, 1 };
    expect(d, ISTAUTH_E_INVALID_REDIRECT_URI);
}

static void test_scopes_that_are_refused(void **state)
{
    static const char *const bad[] = { "", "openid", "openid profile email", "mcp mcp:write",
                                       "mcp\"", "MCP", "mcp  mcp:read" };
    desk d = machine();

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        d.wish.scopes = istauth_str_of(bad[i]);
        expect(d, ISTAUTH_E_INVALID_SCOPE);
    }
    d.wish.scopes = ISTAUTH_STR("mcp");
    d.terms.offered.bits = 0;
    expect(d, ISTAUTH_E_INVALID_SCOPE);
}

static void test_workspaces_that_are_refused(void **state)
{
    static const istauth_str twice[] = { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT("a") };
    static const istauth_str odd[] = { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT("b c") };
    static const istauth_str three[] = { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT("b"),
                                         ISTAUTH_STR_INIT("c") };
    desk d = machine();

    (void)state;
    d.wish.workspaces = (istauth_str_list){ twice, 2 };
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.workspaces.items = odd;
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.workspaces = (istauth_str_list){ three, 3 };
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.workspaces.count = 2;
    expect(d, ISTAUTH_OK);
    d = app();
    d.wish.workspaces = (istauth_str_list){ &engine, 1 };
    expect(d, ISTAUTH_E_ARGUMENT);
}

static void test_keys_that_are_refused(void **state)
{
    static const char keys[] =
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"; /* RFC 8037 A.2 */
    desk d = machine();

    (void)state;
    d.wish.jwks = istauth_str_of(keys); /* of no use to a client with a secret */
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.auth = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    d.terms.client_auth = 1u << ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    expect(d, ISTAUTH_OK);
    d.wish.jwks_uri = ISTAUTH_STR("https://c.ex/jwks");
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.jwks = istauth_str_of(NULL);
    expect(d, ISTAUTH_OK);
    d.wish.jwks_uri = ISTAUTH_STR("http://c.ex/jwks");
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.jwks_uri = istauth_str_of(NULL);
    expect(d, ISTAUTH_E_ARGUMENT);
    d.wish.jwks = ISTAUTH_STR("{\"keys\":[]}");
    expect(d, ISTAUTH_E_INVALID_CLIENT_METADATA);
    d.wish.jwks = ISTAUTH_STR("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}");
    expect(d, ISTAUTH_E_INVALID_CLIENT_METADATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_holds_is_taken),
        with_arena(test_names_that_are_refused),
        cmocka_unit_test(test_methods_that_are_refused),
        cmocka_unit_test(test_roles_that_are_refused),
        cmocka_unit_test(test_redirect_uris_that_are_refused),
        cmocka_unit_test(test_scopes_that_are_refused),
        cmocka_unit_test(test_workspaces_that_are_refused),
        cmocka_unit_test(test_keys_that_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
