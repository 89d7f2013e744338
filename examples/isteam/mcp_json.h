/* JSON in from strangers, and out again; over cJSON. */
#ifndef ISTEAM_MCP_JSON_H
#define ISTEAM_MCP_JSON_H

#include <istauth.h>

#include <cjson/cJSON.h>

/* Parse a body. NULL when it is not one well-formed value in UTF-8, nests deeper than 64, or holds
 * a NUL (cJSON would cut the text there). Free with cJSON_Delete. */
cJSON *json_read(istauth_str text);

/* The named member, or NULL: also when `object` is NULL or no object. Case matters. */
const cJSON *json_get(const cJSON *object, const char *name);

/* The named member's text, or NULL when it is none. */
const char *json_get_text(const cJSON *object, const char *name);

/* Does a member's name occur twice, so that two readers could see two values? Objects of over 64
 * members count as such: no message here has so many. NULL or no object: false. */
bool json_repeats(const cJSON *object);

/* An integer that a double holds exactly, at least `min` and at most `max`. */
bool json_is_integer(const cJSON *value, int64_t min, int64_t max);

/* A document being built. Running out of memory is remembered until json_print, so that the
 * code in between reads like the document. */
typedef struct json_out {
    cJSON *root;
    bool failed;
} json_out;

/* Start with an object as the root, which is returned; end with json_print or json_drop. */
cJSON *json_start(json_out *out);
void json_drop(json_out *out);

/* Add to an object under `name`, or to the end of an array with `name` NULL. `to` may be NULL: that
 * is what the functions that return a value give when there is no memory. */
cJSON *json_object(json_out *out, cJSON *to, const char *name);
cJSON *json_array(json_out *out, cJSON *to, const char *name);
void json_text(json_out *out, cJSON *to, const char *name, const char *text);
void json_integer(json_out *out, cJSON *to, const char *name, int64_t value);
void json_bool(json_out *out, cJSON *to, const char *name, bool value);
/* `value` printed, as a text. */
void json_quoted(json_out *out, cJSON *to, const char *name, const cJSON *value);

/* Print the root into the arena and free it. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. */
istauth_status json_print(istauth_str *text, json_out *out, istauth_arena *arena);

#endif
