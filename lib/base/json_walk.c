#include "base/json_i.h"

#include <cjson/cJSON.h>

/* The end of the year 9999: what any clock or database can hold. */
#define TIME_MAX 253402300799.0

bool istauth__json_has(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name) != NULL;
}

istauth_status istauth__json_get_bool(bool *out, const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!cJSON_IsBool(value))
        return ISTAUTH_E_INVALID_REQUEST;
    *out = cJSON_IsTrue(value);
    return ISTAUTH_OK;
}

istauth_status istauth__json_get_date(istauth_time *out, const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    if (!value || cJSON_IsNull(value)) {
        *out = 0;
        return ISTAUTH_OK;
    }
    if (!cJSON_IsNumber(value) || !(value->valuedouble >= 1 && value->valuedouble <= TIME_MAX))
        return ISTAUTH_E_INVALID_REQUEST;
    *out = (istauth_time)value->valuedouble;
    return ISTAUTH_OK;
}

const cJSON *istauth__json_array(const cJSON *object, const char *name)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsArray(array) ? array : NULL;
}

size_t istauth__json_count(const cJSON *array)
{
    return (size_t)cJSON_GetArraySize(array);
}

const cJSON *istauth__json_first(const cJSON *array)
{
    return array->child;
}

const cJSON *istauth__json_next(const cJSON *element)
{
    return element->next;
}

const cJSON *istauth__json_member(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNull(value) ? NULL : value;
}

bool istauth__json_any_name(const cJSON *object, bool (*is)(istauth_str name))
{
    for (const cJSON *member = object->child; member; member = member->next)
        if (is(istauth_str_of(member->string)))
            return true;
    return false;
}

/* Recursion is bounded by istauth__json_parse. */
bool istauth__json_any_text(const cJSON *value, bool (*is)(istauth_str text))
{
    if (cJSON_IsString(value) && is(istauth_str_of(value->valuestring)))
        return true;
    for (const cJSON *child = value->child; child; child = child->next)
        if (istauth__json_any_text(child, is))
            return true;
    return false;
}

istauth_status istauth__json_print(istauth_str *out, istauth_arena *arena, const cJSON *value)
{
    char *printed = cJSON_PrintUnformatted(value);
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    if (printed)
        st = istauth_arena_copy(out, arena, istauth_str_of(printed));
    cJSON_free(printed);
    return st;
}
