/* A folder for one SQLite file, in memory where there is a file system for that. */
#ifndef SQLITE_PLACE_H
#define SQLITE_PLACE_H

typedef struct sqlite_place {
    char folder[64];
    char file[96];
} sqlite_place;

void sqlite_place_init(sqlite_place *p);
/* Remove the file and what SQLite put beside it. */
void sqlite_place_clear(const sqlite_place *p);
void sqlite_place_wipe(sqlite_place *p);

#endif
