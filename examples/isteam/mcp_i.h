/* Shared by the files of the MCP endpoint. */
#ifndef ISTEAM_MCP_I_H
#define ISTEAM_MCP_I_H

#include "mcp.h"
#include "mcp_json.h"

#define MCP_MODERN "2026-07-28"        /* no handshake: each request says what it is */
#define MCP_LATEST_LEGACY "2025-11-25" /* the newest revision with an initialize handshake */

/* JSON-RPC 2.0 section 5.1, and MCP 2026-07-28 basic "Error Codes". What a token may not do has no
 * code there; our own are the istauth_status, outside of every reserved range. */
enum {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_HEADER_MISMATCH = -32020,
    RPC_UNSUPPORTED_VERSION = -32022
};

struct mcp {
    const istauth_server *server;
    istauth_str resource;
    board *board;
    mcp_name_of name_of;
};

/* One request being answered. */
typedef struct exchange {
    mcp *m;
    istauth_response *response;
    const istauth_request *request;
    istauth_arena *arena;
    istauth_access access;

    cJSON *message;  /* owned by mcp_handle */
    const cJSON *id; /* a text or an integer; NULL: a notification, or not known (yet) */
    const char *method;
    const cJSON *params; /* NULL or an object */
    bool modern;         /* of 2026-07-28, by its own account */
} exchange;

/* mcp_http.c: the response's outside. */
bool mcp_origin_is_welcome(const istauth_request *request);
bool mcp_is_json(istauth_str content_type);
void mcp_add_header(istauth_response *response, const char *name, istauth_str value);
void mcp_answer(exchange *x, int status, istauth_str body);
void mcp_give_up(istauth_response *response); /* no memory: a bare 503 */

/* mcp_reply.c: JSON-RPC responses. mcp_error_start gives the error object, for `data`;
 * mcp_reply_start the result, to be filled before mcp_reply_send. */
void mcp_error(exchange *x, int status, int code, const char *message);
cJSON *mcp_error_start(exchange *x, json_out *out, int code, const char *message);
cJSON *mcp_reply_start(exchange *x, json_out *out);
void mcp_reply_send(exchange *x, json_out *out, int status);

/* mcp_version.c: false when the request was refused, and answered. */
bool mcp_version_check(exchange *x);
bool mcp_version_is_legacy(const char *version);
void mcp_versions_list(json_out *out, cJSON *to, const char *name);

/* mcp_methods.c, mcp_call.c */
void mcp_dispatch(exchange *x);
void mcp_call_tool(exchange *x);

#endif
