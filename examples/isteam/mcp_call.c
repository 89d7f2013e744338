#include "mcp_i.h"

#include "tools.h"

#include <stdio.h>

/* --- may it be called? --- */

static void explain_scope(const tool *t, char message[TOOL_PROBLEM_SIZE])
{
    snprintf(message, TOOL_PROBLEM_SIZE,
             "This connection may not call %s: that takes the scope \"%s\". Authorize again and "
             "ask for it.",
             t->name, tool_scope(t).p);
}

static void explain_workspace(exchange *x, istauth_str workspace, char message[TOOL_PROBLEM_SIZE])
{
    bool personal = x->access.kind == ISTAUTH_TOKEN_PERSONAL;

    if (!istauth_workspace_id_is_valid(workspace))
        workspace = ISTAUTH_STR("that was named");
    snprintf(
        message, TOOL_PROBLEM_SIZE, "This %s does not include the workspace %.*s. %s",
        personal ? "token" : "connection", (int)workspace.n, workspace.p,
        personal
            ? "In Settings, Personal API tokens, create one with that workspace ticked."
            : "In Settings, Connected apps, disconnect this app; then connect again and tick it.");
}

/* The library says how it is refused over HTTP; the body tells the model why. A workspace that was
 * not granted gets no challenge, since no scope cures it, and reads the same whether it exists or
 * not. */
static void refuse(exchange *x, const tool *t, istauth_status why, istauth_str workspace)
{
    char message[TOOL_PROBLEM_SIZE] =
        "The server cannot tell just now whether this is allowed. Try again.";
    const char *reason = "temporarily_unavailable";
    istauth_str body;
    json_out out;
    cJSON *data;

    if (why == ISTAUTH_E_INSUFFICIENT_SCOPE) {
        explain_scope(t, message);
        reason = "insufficient_scope";
    }
    if (why == ISTAUTH_E_WORKSPACE_NOT_GRANTED) {
        explain_workspace(x, workspace, message);
        reason = "workspace_not_granted";
    }
    data = json_object(&out, mcp_error_start(x, &out, why, message), "data");
    json_text(&out, data, "reason", reason);
    if (why == ISTAUTH_E_INSUFFICIENT_SCOPE)
        json_text(&out, data, "scope", tool_scope(t).p);
    if (json_print(&body, &out, x->arena)) {
        mcp_give_up(x->response);
        return;
    }
    istauth_denial(x->response, x->m->server, x->m->resource, why, tool_scope(t), x->arena);
    x->response->body = body;
}

/* --- the call --- */

static const char *author_of(const exchange *x)
{
    istauth_str name = { NULL, 0 };

    if (x->m->name_of)
        name = x->m->name_of(x->access.subject);
    if (x->access.machine)
        name = x->access.client_id;
    return name.p ? name.p : x->access.subject.p;
}

static void put_content(json_out *out, cJSON *result, const char *text, const cJSON *structured)
{
    cJSON *block = json_object(out, json_array(out, result, "content"), NULL);

    json_text(out, block, "type", "text");
    if (structured)
        json_quoted(out, block, "text", structured);
    else
        json_text(out, block, "text", text);
}

/* What the model can put right by itself is a result, not an error (MCP tools, "Error Handling").
 */
static void answer_problem(exchange *x, const char *problem)
{
    json_out out;
    cJSON *result = mcp_reply_start(x, &out);

    put_content(&out, result, problem, NULL);
    json_bool(&out, result, "isError", true);
    mcp_reply_send(x, &out, 200);
}

static bool run_locked(exchange *x, const tool *t, tool_call *call)
{
    const char *workspace = json_get_text(call->arguments, "workspace");
    bool done;

    board_lock(x->m->board);
    if (tool_names_workspace(t))
        call->workspace = board_workspace_find(x->m->board, istauth_str_of(workspace));
    if (tool_names_workspace(t) && !call->workspace)
        done = tool_problem(call, "This workspace has no board any more.");
    else
        done = t->run(call);
    board_unlock(x->m->board);
    return done;
}

static void run(exchange *x, const tool *t, const cJSON *arguments)
{
    json_out out;
    cJSON *result = mcp_reply_start(x, &out);
    tool_call call = { .board = x->m->board,
                       .granted = x->access.workspaces,
                       .author = author_of(x),
                       .arguments = arguments,
                       .out = &out,
                       .result = json_object(&out, result, "structuredContent") };

    if (!run_locked(x, t, &call)) {
        json_drop(&out);
        answer_problem(x, call.problem);
        return;
    }
    put_content(&out, result, NULL, call.result);
    json_bool(&out, result, "isError", false);
    mcp_reply_send(x, &out, 200);
}

/* Scope and workspace are looked at before the arguments are: what a token may not do must not
 * depend on how well it is asked. Both are read from the same members that the tool reads later,
 * since no member may occur twice. */
void mcp_call_tool(exchange *x)
{
    const char *name = json_get_text(x->params, "name");
    const cJSON *arguments = json_get(x->params, "arguments");
    const tool *t = name ? tool_find(name) : NULL;
    istauth_str workspace = { NULL, 0 };
    char problem[TOOL_PROBLEM_SIZE];
    istauth_status st;

    if (!t || (arguments && !cJSON_IsObject(arguments)) || json_repeats(arguments)) {
        mcp_error(x, 200, RPC_INVALID_PARAMS,
                  t ? "params.arguments must be an object without repeated members"
                    : "Unknown tool: tools/list shows those that there are");
        return;
    }
    if (tool_names_workspace(t))
        workspace = istauth_str_of(json_get_text(arguments, "workspace"));
    st = istauth_access_check(&x->access, x->m->server, tool_scope(t), workspace);
    if (st)
        refuse(x, t, st, workspace);
    else if (!tool_arguments_fit(t, arguments, problem))
        answer_problem(x, problem);
    else
        run(x, t, arguments);
}
