#include "notes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (1024 * 1024)

struct notes {
    int fd;
};

static int open_file(const char *file)
{
    FILE *unnamed;
    int fd;

    if (file)
        return open(file, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    unnamed = tmpfile();
    if (!unnamed)
        return -1;
    fd = fcntl(fileno(unnamed), F_DUPFD_CLOEXEC, 0);
    fclose(unnamed);
    if (fd >= 0 && fcntl(fd, F_SETFL, O_APPEND)) {
        close(fd);
        return -1;
    }
    return fd;
}

notes *notes_open(const char *file)
{
    notes *n = malloc(sizeof(*n));

    if (!n)
        return NULL;
    n->fd = open_file(file);
    if (n->fd < 0) {
        free(n);
        return NULL;
    }
    return n;
}

void notes_close(notes *n)
{
    if (n)
        close(n->fd);
    free(n);
}

/* The file's size, or -1 when it cannot be told or is no file that notes_add wrote. */
static long size_of(const notes *n)
{
    struct stat about;

    return fstat(n->fd, &about) || about.st_size > 2 * FILE_MAX ? -1 : (long)about.st_size;
}

/* {"workspace": ..., "text": ...} on one line; cJSON writes line breaks as \n. */
static char *record_of(const char *workspace, const char *text)
{
    cJSON *record = cJSON_CreateObject();
    char *line = NULL;

    if (cJSON_AddStringToObject(record, "workspace", workspace) &&
        cJSON_AddStringToObject(record, "text", text))
        line = cJSON_PrintUnformatted(record);
    cJSON_Delete(record);
    return line;
}

/* One write to a file opened with O_APPEND: records of others do not get into it. The line break
 * comes first, so that what a full disk cut off spoils no record but its own. */
bool notes_add(notes *n, const char *workspace, const char *text)
{
    char room[NOTE_MAX * 6 + 256]; /* a control character becomes six */
    char *line = record_of(workspace, text);
    long size = size_of(n);
    int length = line ? snprintf(room, sizeof(room), "\n%s", line) : -1;

    cJSON_free(line);
    if (length < 0 || (size_t)length >= sizeof(room) || size < 0 || size > FILE_MAX)
        return false;
    return write(n->fd, room, (size_t)length) == length;
}

static void take(cJSON *list, const char *line, const char *workspace)
{
    cJSON *record = cJSON_Parse(line);
    const char *where = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(record, "workspace"));

    if (where && strcmp(where, workspace) == 0)
        cJSON_AddItemToArray(list, cJSON_DetachItemFromObjectCaseSensitive(record, "text"));
    cJSON_Delete(record);
}

static char *read_all(const notes *n)
{
    long size = size_of(n), count = 0;
    char *all = size < 0 ? NULL : malloc((size_t)size + 1);

    if (all)
        count = (long)pread(n->fd, all, (size_t)size, 0);
    if (count < 0) {
        free(all);
        return NULL;
    }
    if (all)
        all[count] = '\0';
    return all;
}

cJSON *notes_list(notes *n, const char *workspace)
{
    char *all = read_all(n), *rest = all, *line;
    cJSON *list = all ? cJSON_CreateArray() : NULL;

    while (list && (line = strtok_r(rest, "\n", &rest)))
        take(list, line, workspace);
    free(all);
    return list;
}
