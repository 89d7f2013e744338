#include "base/date_i.h"

#include "base/text_i.h"

static bool number(int *out, istauth_str text, size_t at, size_t digits)
{
    int value = 0;

    for (size_t i = at; i < at + digits; i++) {
        if (!istauth__is_digit(text.p[i]))
            return false;
        value = value * 10 + (text.p[i] - '0');
    }
    *out = value;
    return true;
}

static int month_of(istauth_str text)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++)
        if (memcmp(text.p, names + 3 * i, 3) == 0)
            return i + 1;
    return 0;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 in the Gregorian calendar, counted in years that begin in March, so that a
 * leap day is the last of its year. */
static int64_t days_since_epoch(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": everything but the name of the weekday is at a fixed place. */
bool istauth__http_date_read(istauth_time *out, istauth_str text)
{
    int day, month, year, hour, minute, second;

    if (text.n != 29 || memcmp(text.p + 3, ", ", 2) != 0 || text.p[7] != ' ' ||
        text.p[11] != ' ' || text.p[16] != ' ' || text.p[19] != ':' || text.p[22] != ':' ||
        memcmp(text.p + 25, " GMT", 4) != 0)
        return false;
    month = month_of(istauth__slice(text, 8, 11));
    if (!month || !number(&day, text, 5, 2) || !number(&year, text, 12, 4) ||
        !number(&hour, text, 17, 2) || !number(&minute, text, 20, 2) ||
        !number(&second, text, 23, 2))
        return false;
    if (year < 1970 || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    *out = days_since_epoch(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}
