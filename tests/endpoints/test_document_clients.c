/* What clients publish as their metadata document: each file under tests/fixtures/documents is
 * modelled on one - on its source, its documentation or reports, not fetched from it. */
#include "support/person.h"
#include "support/web.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct publisher {
    world *w;
    web pages;
    cJSON *fixture;
    const char *url;
    char *body;
} publisher;

static cJSON *read_fixture(const char *name)
{
    char path[256], text[8192];
    cJSON *json;
    FILE *file;
    size_t n;

    snprintf(path, sizeof(path), "tests/fixtures/documents/%s.json", name);
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

static const char *text(const publisher *p, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(p->fixture, name));

    assert_non_null(value);
    return value;
}

static const cJSON *member(const publisher *p, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(p->fixture, name);

    assert_non_null(value);
    return value;
}

static int setup(void **state)
{
    publisher *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->fixture = read_fixture(*state);
    assert_string_equal(text(p, "client"), *state);
    p->url = text(p, "url");
    p->body = cJSON_PrintUnformatted(member(p, "document"));
    assert_non_null(p->body);
    web_publish(&p->pages, (web_page){ .url = p->url, .body = p->body });
    p->w = world_new();
    p->w->config.fetcher = web_fetcher(&p->pages);
    p->w->config.client_documents = true;
    world_open(p->w);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    publisher *p = *state;

    world_free(p->w);
    cJSON_free(p->body);
    cJSON_Delete(p->fixture);
    free(p);
    return 0;
}

static void is_told_apart(const publisher *p, const istauth_consent *page, const char *redirect_uri)
{
    bool loopback = strncmp(redirect_uri, "http:", 5) == 0;

    assert_true(istauth_str_equal(page->document_host, istauth_str_of(text(p, "host"))));
    assert_int_equal(page->redirect_kind,
                     loopback ? ISTAUTH_REDIRECT_LOOPBACK : ISTAUTH_REDIRECT_HTTPS); /* CM-07 */
}

static void connects(publisher *p, const char *redirect_uri)
{
    world *w = p->w;
    char *query = world_query(w, world_encode(w, p->url), redirect_uri, "scope=mcp&state=s");
    istauth_consent page = open_page(w, query, ADA, BROWSER);
    istauth_access access;
    reply *r;

    is_told_apart(p, &page, redirect_uri);
    r = world_post_form(
        w, "/api/oauth/token",
        world_text(w,
                   "grant_type=authorization_code&client_id=%s&code=%s&code_verifier=%s"
                   "&redirect_uri=%s",
                   world_encode(w, p->url), approved_code(w, page.ticket), WORLD_VERIFIER,
                   world_encode(w, redirect_uri)));
    if (r->status != 200)
        fail_msg("%s: %d %s", redirect_uri, r->status, r->body);
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.client_id, istauth_str_of(p->url)));
    r = world_refresh(w, p->url, world_text(w, "%s", reply_str(r, "refresh_token")));
    assert_int_equal(r->status, 200);
}

static void test_ru_27_cm_04_the_document_connects(void **state)
{
    publisher *p = *state;
    const cJSON *uri;

    cJSON_ArrayForEach(uri, member(p, "requested"))
        connects(p, uri->valuestring);
    cJSON_ArrayForEach(uri, member(p, "not_requested"))
        expect_page(world_get(p->w, "/oauth/authorize",
                              world_query(p->w, p->url, uri->valuestring, NULL)));
    assert_int_equal(p->pages.fetches, 1);
    assert_string_equal(p->pages.last, p->url);
}

/* The same bytes at another address are nobody's (CM-03). */
static void test_cm_03_the_document_elsewhere_does_not(void **state)
{
    publisher *p = *state;
    const char *redirect = member(p, "requested")->child->valuestring;
    const char *elsewhere = "https://copy.example/oauth/client.json";

    web_publish(&p->pages, (web_page){ .url = elsewhere, .body = p->body });
    expect_page(world_get(p->w, "/oauth/authorize",
                          world_query(p->w, elsewhere, redirect, NULL)));
    assert_string_equal(p->pages.last, elsewhere);
}

#define BOTH(name) \
    { "test_ru_27_cm_04_the_document_of_" name, test_ru_27_cm_04_the_document_connects, setup, \
      teardown, (void *)(uintptr_t)(name) }, \
    { "test_cm_03_the_document_elsewhere_of_" name, test_cm_03_the_document_elsewhere_does_not, \
      setup, teardown, (void *)(uintptr_t)(name) }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH("chatgpt"), BOTH("claude"), BOTH("claude_code"), BOTH("codex"),
        BOTH("goose"),   BOTH("grok"),   BOTH("vs_code"),     BOTH("zed"),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
