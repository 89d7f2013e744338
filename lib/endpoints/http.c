#include <istauth/http.h>

#include "base/buf_i.h"
#include "base/text_i.h"
#include "endpoints/respond_i.h"

/* What browsers must be allowed to send and to see; the union of what MCP clients use. */
#define ALLOW_HEADERS                                                                         \
    "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Session-Id, Mcp-Method, " \
    "Mcp-Name, Last-Event-ID"
#define EXPOSE_HEADERS "WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After"

void istauth_response_add_cors(istauth_response *response)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (istauth_str_equal(response->headers[i].name, ISTAUTH_STR("Access-Control-Allow-Origin")))
            return; /* twice is as good as never: browsers refuse it */
    /* Any origin, and so never with cookies: what is here is opened by a token alone. */
    istauth__add_header(response, "Access-Control-Allow-Origin", ISTAUTH_STR("*"));
    istauth__add_header(response, "Access-Control-Expose-Headers", ISTAUTH_STR(EXPOSE_HEADERS));
}

void istauth_response_init(istauth_response *response, int status, const char *content_type,
                           istauth_str body)
{
    istauth__respond(response, status);
    response->body = body;
    if (content_type)
        istauth__add_header(response, "Content-Type", istauth_str_of(content_type));
}

istauth_status istauth_response_lines(istauth_str *lines, const istauth_response *response,
                                      istauth_arena *arena)
{
    istauth__buf b = istauth__buf_in(arena);

    for (size_t i = 0; i < response->header_count; i++) {
        istauth__buf_add(&b, response->headers[i].name);
        istauth__buf_text(&b, ": ");
        istauth__buf_add(&b, response->headers[i].value);
        istauth__buf_text(&b, "\r\n");
    }
    return istauth__buf_done(lines, &b);
}

void istauth_response_preflight(istauth_response *response, const char *methods)
{
    istauth__respond(response, 204);
    istauth__add_header(response, "Access-Control-Allow-Origin", ISTAUTH_STR("*"));
    istauth__add_header(response, "Access-Control-Allow-Methods", istauth_str_of(methods));
    istauth__add_header(response, "Access-Control-Allow-Headers", ISTAUTH_STR(ALLOW_HEADERS));
    istauth__add_header(response, "Access-Control-Max-Age", ISTAUTH_STR("7200"));
}

/* The line at `from` without its end; `from` moves behind it. */
static istauth_str next_line(istauth_str block, size_t *from)
{
    size_t end = istauth__find(block, '\n', *from);
    istauth_str line = istauth__slice(block, *from, end);

    *from = end + 1;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static istauth_str value_of(istauth_str line, size_t colon)
{
    istauth_str value = istauth__slice(line, colon + 1, line.n);

    while (value.n && (value.p[0] == ' ' || value.p[0] == '\t'))
        value = istauth__slice(value, 1, value.n);
    while (value.n && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t'))
        value.n--;
    return value;
}

istauth_str istauth_raw_header(void *ctx, const char *name, size_t nth)
{
    istauth_str block = *(const istauth_str *)ctx, wanted = istauth_str_of(name);

    for (size_t from = 0; from < block.n;) {
        istauth_str line = next_line(block, &from);
        size_t colon = istauth__find(line, ':', 0);

        if (colon < line.n &&
            istauth__equal_ignoring_case(istauth__slice(line, 0, colon), wanted) && nth-- == 0)
            return value_of(line, colon);
    }
    return istauth_str_of(NULL);
}
