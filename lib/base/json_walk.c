#include "base/json_i.h"

#include <cjson/cJSON.h>

/* The end of the year 9999: what any clock or database can hold. */
#define TIME_MAX 253402300799.0

bool istauth__json_has(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name) != NULL;
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
