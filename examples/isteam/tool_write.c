#include "tools.h"

#define FULL "The board has no room for it: a limit of this demonstration is reached."

static board_column column_argument(const tool_call *call, board_column otherwise)
{
    const char *name = json_get_text(call->arguments, "column");

    return name ? board_column_named(name) : otherwise;
}

/* The card as it is now. */
static bool done_with(tool_call *call, const board_card *card)
{
    tool_put_card(call, call->result, "card", card);
    return true;
}

bool tool_create_card(tool_call *call)
{
    const char *title = json_get_text(call->arguments, "title");
    const char *description = json_get_text(call->arguments, "description");
    const board_card *card =
        board_card_add(call->board, call->workspace, call->author, title,
                       description ? description : "", column_argument(call, BOARD_TODO));

    return card ? done_with(call, card) : tool_problem(call, FULL);
}

bool tool_update_card(tool_call *call)
{
    const char *title = json_get_text(call->arguments, "title");
    const char *description = json_get_text(call->arguments, "description");
    board_card *card = tool_card(call);

    if (!card)
        return false;
    if (!title && !description && !json_get(call->arguments, "column"))
        return tool_problem(call, "Give at least one of title, description and column.");
    if (!board_card_rewrite(call->board, card, title, description))
        return tool_problem(call, FULL);
    card->column = column_argument(call, card->column);
    return done_with(call, card);
}

bool tool_move_card(tool_call *call)
{
    board_card *card = tool_card(call);

    if (!card)
        return false;
    card->column = column_argument(call, card->column);
    return done_with(call, card);
}

bool tool_archive_card(tool_call *call)
{
    board_card *card = board_card_find(call->workspace, tool_number(call, "card", 0));

    if (!card)
        return tool_card(call) != NULL; /* says why not */
    card->archived = true;
    json_integer(call->out, call->result, "archived", card->id);
    return true;
}

/* `name` and `text` in a list of the card that was named. */
static bool add(tool_call *call, board_card *card, board_list *list, const char *kind)
{
    const char *name = json_get_text(call->arguments, "name");
    const char *text = json_get_text(call->arguments, "text");
    const board_entry *entry =
        board_entry_add(call->board, list, call->author, name ? name : "", text);

    if (!entry)
        return tool_problem(call, FULL);
    json_integer(call->out, call->result, kind, entry->id);
    return done_with(call, card);
}

bool tool_add_task(tool_call *call)
{
    board_card *card = tool_card(call);

    return card && add(call, card, &card->tasks, "task");
}

bool tool_add_comment(tool_call *call)
{
    board_card *card = tool_card(call);

    return card && add(call, card, &card->comments, "comment");
}

bool tool_attach_text(tool_call *call)
{
    board_card *card = tool_card(call);

    return card && add(call, card, &card->attachments, "attachment");
}

bool tool_complete_task(tool_call *call)
{
    board_entry *task = board_task_find(call->workspace, tool_number(call, "task", 0));

    if (!task)
        return tool_problem(call,
                            "There is no such task in this workspace; get_card shows those of "
                            "a card.");
    task->done = true;
    json_integer(call->out, call->result, "completed", task->id);
    json_text(call->out, call->result, "text", task->text);
    return true;
}

bool tool_post_chat_message(tool_call *call)
{
    const char *text = json_get_text(call->arguments, "text");
    const board_entry *message = board_chat_add(call->board, call->workspace, call->author, text);

    if (!message)
        return tool_problem(call, FULL);
    tool_put_entry(call, call->result, "message", message);
    return true;
}
