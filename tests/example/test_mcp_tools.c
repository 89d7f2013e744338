/* The tools of the MCP endpoint: what each does, and who may not call it. */
#include "mcp_rig.c" /* one program per test file, each with a rig of its own */

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define TWO_WORKSPACES                        \
    "{\"name\":\"list_cards\",\"arguments\":" \
    "{\"workspace\":\"ws_engine\",\"workspace\":\"ws_home\"}}"
#define CONTENT "result.structuredContent."

/* --- helpers --- */

/* A call that must succeed: the text block repeats the structured content. */
static void call(rig *g, const char *tool, const char *arguments)
{
    cJSON *copy;

    rig_call(g, g->writer, tool, arguments);
    assert_int_equal(g->r.status, 200);
    assert_false(rig_is(g, "result.isError"));
    copy = cJSON_Parse(rig_text(g, "result.content.0.text"));
    assert_true(cJSON_Compare(copy, rig_at(g, "result.structuredContent"), true));
    cJSON_Delete(copy);
}

/* A call that must fail in a way that the model can cure. */
static void call_badly(rig *g, const char *tool, const char *arguments, const char *why)
{
    rig_call(g, g->writer, tool, arguments);
    assert_int_equal(g->r.status, 200);
    assert_true(rig_is(g, "result.isError"));
    assert_null(rig_at(g, "result.structuredContent"));
    assert_non_null(strstr(rig_text(g, "result.content.0.text"), why));
}

/* The id of the first card that a search finds; "workspace" of the writer's. */
static int card_in(rig *g, const char *workspace, const char *query)
{
    char arguments[256];

    snprintf(arguments, sizeof(arguments), "{\"workspace\":\"%s\",\"query\":\"%s\"}", workspace,
             query);
    call(g, "search_cards", arguments);
    return rig_int(g, CONTENT "cards.0.id");
}

static const char *with_id(char room[512], const char *format, int id)
{
    const char *at = strchr(format, '#');

    assert_non_null(at);
    snprintf(room, 512, "%.*s%d%s", (int)(at - format), format, id, at + 1);
    return room;
}

static int get_card(rig *g, int id)
{
    char room[512];

    call(g, "get_card", with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#}", id));
    return rig_int(g, CONTENT "card.id");
}

/* --- the list --- */

static bool is_reading(const char *name)
{
    return strncmp(name, "list_", 5) == 0 || strncmp(name, "get_", 4) == 0 ||
           strncmp(name, "search_", 7) == 0;
}

static bool is_destroying(const char *name)
{
    return strcmp(name, "archive_card") == 0 || strcmp(name, "update_card") == 0;
}

static cJSON *definitions(rig *g)
{
    rig_post(g, g->reader, "", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
    assert_int_equal(g->r.status, 200);
    return cJSON_Duplicate(rig_at(g, "result.tools"), true);
}

static bool flag(const cJSON *object, const char *name)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

    assert_true(cJSON_IsBool(value));
    return cJSON_IsTrue(value);
}

static const char *name_in(const cJSON *definition)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(definition, "name"));
}

static void check_schema(const cJSON *definition)
{
    const cJSON *schema = cJSON_GetObjectItemCaseSensitive(definition, "inputSchema");
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required");
    const cJSON *at;

    assert_false(flag(schema, "additionalProperties"));
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(properties, "workspace") != NULL,
                     strcmp(name_in(definition), "list_workspaces") != 0);
    cJSON_ArrayForEach(at, properties)
    {
        assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(at, "description")));
        assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(at, "type")));
    }
    cJSON_ArrayForEach(at, required)
        assert_non_null(cJSON_GetObjectItemCaseSensitive(properties, at->valuestring));
}

static void test_each_tool_is_described_and_annotated(void **state)
{
    cJSON *list = definitions(*state);
    const cJSON *at;

    assert_int_equal(cJSON_GetArraySize(list), 15);
    cJSON_ArrayForEach(at, list)
    {
        const cJSON *hints = cJSON_GetObjectItemCaseSensitive(at, "annotations");

        assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(at, "title")));
        assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(at, "description")));
        assert_int_equal(flag(hints, "readOnlyHint"), is_reading(name_in(at)));
        assert_int_equal(flag(hints, "destructiveHint"), is_destroying(name_in(at)));
        assert_false(flag(hints, "openWorldHint"));
        flag(hints, "idempotentHint");
        check_schema(at);
    }
    cJSON_Delete(list);
}

/* --- who may call --- */

static void assert_scope_asked_for(const rig *g, const char *scope)
{
    const char *challenge = rig_header(g, "WWW-Authenticate");
    char expected[64];

    assert_int_equal(g->r.status, 403);
    assert_non_null(challenge);
    assert_int_equal(strncmp(challenge, "Bearer error=\"insufficient_scope\"", 33), 0);
    snprintf(expected, sizeof(expected), " scope=\"%s\"", scope);
    assert_non_null(strstr(challenge, expected));
    assert_non_null(strstr(challenge, "resource_metadata=\""));
    assert_int_equal(rig_int(g, "id"), 7);
    assert_string_equal(rig_text(g, "error.data.scope"), scope);
}

/* Scope is looked at first: these calls have no arguments at all. */
static void test_be_12_a_reader_may_read_and_nothing_else(void **state)
{
    rig *g = *state;
    cJSON *list = definitions(g);
    const cJSON *at;

    cJSON_ArrayForEach(at, list)
    {
        rig_call(g, g->reader, name_in(at), "{}");
        if (!is_reading(name_in(at))) {
            assert_scope_asked_for(g, "mcp");
            continue;
        }
        assert_int_equal(g->r.status, 200);
        assert_int_equal(rig_is(g, "result.isError"), strcmp(name_in(at), "list_workspaces") != 0);
    }
    cJSON_Delete(list);
}

static void test_be_12_a_refused_write_changed_nothing(void **state)
{
    rig *g = *state;

    rig_call(g, g->reader, "create_card", "{\"workspace\":\"ws_engine\",\"title\":\"smuggled\"}");
    assert_scope_asked_for(g, "mcp");
    call(g, "search_cards", "{\"workspace\":\"ws_engine\",\"query\":\"smuggled\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 0);
    call(g, "create_card", "{\"workspace\":\"ws_engine\",\"title\":\"welcome\"}");
}

static void test_be_12_a_modern_client_is_asked_for_the_scope_too(void **state)
{
    rig *g = *state;

    rig_post(g, g->reader,
             "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: add_task\r\n",
             "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/"
             "call\",\"params\":{\"name\":\"add_task\"," MODERN_META "}}");
    assert_scope_asked_for(g, "mcp");
}

static void assert_workspace_refused(const rig *g)
{
    assert_int_equal(g->r.status, 403);
    assert_null(rig_header(g, "WWW-Authenticate"));
    assert_null(rig_at(g, "result"));
    assert_string_equal(rig_text(g, "error.data.reason"), "workspace_not_granted");
    assert_non_null(strstr(rig_text(g, "error.message"), "Settings"));
    assert_int_equal(rig_int(g, "id"), 7);
}

/* ws_home exists, ws_nowhere does not; "WS_ENGINE" and "ws_engine/" are not quite a granted one. */
static void test_a_workspace_that_was_not_ticked_is_refused(void **state)
{
    static const char *const ids[] = { "ws_home",    "ws_compilers",      "ws_nowhere", "WS_ENGINE",
                                       "ws_engine/", "ws_engine,ws_home", "ws engine",  "*" };
    rig *g = *state;
    cJSON *list = definitions(g);
    const cJSON *at;
    char arguments[64];

    cJSON_ArrayForEach(at, list)
    {
        for (size_t i = 0; strcmp(name_in(at), "list_workspaces") != 0 && i < 8; i++) {
            snprintf(arguments, sizeof(arguments), "{\"workspace\":\"%s\"}", ids[i]);
            rig_call(g, g->writer, name_in(at), arguments);
            assert_workspace_refused(g);
        }
    }
    cJSON_Delete(list);
    rig_call(g, g->writer, "list_cards", "{\"workspace\":\"ws_home\"}");
    assert_non_null(strstr(rig_text(g, "error.message"), "the workspace ws_home."));
    rig_call(g, g->reader, "list_cards", "{\"workspace\":\"ws_home\"}");
    assert_workspace_refused(g);
}

static void test_the_host_may_take_a_workspace_back(void **state)
{
    rig *g = *state;

    call(g, "list_cards", "{\"workspace\":\"ws_engine\"}");
    g->standing = ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE;
    rig_call(g, g->writer, "list_cards", "{\"workspace\":\"ws_engine\"}");
    assert_workspace_refused(g);
    g->standing = ISTAUTH_E_UNAVAILABLE;
    rig_call(g, g->writer, "list_cards", "{\"workspace\":\"ws_engine\"}");
    assert_int_equal(g->r.status, 503);
    assert_null(rig_header(g, "WWW-Authenticate"));
    assert_non_null(rig_at(g, "error"));
}

/* Ids are counters: what is in the next workspace is easily guessed. */
static void test_ids_of_another_workspace_do_not_exist(void **state)
{
    static const struct {
        const char *tool, *arguments;
    } table[] = {
        { "get_card", "\"card\":#" },
        { "update_card", "\"card\":#,\"title\":\"stolen\"" },
        { "move_card", "\"card\":#,\"column\":\"done\"" },
        { "add_task", "\"card\":#,\"text\":\"x\"" },
        { "add_comment", "\"card\":#,\"text\":\"x\"" },
        { "attach_text", "\"card\":#,\"name\":\"x\",\"text\":\"x\"" },
        { "complete_task", "\"task\":#" },
        { "get_attachment", "\"attachment\":#" },
        { "archive_card", "\"card\":#" },
    };
    static const char *const homes[] = { "ws_engine", "ws_notes" };
    rig *g = *state;
    char room[512], arguments[600];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (int id = 1; id <= 130; id++) {
            int owners = 0;

            for (size_t home = 0; home < 2; home++) {
                snprintf(arguments, sizeof(arguments), "{\"workspace\":\"%s\",%s}", homes[home],
                         with_id(room, table[i].arguments, id));
                rig_call(g, g->writer, table[i].tool, arguments);
                owners += !rig_is(g, "result.isError");
            }
            assert_in_range(owners, 0, 1); /* never both */
        }
    }
    rig_call(g, g->grace, "search_cards", "{\"workspace\":\"ws_compilers\",\"query\":\"stolen\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 0);
    rig_call(g, g->grace, "list_cards", "{\"workspace\":\"ws_compilers\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 2);
}

/* The same, with an id that is known to be another's. */
static void test_a_neighbours_card_is_not_there(void **state)
{
    rig *g = *state;
    char room[512];
    int id;

    rig_call(g, g->grace, "list_cards", "{\"workspace\":\"ws_compilers\"}");
    id = rig_int(g, CONTENT "cards.0.id");
    call_badly(g, "get_card", with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#}", id),
               "no such card");
    call_badly(g, "archive_card", with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#}", id),
               "no such card");
    rig_call(g, g->grace, "get_card",
             with_id(room, "{\"workspace\":\"ws_compilers\",\"card\":#}", id));
    assert_int_equal(rig_int(g, CONTENT "card.id"), id);
}

/* --- calls that do not fit --- */

static void test_unknown_tools_are_a_protocol_error(void **state)
{
    static const char *const params[] = {
        "{\"name\":\"drop_table\"}",
        "{\"name\":\"List_Cards\"}",
        "{\"name\":\"\"}",
        "{\"name\":7}",
        "{}",
        "{\"name\":\"list_workspaces\",\"arguments\":[]}",
        "{\"name\":\"list_cards\",\"arguments\":\"ws_engine\"}",
        TWO_WORKSPACES,
    };
    rig *g = *state;
    char body[512];

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
        snprintf(body, sizeof(body),
                 "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":%s}",
                 params[i]);
        rig_post(g, g->writer, "", body);
        assert_int_equal(g->r.status, 200);
        assert_int_equal(rig_int(g, "error.code"), -32602);
    }
}

static void test_arguments_that_do_not_fit_are_explained(void **state)
{
    static const struct {
        const char *tool, *arguments, *why;
    } table[] = {
        { "list_cards", "{}", "\"workspace\" is missing" },
        { "list_cards", "{\"workspace\":7}", "\"workspace\" must be a text" },
        { "list_cards", "{\"workspace\":null}", "\"workspace\" must be a text" },
        { "list_cards", "{\"workspace\":\"\"}", "\"workspace\" is not the id" },
        { "list_cards", "{\"workspace\":[\"ws_engine\"]}", "\"workspace\" must be a text" },
        { "list_cards", "{\"Workspace\":\"ws_engine\"}", "\"workspace\" is missing" },
        { "list_cards", "{\"workspace\":\"ws_engine\",\"colour\":\"red\"}", "does not know" },
        { "list_cards", "{\"workspace\":\"ws_engine\",\"column\":\"Done\"}", "todo, doing, done" },
        { "list_workspaces", "{\"workspace\":\"ws_engine\"}", "does not know" },
        { "get_card", "{\"workspace\":\"ws_engine\"}", "\"card\" is missing" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":\"1\"}", "\"card\" must be a whole" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":0}", "\"card\" must be a whole" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":-1}", "\"card\" must be a whole" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":1.5}", "\"card\" must be a whole" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":1e99}", "\"card\" must be a whole" },
        { "get_card", "{\"workspace\":\"ws_engine\",\"card\":2147483647}", "no such card" },
        { "get_chat_history", "{\"workspace\":\"ws_engine\",\"limit\":51}", "1 to 50" },
        { "create_card", "{\"workspace\":\"ws_engine\",\"title\":\"\"}", "must not be empty" },
        { "create_card", "{\"workspace\":\"ws_engine\",\"title\":\"a\\nb\"}", "one line" },
        { "add_comment", "{\"workspace\":\"ws_engine\",\"card\":1,\"text\":\"\\u001b[2J\"}",
          "control" },
        { "update_card", "{\"workspace\":\"ws_engine\",\"card\":1}", "at least one" },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        call_badly(*state, table[i].tool, table[i].arguments, table[i].why);
}

/* Characters, not bytes: 200 of them of two bytes fit a title, 201 do not. */
static void test_lengths_are_counted_in_characters(void **state)
{
    rig *g = *state;
    char title[403] = "", arguments[512];

    for (int i = 0; i < 200; i++)
        memcpy(title + 2 * i, "\xc3\xa9", 3);
    snprintf(arguments, sizeof(arguments), "{\"workspace\":\"ws_engine\",\"title\":\"%s\"}", title);
    call(g, "create_card", arguments);
    assert_string_equal(rig_text(g, CONTENT "card.title"), title);
    snprintf(arguments, sizeof(arguments), "{\"workspace\":\"ws_engine\",\"title\":\"%sx\"}",
             title);
    call_badly(g, "create_card", arguments, "200 characters at most");
}

static void test_a_workspace_holds_so_many_cards(void **state)
{
    rig *g = *state;
    int made = 0;

    do {
        rig_call(g, g->writer, "create_card",
                 "{\"workspace\":\"ws_notes\",\"title\":\"one more\"}");
        assert_int_equal(g->r.status, 200);
        made++;
    } while (!rig_is(g, "result.isError") && made < 1000);
    assert_int_equal(made, BOARD_CARDS_MAX - 2 + 1); /* two were there; the last was refused */
    assert_non_null(strstr(rig_text(g, "result.content.0.text"), "no room"));
    call(g, "list_cards", "{\"workspace\":\"ws_notes\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), BOARD_CARDS_MAX);
}

/* --- each tool --- */

static void test_list_workspaces_shows_the_granted_ones(void **state)
{
    rig *g = *state;

    call(g, "list_workspaces", "{}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "workspaces")), 2);
    assert_string_equal(rig_text(g, CONTENT "workspaces.0.id"), "ws_engine");
    assert_string_equal(rig_text(g, CONTENT "workspaces.0.name"), "Analytical Engine");
    assert_string_equal(rig_text(g, CONTENT "workspaces.1.name"), "Notes");
    rig_post(g, g->grace, "",
             "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\","
             "\"params\":{\"name\":\"list_workspaces\"}}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "workspaces")), 1);
    assert_string_equal(rig_text(g, CONTENT "workspaces.0.id"), "ws_compilers");
}

static void test_list_cards_filters_by_column(void **state)
{
    rig *g = *state;

    call(g, "list_cards", "{\"workspace\":\"ws_engine\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 3);
    assert_string_equal(rig_text(g, CONTENT "cards.0.title"), "Compute the Bernoulli numbers");
    assert_int_equal(rig_int(g, CONTENT "cards.0.tasks"), 4);
    assert_int_equal(rig_int(g, CONTENT "cards.0.open_tasks"), 2);
    call(g, "list_cards", "{\"workspace\":\"ws_engine\",\"column\":\"done\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 1);
    assert_string_equal(rig_text(g, CONTENT "cards.0.column"), "done");
}

static void test_get_card_shows_what_is_on_it(void **state)
{
    rig *g = *state;

    get_card(g, card_in(g, "ws_engine", "bernoulli"));
    assert_non_null(strstr(rig_text(g, CONTENT "description"), "B7"));
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "tasks")), 4);
    assert_true(rig_is(g, CONTENT "tasks.0.done"));
    assert_false(rig_is(g, CONTENT "tasks.2.done"));
    assert_string_equal(rig_text(g, CONTENT "attachments.0.name"), "note-g.txt");
    assert_string_equal(rig_text(g, CONTENT "latest_comments.0.author"), "Charles Babbage");
    assert_non_null(strstr(rig_text(g, CONTENT "card.at"), "T"));
}

static void test_search_finds_comments_whatever_their_case(void **state)
{
    rig *g = *state;

    call(g, "search_cards", "{\"workspace\":\"ws_engine\",\"query\":\"THREE TIMES its length\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 1);
    call(g, "search_cards", "{\"workspace\":\"ws_engine\",\"query\":\"moth\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 0);
}

static void test_search_finds_what_begins_inside_a_near_miss(void **state)
{
    static const struct {
        const char *query;
        int hits;
    } cases[] = { { "aabaaac", 1 }, { "AAABAAABAAAC", 1 }, { "baaac", 1 }, { "aac", 1 },
                  { "aabaab", 0 },  { "aaacx", 0 },        { "aaaa", 0 },  { "aaabaaabaaaca", 0 } };
    rig *g = *state;
    char arguments[128];

    call(g, "create_card", "{\"workspace\":\"ws_engine\",\"title\":\"aaabaaabaaac\"}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments), "{\"workspace\":\"ws_engine\",\"query\":\"%s\"}",
                 cases[i].query);
        call(g, "search_cards", arguments);
        assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), cases[i].hits);
    }
}

static void test_a_card_is_made_changed_moved_and_archived(void **state)
{
    rig *g = *state;
    char room[512];
    int id;

    call(g, "create_card",
         "{\"workspace\":\"ws_engine\",\"title\":\"Oil\",\"description\":\"two\\nlines\"}");
    id = rig_int(g, CONTENT "card.id");
    assert_string_equal(rig_text(g, CONTENT "card.column"), "todo");
    assert_string_equal(rig_text(g, CONTENT "card.author"), "Ada Lovelace");
    call(g, "update_card",
         with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#,\"title\":\"Grease\"}", id));
    assert_string_equal(rig_text(g, CONTENT "card.title"), "Grease");
    call(g, "move_card",
         with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#,\"column\":\"doing\"}", id));
    get_card(g, id);
    assert_string_equal(rig_text(g, CONTENT "card.title"), "Grease");
    assert_string_equal(rig_text(g, CONTENT "card.column"), "doing");
    assert_string_equal(rig_text(g, CONTENT "description"), "two\nlines");
    for (int twice = 0; twice < 2; twice++) {
        call(g, "archive_card", with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#}", id));
        assert_int_equal(rig_int(g, CONTENT "archived"), id);
    }
    call_badly(g, "get_card", with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#}", id),
               "no such card");
    call(g, "search_cards", "{\"workspace\":\"ws_engine\",\"query\":\"Grease\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "cards")), 0);
}

static void test_tasks_are_added_and_completed(void **state)
{
    rig *g = *state;
    int card = card_in(g, "ws_engine", "carry");
    char room[512];
    int task;

    call(g, "add_task",
         with_id(room, "{\"workspace\":\"ws_engine\",\"card\":#,\"text\":\"Recut the arms\"}",
                 card));
    task = rig_int(g, CONTENT "task");
    assert_int_equal(rig_int(g, CONTENT "card.open_tasks"), 3);
    call(g, "complete_task", with_id(room, "{\"workspace\":\"ws_engine\",\"task\":#}", task));
    assert_string_equal(rig_text(g, CONTENT "text"), "Recut the arms");
    get_card(g, card);
    assert_int_equal(rig_int(g, CONTENT "card.open_tasks"), 2);
    assert_true(rig_is(g, CONTENT "tasks.2.done"));
}

static void test_comments_are_added_and_the_latest_shown(void **state)
{
    rig *g = *state;
    int card = card_in(g, "ws_engine", "carry");
    char room[512];

    for (int i = 0; i < 21; i++)
        call(g, "add_comment",
             with_id(room,
                     "{\"workspace\":\"ws_engine\",\"card\":#,\"text\":\"\xc3\x89t\xc3\xa9\\n2\"}",
                     card));
    get_card(g, card);
    assert_int_equal(rig_int(g, CONTENT "card.comments"), 22);
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "latest_comments")), 20);
    assert_string_equal(rig_text(g, CONTENT "latest_comments.19.text"), "\xc3\x89t\xc3\xa9\n2");
    assert_string_equal(rig_text(g, CONTENT "latest_comments.19.author"), "Ada Lovelace");
}

static void test_texts_are_attached_and_read_back(void **state)
{
    rig *g = *state;
    int card = card_in(g, "ws_engine", "carry");
    char room[512];
    int file;

    call(g, "attach_text",
         with_id(room,
                 "{\"workspace\":\"ws_engine\",\"card\":#,\"name\":\"play.csv\","
                 "\"text\":\"arm,play\\n1,\\\"0.2\\\"\\n\"}",
                 card));
    file = rig_int(g, CONTENT "attachment");
    call(g, "get_attachment",
         with_id(room, "{\"workspace\":\"ws_engine\",\"attachment\":#}", file));
    assert_string_equal(rig_text(g, CONTENT "attachment.name"), "play.csv");
    assert_string_equal(rig_text(g, CONTENT "attachment.text"), "arm,play\n1,\"0.2\"\n");
}

static void test_chat_is_read_in_pages_and_written(void **state)
{
    rig *g = *state;
    char room[512];
    int oldest_shown;

    call(g, "post_chat_message", "{\"workspace\":\"ws_engine\",\"text\":\"Tea?\"}");
    assert_string_equal(rig_text(g, CONTENT "message.author"), "Ada Lovelace");
    call(g, "get_chat_history", "{\"workspace\":\"ws_engine\"}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "messages")), 5);
    assert_string_equal(rig_text(g, CONTENT "messages.4.text"), "Tea?");
    call(g, "get_chat_history", "{\"workspace\":\"ws_engine\",\"limit\":2}");
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "messages")), 2);
    assert_string_equal(rig_text(g, CONTENT "messages.1.text"), "Tea?");
    oldest_shown = rig_int(g, CONTENT "messages.0.id");
    call(g, "get_chat_history",
         with_id(room, "{\"workspace\":\"ws_engine\",\"limit\":2,\"before\":#}", oldest_shown));
    assert_int_equal(cJSON_GetArraySize(rig_at(g, CONTENT "messages")), 2);
    assert_true(rig_int(g, CONTENT "messages.1.id") < oldest_shown);
}

static void test_old_chat_makes_room_for_new(void **state)
{
    rig *g = *state;
    board_workspace *w = board_workspace_find(g->board, ISTAUTH_STR("ws_notes"));
    char text[32];

    for (int i = 0; i < BOARD_CHAT_MAX + 5; i++) {
        snprintf(text, sizeof(text), "message %d", i);
        assert_non_null(board_chat_add(g->board, w, "Ada Lovelace", text));
    }
    assert_int_equal(w->chat.count, BOARD_CHAT_MAX);
    assert_string_equal(w->chat.first->text, "message 5");
}

/* A person whom the directory does not know (any more) signs with his subject. */
static void test_an_unknown_author_is_his_subject(void **state)
{
    rig *g = *state;

    rig_call(g, g->grace, "post_chat_message", "{\"workspace\":\"ws_compilers\",\"text\":\"hm\"}");
    assert_string_equal(rig_text(g, CONTENT "message.author"), "person_grace");
}

/* The largest text that may be attached, with the most expansion on its way out, still comes back.
 */
static void test_the_largest_attachment_fits_a_response(void **state)
{
    rig *g = *state;
    char *body = malloc(50000);
    int card = card_in(g, "ws_engine", "carry");
    char room[512];
    int n, file;

    assert_non_null(body);
    n = snprintf(body, 50000,
                 "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":"
                 "\"attach_text\",\"arguments\":{\"workspace\":\"ws_engine\",\"card\":%d,"
                 "\"name\":\"q\",\"text\":\"",
                 card);
    for (int i = 0; i < 20000; i++, n += 2)
        memcpy(body + n, "\\\"", 2);
    strcpy(body + n, "\"}}}");
    rig_post(g, g->writer, "", body);
    free(body);
    file = rig_int(g, CONTENT "attachment");
    call(g, "get_attachment",
         with_id(room, "{\"workspace\":\"ws_engine\",\"attachment\":#}", file));
    assert_int_equal(strlen(rig_text(g, CONTENT "attachment.text")), 20000);
}

/* --- many at once --- */

#define THREADS 4
#define ROUNDS 20

typedef struct talker {
    const rig *g;
    int good;
} talker;

static void *talk(void *ctx)
{
    talker *t = ctx;
    char block_text[256];
    istauth_str block;
    istauth_request request = ISTAUTH_REQUEST_INIT;

    snprintf(block_text, sizeof(block_text),
             "Authorization: Bearer %s\r\nContent-Type: application/json\r\n", t->g->writer);
    block = istauth_str_of(block_text);
    request.method = ISTAUTH_STR("POST");
    request.path = ISTAUTH_STR("/mcp");
    request.header = istauth_raw_header;
    request.ctx = &block;
    request.body = ISTAUTH_STR(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"
        "\"post_chat_message\",\"arguments\":{\"workspace\":\"ws_notes\",\"text\":\"busy\"}}}");
    for (int i = 0; i < ROUNDS; i++) {
        istauth_response r;
        istauth_arena arena;

        istauth_server_arena(t->g->server, &arena, NULL, 0);
        mcp_handle(t->g->mcp, &r, &request, &arena);
        t->good += r.status == 200 && strstr(r.body.p, "\"isError\":false") != NULL;
        istauth_arena_wipe(&arena);
    }
    return NULL;
}

static void test_calls_from_many_threads_all_count(void **state)
{
    rig *g = *state;
    board_workspace *w = board_workspace_find(g->board, ISTAUTH_STR("ws_notes"));
    size_t before = w->chat.count;
    talker talkers[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        talkers[i].g = g;
        talkers[i].good = 0;
        assert_int_equal(pthread_create(&threads[i], NULL, talk, &talkers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(talkers[i].good, ROUNDS);
    }
    assert_int_equal(w->chat.count, before + THREADS * ROUNDS);
    for (const board_entry *e = w->chat.first; e->next; e = e->next)
        assert_true(e->id < e->next->id);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_open, rig_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_each_tool_is_described_and_annotated),
        T(test_be_12_a_reader_may_read_and_nothing_else),
        T(test_be_12_a_refused_write_changed_nothing),
        T(test_be_12_a_modern_client_is_asked_for_the_scope_too),
        T(test_a_workspace_that_was_not_ticked_is_refused),
        T(test_the_host_may_take_a_workspace_back),
        T(test_ids_of_another_workspace_do_not_exist),
        T(test_a_neighbours_card_is_not_there),
        T(test_unknown_tools_are_a_protocol_error),
        T(test_arguments_that_do_not_fit_are_explained),
        T(test_lengths_are_counted_in_characters),
        T(test_a_workspace_holds_so_many_cards),
        T(test_list_workspaces_shows_the_granted_ones),
        T(test_list_cards_filters_by_column),
        T(test_get_card_shows_what_is_on_it),
        T(test_search_finds_comments_whatever_their_case),
        T(test_search_finds_what_begins_inside_a_near_miss),
        T(test_a_card_is_made_changed_moved_and_archived),
        T(test_tasks_are_added_and_completed),
        T(test_comments_are_added_and_the_latest_shown),
        T(test_texts_are_attached_and_read_back),
        T(test_chat_is_read_in_pages_and_written),
        T(test_old_chat_makes_room_for_new),
        T(test_an_unknown_author_is_his_subject),
        T(test_the_largest_attachment_fits_a_response),
        T(test_calls_from_many_threads_all_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
