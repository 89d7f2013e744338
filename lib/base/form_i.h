/* application/x-www-form-urlencoded, in bodies and query strings, read strictly. */
#ifndef ISTAUTH_FORM_I_H
#define ISTAUTH_FORM_I_H

#include <istauth/arena.h>

#define ISTAUTH__FORM_FIELDS_MAX 256

typedef struct istauth__field {
    istauth_str name, value;
} istauth__field;

typedef struct istauth__form {
    istauth__field *fields;
    size_t count;
} istauth__form;

/* Decode every field into the arena.
 * ISTAUTH_OK
 * ISTAUTH_E_INVALID_REQUEST  a broken percent triple, a NUL, malformed UTF-8, over 256 fields
 * ISTAUTH_E_NO_MEMORY */
istauth_status istauth__form_parse(istauth__form *form, istauth_arena *arena, istauth_str text);

/* The same with another bound on the fields. */
istauth_status istauth__form_parse_long(istauth__form *form, istauth_arena *arena, istauth_str text,
                                        size_t most);

/* The one field of this name. A field with an empty value counts as absent (RFC 6749 3.1), but
 * also as an occurrence.
 * ISTAUTH_OK  *value is empty when it is absent
 * ISTAUTH_E_INVALID_REQUEST  it occurs twice, whatever the values */
istauth_status istauth__form_get(istauth_str *value, const istauth__form *form, const char *name);

/* Undo the encoding of one text: '+' and percent triples. Statuses as istauth__form_parse. */
istauth_status istauth__form_decode(istauth_str *out, istauth_arena *arena, istauth_str text);

#endif
