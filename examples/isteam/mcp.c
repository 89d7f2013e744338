#include "mcp.h"

#include "mcp_i.h"
#include "text.h"

#include <stdlib.h>

#define ID_MAX 256

mcp *mcp_new(const istauth_server *server, istauth_str resource, board *b, mcp_name_of name_of)
{
    mcp *m = malloc(sizeof(*m));

    if (!m)
        return NULL;
    m->server = server;
    m->resource = resource;
    m->board = b;
    m->name_of = name_of;
    return m;
}

void mcp_free(mcp *m)
{
    free(m);
}

/* --- what the message is --- */

static bool is_id(const cJSON *id)
{
    if (cJSON_IsString(id))
        return strlen(id->valuestring) <= ID_MAX;
    return json_is_integer(id, INT64_MIN, INT64_MAX);
}

static bool repeats_anywhere(const exchange *x)
{
    return json_repeats(x->message) || json_repeats(x->params) ||
           json_repeats(json_get(x->params, "_meta"));
}

/* False: refused, and answered. */
static bool read_envelope(exchange *x)
{
    const cJSON *id = json_get(x->message, "id");
    const cJSON *params = json_get(x->message, "params");
    const char *version = json_get_text(x->message, "jsonrpc");

    x->method = json_get_text(x->message, "method");
    if (is_id(id))
        x->id = id;
    if (cJSON_IsObject(params))
        x->params = params;
    if (cJSON_IsObject(x->message) && version && strcmp(version, "2.0") == 0 && id == x->id &&
        params == x->params && !repeats_anywhere(x))
        return true;
    mcp_error(x, 400, RPC_INVALID_REQUEST,
              cJSON_IsArray(x->message) ? "Batches are not supported: send one message"
                                        : "The body is not a JSON-RPC 2.0 message");
    return false;
}

static bool is_response(const exchange *x)
{
    return !x->method && (json_get(x->message, "result") || json_get(x->message, "error"));
}

static void answer_message(exchange *x)
{
    static const istauth_str nothing;

    if (!read_envelope(x) || !mcp_version_check(x))
        return;
    if (is_response(x) || (x->method && !x->id))
        mcp_answer(x, 202, nothing); /* a response to nothing we asked, or a notification */
    else if (!x->method)
        mcp_error(x, 400, RPC_INVALID_REQUEST, "The message has no method");
    else
        mcp_dispatch(x);
}

/* --- the request around it --- */

static void answer_post(exchange *x)
{
    istauth_str type = x->request->header(x->request->ctx, "content-type", 0);

    if (!mcp_is_json(type)) {
        mcp_error(x, 415, RPC_INVALID_REQUEST, "Content-Type must be application/json");
        return;
    }
    if (x->request->body.n > MCP_BODY_MAX) {
        mcp_error(x, 413, RPC_INVALID_REQUEST, "The body is over 1 MiB");
        return;
    }
    x->message = json_read(x->request->body);
    if (!x->message) {
        mcp_error(x, 400, RPC_PARSE_ERROR,
                  "The body is not JSON in UTF-8, or is nested too deeply");
        return;
    }
    answer_message(x);
    cJSON_Delete(x->message);
}

/* No stream to GET and no session to DELETE (both optional in 2025, gone in 2026-07-28). */
static void answer_method(exchange *x)
{
    mcp_error(x, 405, RPC_INVALID_REQUEST, "Send messages with POST");
    mcp_add_header(x->response, "Allow", ISTAUTH_STR("POST, OPTIONS"));
}

/* The token before anything that was sent with it: not even whether a body parses is told
 * to a stranger. Only a preflight, which browsers send without one, goes first. */
void mcp_handle(mcp *m, istauth_response *response, const istauth_request *request,
                istauth_arena *arena)
{
    exchange x = { .m = m, .response = response, .request = request, .arena = arena };
    istauth_status st;

    memset(response, 0, sizeof(*response));
    if (text_is(request->method, "OPTIONS")) {
        /* GET and DELETE too, so that a page can read the 405. */
        istauth_response_preflight(response, "GET, POST, DELETE, OPTIONS");
        return;
    }
    if (!mcp_origin_is_welcome(request)) {
        mcp_error(&x, 403, RPC_INVALID_REQUEST, "This Origin is not allowed");
        return;
    }
    st = istauth_verify_request(&x.access, m->server, request, m->resource, arena);
    if (st) {
        static const istauth_str usual_scope;

        istauth_denial(response, m->server, m->resource, st, usual_scope, arena);
        return;
    }
    if (text_is(request->method, "POST"))
        answer_post(&x);
    else
        answer_method(&x);
}
