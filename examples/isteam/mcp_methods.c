#include "mcp_i.h"

#include "tools.h"

#define LIST_TTL_MS 300000
#define INSTRUCTIONS                                                                              \
    "Cards, tasks, comments, text attachments and chat of the workspaces that the person ticked " \
    "when "                                                                                       \
    "connecting. Begin with list_workspaces; every other tool names one of them. A workspace "    \
    "that is "                                                                                    \
    "not listed cannot be reached with this connection, whatever its scope."

static void put_capabilities(json_out *out, cJSON *result)
{
    json_object(out, json_object(out, result, "capabilities"), "tools");
    json_text(out, result, "instructions", INSTRUCTIONS);
}

/* Required in 2026-07-28 on what may be cached. Private: never shared between tokens. */
static void put_cache_hints(exchange *x, json_out *out, cJSON *result)
{
    if (!x->modern)
        return;
    json_integer(out, result, "ttlMs", LIST_TTL_MS);
    json_text(out, result, "cacheScope", "private");
}

static void initialize(exchange *x)
{
    const char *wanted = json_get_text(x->params, "protocolVersion");
    json_out out;
    cJSON *result;

    if (!wanted) {
        mcp_error(x, 200, RPC_INVALID_PARAMS, "initialize needs params.protocolVersion");
        return;
    }
    result = mcp_reply_start(x, &out);
    json_text(&out, result, "protocolVersion",
              mcp_version_is_legacy(wanted) ? wanted : MCP_LATEST_LEGACY);
    put_capabilities(&out, result);
    mcp_reply_send(x, &out, 200);
}

static void discover(exchange *x)
{
    json_out out;
    cJSON *result = mcp_reply_start(x, &out);

    mcp_versions_list(&out, result, "supportedVersions");
    put_capabilities(&out, result);
    put_cache_hints(x, &out, result);
    mcp_reply_send(x, &out, 200);
}

static void ping(exchange *x)
{
    json_out out;

    mcp_reply_start(x, &out);
    mcp_reply_send(x, &out, 200);
}

/* All tools whatever the token may do: one that is out of reach is how a client learns that it
 * could ask for more (the 403 with a scope that its call gets). */
static void list_tools(exchange *x)
{
    json_out out;
    cJSON *result;

    if (json_get(x->params, "cursor")) {
        mcp_error(x, 200, RPC_INVALID_PARAMS, "Invalid cursor: the list has one page");
        return;
    }
    result = mcp_reply_start(x, &out);
    tools_describe(&out, json_array(&out, result, "tools"));
    put_cache_hints(x, &out, result);
    mcp_reply_send(x, &out, 200);
}

enum { LEGACY = 1, MODERN = 2 };

static const struct method {
    const char *name;
    unsigned eras;
    void (*run)(exchange *x);
} methods[] = {
    { "initialize", LEGACY, initialize },
    { "ping", LEGACY, ping },
    { "server/discover", MODERN, discover },
    { "tools/list", LEGACY | MODERN, list_tools },
    { "tools/call", LEGACY | MODERN, mcp_call_tool },
};

void mcp_dispatch(exchange *x)
{
    unsigned era = x->modern ? MODERN : LEGACY;

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (!(methods[i].eras & era) || strcmp(methods[i].name, x->method) != 0)
            continue;
        methods[i].run(x);
        return;
    }
    /* 2026-07-28 asks for a 404 here; clients of 2025 would take that for a lost session. */
    mcp_error(x, x->modern ? 404 : 200, RPC_METHOD_NOT_FOUND, "Method not found");
}
