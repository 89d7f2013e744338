/* An MCP endpoint as small as one can be: one tool, a list of notes per workspace. */
#ifndef NOTES_MCP_H
#define NOTES_MCP_H

#include <istauth.h>

/* Who is calling, and by what the answer is written. */
typedef struct notes_call {
    const istauth_server *server;
    const istauth_access *access;
    istauth_response *response;
    istauth_arena *arena;
} notes_call;

/* Answer one JSON-RPC message of a proven caller. */
void notes_mcp(const notes_call *call, istauth_str message);

/* Append a header field; the value is static or in the arena. */
void notes_add_header(istauth_response *response, const char *name, const char *value);

#endif
