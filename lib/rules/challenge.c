#include <istauth/challenge.h>

#include "base/buf_i.h"
#include "base/text_i.h"

/* Clients cut the header at quotes and know no escapes, so a value that would need one is
 * refused instead (RFC 6750 3 allows none in scope, error and error_description either). */
static bool is_plain(istauth_str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] < 0x20 || value.p[i] > 0x7E || value.p[i] == '"' || value.p[i] == '\\')
            return false;
    return true;
}

static bool is_writable(const istauth_challenge *c)
{
    if (!c->error.n && !c->resource_metadata.n && !c->scope.n && !c->description.n)
        return false; /* RFC 6750 3: at least one parameter follows the scheme */
    return is_plain(c->error) && is_plain(c->resource_metadata) && is_plain(c->scope) &&
           is_plain(c->description) &&
           istauth__find(c->description, '=', 0) == c->description.n;
}

static void parameter(istauth__buf *b, bool *first, const char *name, istauth_str value)
{
    if (!value.n)
        return;
    istauth__buf_text(b, *first ? " " : ", ");
    istauth__buf_text(b, name);
    istauth__buf_text(b, "=\"");
    istauth__buf_add(b, value);
    istauth__buf_char(b, '"');
    *first = false;
}

istauth_status istauth_challenge_write(istauth_str *value, istauth_arena *arena,
                                       const istauth_challenge *challenge)
{
    istauth__buf b = istauth__buf_in(arena);
    bool first = true;

    if (!is_writable(challenge))
        return ISTAUTH_E_ARGUMENT;
    istauth__buf_text(&b, "Bearer");
    parameter(&b, &first, "error", challenge->error);
    parameter(&b, &first, "resource_metadata", challenge->resource_metadata);
    parameter(&b, &first, "scope", challenge->scope);
    parameter(&b, &first, "error_description", challenge->description);
    return istauth__buf_done(value, &b);
}
