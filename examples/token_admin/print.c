#include "print.h"

#include "text.h"

#include <inttypes.h>
#include <time.h>

#define TEXT_MOST 40 /* columns of a text that may be cut */
#define GAP 2        /* between two columns */
#define TIME_MAX_SECONDS 253402300799 /* the end of the year 9999 */

typedef struct moment {
    char text[32];
} moment;

/* Or the seconds behind an @ where no calendar goes. */
static moment moment_of(istauth_time at)
{
    time_t seconds = (time_t)at;
    struct tm t;
    moment m;

    if (at < 0 || at > TIME_MAX_SECONDS || !gmtime_r(&seconds, &t))
        (void)snprintf(m.text, sizeof(m.text), "@%" PRId64, at);
    else
        (void)strftime(m.text, sizeof(m.text), "%Y-%m-%dT%H:%M:%SZ", &t);
    return m;
}

/* --- JSON --- */

static void json_list(istauth_str_list list)
{
    (void)putchar('[');
    for (size_t i = 0; i < list.count; i++) {
        if (i)
            (void)putchar(',');
        text_write_json(stdout, list.items[i]);
    }
    (void)putchar(']');
}

static void json_cell(const column *c, const cell *value)
{
    switch (c->kind) {
    case COLUMN_TEXT:
    case COLUMN_ID:
        text_write_json(stdout, value->text);
        break;
    case COLUMN_LIST:
    case COLUMN_IDS:
        json_list(value->list);
        break;
    case COLUMN_TIME:
        printf(value->number ? "\"%s\"" : "null", moment_of(value->number).text);
        break;
    case COLUMN_NUMBER:
        printf("%" PRId64, value->number);
        break;
    case COLUMN_FLAG:
        printf("%s", value->number ? "true" : "false");
        break;
    }
}

static void json_row(const listing *list, const cell *row)
{
    for (size_t i = 0; i < list->column_count; i++) {
        printf("%c\"%s\":", i ? ',' : '{', list->columns[i].member);
        json_cell(&list->columns[i], &row[i]);
    }
    (void)putchar('}');
}

static void json_all(const listing *list)
{
    printf("{\"%s\":[", list->name);
    for (size_t i = 0; i < list->rows; i++) {
        printf(i ? ",\n" : "\n");
        json_row(list, &list->cells[i * list->column_count]);
    }
    printf("],\n\"more\":%s,\"next\":", list->more ? "true" : "false");
    if (list->more && list->next.n)
        text_write_json(stdout, list->next);
    else
        printf("null");
    printf("}\n");
}

/* --- tables --- */

static size_t most_of(const column *c, style how)
{
    bool is_whole = how.wide || c->kind == COLUMN_ID || c->kind == COLUMN_IDS;

    return is_whole ? SIZE_MAX : TEXT_MOST;
}

static size_t short_cell(char out[32], const column *c, const cell *value)
{
    if (c->kind == COLUMN_TIME)
        return (size_t)snprintf(out, 32, "%s", value->number ? moment_of(value->number).text : "-");
    if (c->kind == COLUMN_FLAG)
        return (size_t)snprintf(out, 32, "%s", value->number ? "yes" : "no");
    return (size_t)snprintf(out, 32, "%" PRId64, value->number);
}

/* The items with spaces between them, which none of them has. */
static size_t list_width(istauth_str_list list)
{
    size_t width = list.count ? list.count - 1 : 1;

    for (size_t i = 0; i < list.count; i++)
        width += text_width(list.items[i]);
    return width;
}

static size_t list_write(istauth_str_list list, size_t most)
{
    size_t columns = 0, whole = list_width(list);

    if (!list.count)
        return text_write(stdout, ISTAUTH_STR("-"), 1);
    for (size_t i = 0; i < list.count; i++) {
        size_t width = text_width(list.items[i]) + (i > 0);

        if (whole > most && columns + width > most - 3) {
            printf("...");
            return columns + 3;
        }
        if (i)
            (void)putchar(' ');
        columns += (i > 0) + text_write(stdout, list.items[i], SIZE_MAX);
    }
    return columns;
}

static istauth_str shown(istauth_str text)
{
    return text.n ? text : ISTAUTH_STR("-");
}

static size_t cell_width(const column *c, const cell *value, style how)
{
    size_t most = most_of(c, how), width;
    char out[32];

    switch (c->kind) {
    case COLUMN_TEXT:
    case COLUMN_ID:
        width = text_width(shown(value->text));
        break;
    case COLUMN_LIST:
    case COLUMN_IDS:
        width = list_width(value->list);
        break;
    default:
        return short_cell(out, c, value);
    }
    return width < most ? width : most;
}

static size_t cell_write(const column *c, const cell *value, style how)
{
    size_t most = most_of(c, how);
    char out[32];

    switch (c->kind) {
    case COLUMN_TEXT:
    case COLUMN_ID:
        return text_write(stdout, shown(value->text), most);
    case COLUMN_LIST:
    case COLUMN_IDS:
        return list_write(value->list, most);
    default:
        (void)short_cell(out, c, value);
        return text_write(stdout, istauth_str_of(out), SIZE_MAX);
    }
}

/* Of column i, its heading included. */
static size_t column_width(const listing *list, size_t i, style how)
{
    size_t width = strlen(list->columns[i].heading);

    for (size_t row = 0; row < list->rows; row++) {
        size_t w = cell_width(&list->columns[i], &list->cells[row * list->column_count + i], how);

        width = w > width ? w : width;
    }
    return width;
}

static bool is_last(const listing *list, size_t i)
{
    while (++i < list->column_count)
        if (list->columns[i].heading)
            return false;
    return true;
}

/* Row 0 is the headings. */
static void table_line(const listing *list, const size_t *widths, size_t line, style how)
{
    for (size_t i = 0; i < list->column_count; i++) {
        const column *c = &list->columns[i];
        size_t taken;

        if (!c->heading)
            continue;
        if (line)
            taken = cell_write(c, &list->cells[(line - 1) * list->column_count + i], how);
        else
            taken = text_write(stdout, istauth_str_of(c->heading), SIZE_MAX);
        if (!is_last(list, i))
            printf("%*s", (int)(widths[i] - taken + GAP), "");
    }
    (void)putchar('\n');
}

static void table_all(const listing *list, style how)
{
    size_t widths[32];

    if (!list->rows) {
        printf("none\n");
        return;
    }
    for (size_t i = 0; i < list->column_count; i++)
        widths[i] = list->columns[i].heading ? column_width(list, i, how) : 0;
    for (size_t line = 0; line <= list->rows; line++)
        table_line(list, widths, line, how);
}

/* On the other stream, so that a table that is cut up by a script has rows alone. */
static void say_more(const listing *list)
{
    if (!list->more)
        return;
    fprintf(stderr, "token_admin: there may be more: ");
    if (list->next.n) {
        fprintf(stderr, "go on with --after ");
        (void)text_write(stderr, list->next, SIZE_MAX);
        fprintf(stderr, "\n");
    } else {
        fprintf(stderr, "ask with a higher --limit\n");
    }
}

void print_list(const listing *list, style how)
{
    if (how.json) {
        json_all(list);
        return;
    }
    table_all(list, how);
    (void)fflush(stdout);
    say_more(list);
}

void print_one(const listing *list, style how)
{
    const style whole = { .wide = true };

    if (how.json) {
        json_row(list, list->cells);
        (void)putchar('\n');
        return;
    }
    for (size_t i = 0; i < list->column_count; i++) {
        printf("%-20s", list->columns[i].member);
        (void)cell_write(&list->columns[i], &list->cells[i], whole);
        (void)putchar('\n');
    }
}

void print_done(const char *member, size_t count, const char *sentence, style how)
{
    if (how.json)
        printf("{\"%s\":%zu}\n", member, count);
    else
        printf("%s: %zu\n", sentence, count);
}
