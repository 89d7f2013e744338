/* The MCP endpoint: JSON-RPC over POST, without sessions and without streams (MCP 2025-11-25,
 * "Streamable HTTP"). Only mcp_answer() and allowed() are about authorization. */
#include "site_i.h"

#include "isteam/mcp_json.h"
#include "isteam/text.h"

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602
};

/* One call from its message to its answer. */
typedef struct call {
    site *s;
    istauth_response *response;
    istauth_arena *arena;
    const istauth_access *access;
    const cJSON *id, *params; /* of the message; may be NULL */
} call;

/* --- answers --- */

static void answer(call *c, int status, istauth_str body)
{
    c->response->status = status;
    c->response->body = body;
    istauth_response_add_cors(c->response);
    site_add_header(c->response, "Cache-Control", ISTAUTH_STR("no-store"));
    if (body.n)
        site_add_header(c->response, "Content-Type", ISTAUTH_STR("application/json"));
}

static cJSON *begin(const call *c, json_out *out)
{
    cJSON *root = json_start(out);

    json_text(out, root, "jsonrpc", "2.0");
    if (cJSON_IsString(c->id))
        json_text(out, root, "id", c->id->valuestring);
    else if (c->id)
        json_integer(out, root, "id", (int64_t)c->id->valuedouble);
    return root;
}

static void finish(call *c, int status, json_out *out)
{
    istauth_str body;

    if (json_print(&body, out, c->arena))
        site_refuse(c->response, c->s, ISTAUTH_E_NO_MEMORY, c->arena);
    else
        answer(c, status, body);
}

static void fail(call *c, int status, int code, const char *why)
{
    json_out out;
    cJSON *error = json_object(&out, begin(c, &out), "error");

    json_integer(&out, error, "code", code);
    json_text(&out, error, "message", why);
    finish(c, status, &out);
}

/* --- tools: each puts what it finds into `found`, or answers what the model can put right --- */

typedef struct arguments {
    const char *workspace, *text; /* NULL: not given */
} arguments;

static const char *whoami(call *c, const arguments *a, json_out *out, cJSON *found)
{
    const person *who = person_by_subject(c->access->subject);
    cJSON *list = json_array(out, found, "workspaces");

    (void)a;
    for (size_t i = 0; i < c->access->workspaces.count; i++)
        json_text(out, list, NULL, c->access->workspaces.items[i].p);
    json_text(out, found, "subject", c->access->subject.p);
    json_text(out, found, "name", who ? who->name.p : "");
    return NULL;
}

static const char *list_notes(call *c, const arguments *a, json_out *out, cJSON *found)
{
    cJSON *kept = notes_list(c->s->notes, a->workspace), *list = json_array(out, found, "notes");

    if (!kept)
        return "The notes cannot be read just now. Try again.";
    for (const cJSON *note = kept->child; note; note = note->next)
        json_text(out, list, NULL, note->valuestring);
    cJSON_Delete(kept);
    return NULL;
}

static const char *add_note(call *c, const arguments *a, json_out *out, cJSON *found)
{
    if (!a->text || strlen(a->text) > NOTE_MAX)
        return "A note needs a text of at most 1000 bytes.";
    if (!notes_add(c->s->notes, a->workspace, a->text))
        return "The note could not be kept.";
    json_text(out, found, "added", a->text);
    return NULL;
}

typedef struct tool {
    const char *name, *description;
    const char *scope;
    bool takes_workspace, takes_text;
    const char *(*run)(call *c, const arguments *a, json_out *out, cJSON *found);
} tool;

static const tool tools[] = {
    { "whoami", "Who is connected, and to which workspaces", "mcp:read", false, false, whoami },
    { "notes_list", "The notes of a workspace", "mcp:read", true, false, list_notes },
    { "note_add", "Add a note to a workspace", "mcp", true, true, add_note },
};

#define TOOLS (sizeof(tools) / sizeof(tools[0]))

static void describe(json_out *out, cJSON *list, const tool *t)
{
    cJSON *about = json_object(out, list, NULL), *schema, *properties, *required;

    json_text(out, about, "name", t->name);
    json_text(out, about, "description", t->description);
    schema = json_object(out, about, "inputSchema");
    json_text(out, schema, "type", "object");
    properties = json_object(out, schema, "properties");
    required = json_array(out, schema, "required");
    if (t->takes_workspace) {
        json_text(out, json_object(out, properties, "workspace"), "type", "string");
        json_text(out, required, NULL, "workspace");
    }
    if (t->takes_text) {
        json_text(out, json_object(out, properties, "text"), "type", "string");
        json_text(out, required, NULL, "text");
    }
}

/* Tools that this token may not use are in the list as well: the 403 that a call of one gets is how
 * a client learns which scope to ask for. */
static void list_tools(call *c)
{
    json_out out;
    cJSON *list = json_array(&out, json_object(&out, begin(c, &out), "result"), "tools");

    for (size_t i = 0; i < TOOLS; i++)
        describe(&out, list, &tools[i]);
    finish(c, 200, &out);
}

static const tool *tool_named(const char *name)
{
    for (size_t i = 0; name && i < TOOLS; i++)
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    return NULL;
}

/* May this token use this tool on this workspace? If not, the response says so. */
static bool allowed(call *c, const tool *t, const char *workspace)
{
    istauth_str scope = istauth_str_of(t->scope);
    istauth_status st =
        istauth_access_check(c->access, c->s->server, scope, istauth_str_of(workspace));

    if (st)
        istauth_denial(c->response, c->s->server, istauth_str_of(c->s->resource), st, scope,
                       c->arena);
    return !st;
}

/* What it found is there twice, for programs and, as text, for models. */
static void run_tool(call *c, const tool *t, const arguments *a)
{
    json_out out;
    cJSON *result = json_object(&out, begin(c, &out), "result");
    cJSON *found = json_object(&out, result, "structuredContent");
    cJSON *block = json_object(&out, json_array(&out, result, "content"), NULL);
    const char *problem = t->run(c, a, &out, found);

    json_text(&out, block, "type", "text");
    if (problem) {
        json_text(&out, block, "text", problem);
        cJSON_DeleteItemFromObjectCaseSensitive(result, "structuredContent");
    } else {
        json_quoted(&out, block, "text", found);
    }
    json_bool(&out, result, "isError", problem != NULL);
    finish(c, 200, &out);
}

static void call_tool(call *c)
{
    const cJSON *given = json_get(c->params, "arguments");
    const tool *t = tool_named(json_get_text(c->params, "name"));
    arguments a = { json_get_text(given, "workspace"), json_get_text(given, "text") };

    if (!t)
        fail(c, 200, INVALID_PARAMS, "Unknown tool");
    else if (t->takes_workspace && (!a.workspace || !*a.workspace))
        fail(c, 200, INVALID_PARAMS, "Which workspace?");
    else if (allowed(c, t, t->takes_workspace ? a.workspace : NULL))
        run_tool(c, t, &a);
}

/* --- messages --- */

static const char *const versions[] = { "2025-11-25", "2025-06-18", "2025-03-26" };

static bool is_version(istauth_str wanted)
{
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (text_is(wanted, versions[i]))
            return true;
    return false;
}

static void initialize(call *c)
{
    const char *wanted = json_get_text(c->params, "protocolVersion");
    json_out out;
    cJSON *result = json_object(&out, begin(c, &out), "result"), *part;

    json_text(&out, result, "protocolVersion",
              is_version(istauth_str_of(wanted)) ? wanted : versions[0]);
    (void)json_object(&out, json_object(&out, result, "capabilities"), "tools");
    part = json_object(&out, result, "serverInfo");
    json_text(&out, part, "name", "notes");
    json_text(&out, part, "version", ISTAUTH_VERSION);
    finish(c, 200, &out);
}

static void ping(call *c)
{
    json_out out;

    (void)json_object(&out, begin(c, &out), "result");
    finish(c, 200, &out);
}

/* A text, an integer that comes back as it was, or none. */
static bool is_id(const cJSON *id)
{
    return !id || cJSON_IsString(id) || json_is_integer(id, INT64_MIN, INT64_MAX);
}

static void dispatch(call *c, const cJSON *message)
{
    const char *method = json_get_text(message, "method");

    if (!cJSON_IsObject(message) || json_repeats(message) || !is_id(json_get(message, "id"))) {
        fail(c, 400, INVALID_REQUEST, "One JSON-RPC message, please");
        return;
    }
    c->id = json_get(message, "id");
    c->params = json_get(message, "params");
    if (!c->id || !method)
        answer(c, 202, ISTAUTH_STR("")); /* a notification, or an answer to what was never asked */
    else if (strcmp(method, "initialize") == 0)
        initialize(c);
    else if (strcmp(method, "ping") == 0)
        ping(c);
    else if (strcmp(method, "tools/list") == 0)
        list_tools(c);
    else if (strcmp(method, "tools/call") == 0)
        call_tool(c);
    else
        fail(c, 200, METHOD_NOT_FOUND, "No such method");
}

static void read_message(call *c, istauth_str body)
{
    cJSON *message = json_read(body);

    if (message)
        dispatch(c, message);
    else
        fail(c, 400, PARSE_ERROR, "Not JSON");
    cJSON_Delete(message);
}

/* --- the request --- */

/* MCP wants Origin validated, against DNS rebinding. No cookie opens this endpoint, so web clients
 * may live anywhere; but a page that came over plain http from elsewhere is what rebinding looks
 * like. */
static bool is_welcome(const site *s, istauth_str origin)
{
    return !origin.p || text_starts(origin, "https://") ||
           istauth_str_equal(origin, istauth_identifier_origin(istauth_str_of(s->resource))) ||
           text_is(origin, "http://localhost") || text_starts(origin, "http://localhost:") ||
           text_is(origin, "http://127.0.0.1") || text_starts(origin, "http://127.0.0.1:");
}

static bool is_json(const istauth_request *request)
{
    istauth_str type = request->header(request->ctx, "content-type", 0);

    return text_is_ignoring_case(text_trimmed(text_slice(type, 0, text_find(type, ';', 0))),
                                 ISTAUTH_STR("application/json"));
}

/* None came before 2025-06-18, and none comes with initialize. */
static bool version_is_known(const istauth_request *request)
{
    istauth_str version = request->header(request->ctx, "mcp-protocol-version", 0);

    return !version.n || is_version(version);
}

/* The bearer is verified before anything of the request is looked at. */
void mcp_answer(istauth_response *response, site *s, const istauth_request *request,
                istauth_arena *arena)
{
    istauth_str resource = istauth_str_of(s->resource);
    istauth_access access;
    call c = { s, response, arena, &access, NULL, NULL };
    istauth_status st;

    if (text_is(request->method, "OPTIONS")) { /* a browser asks first, and without a token */
        istauth_response_preflight(response, "POST");
        return;
    }
    st = istauth_verify_request(&access, s->server, request, resource, arena);
    if (st)
        istauth_denial(response, s->server, resource, st, ISTAUTH_STR(""), arena);
    else if (!is_welcome(s, request->header(request->ctx, "origin", 0)))
        fail(&c, 403, INVALID_REQUEST, "Not from there");
    else if (!text_is(request->method, "POST")) {
        answer(&c, 405, ISTAUTH_STR(""));
        site_add_header(response, "Allow", ISTAUTH_STR("POST"));
    } else if (!is_json(request) || !version_is_known(request))
        fail(&c, 400, INVALID_REQUEST, "application/json of a known MCP-Protocol-Version, please");
    else
        read_message(&c, request->body);
}
