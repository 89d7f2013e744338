/* Fields of a form body or a query string (application/x-www-form-urlencoded), and cookies. */
#ifndef ISTEAM_FORM_H
#define ISTEAM_FORM_H

#include <istauth.h>

#define FORM_FIELDS_MAX 1024

typedef struct form_field {
    istauth_str name, value;
} form_field;

typedef struct form {
    form_field *fields;
    size_t count;
} form;

/* Decode every field into the arena. False when the text is malformed, holds an encoded NUL or
 * more than FORM_FIELDS_MAX fields, or when there is no memory; *out is untouched then. */
bool form_parse(form *out, istauth_arena *arena, istauth_str text);

/* The value of the one field of this name; empty when there is none, or more than one: which of
 * them was meant is not ours to guess. */
istauth_str form_get(const form *f, const char *name);

/* The values of all fields of this name, in the arena. False when there is no memory. */
bool form_all(istauth_str_list *out, const form *f, const char *name, istauth_arena *arena);

/* The value of a cookie in one Cookie header; empty when it is not there. */
istauth_str form_cookie(istauth_str header, const char *name);

#endif
