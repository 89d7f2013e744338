/* Who is signed in, in which browser.
 *
 * A session's id is 256 random bits that only the browser holds: the table keeps their hash. Before
 * anyone signs in, the same cookie carries an id that no table knows, so that the sign-in form has
 * something to be bound to as well. Bounded, and safe for any number of threads. */
#ifndef ISTEAM_SESSION_H
#define ISTEAM_SESSION_H

#include "people.h"

#define SESSION_ID_SIZE 44      /* base64url of 32 bytes, and the NUL */
#define SESSION_CSRF_SIZE 44    /* likewise */
#define SESSION_BINDING_SIZE 65 /* hexadecimal of 32 bytes, and the NUL */

typedef struct session_table session_table;

/* Owned; NULL when there is no memory. Freeing takes NULL. */
session_table *sessions_new(void);
void sessions_free(session_table *table);

/* A fresh id: for a browser that has none, and for one that signs in. */
void session_id_new(char id[SESSION_ID_SIZE]);

/* Does this text look like an id? Anything else in a cookie is as good as no cookie. */
bool session_id_is_valid(istauth_str id);

/* Sign a person in under a new id. When the table is full, the oldest neighbour has to go. */
void session_start(session_table *table, istauth_str id, const person *who, istauth_time now);

/* Who is signed in under this id, or NULL; and since when. */
const person *session_person(session_table *table, istauth_time *since, istauth_str id,
                             istauth_time now);

void session_end(session_table *table, istauth_str id);

/* The token that a form of this browser carries: a keyed hash of its id, good as long as the id. */
void session_csrf(const session_table *table, char csrf[SESSION_CSRF_SIZE], istauth_str id);
bool session_csrf_is_valid(const session_table *table, istauth_str id, istauth_str presented);

/* What ties a consent page to this browser: a hash, so that the id itself goes nowhere. */
void session_binding(char binding[SESSION_BINDING_SIZE], istauth_str id);

#endif
