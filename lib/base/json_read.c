#include "base/json_i.h"
#include "base/text_i.h"

#include <cjson/cJSON.h>

/* cJSON is lenient: it takes control characters, cuts a text at \u0000, keeps repeated members
 * and nests a thousand deep. What it must not see is refused before it looks. */
typedef struct scan {
    istauth_str text;
    size_t at;
    int depth;
} scan;

static int hex4(istauth_str text, size_t at)
{
    int value = 0;

    if (text.n - at < 4)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        int digit = istauth__hex_value(text.p[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool is_low_surrogate_next(const scan *s)
{
    istauth_str rest = istauth__slice(s->text, s->at, s->text.n);
    int low;

    if (!istauth__starts_with(rest, ISTAUTH_STR("\\u")))
        return false;
    low = hex4(rest, 2);
    return low >= 0xDC00 && low <= 0xDFFF;
}

/* Just past a backslash. */
static bool scan_escape(scan *s)
{
    int unit;

    if (s->at >= s->text.n)
        return false;
    if (s->text.p[s->at++] != 'u')
        return true;
    unit = hex4(s->text, s->at);
    if (unit <= 0)
        return false;
    s->at += 4;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        if (!is_low_surrogate_next(s))
            return false;
        s->at += 6;
        return true;
    }
    return unit < 0xDC00 || unit > 0xDFFF;
}

/* Just past the opening quote. */
static bool scan_string(scan *s)
{
    while (s->at < s->text.n) {
        unsigned char c = (unsigned char)s->text.p[s->at++];

        if (c == '"')
            return true;
        if (c < 0x20 || (c == '\\' && !scan_escape(s)))
            return false;
    }
    return false;
}

static bool is_acceptable(istauth_str text)
{
    scan s = { text, 0, 0 };

    if (!istauth__utf8_is_valid(text))
        return false;
    while (s.at < text.n) {
        char c = text.p[s.at++];

        if (c == '"' && !scan_string(&s))
            return false;
        if ((c == '{' || c == '[') && ++s.depth > ISTAUTH__JSON_DEPTH_MAX)
            return false;
        if (c == '}' || c == ']')
            s.depth--;
    }
    return true;
}

static bool repeats_a_name(const cJSON *object)
{
    size_t members = 0;

    for (const cJSON *a = object->child; a; a = a->next) {
        if (++members > ISTAUTH__JSON_MEMBERS_MAX)
            return true;
        for (const cJSON *b = object->child; b != a; b = b->next)
            if (strcmp(a->string, b->string) == 0)
                return true;
    }
    return false;
}

/* Recursion is bounded by is_acceptable. */
static bool is_unambiguous(const cJSON *value)
{
    if (cJSON_IsObject(value) && repeats_a_name(value))
        return false;
    for (const cJSON *child = value->child; child; child = child->next)
        if (!is_unambiguous(child))
            return false;
    return true;
}

istauth_status istauth__json_parse(cJSON **object, istauth_arena *arena, istauth_str text)
{
    istauth_str copy;
    const char *end;
    cJSON *parsed;

    if (!text.n || !is_acceptable(text))
        return ISTAUTH_E_INVALID_REQUEST;
    /* cJSON has read past a length before (CVE-2023-53154): give it a NUL to stop at. */
    if (istauth_arena_copy(&copy, arena, text))
        return ISTAUTH_E_NO_MEMORY;
    parsed = cJSON_ParseWithLengthOpts(copy.p, copy.n + 1, &end, true);
    if (!parsed)
        return ISTAUTH_E_INVALID_REQUEST;
    if (!cJSON_IsObject(parsed) || !is_unambiguous(parsed)) {
        cJSON_Delete(parsed);
        return ISTAUTH_E_INVALID_REQUEST;
    }
    *object = parsed;
    return ISTAUTH_OK;
}

void istauth__json_free(cJSON *object)
{
    cJSON_Delete(object);
}

istauth_status istauth__json_get_str(istauth_str *out, istauth_arena *arena, const cJSON *object,
                                     const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!value || cJSON_IsNull(value)) {
        *out = istauth_str_of(NULL);
        return ISTAUTH_OK;
    }
    if (!cJSON_IsString(value))
        return ISTAUTH_E_INVALID_REQUEST;
    return istauth_arena_copy(out, arena, istauth_str_of(value->valuestring));
}

istauth_status istauth__json_get_list(istauth_str_list *out, bool *present, istauth_arena *arena,
                                      const cJSON *object, const char *name)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, name);
    istauth_str *items = NULL;
    size_t count = 0;

    if (present)
        *present = array && !cJSON_IsNull(array);
    if (array && !cJSON_IsNull(array)) {
        if (!cJSON_IsArray(array))
            return ISTAUTH_E_INVALID_REQUEST;
        items = istauth_arena_alloc(arena, (size_t)cJSON_GetArraySize(array) * sizeof(*items));
        if (!items)
            return ISTAUTH_E_NO_MEMORY;
        for (const cJSON *item = array->child; item; item = item->next) {
            if (!cJSON_IsString(item))
                return ISTAUTH_E_INVALID_REQUEST;
            if (istauth_arena_copy(&items[count++], arena, istauth_str_of(item->valuestring)))
                return ISTAUTH_E_NO_MEMORY;
        }
    }
    out->items = items;
    out->count = count;
    return ISTAUTH_OK;
}
