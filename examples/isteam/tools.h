/* The tools that the MCP endpoint offers: what each is called, takes and needs. */
#ifndef ISTEAM_TOOLS_H
#define ISTEAM_TOOLS_H

#include "board.h"
#include "mcp_json.h"

#define TOOL_ARGUMENTS_MAX 5
#define TOOL_PROBLEM_SIZE 320
#define TOOL_ID_MAX 2147483647

/* One call. By the time `run` sees it, scope and workspace were granted, the arguments fit
 * the tool's table, and the board is locked. */
typedef struct tool_call {
    board *board;
    board_workspace *workspace; /* NULL for a tool that names none */
    istauth_str_list granted;   /* all workspaces of this connection */
    const char *author;         /* who is calling, for people to read */
    const cJSON *arguments;     /* NULL or an object */
    json_out *out;
    cJSON *result;                   /* to be filled: the structured content */
    char problem[TOOL_PROBLEM_SIZE]; /* what went wrong, when `run` gives false: a sentence for the
                                        model */
} tool_call;

typedef enum tool_argument_kind {
    TOOL_WORKSPACE, /* the id of one */
    TOOL_ID,        /* of a card, task, attachment or message */
    TOOL_LINE,      /* text without line breaks */
    TOOL_TEXT,
    TOOL_COLUMN,
    TOOL_COUNT
} tool_argument_kind;

typedef struct tool_argument {
    const char *name; /* NULL ends the list */
    tool_argument_kind kind;
    bool optional;
    unsigned max; /* characters of a text, or the largest count */
    const char *description;
} tool_argument;

enum { /* tool.flags */
       TOOL_WRITES = 1u << 0,
       TOOL_DESTROYS = 1u << 1,  /* takes away or overwrites */
       TOOL_IDEMPOTENT = 1u << 2 /* doing it twice is doing it once */
};

typedef struct tool {
    const char *name, *title, *description;
    unsigned flags;
    tool_argument arguments[TOOL_ARGUMENTS_MAX];
    bool (*run)(tool_call *call);
} tool;

/* tool_table.c */
extern const tool tools[];
extern const size_t tool_count;

/* NULL when there is none. */
const tool *tool_find(const char *name);

/* The scope that calling it takes. */
istauth_str tool_scope(const tool *t);

/* Does it work in a workspace that its arguments name? */
bool tool_names_workspace(const tool *t);

/* Append every tool's definition to an array. */
void tools_describe(json_out *out, cJSON *array);

/* Do the arguments (NULL or an object) fit? Otherwise `problem` says what to change. */
bool tool_arguments_fit(const tool *t, const cJSON *arguments, char problem[TOOL_PROBLEM_SIZE]);

/* tool_read.c */
bool tool_list_workspaces(tool_call *call);
bool tool_list_cards(tool_call *call);
bool tool_get_card(tool_call *call);
bool tool_search_cards(tool_call *call);
bool tool_get_attachment(tool_call *call);
bool tool_get_chat_history(tool_call *call);

/* tool_write.c */
bool tool_create_card(tool_call *call);
bool tool_update_card(tool_call *call);
bool tool_move_card(tool_call *call);
bool tool_archive_card(tool_call *call);
bool tool_add_task(tool_call *call);
bool tool_complete_task(tool_call *call);
bool tool_add_comment(tool_call *call);
bool tool_attach_text(tool_call *call);
bool tool_post_chat_message(tool_call *call);

/* Shared by both: the card that the argument "card" names, archived or not at all: NULL then, with
 * the problem said. */
board_card *tool_card(tool_call *call);
int64_t tool_number(const tool_call *call, const char *name, int64_t otherwise);
bool tool_problem(tool_call *call, const char *sentence); /* false, for `return` */
void tool_put_card(tool_call *call, cJSON *to, const char *name, const board_card *card);
void tool_put_entry(tool_call *call, cJSON *to, const char *name, const board_entry *entry);

#endif
