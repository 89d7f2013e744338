/* Clients whose client_id is the URL of their metadata document: when it is fetched, and what comes
 * of it. */
#include "support/keys.h"
#include "support/person.h"
#include "support/proof.h"
#include "support/web.h"

#include <stdlib.h>

#define URL "https://c.ex/client.json"
#define DOCUMENT(id, redirects) \
    "{\"client_id\":\"" id "\",\"client_name\":\"Client\",\"redirect_uris\":[" redirects "]}"
#define USUAL DOCUMENT(URL, "\"" WORLD_CLIENT_REDIRECT "\",\"http://127.0.0.1/cb\"")
#define DAY 86400

/* A world with a web, which is what its fetcher works on. */
typedef struct wired {
    web pages; /* first: a pointer to the one is a pointer to the other */
    world *w;
    istauth_status host_status; /* what hooks.document_host answers */
    char host[64];              /* what it was asked about last */
} wired;

static istauth_status document_host(void *ctx, istauth_str host)
{
    wired *x = ((world *)ctx)->config.fetcher.ctx;

    assert_true(host.n < sizeof(x->host));
    memset(x->host, 0, sizeof(x->host));
    memcpy(x->host, host.p, host.n);
    return x->host_status;
}

static wired *wire(world *w)
{
    wired *x = calloc(1, sizeof(*x));

    assert_non_null(x);
    x->w = w;
    w->config.fetcher = web_fetcher(&x->pages);
    w->config.client_documents = true;
    w->config.hooks.document_host = document_host;
    web_publish(&x->pages, (web_page){ .url = URL, .cache_control = "max-age=600", .body = USUAL });
    return x;
}

static int setup(void **state)
{
    wired *x = wire(world_new());

    world_open(x->w);
    *state = x;
    return 0;
}

static int teardown(void **state)
{
    wired *x = *state;

    world_free(x->w);
    free(x);
    return 0;
}

static void publish(wired *x, const char *body)
{
    web_publish(&x->pages, (web_page){ .url = URL, .cache_control = "max-age=600", .body = body });
}

static reply *authorize(wired *x, const char *client_id)
{
    return world_get(x->w, "/oauth/authorize",
                     world_query(x->w, client_id, WORLD_CLIENT_REDIRECT, NULL));
}

static bool opens_page(wired *x, const char *client_id)
{
    return authorize(x, client_id)->open;
}

static void expect_status(const reply *r, int status)
{
    if (r->open || r->status != status || reply_header(r, "location"))
        fail_msg("expected a page with %d, got %d, open %d", status, r->status, r->open);
    assert_string_equal(reply_header(r, "content-type"), "text/html; charset=utf-8");
}

/* --- when it is fetched --- */

static void test_it_is_fetched_once_for_as_long_as_its_headers_say(void **state)
{
    wired *x = *state;

    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 1);
    x->w->now += 599;
    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 1);
    x->w->now += 1;
    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 2);
    assert_int_equal(world_events(x->w, ISTAUTH_EVENT_DOCUMENT_FETCHED), 2);
}

static void test_bounds_hold_whatever_the_headers_say(void **state)
{
    static const struct {
        const char *cache_control;
        istauth_time seconds;
    } table[] = {
        { "max-age=31536000", DAY }, { "no-store", 60 }, { "", 60 }, { "max-age=1", 60 },
    };
    wired *x = *state;

    for (size_t i = 0; i < COUNT(table); i++) {
        x->w->now += 2 * DAY; /* the copy from before is no longer fresh */
        web_publish(&x->pages, (web_page){ .url = URL, .cache_control = table[i].cache_control,
                                           .body = USUAL });
        x->pages.fetches = 0;
        assert_true(opens_page(x, URL));
        x->w->now += table[i].seconds - 1;
        assert_true(opens_page(x, URL));
        assert_int_equal(x->pages.fetches, 1);
        x->w->now += 1;
        assert_true(opens_page(x, URL));
        assert_int_equal(x->pages.fetches, 2);
    }
}

static void test_cm_06_a_copy_from_the_future_is_not_trusted(void **state)
{
    wired *x = *state;

    assert_true(opens_page(x, URL));
    x->w->now -= 365 * DAY;
    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 2);
}

static void test_nothing_is_fetched_for_the_token_endpoint(void **state)
{
    static const char *const bodies[] = {
        "grant_type=refresh_token&client_id=" URL "&refresh_token=x",
        "grant_type=authorization_code&client_id=" URL "&code=x&code_verifier=" WORLD_VERIFIER,
        ("grant_type=client_credentials&client_id=" URL),
    };
    wired *x = *state;

    for (size_t i = 0; i < COUNT(bodies); i++)
        expect_error(world_post_form(x->w, "/api/oauth/token", bodies[i]), 401, "invalid_client");
    expect_error(world_post_form(x->w, "/api/oauth/revoke", "token=x&client_id=" URL), 401,
                 "invalid_client");
    assert_int_equal(x->pages.fetches, 0);
    /* nor for what is no client's URL */
    expect_page(authorize(x, "https://10.0.0.1/c"));
    expect_page(authorize(x, "http://c.ex/client.json"));
    expect_page(authorize(x, "https://c.ex"));
    expect_page(authorize(x, "https://c.ex/client.json?x"));
    expect_page(authorize(x, "https://localhost/client.json"));
    assert_int_equal(x->pages.fetches, 0);
}

static void test_an_address_that_is_not_admitted_causes_no_fetch(void **state)
{
    wired *x = *state;

    x->w->retry_after = 30;
    assert_int_equal(authorize(x, URL)->status, 429);
    assert_int_equal(x->pages.fetches, 0);
}

static void test_the_host_may_refuse_where_clients_come_from(void **state)
{
    wired *x = *state;
    connection c = connect_again(x->w, URL, NULL);

    assert_string_equal(x->host, "c.ex");
    x->w->now += 600;
    x->pages.fetches = 0;
    x->host_status = ISTAUTH_E_ACCESS_DENIED;
    expect_page(authorize(x, URL));
    expect_error(world_refresh(x->w, URL, c.refresh), 401, "invalid_client");
    x->host_status = ISTAUTH_E_UNAVAILABLE;
    expect_status(authorize(x, URL), 503);
    x->host_status = ISTAUTH_E_NOT_FOUND; /* no answer to this question */
    expect_status(authorize(x, URL), 500);
    assert_int_equal(x->pages.fetches, 0);
    x->host_status = ISTAUTH_OK;
    assert_true(refreshes(x->w, &c));
}

static void test_dm_04_off_it_is_neither_taken_nor_advertised(void **state)
{
    wired *x = *state;
    const char *path = "/.well-known/oauth-authorization-server";
    connection c = connect_again(x->w, URL, NULL);

    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(
        world_get(x->w, path, NULL)->json, "client_id_metadata_document_supported")));
    x->w->config.client_documents = false;
    world_reopen(x->w);
    assert_false(
        reply_has(world_get(x->w, path, NULL), "client_id_metadata_document_supported"));
    x->pages.fetches = 0;
    expect_page(authorize(x, URL));
    expect_error(world_refresh(x->w, URL, c.refresh), 401, "invalid_client");
    assert_int_equal(x->pages.fetches, 0);
    assert_true(opens(x->w, c.access));
}

/* --- what comes of it --- */

static void test_cm_03_what_is_not_a_good_document_gets_a_page(void **state)
{
    static const struct {
        int status;
        const char *type, *body;
        int page;
    } table[] = {
        { 404, NULL, USUAL, 400 },
        { 301, NULL, USUAL, 400 },
        { 302, NULL, USUAL, 400 },
        { 201, NULL, USUAL, 400 },
        { 304, NULL, "", 400 },
        { 500, NULL, USUAL, 503 },
        { 429, NULL, USUAL, 503 },
        { 200, "text/html", USUAL, 400 },
        { 200, "text/plain", USUAL, 400 },
        { 200, "", USUAL, 400 },
        { 200, NULL, "", 400 },
        { 200, NULL, "[]", 400 },
        { 200, NULL, "{}", 400 },
        { 200, NULL, DOCUMENT("https://c.ex/other.json", "\"" WORLD_CLIENT_REDIRECT "\""), 400 },
        { 200, NULL, DOCUMENT("https://c.ex:443/client.json", "\"" WORLD_CLIENT_REDIRECT "\""), 400 },
        { 200, NULL, DOCUMENT(URL, ""), 400 },
        { 200, NULL, DOCUMENT(URL, "\"http://c.ex/cb\""), 400 },
        { 200, NULL, DOCUMENT(URL, "\"https://other.ex/cb\""), 400 }, /* RU-27 */
        { 200, NULL, "{\"client_id\":\"" URL "\",\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"]}", 400 },
        { 200, NULL, "{\"client_id\":\"" URL "\",\"client_name\":\"C\",\"client_secret\":\"s\","
                     "\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"]}", 400 },
        { 200, NULL, "{\"client_id\":\"" URL "\",\"client_name\":\"C\","
                     "\"token_endpoint_auth_method\":\"private_key_jwt\",\"jwks_uri\":\"https://c.ex/k\","
                     "\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"]}", 400 },
    };
    wired *x = *state;

    for (size_t i = 0; i < COUNT(table); i++) {
        web_publish(&x->pages, (web_page){ .url = URL, .status = table[i].status,
                                           .type = table[i].type, .body = table[i].body });
        x->pages.fetches = 0;
        x->w->now += DAY;
        expect_status(authorize(x, URL), table[i].page);
        assert_int_equal(x->pages.fetches, 1);
    }
    /* None of that is remembered. */
    publish(x, USUAL);
    assert_true(opens_page(x, URL));
}

static void test_a_fetch_that_fails_is_not_remembered(void **state)
{
    static const struct {
        istauth_status trouble;
        int page;
    } table[] = {
        { ISTAUTH_E_NOT_FOUND, 400 },  { ISTAUTH_E_UNAVAILABLE, 503 },
        { ISTAUTH_E_NO_MEMORY, 503 },  { ISTAUTH_E_INTERNAL, 500 },
        { ISTAUTH_E_SPENT, 500 }, /* a broken fetcher */ { (istauth_status)7, 500 },
    };
    wired *x = *state;

    for (size_t i = 0; i < COUNT(table); i++) {
        x->pages.trouble = table[i].trouble;
        x->pages.fetches = 0;
        expect_status(authorize(x, URL), table[i].page);
        expect_status(authorize(x, URL), table[i].page);
        assert_int_equal(x->pages.fetches, 2);
    }
    x->pages.trouble = ISTAUTH_OK;
    assert_true(opens_page(x, URL));
}

static void test_urls_are_compared_byte_for_byte(void **state)
{
    static const char other[] = "https://c.ex:443/client.json";
    wired *x = *state;
    connection first = connect_again(x->w, URL, NULL), second;

    web_publish(&x->pages, (web_page){ .url = other, .body = DOCUMENT("https://c.ex:443/client.json", "\"" WORLD_CLIENT_REDIRECT "\"") });
    second = connect_again(x->w, other, NULL);
    expect_error(world_refresh(x->w, other, first.refresh), 400, "invalid_grant");
    assert_true(refreshes(x->w, &first));
    assert_true(refreshes(x->w, &second));
}

static void test_cm_07_the_page_tells_what_is_proven(void **state)
{
    wired *x = *state;
    istauth_consent page =
        open_page(x->w, world_query(x->w, URL, WORLD_CLIENT_REDIRECT, NULL), ADA, BROWSER);
    char *registered;

    assert_true(istauth_str_equal(page.document_host, ISTAUTH_STR("c.ex")));
    assert_int_equal(page.redirect_kind, ISTAUTH_REDIRECT_HTTPS);
    page = open_page(x->w, world_query(x->w, URL, "http://127.0.0.1:4711/cb", NULL), ADA, BROWSER);
    assert_true(istauth_str_equal(page.document_host, ISTAUTH_STR("c.ex")));
    assert_int_equal(page.redirect_kind, ISTAUTH_REDIRECT_LOOPBACK); /* CM-07 */
    registered = world_register(x->w, WORLD_CLIENT_REDIRECT);
    page = open_page(x->w, world_query(x->w, registered, WORLD_CLIENT_REDIRECT, NULL), ADA, BROWSER);
    assert_int_equal(page.document_host.n, 0);
}

/* --- proof --- */

#define JWT ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT

static void allow_keys(wired *x)
{
    x->w->config.client_auth = ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    world_reopen(x->w);
}

/* A document with a key of EC_PEM, and these methods. */
static char *with_keys(wired *x, const char *members)
{
    return world_text(x->w,
                      "{\"client_id\":\"" URL "\",\"client_name\":\"Client\",\"redirect_uris\":["
                      "\"" WORLD_CLIENT_REDIRECT "\"],%s,%s}",
                      world_text(x->w, "\"jwks\":%s", jwks_of(x->w, EC_PEM, "k1")), members);
}

static reply *redeem_by(wired *x, istauth_client_auth method, const char *pem)
{
    proof p = { URL, NULL, method, pem };

    return redeem_as(x->w, &p, world_code(x->w, URL, NULL));
}

static void test_a_document_that_demands_a_key_is_held_to_it(void **state)
{
    wired *x = *state;
    reply *r;

    allow_keys(x);
    publish(x, with_keys(x, "\"token_endpoint_auth_method\":\"private_key_jwt\""));
    expect_error(redeem_by(x, ISTAUTH_CLIENT_AUTH_NONE, NULL), 401, "invalid_client");
    expect_error(redeem_by(x, JWT, EC_OTHER_PEM), 401, "invalid_client");
    r = redeem_by(x, JWT, EC_PEM);
    assert_int_equal(r->status, 200);
    expect_error(world_refresh(x->w, URL, world_text(x->w, "%s", reply_str(r, "refresh_token"))), 401,
                 "invalid_client");
}

static void test_cm_05_a_document_that_offers_both_may_use_either(void **state)
{
    wired *x = *state;

    allow_keys(x);
    publish(x, with_keys(x, "\"token_endpoint_auth_method\":\"private_key_jwt\","
                            "\"token_endpoint_auth_methods_supported\":[\"none\",\"private_key_jwt\"]"));
    assert_int_equal(redeem_by(x, ISTAUTH_CLIENT_AUTH_NONE, NULL)->status, 200);
    assert_int_equal(redeem_by(x, JWT, EC_PEM)->status, 200);
    expect_error(redeem_by(x, JWT, EC_OTHER_PEM), 401, "invalid_client");
}

static void test_keys_that_a_document_points_to_are_fetched(void **state)
{
    static const char keys[] = "https://c.ex/keys";
    wired *x = *state;

    allow_keys(x);
    publish(x, "{\"client_id\":\"" URL "\",\"client_name\":\"Client\",\"redirect_uris\":["
               "\"" WORLD_CLIENT_REDIRECT "\"],\"token_endpoint_auth_method\":\"private_key_jwt\","
               "\"jwks_uri\":\"https://c.ex/keys\"}");
    web_publish(&x->pages, (web_page){ .url = keys, .body = jwks_of(x->w, EC_PEM, "k1") });
    assert_int_equal(redeem_by(x, JWT, EC_PEM)->status, 200);
    assert_string_equal(x->pages.last, keys);
    expect_error(redeem_by(x, JWT, EC_OTHER_PEM), 401, "invalid_client");
}

/* --- changes --- */

static void test_cm_06_changed_redirect_uris_hold_from_the_next_copy_on(void **state)
{
    wired *x = *state;
    istauth_str ticket = open_ticket(x->w, world_query(x->w, URL, WORLD_CLIENT_REDIRECT, NULL));
    char *code = world_code(x->w, URL, NULL), *location;

    publish(x, DOCUMENT(URL, "\"https://c.ex/new\""));
    assert_true(opens_page(x, URL)); /* the copy is still good */
    x->w->now += 59; /* not so long that the code expires */
    web_publish(&x->pages, (web_page){ .url = URL, .body = DOCUMENT(URL, "\"https://c.ex/new\"") });
    x->w->now += 541;
    expect_page(authorize(x, URL));
    assert_true(world_get(x->w, "/oauth/authorize", world_query(x->w, URL, "https://c.ex/new", NULL))->open);
    /* An open page sends nobody to an address that has gone. */
    x->w->now -= 60;
    assert_int_equal(approve(x->w, &location, ticket, ADA_SAYS_YES), ISTAUTH_E_INVALID_CLIENT);
    x->w->now -= 540;
    assert_int_equal(world_redeem(x->w, URL, code)->status, 200); /* the code is bound to its own */
}

static void test_a_failed_refetch_ends_new_authorizations_alone(void **state)
{
    wired *x = *state;
    connection c = connect_again(x->w, URL, NULL);

    x->w->now += 600;
    x->pages.trouble = ISTAUTH_E_UNAVAILABLE;
    expect_status(authorize(x, URL), 503);
    x->pages.trouble = ISTAUTH_E_NOT_FOUND;
    expect_page(authorize(x, URL));
    x->pages.fetches = 0;
    c.refresh = world_text(x->w, "%s", reply_str(world_refresh(x->w, URL, c.refresh), "refresh_token"));
    assert_int_equal(x->pages.fetches, 0);
    assert_int_equal(world_post_form(x->w, "/api/oauth/revoke",
                                     world_text(x->w, "token=%s&client_id=%s", c.refresh, URL))
                         ->status,
                     200);
    assert_false(opens(x->w, c.access));
}

/* The end of the time for which an expired copy serves what exists: 30 days. */
static void test_a_document_that_stays_away_ends_its_connections(void **state)
{
    wired *x = *state;
    connection c = connect_again(x->w, URL, NULL);
    reply *r;

    x->pages.trouble = ISTAUTH_E_NOT_FOUND;
    x->w->now += 600 + 15 * DAY;
    r = world_refresh(x->w, URL, c.refresh);
    assert_int_equal(r->status, 200);
    x->w->now += 15 * DAY - 1;
    r = world_refresh(x->w, URL, world_text(x->w, "%s", reply_str(r, "refresh_token")));
    assert_int_equal(r->status, 200);
    x->w->now += 1;
    expect_error(world_refresh(x->w, URL, world_text(x->w, "%s", reply_str(r, "refresh_token"))),
                 401, "invalid_client");
    /* When it comes back, so does the client. */
    x->pages.trouble = ISTAUTH_OK;
    assert_true(opens_page(x, URL));
    assert_int_equal(world_refresh(x->w, URL, world_text(x->w, "%s", reply_str(r, "refresh_token")))->status, 200);
}

static void test_a_connection_that_is_in_use_renews_the_copy(void **state)
{
    wired *x = *state;
    connection c = connect_again(x->w, URL, NULL);
    reply *r;

    x->pages.fetches = 0;
    x->w->now += 600 + 15 * DAY - 1;
    r = world_refresh(x->w, URL, c.refresh);
    assert_int_equal(r->status, 200);
    assert_int_equal(x->pages.fetches, 0);
    x->w->now += 1;
    /* Not for anyone who merely knows the URL. */
    expect_error(world_refresh(x->w, URL, c.refresh), 400, "invalid_grant");
    assert_int_equal(x->pages.fetches, 0);
    c = connect_again(x->w, URL, NULL);
    assert_int_equal(x->pages.fetches, 1); /* for the authorization */
    x->w->now += 600 + 15 * DAY;
    r = world_refresh(x->w, URL, c.refresh);
    assert_int_equal(r->status, 200);
    assert_int_equal(x->pages.fetches, 2);
    x->w->now += 20 * DAY;
    r = world_refresh(x->w, URL, world_text(x->w, "%s", reply_str(r, "refresh_token")));
    assert_int_equal(r->status, 200);
    assert_int_equal(x->pages.fetches, 3);
}

/* --- records --- */

static size_t purge(wired *x)
{
    size_t removed;

    assert_int_equal(istauth_purge(&removed, x->w->server, 1000), ISTAUTH_OK);
    return removed;
}

static void test_purge_spares_a_client_that_is_connected(void **state)
{
    wired *x = *state;
    connection c = connect_again(x->w, URL, NULL);

    for (int day = 0; day < 100; day += 20) {
        reply *r = world_refresh(x->w, URL, c.refresh);

        assert_int_equal(r->status, 200);
        c.refresh = world_text(x->w, "%s", reply_str(r, "refresh_token"));
        x->w->now += 20 * DAY;
        purge(x);
    }
    assert_true(refreshes(x->w, &c));
}

static void test_purge_takes_one_that_nobody_connected(void **state)
{
    wired *x = *state;
    istauth_client client;

    assert_true(opens_page(x, URL));
    x->w->now += DAY;
    assert_int_equal(purge(x), 1);
    assert_int_equal(x->w->store.ops->client_get(x->w->store.ctx, ISTAUTH_STR(URL), &x->w->arena, &client),
                     ISTAUTH_E_NOT_FOUND);
    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 2);
}

static void test_cm_08_disconnecting_is_by_the_exact_url(void **state)
{
    static const char other[] = "https://c.ex/client2.json";
    wired *x = *state;
    connection first = connect_again(x->w, URL, NULL), second;
    istauth_str url = ISTAUTH_STR(URL);
    istauth_str_list one = { &url, 1 };
    istauth_apps apps;

    web_publish(&x->pages, (web_page){ .url = other, .body = DOCUMENT("https://c.ex/client2.json", "\"" WORLD_CLIENT_REDIRECT "\"") });
    second = connect_again(x->w, other, NULL);
    apps = apps_of(x->w, ADA);
    assert_int_equal(apps.count, 2);
    assert_true(istauth_str_equal(apps.items[0].document_host, ISTAUTH_STR("c.ex")));
    assert_int_equal(istauth_app_disconnect(x->w->server, ADA, one), ISTAUTH_OK);
    assert_false(opens(x->w, first.access));
    assert_true(opens(x->w, second.access));
}

/* Somebody registers under the same name, with the same pages and addresses: not the same app. */
static void test_a_registration_is_not_grouped_with_a_document(void **state)
{
    wired *x = *state;
    char *registered = world_register(x->w, WORLD_CLIENT_REDIRECT);
    istauth_apps apps;

    publish(x, DOCUMENT(URL, "\"" WORLD_CLIENT_REDIRECT "\""));
    (void)connect_again(x->w, URL, NULL);
    (void)connect_again(x->w, registered, NULL);
    apps = apps_of(x->w, ADA);
    assert_int_equal(istauth_apps_group(&apps, &apps, &x->w->arena), ISTAUTH_OK);
    assert_int_equal(apps.count, 2);
}

/* --- when things go wrong inside --- */

static void somebody_is_faster(void *ctx)
{
    wired *x = ctx;

    x->pages.meanwhile = NULL;
    assert_true(opens_page(x, URL));
}

static void somebody_removes_it(void *ctx)
{
    wired *x = ctx;

    x->pages.meanwhile = NULL;
    assert_int_equal(istauth_client_remove(x->w->server, ISTAUTH_STR(URL)), ISTAUTH_OK);
}

static void test_two_fetches_at_once_are_both_good(void **state)
{
    wired *x = *state;

    x->pages.ctx = x;
    x->pages.meanwhile = somebody_is_faster;
    assert_true(opens_page(x, URL));
    assert_int_equal(x->pages.fetches, 2);
    x->w->now += DAY;
    x->pages.meanwhile = somebody_removes_it;
    assert_true(opens_page(x, URL));
    assert_true(refreshes(x->w, &(connection){ URL, NULL, connect_again(x->w, URL, NULL).refresh }));
}

static int faulty_wired_setup(void **state)
{
    faulty *f;

    assert_int_equal(faulty_setup(state), 0);
    f = *state;
    (void)wire(f->w);
    world_reopen(f->w);
    return 0;
}

static int faulty_wired_teardown(void **state)
{
    faulty *f = *state;

    free(f->w->config.fetcher.ctx);
    return faulty_teardown(state);
}

static void test_trouble_of_the_store_is_no_unknown_client(void **state)
{
    faulty *f = *state;
    wired *x = f->w->config.fetcher.ctx;

    break_op(f, ISTAUTH_STORE_CLIENT_GET, 1);
    expect_status(authorize(x, URL), 503);
    assert_int_equal(x->pages.fetches, 0);
    break_op(f, ISTAUTH_STORE_CLIENT_PUT, 1);
    expect_status(authorize(x, URL), 503);
    assert_true(opens_page(x, URL));
    f->w->now += DAY;
    break_op(f, ISTAUTH_STORE_CLIENT_UPDATE, 1);
    expect_status(authorize(x, URL), 503);
    plan_fault(f, ISTAUTH_STORE_CLIENT_UPDATE, 1, ISTAUTH_E_SPENT, ISTAUTH_FAULT_ONCE);
    expect_status(authorize(x, URL), 500);
    assert_true(opens_page(x, URL));
}

static void test_me_05_without_memory_nothing_is_kept(void **state)
{
    wired *x = *state;
    istauth_client client;
    size_t failures = 0;
    reply *r;

    x->w->no_buffer = true;
    for (size_t n = 1;; n++, failures++) {
        x->w->alloc_calls = 0;
        x->w->alloc_fails_at = n;
        x->w->alloc_fails_forever = true;
        r = authorize(x, URL);
        x->w->alloc_fails_at = 0;
        if (r->open)
            break;
        assert_int_equal(r->status, 503);
        assert_int_equal(x->w->store.ops->client_get(x->w->store.ctx, ISTAUTH_STR(URL), &x->w->arena, &client),
                         ISTAUTH_E_NOT_FOUND);
        assert_true(n < 100);
    }
    assert_true(failures > 0);
}

#define WIRED(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WIRED(test_it_is_fetched_once_for_as_long_as_its_headers_say),
        WIRED(test_bounds_hold_whatever_the_headers_say),
        WIRED(test_cm_06_a_copy_from_the_future_is_not_trusted),
        WIRED(test_nothing_is_fetched_for_the_token_endpoint),
        WIRED(test_an_address_that_is_not_admitted_causes_no_fetch),
        WIRED(test_the_host_may_refuse_where_clients_come_from),
        WIRED(test_dm_04_off_it_is_neither_taken_nor_advertised),
        WIRED(test_cm_03_what_is_not_a_good_document_gets_a_page),
        WIRED(test_a_fetch_that_fails_is_not_remembered),
        WIRED(test_urls_are_compared_byte_for_byte),
        WIRED(test_cm_07_the_page_tells_what_is_proven),
        WIRED(test_a_document_that_demands_a_key_is_held_to_it),
        WIRED(test_cm_05_a_document_that_offers_both_may_use_either),
        WIRED(test_keys_that_a_document_points_to_are_fetched),
        WIRED(test_cm_06_changed_redirect_uris_hold_from_the_next_copy_on),
        WIRED(test_a_failed_refetch_ends_new_authorizations_alone),
        WIRED(test_a_document_that_stays_away_ends_its_connections),
        WIRED(test_a_connection_that_is_in_use_renews_the_copy),
        WIRED(test_purge_spares_a_client_that_is_connected),
        WIRED(test_purge_takes_one_that_nobody_connected),
        WIRED(test_cm_08_disconnecting_is_by_the_exact_url),
        WIRED(test_a_registration_is_not_grouped_with_a_document),
        WIRED(test_two_fetches_at_once_are_both_good),
        cmocka_unit_test_setup_teardown(test_trouble_of_the_store_is_no_unknown_client,
                                        faulty_wired_setup, faulty_wired_teardown),
        WIRED(test_me_05_without_memory_nothing_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
