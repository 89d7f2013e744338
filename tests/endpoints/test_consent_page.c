/* The ready-made consent page: what it shows, what each answer to it does, and that nothing of a
 * stranger's becomes markup. */
#include "support/openid.h"
#include "support/person.h"

#include <openssl/evp.h>
#include <stdlib.h>

#define ANSWER "/oauth/consent"

static istauth_visitor ada(void)
{
    istauth_visitor v = ISTAUTH_VISITOR_INIT;

    v.subject = ADA;
    v.binding = BROWSER;
    v.name = ISTAUTH_STR("ada@example.com");
    v.action = ISTAUTH_STR(ANSWER);
    return v;
}

/* NULL when the visitor has to sign in first. */
static reply *page_for(world *w, const char *query, istauth_visitor visitor)
{
    istauth_authorization authorization;
    istauth_response response;
    istauth_arena arena;
    istauth_status st;
    reply *r = NULL;

    istauth_server_arena(w->server, &arena, NULL, 0);
    memset(&response, 0x5A, sizeof(response));
    assert_int_equal(
        istauth_authorize_check(&authorization, w->server, istauth_str_of(query), &arena),
        ISTAUTH_OK);
    st = istauth_consent_page(&response, w->server, &authorization, &visitor, &arena);
    if (!st)
        r = world_keep(w, &response, ISTAUTH_ENDPOINT_AUTHORIZE, false);
    else
        assert_int_equal(st, ISTAUTH_E_LOGIN_REQUIRED);
    if (st)
        assert_int_equal(response.status, 0x5A5A5A5A); /* untouched */
    istauth_arena_wipe(&arena);
    return r;
}

static reply *page(world *w, const char *query)
{
    reply *r = page_for(w, query, ada());

    assert_non_null(r);
    assert_int_equal(r->status, 200);
    return r;
}

static reply *post_as(world *w, istauth_visitor visitor, const char *method, const char *headers,
                      const char *body)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_str lines = istauth_str_of(headers);
    istauth_response response;
    istauth_arena arena;
    reply *r;

    istauth_server_arena(w->server, &arena, NULL, 0);
    request.method = istauth_str_of(method);
    request.path = ISTAUTH_STR(ANSWER);
    request.body = istauth_str_of(body);
    request.header = istauth_raw_header;
    request.ctx = &lines;
    memset(&response, 0x5A, sizeof(response));
    istauth_consent_answer(&response, w->server, &request, &visitor, &arena);
    r = world_keep(w, &response, ISTAUTH_ENDPOINT_AUTHORIZE, false);
    istauth_arena_wipe(&arena);
    return r;
}

static reply *post(world *w, const char *body)
{
    return post_as(w, ada(), "POST", FORM, body);
}

/* The value of a hidden field; what stands in these has nothing to unescape but "&amp;". */
static char *hidden(world *w, const reply *r, const char *name)
{
    const char *at = strstr(r->body, world_text(w, "name=\"%s\" value=\"", name));
    char *value, *amp;

    assert_non_null(at);
    at = strstr(at, "value=\"") + 7;
    value = world_text(w, "%.*s", (int)strcspn(at, "\""), at);
    while ((amp = strstr(value, "&amp;")))
        memmove(amp + 1, amp + 5, strlen(amp + 5) + 1);
    return value;
}

/* The form as a browser would send it, with what is ticked in `ticked` ("&scope=mcp..."). */
static char *form(world *w, const reply *r, const char *decision, const char *ticked)
{
    return world_text(w, "ticket=%s&request=%s&decision=%s%s",
                      world_encode(w, hidden(w, r, "ticket")),
                      world_encode(w, hidden(w, r, "request")), decision, ticked);
}

static char *query_for(world *w, char **client_id, const char *more)
{
    *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    return world_query(w, *client_id, WORLD_CLIENT_REDIRECT, more);
}

static char *code_of(world *w, const reply *r)
{
    char *code;

    assert_int_equal(r->status, 303);
    assert_string_equal(r->body, "");
    code = url_param(w, reply_header(r, "location"), "code");
    assert_non_null(code);
    return code;
}

static bool shows(const reply *r, const char *text)
{
    return strstr(r->body, text) != NULL;
}

/* --- the page --- */

static void test_co_07_it_shows_who_asks_for_what_and_where_the_answer_goes(void **state)
{
    world *w = *state;
    char *id;
    reply *r = page(w, query_for(w, &id, "scope=mcp+profile+email"));

    assert_true(shows(r, " to The board?</h1>"));
    assert_true(shows(r, "Your answer will be sent to <strong>c.ex</strong>"));
    assert_true(shows(r, "signed in as <strong>ada@example.com</strong>"));
    assert_true(shows(r, "name=\"scope\" value=\"mcp\" checked"));
    assert_true(shows(r, "name=\"implied_scope\" value=\"mcp:read\" checked"));
    assert_true(shows(r, "<small>Ada Lovelace</small>"));
    assert_true(shows(r, "<small>ada@example.com</small>"));
    assert_true(shows(r, "value=\"ws_engine\"><span>Analytical Engine (Pro)"));
    assert_true(shows(r, "value=\"ws_home\" disabled>"));
    assert_true(shows(r, "<small>Upgrade to Pro or Max</small>"));
    assert_true(shows(r, "<form method=\"post\" action=\"" ANSWER "\">"));
    assert_false(shows(page(w, query_for(w, &id, "scope=mcp")), "Ada Lovelace"));
}

static void test_co_07_a_program_on_this_computer_gets_a_warning(void **state)
{
    world *w = *state;
    const char *local = "http://127.0.0.1:4711/cb", *app = "cursor://anysphere.mcp/cb";

    assert_true(shows(page(w, world_query(w, world_register(w, local), local, NULL)),
                      "a program on this computer (<strong>127.0.0.1:4711</strong>)"));
    assert_true(shows(page(w, world_query(w, world_register(w, app), app, NULL)),
                      "an app on this device (<strong>cursor:</strong> links)"));
}

static char *client_named(world *w, const char *json_name)
{
    reply *r = world_post_json(w, "/api/oauth/register",
                               world_text(w, "{\"redirect_uris\":[\"%s\"],\"client_name\":\"%s\"}",
                                          WORLD_CLIENT_REDIRECT, json_name));

    assert_int_equal(r->status, 201);
    return world_text(w, "%s", reply_str(r, "client_id"));
}

static void test_co_13_a_strangers_name_stays_text(void **state)
{
    world *w = *state;
    char *id = client_named(w, "<img src=x onerror=alert(1)>\\\"'`&amp;");
    istauth_visitor v = ada();
    reply *r;

    v.name = ISTAUTH_STR("\"><script>\x01\xFF");
    v.action = ISTAUTH_STR("/c\"onx=\"1");
    r = page_for(w, world_query(w, id, WORLD_CLIENT_REDIRECT, "state=%3Cb%3E%22"), v);
    assert_non_null(r);
    assert_true(shows(r, "Connect &lt;img src=x onerror=alert(1)&gt;&quot;&#39;&#96;&amp;amp; to"));
    assert_true(shows(r, "&quot;&gt;&lt;script&gt;\xEF\xBF\xBD\xEF\xBF\xBD<"));
    assert_true(shows(r, "action=\"/c&quot;onx=&quot;1\""));
    assert_false(shows(r, "<img") || shows(r, "<script") || shows(r, "<b>"));
}

/* The one style element hashes to what the policy lets in. */
static char *style_hash(world *w, const reply *r)
{
    const char *from = strstr(r->body, "<style>") + 7, *to = strstr(r->body, "</style>");
    unsigned char hash[EVP_MAX_MD_SIZE];
    char text[2 * EVP_MAX_MD_SIZE];
    unsigned n;

    assert_true(EVP_Digest(from, (size_t)(to - from), hash, &n, EVP_sha256(), NULL));
    EVP_EncodeBlock((unsigned char *)text, hash, (int)n);
    return world_text(w, "style-src 'sha256-%s'", text);
}

static void test_co_14_its_policy_lets_in_its_style_and_nothing_else(void **state)
{
    world *w = *state;
    istauth_visitor v = ada();
    char *id, *query = query_for(w, &id, NULL);
    reply *r = page(w, query);

    assert_string_equal(reply_header(r, "content-security-policy"),
                        world_text(w, "default-src 'none'; base-uri 'none'; "
                                      "frame-ancestors 'none'; %s",
                                   style_hash(w, r)));
    assert_string_equal(reply_header(r, "x-frame-options"), "DENY");
    assert_string_equal(reply_header(r, "referrer-policy"), "no-referrer");
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    v.stylesheet = ISTAUTH_STR("/style.css?\"");
    r = page_for(w, query, v);
    assert_true(shows(r, "<link rel=\"stylesheet\" href=\"/style.css?&quot;\">"));
    assert_false(shows(r, "<style"));
    assert_non_null(strstr(reply_header(r, "content-security-policy"), "style-src 'self'"));
}

static void test_co_06_nobody_or_another_sign_in_has_to_sign_in_first(void **state)
{
    world *w = *state;
    istauth_visitor nobody = ada(), again = ada();
    char *id, *plain = query_for(w, &id, NULL);

    nobody.subject = ISTAUTH_STR("");
    assert_null(page_for(w, plain, nobody));
    assert_null(page_for(w, world_query(w, id, WORLD_CLIENT_REDIRECT, "prompt=select_account"),
                         ada()));
    assert_null(page_for(w, world_query(w, id, WORLD_CLIENT_REDIRECT, "prompt=login"), again));
    again.auth_time = w->now;
    assert_non_null(page_for(w, world_query(w, id, WORLD_CLIENT_REDIRECT, "prompt=login"), again));
    again.auth_time = w->now - 1;
    assert_null(page_for(w, world_query(w, id, WORLD_CLIENT_REDIRECT, "prompt=login"), again));
}

static void test_co_23_an_account_that_is_barred_gets_a_page_that_says_so(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, NULL);
    reply *r;

    w->subject_status = ISTAUTH_E_ACCESS_DENIED;
    r = page_for(w, query, ada());
    assert_int_equal(r->status, 403);
    assert_true(shows(r, "This account cannot connect apps"));
    assert_false(shows(r, "<form"));
    w->subject_status = ISTAUTH_E_UNAVAILABLE;
    assert_int_equal(page_for(w, query, ada())->status, 503);
}

/* --- the answer --- */

static void expect_scope(world *w, const char *more, const char *ticked, const char *scope)
{
    char *id, *query = query_for(w, &id, more);
    reply *r = post(w, form(w, page(w, query), "allow", ticked));

    assert_string_equal(reply_str(world_redeem(w, id, code_of(w, r)), "scope"), scope);
}

static void test_co_08_what_stays_ticked_is_granted(void **state)
{
    world *w = *state;

    expect_scope(w, "scope=mcp", "&scope=mcp&implied_scope=mcp%3Aread&workspace=ws_engine", "mcp");
    expect_scope(w, "scope=mcp", "&implied_scope=mcp%3Aread&workspace=ws_engine", "mcp:read");
    expect_scope(w, "scope=mcp", "&scope=mcp&workspace=ws_engine&workspace=ws_notes", "mcp");
    expect_scope(w, "scope=mcp+email", "&scope=mcp&workspace=ws_engine", "mcp");
    expect_scope(w, "scope=mcp:read", "&scope=mcp&scope=mcp%3Aread&workspace=ws_engine",
                 "mcp:read"); /* was not asked for */
}

static void test_co_10_the_workspaces_are_those_that_were_ticked(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, "scope=mcp&state=s%20%2B");
    reply *r = post(w, form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_notes"));
    const char *location = reply_header(r, "location");
    istauth_access access;

    assert_string_equal(url_param(w, location, "state"), "s +");
    assert_string_equal(url_param(w, location, "iss"), WORLD_ISSUER);
    r = world_redeem(w, id, code_of(w, r));
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 1);
    assert_true(istauth_str_equal(access.workspaces.items[0], ISTAUTH_STR("ws_notes")));
}

static void test_co_05_cancel_tells_the_client(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, NULL), *body = form(w, page(w, query), "deny", "");

    expect_redirect_error(post(w, body), WORLD_CLIENT_REDIRECT "?error=", "access_denied", NULL);
    assert_int_equal(post(w, body)->status, 403);
}

/* Each of these is shown the page again, keeps what was ticked, and may answer that page. */
static void test_co_08_what_is_missing_can_be_mended(void **state)
{
    static const struct {
        const char *ticked, *says, *kept;
        int status;
    } cases[] = {
        { "&scope=mcp", "Choose at least one workspace.", "value=\"mcp\" checked", 400 },
        { "&implied_scope=mcp%3Aread", "Choose at least one workspace.", "value=\"mcp\">", 400 },
        { "&workspace=ws_engine", "Leave at least one thing", "value=\"ws_engine\" checked", 400 },
        { "&scope=&workspace=ws_engine", "Leave at least one thing", "value=\"mcp\">", 400 },
        { "&scope=a%22b&workspace=ws_engine", "Leave at least one thing", "value=\"mcp\">", 400 },
        { "&scope=mcp&workspace=ws_home", "cannot be connected", "value=\"ws_home\" disabled", 403 },
        { "&scope=mcp&workspace=ws_navy", "cannot be connected", "value=\"mcp\" checked", 403 },
    };
    world *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *id, *query = query_for(w, &id, "scope=mcp&state=s");
        reply *first = page(w, query), *r = post(w, form(w, first, "allow", cases[i].ticked));

        assert_int_equal(r->status, cases[i].status);
        assert_true(shows(r, "role=\"alert\""));
        assert_true(shows(r, cases[i].says));
        if (!shows(r, cases[i].kept))
            fail_msg("%s: %s", cases[i].ticked, r->body);
        assert_null(reply_header(r, "location"));
        r = post(w, form(w, r, "allow", "&scope=mcp&workspace=ws_engine"));
        assert_string_equal(url_param(w, reply_header(r, "location"), "state"), "s");
        assert_int_equal(world_redeem(w, id, code_of(w, r))->status, 200);
    }
}

static void refuse(world *w, istauth_visitor visitor, const char *body)
{
    reply *r = post_as(w, visitor, "POST", FORM, body);

    assert_int_equal(r->status, 403);
    assert_null(reply_header(r, "location"));
    assert_true(shows(r, "Nothing was granted"));
}

static void test_co_06_only_the_one_who_was_asked_can_answer_and_once(void **state)
{
    world *w = *state;
    istauth_visitor grace = ada(), elsewhere = ada(), nobody = ada();
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_engine");

    grace.subject = GRACE;
    elsewhere.binding = ISTAUTH_STR("browser-2");
    nobody.subject = ISTAUTH_STR("");
    refuse(w, grace, body);
    refuse(w, elsewhere, body);
    refuse(w, nobody, body);
    refuse(w, ada(), "ticket=forged&decision=allow&scope=mcp&workspace=ws_engine");
    refuse(w, ada(), "decision=deny");
    code_of(w, post(w, body));
    refuse(w, ada(), body);
}

static void test_ht_the_answer_is_a_posted_form_of_bounded_size(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_engine");
    char *twice = world_text(w, "%s&ticket=x", body), *maybe = form(w, page(w, query), "maybe", "");
    char *large = world_text(w, "%s&x=%0200000d", body, 0);

    assert_int_equal(post_as(w, ada(), "GET", FORM, body)->status, 405);
    assert_string_equal(reply_header(post_as(w, ada(), "HEAD", FORM, ""), "allow"), "POST");
    assert_int_equal(post_as(w, ada(), "post", FORM, body)->status, 405);
    assert_int_equal(post_as(w, ada(), "POST", JSON, body)->status, 400);
    assert_int_equal(post_as(w, ada(), "POST", "", body)->status, 400);
    assert_int_equal(post(w, large)->status, 413);
    assert_int_equal(post(w, twice)->status, 400);
    assert_int_equal(post(w, maybe)->status, 400);
    assert_int_equal(post(w, "ticket=%zz")->status, 400);
    assert_int_equal(post(w, "")->status, 400);
    code_of(w, post(w, body)); /* none of them spent it */
}

/* --- hosts that say little --- */

static istauth_workspace_offer little;

static istauth_status little_offered(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                     istauth_arena *arena)
{
    (void)ctx;
    (void)subject;
    (void)arena;
    *offer = little;
    return ISTAUTH_OK;
}

static void test_co_07_no_box_is_without_words(void **state)
{
    static const istauth_scope scopes[] = {
        { ISTAUTH_STR_INIT("drop"), { NULL, 0 }, { NULL, 0 }, 0 },
        { ISTAUTH_STR_INIT("mcp"), ISTAUTH_STR_INIT("Everything"), ISTAUTH_STR_INIT("read"), 0 },
        { ISTAUTH_STR_INIT("read"), ISTAUTH_STR_INIT("Something"), ISTAUTH_STR_INIT("mcp"), 0 },
    };
    static const istauth_workspace nameless = { ISTAUTH_STR_INIT("ws_1"), { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, true };
    world *w = world_new();
    char *id;
    reply *r;

    (void)state;
    w->config.hooks.workspaces = little_offered;
    w->config.scopes = scopes;
    w->config.scope_count = COUNT(scopes);
    world_open(w);
    little = (istauth_workspace_offer){ &nameless, 1 };
    r = page(w, query_for(w, &id, "scope=drop+mcp+read"));
    assert_true(shows(r, "value=\"drop\" checked><span>drop</span>"));
    assert_true(shows(r, "<span>ws_1</span>"));
    assert_true(shows(r, "<span>Everything<small>Part of the above"));
    assert_true(shows(r, "<span>Something<small>Part of the above"));
    little.count = 0;
    r = page(w, query_for(w, &id, "scope=drop"));
    assert_true(shows(r, "You have no workspace yet"));
    assert_int_equal(post(w, form(w, r, "allow", "&scope=drop"))->status, 400);
    world_free(w);
}

static void test_co_07_a_scope_within_another_says_so(void **state)
{
    world *w = *state;
    char *id;
    reply *r = page(w, query_for(w, &id, "scope=mcp+mcp:read"));

    assert_true(shows(r, "name=\"scope\" value=\"mcp:read\" checked"));
    assert_non_null(strstr(strstr(r->body, "value=\"mcp:read\""), "Part of the above"));
    assert_false(shows(page(w, query_for(w, &id, "scope=mcp:read")), "Part of the above"));
}

/* What a scope brings along needs a place, too. */
static void test_co_10_an_identity_scope_that_implies_more_needs_a_workspace(void **state)
{
    static const istauth_scope scopes[] = {
        { ISTAUTH_STR_INIT("mcp"), ISTAUTH_STR_INIT("Everything"), { NULL, 0 }, 0 },
        { ISTAUTH_STR_INIT("profile"), ISTAUTH_STR_INIT("You"), ISTAUTH_STR_INIT("mcp"), ISTAUTH_SCOPE_IDENTITY },
    };
    world *w = world_new();
    char *id;
    reply *r;

    (void)state;
    w->config.scopes = scopes;
    w->config.scope_count = COUNT(scopes);
    world_open(w);
    r = page(w, query_for(w, &id, "scope=profile"));
    assert_true(shows(r, "value=\"ws_engine\""));
    assert_int_equal(post(w, form(w, r, "allow", "&scope=profile"))->status, 400);
    code_of(w, post(w, form(w, r, "allow", "&scope=profile&workspace=ws_engine")));
    world_free(w);
}

/* As many workspaces as one grant may have, with ids as long as they may be and names that are longer. */
static istauth_status many_workspaces(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                      istauth_arena *arena)
{
    istauth_workspace *items = istauth_arena_alloc(arena, 256 * sizeof(*items));
    static char ids[256][ISTAUTH_WORKSPACE_ID_MAX + 1], name[257];

    (void)ctx;
    (void)subject;
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    memset(name, 'n', sizeof(name) - 1);
    for (unsigned i = 0; i < 256; i++) {
        memset(ids[i], '/', ISTAUTH_WORKSPACE_ID_MAX); /* three bytes each in a form */
        ids[i][0] = (char)('A' + i / 16);
        ids[i][1] = (char)('A' + i % 16);
        items[i] = (istauth_workspace){ istauth_str_of(ids[i]), istauth_str_of(name),
                                        istauth_str_of(name), istauth_str_of(NULL), true };
    }
    *offer = (istauth_workspace_offer){ items, 256 };
    return ISTAUTH_OK;
}

static char *tick_all(world *w)
{
    istauth_workspace_offer offer;
    char *ticked = istauth_arena_alloc(&w->arena, 256 * (ISTAUTH_WORKSPACE_ID_MAX * 3 + 16)), *at = ticked;

    assert_int_equal(many_workspaces(w, &offer, ADA, &w->arena), ISTAUTH_OK);
    at += sprintf(at, "&scope=mcp");
    for (size_t i = 0; i < offer.count; i++)
        at += sprintf(at, "&workspace=%s", world_encode(w, offer.items[i].id.p));
    return ticked;
}

static void test_co_10_all_that_may_be_chosen_can_be_chosen_on_the_page(void **state)
{
    world *w = world_new();
    char *id, *state_text = istauth_arena_alloc(&w->arena, 4 * 4096 + 16), *at = state_text;
    istauth_access access;
    reply *r;

    (void)state;
    w->config.hooks.workspaces = many_workspaces;
    world_open(w);
    at += sprintf(at, "scope=mcp&state=");
    for (unsigned i = 0; i < 4096; i++)
        at += sprintf(at, "%%22");
    r = page(w, query_for(w, &id, state_text));
    r = post(w, form(w, r, "allow", tick_all(w)));
    r = world_redeem(w, id, code_of(w, r));
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_OK);
    assert_int_equal(access.workspaces.count, 256);
    world_free(w);
}

static void test_a_visitor_without_a_browser_is_a_callers_mistake(void **state)
{
    static char long_one[258];
    world *w = *state;
    istauth_visitor v = ada();
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_engine");

    memset(long_one, 'b', sizeof(long_one) - 1);
    v.binding = istauth_str_of(long_one);
    assert_int_equal(page_for(w, query, v)->status, 500);
    v.binding = ISTAUTH_STR("");
    assert_int_equal(page_for(w, query, v)->status, 500);
    refuse(w, v, body);
    v = ada();
    v.auth_time = w->now + 1000;
    assert_int_equal(page_for(w, query, v)->status, 500);
}

static void test_a_visitor_of_another_size_is_a_callers_mistake(void **state)
{
    world *w = *state;
    istauth_visitor newer = ada();
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_engine");

    newer.size++;
    assert_int_equal(page_for(w, query, newer)->status, 500);
    assert_int_equal(post_as(w, newer, "POST", FORM, body)->status, 500);
}

/* --- with hooks.visitor, on its own --- */

#define AUTHORIZE "/oauth/authorize"

static istauth_visitor present; /* whom the hook finds */
static istauth_status found;

static istauth_status visitor_hook(void *ctx, istauth_visitor *visitor,
                                   const istauth_request *request, istauth_arena *arena)
{
    (void)ctx;
    (void)arena;
    assert_true(request->path.n > 0);
    assert_int_equal(visitor->size, sizeof(*visitor));
    assert_int_equal(visitor->subject.n, 0);
    if (found)
        return found;
    *visitor = present;
    return ISTAUTH_OK;
}

static int pages_setup(void **state)
{
    world *w = world_new();

    w->config.hooks.visitor = visitor_hook;
    w->config.sign_in = ISTAUTH_STR("/login?next=");
    world_open(w);
    found = ISTAUTH_OK;
    present = ada();
    present.action = ISTAUTH_STR("");
    *state = w;
    return 0;
}

#define PAGES_CASE(name) cmocka_unit_test_setup_teardown(name, pages_setup, world_teardown)

static void test_co_05_with_a_visitor_the_router_does_it_all(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, "scope=mcp");
    reply *r = world_get(w, AUTHORIZE, query);

    assert_int_equal(r->status, 200);
    assert_false(r->open);
    assert_true(shows(r, "action=\"/oauth/consent\""));
    r = world_post_form(w, "/oauth/consent", form(w, r, "allow", "&scope=mcp&workspace=ws_engine"));
    assert_int_equal(r->endpoint, ISTAUTH_ENDPOINT_CONSENT);
    assert_int_equal(world_redeem(w, id, code_of(w, r))->status, 200);
    assert_int_equal(world_get(w, "/oauth/consent", NULL)->status, 405);
}

/* The decoded target behind the sign-in page's own text, without the path. */
static char *way_back(world *w, const reply *r)
{
    const char *location = reply_header(r, "location");
    char *next;

    assert_int_equal(r->status, 303);
    assert_int_equal(strncmp(location, "/login?next=%2Foauth%2Fauthorize%3F", 35), 0);
    next = url_param(w, location, "next");
    return next + strlen(AUTHORIZE "?");
}

static void test_co_06_nobody_is_sent_to_sign_in_and_comes_back(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, "state=a%26b%3D%22"), *back;

    present.subject = ISTAUTH_STR("");
    back = way_back(w, world_get(w, AUTHORIZE, query));
    present.subject = ADA;
    assert_int_equal(world_get(w, AUTHORIZE, back)->status, 200);
}

static void test_oi_08_a_fresh_sign_in_that_cannot_be_shown_does_not_go_in_circles(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, "prompt=login"), *back = way_back(w, world_get(w, AUTHORIZE, query));

    expect_redirect_error(world_get(w, AUTHORIZE, back), WORLD_CLIENT_REDIRECT "?error=",
                          "login_required", NULL);
    present.auth_time = w->now - 100;
    way_back(w, world_get(w, AUTHORIZE, back)); /* told, but too long ago: once more */
    present.auth_time = w->now;
    assert_int_equal(world_get(w, AUTHORIZE, back)->status, 200);
}

static void test_oi_08_another_account_than_expected_does_not_go_in_circles(void **state)
{
    world *w = *state;
    char *id, *query, *back;
    reply *r;

    openid_use(w, EC_PEM, NULL);
    query = query_for(w, &id, "scope=openid+mcp");
    r = post(w, form(w, world_get(w, AUTHORIZE, query), "allow", "&scope=openid&scope=mcp&workspace=ws_engine"));
    r = world_redeem(w, id, code_of(w, r));
    query = world_query(w, id, WORLD_CLIENT_REDIRECT,
                        world_text(w, "scope=openid&id_token_hint=%s", reply_str(r, "id_token")));
    present.subject = GRACE;
    back = way_back(w, world_get(w, AUTHORIZE, query));
    present.subject = ISTAUTH_STR("");
    way_back(w, world_get(w, AUTHORIZE, back));
    present.subject = GRACE; /* whether or not the host tells when she signed in */
    for (present.auth_time = 0; present.auth_time <= w->now; present.auth_time += w->now)
        expect_redirect_error(world_get(w, AUTHORIZE, back), WORLD_CLIENT_REDIRECT "?error=",
                              "login_required", NULL);
    present = ada();
    assert_int_equal(world_get(w, AUTHORIZE, back)->status, 200);
}

static void test_a_visitor_that_cannot_be_found_is_no_one(void **state)
{
    static const istauth_status answers[] = { ISTAUTH_E_UNAVAILABLE, ISTAUTH_E_NO_MEMORY,
                                              ISTAUTH_E_INVALID_TOKEN, (istauth_status)-9999 };
    static const int statuses[] = { 503, 503, 500, 500 };
    world *w = *state;
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, world_get(w, AUTHORIZE, query), "allow", "&scope=mcp&workspace=ws_engine");

    for (size_t i = 0; i < COUNT(answers); i++) {
        found = answers[i];
        assert_int_equal(world_get(w, AUTHORIZE, query)->status, statuses[i]);
        assert_true(shows(world_get(w, AUTHORIZE, query), "The server cannot answer right now"));
        assert_int_equal(world_post_form(w, "/oauth/consent", body)->status, statuses[i]);
    }
    found = ISTAUTH_OK;
    code_of(w, world_post_form(w, "/oauth/consent", body));
}

static void test_ht_an_answer_is_admitted_like_any_other_request(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, NULL);
    char *body = form(w, world_get(w, AUTHORIZE, query), "allow", "&scope=mcp&workspace=ws_engine");
    reply *r;

    w->retry_after = 7;
    r = world_post_form(w, "/oauth/consent", body);
    assert_int_equal(r->status, 429);
    assert_string_equal(reply_header(r, "retry-after"), "7");
    assert_true(shows(r, "Wait a moment"));
    w->retry_after = 0;
    r = world_get(w, "/oauth/consent", NULL);
    assert_int_equal(r->status, 405);
    assert_string_equal(reply_header(r, "allow"), "POST");
    assert_true(shows(r, "<h1>Cannot connect</h1>"));
    code_of(w, world_post_form(w, "/oauth/consent", body));
}

static istauth_endpoint handle_blind(world *w, istauth_response *response, const char *query)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_str none = { NULL, 0 };

    request.method = ISTAUTH_STR("GET");
    request.path = ISTAUTH_STR(AUTHORIZE);
    request.query = istauth_str_of(query);
    request.header = istauth_raw_header;
    request.ctx = &none;
    return istauth_handle(response, NULL, NULL, w->server, &request, &w->arena);
}

static void test_a_host_without_a_place_for_an_open_request_has_none(void **state)
{
    istauth_request posted = ISTAUTH_REQUEST_INIT;
    istauth_str none = { NULL, 0 };
    istauth_response response;
    world *w = *state, *plain = world_new();
    char *id;

    posted.method = ISTAUTH_STR("POST");
    posted.header = istauth_raw_header;
    posted.ctx = &none;
    world_open(plain);
    assert_int_equal(handle_blind(plain, &response, query_for(plain, &id, NULL)),
                     ISTAUTH_ENDPOINT_AUTHORIZE);
    assert_int_equal(response.status, 500);
    istauth_endpoint_consent(&response, plain->server, &posted, &plain->arena);
    assert_int_equal(response.status, 404);
    assert_int_equal(handle_blind(w, &response, query_for(w, &id, NULL)),
                     ISTAUTH_ENDPOINT_AUTHORIZE);
    assert_int_equal(response.status, 200);
    world_free(plain);
}

static void test_cf_the_sign_in_page_is_a_path_of_this_origin(void **state)
{
    static const char *const bad[] = { "", "/", "login", "//evil.example/", "https://evil.example/?",
                                       "/login next=", "/login\r\nX: y", "/\\evil.example",
                                       "/login#next=", "/l\xC3\xB6gin" };
    static const char *const good[] = { "/login?next=", "/login?a=b&next=", "/in/" };
    world *w = *state;
    istauth_config config = w->config;
    istauth_server *server;

    for (size_t i = 0; i < COUNT(bad); i++) {
        config.sign_in = istauth_str_of(bad[i]);
        assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    }
    for (size_t i = 0; i < COUNT(good); i++) {
        config.sign_in = istauth_str_of(good[i]);
        assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_OK);
        istauth_server_free(server);
    }
    config.paths.consent = ISTAUTH_STR("/mcp");
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    config.paths.consent = ISTAUTH_STR("/oauth/authorize");
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
    config.paths.consent = ISTAUTH_STR("");
    config.resource_server_only = true;
    assert_int_equal(istauth_server_new(&server, &config, NULL), ISTAUTH_E_CONFIG);
}

/* Every allocation fails once, and then for ever: a page, or a 503, and never a second code. */
static void test_me_01_without_memory_the_response_is_ready_all_the_same(void **state)
{
    world *w = *state;
    char *id, *query = query_for(w, &id, "scope=mcp");
    bool done = false;

    for (size_t n = 1; !done; n++) {
        char *body = form(w, page(w, query), "allow", "&scope=mcp&workspace=ws_engine");
        reply *r;

        w->alloc_calls = 0;
        w->alloc_fails_at = n;
        w->alloc_fails_forever = n % 2;
        r = post(w, body);
        done = w->alloc_calls < n;
        w->alloc_fails_at = 0;
        assert_true(r->status == 303 || r->status == 503);
        if (r->status == 503) {
            assert_true(shows(r, "<h1>Cannot connect</h1>")); /* for a person, and framed by nobody */
            assert_string_equal(reply_header(r, "retry-after"), "5");
            assert_non_null(strstr(reply_header(r, "content-security-policy"), "frame-ancestors 'none'"));
        }
        if (r->status == 303)
            assert_int_equal(world_redeem(w, id, code_of(w, r))->status, 200);
        assert_true(n < 200);
    }
}

static void test_text_is_escaped_for_hosts_of_their_own(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "", "" },
        { "plain", "plain" },
        { "<&>\"'`", "&lt;&amp;&gt;&quot;&#39;&#96;" },
        { "a\tb\nc\rd", "a\tb\nc\xEF\xBF\xBD""d" },
        { "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x99\x82" },
        { "\xC0\xBCx", "\xEF\xBF\xBD\xEF\xBF\xBDx" },         /* an overlong "<" */
        { "\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD" },             /* cut off */
        { "\xE2\x82<", "\xEF\xBF\xBD\xEF\xBF\xBD&lt;" },       /* swallows nothing */
        { "\xC3<b>", "\xEF\xBF\xBD&lt;b&gt;" },
        { "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" }, /* a surrogate */
        { "\xC2\x85\x7F", "\xEF\xBF\xBD\xEF\xBF\xBD" },         /* controls */
    };
    world *w = *state;
    istauth_str out, nul = { "a\0b", 3 };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(istauth_html_escape(&out, &w->arena, istauth_str_of(cases[i].in)),
                         ISTAUTH_OK);
        assert_string_equal(out.p, cases[i].out);
        assert_int_equal(out.n, strlen(cases[i].out));
    }
    assert_int_equal(istauth_html_escape(&out, &w->arena, nul), ISTAUTH_OK);
    assert_string_equal(out.p, "a\xEF\xBF\xBD""b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_co_07_it_shows_who_asks_for_what_and_where_the_answer_goes),
        CASE(test_co_07_a_program_on_this_computer_gets_a_warning),
        CASE(test_co_13_a_strangers_name_stays_text),
        CASE(test_co_14_its_policy_lets_in_its_style_and_nothing_else),
        CASE(test_co_06_nobody_or_another_sign_in_has_to_sign_in_first),
        CASE(test_co_23_an_account_that_is_barred_gets_a_page_that_says_so),
        CASE(test_co_08_what_stays_ticked_is_granted),
        CASE(test_co_10_the_workspaces_are_those_that_were_ticked),
        CASE(test_co_05_cancel_tells_the_client),
        CASE(test_co_08_what_is_missing_can_be_mended),
        CASE(test_co_06_only_the_one_who_was_asked_can_answer_and_once),
        CASE(test_ht_the_answer_is_a_posted_form_of_bounded_size),
        CASE(test_co_07_no_box_is_without_words),
        CASE(test_co_07_a_scope_within_another_says_so),
        CASE(test_co_10_an_identity_scope_that_implies_more_needs_a_workspace),
        CASE(test_co_10_all_that_may_be_chosen_can_be_chosen_on_the_page),
        CASE(test_a_visitor_without_a_browser_is_a_callers_mistake),
        CASE(test_a_visitor_of_another_size_is_a_callers_mistake),
        CASE(test_me_01_without_memory_the_response_is_ready_all_the_same),
        PAGES_CASE(test_co_05_with_a_visitor_the_router_does_it_all),
        PAGES_CASE(test_co_06_nobody_is_sent_to_sign_in_and_comes_back),
        PAGES_CASE(test_oi_08_a_fresh_sign_in_that_cannot_be_shown_does_not_go_in_circles),
        PAGES_CASE(test_oi_08_another_account_than_expected_does_not_go_in_circles),
        PAGES_CASE(test_a_visitor_that_cannot_be_found_is_no_one),
        PAGES_CASE(test_ht_an_answer_is_admitted_like_any_other_request),
        PAGES_CASE(test_a_host_without_a_place_for_an_open_request_has_none),
        PAGES_CASE(test_cf_the_sign_in_page_is_a_path_of_this_origin),
        CASE(test_text_is_escaped_for_hosts_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
