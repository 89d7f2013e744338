/* JSON: a writer into an arena, and a strict reader over cJSON.
 *
 * The writer is our own because what it writes holds tokens: cJSON would leave copies of them in
 * memory that it frees without wiping, and prints every number as a double. */
#ifndef ISTAUTH_JSON_I_H
#define ISTAUTH_JSON_I_H

#include "base/buf_i.h"

typedef struct istauth__json {
    istauth__buf buf;
    bool comma; /* the next member needs one before it */
} istauth__json;

static inline istauth__json istauth__json_in(istauth_arena *arena)
{
    istauth__json j = { istauth__buf_in(arena), false };
    return j;
}

/* `name` is NULL inside an array. Texts may hold any bytes: what is not UTF-8 comes out as U+FFFD. */
void istauth__json_open(istauth__json *j, const char *name, char bracket);
void istauth__json_close(istauth__json *j, char bracket);
void istauth__json_str(istauth__json *j, const char *name, istauth_str value);
void istauth__json_int(istauth__json *j, const char *name, int64_t value);
void istauth__json_bool(istauth__json *j, const char *name, bool value);

/* As istauth__json_str, but leaves an empty one out. */
void istauth__json_optional(istauth__json *j, const char *name, istauth_str value);

/* JSON that was read and printed by this library before, as it is; left out when it is empty. */
void istauth__json_raw(istauth__json *j, const char *name, istauth_str json);

/* An array of the words of a space-separated text; left out when there are none. */
void istauth__json_words(istauth__json *j, const char *name, istauth_str words);

/* An array of a list; left out when it is empty. */
void istauth__json_list(istauth__json *j, const char *name, istauth_str_list list);

#define ISTAUTH__JSON_DEPTH_MAX 16
#define ISTAUTH__JSON_MEMBERS_MAX 256

struct cJSON;

/* Parse an object that arrived from outside: UTF-8, no repeated member name at any level, no NUL, at most
 * 16 deep and 256 members each. `*object` is owned: free it with istauth__json_free.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_REQUEST, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__json_parse(struct cJSON **object, istauth_arena *arena, istauth_str text);
void istauth__json_free(struct cJSON *object);

/* A text member: empty when it is absent or null.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_REQUEST (not a text), ISTAUTH_E_NO_MEMORY. The copy is in the arena. */
istauth_status istauth__json_get_str(istauth_str *out, istauth_arena *arena,
                                     const struct cJSON *object, const char *name);

/* An array of texts, likewise. *present (may be NULL) tells an empty array from none. */
istauth_status istauth__json_get_list(istauth_str_list *out, bool *present, istauth_arena *arena,
                                      const struct cJSON *object, const char *name);

/* ISTAUTH_OK, ISTAUTH_E_INVALID_REQUEST (absent, or neither true nor false) */
istauth_status istauth__json_get_bool(bool *out, const struct cJSON *object, const char *name);

bool istauth__json_has(const struct cJSON *object, const char *name);

/* Whole seconds, of a number that may have a fraction (RFC 7519 2): 0 when it is absent or null.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_REQUEST (not a number, or none that a time can be) */
istauth_status istauth__json_get_date(istauth_time *out, const struct cJSON *object,
                                      const char *name);

/* The elements of an array of objects, one after the other. The array is NULL when it is absent or
 * none; an element that is no object has no members. */
const struct cJSON *istauth__json_array(const struct cJSON *object, const char *name);
size_t istauth__json_count(const struct cJSON *array);
const struct cJSON *istauth__json_first(const struct cJSON *array);
const struct cJSON *istauth__json_next(const struct cJSON *element);

/* A member that is not null; NULL when there is none. */
const struct cJSON *istauth__json_member(const struct cJSON *object, const char *name);

/* Does a member's name, or a text that is or is in this value at any depth, satisfy `is`? */
bool istauth__json_any_name(const struct cJSON *object, bool (*is)(istauth_str name));
bool istauth__json_any_text(const struct cJSON *value, bool (*is)(istauth_str text));

/* A value as JSON again, without spaces, in the arena. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__json_print(istauth_str *out, istauth_arena *arena,
                                   const struct cJSON *value);

#endif
