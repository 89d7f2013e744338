/* Where the example keeps clients, grants and tokens: memory:, sqlite:FILE or postgresql://... */
#ifndef ISTEAM_KEEP_H
#define ISTEAM_KEEP_H

#include <istauth.h>

/* The places that this build knows, for messages. */
extern const char keep_places[];

/* Is it one of them? */
bool keep_is_known(const char *place);

/* Open the store there; false after saying why not. Closing takes an empty one. */
bool keep_open(istauth_store *store, const char *place);
void keep_close(istauth_store *store, const char *place);

/* The file that a place is in; NULL when it is none, or no lasting one. Borrowed. */
const char *keep_file(const char *place);

#endif
