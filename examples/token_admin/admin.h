/* token_admin: what one run is asked, and what it works on. */
#ifndef TOKEN_ADMIN_H
#define TOKEN_ADMIN_H

#include "print.h"

enum { /* what the program ends with */
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* a change may or may not be done: it can be asked for again */
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3
};

#define WORKSPACES_MAX 64

typedef struct options {
    const char *store;
    style style;
    size_t limit;
    istauth_str after;
    istauth_str name, scopes, resource, prefix; /* of a personal token */
    istauth_workspace workspaces[WORKSPACES_MAX];
    size_t workspace_count;
    istauth_time days;                      /* that it lives; 0: without an end */
    istauth_time unused_days, idle_days;    /* for purge; 0: the library's */
} options;

typedef struct admin {
    const options *options;
    istauth_store store;
    istauth_server *server;
    istauth_arena arena;
} admin;

/* server.c: a server over a->store. False: why not has been said. */
bool admin_make_server(admin *a);

/* Commands: each takes its own arguments and returns what the program ends with. */
typedef int command_function(admin *a, const istauth_str *arguments, size_t count);

/* clients.c */
command_function client_list, client_show, client_grants, client_remove, grant_revoke;
/* subjects.c */
command_function subject_apps, subject_grants, subject_disconnect, subject_revoke;
/* tokens.c */
command_function token_list, token_make, token_revoke, purge;

/* Say how a call ended if not well, `missing` when something is not there; the exit status. */
int admin_end(istauth_status st, const char *missing);

/* Rows and columns of cells, all empty; NULL: no memory. */
cell *admin_cells(admin *a, const listing *list);
/* Print grants as they are listed everywhere; `follows` is set for a list that goes on by id. */
int admin_print_grants(admin *a, const istauth_grant_entries *grants, bool follows);

#endif
