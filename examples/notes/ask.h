/* Asking the authorization server about a token: the one thing that the library leaves to its host. */
#ifndef NOTES_ASK_H
#define NOTES_ASK_H

#include <istauth.h>

/* Where to ask, and as whom. Texts outlive every call. */
typedef struct asker {
    const char *url; /* the introspection endpoint */
    char *client_id, *client_secret;
} asker;

/* Read this server's own credential: the line "notes CLIENT_ID CLIENT_SECRET" of a file. False after
 * saying why on stderr. */
bool asker_load(asker *a, const char *file);

/* Wipe and free what asker_load read. */
void asker_free(asker *a);

/* For istauth_hooks.introspect, with an asker as its ctx. */
istauth_status ask(void *ctx, istauth_str *answer, istauth_str form, istauth_arena *arena);

#endif
