#include "base/url_i.h"

#include "base/text_i.h"

static bool is_uri_char(char c)
{
    return istauth__is_unreserved(c) || (c && strchr(":/?#[]@!$&'()*+,;=%", c));
}

static bool is_scheme(istauth_str s)
{
    if (!s.n || !istauth__is_alpha(s.p[0]))
        return false;
    for (size_t i = 1; i < s.n; i++)
        if (!istauth__is_alpha(s.p[i]) && !istauth__is_digit(s.p[i]) && !strchr("+-.", s.p[i]))
            return false;
    return true;
}

static bool is_clean(istauth_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_uri_char(text.p[i]))
            return false;
        if (text.p[i] == '%' && (text.n - i < 3 || istauth__hex_value(text.p[i + 1]) < 0 ||
                                 istauth__hex_value(text.p[i + 2]) < 0))
            return false;
    }
    return true;
}

static void cut_authority(istauth__url *url)
{
    istauth_str a = url->authority;
    size_t at = istauth__find(a, '@', 0), colon;

    if (at < a.n) {
        url->has_userinfo = true;
        url->userinfo = istauth__slice(a, 0, at);
        a = istauth__slice(a, at + 1, a.n);
    }
    colon = istauth__find(a, ':', a.n && a.p[0] == '[' ? istauth__find(a, ']', 0) : 0);
    url->host = istauth__slice(a, 0, colon);
    if (colon < a.n) {
        url->has_port = true;
        url->port = istauth__slice(a, colon + 1, a.n);
    }
}

/* Cut off what follows the first `mark`; true when there is one. */
static bool cut_tail(istauth_str *head, istauth_str *tail, char mark)
{
    size_t at = istauth__find(*head, mark, 0);

    if (at == head->n)
        return false;
    *tail = istauth__slice(*head, at + 1, head->n);
    head->n = at;
    return true;
}

bool istauth__url_cut(istauth__url *url, istauth_str text)
{
    size_t colon = istauth__find(text, ':', 0);
    istauth_str rest;

    memset(url, 0, sizeof(*url));
    if (colon == text.n || !is_clean(text))
        return false;
    url->scheme = istauth__slice(text, 0, colon);
    if (!is_scheme(url->scheme))
        return false;
    rest = istauth__slice(text, colon + 1, text.n);
    url->has_fragment = cut_tail(&rest, &url->fragment, '#');
    url->has_query = cut_tail(&rest, &url->query, '?');
    if (istauth__starts_with(rest, ISTAUTH_STR("//"))) {
        size_t slash = istauth__find(rest, '/', 2);

        url->has_authority = true;
        url->authority = istauth__slice(rest, 2, slash);
        cut_authority(url);
        rest = istauth__slice(rest, slash, rest.n);
    }
    url->path = rest;
    return true;
}

bool istauth__url_port_is_valid(istauth_str port)
{
    unsigned value = 0;

    if (!port.n || port.n > 5 || port.p[0] == '0')
        return false;
    for (size_t i = 0; i < port.n; i++) {
        if (!istauth__is_digit(port.p[i]))
            return false;
        value = value * 10 + (unsigned)(port.p[i] - '0');
    }
    return value <= 65535;
}

bool istauth__url_is_loopback(istauth_str host)
{
    return istauth_str_equal(host, ISTAUTH_STR("127.0.0.1")) ||
           istauth_str_equal(host, ISTAUTH_STR("[::1]")) ||
           istauth_str_equal(host, ISTAUTH_STR("localhost"));
}

static bool is_ipv6_literal(istauth_str host)
{
    if (host.n < 4 || host.p[0] != '[' || host.p[host.n - 1] != ']')
        return false;
    for (size_t i = 1; i < host.n - 1; i++)
        if (istauth__hex_value(host.p[i]) < 0 && host.p[i] != ':' && host.p[i] != '.')
            return false;
    return true;
}

bool istauth__url_host_is_valid(istauth_str host)
{
    char before = '.';

    if (!host.n || host.n > 253)
        return false;
    if (host.p[0] == '[')
        return is_ipv6_literal(host);
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];

        if (!istauth__is_alpha(c) && !istauth__is_digit(c) && c != '-' && c != '.' && c != '_')
            return false;
        if (c == '.' && before == '.')
            return false;
        before = c;
    }
    return before != '.';
}
