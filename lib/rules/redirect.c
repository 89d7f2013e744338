#include <istauth/redirect.h>

#include "base/text_i.h"
#include "base/url_i.h"
#include "rules/path_i.h"
#include "rules/scheme_i.h"

/* An IPv4 label as WHATWG URL 3.5 reads one: decimal, octal or hexadecimal. */
static bool is_number(istauth_str label)
{
    bool hex = label.n > 1 && label.p[0] == '0' && istauth__lower(label.p[1]) == 'x';

    for (size_t i = hex ? 2 : 0; i < label.n; i++)
        if (!istauth__is_digit(label.p[i]) && !(hex && istauth__hex_value(label.p[i]) >= 0))
            return false;
    return label.n > 0;
}

static bool is_plain_byte(istauth_str label)
{
    unsigned value = 0;

    if (!label.n || label.n > 3 || (label.n > 1 && label.p[0] == '0'))
        return false;
    for (size_t i = 0; i < label.n; i++) {
        if (!istauth__is_digit(label.p[i]))
            return false;
        value = value * 10 + (unsigned)(label.p[i] - '0');
    }
    return value <= 255;
}

/* A browser takes a host whose last label is a number for an IPv4 address in any of several
 * notations. Only the plain one shows a person where it leads. */
static bool is_disguised_address(istauth_str host)
{
    istauth_str label = { NULL, 0 };
    size_t labels = 0;
    bool plain = true;

    for (size_t from = 0; from < host.n; from += label.n + 1) {
        label = istauth__slice(host, from, istauth__find(host, '.', from));
        plain = plain && is_plain_byte(label);
        labels++;
    }
    return is_number(label) && !(plain && labels == 4);
}

static bool is_http(const istauth__url *url)
{
    return istauth__equal_ignoring_case(url->scheme, ISTAUTH_STR("http"));
}

static bool is_https(const istauth__url *url)
{
    return istauth__equal_ignoring_case(url->scheme, ISTAUTH_STR("https"));
}

/* The host of an app's own scheme may be missing: com.example.app:/cb, com.example.app:///cb. */
static bool authority_is_valid(const istauth__url *url)
{
    if (url->has_userinfo || (url->has_port && !istauth__url_port_is_valid(url->port)))
        return false;
    if (!url->authority.n)
        return !is_http(url) && !is_https(url);
    return istauth__url_host_is_valid(url->host);
}

static bool is_acceptable(const istauth__url *url, istauth_str uri)
{
    return !url->has_fragment && authority_is_valid(url) && !istauth__has_dot_segment(url->path) &&
           !istauth__encodes_control(uri);
}

static istauth_redirect_kind kind_of(const istauth__url *url)
{
    if (is_https(url))
        return is_disguised_address(url->host) ? ISTAUTH_REDIRECT_REFUSED : ISTAUTH_REDIRECT_HTTPS;
    if (is_http(url)) /* RFC 8252 7.3, and localhost, which real clients register */
        return istauth__url_is_loopback(url->host) ? ISTAUTH_REDIRECT_LOOPBACK
                                                   : ISTAUTH_REDIRECT_REFUSED;
    if (istauth__scheme_is_dangerous(url->scheme))
        return ISTAUTH_REDIRECT_REFUSED;
    return url->authority.n || url->path.n ? ISTAUTH_REDIRECT_PRIVATE_USE
                                           : ISTAUTH_REDIRECT_REFUSED;
}

static istauth_redirect_kind cut(istauth__url *url, istauth_str uri)
{
    if (uri.n > ISTAUTH_REDIRECT_URI_MAX || !istauth__url_cut(url, uri) ||
        !is_acceptable(url, uri))
        return ISTAUTH_REDIRECT_REFUSED;
    return kind_of(url);
}

istauth_redirect_kind istauth_redirect_check(istauth_str uri)
{
    istauth__url url;

    return cut(&url, uri);
}

static bool same_but_for_port(const istauth__url *a, const istauth__url *b)
{
    return istauth_str_equal(a->scheme, b->scheme) && istauth_str_equal(a->host, b->host) &&
           istauth_str_equal(a->path, b->path) && a->has_query == b->has_query &&
           istauth_str_equal(a->query, b->query);
}

bool istauth_redirect_matches(istauth_str registered, istauth_str requested, unsigned flags)
{
    istauth__url ours, theirs;
    istauth_redirect_kind kind = cut(&theirs, requested);

    if (kind == ISTAUTH_REDIRECT_REFUSED)
        return false;
    if (istauth_str_equal(registered, requested))
        return true;
    if (kind != ISTAUTH_REDIRECT_LOOPBACK || cut(&ours, registered) != ISTAUTH_REDIRECT_LOOPBACK)
        return false;
    if (istauth_str_equal(theirs.host, ISTAUTH_STR("localhost")) &&
        !(flags & ISTAUTH_REDIRECT_LOCALHOST))
        return false;
    return same_but_for_port(&ours, &theirs);
}

istauth_str istauth_redirect_host(istauth_str uri)
{
    istauth__url url;
    istauth_redirect_kind kind = cut(&url, uri);
    const char *usual = kind == ISTAUTH_REDIRECT_HTTPS ? "443" : "80";

    if (kind == ISTAUTH_REDIRECT_REFUSED)
        return istauth_str_of(NULL);
    if (kind == ISTAUTH_REDIRECT_PRIVATE_USE)
        return istauth__slice(uri, 0, url.scheme.n + 1);
    return istauth_str_equal(url.port, istauth_str_of(usual)) ? url.host : url.authority;
}
