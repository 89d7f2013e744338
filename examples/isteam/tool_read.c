#include "tools.h"

#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define COMMENTS_SHOWN 20
#define HITS_MAX 50
#define MESSAGES_SHOWN 20
#define QUERY_BYTES 800 /* 200 characters: see tool_table.c */

/* --- shared with tool_write.c --- */

bool tool_problem(tool_call *call, const char *sentence)
{
    snprintf(call->problem, sizeof(call->problem), "%s", sentence);
    return false;
}

int64_t tool_number(const tool_call *call, const char *name, int64_t otherwise)
{
    const cJSON *value = json_get(call->arguments, name);

    return value ? (int64_t)value->valuedouble : otherwise; /* tool_arguments_fit saw it */
}

board_card *tool_card(tool_call *call)
{
    board_card *card = board_card_find(call->workspace, tool_number(call, "card", 0));

    if (card && !card->archived)
        return card;
    tool_problem(call, "There is no such card in this workspace; list_cards shows what there is.");
    return NULL;
}

static void put_time(tool_call *call, cJSON *to, istauth_time at)
{
    time_t seconds = (time_t)at;
    struct tm parts;
    char text[32];

    if (!gmtime_r(&seconds, &parts) || !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts))
        return;
    json_text(call->out, to, "at", text);
}

static size_t open_tasks(const board_card *card)
{
    size_t n = 0;

    for (const board_entry *e = card->tasks.first; e; e = e->next)
        n += !e->done;
    return n;
}

void tool_put_card(tool_call *call, cJSON *to, const char *name, const board_card *card)
{
    cJSON *o = json_object(call->out, to, name);

    json_integer(call->out, o, "id", card->id);
    json_text(call->out, o, "title", card->title);
    json_text(call->out, o, "column", board_column_name(card->column));
    json_text(call->out, o, "author", card->author);
    put_time(call, o, card->at);
    json_integer(call->out, o, "tasks", (int64_t)card->tasks.count);
    json_integer(call->out, o, "open_tasks", (int64_t)open_tasks(card));
    json_integer(call->out, o, "comments", (int64_t)card->comments.count);
    json_integer(call->out, o, "attachments", (int64_t)card->attachments.count);
}

void tool_put_entry(tool_call *call, cJSON *to, const char *name, const board_entry *entry)
{
    cJSON *o = json_object(call->out, to, name);

    json_integer(call->out, o, "id", entry->id);
    if (*entry->name)
        json_text(call->out, o, "name", entry->name);
    json_text(call->out, o, "text", entry->text);
    json_text(call->out, o, "author", entry->author);
    put_time(call, o, entry->at);
}

/* --- the tools --- */

bool tool_list_workspaces(tool_call *call)
{
    cJSON *array = json_array(call->out, call->result, "workspaces");

    for (size_t i = 0; i < call->granted.count; i++) {
        const board_workspace *w = board_workspace_find(call->board, call->granted.items[i]);
        cJSON *o;

        if (!w)
            continue; /* granted once, gone since */
        o = json_object(call->out, array, NULL);
        json_text(call->out, o, "id", w->id);
        json_text(call->out, o, "name", w->name);
    }
    return true;
}

bool tool_list_cards(tool_call *call)
{
    const char *column = json_get_text(call->arguments, "column");
    cJSON *array = json_array(call->out, call->result, "cards");

    for (const board_card *c = call->workspace->cards; c; c = c->next) {
        if (c->archived || (column && c->column != board_column_named(column)))
            continue;
        tool_put_card(call, array, NULL, c);
    }
    return true;
}

static void put_tasks(tool_call *call, const board_card *card)
{
    cJSON *array = json_array(call->out, call->result, "tasks");

    for (const board_entry *e = card->tasks.first; e; e = e->next) {
        cJSON *o = json_object(call->out, array, NULL);

        json_integer(call->out, o, "id", e->id);
        json_text(call->out, o, "text", e->text);
        json_bool(call->out, o, "done", e->done);
    }
}

static void put_attachment_names(tool_call *call, const board_card *card)
{
    cJSON *array = json_array(call->out, call->result, "attachments");

    for (const board_entry *e = card->attachments.first; e; e = e->next) {
        cJSON *o = json_object(call->out, array, NULL);

        json_integer(call->out, o, "id", e->id);
        json_text(call->out, o, "name", e->name);
        json_integer(call->out, o, "bytes", (int64_t)strlen(e->text));
    }
}

static void put_latest(tool_call *call, const char *name, const board_list *list, size_t shown)
{
    cJSON *array = json_array(call->out, call->result, name);
    size_t skip = list->count > shown ? list->count - shown : 0;

    for (const board_entry *e = list->first; e; e = e->next) {
        if (skip) {
            skip--;
            continue;
        }
        tool_put_entry(call, array, NULL, e);
    }
}

bool tool_get_card(tool_call *call)
{
    const board_card *card = tool_card(call);

    if (!card)
        return false;
    tool_put_card(call, call->result, "card", card);
    json_text(call->out, call->result, "description", card->description);
    put_tasks(call, card);
    put_attachment_names(call, card);
    put_latest(call, "latest_comments", &card->comments, COMMENTS_SHOWN);
    return true;
}

/* What to look for, prepared so that a search steps over each letter once and back at most as often,
 * however much nearly matches (Knuth, Morris and Pratt): the board is locked meanwhile. */
typedef struct needle {
    const char *text;
    size_t n;
    uint16_t back[QUERY_BYTES]; /* [i]: how much of its beginning text[0] to text[i] ends in */
} needle;

/* `matched` letters of it were there; how many are once `c` has followed. */
static size_t step(const needle *what, size_t matched, char c)
{
    c = text_lower(c);
    while (matched && text_lower(what->text[matched]) != c)
        matched = what->back[matched - 1];
    return matched + (text_lower(what->text[matched]) == c);
}

static bool prepare(needle *what, const char *text)
{
    what->text = text;
    what->n = strlen(text);
    if (!what->n || what->n > QUERY_BYTES)
        return false; /* tool_arguments_fit refused it */
    what->back[0] = 0;
    for (size_t i = 1; i < what->n; i++)
        what->back[i] = (uint16_t)step(what, what->back[i - 1], text[i]);
    return true;
}

static bool contains(const char *text, const needle *what)
{
    size_t matched = 0;

    for (; *text && matched < what->n; text++)
        matched = step(what, matched, *text);
    return matched == what->n;
}

static bool any_contains(const board_list *list, const needle *what)
{
    for (const board_entry *e = list->first; e; e = e->next)
        if (contains(e->text, what))
            return true;
    return false;
}

static bool card_contains(const board_card *card, const needle *what)
{
    return contains(card->title, what) || contains(card->description, what) ||
           any_contains(&card->tasks, what) || any_contains(&card->comments, what);
}

bool tool_search_cards(tool_call *call)
{
    cJSON *array = json_array(call->out, call->result, "cards");
    size_t hits = 0;
    needle what;

    if (!prepare(&what, json_get_text(call->arguments, "query")))
        return true;
    for (const board_card *c = call->workspace->cards; c && hits < HITS_MAX; c = c->next) {
        if (c->archived || !card_contains(c, &what))
            continue;
        tool_put_card(call, array, NULL, c);
        hits++;
    }
    return true;
}

bool tool_get_attachment(tool_call *call)
{
    const board_entry *file =
        board_attachment_find(call->workspace, tool_number(call, "attachment", 0));

    if (!file)
        return tool_problem(call, "There is no such attachment in this workspace; get_card shows "
                                  "those of a card.");
    tool_put_entry(call, call->result, "attachment", file);
    return true;
}

bool tool_get_chat_history(tool_call *call)
{
    int64_t before = tool_number(call, "before", (int64_t)TOOL_ID_MAX + 1);
    size_t limit = (size_t)tool_number(call, "limit", MESSAGES_SHOWN);
    board_list older = { call->workspace->chat.first, NULL, 0, 0 };
    cJSON *array = json_array(call->out, call->result, "messages");
    size_t skip;

    for (const board_entry *e = older.first; e && e->id < before; e = e->next)
        older.count++;
    skip = older.count > limit ? older.count - limit : 0;
    for (const board_entry *e = older.first; e && older.count; e = e->next, older.count--) {
        if (skip)
            skip--;
        else
            tool_put_entry(call, array, NULL, e);
    }
    return true;
}
