#include "stores/sqlite_i.h"

static size_t digits_of(size_t n)
{
    size_t digits = 1;

    while (n > 9) {
        n /= 10;
        digits++;
    }
    return digits;
}

size_t istauth__sqlite_list_room(istauth_str_list list)
{
    size_t room = 0;

    for (size_t i = 0; i < list.count; i++)
        room += digits_of(list.items[i].n) + list.items[i].n + 2;
    return room;
}

void istauth__sqlite_list_write(char *out, istauth_str_list list)
{
    for (size_t i = 0; i < list.count; i++) {
        size_t n = list.items[i].n, digits = digits_of(n);

        for (size_t d = digits, rest = n; d; d--, rest /= 10)
            out[d - 1] = (char)('0' + rest % 10);
        out += digits;
        *out++ = ':';
        if (n)
            memcpy(out, list.items[i].p, n);
        out += n;
        *out++ = ',';
    }
}

bool istauth__sqlite_list_next(istauth_str *text, istauth_str *rest)
{
    size_t at = 0, n = 0;

    for (; at < rest->n && rest->p[at] >= '0' && rest->p[at] <= '9'; at++) {
        n = n * 10 + (size_t)(rest->p[at] - '0');
        if (n >= rest->n) /* also keeps n from overflowing */
            return false;
    }
    if (at == 0 || rest->n - at < n + 2 || rest->p[at] != ':' || rest->p[at + 1 + n] != ',')
        return false;
    text->p = rest->p + at + 1;
    text->n = n;
    rest->p += at + n + 2;
    rest->n -= at + n + 2;
    return true;
}

bool istauth__sqlite_list_count(size_t *count, istauth_str list)
{
    istauth_str text;

    for (*count = 0; istauth__sqlite_list_next(&text, &list); (*count)++)
        continue;
    return list.n == 0;
}
