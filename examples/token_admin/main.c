/* token_admin: look after the clients, grants and personal tokens in any store of libistauth.
 *
 *   main.c      the command line
 *   clients.c   clients, and the grants of one
 *   subjects.c  what an account has connected
 *   tokens.c    personal tokens, purge
 *   store.c     where the store is
 *   server.c    a server over it
 *   print.c     tables and JSON
 *   text.c      strangers' texts on a terminal
 *
 *   cc -D_POSIX_C_SOURCE=200809L -DTOKEN_ADMIN_SQLITE -DTOKEN_ADMIN_POSTGRES *.c \
 *      $(pkg-config --cflags --libs libistauth-sqlite libistauth-postgres) -o token_admin */
#include "admin.h"
#include "store.h"
#include "text.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define LIMIT_MAX 10000
#define DAYS_MAX 36500
#define ARENA_CAP ((size_t)512 << 20) /* 10,000 clients that say as much as they may */

static const struct command {
    const char *noun, *verb;
    size_t least, most; /* arguments */
    command_function *run;
} commands[] = {
    { "client", "list", 0, 0, client_list },
    { "client", "show", 1, 1, client_show },
    { "client", "grants", 1, 1, client_grants },
    { "client", "remove", 1, 1, client_remove },
    { "subject", "apps", 1, 1, subject_apps },
    { "subject", "grants", 1, 1, subject_grants },
    { "subject", "disconnect", 2, 64, subject_disconnect },
    { "subject", "revoke", 1, 1, subject_revoke },
    { "grant", "revoke", 1, 1, grant_revoke },
    { "token", "list", 1, 1, token_list },
    { "token", "make", 1, 1, token_make },
    { "token", "revoke", 2, 2, token_revoke },
    { "purge", NULL, 0, 0, purge },
};

static const char usage[] =
    "Usage: token_admin --store PLACE [OPTION]... COMMAND [ARGUMENT]...\n"
    "Look after the clients, grants and personal tokens in a store of libistauth, while its server runs\n"
    "or not.\n"
    "\n"
    "  client list                          every client, in the order of their ids\n"
    "  client show CLIENT                   all that is recorded of one\n"
    "  client grants CLIENT                 who connected it, and what it may do\n"
    "  client remove CLIENT                 forget it; every token and code of it is dead at once\n"
    "  subject apps SUBJECT                 what is connected to an account, as its owner sees it\n"
    "  subject grants SUBJECT               each connection by itself, with its id\n"
    "  subject disconnect SUBJECT CLIENT... end all that this account gave to these clients\n"
    "  subject revoke SUBJECT               end everything of an account, personal tokens too\n"
    "  grant revoke GRANT                   end one connection, or one personal token\n"
    "  token list SUBJECT                   an account's personal tokens; never the tokens themselves\n"
    "  token make SUBJECT                   make one, which is shown once; see below\n"
    "  token revoke SUBJECT TOKEN-ID        end one, if it is this account's\n"
    "  purge                                remove what is over, until there is nothing more\n"
    "\n"
    "  --store PLACE     %s\n"
    "                    or in the environment as ISTAUTH_STORE, where no list of processes shows a\n"
    "                    password\n"
    "  --json            one JSON document instead of a table\n"
    "  --wide            cut nothing off in tables\n"
    "  --limit N         at most so many of a list (1000)\n"
    "  --after ID        go on behind this one (client list, client grants)\n"
    "  --unused-days N   purge: clients that never got a token, after N days (1)\n"
    "  --idle-days N     purge: clients without a live grant, N days after the last (90)\n"
    "  --help            this text\n"
    "\n"
    "For token make, all of which the server must know:\n"
    "  --name TEXT       to tell it apart by\n"
    "  --scopes TEXT     separated by spaces\n"
    "  --resource URL    of the MCP endpoint, as the server is configured\n"
    "  --workspace ID    that it reaches; may be repeated. Nobody checks that the account is a member\n"
    "                    now: the server does, if it checks at every use\n"
    "  --days N          how long it lives (90); 0: until it is revoked\n"
    "  --prefix TEXT     of tokens, if the server has another than \"ist\"\n"
    "\n"
    "It ends with 0 when all went well, 1 when the store failed (what was to be changed may be changed\n"
    "or not: ask for it again), 2 when the command line is wrong, 3 when there is nothing of that name.\n"
    "Times are UTC. In tables, characters that would confuse a terminal are written as \\u{202e};\n"
    "JSON has every text as it is, in \\u escapes.\n"
    "\n"
    "  token_admin --store sqlite:isteam.db subject apps person_ada\n"
    "  token_admin --store sqlite:isteam.db --json client list | jq -r '.clients[].client_id'\n"
    "  token_admin --store sqlite:isteam.db token make person_ada --name backup --scopes mcp:read \\\n"
    "      --workspace ws_notes --resource http://127.0.0.1:8080/mcp\n";

enum { STORE = 1, JSON, WIDE, LIMIT, AFTER, UNUSED_DAYS, IDLE_DAYS, NAME, SCOPES, RESOURCE, WORKSPACE,
       DAYS, PREFIX, HELP };

static const struct option known[] = {
    { "store", required_argument, NULL, STORE },
    { "json", no_argument, NULL, JSON },
    { "wide", no_argument, NULL, WIDE },
    { "limit", required_argument, NULL, LIMIT },
    { "after", required_argument, NULL, AFTER },
    { "unused-days", required_argument, NULL, UNUSED_DAYS },
    { "idle-days", required_argument, NULL, IDLE_DAYS },
    { "name", required_argument, NULL, NAME },
    { "scopes", required_argument, NULL, SCOPES },
    { "resource", required_argument, NULL, RESOURCE },
    { "workspace", required_argument, NULL, WORKSPACE },
    { "days", required_argument, NULL, DAYS },
    { "prefix", required_argument, NULL, PREFIX },
    { "help", no_argument, NULL, HELP },
    { NULL, 0, NULL, 0 },
};

static bool fail(const char *what)
{
    fprintf(stderr, "token_admin: %s; try --help\n", what);
    return false;
}

static bool read_number(long long *out, long long least, long long most, const char *what)
{
    char *end = NULL;

    errno = 0;
    *out = strtoll(optarg, &end, 10);
    return errno || end == optarg || *end || *out < least || *out > most ? fail(what) : true;
}

static bool read_days(istauth_time *out, long long least)
{
    long long days = 0;

    if (!read_number(&days, least, DAYS_MAX, "that is no number of days"))
        return false;
    *out = days;
    return true;
}

static bool read_limit(options *o)
{
    long long limit = 0;

    if (!read_number(&limit, 1, LIMIT_MAX, "--limit takes a number from 1 to 10000"))
        return false;
    o->limit = (size_t)limit;
    return true;
}

static bool read_workspace(options *o)
{
    istauth_workspace *w = &o->workspaces[o->workspace_count];

    if (o->workspace_count == WORKSPACES_MAX)
        return fail("too many workspaces");
    w->id = w->name = istauth_str_of(optarg);
    w->choosable = true;
    o->workspace_count++;
    return true;
}

static bool read_text(istauth_str *out)
{
    *out = istauth_str_of(optarg);
    return true;
}

static bool read_option(options *o, int option)
{
    switch (option) {
    case STORE:
        o->store = optarg;
        return true;
    case JSON:
        return o->style.json = true;
    case WIDE:
        return o->style.wide = true;
    case LIMIT:
        return read_limit(o);
    case AFTER:
        return read_text(&o->after);
    case UNUSED_DAYS:
        return read_days(&o->unused_days, 1);
    case IDLE_DAYS:
        return read_days(&o->idle_days, 1);
    case NAME:
        return read_text(&o->name);
    case SCOPES:
        return read_text(&o->scopes);
    case RESOURCE:
        return read_text(&o->resource);
    case WORKSPACE:
        return read_workspace(o);
    case DAYS:
        return read_days(&o->days, 0);
    case PREFIX:
        return read_text(&o->prefix);
    default:
        fputs("token_admin: try --help\n", stderr); /* getopt has named the culprit */
        return false;
    }
}

/* True: go on. Else *code is the end. */
static bool read_options(options *o, int *code, int argc, char **argv)
{
    int option;

    *code = EXIT_USAGE;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option == HELP) {
            printf(usage, store_places);
            *code = EXIT_DONE;
            return false;
        }
        if (!read_option(o, option))
            return false;
    }
    if (!o->store || !store_is_known(o->store)) {
        fprintf(stderr, "token_admin: --store takes one of %s\n", store_places);
        return false;
    }
    return true;
}

/* The command that the words name, and how many of them that takes; NULL: none. */
static const struct command *find_command(char **words, size_t count, size_t *taken)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *c = &commands[i];

        *taken = c->verb ? 2 : 1;
        if (count >= *taken && strcmp(words[0], c->noun) == 0 &&
            (!c->verb || strcmp(words[1], c->verb) == 0))
            return c;
    }
    return NULL;
}

static bool are_texts(istauth_str *out, char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = istauth_str_of(words[i]);
        if (!out[i].n)
            return fail("an argument is empty");
    }
    return true;
}

int admin_end(istauth_status st, const char *missing)
{
    switch (st) {
    case ISTAUTH_OK:
        return EXIT_DONE;
    case ISTAUTH_E_NOT_FOUND:
        fprintf(stderr, "token_admin: %s\n", missing);
        return EXIT_NOT_FOUND;
    case ISTAUTH_E_UNAVAILABLE:
        fputs("token_admin: the store cannot be reached, or is busy; a change may be made or not, and "
              "can be asked for again\n", stderr);
        return EXIT_FAILED;
    case ISTAUTH_E_ARGUMENT:
    case ISTAUTH_E_INVALID_SCOPE:
    case ISTAUTH_E_INVALID_TARGET:
    case ISTAUTH_E_NO_WORKSPACE:
    case ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE:
        fprintf(stderr, "token_admin: that cannot be: %s\n", istauth_status_name(st));
        return EXIT_USAGE;
    default:
        fprintf(stderr, "token_admin: it failed: %s\n", istauth_status_name(st));
        return EXIT_FAILED;
    }
}

cell *admin_cells(admin *a, const listing *list)
{
    const size_t count = list->rows * list->column_count;
    cell *cells = istauth_arena_alloc(&a->arena, count * sizeof(*cells));

    if (cells)
        memset(cells, 0, count * sizeof(*cells));
    return cells;
}

static int run(const struct command *command, const options *o, const istauth_str *arguments,
               size_t count)
{
    admin a = { .options = o };
    int code = EXIT_FAILED;

    if (!store_open(&a.store, o->store))
        return EXIT_FAILED;
    istauth_arena_init(&a.arena, NULL, 0, NULL, ARENA_CAP);
    if (admin_make_server(&a))
        code = command->run(&a, arguments, count);
    else
        code = EXIT_USAGE;
    istauth_arena_wipe(&a.arena);
    istauth_server_free(a.server);
    store_close(&a.store, o->store);
    return code;
}

int main(int argc, char **argv)
{
    options o = { .store = getenv("ISTAUTH_STORE"), .limit = 1000, .days = 90 };
    const struct command *command;
    size_t count, taken = 0;
    istauth_str *arguments;
    int code;

    text_start();
    if (!read_options(&o, &code, argc, argv))
        return code;
    count = (size_t)(argc - optind);
    command = find_command(argv + optind, count, &taken);
    if (!command || count - taken < command->least || count - taken > command->most)
        return fail(command ? "too many arguments, or too few" : "that is no command"), EXIT_USAGE;
    arguments = calloc(count + 1, sizeof(*arguments));
    if (!arguments)
        return EXIT_FAILED;
    code = EXIT_USAGE;
    if (are_texts(arguments, argv + optind + taken, count - taken))
        code = run(command, &o, arguments, count - taken);
    free(arguments);
    if (fflush(stdout) || ferror(stdout))
        return EXIT_FAILED;
    return code;
}
