/* The notes of all workspaces: lines of a file, to which any number of threads and processes may
 * append at once. It stands for the database that a host has. */
#ifndef HOSTS_NOTES_H
#define HOSTS_NOTES_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#define NOTE_MAX 1000 /* bytes of one */

typedef struct notes notes;

/* `file` is made when it is not there; NULL: a file without a name, gone at the end. NULL when that
 * fails. */
notes *notes_open(const char *file);
void notes_close(notes *n); /* NULL-safe */

/* False when the file is full or cannot be written. */
bool notes_add(notes *n, const char *workspace, const char *text);

/* Those of one workspace, oldest first: an array of texts, or NULL when the file cannot be read. */
cJSON *notes_list(notes *n, const char *workspace);

#endif
