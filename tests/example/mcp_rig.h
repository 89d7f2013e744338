/* The example's MCP endpoint on a memory store, with a few personal tokens. */
#ifndef TESTS_MCP_RIG_H
#define TESTS_MCP_RIG_H

#include "isteam/mcp.h"

#include <cjson/cJSON.h>

#define MODERN_META                                                          \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"," \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

typedef struct rig {
    istauth_store store;
    istauth_store_ops ops; /* the memory store's, with a token_get that may fail */
    istauth_store flaky;
    istauth_server *server;
    board *board;
    mcp *mcp;
    istauth_time now;
    bool store_down;
    istauth_status standing; /* what the host says about any workspace */

    char writer[ISTAUTH_TOKEN_SIZE]; /* person_ada, mcp, ws_engine and ws_notes */
    char reader[ISTAUTH_TOKEN_SIZE]; /* person_ada, mcp:read, ws_engine and ws_notes */
    char grace[ISTAUTH_TOKEN_SIZE];  /* person_grace, mcp, ws_compilers */

    istauth_arena arena;
    istauth_response r;
    cJSON *body; /* of the last response, or NULL */
} rig;

int rig_open(void **state);
int rig_close(void **state);

/* One request; `token` may be NULL, `headers` are whole lines. The answer is in rig->r. */
void rig_send(rig *g, const char *method, const char *token, const char *headers, istauth_str body);

/* A POST of JSON. */
void rig_post(rig *g, const char *token, const char *headers, const char *body);

/* tools/call as a client of 2025-11-25 makes it. */
void rig_call(rig *g, const char *token, const char *tool, const char *arguments);

/* Of the last response. NULL when there is none. */
const char *rig_header(const rig *g, const char *name);

/* Walk down the body by names and, for arrays, by indices: "result.tools.0.name". */
const cJSON *rig_at(const rig *g, const char *path);
const char *rig_text(const rig *g, const char *path); /* asserts that it is a text */
int rig_int(const rig *g, const char *path);          /* asserts that it is a number */
bool rig_is(const rig *g, const char *path);          /* asserts that it is a boolean */

#endif
