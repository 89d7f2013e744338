#include "unit/unit.h"

#include <istauth/metadata_document.h>

#define URL "https://app.ex/oauth/client.json"
#define BOTH (ISTAUTH_DOCUMENT_QUERY | ISTAUTH_DOCUMENT_LOOPBACK)
#define KEY_JWT (1u << ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)

/* RFC 7515 A.3 */
#define KEYS \
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"," \
    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}"
#define JWKS "\"jwks\":" KEYS

/* --- the URL --- */

static bool is_valid(const char *url, unsigned flags)
{
    istauth_str copy = exact(istauth_str_of(url));
    bool valid = istauth_document_url_is_valid(copy, flags);

    exact_free(copy);
    return valid;
}

static void test_cm_01_urls_that_may_be_fetched(void **state)
{
    static const char *const table[] = {
        "https://claude.ai/oauth/mcp-oauth-client-metadata",
        "https://chatgpt.com/oauth/client.json",
        "https://vscode.dev/oauth/client-metadata.json",
        "https://a.b/",
        "https://a.b:8443/c",
        "https://a.b:443/c",
        "https://xn--bcher-kva.example/c",
        "https://a.b/c%2Fd/~e;f=1/...",
        "https://127.0.0.1.example.com/c",
        "https://1.example/c",
        "https://localhost.example.com/c",
        "https://internal.example/c",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        if (!is_valid(table[i], 0))
            fail_msg("%s was refused", table[i]);
}

static void test_cm_01_urls_that_may_not(void **state)
{
    static const char *const table[] = {
        "", "https", "https:", "https://", "https:///c", "//a.b/c", "/c", "a.b/c",
        "https://a.b",         /* no path */
        "https://a.b?c=/d",
        "http://a.b/c", "HTTPS://a.b/c", "ftp://a.b/c", "file:///etc/passwd", "javascript:alert(1)",
        "https:/a.b/c", "https:a.b/c", "https:\\\\a.b\\c",
        /* dot segments, as somebody behind the URL may read them */
        "https://a.b/.", "https://a.b/..", "https://a.b/c/../d", "https://a.b/./c",
        "https://a.b/c/%2e%2e/d", "https://a.b/c/%2E./d", "https://a.b/c/%252e%252e/d",
        "https://a.b/c/..%2fd", "https://a.b/c%2f..%2fd", "https://a.b/c%5c..%5cd",
        "https://a.b/..;x/c",
        /* userinfo, fragment, query */
        "https://u@a.b/c", "https://u:p@a.b/c", "https://@a.b/c", "https://claude.ai@a.b/c",
        "https://a.b/c#", "https://a.b/c#d", "https://a.b/c?", "https://a.b/c?d=e",
        /* ports */
        "https://a.b:/c", "https://a.b:0/c", "https://a.b:0443/c", "https://a.b:65536/c",
        "https://a.b:443x/c", "https://a.b:-1/c",
        /* characters and triples */
        "https://a.b/c d", "https://a.b/c\td", "https://a.b/\xC3\xA9", "https://\xC3\xA9.b/c",
        "https://a.b/c%", "https://a.b/c%0", "https://a.b/c%zz", "https://a.b/c%00", "https://a.b/c%0d%0aX:y",
        "https://a.b/c%250a", "https://a.b/c%7f", "https://a.b/<c>", "https://a.b/c\\d", "https://a.b/{c}",
        "https://a.b%2ec/d", "https://a*.b/c",
        /* hosts */
        "https://A.b/c", "https://CLAUDE.AI/c", "https://claude.aI/c", "https://a.b./c", "https://.a.b/c",
        "https://a..b/c", "https://ab/c", "https://localhost/c", "https://localhost./c",
        "https://app.localhost/c", "https://printer.local/c", "https://vault.internal/c",
        "https://nas.home.arpa/c", "https://1.0.0.127.in-addr.arpa/c", "https://a.test/c",
        "https://a.invalid/c", "https://a.onion/c", "https://a.alt/c", "https://a.localdomain/c",
        "https://router.lan/c", "https://a.home/c", "https://a.corp/c", "https://a.intranet/c",
        "https://a.private/c",
        /* addresses, in every notation, special or not */
        "https://127.0.0.1/c", "https://10.0.0.1/c", "https://169.254.169.254/c", "https://8.8.8.8/c",
        "https://0.0.0.0/c", "https://127.1/c", "https://2130706433/c", "https://0x7f000001/c",
        "https://0x7f.0.0.1/c", "https://0177.0.0.1/c", "https://1.2.3.0x4/c", "https://a.0x7f/c",
        "https://[::1]/c", "https://[::ffff:127.0.0.1]/c", "https://[2606:4700::1]/c", "https://[fe80::1%25eth0]/c",
        "https://[::]/c", "https://[a.b]/c", "https://a.1/c",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        if (is_valid(table[i], 0))
            fail_msg("%s was taken", table[i]);
}

static void test_the_query_and_loopback_switches_open_no_more(void **state)
{
    static const struct {
        const char *url;
        unsigned flags;
    } opened[] = {
        { "https://a.b/c?d=e", ISTAUTH_DOCUMENT_QUERY },
        { "https://a.b/c?", ISTAUTH_DOCUMENT_QUERY },
        { "http://127.0.0.1:8080/c", ISTAUTH_DOCUMENT_LOOPBACK },
        { "https://127.0.0.1/c", ISTAUTH_DOCUMENT_LOOPBACK },
        { "http://localhost:1/c", ISTAUTH_DOCUMENT_LOOPBACK },
        { "http://[::1]/c", ISTAUTH_DOCUMENT_LOOPBACK },
    };
    static const char *const closed[] = {
        "http://a.b/c?d=e",      "http://a.b/c",          "https://10.0.0.1/c",
        "http://127.0.0.2/c",    "http://127.0.0.1",      "http://LOCALHOST/c",
        "http://localhost./c",   "http://a.localhost/c",  "ftp://127.0.0.1/c",
        "HTTP://127.0.0.1/c",    "http://u@127.0.0.1/c",  "http://127.0.0.1/../c",
        "http://127.0.0.1/c#d",  "http://[::ffff:127.0.0.1]/c", "http://0.0.0.0/c",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(opened); i++) {
        assert_true(is_valid(opened[i].url, opened[i].flags));
        assert_false(is_valid(opened[i].url, BOTH ^ opened[i].flags));
    }
    for (size_t i = 0; i < COUNT(closed); i++)
        if (is_valid(closed[i], BOTH))
            fail_msg("%s was taken", closed[i]);
}

static void test_the_length_of_a_url_is_limited_to_the_byte(void **state)
{
    istauth_str tail = repeated(arena_of(state), 'c', ISTAUTH_DOCUMENT_URL_MAX - 12);
    istauth_str longest = joined(arena_of(state), "https://a.b/", tail.p, NULL);
    istauth_str longer = joined(arena_of(state), longest.p, "c", NULL);

    assert_int_equal(longest.n, ISTAUTH_DOCUMENT_URL_MAX);
    assert_true(istauth_document_url_is_valid(longest, 0));
    assert_false(istauth_document_url_is_valid(longer, 0));
}

static void test_the_host_that_a_person_is_shown(void **state)
{
    static const struct {
        const char *url, *host;
    } table[] = {
        { "https://claude.ai/oauth/client.json", "claude.ai" },
        { "https://a.b:443/c", "a.b" },
        { "https://a.b:8443/c", "a.b:8443" },
        { "https://a.b:80/c", "a.b:80" },
        { "http://127.0.0.1:80/c", "127.0.0.1" },
        { "http://localhost:8080/c", "localhost:8080" },
        { "https://a.b/c?d", "a.b" },
        { "https://claude.ai@a.b/c", "" },
        { "0123456789abcdef0123456789abcdef", "" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        assert_says(istauth_document_url_host(istauth_str_of(table[i].url)), table[i].host);
}

/* --- the document --- */

static istauth_scope_catalogue catalogue(void)
{
    istauth_scope_catalogue c;
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);

    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, count), ISTAUTH_OK);
    return c;
}

/* On failure: nothing was written, and the error says why. */
static istauth_status parse(istauth_client *client, void **state, uint32_t methods,
                            istauth_str body)
{
    istauth_scope_catalogue c = catalogue();
    istauth_str copy = exact(body);
    istauth_error error = { ISTAUTH_OK, "" };
    istauth_client made = { .registered_at = 4711 };
    istauth_status st = istauth_document_parse(&made, arena_of(state), &c, methods,
                                               ISTAUTH_STR(URL), copy, &error);

    exact_free(copy);
    assert_int_equal(error.status, st);
    assert_int_equal(st == ISTAUTH_OK, error.detail[0] == '\0');
    if (st)
        assert_int_equal(made.registered_at, 4711);
    else
        *client = made;
    return st;
}

#define GOOD \
    "{\"client_id\":\"" URL "\",\"client_name\":\"App\",\"redirect_uris\":[\"https://app.ex/cb\"]"

/* A document with what is required, and more members. */
static istauth_status parse_with(istauth_client *client, void **state, uint32_t methods,
                                 const char *members)
{
    return parse(client, state, methods,
                 joined(arena_of(state), GOOD, *members ? "," : "", members, "}", NULL));
}

static void test_a_document_becomes_a_client(void **state)
{
    istauth_client c;

    assert_int_equal(
        parse_with(&c, state, 0,
                   "\"client_uri\":\"https://app.ex\",\"logo_uri\":\"https://app.ex/logo.png\","
                   "\"scope\":\"mcp nonsense\",\"grant_types\":[\"authorization_code\","
                   "\"refresh_token\",\"urn:ietf:params:oauth:grant-type:device_code\"],"
                   "\"response_types\":[\"code\"],\"application_type\":\"native\","
                   "\"token_endpoint_auth_method\":\"none\",\"unknown\":{\"a\":[1,null,true]}"),
        ISTAUTH_OK);
    assert_says(c.client_id, URL);
    assert_int_equal(c.origin, ISTAUTH_CLIENT_DOCUMENT);
    assert_int_equal(c.auth, ISTAUTH_CLIENT_AUTH_NONE);
    assert_says(c.name, "App");
    assert_says(c.client_uri, "https://app.ex");
    assert_says(c.scopes, "mcp");
    assert_int_equal(c.grant_types,
                     ISTAUTH_GRANT_AUTHORIZATION_CODE | ISTAUTH_GRANT_REFRESH_TOKEN);
    assert_true(c.native);
    assert_int_equal(c.redirect_uris.count, 1);
    assert_int_equal(c.registered_at, 0);
    assert_int_equal(c.expires_at, 0);
}

static void test_cm_03_client_id_is_the_url_to_the_byte(void **state)
{
    static const char *const table[] = {
        "",
        "\"client_id\":null,",
        "\"client_id\":\"\",",
        "\"client_id\":7,",
        "\"client_id\":[\"" URL "\"],",
        "\"client_id\":\"" URL "/\",",
        "\"client_id\":\"https://app.ex:443/oauth/client.json\",",
        "\"client_id\":\"https://App.ex/oauth/client.json\",",
        "\"client_id\":\"https://app.ex/oauth/client.jso\",",
        "\"client_id\":\"https://app.ex/oauth/client%2Ejson\",",
        "\"client_id\":\"https://app.ex/oauth/client.json?\",",
        "\"client_id\":\"other\",",
        "\"Client_id\":\"" URL "\",",
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(parse(&c, state, 0,
                               joined(arena_of(state), "{", table[i],
                                      "\"client_name\":\"App\",\"redirect_uris\":["
                                      "\"https://app.ex/cb\"]}",
                                      NULL)),
                         ISTAUTH_E_INVALID_CLIENT_METADATA);
    /* An escaped character of JSON is the character. */
    assert_int_equal(parse(&c, state, 0,
                           ISTAUTH_STR("{\"client_id\":\"https:\\/\\/app.ex\\u002foauth/client.json\","
                                       "\"client_name\":\"App\","
                                       "\"redirect_uris\":[\"https://app.ex/cb\"]}")),
                     ISTAUTH_OK);
}

static void test_cm_03_name_and_redirect_uris_are_required(void **state)
{
    static const struct {
        const char *members;
        istauth_status st;
    } table[] = {
        { "\"redirect_uris\":[\"https://app.ex/cb\"]", ISTAUTH_E_INVALID_CLIENT_METADATA },
        { "\"client_name\":\"\",\"redirect_uris\":[\"https://app.ex/cb\"]",
          ISTAUTH_E_INVALID_CLIENT_METADATA },
        { "\"client_name\":\" \",\"redirect_uris\":[\"https://app.ex/cb\"]",
          ISTAUTH_E_INVALID_CLIENT_METADATA },
        { "\"client_name\":null,\"redirect_uris\":[\"https://app.ex/cb\"]",
          ISTAUTH_E_INVALID_CLIENT_METADATA },
        { "\"client_name\":\"A\\u202eB\",\"redirect_uris\":[\"https://app.ex/cb\"]",
          ISTAUTH_E_INVALID_CLIENT_METADATA },
        { "\"client_name\":\"App\"", ISTAUTH_E_INVALID_REDIRECT_URI },
        { "\"client_name\":\"App\",\"redirect_uris\":[]", ISTAUTH_E_INVALID_REDIRECT_URI },
        { "\"client_name\":\"App\",\"redirect_uris\":\"https://app.ex/cb\"",
          ISTAUTH_E_INVALID_REDIRECT_URI },
        { "\"client_name\":\"App\",\"redirect_uris\":[\"https://app.ex/cb\",\"http://app.ex/cb\"]",
          ISTAUTH_E_INVALID_REDIRECT_URI },
        { "\"client_name\":\"App\",\"redirect_uris\":[\"https://app.ex/cb#f\"]",
          ISTAUTH_E_INVALID_REDIRECT_URI },
        { "\"client_name\":\"App\",\"redirect_uris\":[\"https://app.ex/*\",\"https://*.app.ex/\"]",
          ISTAUTH_E_INVALID_REDIRECT_URI },
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        assert_int_equal(parse(&c, state, 0,
                               joined(arena_of(state), "{\"client_id\":\"" URL "\",",
                                      table[i].members, "}", NULL)),
                         table[i].st);
}

static void test_a_public_document_holds_no_secret(void **state)
{
    static const char *const table[] = {
        "\"client_secret\":\"s\"",
        "\"client_secret\":null",
        "\"client_secret\":\"\"",
        "\"client_secret_expires_at\":0",
        "\"client_secret_anything\":1",
        "\"token_endpoint_auth_method\":\"client_secret_basic\"",
        "\"token_endpoint_auth_method\":\"client_secret_post\"",
        "\"token_endpoint_auth_method\":\"client_secret_jwt\"",
        "\"token_endpoint_auth_methods_supported\":[\"none\",\"client_secret_post\"]",
        "\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\"]",
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        if (parse_with(&c, state, ~0u, table[i]) != ISTAUTH_E_INVALID_CLIENT_METADATA)
            fail_msg("%s was taken", table[i]);
}

static void test_cm_05_methods_are_negotiated(void **state)
{
    static const struct {
        const char *members;
        bool taken, taken_with_keys;
        istauth_client_auth auth; /* with keys */
    } table[] = {
        { "", true, true, ISTAUTH_CLIENT_AUTH_NONE },
        { "\"token_endpoint_auth_method\":\"none\"", true, true, ISTAUTH_CLIENT_AUTH_NONE },
        { JWKS ",\"token_endpoint_auth_method\":\"private_key_jwt\"", false, true,
          ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT },
        { JWKS ",\"token_endpoint_auth_method\":\"private_key_jwt\","
               "\"token_endpoint_auth_methods_supported\":[\"none\",\"private_key_jwt\"]",
          true, true, ISTAUTH_CLIENT_AUTH_NONE }, /* ChatGPT */
        { JWKS ",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]", false, true,
          ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT },
        { "\"jwks_uri\":\"https://app.ex/keys\",\"token_endpoint_auth_methods_supported\":"
          "[\"tls_client_auth\",\"private_key_jwt\"]",
          false, true, ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT },
        { "\"token_endpoint_auth_methods_supported\":[\"none\",\"tls_client_auth\"]", true, true,
          ISTAUTH_CLIENT_AUTH_NONE },
        /* nothing in common */
        { "\"token_endpoint_auth_methods_supported\":[]", false, false, 0 },
        { "\"token_endpoint_auth_methods_supported\":[\"tls_client_auth\"]", false, false, 0 },
        { "\"token_endpoint_auth_method\":\"tls_client_auth\"", false, false, 0 },
        { "\"token_endpoint_auth_method\":\"None\"", false, false, 0 },
        { "\"token_endpoint_auth_method\":\"private_key_jwt\"", false, false, 0 }, /* without keys */
        /* the single method must be one of the list */
        { "\"token_endpoint_auth_method\":\"none\","
          "\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]," JWKS,
          false, false, 0 },
        { "\"token_endpoint_auth_method\":1", false, false, 0 },
        { "\"token_endpoint_auth_methods_supported\":\"none\"", false, false, 0 },
        { "\"token_endpoint_auth_methods_supported\":[\"none\",1]", false, false, 0 },
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++) {
        istauth_status plain = parse_with(&c, state, 0, table[i].members);

        assert_int_equal(plain, table[i].taken ? ISTAUTH_OK : ISTAUTH_E_INVALID_CLIENT_METADATA);
        if (!plain)
            assert_int_equal(c.auth, ISTAUTH_CLIENT_AUTH_NONE);
        if (parse_with(&c, state, KEY_JWT, table[i].members)) {
            if (table[i].taken_with_keys)
                fail_msg("%s was refused", table[i].members);
            continue;
        }
        assert_true(table[i].taken_with_keys);
        assert_int_equal(c.auth, table[i].auth);
    }
}

static void test_keys_are_kept_when_they_are_public(void **state)
{
    istauth_client c;

    assert_int_equal(parse_with(&c, state, 0, JWKS), ISTAUTH_OK);
    assert_says(c.jwks, KEYS);
    assert_int_equal(c.jwks_uri.n, 0);
    assert_int_equal(parse_with(&c, state, 0, "\"jwks_uri\":\"https://app.ex/keys\""), ISTAUTH_OK);
    assert_says(c.jwks_uri, "https://app.ex/keys");
    assert_int_equal(c.jwks.n, 0);
    /* What cannot check a signature is passed over, as RFC 7517 5 has it. */
    assert_int_equal(parse_with(&c, state, 0, "\"jwks\":{\"keys\":[{\"kty\":\"new\"},{}]}"),
                     ISTAUTH_OK);
    assert_int_equal(c.jwks.n, 0);
    assert_int_equal(parse_with(&c, state, KEY_JWT,
                                "\"token_endpoint_auth_method\":\"private_key_jwt\","
                                "\"jwks\":{\"keys\":[{\"kty\":\"new\"},{}]}"),
                     ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_private_and_symmetric_keys_are_refused(void **state)
{
    static const char *const table[] = {
        "\"jwks\":{\"keys\":[{\"kty\":\"EC\",\"x\":\"A\",\"y\":\"A\",\"d\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"EC\"},{\"kty\":\"RSA\",\"n\":\"A\",\"e\":\"AQAB\",\"p\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"q\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"dp\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"dq\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"qi\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"RSA\",\"oth\":[]}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"OKP\",\"d\":null}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"AKP\",\"priv\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"oct\",\"k\":\"A\"}]}",
        "\"jwks\":{\"keys\":[{\"kty\":\"EC\"},null,{\"kty\":\"oct\",\"k\":\"A\"}]}",
        "\"jwks\":{\"keys\":{}}",
        "\"jwks\":{}",
        "\"jwks\":[]",
        "\"jwks\":\"text\"",
        JWKS ",\"jwks_uri\":\"https://app.ex/keys\"",
        "\"jwks_uri\":\"http://app.ex/keys\"",
        "\"jwks_uri\":\"https://127.0.0.1/keys\"",
        "\"jwks_uri\":\"https://vault.internal/keys\"",
        "\"jwks_uri\":\"https://app.ex/../keys\"",
        "\"jwks_uri\":7",
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        if (parse_with(&c, state, KEY_JWT, table[i]) != ISTAUTH_E_INVALID_CLIENT_METADATA)
            fail_msg("%s was taken", table[i]);
}

static void test_script_urls_are_refused_in_every_member(void **state)
{
    static const char *const table[] = {
        "\"logo_uri\":\"javascript:alert(1)\"",
        "\"logo_uri\":\"data:image/svg+xml,x\"",
        "\"client_uri\":\"JavaScript:alert(1)\"",
        "\"tos_uri\":\"  javascript:alert(1)\"",
        "\"unknown\":\"javascript:alert(1)\"",
        "\"unknown\":{\"deep\":[{\"er\":\"\\u0001data:text/html,x\"}]}",
        "\"contacts\":[\"a@b.c\",\"vbscript:x\"]",
        "\"contacts\":[\"a@b.c\",\"DATA:,\"]",
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        if (parse_with(&c, state, 0, table[i]) != ISTAUTH_E_INVALID_CLIENT_METADATA)
            fail_msg("%s was taken", table[i]);
    assert_int_equal(parse_with(&c, state, 0,
                                "\"logo_uri\":\"https://app.ex/data:\",\"about\":\"no javascript: here\","
                                "\"short\":\"data\""),
                     ISTAUTH_OK);
}

static void test_grant_and_response_types_are_those_of_a_registration(void **state)
{
    istauth_client c;

    assert_int_equal(parse_with(&c, state, 0, "\"grant_types\":[\"authorization_code\"]"),
                     ISTAUTH_OK);
    assert_int_equal(c.grant_types, ISTAUTH_GRANT_AUTHORIZATION_CODE);
    assert_int_equal(parse_with(&c, state, 0, "\"grant_types\":[\"client_credentials\"]"),
                     ISTAUTH_E_INVALID_CLIENT_METADATA);
    assert_int_equal(parse_with(&c, state, 0, "\"response_types\":[\"token\"]"),
                     ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_the_size_of_a_document_is_limited_to_the_byte(void **state)
{
    istauth_str padding = repeated(arena_of(state), ' ', ISTAUTH_DOCUMENT_MAX - sizeof(GOOD "}") + 1);
    istauth_str most = joined(arena_of(state), GOOD, padding.p, "}", NULL);
    istauth_str over = joined(arena_of(state), GOOD, padding.p, " }", NULL);
    istauth_client c;

    assert_int_equal(most.n, ISTAUTH_DOCUMENT_MAX);
    assert_int_equal(parse(&c, state, 0, most), ISTAUTH_OK);
    assert_int_equal(parse(&c, state, 0, over), ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_what_is_no_strict_json_object_is_refused(void **state)
{
    static const char *const table[] = {
        "", " ", "null", "[]", "\"" URL "\"", "<html></html>", GOOD, GOOD "}x", GOOD ",}",
        GOOD ",\"client_id\":\"" URL "\"}", GOOD ",\"a\":\"\\u0000\"}",         GOOD ",\"a\":\"\xFF\"}", GOOD ",/**/\"a\":1}",
        GOOD ",\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}",
    };
    istauth_client c;

    for (size_t i = 0; i < COUNT(table); i++)
        if (parse(&c, state, 0, istauth_str_of(table[i])) != ISTAUTH_E_INVALID_CLIENT_METADATA)
            fail_msg("%s was taken", table[i]);
    for (size_t n = 0; n < sizeof(GOOD "}") - 1; n++)
        assert_int_equal(parse(&c, state, 0, (istauth_str){ GOOD "}", n }),
                         ISTAUTH_E_INVALID_CLIENT_METADATA);
}

static void test_me_05_without_memory_nothing_is_written(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_status st = ISTAUTH_E_NO_MEMORY;
    istauth_client client = { .registered_at = 4711 };
    size_t failures = 0;

    (void)state;
    for (size_t cap = 0; st; cap += 64, failures++) {
        istauth_arena arena;

        assert_int_equal(client.registered_at, 4711);
        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        st = istauth_document_parse(&client, &arena, &c, KEY_JWT, ISTAUTH_STR(URL),
                                    ISTAUTH_STR(GOOD "," JWKS ",\"token_endpoint_auth_methods_"
                                                     "supported\":[\"private_key_jwt\"]}"),
                                    NULL);
        istauth_arena_wipe(&arena);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_true(cap < 1 << 20);
    }
    assert_true(failures > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cm_01_urls_that_may_be_fetched),
        cmocka_unit_test(test_cm_01_urls_that_may_not),
        cmocka_unit_test(test_the_query_and_loopback_switches_open_no_more),
        with_arena(test_the_length_of_a_url_is_limited_to_the_byte),
        cmocka_unit_test(test_the_host_that_a_person_is_shown),
        with_arena(test_a_document_becomes_a_client),
        with_arena(test_cm_03_client_id_is_the_url_to_the_byte),
        with_arena(test_cm_03_name_and_redirect_uris_are_required),
        with_arena(test_a_public_document_holds_no_secret),
        with_arena(test_cm_05_methods_are_negotiated),
        with_arena(test_keys_are_kept_when_they_are_public),
        with_arena(test_private_and_symmetric_keys_are_refused),
        with_arena(test_script_urls_are_refused_in_every_member),
        with_arena(test_grant_and_response_types_are_those_of_a_registration),
        with_arena(test_the_size_of_a_document_is_limited_to_the_byte),
        with_arena(test_what_is_no_strict_json_object_is_refused),
        cmocka_unit_test(test_me_05_without_memory_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
