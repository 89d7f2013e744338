/* The data behind the tools: workspaces with cards and a chat, in memory, gone at exit.
 *
 * One mutex guards everything: hold it (board_lock) around any other call and for as long as
 * anything that it returned is looked at. Every list and the sum of all texts are bounded. */
#ifndef ISTEAM_BOARD_H
#define ISTEAM_BOARD_H

#include <istauth.h>

#define BOARD_CARDS_MAX 200      /* in one workspace */
#define BOARD_TASKS_MAX 50       /* on one card */
#define BOARD_COMMENTS_MAX 200   /* on one card */
#define BOARD_ATTACHMENTS_MAX 20 /* on one card */
#define BOARD_CHAT_MAX 500       /* in one workspace; the oldest messages make room */
#define BOARD_BYTES_MAX (16u * 1024u * 1024u)

typedef struct board board;

/* A task, a comment, an attachment or a chat message. */
typedef struct board_entry {
    int64_t id;
    istauth_time at;
    char *author;
    char *name; /* of an attachment; empty otherwise */
    char *text;
    bool done; /* of a task */
    struct board_entry *next;
} board_entry;

typedef struct board_list {
    board_entry *first;
    board_entry *last;
    size_t count;
    size_t max;
} board_list;

typedef enum board_column { BOARD_TODO, BOARD_DOING, BOARD_DONE, BOARD_COLUMNS } board_column;

typedef struct board_card {
    int64_t id;
    istauth_time at;
    char *author;
    char *title;
    char *description;
    board_column column;
    bool archived;
    board_list tasks, comments, attachments;
    struct board_card *next;
} board_card;

typedef struct board_workspace {
    const char *id;
    const char *name;
    board_card *cards; /* oldest first, archived ones included */
    size_t card_count;
    board_list chat;
    struct board_workspace *next;
} board_workspace;

/* A board with its seeded workspaces; NULL: no memory. */
board *board_new(void);
void board_free(board *b);

void board_lock(board *b);
void board_unlock(board *b);

/* NULL when there is none. An id is only ever looked up inside a workspace that the caller was
 * already allowed to use: ids are counters, so anyone can guess his neighbour's. */
board_workspace *board_workspace_find(board *b, istauth_str id);
board_card *board_card_find(const board_workspace *w, int64_t id);
board_entry *board_task_find(const board_workspace *w, int64_t id);
board_entry *board_attachment_find(const board_workspace *w, int64_t id);

/* "todo", "doing", "done"; BOARD_COLUMNS for any other name. */
const char *board_column_name(board_column column);
board_column board_column_named(const char *name);

/* Each gives NULL or false, and leaves the board as it was, when a limit is reached or there is no
 * memory. Texts are copied. */
board_card *board_card_add(board *b, board_workspace *w, const char *author, const char *title,
                           const char *description, board_column column);
/* NULL keeps the old text. */
bool board_card_rewrite(board *b, board_card *card, const char *title, const char *description);
board_entry *board_entry_add(board *b, board_list *list, const char *author, const char *name,
                             const char *text);
board_entry *board_chat_add(board *b, board_workspace *w, const char *author, const char *text);

/* Used by the seeds. */
board_workspace *board_workspace_add(board *b, const char *id, const char *name);
bool board_seed(board *b);

#endif
