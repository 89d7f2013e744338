#include "support/world.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/world_i.h"

/* INV-1: what every response must have, whatever it answers. */
static void check_response(const istauth_response *r, istauth_endpoint endpoint)
{
    bool discovery = endpoint == ISTAUTH_ENDPOINT_SERVER_METADATA ||
                     endpoint == ISTAUTH_ENDPOINT_RESOURCE_METADATA ||
                     endpoint == ISTAUTH_ENDPOINT_OPENID_METADATA ||
                     endpoint == ISTAUTH_ENDPOINT_JWKS;
    bool nosniff = false, no_store = false;

    for (size_t i = 0; i < r->header_count; i++) {
        istauth_str name = r->headers[i].name, value = r->headers[i].value;

        for (size_t j = 0; j < value.n; j++)
            assert_true((unsigned char)value.p[j] >= 0x20 && value.p[j] != 0x7F);
        nosniff |= istauth_str_equal(name, ISTAUTH_STR("X-Content-Type-Options"));
        no_store |= istauth_str_equal(name, ISTAUTH_STR("Cache-Control")) &&
                    istauth_str_equal(value, ISTAUTH_STR("no-store"));
    }
    assert_true(nosniff);
    assert_true(no_store || discovery);
}

static void check_no_null(const cJSON *value)
{
    assert_false(cJSON_IsNull(value)); /* TK-21 */
    for (const cJSON *child = value->child; child; child = child->next)
        check_no_null(child);
}

/* INV-4 */
static void check_error_body(const cJSON *json)
{
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(json, "error");
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(json, "error_description");

    assert_true(cJSON_IsString(error));
    if (!description) /* left out only when there is no memory for it */
        return;
    assert_true(cJSON_IsString(description));
    for (const char *p = description->valuestring; *p; p++)
        assert_true(*p >= 0x20 && *p <= 0x7E && *p != '"' && *p != '\\' && *p != '=');
}

static char *copy_headers(world *w, const istauth_response *r)
{
    char *text = world_text(w, "%s", "");

    for (size_t i = 0; i < r->header_count; i++) {
        char *name = world_text(w, "%s", r->headers[i].name.p);

        for (char *p = name; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        text = world_text(w, "%s%s: %.*s\n", text, name, (int)r->headers[i].value.n,
                          r->headers[i].value.p);
    }
    return text;
}

reply *world_keep(world *w, const istauth_response *r, istauth_endpoint endpoint, bool open)
{
    reply *kept = istauth_arena_alloc(&w->arena, sizeof(*kept));
    istauth_str body;

    assert_non_null(kept);
    memset(kept, 0, sizeof(*kept));
    if (!open)
        check_response(r, endpoint);
    assert_int_equal(istauth_arena_copy(&body, &w->arena, r->body), ISTAUTH_OK);
    kept->status = r->status;
    kept->headers = copy_headers(w, r);
    kept->body = (char *)(uintptr_t)body.p;
    kept->body_n = body.n;
    kept->endpoint = endpoint;
    kept->open = open;
    if (body.n && reply_header(kept, "content-type") &&
        strcmp(reply_header(kept, "content-type"), "application/json") == 0) {
        kept->json = cJSON_ParseWithLength(body.p, body.n);
        assert_non_null(kept->json);
        check_no_null(kept->json);
        world__keep_json(w, kept->json);
        if (kept->status >= 400)
            check_error_body(kept->json);
    }
    return kept;
}

/* A credential may be in the one response that hands it out, and nowhere else. */
static void note_secrets(world *w, const reply *r)
{
    static const char *const names[] = { "access_token", "refresh_token", "client_secret",
                                         "registration_access_token", "id_token" };

    for (size_t i = 0; r->json && i < sizeof(names) / sizeof(names[0]); i++) {
        const cJSON *token = cJSON_GetObjectItemCaseSensitive(r->json, names[i]);

        if (cJSON_IsString(token))
            world__keep_secret(w, token->valuestring);
    }
}

reply *world_call(world *w, const char *method, const char *path, const char *query,
                  const char *headers, const char *body, size_t body_n)
{
    istauth_str lines = istauth_str_of(headers);
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_authorization authorization;
    istauth_endpoint endpoint;
    istauth_response response;
    istauth_arena arena;
    char room[4096], *exact = malloc(body_n ? body_n : 1);
    reply *r;
    bool open;

    assert_non_null(exact); /* exactly as long as the body: a sanitizer sees a read behind it */
    if (body_n)
        memcpy(exact, body, body_n);
    request.method = istauth_str_of(method);
    request.path = istauth_str_of(path);
    request.query = istauth_str_of(query);
    request.body = (istauth_str){ exact, body_n };
    request.address = ISTAUTH_STR("192.0.2.7");
    request.header = istauth_raw_header;
    request.ctx = &lines;
    istauth_server_arena(w->server, &arena, room, w->no_buffer ? 0 : sizeof(room));
    memset(&response, 0, sizeof(response));
    endpoint = istauth_handle(&response, &open, &authorization, w->server, &request, &arena);
    assert_int_not_equal(endpoint, ISTAUTH_ENDPOINT_NONE);
    r = world_keep(w, &response, endpoint, open);
    note_secrets(w, r);
    istauth_arena_wipe(&arena);
    free(exact);
    return r;
}

reply *world_get(world *w, const char *path, const char *query)
{
    return world_call(w, "GET", path, query, NULL, NULL, 0);
}

reply *world_post_form(world *w, const char *path, const char *body)
{
    return world_call(w, "POST", path, NULL,
                      "Content-Type: application/x-www-form-urlencoded\r\n", body, strlen(body));
}

reply *world_post_json(world *w, const char *path, const char *body)
{
    return world_call(w, "POST", path, NULL, "Content-Type: application/json\r\n", body,
                      strlen(body));
}

const char *reply_header(const reply *r, const char *name)
{
    static char value[16384];
    size_t n = strlen(name), seen = 0;

    for (const char *line = r->headers; line && *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, name, n) != 0 || line[n] != ':')
            continue;
        assert_int_equal(seen++, 0);
        snprintf(value, sizeof(value), "%.*s", (int)(strchr(line, '\n') - (line + n + 2)),
                 line + n + 2);
    }
    return seen ? value : NULL;
}

bool reply_has(const reply *r, const char *name)
{
    return r->json && cJSON_GetObjectItemCaseSensitive(r->json, name);
}

const char *reply_str(const reply *r, const char *name)
{
    const cJSON *value = r->json ? cJSON_GetObjectItemCaseSensitive(r->json, name) : NULL;

    if (!cJSON_IsString(value))
        fail_msg("no text \"%s\" in %d %s", name, r->status, r->body);
    return value->valuestring;
}

int64_t reply_int(const reply *r, const char *name)
{
    const cJSON *value = r->json ? cJSON_GetObjectItemCaseSensitive(r->json, name) : NULL;

    if (!cJSON_IsNumber(value))
        fail_msg("no number \"%s\" in %d %s", name, r->status, r->body);
    return (int64_t)value->valuedouble;
}

void expect_error(const reply *r, int status, const char *error)
{
    if (r->status != status || strcmp(reply_str(r, "error"), error) != 0)
        fail_msg("expected %d %s, got %d %s", status, error, r->status, r->body);
}

void expect_page(const reply *r)
{
    if (r->open || r->status != 400 || reply_header(r, "location"))
        fail_msg("expected a page, got %d open %d\n%s%s", r->status, r->open, r->headers, r->body);
    assert_string_equal(reply_header(r, "content-type"), "text/html; charset=utf-8");
    assert_string_equal(reply_header(r, "x-frame-options"), "DENY");
    assert_null(reply_header(r, "access-control-allow-origin"));
}

static void expect_param(const char *url, const char *name, const char *value)
{
    world *w = world_new(); /* memory for a moment */
    char *got = url_param(w, url, name);

    if (!got || strcmp(got, value) != 0)
        fail_msg("expected %s=%s in %s", name, value, url);
    istauth_arena_wipe(&w->arena);
    free(w);
}

void expect_redirect_error(const reply *r, const char *redirect, const char *error,
                           const char *state)
{
    const char *location = reply_header(r, "location");

    if (r->status != 303 || !location || strncmp(location, redirect, strlen(redirect)) != 0)
        fail_msg("expected a redirect to %s, got %d\n%s%s", redirect, r->status, r->headers,
                 r->body);
    expect_param(location, "error", error);
    expect_param(location, "iss", WORLD_ISSUER);
    if (state)
        expect_param(location, "state", state);
    else
        assert_null(strstr(location, "state="));
    assert_null(strstr(location, "code="));
    assert_null(reply_header(r, "access-control-allow-origin"));
}
