#include "check/report_i.h"

static char spaced(char c)
{
    return c == '_' ? ' ' : c;
}

/* Is `text` from its beginning what `only` says, to the end of both? */
static bool is_same(const char *text, const char *only)
{
    while (*text && spaced(*text) == spaced(*only))
        text++, only++;
    return !*text && !*only;
}

static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = strstr(words, word); n && at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

bool is_chosen(const check_case *c, const char *only)
{
    size_t n = strlen(c->clauses);

    if (!only || has_word(c->clauses, only) || is_same(c->name, only))
        return true;
    return strncmp(c->clauses, only, n) == 0 && only[n] == ' ' && is_same(c->name, only + n + 1);
}

void report_begin(report *r, const char *store, unsigned count)
{
    fprintf(r->to, "TAP version 13\n1..%u\n", count);
    if (store)
        fprintf(r->to, "# %s\n", store);
}

static void line(report *r, const char *result, const check_case *c)
{
    fprintf(r->to, "%s %u - %s ", result, ++r->done, c->clauses);
    for (const char *p = c->name; *p; p++)
        (void)fputc(spaced(*p), r->to);
}

static void finish(report *r)
{
    (void)fputc('\n', r->to);
    (void)fflush(r->to); /* what is there is seen if the next case crashes */
}

void report_passed(report *r, const check_case *c)
{
    line(r, "ok", c);
    finish(r);
}

void report_failed(report *r, const check_case *c, const failure *f)
{
    r->failed++;
    line(r, "not ok", c);
    fprintf(r->to, "\n# ");
    for (const char *p = f->text; *p; p++) {
        (void)fputc(*p, r->to);
        if (*p == '\n')
            fprintf(r->to, "# ");
    }
    finish(r);
}

void report_skipped(report *r, const check_case *c, const char *reason)
{
    line(r, "ok", c);
    fprintf(r->to, " # SKIP %s", reason);
    finish(r);
}

int report_refused(report *r, const char *reason)
{
    fprintf(r->to, "TAP version 13\n1..1\nnot ok 1 - %s\n", reason);
    return 1;
}
