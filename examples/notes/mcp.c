#include "mcp.h"

#include "isteam/mcp_json.h"

#include <stdio.h>

#define NOT_FOUND (-32601)
#define BAD_PARAMS (-32602)
#define BAD_REQUEST (-32600)
#define BAD_JSON (-32700)

void notes_add_header(istauth_response *response, const char *name, const char *value)
{
    if (response->header_count == ISTAUTH_RESPONSE_HEADERS)
        return;
    response->headers[response->header_count].name = istauth_str_of(name);
    response->headers[response->header_count].value = istauth_str_of(value);
    response->header_count++;
}

static void send_body(const notes_call *call, int status, json_out *out)
{
    istauth_response *r = call->response;

    memset(r, 0, sizeof(*r));
    r->status = status;
    if (out && json_print(&r->body, out, call->arena)) {
        r->status = 503;
        return;
    }
    istauth_response_add_cors(r);
    notes_add_header(r, "Cache-Control", "no-store");
    if (out)
        notes_add_header(r, "Content-Type", "application/json");
}

/* A response's beginning: its version and the id that it answers. */
static cJSON *begin(json_out *out, const cJSON *id)
{
    cJSON *root = json_start(out);

    json_text(out, root, "jsonrpc", "2.0");
    if (cJSON_IsString(id))
        json_text(out, root, "id", id->valuestring);
    else if (cJSON_IsNumber(id))
        json_integer(out, root, "id", (int64_t)id->valuedouble);
    return root;
}

static void fail(const notes_call *call, const cJSON *id, int code, const char *why)
{
    json_out out;
    cJSON *error = json_object(&out, begin(&out, id), "error");

    json_integer(&out, error, "code", code);
    json_text(&out, error, "message", why);
    send_body(call, code == BAD_JSON || code == BAD_REQUEST ? 400 : 200, &out);
}

static void initialize(const notes_call *call, const cJSON *id, const cJSON *params)
{
    const char *version = json_get_text(params, "protocolVersion");
    json_out out;
    cJSON *result = json_object(&out, begin(&out, id), "result"), *part;

    json_text(&out, result, "protocolVersion", version ? version : "2025-11-25");
    part = json_object(&out, result, "capabilities");
    (void)json_object(&out, part, "tools");
    part = json_object(&out, result, "serverInfo");
    json_text(&out, part, "name", "notes");
    json_text(&out, part, "version", ISTAUTH_VERSION);
    send_body(call, 200, &out);
}

static void list_tools(const notes_call *call, const cJSON *id)
{
    json_out out;
    cJSON *result = json_object(&out, begin(&out, id), "result");
    cJSON *tool = json_object(&out, json_array(&out, result, "tools"), NULL), *schema, *part;

    json_text(&out, tool, "name", "list_notes");
    json_text(&out, tool, "description", "The notes of a workspace");
    schema = json_object(&out, tool, "inputSchema");
    json_text(&out, schema, "type", "object");
    part = json_object(&out, json_object(&out, schema, "properties"), "workspace");
    json_text(&out, part, "type", "string");
    json_text(&out, json_array(&out, schema, "required"), NULL, "workspace");
    send_body(call, 200, &out);
}

/* The scope is one that the person granted to the first server's app, and the workspace one that she
 * chose there: this server has never seen her. */
static void list_notes(const notes_call *call, const cJSON *id, const char *workspace)
{
    istauth_str scope = ISTAUTH_STR("mcp:read");
    istauth_status st =
        istauth_access_check(call->access, call->server, scope, istauth_str_of(workspace));
    char text[256];
    json_out out;
    cJSON *part;

    if (st) {
        istauth_denial(call->response, call->server, istauth_str_of(NULL), st, scope, call->arena);
        return;
    }
    snprintf(text, sizeof(text), "A note in %s, shown to %.*s", workspace,
             (int)(call->access->machine ? call->access->client_id.n : call->access->subject.n),
             call->access->machine ? call->access->client_id.p : call->access->subject.p);
    part = json_object(&out, begin(&out, id), "result");
    part = json_object(&out, json_array(&out, part, "content"), NULL);
    json_text(&out, part, "type", "text");
    json_text(&out, part, "text", text);
    send_body(call, 200, &out);
}

static void call_tool(const notes_call *call, const cJSON *id, const cJSON *params)
{
    const char *name = json_get_text(params, "name");
    const char *workspace = json_get_text(json_get(params, "arguments"), "workspace");

    if (!name || strcmp(name, "list_notes") != 0)
        fail(call, id, BAD_PARAMS, "no such tool");
    else if (!workspace || !istauth_workspace_id_is_valid(istauth_str_of(workspace)))
        fail(call, id, BAD_PARAMS, "which workspace?");
    else
        list_notes(call, id, workspace);
}

static void dispatch(const notes_call *call, const cJSON *message)
{
    const cJSON *id = json_get(message, "id"), *params = json_get(message, "params");
    const char *method = json_get_text(message, "method");
    json_out out;

    if (!method)
        fail(call, NULL, BAD_REQUEST, "not a request");
    else if (!id)
        send_body(call, 202, NULL); /* a notification */
    else if (!cJSON_IsString(id) && !json_is_integer(id, INT64_MIN, INT64_MAX))
        fail(call, NULL, BAD_REQUEST, "no such id: it could not be given back");
    else if (strcmp(method, "initialize") == 0)
        initialize(call, id, params);
    else if (strcmp(method, "tools/list") == 0)
        list_tools(call, id);
    else if (strcmp(method, "tools/call") == 0)
        call_tool(call, id, params);
    else if (strcmp(method, "ping") == 0 && json_object(&out, begin(&out, id), "result"))
        send_body(call, 200, &out);
    else
        fail(call, id, NOT_FOUND, "no such method");
}

void notes_mcp(const notes_call *call, istauth_str message)
{
    cJSON *parsed = json_read(message);

    if (!parsed)
        fail(call, NULL, BAD_JSON, "not JSON");
    else
        dispatch(call, parsed);
    cJSON_Delete(parsed);
}
