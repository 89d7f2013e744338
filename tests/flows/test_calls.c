/* How often each kind of request asks the store, held against the table in docs/performance.md. */
#include "support/person.h"

#include <stdio.h>
#include <stdlib.h>

#define PAGE "docs/performance.md"

static char *page;

static int read_page(void **state)
{
    const size_t size = 65536;
    FILE *file = fopen(PAGE, "rb");
    size_t n;

    (void)state;
    if (!file)
        fail_msg("no %s (run from the project's folder)", PAGE);
    page = calloc(1, size);
    assert_non_null(page);
    n = fread(page, 1, size - 1, file);
    fclose(file);
    return n > 0 && n < size - 1 ? 0 : -1;
}

static int forget_page(void **state)
{
    (void)state;
    free(page);
    return 0;
}

static bool reads(istauth_store_op op)
{
    switch (op) {
    case ISTAUTH_STORE_CLIENT_GET:
    case ISTAUTH_STORE_CODE_GET:
    case ISTAUTH_STORE_TOKEN_GET:
    case ISTAUTH_STORE_RETRY_GET:
    case ISTAUTH_STORE_APP_LIST:
    case ISTAUTH_STORE_PERSONAL_LIST:
        return true;
    default:
        return false;
    }
}

static char *words(world *w, size_t n, const char *what)
{
    return n ? world_text(w, "%zu %s%s", n, what, n > 1 ? "s" : "") : world_text(w, "%s", "");
}

/* What the store was asked since the last time, as the table has it; and count anew. */
static void expect_row(faulty *f, const char *request)
{
    size_t all = calls_of(f, ISTAUTH_STORE_ANY), read = 0;
    char *row, *r, *wr;

    for (int op = 0; op < ISTAUTH_STORE_ANY; op++)
        if (reads((istauth_store_op)op))
            read += calls_of(f, (istauth_store_op)op);
    r = words(f->w, read, "read");
    wr = words(f->w, all - read, "write");
    row = world_text(f->w, "\n| %s | %s%s%s%s |\n", request, r, *r && *wr ? ", " : "", wr,
                     all ? "" : "none");
    if (!strstr(page, row))
        fail_msg("%s has no row%s", PAGE, row);
    break_op(f, ISTAUTH_STORE_ANY, 0);
}

static void test_the_road_to_a_token_asks_the_store_as_documented(void **state)
{
    faulty *f = *state;
    istauth_authorization asked;
    istauth_consent shown;
    char *id, *query, *code;
    reply *r;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    world_get(f->w, "/.well-known/oauth-authorization-server", "");
    expect_row(f, "discovery");
    id = world_register(f->w, WORLD_CLIENT_REDIRECT);
    expect_row(f, "a registration");
    query = world_query(f->w, id, WORLD_CLIENT_REDIRECT, "scope=mcp");
    assert_true(world_get(f->w, "/oauth/authorize", query)->open);
    expect_row(f, "a request to `/authorize`");
    assert_int_equal(istauth_authorize_check(&asked, f->w->server, istauth_str_of(query), &f->w->arena),
                     ISTAUTH_OK);
    break_op(f, ISTAUTH_STORE_ANY, 0);
    assert_int_equal(istauth_consent_open(&shown, f->w->server, &asked, ADA, BROWSER, &f->w->arena),
                     ISTAUTH_OK);
    expect_row(f, "the consent page");
    code = approved_code(f->w, shown.ticket);
    expect_row(f, "its answer");
    r = world_redeem(f->w, id, code);
    expect_row(f, "a code is exchanged");
    r = world_refresh(f->w, id, reply_str(r, "refresh_token"));
    expect_row(f, "a refresh");
    r = world_post_form(f->w, "/api/oauth/revoke",
                        world_text(f->w, "client_id=%s&token=%s", id, reply_str(r, "access_token")));
    assert_int_equal(r->status, 200);
    expect_row(f, "a revocation by the client");
}

static void test_a_call_asks_the_store_as_documented(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");
    istauth_access access;

    assert_int_equal(world_verify(f->w, &access, c.access), ISTAUTH_OK);
    break_op(f, ISTAUTH_STORE_ANY, 0); /* the first use of a minute is noted */
    assert_int_equal(world_verify(f->w, &access, c.access), ISTAUTH_OK);
    expect_row(f, "a call of the MCP endpoint (`istauth_verify_request`)");
    assert_int_equal(istauth_access_check(&access, f->w->server, ISTAUTH_STR("mcp"),
                                          ISTAUTH_STR("ws_engine")),
                     ISTAUTH_OK);
    expect_row(f, "tool policy (`istauth_access_check`)");
    c.access[20]++;
    assert_int_equal(world_verify(f->w, &access, c.access), ISTAUTH_E_INVALID_TOKEN);
    expect_row(f, "a token that is garbage");
}

static void test_account_settings_ask_the_store_as_documented(void **state)
{
    faulty *f = *state;
    connection c = connect_app(f->w, "mcp");
    istauth_str client = istauth_str_of(c.client_id);
    istauth_id id;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    assert_int_equal(apps_of(f->w, ADA).count, 1);
    expect_row(f, "a list of connected apps");
    personal_token(f->w, &id, "mcp");
    expect_row(f, "a personal token is made");
    assert_int_equal(istauth_app_disconnect(f->w->server, ADA, (istauth_str_list){ &client, 1 }),
                     ISTAUTH_OK);
    expect_row(f, "an app is disconnected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULTY_CASE(test_the_road_to_a_token_asks_the_store_as_documented),
        FAULTY_CASE(test_a_call_asks_the_store_as_documented),
        FAULTY_CASE(test_account_settings_ask_the_store_as_documented),
    };

    return cmocka_run_group_tests(tests, read_page, forget_page);
}
