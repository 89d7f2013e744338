#include "tools.h"

/* clang-format off */
#define WORKSPACE { "workspace", TOOL_WORKSPACE, false, 0, \
    "Id of the workspace, such as ws_engine; list_workspaces gives those of this connection" }
#define CARD { "card", TOOL_ID, false, 0, "Id of the card, from list_cards or search_cards" }
#define COLUMN(optional, text) { "column", TOOL_COLUMN, optional, 0, text }

const tool tools[] = {
    { "list_workspaces", "List workspaces",
      "The workspaces that this connection may use. Start here: every other tool names one.",
      TOOL_IDEMPOTENT, { { NULL, TOOL_ID, false, 0, NULL } }, tool_list_workspaces },
    { "list_cards", "List cards",
      "The cards of a workspace that are not archived, oldest first, without their details.",
      TOOL_IDEMPOTENT, { WORKSPACE, COLUMN(true, "Only the cards of this column") },
      tool_list_cards },
    { "get_card", "Get a card",
      "One card with its description, its tasks, the names of its attachments and its latest 20 "
      "comments.",
      TOOL_IDEMPOTENT, { WORKSPACE, CARD }, tool_get_card },
    { "search_cards", "Search cards",
      "Cards of a workspace whose title, description, tasks or comments contain a text; ASCII "
      "letters match whatever their case.",
      TOOL_IDEMPOTENT, { WORKSPACE, { "query", TOOL_LINE, false, 200, "The text to look for" } },
      tool_search_cards },
    { "create_card", "Create a card", "Add a card to a workspace.",
      TOOL_WRITES,
      { WORKSPACE, { "title", TOOL_LINE, false, 200, "The card's title, one line" },
        { "description", TOOL_TEXT, true, 4000, "What it is about" },
        COLUMN(true, "Where it starts; todo if left out") },
      tool_create_card },
    { "update_card", "Update a card",
      "Replace a card's title, description or column; what is left out stays as it is.",
      TOOL_WRITES | TOOL_DESTROYS | TOOL_IDEMPOTENT,
      { WORKSPACE, CARD, { "title", TOOL_LINE, true, 200, "The new title, one line" },
        { "description", TOOL_TEXT, true, 4000, "The new description" },
        COLUMN(true, "The new column") },
      tool_update_card },
    { "move_card", "Move a card", "Move a card to another column.",
      TOOL_WRITES | TOOL_IDEMPOTENT, { WORKSPACE, CARD, COLUMN(false, "Where it goes") },
      tool_move_card },
    { "archive_card", "Archive a card",
      "Take a card off the board with all that is on it. No tool brings it back.",
      TOOL_WRITES | TOOL_DESTROYS | TOOL_IDEMPOTENT, { WORKSPACE, CARD }, tool_archive_card },
    { "add_task", "Add a task", "Add an open task to a card's list.",
      TOOL_WRITES,
      { WORKSPACE, CARD, { "text", TOOL_LINE, false, 200, "What is to be done, one line" } },
      tool_add_task },
    { "complete_task", "Complete a task", "Tick a task off.",
      TOOL_WRITES | TOOL_IDEMPOTENT,
      { WORKSPACE, { "task", TOOL_ID, false, 0, "Id of the task, from get_card" } },
      tool_complete_task },
    { "add_comment", "Add a comment", "Comment on a card.",
      TOOL_WRITES, { WORKSPACE, CARD, { "text", TOOL_TEXT, false, 2000, "The comment" } },
      tool_add_comment },
    { "attach_text", "Attach a text", "Attach a text file to a card.",
      TOOL_WRITES,
      { WORKSPACE, CARD, { "name", TOOL_LINE, false, 120, "The file's name, such as notes.txt" },
        { "text", TOOL_TEXT, false, 20000, "The file's content" } },
      tool_attach_text },
    { "get_attachment", "Get an attachment", "An attachment with its text.",
      TOOL_IDEMPOTENT,
      { WORKSPACE, { "attachment", TOOL_ID, false, 0, "Id of the attachment, from get_card" } },
      tool_get_attachment },
    { "get_chat_history", "Get the chat history",
      "Messages of a workspace's chat, oldest first; the latest ones unless `before` is given.",
      TOOL_IDEMPOTENT,
      { WORKSPACE, { "limit", TOOL_COUNT, true, 50, "How many at most; 20 if left out" },
        { "before", TOOL_ID, true, 0, "Only messages older than the one with this id" } },
      tool_get_chat_history },
    { "post_chat_message", "Post a chat message", "Say something in a workspace's chat.",
      TOOL_WRITES, { WORKSPACE, { "text", TOOL_TEXT, false, 1000, "The message" } },
      tool_post_chat_message },
};
/* clang-format on */

const size_t tool_count = sizeof(tools) / sizeof(tools[0]);
