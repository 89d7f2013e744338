#include "support/sqlite_place.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void sqlite_place_init(sqlite_place *p)
{
    (void)snprintf(p->folder, sizeof(p->folder), "%s/istauth-XXXXXX",
                   access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    if (!mkdtemp(p->folder)) {
        perror(p->folder);
        abort();
    }
    (void)snprintf(p->file, sizeof(p->file), "%s/db", p->folder);
}

void sqlite_place_clear(const sqlite_place *p)
{
    static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
    char path[112];

    for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s%s", p->file, ends[i]);
        (void)unlink(path);
    }
}

void sqlite_place_wipe(sqlite_place *p)
{
    sqlite_place_clear(p);
    if (rmdir(p->folder)) {
        perror(p->folder);
        abort();
    }
}
