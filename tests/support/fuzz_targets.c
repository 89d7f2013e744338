#include "support/fuzz_targets.h"

#include <istauth.h>

#include "base/form_i.h"
#include "base/json_i.h"
#include "base/text_i.h"
#include "rules/jws_i.h"
#include "rules/jwt_i.h"
#include "support/keys.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static istauth_str text_of(const uint8_t *data, size_t n)
{
    istauth_str text = { (const char *)data, n };

    return text;
}

static void form(const uint8_t *data, size_t n)
{
    istauth_arena arena;
    istauth__form parsed;
    istauth_str value;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth__form_parse(&parsed, &arena, text_of(data, n))) {
        for (size_t i = 0; i < parsed.count; i++) {
            must(istauth__utf8_is_valid(parsed.fields[i].name));
            must(istauth__utf8_is_valid(parsed.fields[i].value));
        }
        (void)!istauth__form_get(&value, &parsed, "client_id");
    }
    istauth_arena_wipe(&arena);
}

/* What is registered must be accepted again by the rule that is asked at authorization (DC-36), and the
 * response must be JSON. */
static void client(const uint8_t *data, size_t n)
{
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);
    istauth_scope_catalogue catalogue;
    istauth_client c = { .origin = ISTAUTH_CLIENT_REGISTERED };
    istauth_arena arena;
    istauth_str json, uri;
    cJSON *object;

    must(!istauth_scope_catalogue_init(&catalogue, scopes, count));
    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth_client_parse(&c, &arena, &catalogue, UINT32_MAX, text_of(data, n), NULL)) {
        must(c.redirect_uris.count > 0 && c.name.n > 0);
        for (size_t i = 0; i < c.redirect_uris.count; i++)
            must(!istauth_client_redirect(&uri, &c, c.redirect_uris.items[i], 0));
        must(!istauth_client_print(&json, &arena, &c, NULL));
        object = cJSON_ParseWithLength(json.p, json.n);
        must(cJSON_IsObject(object));
        cJSON_Delete(object);
    }
    istauth_arena_wipe(&arena);
}

static void redirect(const uint8_t *data, size_t n)
{
    istauth_str uri = text_of(data, n), host = istauth_redirect_host(uri);
    istauth_redirect_kind kind = istauth_redirect_check(uri);

    must((kind == ISTAUTH_REDIRECT_REFUSED) == (host.n == 0));
    if (kind == ISTAUTH_REDIRECT_REFUSED)
        return;
    must(istauth_redirect_matches(uri, uri, 0));
    for (size_t i = 0; i < n; i++)
        must(data[i] > 0x20 && data[i] < 0x7F && !strchr("\"<>\\^`{|}#", data[i]));
}

static void scope(const uint8_t *data, size_t n)
{
    size_t count, unknown;
    const istauth_scope *scopes = istauth_scope_defaults(&count);
    istauth_scope_catalogue catalogue;
    istauth_scope_set set, again;
    istauth_arena arena;
    istauth_str text;

    must(!istauth_scope_catalogue_init(&catalogue, scopes, count));
    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth_scope_parse(&set, &unknown, &catalogue, text_of(data, n))) {
        must(!istauth_scope_print(&text, &arena, &catalogue, set));
        must(!istauth_scope_parse(&again, &unknown, &catalogue, text));
        must(again.bits == set.bits && unknown == 0);
    }
    istauth_arena_wipe(&arena);
}

static void authorization(const uint8_t *data, size_t n)
{
    istauth_arena arena;
    istauth_str token, id, secret;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth_bearer_parse(&token, text_of(data, n))) {
        must(token.n > 0 && token.p >= (const char *)data);
        must(token.p + token.n <= (const char *)data + n);
        (void)istauth_token_recognise(ISTAUTH_STR("ist"), token);
    }
    (void)!istauth_basic_parse(&id, &secret, &arena, text_of(data, n));
    istauth_arena_wipe(&arena);
}

static void token(const uint8_t *data, size_t n)
{
    istauth_str text = text_of(data, n);

    if (istauth_token_recognise(ISTAUTH_STR("ist"), text) != ISTAUTH_TOKEN_NONE) {
        must(n == ISTAUTH_TOKEN_LENGTH_MAX);
        (void)istauth_token_key(text);
    }
}

static void base64url(const uint8_t *data, size_t n)
{
    uint8_t *out = malloc(n + 1);
    char *again = malloc(n + 2);
    size_t length;

    must(out && again);
    if (istauth__base64url_read(out, &length, text_of(data, n))) {
        must(ISTAUTH__BASE64URL_LENGTH(length) == n);
        istauth__base64url_write(again, out, length);
        must(memcmp(again, data, n) == 0); /* one text for one value */
    }
    free(again);
    free(out);
}

static void json(const uint8_t *data, size_t n)
{
    istauth__json j;
    istauth_arena arena;
    istauth_str printed;
    cJSON *object;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth__json_parse(&object, &arena, text_of(data, n)))
        istauth__json_free(object);
    j = istauth__json_in(&arena);
    istauth__json_open(&j, NULL, '{');
    istauth__json_str(&j, "any", text_of(data, n));
    istauth__json_close(&j, '}');
    if (!istauth__buf_done(&printed, &j.buf)) {
        must(istauth__utf8_is_valid(printed));
        object = cJSON_ParseWithLength(printed.p, printed.n);
        must(cJSON_IsObject(object));
        cJSON_Delete(object);
    }
    istauth_arena_wipe(&arena);
}

static void identifier(const uint8_t *data, size_t n)
{
    istauth_str id = text_of(data, n), path;
    istauth_arena arena;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (istauth_resource_is_valid(id)) {
        must(istauth_resource_matches(id, id, 0));
        must(!istauth_well_known_path(&path, &arena, ISTAUTH_STR("x"), id));
        must(istauth_identifier_origin(id).n + istauth_identifier_path(id).n <= n);
    }
    must(!istauth_issuer_is_valid(id) || istauth_resource_is_valid(id));
    istauth_arena_wipe(&arena);
}

static const char keys[] =
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";

/* The two tokens of the RFCs that these keys signed are in the corpus; nothing else verifies. */
static bool is_signed(istauth_str text)
{
    return istauth__starts_with(text, ISTAUTH_STR("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0K")) ||
           istauth__starts_with(text, ISTAUTH_STR("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1"));
}

static void jwt(const uint8_t *data, size_t n)
{
    static const istauth_str audience = ISTAUTH_STR_INIT("https://as.example");
    istauth__jws_policy taken = { ISTAUTH__ALG_ALL, ISTAUTH_STR_INIT("JWT"), false };
    istauth__jwt_policy policy = { { NULL, 0 }, { NULL, 0 }, { &audience, 1 }, 1800000000, 30, 300 };
    istauth__jwks set;
    istauth__jwt claims;
    istauth_arena arena;
    istauth_str payload;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    must(!istauth__jwks_parse(&set, &arena, istauth_str_of(keys)) && set.count == 2);
    if (!istauth__jws_verify(&payload, &arena, text_of(data, n), &taken, &set))
        must(is_signed(text_of(data, n)));
    if (!istauth__jwt_parse(&claims, &arena, text_of(data, n)) &&
        !istauth__jwt_check(&claims, &policy))
        must(claims.audience.count == 1 && claims.expires_at > policy.now - policy.skew);
    istauth_arena_wipe(&arena);
}

/* What is read is printed as the same keys. */
static void jwks(const uint8_t *data, size_t n)
{
    istauth__jwks set, again;
    istauth_str json, one, other;
    istauth_arena arena;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth__jwks_parse(&set, &arena, text_of(data, n))) {
        must(!istauth__jwks_print(&json, &arena, &set));
        must(!istauth__jwks_parse(&again, &arena, json));
        must(again.count == set.count);
        for (size_t i = 0; i < set.count; i++) {
            must(!istauth__jwk_thumbprint(&one, &arena, &set.keys[i].key));
            must(!istauth__jwk_thumbprint(&other, &arena, &again.keys[i].key));
            must(istauth_str_equal(one, other));
            must(istauth_str_equal(set.keys[i].kid, again.keys[i].kid));
        }
    }
    istauth_arena_wipe(&arena);
}

/* What a document may say, it says of a client that authorization takes; and nothing of it is a
 * script or a secret. */
static void document(const uint8_t *data, size_t n)
{
    static const char url[] = "https://app.ex/c";
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);
    istauth_str body = text_of(data, n), uri;
    istauth_scope_catalogue catalogue;
    istauth_client c = { .origin = ISTAUTH_CLIENT_REGISTERED };
    istauth_arena arena;

    must(!istauth_scope_catalogue_init(&catalogue, scopes, count));
    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth_document_parse(&c, &arena, &catalogue, ~0u, istauth_str_of(url), body, NULL)) {
        must(n <= ISTAUTH_DOCUMENT_MAX && c.origin == ISTAUTH_CLIENT_DOCUMENT && c.name.n > 0);
        must(c.auth == ISTAUTH_CLIENT_AUTH_NONE || c.jwks.n || c.jwks_uri.n);
        must(!(c.jwks.n && c.jwks_uri.n));
        must(c.redirect_uris.count > 0);
        for (size_t i = 0; i < c.redirect_uris.count; i++)
            must(!istauth_client_redirect(&uri, &c, c.redirect_uris.items[i], 0));
    }
    if (istauth_document_url_is_valid(body, ISTAUTH_DOCUMENT_QUERY)) {
        must(istauth__starts_with(body, ISTAUTH_STR("https://")));
        must(istauth_document_url_host(body).n > 0);
    }
    istauth_arena_wipe(&arena);
}

/* What is read of another server's answer opens no more than it says, and reads the same again. */
static void introspection(const uint8_t *data, size_t n)
{
    istauth_introspection t, again;
    istauth_arena arena;
    istauth_str json;

    istauth_arena_init(&arena, NULL, 0, NULL, ISTAUTH_ARENA_CAP);
    if (!istauth_introspection_read(&t, &arena, text_of(data, n))) {
        istauth_status st =
            istauth_introspection_check(&t, t.kind, t.issuer, t.audience, 1700000000);

        must(st || (t.issuer.n && t.audience.n && t.not_before <= 1700000000));
        must(st || t.expires_at > 1700000000 || (!t.expires_at && !t.client_id.n));
        must(!istauth_introspection_print(&json, &arena, &t));
        must(!istauth_introspection_read(&again, &arena, json));
        must(again.kind == t.kind && again.expires_at == t.expires_at);
        must(istauth_str_equal(again.scopes, t.scopes) &&
             istauth_str_equal(again.subject, t.subject) &&
             again.workspaces.count == t.workspaces.count);
    }
    istauth_arena_wipe(&arena);
}

/* Four header values, one a line. */
static void cache_control(const uint8_t *data, size_t n)
{
    istauth_str rest = text_of(data, n), values[4] = { { NULL, 0 } };
    istauth_fetched f = { .status = 200 };
    istauth_time seconds;

    for (size_t i = 0, from = 0; i < 4 && from < n; i++) {
        size_t to = istauth__find(rest, '\n', from);

        values[i] = istauth__slice(rest, from, to);
        from = to + 1;
    }
    f.cache_control = values[0];
    f.age = values[1];
    f.expires = values[2];
    f.date = values[3];
    f.content_type = values[0];
    seconds = istauth_document_freshness(&f, 60, 86400, 1700000000);
    must(seconds >= 60 && seconds <= 86400);
    (void)!istauth_document_response_check(&f);
}

/* A whole server. The input is a request: its first byte picks the endpoint and method, the rest up
 * to a NUL is the query, up to the next the header block, and what is left the body. */
static istauth_str until_nul(const uint8_t **data, size_t *n)
{
    istauth_str part = { (const char *)*data, 0 };
    size_t taken;

    while (part.n < *n && (*data)[part.n])
        part.n++;
    taken = part.n < *n ? part.n + 1 : part.n; /* with the NUL, if there is one */
    *data += taken;
    *n -= taken;
    return part;
}

/* Whatever the URL, its document is the body of the request. */
static istauth_status fetch_body(void *ctx, istauth_fetched *out, istauth_str url, size_t limit,
                                 istauth_arena *arena)
{
    const istauth_request *request = ctx;
    istauth_fetched fetched = { .status = 200, .content_type = ISTAUTH_STR("application/json") };

    must(istauth_document_url_is_valid(url, ISTAUTH_DOCUMENT_QUERY));
    if (request->body.n > limit)
        return ISTAUTH_E_NOT_FOUND;
    if (istauth_arena_copy(&fetched.body, arena, request->body))
        return ISTAUTH_E_NO_MEMORY;
    *out = fetched;
    return ISTAUTH_OK;
}

static istauth_status one_visitor(void *ctx, istauth_visitor *visitor,
                                  const istauth_request *request, istauth_arena *arena)
{
    (void)ctx;
    (void)request;
    (void)arena;
    visitor->subject = ISTAUTH_STR("ada");
    visitor->binding = ISTAUTH_STR("browser");
    return ISTAUTH_OK;
}

/* What came from a stranger is text on a page, whatever it was. */
static void check_page(const istauth_response *response)
{
    static const char *const markup[] = { "<script", "<img", "<a ", "<iframe", "<svg" };

    for (size_t i = 0; response->body.n && i < sizeof(markup) / sizeof(markup[0]); i++)
        must(response->body.p[0] != '<' || !strstr(response->body.p, markup[i]));
}

static void whole_request(const uint8_t *data, size_t n)
{
    static const char *const paths[] = {
        "/oauth/authorize", "/api/oauth/token", "/api/oauth/register", "/api/oauth/revoke",
        "/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource/mcp",
        "/api/oauth/userinfo", "/nowhere"
    };
    static const char *const methods[] = { "GET", "POST", "OPTIONS", "PUT" };
    istauth_resource resource = { ISTAUTH_STR_INIT("https://as.example/mcp"), { NULL, 0 } };
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_authorization a;
    istauth_response response;
    istauth_server *server;
    istauth_arena arena;
    istauth_str headers;
    uint8_t first;
    bool open;

    if (!n)
        return;
    limits.clients = limits.grants = limits.codes = limits.tokens = limits.nonces = 8;
    must(!istauth_memory_store_new(&config.store, &limits, NULL));
    config.issuer = ISTAUTH_STR("https://as.example");
    config.resources = &resource;
    config.resource_count = 1;
    config.fetcher = (istauth_fetcher){ fetch_body, &request };
    config.client_documents = true;
    config.document_flags = ISTAUTH_DOCUMENT_QUERY;
    first = *data++;
    n--;
    request.path = istauth_str_of(paths[first & 7]);
    if (first >> 5 & 1) { /* with the ready-made page */
        config.hooks.visitor = one_visitor;
        config.sign_in = ISTAUTH_STR("/login?next=");
        if ((first & 7) == 7)
            request.path = ISTAUTH_STR("/oauth/consent");
    }
    must(!istauth_server_new(&server, &config, NULL));
    request.method = istauth_str_of(methods[(first >> 3) & 3]);
    request.query = until_nul(&data, &n);
    headers = until_nul(&data, &n);
    request.body = text_of(data, n);
    request.header = istauth_raw_header;
    request.ctx = &headers;
    istauth_server_arena(server, &arena, NULL, 0);
    if (istauth_handle(&response, &open, &a, server, &request, &arena) != ISTAUTH_ENDPOINT_NONE) {
        must(response.status >= 200 && response.status < 600 && response.status != 500);
        for (size_t i = 0; i < response.header_count; i++)
            for (size_t j = 0; j < response.headers[i].value.n; j++)
                must((unsigned char)response.headers[i].value.p[j] >= 0x20);
        check_page(&response);
    }
    istauth_arena_wipe(&arena);
    istauth_server_free(server);
    istauth_memory_store_free(&config.store);
}

static void provision_for_fuzz(const istauth_server *server, const char *id,
                               istauth_client_auth method)
{
    static const char public_key[] =
        "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
        "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}"; /* RFC 8037 A.2 */
    istauth_provision wish = ISTAUTH_PROVISION_INIT;
    char secret[ISTAUTH_TOKEN_SIZE];
    istauth_arena arena;
    istauth_str made;

    istauth_server_arena(server, &arena, NULL, 0);
    wish.client_id = istauth_str_of(id);
    wish.name = ISTAUTH_STR("Machine");
    wish.auth = method;
    wish.grant_types = ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    wish.scopes = ISTAUTH_STR("mcp");
    wish.resource = ISTAUTH_STR("https://as.example/mcp");
    if (method == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        wish.jwks = istauth_str_of(public_key);
    must(!istauth_client_provision(secret, &made, server, &wish, &arena, NULL));
    istauth_arena_wipe(&arena);
}

/* A server whose only clients have proofs that no input can hold: nobody gets anything. The first byte
 * picks the endpoint; header block and body as for a request. */
static void unproven(const uint8_t *data, size_t n)
{
    static const char *const paths[] = { "/api/oauth/token", "/api/oauth/introspect",
                                         "/api/oauth/revoke", "/api/oauth/register/s" };
    istauth_resource resource = { ISTAUTH_STR_INIT("https://as.example/mcp"), { NULL, 0 } };
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_authorization a;
    istauth_response response;
    istauth_server *server;
    istauth_arena arena;
    istauth_str headers;
    uint8_t first;
    bool open;

    if (!n)
        return;
    limits.clients = limits.grants = limits.codes = limits.tokens = limits.nonces = 8;
    must(!istauth_memory_store_new(&config.store, &limits, NULL));
    config.issuer = ISTAUTH_STR("https://as.example");
    config.resources = &resource;
    config.resource_count = 1;
    config.client_auth = ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT;
    config.client_credentials = config.introspection = config.registration_management = true;
    must(!istauth_server_new(&server, &config, NULL));
    provision_for_fuzz(server, "s", ISTAUTH_CLIENT_AUTH_SECRET_BASIC);
    provision_for_fuzz(server, "p", ISTAUTH_CLIENT_AUTH_SECRET_POST);
    provision_for_fuzz(server, "k", ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT);
    first = *data++;
    n--;
    request.path = istauth_str_of(paths[first & 3]);
    request.method = (first & 3) == 3 ? ISTAUTH_STR("PUT") : ISTAUTH_STR("POST");
    headers = until_nul(&data, &n);
    request.body = text_of(data, n);
    request.header = istauth_raw_header;
    request.ctx = &headers;
    istauth_server_arena(server, &arena, NULL, 0);
    must(istauth_handle(&response, &open, &a, server, &request, &arena));
    must(response.status >= 400 && response.status != 500);
    istauth_arena_wipe(&arena);
    istauth_server_free(server);
    istauth_memory_store_free(&config.store);
}

static istauth_status no_claims(void *ctx, istauth_claims *claims, istauth_str subject,
                                istauth_arena *arena)
{
    (void)ctx, (void)claims, (void)subject, (void)arena;
    return ISTAUTH_E_NOT_FOUND;
}

static void keep_client(istauth_store *store)
{
    static const istauth_str uri = ISTAUTH_STR_INIT("https://c.ex/cb");
    istauth_client client = { .client_id = ISTAUTH_STR("c"),
                              .name = ISTAUTH_STR("Client"),
                              .redirect_uris = { &uri, 1 },
                              .grant_types = ISTAUTH_GRANT_AUTHORIZATION_CODE };

    must(!store->ops->client_put(store->ctx, &client));
}

/* What a known client may ask for: the input is the rest of its query. Whatever is taken is taken again
 * when it comes back from the sign-in page, and means the same. */
static void authorize(const uint8_t *data, size_t n)
{
    static const char start[] =
        "client_id=c&response_type=code&code_challenge_method=S256&code_challenge="
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&";
    istauth_signing_key key = { ISTAUTH_STR_INIT(ED_PEM), { NULL, 0 } };
    istauth_resource resource = { ISTAUTH_STR_INIT("https://as.example/mcp"), { NULL, 0 } };
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_authorization first, again;
    istauth_server *server;
    istauth_arena arena;
    istauth_str query;
    char *text;

    limits.clients = limits.grants = limits.codes = limits.tokens = limits.nonces = 8;
    must(!istauth_memory_store_new(&config.store, &limits, NULL));
    keep_client(&config.store);
    config.issuer = ISTAUTH_STR("https://as.example");
    config.resources = &resource;
    config.resource_count = 1;
    config.signing_keys = &key;
    config.signing_key_count = 1;
    config.hooks.claims = no_claims;
    must(!istauth_server_new(&server, &config, NULL));
    istauth_server_arena(server, &arena, NULL, 0);
    text = malloc(sizeof(start) - 1 + n);
    must(text);
    memcpy(text, start, sizeof(start) - 1);
    if (n)
        memcpy(text + sizeof(start) - 1, data, n);
    query = (istauth_str){ text, sizeof(start) - 1 + n };
    if (!istauth_authorize_check(&first, server, query, &arena)) {
        must(!istauth_authorize_check(&again, server, first.resume, &arena) && again.resumed);
        must(again.signed_in_since == first.signed_in_since);
        must(istauth_str_equal(again.nonce, first.nonce) && first.nonce.n <= 512);
        must(istauth_str_equal(again.resume, first.resume));
        must(!first.id_token_subject.n); /* this key has signed none */
    }
    free(text);
    istauth_arena_wipe(&arena);
    istauth_server_free(server);
    istauth_memory_store_free(&config.store);
}

const fuzz_target fuzz_targets[] = {
    { "form", form },           { "client", client },         { "redirect", redirect },
    { "scope", scope },         { "authorization", authorization }, { "token", token },
    { "base64url", base64url }, { "json", json },             { "identifier", identifier },
    { "jwt", jwt },             { "jwks", jwks },             { "document", document },
    { "cache_control", cache_control }, { "authorize", authorize },
    { "introspection", introspection }, { "unproven", unproven },
    { "request", whole_request },
};

const size_t fuzz_target_count = sizeof(fuzz_targets) / sizeof(fuzz_targets[0]);
