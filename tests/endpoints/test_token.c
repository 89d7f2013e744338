/* The token endpoint's manners: what it reads, how it answers, and how a client says who it is. */
#include <istauth/store_check.h>
#include "support/world.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define TOKEN "/api/oauth/token"
#define FORM "application/x-www-form-urlencoded"
#define PROOF "&code_verifier=" WORLD_VERIFIER

static reply *post(world *w, const char *headers, const char *body)
{
    return world_call(w, "POST", TOKEN, NULL, headers, body, strlen(body));
}

static reply *post_as(world *w, const char *content_type, const char *body)
{
    return post(w, world_text(w, "Content-Type: %s\r\n", content_type), body);
}

static char *redemption(world *w, const char *client_id, const char *code)
{
    return world_text(w, "grant_type=authorization_code&client_id=%s&code=%s" PROOF, client_id,
                      code);
}

/* JSON, no-store, CORS: whatever goes wrong. */
static void expect_json_error(reply *r, int status, const char *error)
{
    expect_error(r, status, error);
    assert_string_equal(reply_header(r, "content-type"), "application/json");
    assert_string_equal(reply_header(r, "cache-control"), "no-store");
    assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
    assert_null(reply_header(r, "location"));
}

static void test_tk_02_every_error_is_json(void **state)
{
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *code = redemption(w, client_id, world_code(w, client_id, NULL));
    char *large = world_text(w, "%17000s", "");

    expect_json_error(world_post_form(w, TOKEN, ""), 401, "invalid_client");
    expect_json_error(world_post_form(w, TOKEN, world_text(w, "client_id=%s", client_id)), 400,
                      "invalid_request");
    expect_json_error(world_post_form(w, TOKEN,
                                      world_text(w, "client_id=%s&grant_type=", client_id)),
                      400, "invalid_request");
    expect_json_error(world_get(w, TOKEN, NULL), 405, "invalid_request");
    expect_json_error(world_post_form(w, TOKEN, large), 413, "invalid_request");
    expect_json_error(world_post_json(w, TOKEN, "{}"), 400, "invalid_request");
    expect_json_error(world_post_form(w, TOKEN, "client_id=%"), 400, "invalid_request");
    w->retry_after = 7;
    expect_json_error(world_post_form(w, TOKEN, code), 429, "temporarily_unavailable");
    assert_string_equal(reply_header(world_post_form(w, TOKEN, code), "retry-after"), "7");
    w->retry_after = 0;
    w->subject_status = ISTAUTH_E_UNAVAILABLE;
    expect_json_error(world_post_form(w, TOKEN, code), 503, "temporarily_unavailable");
    assert_non_null(reply_header(world_post_form(w, TOKEN, code), "retry-after"));
    w->subject_status = ISTAUTH_OK;
    w->random_status = ISTAUTH_E_RANDOM;
    expect_json_error(world_post_form(w, TOKEN, code), 500, "server_error");
    w->random_status = ISTAUTH_OK;
    w->clock_status = ISTAUTH_E_CLOCK;
    expect_json_error(world_post_form(w, TOKEN, code), 500, "server_error");
    w->clock_status = ISTAUTH_OK;
    assert_int_equal(world_post_form(w, TOKEN, code)->status, 200); /* none of it cost the code */
}

static void test_tk_02_grant_types_that_do_not_exist_here(void **state)
{
    static const char *const types[] = {
        "password",           "client_credentials", "implicit", "Authorization_code",
        "authorization_code%20", "refresh_tokens",  "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange"
    };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);

    for (size_t i = 0; i < COUNT(types); i++)
        expect_json_error(
            world_post_form(w, TOKEN, world_text(w, "client_id=%s&grant_type=%s&username=ada&"
                                                    "password=lovelace",
                                                 client_id, types[i])),
            400, "unsupported_grant_type");
}

static void test_tk_04_a_dead_refresh_token_is_exactly_an_invalid_grant(void **state)
{
    world *w = *state;
    char *client_id;
    const char *rt = reply_str(world_connect(w, "mcp", &client_id), "refresh_token");
    static const char never[] = "ist_rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    expect_json_error(world_refresh(w, client_id, never), 400, "invalid_grant");
    w->now += 30 * 86400 - 1;
    rt = reply_str(world_refresh(w, client_id, rt), "refresh_token");
    w->now += 30 * 86400;
    expect_json_error(world_refresh(w, client_id, rt), 400, "invalid_grant"); /* expired */
    w->now -= 30 * 86400;
    assert_int_equal(world_post_form(w, "/api/oauth/revoke",
                                     world_text(w, "client_id=%s&token=%s", client_id, rt))
                         ->status,
                     200);
    expect_json_error(world_refresh(w, client_id, rt), 400, "invalid_grant"); /* revoked */
}

static void test_tk_05_only_a_body_that_is_posted_is_read(void **state)
{
    static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "PATCH", "post", "" };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = redemption(w, client_id, world_code(w, client_id, NULL));
    reply *r;

    for (size_t i = 0; i < COUNT(methods); i++) {
        r = world_call(w, methods[i], TOKEN, body, "Content-Type: " FORM "\r\n", body,
                       strlen(body));
        expect_json_error(r, 405, "invalid_request");
        assert_string_equal(reply_header(r, "allow"), "POST, OPTIONS");
    }
    r = world_call(w, "POST", TOKEN, body, "Content-Type: " FORM "\r\n", NULL, 0);
    expect_json_error(r, 401, "invalid_client"); /* no client: nothing was read */
    r = world_call(w, "POST", TOKEN, body, "Content-Type: " FORM "\r\n",
                   world_text(w, "client_id=%s", client_id), strlen("client_id=") + 32);
    expect_json_error(r, 400, "invalid_request");
    assert_int_equal(world_post_form(w, TOKEN, body)->status, 200);
}

static void test_tk_06_the_content_type_is_a_form_in_any_spelling(void **state)
{
    static const char *const good[] = {
        FORM, FORM "; charset=UTF-8", "APPLICATION/X-WWW-FORM-URLENCODED", FORM ";", FORM " ;x=y",
        FORM ";;", "Application/x-www-Form-urlencoded;charset=\"utf-8\""
    };
    static const char *const bad[] = {
        "application/json", "multipart/form-data; boundary=x", "text/plain", "", ";;;=", ";" FORM,
        FORM "X", "x" FORM, FORM ", " FORM, "application/x-www-form-urlencode",
        "application / x-www-form-urlencoded", "\"" FORM "\""
    };
    world *w = *state;
    char *client_id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = redemption(w, client_id, world_code(w, client_id, NULL));

    for (size_t i = 0; i < COUNT(bad); i++)
        expect_json_error(post_as(w, bad[i], body), 400, "invalid_request");
    expect_json_error(post(w, NULL, body), 400, "invalid_request");
    expect_json_error(post(w, "Content-Type: " FORM "\r\nContent-Type: " FORM "\r\n", body), 400,
                      "invalid_request");
    expect_json_error(post(w, "Content-Type: " FORM "\r\nContent-Encoding: gzip\r\n", body), 400,
                      "invalid_request");
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(
            post_as(w, good[i], redemption(w, client_id, world_code(w, client_id, NULL)))->status,
            200);
    assert_int_equal(world_post_form(w, TOKEN, body)->status, 200);
}

static void test_tk_07_a_parameter_comes_once_even_with_the_same_value(void **state)
{
    static const char *const code_form[] = { "grant_type", "client_id", "code", "code_verifier",
                                             "redirect_uri", "client_secret" };
    static const char *const refresh_form[] = { "grant_type", "client_id", "refresh_token",
                                                "scope", "client_secret" };
    world *w = *state;
    char *client_id;
    reply *tokens = world_connect(w, "mcp", &client_id);
    char *code = world_text(w, "%s&redirect_uri=%s&client_secret=",
                            redemption(w, client_id, world_code(w, client_id, NULL)),
                            world_encode(w, WORLD_CLIENT_REDIRECT));
    char *refresh = world_text(
        w, "grant_type=refresh_token&client_id=%s&refresh_token=%s&scope=mcp&client_secret=",
        client_id, reply_str(tokens, "refresh_token"));

    for (size_t i = 0; i < COUNT(code_form); i++) {
        char *value = url_param(w, world_text(w, "?%s", code), code_form[i]);

        expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s&%s=%s", code, code_form[i],
                                                               value)),
                          400, "invalid_request");
        expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s=&%s", code_form[i], code)),
                          400, "invalid_request");
    }
    for (size_t i = 0; i < COUNT(refresh_form); i++)
        expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s&%s=", refresh,
                                                               refresh_form[i])),
                          400, "invalid_request");
    expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s&client%%5Fid=%s", refresh,
                                                           client_id)),
                      400, "invalid_request");
    assert_int_equal(world_post_form(w, TOKEN, refresh)->status, 200);
    assert_int_equal(world_post_form(w, TOKEN, code)->status, 200);
}

static void test_tk_09_a_client_uses_the_grants_that_it_registered(void **state)
{
    world *w = *state;
    reply *r = world_post_json(w, "/api/oauth/register",
                               "{\"redirect_uris\":[\"" WORLD_CLIENT_REDIRECT "\"],"
                               "\"grant_types\":[\"authorization_code\"]}");
    char *client_id = world_text(w, "%s", reply_str(r, "client_id")), *other;
    reply *tokens = world_redeem(w, client_id, world_code(w, client_id, NULL));
    const char *others = reply_str(world_connect(w, "mcp", &other), "refresh_token");

    assert_int_equal(tokens->status, 200);
    assert_false(reply_has(tokens, "refresh_token"));
    assert_true(reply_has(tokens, "access_token"));
    expect_json_error(world_refresh(w, client_id, others), 400, "unauthorized_client");
    assert_int_equal(world_refresh(w, other, others)->status, 200);
}

/* --- who the client is --- */

static char *base64(world *w, const char *text, size_t n)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = world_text(w, "%*s", (int)(n + 2) / 3 * 4, "");

    for (size_t i = 0; i < n; i += 3) {
        const unsigned char *p = (const unsigned char *)text + i;
        uint32_t bits = (uint32_t)p[0] << 16 | (i + 1 < n ? (uint32_t)p[1] << 8 : 0) |
                        (i + 2 < n ? p[2] : 0);

        for (size_t j = 0; j < 4; j++)
            out[i / 3 * 4 + j] =
                i + j > n ? '=' : alphabet[bits >> (18 - 6 * j) & 63];
    }
    return out;
}

static char *authorization(world *w, const char *credentials)
{
    return world_text(w, "Content-Type: " FORM "\r\nAuthorization: Basic %s\r\n", credentials);
}

static char *basic(world *w, const char *pair)
{
    return authorization(w, base64(w, pair, strlen(pair)));
}

static void expect_basic_challenge(reply *r)
{
    expect_json_error(r, 401, "invalid_client");
    assert_non_null(reply_header(r, "www-authenticate"));
    assert_string_equal(reply_header(r, "www-authenticate"), "Basic realm=\"oauth\"");
}

static void test_tk_10_a_client_names_itself_in_one_way(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *other = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, id, NULL);
    char *bare = world_text(w, "grant_type=authorization_code&code=%s" PROOF, code);
    char *named = redemption(w, id, code), *header = basic(w, world_text(w, "%s:", id));

    expect_json_error(post(w, header, world_text(w, "%s&client_secret=x", named)), 400,
                      "invalid_request");
    expect_basic_challenge(post(w, basic(w, world_text(w, "%s:", other)), named));
    expect_basic_challenge(post(w, header, redemption(w, other, code)));
    expect_basic_challenge(post(w, basic(w, world_text(w, "%s:secret", id)), named));
    expect_json_error(world_post_form(w, TOKEN, bare), 401, "invalid_client");
    assert_int_equal(post(w, header, bare)->status, 200);
    assert_int_equal(post(w, header, redemption(w, id, world_code(w, id, NULL)))->status, 200);
    assert_int_equal(
        post(w, header, world_text(w, "%s&client_secret=",
                                   redemption(w, id, world_code(w, id, NULL))))->status,
        200);
}

static void test_tk_11_broken_basic_credentials_are_a_401(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = redemption(w, id, world_code(w, id, NULL));
    char *long_text = world_text(w, "%65536s", "");
    const char *headers[] = {
        "Basic", "Basic ", "Basic  ", "Basic !!!!", "Basic Zg", "Basic Zg=", "Basic ====",
        "basic", "basic !!!!", "BASIC Zg==", "Basic Zg== x", "Basic\tZg==", "Basic Zg==,Zg==",
    };
    const char *pairs[] = { "", ":", id, ":secret", "%zz:", "%00:", "a b:", "\x01:", "%C0%AF:" };

    for (size_t i = 0; i < COUNT(headers); i++)
        expect_basic_challenge(post(
            w, world_text(w, "Content-Type: " FORM "\r\nAuthorization: %s\r\n", headers[i]), body));
    for (size_t i = 0; i < COUNT(pairs); i++)
        expect_basic_challenge(post(w, basic(w, pairs[i]), body));
    expect_basic_challenge(post(w, authorization(w, base64(w, "a\0b:", 4)), body));
    memset(long_text, 'A', 65536);
    expect_basic_challenge(post(w, authorization(w, long_text), body));
    assert_int_equal(world_post_form(w, TOKEN, body)->status, 200);
}

static void test_tk_11_other_schemes_and_two_headers_name_no_client(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = redemption(w, id, world_code(w, id, NULL));
    char *good = base64(w, world_text(w, "%s:", id), strlen(id) + 1);
    const char *headers[] = {
        "Authorization: Bearer ist_at_x\r\n",
        "Authorization: Digest username=\"x\"\r\n",
        "Authorization: x\r\n",
        world_text(w, "Authorization: Basic %s\r\nAuthorization: Basic %s\r\n", good, good),
        world_text(w, "Authorization: Basic %s\r\nauthorization:\r\n", good),
        world_text(w, "Authorization: \r\nAuthorization: Basic %s\r\n", good),
    };
    reply *r;

    for (size_t i = 0; i < COUNT(headers); i++)
        expect_basic_challenge(
            post(w, world_text(w, "Content-Type: " FORM "\r\n%s", headers[i]), body));
    /* The scheme's case does not matter (RFC 9110 11.1). */
    r = post(w, world_text(w, "Content-Type: " FORM "\r\nAuthorization: bAsIc %s\r\n", good), body);
    assert_int_equal(r->status, 200);
}

/* MCP's SDKs send the pair raw, oauth4webapi encodes even unreserved characters. */
static void test_tk_12_an_id_reads_the_same_raw_and_encoded(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *bare;

    for (const char *p = id; *p; p++)
        assert_true((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f'));
    bare = world_text(w, "grant_type=authorization_code&code=%s" PROOF, world_code(w, id, NULL));
    assert_int_equal(post(w, basic(w, world_text(w, "%s:", id)), bare)->status, 200);
    bare = world_text(w, "grant_type=authorization_code&code=%s" PROOF, world_code(w, id, NULL));
    assert_int_equal(post(w, basic(w, world_text(w, "%s:", world_encode(w, id))), bare)->status,
                     200);
    bare = world_text(w, "grant_type=authorization_code&code=%s" PROOF, world_code(w, id, NULL));
    expect_basic_challenge(
        post(w, basic(w, world_text(w, "%s:", world_encode(w, world_encode(w, id)))), bare));
    expect_basic_challenge(post(w, basic(w, world_text(w, "%s :", id)), bare));
    expect_basic_challenge(post(w, basic(w, world_text(w, "%s+:", id)), bare));
    assert_int_equal(post(w, basic(w, world_text(w, "%s:", id)), bare)->status, 200);
}

static void test_tk_13_a_public_client_has_no_secret_to_send(void **state)
{
    static const char *const wrong[] = { "&client_secret=x", "&client_secret=%20",
                                         "&client_assertion=x", "&client_assertion_type=x" };
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = redemption(w, id, world_code(w, id, NULL));

    for (size_t i = 0; i < COUNT(wrong); i++)
        expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s%s", body, wrong[i])), 401,
                          "invalid_client");
    assert_int_equal(world_post_form(w, TOKEN, world_text(w, "%s&client_secret=&client_assertion=",
                                                          body))
                         ->status,
                     200);
}

static void test_tk_13_an_id_is_compared_byte_for_byte(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT), *code = world_code(w, id, NULL);
    char *upper = world_text(w, "%s", id);
    const char *ids[] = { "x", upper, world_text(w, "%.*s", 31, id), world_text(w, "%s0", id) };

    for (char *p = upper; *p; p++)
        *p = (char)(*p >= 'a' ? *p - 32 : *p);
    for (size_t i = 0; i < COUNT(ids); i++)
        expect_json_error(world_post_form(w, TOKEN, redemption(w, ids[i], code)), 401,
                          "invalid_client");
    assert_int_equal(world_post_form(w, TOKEN, redemption(w, id, code))->status, 200);
}

static void test_tk_13_no_store_is_asked_for_what_cannot_be_an_id(void **state)
{
    world *w = world_new();
    char *too_long = world_text(w, "%129s", "");
    const char *ids[] = { "", "%20", "'%20OR%201=1--", "%2A", "%25", "..%2F..", "a%0Ab", "a%20",
                          "%C3%A9", "a%2Fb", "a:b", too_long };
    istauth_store memory;
    istauth_store_shim counter;

    (void)state;
    assert_int_equal(istauth_memory_store_new(&memory, NULL, NULL), ISTAUTH_OK);
    w->given = istauth_store_shim_wrap(&counter, memory);
    world_open(w);
    memset(too_long, 'a', 129);
    for (size_t i = 0; i < COUNT(ids); i++)
        expect_json_error(world_post_form(w, TOKEN, redemption(w, ids[i], "x")), 401,
                          "invalid_client");
    expect_json_error(world_post_form(w, TOKEN, redemption(w, "a%00evil", "x")), 400,
                      "invalid_request");
    assert_int_equal(istauth_store_shim_calls(&counter, ISTAUTH_STORE_ANY), 0);
    expect_json_error(world_post_form(w, TOKEN, redemption(w, too_long + 1, "x")), 401,
                      "invalid_client"); /* 128 are an id, though nobody's */
    assert_int_equal(istauth_store_shim_calls(&counter, ISTAUTH_STORE_CLIENT_GET), 1);
    world_free(w);
    istauth_memory_store_free(&memory);
}

/* --- what comes back --- */

static void test_tk_18_tk_19_tk_21_the_response_to_the_letter(void **state)
{
    world *w = *state;
    char *client_id;
    reply *r = world_connect(w, "mcp", &client_id);

    for (int i = 0; i < 2; i++) {
        char *expected = world_text(w,
                                    "{\"access_token\":\"%s\",\"token_type\":\"Bearer\","
                                    "\"expires_in\":3600,\"refresh_token\":\"%s\","
                                    "\"scope\":\"mcp\"}",
                                    reply_str(r, "access_token"), reply_str(r, "refresh_token"));

        assert_string_equal(r->body, expected);
        assert_string_equal(reply_header(r, "content-type"), "application/json");
        assert_string_equal(reply_header(r, "cache-control"), "no-store");
        assert_string_equal(reply_header(r, "pragma"), "no-cache");
        assert_string_equal(reply_header(r, "access-control-allow-origin"), "*");
        r = world_refresh(w, client_id, reply_str(r, "refresh_token"));
    }
}

static void test_tk_19_a_large_lifetime_is_printed_as_an_integer(void **state)
{
    static const struct {
        istauth_time ttl;
        const char *text;
    } rows[] = { { 1, "\"expires_in\":1," },
                 { INT64_C(2147483648), "\"expires_in\":2147483648," },
                 { INT64_C(100) * 365 * 86400, "\"expires_in\":3153600000," } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        world *w = world_new();

        w->config.lifetimes.access = rows[i].ttl;
        world_open(w);
        assert_non_null(strstr(world_connect(w, "mcp", NULL)->body, rows[i].text));
        world_free(w);
    }
}

/* Every prefix of a good body, in memory that ends where it ends. */
static void test_tk_23_tk_24_a_truncated_body_is_refused(void **state)
{
    world *w = *state;
    char *id = world_register(w, WORLD_CLIENT_REDIRECT);
    char *body = world_text(w, "redirect_uri=%s&%s", world_encode(w, WORLD_CLIENT_REDIRECT),
                            redemption(w, id, world_code(w, id, NULL)));
    static const char *const ends[] = { "&x=%", "&x=%4", "&%", "&%4=", "&x=%4g", "&x=%g4" };
    size_t code = (size_t)(strstr(body, "&code=") - body);

    for (size_t n = 0; n < code; n++) {
        reply *r = world_call(w, "POST", TOKEN, NULL, "Content-Type: " FORM "\r\n", body, n);

        assert_true(r->status == 400 || r->status == 401);
    }
    for (size_t i = 0; i < COUNT(ends); i++)
        expect_json_error(world_post_form(w, TOKEN, world_text(w, "%s%s", body, ends[i])), 400,
                          "invalid_request");
    assert_int_equal(world_post_form(w, TOKEN, body)->status, 200);
}

static void test_tk_25_a_registration_that_was_purged_is_an_unknown_client(void **state)
{
    world *w = *state;
    char *unused = world_register(w, WORLD_CLIENT_REDIRECT), *used;
    reply *tokens = world_connect(w, "mcp", &used);
    size_t removed;

    w->now += 86400 + 1;
    assert_int_equal(istauth_purge(&removed, w->server, 1000), ISTAUTH_OK);
    expect_json_error(world_refresh(w, unused, reply_str(tokens, "refresh_token")), 401,
                      "invalid_client");
    tokens = world_refresh(w, used, reply_str(tokens, "refresh_token"));
    assert_int_equal(tokens->status, 200);
    assert_int_equal(w->store.ops->client_delete(w->store.ctx, istauth_str_of(used), w->now),
                     ISTAUTH_OK);
    expect_json_error(world_refresh(w, used, reply_str(tokens, "refresh_token")), 401,
                      "invalid_client");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_tk_02_every_error_is_json),
        CASE(test_tk_02_grant_types_that_do_not_exist_here),
        CASE(test_tk_04_a_dead_refresh_token_is_exactly_an_invalid_grant),
        CASE(test_tk_05_only_a_body_that_is_posted_is_read),
        CASE(test_tk_06_the_content_type_is_a_form_in_any_spelling),
        CASE(test_tk_07_a_parameter_comes_once_even_with_the_same_value),
        CASE(test_tk_09_a_client_uses_the_grants_that_it_registered),
        CASE(test_tk_10_a_client_names_itself_in_one_way),
        CASE(test_tk_11_broken_basic_credentials_are_a_401),
        CASE(test_tk_11_other_schemes_and_two_headers_name_no_client),
        CASE(test_tk_12_an_id_reads_the_same_raw_and_encoded),
        CASE(test_tk_13_a_public_client_has_no_secret_to_send),
        CASE(test_tk_13_an_id_is_compared_byte_for_byte),
        cmocka_unit_test(test_tk_13_no_store_is_asked_for_what_cannot_be_an_id),
        CASE(test_tk_18_tk_19_tk_21_the_response_to_the_letter),
        cmocka_unit_test(test_tk_19_a_large_lifetime_is_printed_as_an_integer),
        CASE(test_tk_23_tk_24_a_truncated_body_is_refused),
        CASE(test_tk_25_a_registration_that_was_purged_is_an_unknown_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
