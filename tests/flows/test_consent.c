/* Consent: what the page shows, who may answer it, and what an answer is worth. */
#include "support/person.h"

#include <stdlib.h>

static const uint8_t shared_key[ISTAUTH_TICKET_KEY_SIZE] = { 1, 2, 3, 4, 5 };

static char *new_query(world *w, const char *more)
{
    return world_query(w, world_register(w, WORLD_CLIENT_REDIRECT), WORLD_CLIENT_REDIRECT, more);
}

static void refuse(world *w, istauth_str ticket, answer a, istauth_status status)
{
    char *location;
    istauth_status st = approve(w, &location, ticket, a);

    if (st != status)
        fail_msg("expected %s, got %s", istauth_status_name(status), istauth_status_name(st));
    assert_null(location);
}

static void test_a_validated_request_alone_is_refused_or_opened(void **state)
{
    world *w = *state;
    char *query = new_query(w, "state=s");
    istauth_str none = { NULL, 0 }, location = none;
    istauth_authorization good, bad;
    istauth_consent consent;

    assert_int_equal(
        istauth_authorize_check(&good, w->server, istauth_str_of(query), &w->arena), ISTAUTH_OK);
    assert_int_equal(istauth_authorize_check(&bad, w->server, none, &w->arena),
                     ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(istauth_authorize_refuse(&location, w->server, &bad, ISTAUTH_E_ACCESS_DENIED,
                                              &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_consent_open(&consent, w->server, &bad, ADA, BROWSER, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(
        istauth_authorize_refuse(&location, w->server, &good, ISTAUTH_OK, &w->arena),
        ISTAUTH_E_ARGUMENT);
    assert_null(location.p);
    assert_int_equal(istauth_authorize_refuse(&location, w->server, &good,
                                              ISTAUTH_E_LOGIN_REQUIRED, &w->arena),
                     ISTAUTH_OK);
    assert_string_equal(url_param(w, location.p, "error"), "login_required");
    assert_string_equal(url_param(w, location.p, "state"), "s");
    assert_string_equal(url_param(w, location.p, "iss"), WORLD_ISSUER);
}

static void refuse_text(world *w, const char *ticket)
{
    refuse(w, istauth_str_of(ticket), ADA_SAYS_YES, ISTAUTH_E_TICKET);
}

static char *take(world *w, istauth_str ticket, answer a)
{
    char *location;
    istauth_status st = approve(w, &location, ticket, a);

    if (st)
        fail_msg("not approved: %s", istauth_status_name(st));
    return location;
}

static reply *redeem_for(world *w, const char *query, const char *location)
{
    return world_redeem(w, url_param(w, world_text(w, "?%s", query), "client_id"),
                        url_param(w, location, "code"));
}

/* --- what the page shows --- */

static void expect_text(istauth_str text, const char *wanted)
{
    if (!istauth_str_equal(text, istauth_str_of(wanted)))
        fail_msg("wanted '%s', got '%.*s'", wanted, (int)text.n, text.n ? text.p : "");
}

static void test_ru_33_the_page_names_who_asks_for_what_and_where_the_answer_goes(void **state)
{
    world *w = *state;
    reply *r = world_post_json(w, "/api/oauth/register",
                               "{\"client_name\":\"My App\",\"client_uri\":\"https://app.ex:8443/x\","
                               "\"redirect_uris\":[\"https://c.ex/cb\"]}");
    istauth_consent c = open_page(w, world_query(w, reply_str(r, "client_id"),
                                                 WORLD_CLIENT_REDIRECT, "scope=email+mcp+nope"),
                                  ADA, BROWSER);

    expect_text(c.client_name, "My App");
    expect_text(c.client_host, "app.ex");
    expect_text(c.redirect_host, "c.ex");
    expect_text(c.resource, WORLD_RESOURCE);
    assert_int_equal(c.redirect_kind, ISTAUTH_REDIRECT_HTTPS);
    assert_int_equal(c.scope_count, 2);
    expect_text(c.scopes[0]->name, "mcp");
    expect_text(c.scopes[1]->name, "email");
    assert_true(c.scopes[0]->sentence.n > 20);
    assert_true(c.workspace_needed);
    assert_int_equal(c.workspaces.count, 3);
    assert_false(c.workspaces.items[2].choosable);
    expect_text(c.workspaces.items[2].reason, "Upgrade to Pro or Max");
}

static void test_ru_33_a_loopback_or_private_target_is_told_apart(void **state)
{
    static const struct {
        const char *uri, *host;
        istauth_redirect_kind kind;
    } rows[] = {
        { "http://127.0.0.1:49152/cb", "127.0.0.1:49152", ISTAUTH_REDIRECT_LOOPBACK },
        { "http://localhost/cb", "localhost", ISTAUTH_REDIRECT_LOOPBACK },
        { "cursor://anysphere.cursor-mcp/oauth/callback", "cursor:",
          ISTAUTH_REDIRECT_PRIVATE_USE },
        { "https://xn--e1afmkfd.ex/cb", "xn--e1afmkfd.ex", ISTAUTH_REDIRECT_HTTPS },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *id = world_register(w, rows[i].uri);
        istauth_consent c = open_page(w, world_query(w, id, rows[i].uri, NULL), ADA, BROWSER);

        expect_text(c.redirect_host, rows[i].host);
        assert_int_equal(c.redirect_kind, rows[i].kind);
        expect_text(c.client_host, "");
    }
}

static void test_an_approval_byte_for_byte(void **state)
{
    world *w = *state;
    char *location = take(w, open_ticket(w, new_query(w, "state=a+b%2Bc%26%0D%0A")), ADA_SAYS_YES);

    assert_string_equal(location,
                        world_text(w,
                                   "https://c.ex/cb?code=%s&state=a%%20b%%2Bc%%26%%0D%%0A"
                                   "&iss=https%%3A%%2F%%2Fas.example",
                                   url_param(w, location, "code")));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CONSENTED), 1);
}

static void test_a_denial_byte_for_byte_and_nothing_granted(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    istauth_str ticket = open_ticket(w, new_query(w, "state=s1"));
    char *location;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    assert_int_equal(deny(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_OK);
    assert_string_equal(location, "https://c.ex/cb?error=access_denied&error_description="
                                  "Access%20was%20denied&state=s1&iss=https%3A%2F%2Fas.example");
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_DENIED), 1);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    assert_int_equal(deny(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_E_TICKET);
    assert_int_equal(apps_of(w, ADA).count, 0);
}

/* --- the ticket --- */

static void test_co_03_a_forged_ticket_is_refused(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    const char *const forged[] = {
        "", "x", "AAAA", world_text(w, "%0400d", 0), "\xFF\xFE", "../../etc/passwd",
        "' OR 1=1 --", world_text(w, "%040000d", 0), world_text(w, "%032768d", 0),
        world_text(w, "%032772d", 0), "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.",
    };

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(forged); i++)
        refuse_text(w, forged[i]);
    refuse(w, istauth_str_of(NULL), ADA_SAYS_YES, ISTAUTH_E_TICKET);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
}

static void test_co_03_every_truncated_ticket_is_refused(void **state)
{
    faulty *f = *state;
    istauth_str ticket = open_ticket(f->w, new_query(f->w, "state=s&scope=mcp"));

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t n = 0; n < ticket.n; n++) {
        char *cut = malloc(n ? n : 1); /* nothing behind it may be read */

        assert_non_null(cut);
        memcpy(cut, ticket.p, n);
        refuse(f->w, (istauth_str){ cut, n }, ADA_SAYS_YES, ISTAUTH_E_TICKET);
        free(cut);
    }
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    (void)take(f->w, ticket, ADA_SAYS_YES);
}

static void test_co_03_a_ticket_with_any_character_changed_is_refused(void **state)
{
    static const char others[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                 "=+/ .%\n";
    faulty *f = *state;
    istauth_str ticket = open_ticket(f->w, new_query(f->w, "state=s&scope=mcp"));
    char *copy = world_text(f->w, "%s", ticket.p);

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < ticket.n; i++) {
        for (const char *c = others; *c; c++) {
            if (*c == ticket.p[i])
                continue;
            copy[i] = *c;
            refuse(f->w, (istauth_str){ copy, ticket.n }, ADA_SAYS_YES, ISTAUTH_E_TICKET);
        }
        copy[i] = '\0';
        refuse(f->w, (istauth_str){ copy, ticket.n }, ADA_SAYS_YES, ISTAUTH_E_TICKET);
        copy[i] = ticket.p[i];
    }
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    (void)take(f->w, (istauth_str){ copy, ticket.n }, ADA_SAYS_YES);
}

static void test_co_03_a_ticket_with_something_added_is_refused(void **state)
{
    static const char *const more[] = { "=", "A", "AA", "AAA", "AAAA", " ", "\n", ".", "%3D" };
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    for (size_t i = 0; i < COUNT(more); i++) {
        refuse_text(w, world_text(w, "%s%s", ticket.p, more[i]));
        refuse_text(w, world_text(w, "%s%s", more[i], ticket.p));
    }
    refuse_text(w, world_text(w, "%s%s", ticket.p, ticket.p));
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_03_another_persons_page_is_not_ours_to_answer(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    istauth_str hers =
        open_page(w, new_query(w, NULL), GRACE, ISTAUTH_STR("browser-2")).ticket;
    char *location;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    refuse(w, hers, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    refuse(w, hers, (answer){ GRACE, BROWSER, NULL, "ws_navy" }, ISTAUTH_E_TICKET);
    refuse(w, hers, (answer){ ADA, ISTAUTH_STR("browser-2"), NULL, "ws_engine" },
           ISTAUTH_E_TICKET);
    assert_int_equal(deny(w, &location, hers, ADA_SAYS_YES), ISTAUTH_E_TICKET);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 0);
    (void)take(w, hers, (answer){ GRACE, ISTAUTH_STR("browser-2"), NULL, "ws_navy" });
}

static void test_co_06_an_account_switch_between_page_and_answer_is_refused(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    refuse(w, ticket, (answer){ GRACE, BROWSER, NULL, "ws_navy" }, ISTAUTH_E_TICKET);
    refuse(w, ticket, (answer){ ISTAUTH_STR("USER_ADA"), BROWSER, NULL, "ws_engine" },
           ISTAUTH_E_TICKET);
    refuse(w, ticket, (answer){ ISTAUTH_STR(""), BROWSER, NULL, "ws_engine" }, ISTAUTH_E_TICKET);
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_06_another_browser_cannot_answer(void **state)
{
    static const char *const bindings[] = { "", "browser-2", "browser-", "browser-1 ",
                                            "BROWSER-1", "browser-1\n" };
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    for (size_t i = 0; i < COUNT(bindings); i++)
        refuse(w, ticket, (answer){ ADA, istauth_str_of(bindings[i]), NULL, "ws_engine" },
               ISTAUTH_E_TICKET);
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_06_subject_and_browser_do_not_run_into_each_other(void **state)
{
    world *w = *state;
    istauth_str ticket =
        open_page(w, new_query(w, NULL), ISTAUTH_STR("ab"), ISTAUTH_STR("cd")).ticket;

    refuse(w, ticket, (answer){ ISTAUTH_STR("a"), ISTAUTH_STR("bcd"), NULL, "ws_navy" },
           ISTAUTH_E_TICKET);
    refuse(w, ticket, (answer){ ISTAUTH_STR("abc"), ISTAUTH_STR("d"), NULL, "ws_navy" },
           ISTAUTH_E_TICKET);
    refuse(w, ticket, (answer){ ISTAUTH_STR("cd"), ISTAUTH_STR("ab"), NULL, "ws_navy" },
           ISTAUTH_E_TICKET);
    (void)take(w, ticket, (answer){ ISTAUTH_STR("ab"), ISTAUTH_STR("cd"), NULL, "ws_navy" });
}

static void test_co_06_a_page_needs_a_person_and_a_browser(void **state)
{
    world *w = *state;
    istauth_authorization a;
    istauth_consent c;
    char *binding = world_text(w, "%0257d", 0);

    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(new_query(w, NULL)),
                                             &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_open(&c, w->server, &a, ISTAUTH_STR(""), BROWSER, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_consent_open(&c, w->server, &a, ADA, ISTAUTH_STR(""), &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(
        istauth_consent_open(&c, w->server, &a, ADA, istauth_str_of(binding), &w->arena),
        ISTAUTH_E_ARGUMENT);
    assert_int_equal(
        istauth_consent_open(&c, w->server, &a, ADA, istauth_str_of(binding + 1), &w->arena),
        ISTAUTH_OK);
    (void)take(w, c.ticket, (answer){ ADA, istauth_str_of(binding + 1), NULL, "ws_engine" });
}

static void test_co_17_a_ticket_lives_for_ten_minutes(void **state)
{
    world *w = *state;
    char *query = new_query(w, NULL);
    istauth_str a = open_ticket(w, query), b = open_ticket(w, query);

    w->now += 599;
    (void)take(w, a, ADA_SAYS_YES);
    w->now += 1;
    refuse(w, b, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    w->now += 1000000;
    refuse(w, b, ADA_SAYS_YES, ISTAUTH_E_TICKET);
}

static void test_co_17_a_clock_set_back_does_not_keep_a_ticket_alive(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    w->now -= 601;
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    w->now += 1;
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_17_a_state_within_the_hosts_own_limits_comes_through(void **state)
{
    world *w = world_new();
    char *location;

    (void)state;
    w->config.limits.query = 70000;
    w->config.limits.state = 60000;
    world_open(w);
    location = take(w, open_ticket(w, new_query(w, world_text(w, "state=%060000d", 7))),
                    ADA_SAYS_YES);
    assert_int_equal(strlen(url_param(w, location, "state")), 60000);
    refuse_text(w, world_text(w, "%0140004d", 0));
    world_free(w);
}

static void test_co_17_two_tickets_of_one_request_have_nothing_in_common(void **state)
{
    world *w = *state;
    char *query = new_query(w, "state=secret-state");
    istauth_str a = open_ticket(w, query), b = open_ticket(w, query);
    size_t same = 0;

    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++)
        same += a.p[i] == b.p[i];
    assert_true(same < a.n / 8); /* one in 64 by chance */
    assert_null(strstr(a.p, "secret"));
    assert_int_equal(strspn(a.p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                     a.n); /* fit for a hidden field as it is */
}

static void test_co_17_another_issuers_ticket_does_not_open_with_the_same_key(void **state)
{
    world *a = world_new(), *b = world_new();
    istauth_str ticket;

    (void)state;
    a->config.ticket_key = b->config.ticket_key = shared_key;
    world_open(a);
    b->given = a->store;
    b->config.issuer = ISTAUTH_STR("https://as.example/b");
    world_open(b);
    ticket = open_ticket(a, new_query(a, NULL));
    refuse(b, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    (void)take(a, ticket, ADA_SAYS_YES);
    world_free(b);
    world_free(a);
}

static void test_co_17_servers_that_share_a_key_answer_each_others_pages(void **state)
{
    world *a = world_new(), *b = world_new();
    char *query, *location;
    istauth_str ticket;

    (void)state;
    a->config.ticket_key = b->config.ticket_key = shared_key;
    world_open(a);
    b->given = a->store;
    b->seed = 43;
    world_open(b);
    query = new_query(a, NULL);
    ticket = open_ticket(a, query);
    location = take(b, ticket, ADA_SAYS_YES);
    refuse(a, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET); /* spent, whichever asks */
    refuse(b, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    assert_int_equal(redeem_for(a, query, location)->status, 200);
    location = take(a, open_ticket(b, query), ADA_SAYS_YES);
    assert_int_equal(redeem_for(b, query, location)->status, 200);
    world_free(b);
    world_free(a);
}

static void test_co_17_without_a_shared_key_a_page_does_not_outlive_its_server(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    world_reopen(w);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    w->config.ticket_key = shared_key;
    world_reopen(w);
    ticket = open_ticket(w, new_query(w, NULL));
    world_reopen(w);
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_04_a_second_submission_gets_no_second_code(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    char *query = new_query(w, NULL);
    istauth_str ticket = open_ticket(w, query);
    char *location = take(w, ticket, ADA_SAYS_YES), *second;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (int i = 0; i < 3; i++)
        refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    assert_int_equal(deny(w, &second, ticket, ADA_SAYS_YES), ISTAUTH_E_TICKET);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_int_equal(redeem_for(w, query, location)->status, 200);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_CONSENTED), 1);
}

static void test_co_04_a_purge_does_not_make_a_ticket_good_again(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    (void)take(w, ticket, ADA_SAYS_YES);
    for (int i = 0; i < 11; i++) {
        w->now += 100;
        assert_int_equal(istauth_purge(NULL, w->server, 1000), ISTAUTH_OK);
        refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
    }
    w->now = WORLD_START; /* nor does a clock that is set back after one */
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
}

/* --- everyone is asked, every time --- */

static void test_co_01_a_new_client_is_asked_for_though_its_name_is_known(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection known = connect_app(w, "mcp");
    char *fresh = world_register(w, WORLD_CLIENT_REDIRECT); /* same name, same redirect URI */
    reply *r;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    r = world_get(w, "/oauth/authorize", world_query(w, fresh, WORLD_CLIENT_REDIRECT, NULL));
    assert_true(r->open);
    assert_int_equal(r->status, 200);
    assert_null(reply_header(r, "location"));
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_true(opens(w, known.access));
}

static void test_co_02_a_public_client_is_asked_for_again(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "mcp");
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, "scope=mcp");
    istauth_consent page;

    break_op(f, ISTAUTH_STORE_ANY, 0);
    assert_true(world_get(w, "/oauth/authorize", query)->open);
    page = open_page(w, query, ADA, BROWSER);
    assert_int_equal(page.scope_count, 1);
    assert_true(page.ticket.n > 0);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_int_equal(apps_of(w, ADA).items[0].connections, 1);
    (void)take(w, page.ticket, ADA_SAYS_YES);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 1);
}

static void test_co_21_an_open_page_costs_no_row(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    char *query = new_query(w, NULL);

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (int i = 0; i < 200; i++)
        (void)open_ticket(w, query);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_ANY), 200);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CLIENT_GET), 200);
}

static void test_co_22_two_tabs_are_two_answers(void **state)
{
    world *w = *state;
    char *a = new_query(w, "state=a"), *b = new_query(w, "state=b");
    istauth_str ticket_a = open_ticket(w, a), ticket_b = open_ticket(w, b);
    char *location = take(w, ticket_b, ADA_SAYS_YES);

    assert_string_equal(url_param(w, location, "state"), "b");
    expect_error(redeem_for(w, a, location), 400, "invalid_grant");
    assert_int_equal(redeem_for(w, b, location)->status, 200);
    assert_int_equal(apps_of(w, ADA).count, 1);
    location = take(w, ticket_a, ADA_SAYS_YES);
    assert_string_equal(url_param(w, location, "state"), "a");
    assert_int_equal(redeem_for(w, a, location)->status, 200);
}

/* --- what is chosen --- */

static const char *granted_scope(world *w, const char *asked, const char *chosen)
{
    char *query = new_query(w, world_text(w, "scope=%s", world_encode(w, asked)));
    answer a = { ADA, BROWSER, chosen, "ws_engine" };

    return reply_str(redeem_for(w, query, take(w, open_ticket(w, query), a)), "scope");
}

static void test_co_08_a_scope_that_was_not_asked_for_is_not_granted(void **state)
{
    world *w = *state;

    assert_string_equal(granted_scope(w, "mcp:read", "mcp mcp:read"), "mcp:read");
    assert_string_equal(granted_scope(w, "mcp:read", "mcp:read openid email"), "mcp:read");
    assert_string_equal(granted_scope(w, "mcp:read", "mcp:read nonsense"), "mcp:read");
    assert_string_equal(granted_scope(w, "mcp email", "mcp"), "mcp");
    assert_string_equal(granted_scope(w, "mcp email", NULL), "mcp email");
    assert_string_equal(granted_scope(w, "mcp email", ""), "mcp email");
    assert_string_equal(granted_scope(w, "mcp", "mcp:read"), "mcp:read"); /* a part of it */
}

static void test_co_08_nothing_left_to_grant_keeps_the_ticket(void **state)
{
    static const char *const choices[] = { "mcp", "openid", "nonsense", "mcp:read\"", "MCP:READ",
                                           "mcp:read ", "mcp:read\tmcp", "\x7F" };
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, "scope=mcp:read"));

    for (size_t i = 0; i < COUNT(choices); i++)
        refuse(w, ticket, (answer){ ADA, BROWSER, choices[i], "ws_engine" },
               ISTAUTH_E_INVALID_SCOPE);
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void refuse_workspaces(world *w, istauth_str ticket, istauth_str_list workspaces,
                              istauth_status status)
{
    istauth_choice choice = { { NULL, 0 }, workspaces };
    istauth_str location = { NULL, 0 };

    assert_int_equal(istauth_consent_approve(&location, w->server, ticket, ADA, BROWSER, &choice,
                                             &w->arena),
                     status);
    assert_null(location.p);
}

static void test_co_09_no_workspace_but_ones_own_that_may_be_chosen(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));
    istauth_str bad[] = {
        ISTAUTH_STR("ws_navy"), /* grace's */
        ISTAUTH_STR("ws_home"), /* hers, but a plan that forbids it */
        ISTAUTH_STR(""),
        ISTAUTH_STR(".."),
        ISTAUTH_STR("../ws_engine"),
        ISTAUTH_STR("ws_engine/"),
        ISTAUTH_STR("ws_engine "),
        ISTAUTH_STR(" ws_engine"),
        ISTAUTH_STR("WS_ENGINE"),
        ISTAUTH_STR("ws_engine\0"),
        ISTAUTH_STR("ws_engine\0x"),
        ISTAUTH_STR("\0"),
        ISTAUTH_STR("*"),
        ISTAUTH_STR("%"),
        ISTAUTH_STR("ws_%"),
        ISTAUTH_STR("ws_engine' OR '1'='1"),
        ISTAUTH_STR("ws_engine,ws_home"),
        ISTAUTH_STR("ws_engine ws_home"),
        ISTAUTH_STR("\xC3\xA9"),
        { NULL, 0 },
        { NULL, 0 },
    };

    bad[COUNT(bad) - 1] = istauth_str_of(world_text(w, "ws_engine%065536d", 0));
    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(bad); i++) {
        istauth_str both[] = { ISTAUTH_STR("ws_engine"), bad[i] };

        refuse_workspaces(w, ticket, (istauth_str_list){ &bad[i], 1 },
                          ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
        refuse_workspaces(w, ticket, (istauth_str_list){ both, 2 },
                          ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    }
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_NONCE_CLAIM), 0);
    (void)take(w, ticket, ADA_SAYS_YES); /* and the person can mend it */
}

static void test_co_09_membership_is_asked_about_when_the_answer_comes(void **state)
{
    world *w = *state;
    char *query = new_query(w, NULL);
    istauth_consent page = open_page(w, query, ADA, BROWSER);
    istauth_access access;
    reply *r;

    assert_true(page.workspaces.items[0].choosable);
    w->lost_engine = true;
    refuse(w, page.ticket, ADA_SAYS_YES, ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    refuse(w, page.ticket, (answer){ ADA, BROWSER, NULL, "ws_engine ws_notes" },
           ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    r = redeem_for(w, query, take(w, page.ticket, (answer){ ADA, BROWSER, NULL, "ws_notes" }));
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 1);
    expect_text(access.workspaces.items[0], "ws_notes");
}

static void test_co_09_a_plan_is_looked_at_when_the_answer_comes(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));

    w->notes_is_free = true;
    refuse(w, ticket, (answer){ ADA, BROWSER, NULL, "ws_notes" },
           ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    w->workspaces_status = ISTAUTH_E_UNAVAILABLE;
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_UNAVAILABLE);
    w->workspaces_status = ISTAUTH_E_NOT_FOUND; /* not in its contract */
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_INTERNAL);
    w->workspaces_status = ISTAUTH_OK;
    (void)take(w, ticket, ADA_SAYS_YES);
}

static void test_co_09_a_workspace_is_needed_only_where_one_is_touched(void **state)
{
    world *w = *state;
    istauth_consent page = open_page(w, new_query(w, "scope=mcp"), ADA, BROWSER);

    refuse(w, page.ticket, (answer){ ADA, BROWSER, NULL, NULL }, ISTAUTH_E_NO_WORKSPACE);
    (void)take(w, page.ticket, ADA_SAYS_YES);
    page = open_page(w, new_query(w, "scope=openid+email"), ADA, BROWSER);
    assert_false(page.workspace_needed);
    (void)take(w, page.ticket, (answer){ ADA, BROWSER, NULL, NULL });
    page = open_page(w, new_query(w, "scope=openid+mcp"), ADA, BROWSER);
    (void)take(w, page.ticket, (answer){ ADA, BROWSER, "openid", NULL });
    w->config.hooks.workspaces = NULL;
    world_reopen(w);
    page = open_page(w, new_query(w, "scope=mcp"), ADA, BROWSER);
    assert_false(page.workspace_needed);
    assert_int_equal(page.workspaces.count, 0);
    refuse(w, page.ticket, ADA_SAYS_YES, ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    (void)take(w, page.ticket, (answer){ ADA, BROWSER, NULL, NULL });
}

static void test_co_10_a_workspace_named_twice_refuses_the_choice(void **state)
{
    static const char *const choices[] = { "ws_engine ws_engine", "ws_engine ws_notes ws_engine",
                                           "ws_engine ws_navy", "ws_navy ws_engine",
                                           "ws_home ws_home" };
    faulty *f = *state;
    istauth_str ticket = open_ticket(f->w, new_query(f->w, NULL));

    break_op(f, ISTAUTH_STORE_ANY, 0);
    for (size_t i = 0; i < COUNT(choices); i++)
        refuse(f->w, ticket, (answer){ ADA, BROWSER, NULL, choices[i] },
               ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    (void)take(f->w, ticket, (answer){ ADA, BROWSER, NULL, "ws_notes ws_engine" });
}

static void test_co_10_more_workspaces_than_the_limit_are_refused(void **state)
{
    world *w = *state;
    istauth_str ticket = open_ticket(w, new_query(w, NULL));
    istauth_str *many = istauth_arena_alloc(&w->arena, 257 * sizeof(*many));

    assert_non_null(many);
    for (size_t i = 0; i < 257; i++)
        many[i] = istauth_str_of(world_text(w, "ws_%zu", i));
    w->workspaces_asked = 0;
    refuse_workspaces(w, ticket, (istauth_str_list){ many, 257 },
                      ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    assert_int_equal(w->workspaces_asked, 0);
    refuse_workspaces(w, ticket, (istauth_str_list){ many, 256 },
                      ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    assert_int_equal(w->workspaces_asked, 1);
}

static void expect_engine_only(world *w, const reply *r)
{
    istauth_access access;

    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 1);
    expect_text(access.workspaces.items[0], "ws_engine");
}

static void test_co_12_no_parameter_changes_the_workspaces_of_a_token(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *code;
    char *query = world_query(w, client, WORLD_CLIENT_REDIRECT,
                              "workspace=ws_notes&workspaces=ws_navy&workspace_id=ws_home");
    reply *r;

    code = url_param(w, take(w, open_ticket(w, query), ADA_SAYS_YES), "code");
    r = world_post_form(w, "/api/oauth/token",
                        world_text(w,
                                   "grant_type=authorization_code&client_id=%s&code=%s"
                                   "&code_verifier=" WORLD_VERIFIER "&workspace=ws_notes",
                                   client, code));
    assert_int_equal(r->status, 200);
    expect_engine_only(w, r);
    r = world_post_form(w, "/api/oauth/token",
                        world_text(w,
                                   "grant_type=refresh_token&client_id=%s&refresh_token=%s"
                                   "&workspace=ws_notes&workspaces=ws_notes&workspace_id=ws_navy",
                                   client, reply_str(r, "refresh_token")));
    assert_int_equal(r->status, 200);
    expect_engine_only(w, r);
}

static void test_co_19_no_parameter_changes_where_the_answer_goes(void **state)
{
    world *w = *state;
    char *query = new_query(w, "return_to=https://evil.ex/&next=//evil.ex&redirect=https://evil.ex"
                               "&RelayState=https://evil.ex&redirect_uri%00=https://evil.ex");
    char *good = new_query(w, "return_to=https://evil.ex/&next=//evil.ex&redirect=https://evil.ex");
    char *location;

    expect_page(world_get(w, "/oauth/authorize", query));
    location = take(w, open_ticket(w, good), ADA_SAYS_YES);
    assert_int_equal(strncmp(location, "https://c.ex/cb?code=", 21), 0);
    assert_null(strstr(location, "evil"));
}

/* --- what changes while the page is open --- */

static void test_co_20_a_client_that_was_deleted_gets_no_code(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *location;
    istauth_str ticket = open_ticket(w, world_query(w, client, WORLD_CLIENT_REDIRECT, NULL));

    assert_int_equal(f->memory.ops->client_delete(f->memory.ctx, istauth_str_of(client), w->now),
                     ISTAUTH_OK);
    break_op(f, ISTAUTH_STORE_ANY, 0);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(deny(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_CODE_PUT), 0);
    assert_int_equal(calls_of(f, ISTAUTH_STORE_NONCE_CLAIM), 0);
}

static void test_co_20_a_client_deleted_at_the_last_moment_gets_no_code(void **state)
{
    faulty *f = *state;
    istauth_str ticket = open_ticket(f->w, new_query(f->w, NULL));

    plan_fault(f, ISTAUTH_STORE_CODE_PUT, 1, ISTAUTH_E_NOT_FOUND, ISTAUTH_FAULT_ONCE);
    refuse(f->w, ticket, ADA_SAYS_YES, ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_CONSENTED), 0);
}

static void test_co_20_a_redirect_uri_that_was_taken_back_gets_nothing(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT), *location;
    istauth_str ticket = open_ticket(w, world_query(w, id, WORLD_CLIENT_REDIRECT, NULL));
    istauth_str other = ISTAUTH_STR("https://c.ex/other");
    istauth_client client;

    assert_int_equal(f->memory.ops->client_get(f->memory.ctx, istauth_str_of(id), &w->arena,
                                               &client),
                     ISTAUTH_OK);
    client.redirect_uris = (istauth_str_list){ &other, 1 };
    assert_int_equal(f->memory.ops->client_update(f->memory.ctx, &client), ISTAUTH_OK);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_INVALID_CLIENT);
    assert_int_equal(deny(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_E_INVALID_CLIENT);
}

static void test_co_20_a_scope_that_is_no_longer_offered_is_not_granted(void **state)
{
    world *w = world_new();
    istauth_str both, identity;
    char *query;

    (void)state;
    w->config.ticket_key = shared_key;
    world_open(w);
    query = new_query(w, "scope=mcp+email");
    both = open_ticket(w, query);
    identity = open_ticket(w, new_query(w, "scope=email"));
    w->config.hooks.claims = NULL; /* identity scopes are gone with it */
    world_reopen(w);
    assert_string_equal(reply_str(redeem_for(w, query, take(w, both, ADA_SAYS_YES)), "scope"),
                        "mcp");
    refuse(w, identity, ADA_SAYS_YES, ISTAUTH_E_INVALID_SCOPE);
    world_free(w);
}

/* --- the host's hooks --- */

static void test_co_23_the_host_is_asked_on_every_path_to_a_token(void **state)
{
    world *w = *state;
    char *client = world_register(w, WORLD_CLIENT_REDIRECT), *code;
    istauth_str ticket = open_ticket(w, world_query(w, client, WORLD_CLIENT_REDIRECT, NULL));
    istauth_id id;
    reply *r;

    assert_int_equal(w->subject_asked, 1);
    assert_int_equal(w->workspaces_asked, 1);
    code = approved_code(w, ticket);
    assert_int_equal(w->subject_asked, 2);
    assert_int_equal(w->workspaces_asked, 2);
    r = world_redeem(w, client, code);
    assert_int_equal(w->subject_asked, 3);
    assert_int_equal(w->workspaces_asked, 3);
    assert_int_equal(world_refresh(w, client, reply_str(r, "refresh_token"))->status, 200);
    assert_int_equal(w->subject_asked, 4);
    assert_int_equal(w->workspaces_asked, 4);
    (void)personal_token(w, &id, "mcp");
    assert_int_equal(w->subject_asked, 5);
    assert_int_equal(w->workspaces_asked, 5);
}

static istauth_status open_status(world *w, const char *query)
{
    istauth_authorization a;
    istauth_consent c;

    assert_int_equal(istauth_authorize_check(&a, w->server, istauth_str_of(query), &w->arena),
                     ISTAUTH_OK);
    return istauth_consent_open(&c, w->server, &a, ADA, BROWSER, &w->arena);
}

static void test_co_23_a_subject_that_is_barred_gets_nothing(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL);
    istauth_str ticket = open_ticket(w, query);
    char *code = approved_code(w, open_ticket(w, query)), *text;
    istauth_personal_wish wish = { .name = ISTAUTH_STR("x"), .scopes = ISTAUTH_STR("mcp"),
                                   .workspaces = word_list(w, "ws_engine") };
    istauth_id id;

    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    assert_int_equal(open_status(w, query), ISTAUTH_E_ACCESS_DENIED);
    refuse(w, ticket, ADA_SAYS_YES, ISTAUTH_E_ACCESS_DENIED);
    assert_int_equal(make_personal(w, &text, &id, ADA, &wish), ISTAUTH_E_ACCESS_DENIED);
    expect_error(world_redeem(w, c.client_id, code), 400, "invalid_grant");
    expect_error(world_refresh(w, c.client_id, c.refresh), 400, "invalid_grant");
    w->subject_status = ISTAUTH_OK;
    assert_false(opens(w, c.access)); /* its family died at the refresh */
    expect_error(world_redeem(w, c.client_id, code), 400, "invalid_grant");
    (void)take(w, ticket, ADA_SAYS_YES); /* nothing was spent by the refusal */
}

static void test_co_23_a_host_that_fails_ends_nothing(void **state)
{
    static const istauth_status answers[] = { ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY,
                                              ISTAUTH_E_NOT_FOUND, ISTAUTH_E_INVALID_GRANT,
                                              (istauth_status)17 };
    world *w = *state;
    connection c = connect_app(w, "mcp");
    char *query = world_query(w, c.client_id, WORLD_CLIENT_REDIRECT, NULL);
    istauth_str ticket = open_ticket(w, query);
    char *code = approved_code(w, open_ticket(w, query)), *location;

    for (size_t i = 0; i < COUNT(answers); i++) {
        w->subject_status = answers[i];
        assert_int_equal(istauth_status_http(open_status(w, query)), i < 2 ? 503 : 500);
        assert_int_equal(istauth_status_http(approve(w, &location, ticket, ADA_SAYS_YES)),
                         i < 2 ? 503 : 500);
        assert_int_equal(world_redeem(w, c.client_id, code)->status, i < 2 ? 503 : 500);
        assert_int_equal(world_refresh(w, c.client_id, c.refresh)->status, i < 2 ? 503 : 500);
    }
    w->subject_status = ISTAUTH_OK;
    (void)take(w, ticket, ADA_SAYS_YES);
    assert_int_equal(world_redeem(w, c.client_id, code)->status, 200);
    assert_true(opens(w, c.access));
    assert_true(refreshes(w, &c));
}

/* --- the store --- */

static void test_a_store_that_fails_hands_out_no_code(void **state)
{
    static const istauth_store_op ops[] = { ISTAUTH_STORE_CLIENT_GET, ISTAUTH_STORE_NONCE_CLAIM,
                                            ISTAUTH_STORE_CODE_PUT };
    faulty *f = *state;
    char *query = new_query(f->w, NULL);

    for (size_t i = 0; i < COUNT(ops); i++) {
        istauth_str ticket = open_ticket(f->w, query);

        break_op(f, ops[i], 1);
        refuse(f->w, ticket, ADA_SAYS_YES, ISTAUTH_E_UNAVAILABLE);
        assert_int_equal(faults_of(f), 1);
    }
    assert_int_equal(world_events(f->w, ISTAUTH_EVENT_CONSENTED), 0);
    (void)take(f->w, open_ticket(f->w, query), ADA_SAYS_YES);
}

static void test_co_04_a_nonce_whose_fate_is_unknown_is_not_used_twice(void **state)
{
    faulty *f = *state;
    istauth_str ticket = open_ticket(f->w, new_query(f->w, NULL));

    plan_fault(f, ISTAUTH_STORE_NONCE_CLAIM, 1, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_AFTER);
    refuse(f->w, ticket, ADA_SAYS_YES, ISTAUTH_E_UNAVAILABLE);
    refuse(f->w, ticket, ADA_SAYS_YES, ISTAUTH_E_TICKET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_ru_33_the_page_names_who_asks_for_what_and_where_the_answer_goes),
        CASE(test_ru_33_a_loopback_or_private_target_is_told_apart),
        CASE(test_an_approval_byte_for_byte),
        FAULTY_CASE(test_a_denial_byte_for_byte_and_nothing_granted),
        FAULTY_CASE(test_co_03_a_forged_ticket_is_refused),
        FAULTY_CASE(test_co_03_every_truncated_ticket_is_refused),
        FAULTY_CASE(test_co_03_a_ticket_with_any_character_changed_is_refused),
        CASE(test_co_03_a_ticket_with_something_added_is_refused),
        FAULTY_CASE(test_co_03_another_persons_page_is_not_ours_to_answer),
        CASE(test_co_06_an_account_switch_between_page_and_answer_is_refused),
        CASE(test_co_06_another_browser_cannot_answer),
        CASE(test_co_06_subject_and_browser_do_not_run_into_each_other),
        CASE(test_co_06_a_page_needs_a_person_and_a_browser),
        CASE(test_co_17_a_ticket_lives_for_ten_minutes),
        CASE(test_co_17_a_clock_set_back_does_not_keep_a_ticket_alive),
        cmocka_unit_test(test_co_17_a_state_within_the_hosts_own_limits_comes_through),
        CASE(test_co_17_two_tickets_of_one_request_have_nothing_in_common),
        cmocka_unit_test(test_co_17_another_issuers_ticket_does_not_open_with_the_same_key),
        cmocka_unit_test(test_co_17_servers_that_share_a_key_answer_each_others_pages),
        CASE(test_co_17_without_a_shared_key_a_page_does_not_outlive_its_server),
        FAULTY_CASE(test_co_04_a_second_submission_gets_no_second_code),
        CASE(test_co_04_a_purge_does_not_make_a_ticket_good_again),
        FAULTY_CASE(test_co_01_a_new_client_is_asked_for_though_its_name_is_known),
        FAULTY_CASE(test_co_02_a_public_client_is_asked_for_again),
        FAULTY_CASE(test_co_21_an_open_page_costs_no_row),
        CASE(test_co_22_two_tabs_are_two_answers),
        CASE(test_co_08_a_scope_that_was_not_asked_for_is_not_granted),
        CASE(test_co_08_nothing_left_to_grant_keeps_the_ticket),
        FAULTY_CASE(test_co_09_no_workspace_but_ones_own_that_may_be_chosen),
        CASE(test_co_09_membership_is_asked_about_when_the_answer_comes),
        CASE(test_co_09_a_plan_is_looked_at_when_the_answer_comes),
        CASE(test_co_09_a_workspace_is_needed_only_where_one_is_touched),
        FAULTY_CASE(test_co_10_a_workspace_named_twice_refuses_the_choice),
        CASE(test_co_10_more_workspaces_than_the_limit_are_refused),
        CASE(test_co_12_no_parameter_changes_the_workspaces_of_a_token),
        CASE(test_co_19_no_parameter_changes_where_the_answer_goes),
        FAULTY_CASE(test_co_20_a_client_that_was_deleted_gets_no_code),
        FAULTY_CASE(test_co_20_a_client_deleted_at_the_last_moment_gets_no_code),
        FAULTY_CASE(test_co_20_a_redirect_uri_that_was_taken_back_gets_nothing),
        cmocka_unit_test(test_co_20_a_scope_that_is_no_longer_offered_is_not_granted),
        CASE(test_co_23_the_host_is_asked_on_every_path_to_a_token),
        CASE(test_a_validated_request_alone_is_refused_or_opened),
        CASE(test_co_23_a_subject_that_is_barred_gets_nothing),
        CASE(test_co_23_a_host_that_fails_ends_nothing),
        FAULTY_CASE(test_a_store_that_fails_hands_out_no_code),
        FAULTY_CASE(test_co_04_a_nonce_whose_fate_is_unknown_is_not_used_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
