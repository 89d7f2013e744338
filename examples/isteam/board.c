#include "board.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct board {
    pthread_mutex_t mutex;
    board_workspace *workspaces;
    int64_t last_id;
    size_t bytes_left;
};

/* --- texts, each charged to one budget --- */

static char *keep(board *b, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy;

    if (size > b->bytes_left)
        return NULL;
    copy = malloc(size);
    if (!copy)
        return NULL;
    memcpy(copy, text, size);
    b->bytes_left -= size;
    return copy;
}

static void drop(board *b, char *text)
{
    if (!text)
        return;
    b->bytes_left += strlen(text) + 1;
    free(text);
}

/* --- entries --- */

static void entry_free(board *b, board_entry *e)
{
    drop(b, e->author);
    drop(b, e->name);
    drop(b, e->text);
    free(e);
}

static void list_free(board *b, board_list *list)
{
    while (list->first) {
        board_entry *next = list->first->next;

        entry_free(b, list->first);
        list->first = next;
    }
}

board_entry *board_entry_add(board *b, board_list *list, const char *author, const char *name,
                             const char *text)
{
    board_entry *e;

    if (list->count >= list->max)
        return NULL;
    e = calloc(1, sizeof(*e));
    if (!e)
        return NULL;
    e->author = keep(b, author);
    e->name = keep(b, name);
    e->text = keep(b, text);
    if (!e->author || !e->name || !e->text) {
        entry_free(b, e);
        return NULL;
    }
    e->id = ++b->last_id;
    e->at = (istauth_time)time(NULL);
    if (list->last)
        list->last->next = e;
    else
        list->first = e;
    list->last = e;
    list->count++;
    return e;
}

static void list_drop_first(board *b, board_list *list)
{
    board_entry *first = list->first;

    list->first = first->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    entry_free(b, first);
}

board_entry *board_chat_add(board *b, board_workspace *w, const char *author, const char *text)
{
    board_entry *e = board_entry_add(b, &w->chat, author, "", text);

    if (e && w->chat.count > BOARD_CHAT_MAX)
        list_drop_first(b, &w->chat);
    return e;
}

static board_entry *entry_find(const board_list *list, int64_t id)
{
    board_entry *e = list->first;

    while (e && e->id != id)
        e = e->next;
    return e;
}

/* --- cards --- */

static void card_free(board *b, board_card *c)
{
    list_free(b, &c->tasks);
    list_free(b, &c->comments);
    list_free(b, &c->attachments);
    drop(b, c->author);
    drop(b, c->title);
    drop(b, c->description);
    free(c);
}

board_card *board_card_add(board *b, board_workspace *w, const char *author, const char *title,
                           const char *description, board_column column)
{
    board_card **end = &w->cards;
    board_card *c;

    if (w->card_count >= BOARD_CARDS_MAX)
        return NULL;
    c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    c->author = keep(b, author);
    c->title = keep(b, title);
    c->description = keep(b, description);
    if (!c->author || !c->title || !c->description) {
        card_free(b, c);
        return NULL;
    }
    c->id = ++b->last_id;
    c->at = (istauth_time)time(NULL);
    c->column = column;
    c->tasks.max = BOARD_TASKS_MAX;
    c->comments.max = BOARD_COMMENTS_MAX;
    c->attachments.max = BOARD_ATTACHMENTS_MAX;
    while (*end)
        end = &(*end)->next;
    *end = c;
    w->card_count++;
    return c;
}

static void swap_in(board *b, char **slot, char *text)
{
    if (!text)
        return;
    drop(b, *slot);
    *slot = text;
}

bool board_card_rewrite(board *b, board_card *card, const char *title, const char *description)
{
    char *new_title = title ? keep(b, title) : NULL;
    char *new_description = description ? keep(b, description) : NULL;

    if ((title && !new_title) || (description && !new_description)) {
        drop(b, new_title);
        drop(b, new_description);
        return false;
    }
    swap_in(b, &card->title, new_title);
    swap_in(b, &card->description, new_description);
    return true;
}

board_card *board_card_find(const board_workspace *w, int64_t id)
{
    board_card *c = w->cards;

    while (c && c->id != id)
        c = c->next;
    return c;
}

board_entry *board_task_find(const board_workspace *w, int64_t id)
{
    board_entry *e = NULL;

    for (const board_card *c = w->cards; c && !e; c = c->next)
        e = c->archived ? NULL : entry_find(&c->tasks, id);
    return e;
}

board_entry *board_attachment_find(const board_workspace *w, int64_t id)
{
    board_entry *e = NULL;

    for (const board_card *c = w->cards; c && !e; c = c->next)
        e = c->archived ? NULL : entry_find(&c->attachments, id);
    return e;
}

static const char *const column_names[BOARD_COLUMNS] = { "todo", "doing", "done" };

const char *board_column_name(board_column column)
{
    return column_names[column];
}

board_column board_column_named(const char *name)
{
    for (int i = 0; i < BOARD_COLUMNS; i++)
        if (strcmp(column_names[i], name) == 0)
            return (board_column)i;
    return BOARD_COLUMNS;
}

/* --- workspaces and the whole --- */

board_workspace *board_workspace_add(board *b, const char *id, const char *name)
{
    board_workspace **end = &b->workspaces;
    board_workspace *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->id = id;
    w->name = name;
    w->chat.max = BOARD_CHAT_MAX + 1; /* one more for a moment: see board_chat_add */
    while (*end)
        end = &(*end)->next;
    *end = w;
    return w;
}

board_workspace *board_workspace_find(board *b, istauth_str id)
{
    board_workspace *w = b->workspaces;

    while (w && !istauth_str_equal(istauth_str_of(w->id), id))
        w = w->next;
    return w;
}

static void workspace_free(board *b, board_workspace *w)
{
    while (w->cards) {
        board_card *next = w->cards->next;

        card_free(b, w->cards);
        w->cards = next;
    }
    list_free(b, &w->chat);
    free(w);
}

board *board_new(void)
{
    board *b = calloc(1, sizeof(*b));

    if (!b)
        return NULL;
    b->bytes_left = BOARD_BYTES_MAX;
    if (pthread_mutex_init(&b->mutex, NULL) != 0) {
        free(b);
        return NULL;
    }
    if (!board_seed(b)) {
        board_free(b);
        return NULL;
    }
    return b;
}

void board_free(board *b)
{
    if (!b)
        return;
    while (b->workspaces) {
        board_workspace *next = b->workspaces->next;

        workspace_free(b, b->workspaces);
        b->workspaces = next;
    }
    pthread_mutex_destroy(&b->mutex);
    free(b);
}

void board_lock(board *b)
{
    pthread_mutex_lock(&b->mutex);
}

void board_unlock(board *b)
{
    pthread_mutex_unlock(&b->mutex);
}
