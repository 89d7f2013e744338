/* Configuration: every reason to refuse one, what it defaults to, and that it is copied. */
#include "support/keys.h"
#include "support/person.h"
#include "support/web.h"

#include <stdlib.h>

static istauth_status make(const istauth_config *config, istauth_error *error)
{
    istauth_server *server = NULL;
    istauth_status st = istauth_server_new(&server, config, error);

    assert_true(st ? server == NULL : server != NULL);
    istauth_server_free(server);
    return st;
}

/* Refused, and the error begins with the name of the member. */
static void refuse(const world *w, const char *member)
{
    istauth_error error;

    memset(&error, 'x', sizeof(error));
    if (make(&w->config, &error) != ISTAUTH_E_CONFIG)
        fail_msg("%s is accepted", member);
    assert_int_equal(error.status, ISTAUTH_E_CONFIG);
    assert_non_null(memchr(error.detail, '\0', sizeof(error.detail)));
    if (strncmp(error.detail, member, strlen(member)) != 0 || error.detail[strlen(member)] != ':')
        fail_msg("expected a complaint about %s, got: %s", member, error.detail);
    assert_int_equal(make(&w->config, NULL), ISTAUTH_E_CONFIG); /* the error is optional */
}

static void take(const world *w)
{
    istauth_error error;

    error.status = ISTAUTH_E_CONFIG;
    if (make(&w->config, &error))
        fail_msg("%s: %s", istauth_status_name(error.status), error.detail);
    assert_int_equal(error.status, ISTAUTH_OK);
}

/* A world that is open, so that it has a store, and whose config may be spoilt. */
static void test_the_worlds_own_configuration_is_good(void **state)
{
    take(*state);
}

static void test_a_size_that_is_not_this_librarys_is_refused(void **state)
{
    static const size_t sizes[] = { 0, 1, sizeof(istauth_config) - 1, sizeof(istauth_config) + 1,
                                    2 * sizeof(istauth_config), SIZE_MAX };
    world *w = *state;
    istauth_config nothing;

    for (size_t i = 0; i < COUNT(sizes); i++) {
        w->config.size = sizes[i];
        refuse(w, "size");
    }
    w->config.size = sizeof(istauth_config);
    take(w);
    memset(&nothing, 0, sizeof(nothing)); /* forgot ISTAUTH_CONFIG_INIT */
    assert_int_equal(make(&nothing, NULL), ISTAUTH_E_CONFIG);
    nothing = istauth_config_default();
    assert_int_equal(make(&nothing, NULL), ISTAUTH_E_CONFIG); /* and set nothing in it */
}

static void test_dm_11_issuers_that_are_refused(void **state)
{
    static const char *const issuers[] = {
        "",
        "as.example",
        "http://as.example",
        "https://as.example/",
        "https://as.example/p/",
        "https://as.example?x",
        "https://as.example#x",
        "https://u@as.example",
        "https://",
        "https:///p",
        "ftp://as.example",
        "HTTPS://as.example",
        "https://as.example//p",
        "https://as.example/../p",
        "https://as.example:0",
        "https://as.example:65536",
        "https://as.example/p q",
        "https://as.example\n",
        "http://127.0.0.1.evil.ex",
        "http://localhost.evil.ex",
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(issuers); i++) {
        w->config.issuer = istauth_str_of(issuers[i]);
        refuse(w, "issuer");
    }
    w->config.issuer = istauth_str_of(world_text(w, "https://as.example/%0494d", 0)); /* 513 */
    refuse(w, "issuer");
    w->config.issuer.n--;
    take(w);
}

static void test_loopback_issuers_may_be_http(void **state)
{
    static const char *const issuers[] = { "http://127.0.0.1:8080", "http://localhost",
                                           "http://[::1]:1/p" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(issuers); i++) {
        w->config.issuer = istauth_str_of(issuers[i]);
        take(w);
    }
}

static void test_resources_that_are_refused(void **state)
{
    static const char *const identifiers[] = { "", "mcp", "/mcp", "http://as.example/mcp",
                                               "https://as.example/mcp?x", "https://as.example/m#x",
                                               "https://as.example//mcp", "https://u@h/mcp",
                                               "https://as.example/m\"cp", "urn:mcp" };
    static const char *const names[] = { "a\nb", "\x7F", "\xFF", "\xE2\x80\xAE", "\t" };
    static const char *const twins[] = { WORLD_RESOURCE, WORLD_RESOURCE "/",
                                         "https://as.example:443/mcp", "https://AS.example/mcp" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(identifiers); i++) {
        w->resources[0].identifier = istauth_str_of(identifiers[i]);
        refuse(w, "resources");
    }
    w->resources[0].identifier = ISTAUTH_STR(WORLD_RESOURCE);
    for (size_t i = 0; i < COUNT(names); i++) {
        w->resources[0].name = istauth_str_of(names[i]);
        refuse(w, "resources");
    }
    w->resources[0].name = ISTAUTH_STR("");
    take(w);
    w->config.resource_count = 2;
    for (size_t i = 0; i < COUNT(twins); i++) {
        w->resources[1].identifier = istauth_str_of(twins[i]);
        refuse(w, "resources");
    }
    w->resources[1].identifier = ISTAUTH_STR("https://other.example/mcp");
    take(w);
    w->config.resource_count = 0;
    refuse(w, "resources");
    w->config.resource_count = 1;
    w->config.resources = NULL;
    refuse(w, "resources");
}

static void test_a_thousand_resources_of_the_greatest_length_fit(void **state)
{
    world *w = *state;
    istauth_resource *many = istauth_arena_alloc(&w->arena, 1025 * sizeof(*many));
    reply *r;

    assert_non_null(many);
    for (size_t i = 0; i < 1025; i++) {
        many[i].identifier = istauth_str_of(world_text(w, "https://as.example/%0493zu", i));
        many[i].name = ISTAUTH_STR("Name");
        assert_int_equal(many[i].identifier.n, ISTAUTH_IDENTIFIER_MAX);
    }
    w->config.resources = many;
    w->config.resource_count = 1025;
    refuse(w, "resources");
    w->config.resource_count = 1024;
    world_reopen(w);
    r = world_get(w, world_text(w, "/.well-known/oauth-protected-resource/%0493d", 1023), NULL);
    assert_int_equal(strlen(reply_str(r, "resource")), ISTAUTH_IDENTIFIER_MAX);
}

static void test_a_store_without_all_its_ops_is_refused(void **state)
{
    world *w = *state;
    istauth_store_ops ops = *w->store.ops;
    size_t from = offsetof(istauth_store_ops, client_put);
    void (*none)(void) = NULL;

    w->config.store.ops = NULL;
    refuse(w, "store");
    w->config.store.ops = &ops;
    take(w);
    for (size_t at = from; at < sizeof(ops); at += sizeof(none)) {
        ops = *w->store.ops;
        memcpy((char *)&ops + at, &none, sizeof(none));
        refuse(w, "store");
    }
    for (size_t size = 0; size < sizeof(ops); size += sizeof(none)) {
        ops = *w->store.ops;
        ops.size = size;
        refuse(w, "store");
    }
    ops = *w->store.ops;
    ops.size = sizeof(ops) + 1; /* for a library that is newer than this one */
    refuse(w, "store");
}

static void test_paths_that_are_refused(void **state)
{
    static const char *const paths[] = { "x", "x/y", "/a?b", "/a#b", "/a b", "/a%20b", "/a;b", "/\"",
                                         "https://h/x", "/a\n", "/\xC3\xA9", "/a&b", "/a\\b",
                                         "/mcp", "/.well-known/oauth-authorization-server" };
    world *w = *state;
    istauth_str *members[] = { &w->config.paths.register_, &w->config.paths.authorize,
                               &w->config.paths.token, &w->config.paths.revoke,
                               &w->config.paths.userinfo, &w->config.paths.jwks };

    for (size_t m = 0; m < COUNT(members); m++) {
        for (size_t i = 0; i < COUNT(paths); i++) {
            *members[m] = istauth_str_of(paths[i]);
            refuse(w, "paths");
        }
        *members[m] = istauth_str_of(world_text(w, "/%0512d", 0));
        refuse(w, "paths");
        members[m]->n--;
        take(w);
        for (size_t other = 0; other < m; other++) {
            *members[m] = *members[other] = ISTAUTH_STR("/same");
            refuse(w, "paths");
            *members[other] = istauth_str_of(NULL);
        }
        *members[m] = istauth_str_of(NULL);
    }
    w->config.paths.token = ISTAUTH_STR("/api/oauth/revoke"); /* another one's default */
    refuse(w, "paths");
    w->config.paths.token = ISTAUTH_STR("/.well-known/jwks.json"); /* for the key set alone */
    refuse(w, "paths");
    w->config.paths.jwks = ISTAUTH_STR("/keys");
    refuse(w, "paths");
    w->config.paths.token = istauth_str_of(NULL);
    take(w);
}

static void test_lifetimes_that_are_refused(void **state)
{
    const istauth_time century = 100LL * 365 * 86400;
    world *w = *state;
    istauth_lifetimes *t = &w->config.lifetimes;
    istauth_time *members[] = { &t->code,  &t->access,        &t->refresh,    &t->ticket,
                                &t->touch, &t->unused_client, &t->idle_client };

    for (size_t i = 0; i < COUNT(members); i++) {
        istauth_time most = members[i] == &t->code ? 600 : members[i] == &t->ticket ? 3600 : century;

        *members[i] = -1;
        refuse(w, "lifetimes");
        *members[i] = INT64_MIN;
        refuse(w, "lifetimes");
        *members[i] = INT64_MAX;
        refuse(w, "lifetimes");
        *members[i] = most + 1;
        refuse(w, "lifetimes");
        *members[i] = most;
        take(w);
        *members[i] = 1;
        take(w);
        *members[i] = 0;
    }
}

static void test_metadata_documents_that_cannot_be_taken_are_refused(void **state)
{
    world *w = *state;
    web pages = { .fetches = 0 };

    w->config.client_documents = true;
    refuse(w, "client_documents");
    w->config.fetcher = web_fetcher(&pages);
    take(w);
    w->config.document_flags = ISTAUTH_DOCUMENT_QUERY;
    take(w);
    w->config.document_flags = 1u << 2;
    refuse(w, "document_flags");
    /* A server that others reach fetches nothing from its own machine. */
    w->config.document_flags = ISTAUTH_DOCUMENT_LOOPBACK;
    refuse(w, "document_flags");
    w->config.issuer = ISTAUTH_STR("http://127.0.0.1:8080");
    take(w);
    w->config.lifetimes.document_least = 3601;
    w->config.lifetimes.document_most = 3600;
    refuse(w, "lifetimes");
    w->config.lifetimes.document_least = 3600;
    take(w);
    w->config.lifetimes.document_stale = -1;
    refuse(w, "lifetimes");
    assert_int_equal(pages.fetches, 0);
}

static void test_prefixes_that_are_refused(void **state)
{
    static const char *const bad[] = { "abcd", "IST", "i_t", "i-t", " ", "a b", "\xC3\xA9", "%" };
    static const char *const good[] = { "", "a", "z9", "ist", "000" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        w->config.token_prefix = istauth_str_of(bad[i]);
        refuse(w, "token_prefix");
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        w->config.token_prefix = istauth_str_of(good[i]);
        take(w);
    }
}

static void test_a_documentation_that_is_no_https_url_is_refused(void **state)
{
    static const char *const bad[] = { "x", "http://as.example/", "javascript:alert(1)",
                                       "https://as.example/?x", "https://as.example/\"" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        w->config.service_documentation = istauth_str_of(bad[i]);
        refuse(w, "service_documentation");
    }
    w->config.service_documentation = ISTAUTH_STR("https://as.example/docs/");
    take(w);
}

static void test_scopes_that_are_refused(void **state)
{
    static const istauth_scope bad[][2] = {
        { { ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a b"), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a\""), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a\\"), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } },
        { { ISTAUTH_STR_INIT("\xC3\xA9"), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT("s"), ISTAUTH_STR_INIT("nope"), 0 } },
        { { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT("s"), ISTAUTH_STR_INIT("b "), 0 } },
        { { ISTAUTH_STR_INIT("b"), ISTAUTH_STR_INIT("s"), { NULL, 0 }, 0 } }, /* twice */
    };
    world *w = *state;
    istauth_scope two[2], many[65];

    for (size_t i = 0; i < COUNT(bad); i++) {
        two[0] = bad[i][0];
        two[1] = (istauth_scope){ ISTAUTH_STR("b"), ISTAUTH_STR("s"), { NULL, 0 }, 0 };
        w->config.scopes = two;
        w->config.scope_count = 2;
        refuse(w, "scopes");
    }
    w->config.scope_count = 0;
    refuse(w, "scopes");
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (istauth_scope){ istauth_str_of(world_text(w, "s%zu", i)), ISTAUTH_STR("s"),
                                   { NULL, 0 }, 0 };
    w->config.scopes = many;
    w->config.scope_count = 65;
    refuse(w, "scopes");
    w->config.scope_count = 64;
    take(w);
    w->config.scope_count = 1;
    take(w);
}

static void test_sixty_four_scopes_can_all_be_granted(void **state)
{
    world *w = *state;
    istauth_scope many[64];
    char *all = world_text(w, "%s", "s0");
    connection c;
    istauth_access access;

    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = (istauth_scope){ istauth_str_of(world_text(w, "s%zu", i)), ISTAUTH_STR("s"),
                                   { NULL, 0 }, 0 };
        if (i)
            all = world_text(w, "%s s%zu", all, i);
    }
    w->config.scopes = many;
    w->config.scope_count = 64;
    world_reopen(w);
    c = connect_app(w, all);
    assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_OK);
    assert_true(access.scopes.bits == UINT64_MAX);
    assert_int_equal(istauth_access_check(&access, w->server, ISTAUTH_STR("s63 s0"),
                                          ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
}

static void test_challenge_scopes_that_are_refused(void **state)
{
    static const char *const bad[] = { "nope", "mcp nope", "mcp ", "mcp\"", "MCP" };
    world *w = *state;

    for (size_t i = 0; i < COUNT(bad); i++) {
        w->config.challenge_scope = istauth_str_of(bad[i]);
        refuse(w, "challenge_scope");
    }
    w->config.challenge_scope = ISTAUTH_STR("mcp openid");
    take(w);
    w->config.hooks.claims = NULL;
    refuse(w, "challenge_scope"); /* an identity scope that nothing answers for */
    w->config.challenge_scope = ISTAUTH_STR("mcp:read");
    take(w);
}

static istauth_signing_key signing_key(const char *pem, const char *kid)
{
    return (istauth_signing_key){ istauth_str_of(pem), istauth_str_of(kid) };
}

static void test_signing_keys_that_are_taken(void **state)
{
    istauth_signing_key keys[17];
    world *w = *state;

    for (size_t i = 0; i < COUNT(keys); i++)
        keys[i] = signing_key(ED_PEM, world_text(w, "key-%zu", i));
    w->config.signing_keys = keys;
    w->config.signing_key_count = 16;
    take(w);
    keys[0] = signing_key(EC_PEM, NULL);
    keys[1] = signing_key(RSA_PEM, "~!");
    keys[2] = signing_key(EC_OTHER_PEM, world_text(w, "%0256d", 0));
    keys[3] = signing_key(EC_SEC1_PEM, "again");
    take(w);
    w->config.signing_key_count = 17;
    refuse(w, "signing_keys");
    w->config.signing_key_count = 1;
    w->config.signing_keys = NULL;
    refuse(w, "signing_keys");
}

static void test_signing_keys_that_are_refused(void **state)
{
    static const char *const pems[] = { "", "key", EC_PUBLIC_PEM, EC_ENCRYPTED_PEM, EC_MIXED_PEM,
                                        P384_PEM, K256_PEM, RSA_SMALL_PEM, RSA_EXPONENT_3_PEM };
    world *w = *state;
    const char *const kids[] = { " ", "a b", "\xC3\xA9", "a\n", world_text(w, "%0257d", 0) };
    istauth_signing_key keys[2] = { signing_key(EC_PEM, NULL), signing_key(ED_PEM, NULL) };
    istauth_scope one = { ISTAUTH_STR("mcp"), ISTAUTH_STR("All"), ISTAUTH_STR(""), 0 };

    w->config.signing_keys = keys;
    w->config.signing_key_count = COUNT(keys);
    take(w);
    for (size_t i = 0; i < COUNT(pems); i++) {
        keys[1] = signing_key(pems[i], NULL);
        refuse(w, "signing_keys");
    }
    for (size_t i = 0; i < COUNT(kids); i++) {
        keys[1] = signing_key(ED_PEM, kids[i]);
        refuse(w, "signing_keys");
    }
    keys[1] = keys[0]; /* the same key has the same thumbprint */
    refuse(w, "signing_keys");
    keys[1] = signing_key(ED_PEM, NULL);
    w->config.scopes = &one;
    w->config.scope_count = 1;
    refuse(w, "signing_keys"); /* no "openid" */
    w->config.scopes = NULL;
    w->config.hooks.claims = NULL;
    refuse(w, "signing_keys");
}

static void test_defaults(void **state)
{
    world *w = *state;
    connection c;
    istauth_access access;
    reply *r;
    istauth_id id;

    /* world_new sets issuer, one resource, store and hooks; the rest is what a host gets. */
    c = connect_app(w, "mcp");
    assert_int_equal(strncmp(c.access, "ist_at_", 7), 0);
    assert_int_equal(strncmp(c.refresh, "ist_rt_", 7), 0);
    assert_int_equal(strlen(c.access), 55);
    assert_int_equal(strncmp(personal_token(w, &id, "mcp"), "ist_pt_", 7), 0);
    assert_int_equal(strncmp(world_code(w, c.client_id, NULL), "ist_ac_", 7), 0);
    assert_int_equal(world_verify(w, &access, c.access), ISTAUTH_OK);
    assert_int_equal(access.expires_at - access.issued_at, 3600);
    r = world_get(w, "/.well-known/oauth-authorization-server", NULL);
    assert_string_equal(reply_str(r, "token_endpoint"), WORLD_ISSUER "/api/oauth/token");
    assert_int_equal(istauth_server_scopes(w->server)->count, 5);
    w->now += 30 * 86400 - 1;
    r = world_refresh(w, c.client_id, c.refresh);
    assert_int_equal(r->status, 200);
    w->now += 30 * 86400;
    expect_error(world_refresh(w, c.client_id, reply_str(r, "refresh_token")), 400,
                 "invalid_grant");
}

static void test_limits_default_and_can_be_set(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT);
    char *query = world_query(w, client, WORLD_CLIENT_REDIRECT, "x=");
    size_t room = 16384 - strlen(query);

    query = world_text(w, "%s%0*d", query, (int)room, 0);
    assert_true(world_get(w, "/oauth/authorize", query)->open);
    assert_int_equal(world_get(w, "/oauth/authorize", world_text(w, "%s0", query))->status, 413);
    w->config.limits.query = 16385;
    w->config.limits.form = 10;
    world_reopen(w);
    assert_true(world_get(w, "/oauth/authorize", world_text(w, "%s0", query))->open);
    expect_error(world_post_form(w, "/api/oauth/token", "0123456789"), 401, "invalid_client");
    expect_error(world_post_form(w, "/api/oauth/token", "01234567890"), 413, "invalid_request");
}

static void test_lifetimes_can_be_set(void **state)
{
    world *w = *state;
    char *client, *code;
    connection c;
    reply *r;

    w->config.lifetimes.code = 5;
    w->config.lifetimes.access = 10;
    w->config.lifetimes.refresh = 20;
    world_reopen(w);
    client = world_register(w, WORLD_CLIENT_REDIRECT);
    code = world_code(w, client, NULL);
    w->now += 4;
    r = world_redeem(w, client, code);
    assert_int_equal(reply_int(r, "expires_in"), 10);
    code = world_code(w, client, NULL);
    w->now += 5;
    expect_error(world_redeem(w, client, code), 400, "invalid_grant");
    c = connect_again(w, client, NULL);
    w->now += 10;
    assert_false(opens(w, c.access));
    w->now += 10;
    assert_false(refreshes(w, &c));
}

static void test_another_prefix_is_another_world(void **state)
{
    world *w = *state;
    connection old = connect_app(w, "mcp"), c;

    w->config.token_prefix = ISTAUTH_STR("b2");
    world_reopen(w);
    c = connect_app(w, "mcp");
    assert_int_equal(strncmp(c.access, "b2_at_", 6), 0);
    assert_true(opens(w, c.access));
    assert_false(opens(w, old.access));
    w->config.token_prefix = ISTAUTH_STR("");
    world_reopen(w);
    assert_true(opens(w, old.access));
    assert_false(opens(w, c.access));
}

static void test_ru_14_exact_localhost_takes_the_free_port_away(void **state)
{
    world *w = *state;
    char *client = world_register(w, "http://localhost/cb");
    char *ip = world_register(w, "http://127.0.0.1/cb");
    char *query = world_query(w, client, "http://localhost:9/cb", NULL);

    assert_true(world_get(w, "/oauth/authorize", query)->open);
    w->config.exact_localhost = true;
    world_reopen(w);
    expect_page(world_get(w, "/oauth/authorize", query));
    assert_true(world_get(w, "/oauth/authorize",
                          world_query(w, client, "http://localhost/cb", NULL))
                    ->open);
    assert_true(world_get(w, "/oauth/authorize",
                          world_query(w, ip, "http://127.0.0.1:9/cb", NULL))
                    ->open);
}

static void test_everything_is_copied(void **state)
{
    world *w = *state;
    char issuer[] = WORLD_ISSUER, resource[] = WORLD_RESOURCE, name[] = "Name", scope[] = "custom",
         sentence[] = "May do things.", token[] = "/token", prefix[] = "abc";
    uint8_t key[ISTAUTH_TICKET_KEY_SIZE] = { 1 };
    istauth_resource resources[] = { { istauth_str_of(resource), istauth_str_of(name) } };
    istauth_scope scopes[] = { { istauth_str_of(scope), istauth_str_of(sentence), { NULL, 0 }, 0 } };
    istauth_consent page;
    reply *r;

    w->config.issuer = istauth_str_of(issuer);
    w->config.resources = resources;
    w->config.scopes = scopes;
    w->config.scope_count = 1;
    w->config.paths.token = istauth_str_of(token);
    w->config.token_prefix = istauth_str_of(prefix);
    w->config.ticket_key = key;
    world_reopen(w);
    page = open_page(w, world_query(w, world_register(w, WORLD_CLIENT_REDIRECT),
                                    WORLD_CLIENT_REDIRECT, NULL),
                     ADA, BROWSER);
    memset(issuer, 'x', strlen(issuer));
    memset(resource, 'x', strlen(resource));
    memset(name, 'x', strlen(name));
    memset(scope, 'x', strlen(scope));
    memset(sentence, 'x', strlen(sentence));
    memset(token, 'x', strlen(token));
    memset(prefix, 'x', strlen(prefix));
    memset(key, 'x', sizeof(key));
    memset(resources, 0, sizeof(resources));
    memset(scopes, 0, sizeof(scopes));
    r = world_get(w, "/.well-known/oauth-protected-resource/mcp", NULL);
    assert_string_equal(reply_str(r, "resource"), WORLD_RESOURCE);
    assert_string_equal(reply_str(r, "resource_name"), "Name");
    assert_int_equal(istauth_route(w->server, ISTAUTH_STR("/token")), ISTAUTH_ENDPOINT_TOKEN);
    assert_true(istauth_str_equal(page.scopes[0]->sentence, ISTAUTH_STR("May do things.")));
    assert_int_equal(strncmp(approved_code(w, page.ticket), "abc_ac_", 7), 0);
}

static void test_me_05_cr_09_a_server_that_cannot_be_built_leaves_nothing(void **state)
{
    world *w = world_new();
    istauth_error error;
    size_t live;

    (void)state;
    world_open(w);
    live = w->live_blocks;
    w->random_status = ISTAUTH_E_RANDOM;
    assert_int_equal(make(&w->config, &error), ISTAUTH_E_RANDOM); /* no key for tickets */
    assert_int_equal(error.status, ISTAUTH_E_RANDOM);
    assert_string_equal(error.detail, "");
    w->config.ticket_key = (const uint8_t *)"0123456789abcdef0123456789abcdef";
    assert_int_equal(make(&w->config, &error), ISTAUTH_OK); /* with one, none is drawn */
    assert_int_equal(w->live_blocks, live);
    istauth_server_free(NULL);
    world_free(w);
}

/* An allocator that fails at its nth call and counts what is live. */
typedef struct narrow {
    size_t left, live;
} narrow;

static void *narrow_alloc(void *ctx, size_t size)
{
    narrow *n = ctx;
    void *p = n->left ? malloc(size) : NULL;

    n->left -= n->left > 0;
    n->live += p != NULL;
    return p;
}

static void narrow_release(void *ctx, void *block)
{
    ((narrow *)ctx)->live -= block != NULL;
    free(block);
}

static void test_me_05_without_memory_there_is_no_server(void **state)
{
    world *w = *state;
    narrow n = { 0, 0 };
    istauth_allocator allocator = { narrow_alloc, narrow_release, &n };
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    size_t calls = 0;

    w->config.allocator = &allocator;
    while (st) {
        istauth_error error;

        assert_true(calls < 1000);
        n.left = calls++;
        st = make(&w->config, &error);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_int_equal(error.status, st);
        assert_int_equal(n.live, 0);
    }
    assert_true(calls > 2);
    w->config.allocator = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_worlds_own_configuration_is_good),
        CASE(test_a_size_that_is_not_this_librarys_is_refused),
        CASE(test_dm_11_issuers_that_are_refused),
        CASE(test_loopback_issuers_may_be_http),
        CASE(test_resources_that_are_refused),
        CASE(test_a_thousand_resources_of_the_greatest_length_fit),
        CASE(test_a_store_without_all_its_ops_is_refused),
        CASE(test_paths_that_are_refused),
        CASE(test_lifetimes_that_are_refused),
        CASE(test_metadata_documents_that_cannot_be_taken_are_refused),
        CASE(test_prefixes_that_are_refused),
        CASE(test_a_documentation_that_is_no_https_url_is_refused),
        CASE(test_scopes_that_are_refused),
        CASE(test_sixty_four_scopes_can_all_be_granted),
        CASE(test_challenge_scopes_that_are_refused),
        CASE(test_signing_keys_that_are_taken),
        CASE(test_signing_keys_that_are_refused),
        CASE(test_defaults),
        CASE(test_limits_default_and_can_be_set),
        CASE(test_lifetimes_can_be_set),
        CASE(test_another_prefix_is_another_world),
        CASE(test_ru_14_exact_localhost_takes_the_free_port_away),
        CASE(test_everything_is_copied),
        cmocka_unit_test(test_me_05_cr_09_a_server_that_cannot_be_built_leaves_nothing),
        CASE(test_me_05_without_memory_there_is_no_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
