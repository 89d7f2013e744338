#include "gateway.h"

#include "site.h"

#include <stdio.h>

/* How a header's name is written in a variable's (RFC 3875 4.1.18). */
static char as_variable(char c)
{
    if (c == '-')
        return '_';
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

/* The value in "PREFIXNAME=value", or NULL when that is another variable. */
static const char *value_in(const char *variable, const char *prefix, const char *name)
{
    size_t n = strlen(prefix);

    if (strncmp(variable, prefix, n) != 0)
        return NULL;
    for (variable += n; *name && *variable == as_variable(*name); name++)
        variable++;
    return !*name && *variable == '=' ? variable + 1 : NULL;
}

static istauth_str find(char **variables, const char *prefix, const char *name, size_t nth)
{
    for (; *variables; variables++) {
        const char *value = value_in(*variables, prefix, name);

        if (value && nth-- == 0)
            return istauth_str_of(value);
    }
    return istauth_str_of(NULL);
}

/* A header that was sent twice is one variable. nginx refuses a second Authorization itself; other
 * servers join both with a comma, and "Bearer one, Bearer two" is no bearer token: the library
 * refuses that. */
static istauth_str header(void *ctx, const char *name, size_t nth)
{
    bool bare = strcmp(name, "content-type") == 0 || strcmp(name, "content-length") == 0;

    return find(ctx, bare ? "" : "HTTP_", name, nth);
}

static istauth_status read_size(size_t *size, istauth_str text)
{
    *size = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return ISTAUTH_E_INVALID_REQUEST;
        *size = *size * 10 + (size_t)(text.p[i] - '0');
        if (*size > SITE_BODY_MAX)
            return ISTAUTH_E_TOO_LARGE;
    }
    return ISTAUTH_OK;
}

static istauth_status read_body(istauth_str *body, size_t size, gateway_reader *read, void *from,
                                istauth_arena *arena)
{
    char *bytes;

    if (!size)
        return ISTAUTH_OK;
    bytes = istauth_arena_alloc(arena, size); /* wiped with it: a password may be in it */
    if (!bytes)
        return ISTAUTH_E_NO_MEMORY;
    if (read(from, bytes, size) != size)
        return ISTAUTH_E_INVALID_REQUEST;
    body->p = bytes;
    body->n = size;
    return ISTAUTH_OK;
}

istauth_status gateway_read(istauth_request *request, char **variables, gateway_reader *read,
                            void *from, istauth_arena *arena)
{
    istauth_str target = find(variables, "", "REQUEST_URI", 0);
    istauth_request r = ISTAUTH_REQUEST_INIT;
    size_t size;
    istauth_status st;

    r.method = find(variables, "", "REQUEST_METHOD", 0);
    r.address = find(variables, "", "REMOTE_ADDR", 0);
    r.header = header;
    r.ctx = variables;
    /* Not SCRIPT_NAME and PATH_INFO, which are decoded: "/%6dcp" and "/x%2F..%2Fmcp" would be paths
     * of ours, and what the web server thinks of a path would not be what we think. REQUEST_URI is
     * in no RFC, but in every server, as it was sent. */
    if (!r.method.n || !target.n)
        return ISTAUTH_E_UNAVAILABLE;
    site_read_target(&r, target);
    *request = r;
    st = read_size(&size, header(variables, "content-length", 0));
    return st ? st : read_body(&request->body, size, read, from, arena);
}

static bool put(gateway_writer *write, void *to, istauth_str text)
{
    return !text.n || write(to, text.p, text.n) == text.n;
}

/* nginx makes its status line of this one, and a line without a phrase breaks RFC 9112 4. */
static const char *phrase(int status)
{
    static const char *const phrases[] = { "Info", "OK", "Redirect", "Refused", "Failed" };

    return phrases[status >= 100 && status < 600 ? status / 100 - 1 : 4];
}

bool gateway_write(const istauth_response *response, istauth_str method, istauth_arena *arena,
                   gateway_writer *write, void *to)
{
    bool head = istauth_str_equal(method, ISTAUTH_STR("HEAD"));
    char status[64], length[64];
    istauth_str lines;

    if (istauth_response_lines(&lines, response, arena))
        return put(write, to, ISTAUTH_STR("Status: 503 Failed\r\n\r\n"));
    snprintf(status, sizeof(status), "Status: %d %s\r\n", response->status,
             phrase(response->status));
    snprintf(length, sizeof(length), "Content-Length: %zu\r\n", response->body.n);
    return put(write, to, istauth_str_of(status)) && put(write, to, lines) &&
           (response->status == 204 || put(write, to, istauth_str_of(length))) &&
           put(write, to, ISTAUTH_STR("\r\n")) && (head || put(write, to, response->body));
}
