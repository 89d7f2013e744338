#include <istauth/scope.h>

#include "base/buf_i.h"
#include "base/text_i.h"

/* Sentences that are true of any server, and so say little of one. */
static const istauth_scope defaults[] = {
    { ISTAUTH_STR_INIT("mcp"), ISTAUTH_STR_INIT("See and change what you have here"),
      ISTAUTH_STR_INIT("mcp:read"), 0 },
    { ISTAUTH_STR_INIT("mcp:read"),
      ISTAUTH_STR_INIT("See what you have here, without changing anything"), ISTAUTH_STR_INIT(""),
      0 },
    /* Not advertised by a server without signing keys: a strict client that finds "openid" in the
     * metadata asks for it and then demands a signed ID token (OpenID Connect Core 3.1.3.7). */
    { ISTAUTH_STR_INIT("openid"),
      ISTAUTH_STR_INIT("Recognise your account by an identifier that stays the same"),
      ISTAUTH_STR_INIT(""), ISTAUTH_SCOPE_IDENTITY | ISTAUTH_SCOPE_UNLISTED },
    { ISTAUTH_STR_INIT("profile"), ISTAUTH_STR_INIT("See your name and your picture"),
      ISTAUTH_STR_INIT(""), ISTAUTH_SCOPE_IDENTITY },
    { ISTAUTH_STR_INIT("email"), ISTAUTH_STR_INIT("See your email address"), ISTAUTH_STR_INIT(""),
      ISTAUTH_SCOPE_IDENTITY },
};

const istauth_scope *istauth_scope_defaults(size_t *count)
{
    *count = sizeof(defaults) / sizeof(defaults[0]);
    return defaults;
}

/* scope-token of RFC 6749 3.3. */
static bool is_name(istauth_str name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < 0x21 || name.p[i] > 0x7E || name.p[i] == '"' || name.p[i] == '\\')
            return false;
    return name.n > 0;
}

/* The bit of a name, or 0. */
static uint64_t bit_of(const istauth_scope_catalogue *catalogue, istauth_str name)
{
    for (size_t i = 0; i < catalogue->count; i++)
        if (istauth_str_equal(catalogue->scopes[i].name, name))
            return UINT64_C(1) << i;
    return 0;
}

istauth_status istauth_scope_parse(istauth_scope_set *set, size_t *unknown,
                                   const istauth_scope_catalogue *catalogue, istauth_str text)
{
    istauth_scope_set found = { 0 };
    size_t dropped = 0;

    if (text.n > ISTAUTH_SCOPE_TEXT_MAX || (text.n && text.p[text.n - 1] == ' '))
        return ISTAUTH_E_INVALID_SCOPE;
    for (size_t from = 0; from < text.n;) {
        size_t to = istauth__find(text, ' ', from);
        istauth_str name = istauth__slice(text, from, to);
        uint64_t bit = bit_of(catalogue, name);

        if (!bit && !is_name(name))
            return ISTAUTH_E_INVALID_SCOPE;
        dropped += !bit;
        found.bits |= bit;
        from = to + 1;
    }
    *set = found;
    if (unknown)
        *unknown = dropped;
    return ISTAUTH_OK;
}

/* Follow implications until nothing is added: at most one round per scope. */
static void close_over(istauth_scope_catalogue *catalogue)
{
    bool grew = true;

    while (grew) {
        grew = false;
        for (size_t i = 0; i < catalogue->count; i++) {
            istauth_scope_set now = { catalogue->implied[i] };
            uint64_t more = istauth_scope_closure(catalogue, now).bits;

            grew = grew || more != now.bits;
            catalogue->implied[i] = more;
        }
    }
}

istauth_status istauth_scope_catalogue_init(istauth_scope_catalogue *catalogue,
                                            const istauth_scope *scopes, size_t count)
{
    istauth_scope_catalogue made = { scopes, count, { 0 } };

    if (!scopes || !count || count > ISTAUTH_SCOPE_MAX)
        return ISTAUTH_E_ARGUMENT;
    for (size_t i = 0; i < count; i++) {
        istauth_scope_set implied;
        size_t unknown;

        if (!is_name(scopes[i].name) || bit_of(&made, scopes[i].name) != UINT64_C(1) << i ||
            istauth_scope_parse(&implied, &unknown, &made, scopes[i].implies) || unknown)
            return ISTAUTH_E_ARGUMENT;
        made.implied[i] = implied.bits | UINT64_C(1) << i;
    }
    close_over(&made);
    *catalogue = made;
    return ISTAUTH_OK;
}

istauth_status istauth_scope_print(istauth_str *text, istauth_arena *arena,
                                   const istauth_scope_catalogue *catalogue,
                                   istauth_scope_set set)
{
    istauth__buf b = istauth__buf_in(arena);

    for (size_t i = 0; i < catalogue->count; i++) {
        if (!(set.bits >> i & 1))
            continue;
        if (b.n)
            istauth__buf_char(&b, ' ');
        istauth__buf_add(&b, catalogue->scopes[i].name);
    }
    return istauth__buf_done(text, &b);
}

istauth_scope_set istauth_scope_closure(const istauth_scope_catalogue *catalogue,
                                        istauth_scope_set set)
{
    istauth_scope_set all = { 0 };

    for (size_t i = 0; i < catalogue->count; i++)
        if (set.bits >> i & 1)
            all.bits |= catalogue->implied[i];
    return all;
}

bool istauth_scope_allows(const istauth_scope_catalogue *catalogue, istauth_scope_set granted,
                          istauth_scope_set needed)
{
    return istauth_scope_is_subset(needed, istauth_scope_closure(catalogue, granted));
}

istauth_scope_set istauth_scope_flagged(const istauth_scope_catalogue *catalogue, unsigned flags)
{
    istauth_scope_set found = { 0 };

    for (size_t i = 0; i < catalogue->count; i++)
        if (catalogue->scopes[i].flags & flags)
            found.bits |= UINT64_C(1) << i;
    return found;
}
