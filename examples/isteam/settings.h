/* The frame of the account settings: heading, tabs, and the question before something goes away. */
#ifndef ISTEAM_SETTINGS_H
#define ISTEAM_SETTINGS_H

#include "page.h"

typedef enum settings_tab { TAB_APPS, TAB_TOKENS } settings_tab;

html settings_begin(visit *v, settings_tab tab, const char *title);
void settings_end(visit *v, html *h, int status);

/* Is this POST from a form of this browser? If not, the answer is ready. */
bool settings_form_is_ours(visit *v);

/* "Are you sure?" in three parts: the caller writes its hidden fields between the first two. */
typedef struct settings_question {
    const char *title; /* with "{}" for the name */
    istauth_str name;
    const char *text;   /* what will happen */
    const char *action; /* where the form goes */
    const char *yes;    /* the button */
    const char *no;     /* the link */
    const char *back;   /* where that leads */
} settings_question;

html settings_question_begin(visit *v, const settings_question *q);
void settings_question_end(visit *v, html *h, const settings_question *q);

#endif
