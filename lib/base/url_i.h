/* The parts of an absolute URL, cut by the RFC 3986 grammar and nothing more: no normalisation,
 * no browser's tolerance. */
#ifndef ISTAUTH_URL_I_H
#define ISTAUTH_URL_I_H

#include <istauth/base.h>

typedef struct istauth__url {
    istauth_str scheme;
    istauth_str authority; /* with userinfo and port */
    istauth_str userinfo;
    istauth_str host; /* with the brackets of an IPv6 literal */
    istauth_str port; /* without the colon */
    istauth_str path; /* with its leading slash; empty when there is none */
    istauth_str query;
    istauth_str fragment;
    bool has_authority, has_userinfo, has_port, has_query, has_fragment;
} istauth__url;

/* False when there is no scheme, or a character that no URI may hold (RFC 3986 appendix A), or a
 * broken percent triple. */
bool istauth__url_cut(istauth__url *url, istauth_str text);

/* Plain decimal, 1 to 65535. */
bool istauth__url_port_is_valid(istauth_str port);

/* One of the three literal loopback hosts: 127.0.0.1, [::1], localhost. */
bool istauth__url_is_loopback(istauth_str host);

/* A host of letters, digits, hyphens and dots with no empty label, or a bracketed IPv6 literal. */
bool istauth__url_host_is_valid(istauth_str host);

#endif
