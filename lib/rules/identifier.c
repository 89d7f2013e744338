/* Issuers and resources: which URL may be one, and which spellings mean the same. */
#include <istauth/discovery.h>

#include "base/buf_i.h"
#include "base/text_i.h"
#include "base/url_i.h"

/* Segments of unreserved characters, none empty, "." or "..". */
static bool path_is_valid(istauth_str path, bool trailing_slash)
{
    for (size_t from = 1; from <= path.n;) {
        size_t to = istauth__find(path, '/', from);
        istauth_str segment = istauth__slice(path, from, to);

        if (!segment.n && !(to == path.n && trailing_slash))
            return false;
        if (istauth_str_equal(segment, ISTAUTH_STR(".")) ||
            istauth_str_equal(segment, ISTAUTH_STR("..")))
            return false;
        for (size_t i = 0; i < segment.n; i++)
            if (!istauth__is_unreserved(segment.p[i]))
                return false;
        from = to + 1;
    }
    return true;
}

/* Scheme, host and port as any identifier has them, configured or presented. */
static bool origin_is_valid(const istauth__url *url)
{
    return url->has_authority && !url->has_userinfo && !url->has_query && !url->has_fragment &&
           istauth__url_host_is_valid(url->host) &&
           (!url->has_port || istauth__url_port_is_valid(url->port));
}

static bool is_identifier(istauth_str text, bool trailing_slash)
{
    istauth__url url;

    if (text.n > ISTAUTH_IDENTIFIER_MAX || !istauth__url_cut(&url, text) || !origin_is_valid(&url))
        return false;
    if (!istauth_str_equal(url.scheme, ISTAUTH_STR("https")) &&
        !(istauth_str_equal(url.scheme, ISTAUTH_STR("http")) &&
          istauth__url_is_loopback(url.host)))
        return false;
    return path_is_valid(url.path, trailing_slash);
}

bool istauth_issuer_is_valid(istauth_str issuer)
{
    return is_identifier(issuer, false);
}

bool istauth_resource_is_valid(istauth_str resource)
{
    return is_identifier(resource, true);
}

static istauth_str effective_port(const istauth__url *url)
{
    if (url->has_port)
        return url->port;
    return istauth__equal_ignoring_case(url->scheme, ISTAUTH_STR("https")) ? ISTAUTH_STR("443")
                                                                           : ISTAUTH_STR("80");
}

static bool same_origin(const istauth__url *a, const istauth__url *b)
{
    return istauth__equal_ignoring_case(a->scheme, b->scheme) &&
           istauth__equal_ignoring_case(a->host, b->host) &&
           istauth_str_equal(effective_port(a), effective_port(b));
}

static istauth_str without_slash(istauth_str path)
{
    return path.n && path.p[path.n - 1] == '/' ? istauth__slice(path, 0, path.n - 1) : path;
}

bool istauth_resource_matches(istauth_str configured, istauth_str presented, unsigned flags)
{
    istauth__url ours, theirs;

    if (!istauth_resource_is_valid(configured) || !istauth__url_cut(&ours, configured) ||
        !istauth__url_cut(&theirs, presented) || !origin_is_valid(&theirs) ||
        !same_origin(&ours, &theirs))
        return false;
    if (istauth_str_equal(without_slash(ours.path), without_slash(theirs.path)))
        return true;
    return (flags & ISTAUTH_RESOURCE_ORIGIN) && !without_slash(theirs.path).n;
}

istauth_str istauth_identifier_origin(istauth_str identifier)
{
    istauth__url url;

    if (!istauth__url_cut(&url, identifier) || !url.has_authority)
        return istauth_str_of(NULL);
    return istauth__slice(identifier, 0,
                          (size_t)(url.authority.p - identifier.p) + url.authority.n);
}

istauth_str istauth_identifier_path(istauth_str identifier)
{
    istauth__url url;

    return istauth__url_cut(&url, identifier) ? url.path : istauth_str_of(NULL);
}

/* A terminating slash goes before the path is inserted (RFC 8414 3.1); clients do the same for
 * a resource, though RFC 9728 3.1 says it of the slash after the host alone. */
istauth_status istauth_well_known_path(istauth_str *path, istauth_arena *arena, istauth_str suffix,
                                       istauth_str identifier)
{
    istauth__buf b = istauth__buf_in(arena);

    istauth__buf_text(&b, "/.well-known/");
    istauth__buf_add(&b, suffix);
    istauth__buf_add(&b, without_slash(istauth_identifier_path(identifier)));
    return istauth__buf_done(path, &b);
}
