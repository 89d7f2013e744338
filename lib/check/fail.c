#include "check/fail_i.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct try {
    jmp_buf at;
    failure *f;
    struct try *outer;
};

/* Per thread, or every helper of a case would have to be handed it. */
static _Thread_local struct try *innermost;

bool attempt(failure *f, void (*run)(void *arg), void *arg)
{
    struct try me;

    f->text[0] = '\0';
    me.f = f;
    me.outer = innermost;
    innermost = &me;
    if (setjmp(me.at)) {
        innermost = me.outer;
        return false;
    }
    run(arg);
    innermost = me.outer;
    return true;
}

#if defined(__GNUC__)
__attribute__((noreturn))
#endif
static void leave(const failure *f)
{
    if (!innermost) {
        fprintf(stderr, "%s\n", f->text);
        abort();
    }
    *innermost->f = *f;
    longjmp(innermost->at, 1);
}

void fail_at(const char *file, int line, const char *format, ...)
{
    failure f;
    va_list args;
    int n = snprintf(f.text, sizeof(f.text), "%s:%d: ", file, line);

    if (n < 0 || (size_t)n >= sizeof(f.text))
        n = 0;
    va_start(args, format);
    (void)vsnprintf(f.text + n, sizeof(f.text) - (size_t)n, format, args);
    va_end(args);
    leave(&f);
}

void fail_again(const failure *f)
{
    leave(f);
}
