#include "unit/unit.h"

#include <istauth/metadata_document.h>

#include "base/date_i.h"

#define LEAST 60
#define MOST 86400
#define NOW 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110's own example */

static istauth_time lifetime(const char *cache_control, const char *age, const char *expires,
                             const char *date)
{
    istauth_fetched f = { .status = 200 };
    istauth_time got;

    f.cache_control = exact(istauth_str_of(cache_control));
    f.age = exact(istauth_str_of(age));
    f.expires = exact(istauth_str_of(expires));
    f.date = exact(istauth_str_of(date));
    got = istauth_document_freshness(&f, LEAST, MOST, NOW);
    exact_free(f.cache_control);
    exact_free(f.age);
    exact_free(f.expires);
    exact_free(f.date);
    return got;
}

static void test_cache_control_within_bounds(void **state)
{
    static const struct {
        const char *value;
        istauth_time seconds;
    } table[] = {
        { "", LEAST },
        { "max-age=3600", 3600 },
        { "max-age=60", 60 },
        { "max-age=59", LEAST },
        { "max-age=0", LEAST },
        { "max-age=86400", MOST },
        { "max-age=86401", MOST },
        { "max-age=31536000, immutable", MOST },
        { "max-age=99999999999999999999999999", MOST },
        { "public, max-age=600", 600 },
        { "public,max-age=600,must-revalidate", 600 },
        { " ,, \tMAX-AGE = 600 ,", 600 },
        { "max-age=\"600\"", 600 },
        { "s-maxage=300, max-age=600", 300 },
        { "max-age=600, s-maxage=900", 900 },
        { "max-age=600, max-age=300", 300 },
        { "max-age=300, max-age=600", 300 },
        /* what is no number of seconds has expired */
        { "max-age=", LEAST },
        { "max-age", LEAST },
        { "max-age=-600", LEAST },
        { "max-age=600s", LEAST },
        { "max-age=6e2", LEAST },
        { "max-age=600, max-age=x", LEAST },
        { "max-age=\"600", LEAST },
        /* no copy at all */
        { "no-store", LEAST },
        { "no-cache", LEAST },
        { "max-age=600, no-store", LEAST },
        { "No-Cache, max-age=600", LEAST },
        { "no-cache=\"set-cookie\", max-age=600", LEAST },
        { "private, max-age=600", LEAST },
        /* inside of quotes it is not said */
        { "extension=\"no-store, max-age=1\", max-age=600", 600 },
        { "extension=\"a\\\", no-store\", max-age=600", 600 },
        { "no-storex, max-age=600", 600 },
        { "xmax-age=600", LEAST },
        { "extension=\"unclosed, max-age=600", LEAST },
        { "a\\", LEAST },
        { "\"\\", LEAST },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++)
        if (lifetime(table[i].value, "", "", "") != table[i].seconds)
            fail_msg("%s: %d", table[i].value, (int)lifetime(table[i].value, "", "", ""));
}

static void test_age_is_taken_off(void **state)
{
    (void)state;
    assert_int_equal(lifetime("max-age=600", "100", "", ""), 500);
    assert_int_equal(lifetime("max-age=600", " 100 ", "", ""), 500);
    assert_int_equal(lifetime("max-age=600", "540", "", ""), LEAST);
    assert_int_equal(lifetime("max-age=600", "541", "", ""), LEAST);
    assert_int_equal(lifetime("max-age=600", "99999999999999999999", "", ""), LEAST);
    assert_int_equal(lifetime("max-age=600", "x", "", ""), 600); /* RFC 9111 5.1 */
    assert_int_equal(lifetime("max-age=600", "-1", "", ""), 600);
    assert_int_equal(lifetime("", "100", "", ""), LEAST);
}

static void test_expires_counts_where_cache_control_is_silent(void **state)
{
    static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT";

    (void)state;
    assert_int_equal(lifetime("", "", "Sun, 06 Nov 1994 09:49:37 GMT", date), 3600);
    assert_int_equal(lifetime("", "", "Sun, 06 Nov 1994 09:49:37 GMT", ""), 3600);
    assert_int_equal(lifetime("", "", "Sun, 06 Nov 1994 09:49:37 GMT", "nonsense"), 3600);
    assert_int_equal(lifetime("", "600", "Sun, 06 Nov 1994 09:49:37 GMT", date), 3000);
    assert_int_equal(lifetime("public", "", "Sun, 06 Nov 1994 09:49:37 GMT", date), 3600);
    assert_int_equal(lifetime("", "", "Mon, 06 Nov 2034 08:49:37 GMT", date), MOST);
    assert_int_equal(lifetime("", "", date, date), LEAST);
    assert_int_equal(lifetime("", "", "Sun, 06 Nov 1994 08:49:36 GMT", date), LEAST);
    assert_int_equal(lifetime("", "", "0", date), LEAST);
    assert_int_equal(lifetime("", "", "-1", date), LEAST);
    assert_int_equal(lifetime("max-age=600", "", "Sun, 06 Nov 1994 09:49:37 GMT", date), 600);
    assert_int_equal(lifetime("no-store", "", "Sun, 06 Nov 1994 09:49:37 GMT", date), LEAST);
    /* the server's clock, not ours */
    assert_int_equal(lifetime("", "", "Fri, 31 Dec 1999 23:59:59 GMT", "Fri, 31 Dec 1999 23:00:00 GMT"),
                     3599);
}

static void test_dates_of_http(void **state)
{
    static const struct {
        const char *text;
        istauth_time time; /* -1: no date */
    } table[] = {
        { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
        { "Tue, 29 Feb 2000 12:00:00 GMT", 951825600 },
        { "Thu, 29 Feb 2024 23:59:59 GMT", 1709251199 },
        { "Fri, 01 Mar 2024 00:00:00 GMT", 1709251200 },
        { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 },
        { "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
        { "Sun, 06 Nov 1994 08:49:37 UTC", -1 },
        { "Sun, 06 Nov 1994 08:49:37 gmt", -1 },
        { "Sun, 06 nov 1994 08:49:37 GMT", -1 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", -1 },
        { "Sun Nov  6 08:49:37 1994", -1 },
        { "Sun, 6 Nov 1994 08:49:37 GMT", -1 },
        { "Sun, 06 Nov 1994 24:00:00 GMT", -1 },
        { "Sun, 06 Nov 1994 08:60:00 GMT", -1 },
        { "Sun, 06 Nov 1994 08:49:61 GMT", -1 },
        { "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
        { "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
        { "Wed, 29 Feb 2023 12:00:00 GMT", -1 },
        { "Mon, 29 Feb 2100 12:00:00 GMT", -1 },
        { "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
        { "Sun, 06 Nov 1994 08:49:37 GMT ", -1 },
        { "Sun, 06 Nov 1994 08-49-37 GMT", -1 },
        { "Sun, +6 Nov 1994 08:49:37 GMT", -1 },
        { "", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(table); i++) {
        istauth_str copy = exact(istauth_str_of(table[i].text));
        istauth_time time = -1;

        if (istauth__http_date_read(&time, copy) != (table[i].time >= 0) || time != table[i].time)
            fail_msg("%s: %lld", table[i].text, (long long)time);
        exact_free(copy);
    }
}

static istauth_status check(int status, const char *type)
{
    istauth_fetched f = { .status = status, .content_type = exact(istauth_str_of(type)) };
    istauth_status st = istauth_document_response_check(&f);

    exact_free(f.content_type);
    return st;
}

static void test_only_200_and_json_will_do(void **state)
{
    static const char *const good[] = {
        "application/json", "Application/JSON", "application/json; charset=utf-8", " application/json ;x",
        "application/cimd+json", "application/vnd.example.client+JSON",
    };
    static const char *const bad[] = {
        "", "text/html", "text/json", "application/", "application/+json", "application/jsonx",
        "application/xjson", "application/json, text/html", "application/ld+jsonx", "xapplication/json",
        "application/octet-stream; application/json",
    };
    static const int gone[] = { 0, 100, 201, 203, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410 };
    static const int later[] = { 408, 429, 500, 502, 503, 504, 599 };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(check(200, good[i]), ISTAUTH_OK);
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(check(200, bad[i]), ISTAUTH_E_INVALID_CLIENT_METADATA);
    for (size_t i = 0; i < COUNT(gone); i++)
        assert_int_equal(check(gone[i], good[0]), ISTAUTH_E_INVALID_CLIENT_METADATA);
    for (size_t i = 0; i < COUNT(later); i++)
        assert_int_equal(check(later[i], good[0]), ISTAUTH_E_UNAVAILABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cache_control_within_bounds),
        cmocka_unit_test(test_age_is_taken_off),
        cmocka_unit_test(test_expires_counts_where_cache_control_is_silent),
        cmocka_unit_test(test_dates_of_http),
        cmocka_unit_test(test_only_200_and_json_will_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
