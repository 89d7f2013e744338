#include "tools.h"

#include <stdio.h>

const tool *tool_find(const char *name)
{
    for (size_t i = 0; i < tool_count; i++)
        if (strcmp(tools[i].name, name) == 0)
            return &tools[i];
    return NULL;
}

istauth_str tool_scope(const tool *t)
{
    return t->flags & TOOL_WRITES ? ISTAUTH_STR("mcp") : ISTAUTH_STR("mcp:read");
}

static const tool_argument *argument_named(const tool *t, const char *name)
{
    for (size_t i = 0; i < TOOL_ARGUMENTS_MAX && t->arguments[i].name; i++)
        if (strcmp(t->arguments[i].name, name) == 0)
            return &t->arguments[i];
    return NULL;
}

bool tool_names_workspace(const tool *t)
{
    return argument_named(t, "workspace") != NULL;
}

/* --- as JSON Schema, for tools/list --- */

static void describe_columns(json_out *out, cJSON *schema)
{
    cJSON *names = json_array(out, schema, "enum");

    for (int i = 0; i < BOARD_COLUMNS; i++)
        json_text(out, names, NULL, board_column_name((board_column)i));
}

static void describe_argument(json_out *out, cJSON *properties, const tool_argument *a)
{
    cJSON *schema = json_object(out, properties, a->name);
    bool number = a->kind == TOOL_ID || a->kind == TOOL_COUNT;

    json_text(out, schema, "type", number ? "integer" : "string");
    json_text(out, schema, "description", a->description);
    if (number) {
        json_integer(out, schema, "minimum", 1);
        json_integer(out, schema, "maximum", a->kind == TOOL_ID ? TOOL_ID_MAX : (int64_t)a->max);
    }
    if (a->kind == TOOL_COLUMN)
        describe_columns(out, schema);
    if (a->kind == TOOL_LINE || (a->kind == TOOL_TEXT && !a->optional))
        json_integer(out, schema, "minLength", 1);
    if (a->kind == TOOL_LINE || a->kind == TOOL_TEXT)
        json_integer(out, schema, "maxLength", (int64_t)a->max);
}

static void describe_arguments(json_out *out, cJSON *definition, const tool *t)
{
    cJSON *schema = json_object(out, definition, "inputSchema");
    cJSON *properties, *required;

    json_text(out, schema, "type", "object");
    properties = json_object(out, schema, "properties");
    required = json_array(out, schema, "required");
    for (size_t i = 0; i < TOOL_ARGUMENTS_MAX && t->arguments[i].name; i++) {
        describe_argument(out, properties, &t->arguments[i]);
        if (!t->arguments[i].optional)
            json_text(out, required, NULL, t->arguments[i].name);
    }
    json_bool(out, schema, "additionalProperties", false);
}

static void describe_hints(json_out *out, cJSON *definition, const tool *t)
{
    cJSON *hints = json_object(out, definition, "annotations");

    json_bool(out, hints, "readOnlyHint", !(t->flags & TOOL_WRITES));
    json_bool(out, hints, "destructiveHint", (t->flags & TOOL_DESTROYS) != 0);
    json_bool(out, hints, "idempotentHint", (t->flags & TOOL_IDEMPOTENT) != 0);
    json_bool(out, hints, "openWorldHint", false);
}

void tools_describe(json_out *out, cJSON *array)
{
    for (size_t i = 0; i < tool_count; i++) {
        cJSON *definition = json_object(out, array, NULL);

        json_text(out, definition, "name", tools[i].name);
        json_text(out, definition, "title", tools[i].title);
        json_text(out, definition, "description", tools[i].description);
        describe_arguments(out, definition, &tools[i]);
        describe_hints(out, definition, &tools[i]);
    }
}

/* --- checked against the same table, for tools/call --- */

static bool say(char problem[TOOL_PROBLEM_SIZE], const char *name, const char *rest)
{
    snprintf(problem, TOOL_PROBLEM_SIZE, "The argument \"%s\" %s.", name, rest);
    return false;
}

/* Characters, as JSON Schema counts them; the text is UTF-8. */
static size_t length_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static bool has_control(const char *text, const char *allowed)
{
    for (; *text; text++)
        if (((unsigned char)*text < 0x20 || *text == 0x7F) && !strchr(allowed, *text))
            return true;
    return false;
}

static bool text_fits(const tool_argument *a, const char *text, char problem[TOOL_PROBLEM_SIZE])
{
    char rest[80];

    if (!*text && !(a->kind == TOOL_TEXT && a->optional))
        return say(problem, a->name, "must not be empty");
    if (length_of(text) > a->max) {
        snprintf(rest, sizeof(rest), "is too long: %u characters at most", a->max);
        return say(problem, a->name, rest);
    }
    if (a->kind == TOOL_LINE && has_control(text, ""))
        return say(problem, a->name, "must be one line without control characters");
    if (has_control(text, "\t\n\r"))
        return say(problem, a->name, "must not hold control characters");
    return true;
}

static bool number_fits(const tool_argument *a, const cJSON *value, char problem[TOOL_PROBLEM_SIZE])
{
    int64_t max = a->kind == TOOL_ID ? TOOL_ID_MAX : (int64_t)a->max;
    char rest[80];

    if (json_is_integer(value, 1, max))
        return true;
    snprintf(rest, sizeof(rest), "must be a whole number from 1 to %lld", (long long)max);
    return say(problem, a->name, rest);
}

static bool argument_fits(const tool_argument *a, const cJSON *value,
                          char problem[TOOL_PROBLEM_SIZE])
{
    const char *text = cJSON_GetStringValue(value);

    if (a->kind == TOOL_ID || a->kind == TOOL_COUNT)
        return number_fits(a, value, problem);
    if (!text)
        return say(problem, a->name, "must be a text");
    if (a->kind == TOOL_WORKSPACE && !istauth_workspace_id_is_valid(istauth_str_of(text)))
        return say(problem, a->name, "is not the id of a workspace; list_workspaces gives them");
    if (a->kind == TOOL_COLUMN && board_column_named(text) == BOARD_COLUMNS)
        return say(problem, a->name, "must be one of todo, doing, done");
    if (a->kind == TOOL_LINE || a->kind == TOOL_TEXT)
        return text_fits(a, text, problem);
    return true;
}

static bool all_known(const tool *t, const cJSON *arguments, char problem[TOOL_PROBLEM_SIZE])
{
    for (const cJSON *m = arguments ? arguments->child : NULL; m; m = m->next) {
        if (argument_named(t, m->string))
            continue;
        snprintf(problem, TOOL_PROBLEM_SIZE,
                 "There is an argument that %s does not know; its inputSchema names them all.",
                 t->name);
        return false;
    }
    return true;
}

bool tool_arguments_fit(const tool *t, const cJSON *arguments, char problem[TOOL_PROBLEM_SIZE])
{
    for (size_t i = 0; i < TOOL_ARGUMENTS_MAX && t->arguments[i].name; i++) {
        const tool_argument *a = &t->arguments[i];
        const cJSON *value = json_get(arguments, a->name);

        if (!value && !a->optional)
            return say(problem, a->name, "is missing");
        if (value && !argument_fits(a, value, problem))
            return false;
    }
    return all_known(t, arguments, problem);
}
