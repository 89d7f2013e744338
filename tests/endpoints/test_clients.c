/* The habits of real clients, replayed: each file under tests/fixtures/clients is modelled on a
 * client - on its source, its documentation or reports, not captured from it. */
#include "support/person.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FIXTURES "tests/fixtures/clients"

/* One client's walk through a world. */
typedef struct walk {
    world *w;
    cJSON *fixture;
    char *client_id, *code, *refresh_token; /* what {client_id}, {code}, {refresh_token} stand for */
} walk;

static cJSON *read_fixture(const char *name)
{
    char path[256], text[8192];
    cJSON *json;
    FILE *file;
    size_t n;

    snprintf(path, sizeof(path), FIXTURES "/%s.json", name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("no %s (run from the project's folder)", path);
    n = fread(text, 1, sizeof(text), file);
    fclose(file);
    assert_true(n < sizeof(text));
    json = cJSON_ParseWithLength(text, n);
    if (!json)
        fail_msg("%s is no JSON", path);
    return json;
}

static bool is_public(const cJSON *registration)
{
    const char *method = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(registration, "token_endpoint_auth_method"));

    return !method || strcmp(method, "none") == 0;
}

static int setup(void **state)
{
    walk *k = calloc(1, sizeof(*k));

    assert_non_null(k);
    k->fixture = read_fixture(*state);
    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(k->fixture, "client")), *state);
    k->w = world_new();
    if (is_public(cJSON_GetObjectItemCaseSensitive(k->fixture, "register"))) {
        /* Whoever wants no secret is given none, however many there are to have. */
        k->w->config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
        k->w->config.confidential_registration = true;
    }
    world_open(k->w);
    *state = k;
    return 0;
}

static int teardown(void **state)
{
    walk *k = *state;

    world_free(k->w);
    cJSON_Delete(k->fixture);
    free(k);
    return 0;
}

static const cJSON *member(const walk *k, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(k->fixture, name);
}

static const char *text(const walk *k, const char *name)
{
    const char *value = cJSON_GetStringValue(member(k, name));

    if (!value)
        fail_msg("the fixture has no %s", name);
    return value;
}

static char *replaced(world *w, const char *in, const char *name, const char *by)
{
    const char *at = strstr(in, name);

    if (!at)
        return world_text(w, "%s", in);
    assert_non_null(by);
    return world_text(w, "%.*s%s%s", (int)(at - in), in, by, at + strlen(name));
}

/* A text of the fixture with its placeholders filled in. */
static char *filled(const walk *k, const char *name)
{
    char *s = replaced(k->w, text(k, name), "{client_id}", k->client_id);

    s = replaced(k->w, s, "{code}", k->code);
    s = replaced(k->w, s, "{refresh_token}", k->refresh_token);
    s = replaced(k->w, s, "{challenge}", WORLD_CHALLENGE);
    s = replaced(k->w, s, "{verifier}", WORLD_VERIFIER);
    assert_null(strchr(s, '{'));
    return s;
}

static void registers(walk *k)
{
    const cJSON *body = member(k, "register");
    char *printed = cJSON_PrintUnformatted(body);
    reply *r = world_post_json(k->w, "/api/oauth/register", printed);

    cJSON_free(printed);
    if (r->status != 201)
        fail_msg("%d %s", r->status, r->body);
    k->client_id = world_text(k->w, "%s", reply_str(r, "client_id"));
    /* Clients compare what they sent: the same URIs in the same order, byte for byte. */
    assert_true(cJSON_Compare(cJSON_GetObjectItemCaseSensitive(r->json, "redirect_uris"),
                              cJSON_GetObjectItemCaseSensitive(body, "redirect_uris"), true));
    assert_string_equal(reply_str(r, "client_name"),
                        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "client_name")));
    assert_string_equal(reply_str(r, "token_endpoint_auth_method"), "none");
    assert_false(reply_has(r, "client_secret"));
    assert_int_equal(reply_has(r, "application_type"),
                     cJSON_HasObjectItem(body, "application_type"));
    assert_null(strstr(r->body, "\"\"")); /* nothing empty is echoed */
    assert_null(strstr(r->body, "device_code"));
}

static void is_approved(walk *k)
{
    char *location = world_approve(k->w, filled(k, "authorize"), NULL, NULL);
    const char *redirect = text(k, "redirect_uri"), *state = cJSON_GetStringValue(member(k, "state"));

    assert_int_equal(strncmp(location, redirect, strlen(redirect)), 0);
    assert_int_equal(strncmp(location + strlen(redirect), "?code=", 6), 0);
    assert_string_equal(url_param(k->w, location, "iss"), WORLD_ISSUER);
    assert_non_null(state);
    assert_string_equal(url_param(k->w, location, "state"), state);
    k->code = url_param(k->w, location, "code");
}

/* 200 with a Bearer token that opens the resource, for what was granted. */
static void gets_tokens(walk *k, const char *name)
{
    reply *r = world_post_form(k->w, "/api/oauth/token", filled(k, name));
    bool identity_only;
    istauth_access access;

    if (r->status != 200)
        fail_msg("%s: %d %s", name, r->status, r->body);
    assert_string_equal(reply_str(r, "token_type"), "Bearer");
    assert_int_equal(reply_int(r, "expires_in"), 3600);
    assert_string_equal(reply_str(r, "scope"), text(k, "granted"));
    assert_int_equal(reply_has(r, "refresh_token"), !member(k, "no_refresh_token"));
    if (reply_has(r, "refresh_token"))
        k->refresh_token = world_text(k->w, "%s", reply_str(r, "refresh_token"));
    assert_int_equal(world_verify(k->w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.client_id, istauth_str_of(k->client_id)));
    identity_only = strncmp(text(k, "granted"), "mcp", 3) != 0;
    assert_int_equal(istauth_access_check(&access, k->w->server, ISTAUTH_STR("mcp:read"),
                                          ISTAUTH_STR("ws_engine")),
                     identity_only ? ISTAUTH_E_INSUFFICIENT_SCOPE : ISTAUTH_OK);
}

/* Whatever else it registered opens a page too. */
static void may_use_its_other_redirects(walk *k)
{
    const cJSON *uri;

    cJSON_ArrayForEach(uri, member(k, "more_redirect_uris"))
    {
        char *query = world_query(k->w, k->client_id, cJSON_GetStringValue(uri), NULL);

        if (!world_get(k->w, "/oauth/authorize", query)->open)
            fail_msg("%s is not taken", cJSON_GetStringValue(uri));
    }
}

static void test_ru_12_a_client_connects_and_stays_connected(void **state)
{
    walk *k = *state;

    assert_true(strlen(text(k, "modelled_on")) > 10);
    registers(k);
    may_use_its_other_redirects(k);
    is_approved(k);
    gets_tokens(k, "code");
    if (member(k, "no_refresh_token"))
        return;
    gets_tokens(k, "refresh");
    gets_tokens(k, "refresh_without_resource");
    gets_tokens(k, "refresh_without_scope");
    assert_int_equal(world_events(k->w, ISTAUTH_EVENT_REFRESHED), 3);
    assert_int_equal(apps_of(k->w, ADA).items[0].connections, 1);
}

/* Where each of them starts over: a registration that is gone is 401, a dead token is 400. */
static void test_tk_04_a_client_learns_how_to_start_over(void **state)
{
    walk *k = *state;
    char *id, *revoked;

    registers(k);
    is_approved(k);
    gets_tokens(k, "code");
    if (member(k, "no_refresh_token"))
        return;
    id = k->client_id;
    revoked = world_text(k->w, "client_id=%s&token=%s", id, k->refresh_token);
    assert_int_equal(world_post_form(k->w, "/api/oauth/revoke", revoked)->status, 200);
    expect_error(world_post_form(k->w, "/api/oauth/token", filled(k, "refresh")), 400,
                 "invalid_grant");
    k->client_id = world_text(k->w, "%032d", 0);
    expect_error(world_post_form(k->w, "/api/oauth/token", filled(k, "refresh")), 401,
                 "invalid_client");
    expect_page(world_get(k->w, "/oauth/authorize", filled(k, "authorize")));
}

#define CLIENT(name)                                                                     \
    { "test_ru_12_" #name "_connects", test_ru_12_a_client_connects_and_stays_connected, \
      setup, teardown, (void *)(uintptr_t)#name },                                       \
    { "test_tk_04_" #name "_starts_over", test_tk_04_a_client_learns_how_to_start_over,  \
      setup, teardown, (void *)(uintptr_t)#name }

static const struct CMUnitTest clients[] = {
    CLIENT(claude),     CLIENT(claude_code), CLIENT(chatgpt),       CLIENT(codex),
    CLIENT(cursor),     CLIENT(vs_code),     CLIENT(mcp_inspector), CLIENT(mcp_remote),
    CLIENT(gemini_cli), CLIENT(goose),       CLIENT(zed),           CLIENT(jetbrains),
    CLIENT(lm_studio),  CLIENT(opencode),    CLIENT(n8n),           CLIENT(windsurf),
    CLIENT(grok_bot),
};

static void test_every_fixture_is_walked(void **state)
{
    DIR *folder = opendir(FIXTURES);
    struct dirent *entry;
    size_t files = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)))
        files += entry->d_name[0] != '.';
    closedir(folder);
    assert_int_equal(2 * files, COUNT(clients));
}

int main(void)
{
    const struct CMUnitTest others[] = { cmocka_unit_test(test_every_fixture_is_walked) };
    int failed = cmocka_run_group_tests(clients, NULL, NULL);

    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
