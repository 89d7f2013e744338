#include "mcp_i.h"

#include "text.h"

#define META "io.modelcontextprotocol/"

/* Newest first. Batches of 2025-03-26 are refused all the same: later revisions took them out. */
static const char *const versions[] = { MCP_MODERN, MCP_LATEST_LEGACY, "2025-06-18", "2025-03-26" };

#define VERSIONS (sizeof(versions) / sizeof(versions[0]))

static bool is_known(istauth_str version)
{
    for (size_t i = 0; i < VERSIONS; i++)
        if (text_is(version, versions[i]))
            return true;
    return false;
}

bool mcp_version_is_legacy(const char *version)
{
    return is_known(istauth_str_of(version)) && strcmp(version, MCP_MODERN) != 0;
}

void mcp_versions_list(json_out *out, cJSON *to, const char *name)
{
    cJSON *array = json_array(out, to, name);

    for (size_t i = 0; i < VERSIONS; i++)
        json_text(out, array, NULL, versions[i]);
}

static bool refuse(exchange *x, int code, const char *message)
{
    mcp_error(x, 400, code, message);
    return false;
}

static bool refuse_version(exchange *x, istauth_str requested)
{
    istauth_str copy;
    json_out out;
    cJSON *data;

    if (requested.n > 64 || istauth_arena_copy(&copy, x->arena, requested))
        copy = ISTAUTH_STR("(too long)");
    for (size_t i = 0; i < copy.n; i++)
        if (copy.p[i] <= ' ' || copy.p[i] > '~')
            copy = ISTAUTH_STR("(malformed)");
    data = mcp_error_start(x, &out, RPC_UNSUPPORTED_VERSION, "Unsupported protocol version");
    data = json_object(&out, data, "data");
    mcp_versions_list(&out, data, "supported");
    json_text(&out, data, "requested", copy.p);
    mcp_reply_send(x, &out, 400);
    return false;
}

/* --- headers that mirror the body (2026-07-28, Streamable HTTP, "Server Validation") --- */

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Does this base64 say exactly `text`? */
static bool base64_says(istauth_str encoded, const char *text)
{
    size_t n = strlen(text), got = 0, i = 0;
    unsigned bits = 0, held = 0;

    if (encoded.n % 4 != 0 || encoded.n != (n + 2) / 3 * 4)
        return false;
    for (; i < encoded.n && got < n; i++) {
        int digit = base64_digit(encoded.p[i]);

        if (digit < 0)
            return false;
        bits = (bits << 6 | (unsigned)digit) & 0xFFFF;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        if ((char)(bits >> held & 0xFF) != text[got++])
            return false;
    }
    while (i < encoded.n && encoded.p[i] == '=')
        i++;
    return got == n && i == encoded.n;
}

static bool header_says(const exchange *x, const char *name, const char *text)
{
    istauth_str value = x->request->header(x->request->ctx, name, 0);

    if (!value.p || x->request->header(x->request->ctx, name, 1).p)
        return false;
    if (text_starts(value, "=?base64?") && value.n >= 11 &&
        text_is(text_slice(value, value.n - 2, value.n), "?="))
        return base64_says(text_slice(value, 9, value.n - 2), text);
    return text_is(value, text);
}

static bool check_mirrors(exchange *x)
{
    const char *name = json_get_text(x->params, "name");

    if (!header_says(x, "mcp-method", x->method))
        return refuse(x, RPC_HEADER_MISMATCH,
                      "Header mismatch: Mcp-Method is not the method of the body");
    if (strcmp(x->method, "tools/call") == 0 && name && !header_says(x, "mcp-name", name))
        return refuse(x, RPC_HEADER_MISMATCH,
                      "Header mismatch: Mcp-Name is not the params.name of the body");
    return true;
}

/* --- which revision a message speaks --- */

static bool check_modern(exchange *x, const cJSON *meta)
{
    x->modern = true;
    if (!x->id)
        return true; /* what headers a notification carries is not defined */
    if (!cJSON_IsString(json_get(meta, META "protocolVersion")) ||
        !cJSON_IsObject(json_get(meta, META "clientCapabilities")))
        return refuse(x, RPC_INVALID_PARAMS,
                      "Each request needs protocolVersion and clientCapabilities in params._meta");
    return check_mirrors(x);
}

bool mcp_version_check(exchange *x)
{
    istauth_str header = x->request->header(x->request->ctx, "mcp-protocol-version", 0);
    const cJSON *meta = json_get(x->params, "_meta");
    const char *said = json_get_text(meta, META "protocolVersion");
    istauth_str body = istauth_str_of(said);

    if (x->request->header(x->request->ctx, "mcp-protocol-version", 1).p ||
        (said && !istauth_str_equal(header, body)))
        return refuse(x, RPC_HEADER_MISMATCH,
                      "Header mismatch: MCP-Protocol-Version is not the version of params._meta");
    if (!header.p)
        return true; /* before 2025-06-18 there was no such header, nor is there one on initialize
                      */
    if (!is_known(header))
        return refuse_version(x, header);
    return text_is(header, MCP_MODERN) ? check_modern(x, meta) : true;
}
