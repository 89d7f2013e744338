#include <istauth/metadata_document.h>

#include "base/date_i.h"
#include "base/text_i.h"

#define SECONDS_MAX INT32_MAX /* RFC 9111 1.2.2: more is as good as this */

static istauth_str trimmed(istauth_str s)
{
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
        s = istauth__slice(s, 1, s.n);
    return s;
}

/* --- the response --- */

static bool ends_with(istauth_str text, istauth_str tail)
{
    return text.n > tail.n &&
           istauth__equal_ignoring_case(istauth__slice(text, text.n - tail.n, text.n), tail);
}

static bool is_json_type(istauth_str content_type)
{
    static const char top[] = "application/";
    istauth_str type =
        trimmed(istauth__slice(content_type, 0, istauth__find(content_type, ';', 0)));
    size_t n = sizeof(top) - 1;

    if (type.n <= n ||
        !istauth__equal_ignoring_case(istauth__slice(type, 0, n), ISTAUTH_STR("application/")))
        return false;
    type = istauth__slice(type, n, type.n);
    return istauth__equal_ignoring_case(type, ISTAUTH_STR("json")) ||
           ends_with(type, ISTAUTH_STR("+json"));
}

istauth_status istauth_document_response_check(const istauth_fetched *response)
{
    if (response->status == 408 || response->status == 429 || response->status >= 500)
        return ISTAUTH_E_UNAVAILABLE;
    return response->status == 200 && is_json_type(response->content_type)
               ? ISTAUTH_OK
               : ISTAUTH_E_INVALID_CLIENT_METADATA;
}

/* --- how long it may be used --- */

/* What Cache-Control says (RFC 9111 5.2.2); -1: nothing. */
typedef struct directives {
    bool forbids;
    istauth_time max_age, s_maxage;
} directives;

static istauth_time seconds_of(istauth_str text)
{
    istauth_time value = 0;

    if (!text.n)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (!istauth__is_digit(text.p[i]))
            return -1;
        value = value * 10 + (text.p[i] - '0');
        if (value > SECONDS_MAX)
            value = SECONDS_MAX;
    }
    return value;
}

/* Of two that differ the stricter one; what is no number of seconds is none. */
static void take_seconds(istauth_time *kept, istauth_str value)
{
    istauth_time read;

    if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
        value = istauth__slice(value, 1, value.n - 1);
    read = seconds_of(value);
    if (read < 0)
        read = 0;
    if (*kept < 0 || read < *kept)
        *kept = read;
}

static void take_directive(directives *d, istauth_str text)
{
    size_t equals = istauth__find(text, '=', 0);
    istauth_str name = trimmed(istauth__slice(text, 0, equals)), value = { NULL, 0 };

    if (equals < text.n)
        value = trimmed(istauth__slice(text, equals + 1, text.n));
    if (istauth__equal_ignoring_case(name, ISTAUTH_STR("no-store")) ||
        istauth__equal_ignoring_case(name, ISTAUTH_STR("no-cache")) ||
        istauth__equal_ignoring_case(name, ISTAUTH_STR("private")))
        d->forbids = true;
    if (istauth__equal_ignoring_case(name, ISTAUTH_STR("max-age")))
        take_seconds(&d->max_age, value);
    if (istauth__equal_ignoring_case(name, ISTAUTH_STR("s-maxage")))
        take_seconds(&d->s_maxage, value);
}

/* Just past a directive: a comma inside of quotes does not end it. */
static size_t end_of_directive(istauth_str text, size_t from)
{
    bool quoted = false;

    while (from < text.n && (quoted || text.p[from] != ',')) {
        if (quoted && text.p[from] == '\\' && from + 1 < text.n)
            from++;
        else if (text.p[from] == '"')
            quoted = !quoted;
        from++;
    }
    return from;
}

static directives read_directives(istauth_str text)
{
    directives d = { false, -1, -1 };

    for (size_t from = 0; from < text.n;) {
        size_t to = end_of_directive(text, from);

        take_directive(&d, trimmed(istauth__slice(text, from, to)));
        from = to + 1;
    }
    return d;
}

/* An Expires that is no date means that it has expired (RFC 9111 5.3). */
static istauth_time until_expires(const istauth_fetched *response, istauth_time now)
{
    istauth_time expires, date;

    if (!response->expires.n || !istauth__http_date_read(&expires, response->expires))
        return 0;
    if (!response->date.n || !istauth__http_date_read(&date, response->date))
        date = now;
    return expires > date ? expires - date : 0;
}

istauth_time istauth_document_freshness(const istauth_fetched *response, istauth_time least,
                                        istauth_time most, istauth_time now)
{
    directives d = read_directives(response->cache_control);
    istauth_time age = seconds_of(trimmed(response->age)), fresh;

    if (d.forbids)
        return least;
    fresh = d.s_maxage >= 0 ? d.s_maxage : d.max_age;
    if (fresh < 0)
        fresh = until_expires(response, now);
    if (age > 0)
        fresh -= age;
    return fresh < least ? least : fresh > most ? most : fresh;
}
