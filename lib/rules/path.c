#include "rules/path_i.h"

#include "base/text_i.h"

/* One character of a path as the most eager decoder would see it: "%252e" is "%2e" is ".". */
static char next_decoded(istauth_str path, size_t *i)
{
    int c = (unsigned char)path.p[(*i)++];

    while (c == '%' && path.n - *i >= 2) {
        int high = istauth__hex_value(path.p[*i]), low = istauth__hex_value(path.p[*i + 1]);

        if (high < 0 || low < 0)
            break; /* a percent sign that was itself encoded */
        c = high * 16 + low;
        *i += 2;
    }
    return (char)c;
}

bool istauth__has_dot_segment(istauth_str path)
{
    size_t dots = 0, others = 0;
    bool parameter = false;

    for (size_t i = 0; i < path.n;) {
        char c = next_decoded(path, &i);

        if (c == '/' || c == '\\') {
            if (dots && dots <= 2 && !others)
                return true;
            dots = others = 0;
            parameter = false;
        } else if (c == ';' || parameter) {
            parameter = true;
        } else {
            dots += c == '.';
            others += c != '.';
        }
    }
    return dots && dots <= 2 && !others;
}

bool istauth__encodes_control(istauth_str uri)
{
    for (size_t i = 0; i < uri.n;) {
        unsigned char c = (unsigned char)next_decoded(uri, &i);

        if (c < 0x20 || c == 0x7F)
            return true;
    }
    return false;
}
