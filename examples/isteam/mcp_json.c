#include "mcp_json.h"

#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX 64
#define MEMBERS_MAX 64
#define EXACT_MAX 9007199254740991.0 /* 2^53 - 1 */

/* --- reading: what cJSON must not see is refused before it looks --- */

/* How many bytes the UTF-8 sequence at p takes (RFC 3629: no surrogates, nothing overlong); 0:
 * none. */
static size_t sequence(const unsigned char *p, size_t n)
{
    size_t size = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

    if (size == 0 || size > n || p[0] > 0xF4)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F) ||
        (p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
        return 0;
    return size;
}

static bool is_utf8(istauth_str text)
{
    size_t step;

    for (size_t at = 0; at < text.n; at += step) {
        step = sequence((const unsigned char *)text.p + at, text.n - at);
        if (!step)
            return false;
    }
    return true;
}

/* Just past the opening quote; the index of the closing one, or text.n when it is not to be had. */
static size_t string_end(istauth_str text, size_t at)
{
    for (; at < text.n && text.p[at] != '"'; at++) {
        if ((unsigned char)text.p[at] < 0x20)
            return text.n;
        if (text.p[at] != '\\')
            continue;
        at++;
        if (text.n - at >= 5 && memcmp(text.p + at, "u0000", 5) == 0)
            return text.n;
    }
    return at < text.n ? at : text.n;
}

static bool is_tame(istauth_str text)
{
    int depth = 0;

    for (size_t at = 0; at < text.n; at++) {
        char c = text.p[at];

        if (c == '"') {
            at = string_end(text, at + 1);
            if (at == text.n)
                return false;
        }
        if (c == '\0')
            return false;
        if ((c == '[' || c == '{') && ++depth > DEPTH_MAX)
            return false;
        if (c == ']' || c == '}')
            depth--;
    }
    return true;
}

cJSON *json_read(istauth_str text)
{
    cJSON *value = NULL;
    char *copy;

    if (!text.n || !is_utf8(text) || !is_tame(text))
        return NULL;
    copy = malloc(text.n + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text.p, text.n);
    copy[text.n] = '\0';
    value = cJSON_ParseWithOpts(copy, NULL, true); /* nothing may follow */
    free(copy);
    return value;
}

const cJSON *json_get(const cJSON *object, const char *name)
{
    return cJSON_IsObject(object) ? cJSON_GetObjectItemCaseSensitive(object, name) : NULL;
}

const char *json_get_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(json_get(object, name));
}

bool json_repeats(const cJSON *object)
{
    int members = 0;

    if (!cJSON_IsObject(object))
        return false;
    for (const cJSON *m = object->child; m; m = m->next)
        if (++members > MEMBERS_MAX || json_get(object, m->string) != m)
            return true;
    return false;
}

bool json_is_integer(const cJSON *value, int64_t min, int64_t max)
{
    double number;

    if (!cJSON_IsNumber(value))
        return false;
    number = value->valuedouble;
    if (!(number >= -EXACT_MAX && number <= EXACT_MAX)) /* catches a NaN too */
        return false;
    return (double)(int64_t)number == number && (int64_t)number >= min && (int64_t)number <= max;
}

/* --- writing --- */

static cJSON *add(json_out *out, cJSON *to, const char *name, cJSON *value)
{
    bool added = false;

    if (to && value)
        added = name ? cJSON_AddItemToObject(to, name, value) : cJSON_AddItemToArray(to, value);
    if (added)
        return value;
    out->failed = true;
    cJSON_Delete(value);
    return NULL;
}

cJSON *json_start(json_out *out)
{
    out->root = cJSON_CreateObject();
    out->failed = !out->root;
    return out->root;
}

void json_drop(json_out *out)
{
    cJSON_Delete(out->root);
    out->root = NULL;
}

cJSON *json_object(json_out *out, cJSON *to, const char *name)
{
    return add(out, to, name, cJSON_CreateObject());
}

cJSON *json_array(json_out *out, cJSON *to, const char *name)
{
    return add(out, to, name, cJSON_CreateArray());
}

void json_text(json_out *out, cJSON *to, const char *name, const char *text)
{
    add(out, to, name, cJSON_CreateString(text));
}

void json_integer(json_out *out, cJSON *to, const char *name, int64_t value)
{
    char digits[24];

    /* As text: cJSON prints a number of 16 digits as one that is only nearly it. */
    snprintf(digits, sizeof(digits), "%lld", (long long)value);
    add(out, to, name, cJSON_CreateRaw(digits));
}

void json_bool(json_out *out, cJSON *to, const char *name, bool value)
{
    add(out, to, name, cJSON_CreateBool(value));
}

void json_quoted(json_out *out, cJSON *to, const char *name, const cJSON *value)
{
    char *text = value ? cJSON_PrintUnformatted(value) : NULL;

    add(out, to, name, text ? cJSON_CreateString(text) : NULL);
    cJSON_free(text);
}

istauth_status json_print(istauth_str *text, json_out *out, istauth_arena *arena)
{
    char *printed = out->failed ? NULL : cJSON_PrintUnformatted(out->root);
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    if (printed)
        st = istauth_arena_copy(text, arena, istauth_str_of(printed));
    cJSON_free(printed);
    json_drop(out);
    return st;
}
