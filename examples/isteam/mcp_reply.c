#include "mcp_i.h"

/* An id that could not be read is left out (MCP 2026-07-28; the schemas of 2025 know no null
 * either). */
static cJSON *envelope(exchange *x, json_out *out)
{
    cJSON *root = json_start(out);

    json_text(out, root, "jsonrpc", "2.0");
    if (cJSON_IsString(x->id))
        json_text(out, root, "id", x->id->valuestring);
    else if (x->id)
        json_integer(out, root, "id", (int64_t)x->id->valuedouble);
    return root;
}

cJSON *mcp_error_start(exchange *x, json_out *out, int code, const char *message)
{
    cJSON *error = json_object(out, envelope(x, out), "error");

    json_integer(out, error, "code", code);
    json_text(out, error, "message", message);
    return error;
}

static void put_server_info(json_out *out, cJSON *to, const char *name)
{
    cJSON *info = json_object(out, to, name);

    json_text(out, info, "name", "isteam");
    json_text(out, info, "title", "is.team");
    json_text(out, info, "version", ISTAUTH_VERSION);
}

cJSON *mcp_reply_start(exchange *x, json_out *out)
{
    cJSON *result = json_object(out, envelope(x, out), "result");

    if (x->modern) {
        json_text(out, result, "resultType", "complete");
        put_server_info(out, json_object(out, result, "_meta"),
                        "io.modelcontextprotocol/serverInfo");
    } else if (strcmp(x->method, "initialize") == 0) {
        put_server_info(out, result, "serverInfo");
    }
    return result;
}

void mcp_reply_send(exchange *x, json_out *out, int status)
{
    istauth_str body;

    if (json_print(&body, out, x->arena)) {
        mcp_give_up(x->response);
        return;
    }
    mcp_answer(x, status, body);
}

void mcp_error(exchange *x, int status, int code, const char *message)
{
    json_out out;

    mcp_error_start(x, &out, code, message);
    mcp_reply_send(x, &out, status);
}
