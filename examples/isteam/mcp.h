/* The MCP endpoint: JSON-RPC over the Streamable HTTP transport, for clients of the revisions
 * 2025-03-26, 2025-06-18, 2025-11-25 and 2026-07-28. It keeps no session: every request stands
 * alone. */
#ifndef ISTEAM_MCP_H
#define ISTEAM_MCP_H

#include <istauth.h>

#include "board.h"

/* The largest body that is read; the HTTP server may stop reading a little above it. */
#define MCP_BODY_MAX (1024u * 1024u)

typedef struct mcp mcp;

/* What to call a person on the board: NUL-terminated, static or as long-lived as the mcp. An absent
 * text means that nobody of that subject is known. Called from many threads. */
typedef istauth_str (*mcp_name_of)(istauth_str subject);

/* `server`, `b` and the text of `resource` (the endpoint's identifier, as configured) are borrowed
 * for the object's life. `name_of` may be NULL: then subjects stand for themselves. NULL: no
 * memory. */
mcp *mcp_new(const istauth_server *server, istauth_str resource, board *b, mcp_name_of name_of);

/* NULL-safe. */
void mcp_free(mcp *m);

/* Answer any request to /mcp or /mcp/, whatever its method. `response` is always ready to be
 * written out; its texts are static or in the arena. Safe to call from many threads at once. */
void mcp_handle(mcp *m, istauth_response *response, const istauth_request *request,
                istauth_arena *arena);

#endif
