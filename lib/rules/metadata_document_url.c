#include <istauth/metadata_document.h>

#include "base/text_i.h"
#include "base/url_i.h"
#include "rules/path_i.h"

/* Names that no public resolver answers for, or that mean something else in each network (RFC 6761,
 * RFC 6762, RFC 7686, RFC 8375, RFC 9476, ICANN's internal, and what routers are shipped with). */
static const char *const inner_domains[] = {
    "localhost", "local", "internal", "arpa", "test", "invalid", "onion", "alt", "localdomain",
    "lan", "home", "corp", "intranet", "private", "domain", "workgroup",
};

static istauth_str last_label(istauth_str host)
{
    size_t from = host.n;

    while (from && host.p[from - 1] != '.')
        from--;
    return istauth__slice(host, from, host.n);
}

static bool is_lower_case(istauth_str host)
{
    for (size_t i = 0; i < host.n; i++)
        if (istauth__lower(host.p[i]) != host.p[i])
            return false;
    return true;
}

/* A last label that begins with a letter is no IPv4 address in any notation. */
static bool is_public_name(istauth_str host)
{
    istauth_str last = last_label(host);

    if (!istauth__url_host_is_valid(host) || host.p[0] == '[' || !is_lower_case(host) ||
        last.n == host.n || !istauth__is_alpha(last.p[0]))
        return false;
    for (size_t i = 0; i < sizeof(inner_domains) / sizeof(inner_domains[0]); i++)
        if (istauth_str_equal(last, istauth_str_of(inner_domains[i])))
            return false;
    return true;
}

static bool origin_is_valid(const istauth__url *url, unsigned flags)
{
    if (!url->has_authority || url->has_userinfo ||
        (url->has_port && !istauth__url_port_is_valid(url->port)))
        return false;
    if ((flags & ISTAUTH_DOCUMENT_LOOPBACK) && istauth__url_is_loopback(url->host))
        return istauth_str_equal(url->scheme, ISTAUTH_STR("https")) ||
               istauth_str_equal(url->scheme, ISTAUTH_STR("http"));
    return istauth_str_equal(url->scheme, ISTAUTH_STR("https")) && is_public_name(url->host);
}

static bool cut(istauth__url *url, istauth_str text, unsigned flags)
{
    return text.n <= ISTAUTH_DOCUMENT_URL_MAX && istauth__url_cut(url, text) &&
           origin_is_valid(url, flags) && url->path.n && !url->has_fragment &&
           (!url->has_query || (flags & ISTAUTH_DOCUMENT_QUERY)) &&
           !istauth__has_dot_segment(url->path) && !istauth__encodes_control(text);
}

bool istauth_document_url_is_valid(istauth_str url, unsigned flags)
{
    istauth__url parts;

    return cut(&parts, url, flags);
}

istauth_str istauth_document_url_host(istauth_str url)
{
    istauth__url parts;
    const char *usual;

    if (!cut(&parts, url, ISTAUTH_DOCUMENT_QUERY | ISTAUTH_DOCUMENT_LOOPBACK))
        return istauth_str_of(NULL);
    usual = istauth_str_equal(parts.scheme, ISTAUTH_STR("https")) ? "443" : "80";
    return istauth_str_equal(parts.port, istauth_str_of(usual)) ? parts.host : parts.authority;
}
