/* What a command found: a table for people, one JSON document for programs.
 *
 * JSON is plain ASCII; its members are always there, in the same order. A text that is absent is "", a
 * time is "2026-11-25T21:15:00Z" or, when it never was, null. */
#ifndef TOKEN_ADMIN_PRINT_H
#define TOKEN_ADMIN_PRINT_H

#include <istauth.h>

typedef enum column_kind {
    COLUMN_TEXT, /* cut when it is long, unless `wide` */
    COLUMN_ID,   /* never cut: it is there to be copied */
    COLUMN_LIST,
    COLUMN_IDS, /* a list that is never cut */
    COLUMN_TIME, /* 0: never */
    COLUMN_NUMBER,
    COLUMN_FLAG
} column_kind;

typedef struct column {
    const char *member;  /* in JSON */
    const char *heading; /* in a table; NULL: only where there is one row */
    column_kind kind;
} column;

/* One of them, after the column's kind; flags are numbers. */
typedef struct cell {
    istauth_str text;
    istauth_str_list list;
    int64_t number;
} cell;

typedef struct listing {
    const char *name; /* of the list in JSON */
    const column *columns;
    size_t column_count;
    const cell *cells; /* row by row */
    size_t rows;
    bool more;        /* there may be more than was asked for, */
    istauth_str next; /* behind this id, in a list that can go on */
} listing;

typedef struct style {
    bool json, wide;
} style;

void print_list(const listing *list, style how);
/* One row, a line for each column. */
void print_one(const listing *list, style how);
/* What was done: for JSON `member` with the count, for people the sentence. */
void print_done(const char *member, size_t count, const char *sentence, style how);

#endif
