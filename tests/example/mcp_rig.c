#include "mcp_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define RESOURCE "http://127.0.0.1:8080/mcp"

#define WORKSPACE(id)                                                              \
    {                                                                              \
        ISTAUTH_STR_INIT(id), ISTAUTH_STR_INIT(id), { NULL, 0 }, { NULL, 0 }, true \
    }

static const istauth_workspace all_workspaces[] = {
    WORKSPACE("ws_engine"),
    WORKSPACE("ws_notes"),
    WORKSPACE("ws_home"),
    WORKSPACE("ws_compilers"),
};

static istauth_status offer(void *ctx, istauth_workspace_offer *out, istauth_str subject,
                            istauth_arena *arena)
{
    (void)ctx;
    (void)subject;
    (void)arena;
    out->items = all_workspaces;
    out->count = 4;
    return ISTAUTH_OK;
}

static istauth_status standing(void *ctx, istauth_str subject, istauth_str workspace)
{
    const rig *g = ctx;

    (void)subject;
    (void)workspace;
    return g->standing;
}

static istauth_status clock_now(void *ctx, istauth_time *now)
{
    const rig *g = ctx;

    *now = g->now;
    return ISTAUTH_OK;
}

/* The rig being tested: an op gets the memory store's ctx, which knows of no rig. */
static rig *current;

static istauth_status flaky_token_get(void *ctx, const istauth_key *key, istauth_arena *arena,
                                      istauth_token_entry *out)
{
    if (current->store_down)
        return ISTAUTH_E_UNAVAILABLE;
    return current->store.ops->token_get(ctx, key, arena, out);
}

static istauth_str name_of(istauth_str subject)
{
    istauth_str nobody = { NULL, 0 };

    return istauth_str_equal(subject, ISTAUTH_STR("person_ada")) ? ISTAUTH_STR("Ada Lovelace")
                                                                 : nobody;
}

static void make_token(rig *g, char text[ISTAUTH_TOKEN_SIZE], const char *subject,
                       const char *scopes, istauth_str_list workspaces)
{
    istauth_personal_wish wish = { .name = ISTAUTH_STR("test"),
                                   .scopes = istauth_str_of(scopes),
                                   .workspaces = workspaces,
                                   .expires_at = g->now + 1000 };
    istauth_id id;

    assert_int_equal(istauth_personal_token_create(text, &id, g->server, istauth_str_of(subject),
                                                   &wish, &g->arena),
                     ISTAUTH_OK);
}

static void make_server(rig *g)
{
    const istauth_resource resource = { ISTAUTH_STR(RESOURCE), ISTAUTH_STR("Board") };
    istauth_config config = ISTAUTH_CONFIG_INIT;

    assert_int_equal(istauth_memory_store_new(&g->store, NULL, NULL), ISTAUTH_OK);
    g->ops = *g->store.ops;
    g->ops.token_get = flaky_token_get;
    g->flaky.ops = &g->ops;
    g->flaky.ctx = g->store.ctx;
    config.issuer = ISTAUTH_STR("http://127.0.0.1:8080");
    config.resources = &resource;
    config.resource_count = 1;
    config.store = g->flaky;
    config.hooks.ctx = g;
    config.hooks.workspaces = offer;
    config.hooks.workspace = standing;
    config.hooks.verify_workspace = true;
    config.hooks.clock = clock_now;
    assert_int_equal(istauth_server_new(&g->server, &config, NULL), ISTAUTH_OK);
}

int rig_open(void **state)
{
    static const istauth_str two[] = { ISTAUTH_STR_INIT("ws_engine"),
                                       ISTAUTH_STR_INIT("ws_notes") };
    static const istauth_str one[] = { ISTAUTH_STR_INIT("ws_compilers") };
    const istauth_str_list ada = { two, 2 }, grace = { one, 1 };
    rig *g = calloc(1, sizeof(*g));

    assert_non_null(g);
    current = g;
    g->now = 1800000000;
    make_server(g);
    istauth_server_arena(g->server, &g->arena, NULL, 0);
    make_token(g, g->writer, "person_ada", "mcp", ada);
    make_token(g, g->reader, "person_ada", "mcp:read", ada);
    make_token(g, g->grace, "person_grace", "mcp", grace);
    g->board = board_new();
    assert_non_null(g->board);
    g->mcp = mcp_new(g->server, ISTAUTH_STR(RESOURCE), g->board, name_of);
    assert_non_null(g->mcp);
    *state = g;
    return 0;
}

int rig_close(void **state)
{
    rig *g = *state;

    cJSON_Delete(g->body);
    mcp_free(g->mcp);
    board_free(g->board);
    istauth_arena_wipe(&g->arena);
    istauth_server_free(g->server);
    istauth_memory_store_free(&g->store);
    free(g);
    return 0;
}

/* What holds of every answer. */
static void check_answer(const rig *g)
{
    assert_in_range(g->r.status, 200, 503);
    assert_non_null(rig_header(g, "Access-Control-Allow-Origin"));
    for (size_t i = 0; i < g->r.header_count; i++)
        assert_null(memchr(g->r.headers[i].value.p, '\n', g->r.headers[i].value.n));
    if (g->r.body.n)
        assert_string_equal(rig_header(g, "Content-Type"), "application/json");
    if (g->r.status != 204)
        assert_string_equal(rig_header(g, "Cache-Control"), "no-store");
}

void rig_send(rig *g, const char *method, const char *token, const char *headers, istauth_str body)
{
    istauth_request request = ISTAUTH_REQUEST_INIT;
    istauth_str block;
    char text[2048];

    istauth_arena_wipe(&g->arena);
    cJSON_Delete(g->body);
    snprintf(text, sizeof(text), "Host: 127.0.0.1:8080\r\n%s%s%s%s",
             token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "",
             headers);
    block = istauth_str_of(text);
    request.method = istauth_str_of(method);
    request.path = ISTAUTH_STR("/mcp");
    request.body = body;
    request.header = istauth_raw_header;
    request.ctx = &block;
    mcp_handle(g->mcp, &g->r, &request, &g->arena);
    g->body = cJSON_ParseWithLength(g->r.body.p, g->r.body.n);
    assert_int_equal(g->r.body.n != 0, g->body != NULL);
    check_answer(g);
}

void rig_post(rig *g, const char *token, const char *headers, const char *body)
{
    char all[1024];

    snprintf(all, sizeof(all), "Content-Type: application/json\r\n%s", headers);
    rig_send(g, "POST", token, all, istauth_str_of(body));
}

void rig_call(rig *g, const char *token, const char *tool, const char *arguments)
{
    char body[4096];

    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
             "\"params\":{\"name\":\"%s\",\"arguments\":%s}}",
             tool, arguments);
    rig_post(g, token, "MCP-Protocol-Version: 2025-11-25\r\n", body);
}

const char *rig_header(const rig *g, const char *name)
{
    for (size_t i = 0; i < g->r.header_count; i++)
        if (istauth_str_equal(g->r.headers[i].name, istauth_str_of(name)))
            return g->r.headers[i].value.p;
    return NULL;
}

const cJSON *rig_at(const rig *g, const char *path)
{
    const cJSON *at = g->body;
    char name[64];

    while (at && *path) {
        size_t n = strcspn(path, ".");

        assert_true(n < sizeof(name));
        memcpy(name, path, n);
        name[n] = '\0';
        at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, (int)strtol(name, NULL, 10))
                               : cJSON_GetObjectItemCaseSensitive(at, name);
        path += n + (path[n] == '.');
    }
    return at;
}

const char *rig_text(const rig *g, const char *path)
{
    const char *text = cJSON_GetStringValue(rig_at(g, path));

    assert_non_null(text);
    return text;
}

int rig_int(const rig *g, const char *path)
{
    const cJSON *value = rig_at(g, path);

    assert_true(cJSON_IsNumber(value));
    return value->valueint;
}

bool rig_is(const rig *g, const char *path)
{
    const cJSON *value = rig_at(g, path);

    assert_true(cJSON_IsBool(value));
    return cJSON_IsTrue(value);
}
