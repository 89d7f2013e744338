/* Personal tokens, and what is over. */
#include "admin.h"

#include <stdio.h>
#include <time.h>

enum { TOKEN_ID, NAME, SCOPES, WORKSPACES, RESOURCE, CREATED_AT, EXPIRES_AT, USED_AT, COLUMNS };

static const column columns[COLUMNS] = {
    [TOKEN_ID] = { "token_id", "TOKEN ID", COLUMN_ID },
    [NAME] = { "name", "NAME", COLUMN_TEXT },
    [SCOPES] = { "scopes", "SCOPES", COLUMN_TEXT },
    [WORKSPACES] = { "workspaces", "WORKSPACES", COLUMN_LIST },
    [RESOURCE] = { "resource", NULL, COLUMN_TEXT },
    [CREATED_AT] = { "created_at", "SINCE", COLUMN_TIME },
    [EXPIRES_AT] = { "expires_at", "UNTIL", COLUMN_TIME },
    [USED_AT] = { "used_at", "LAST USED", COLUMN_TIME },
};

static void describe(cell *row, const istauth_grant_entry *e)
{
    row[TOKEN_ID].text = istauth_id_str(&e->grant.id);
    row[NAME].text = e->grant.name;
    row[SCOPES].text = e->grant.scopes;
    row[WORKSPACES].list = e->grant.workspaces;
    row[RESOURCE].text = e->grant.resource;
    row[CREATED_AT].number = e->grant.created_at;
    row[EXPIRES_AT].number = e->token_expires_at;
    row[USED_AT].number = e->grant.used_at;
}

/* From the store, and not by istauth_personal_tokens_list: that leaves out scopes which this program,
 * unlike the server, does not know. */
int token_list(admin *a, const istauth_str *arguments, size_t count)
{
    listing list = { .name = "tokens", .columns = columns, .column_count = COLUMNS };
    istauth_grant_entries tokens;
    istauth_status st;
    cell *cells;

    (void)count;
    st = a->store.ops->personal_list(a->store.ctx, arguments[0], a->options->limit, &a->arena,
                                     &tokens);
    if (st)
        return admin_end(st, "");
    list.rows = tokens.count;
    cells = admin_cells(a, &list);
    if (!cells)
        return admin_end(ISTAUTH_E_NO_MEMORY, "");
    for (size_t i = 0; i < tokens.count; i++)
        describe(cells + i * COLUMNS, &tokens.items[i]);
    list.cells = cells;
    list.more = tokens.count == a->options->limit;
    print_list(&list, a->options->style);
    return EXIT_DONE;
}

static bool is_complete(const options *o)
{
    if (o->name.n && o->scopes.n && o->resource.n)
        return true;
    fprintf(stderr, "token_admin: token make needs --name, --scopes and --resource\n");
    return false;
}

static void show(const char *token, const istauth_id *id, style how)
{
    if (how.json) {
        printf("{\"token_id\":\"%s\",\"token\":\"%s\"}\n", id->text, token);
        return;
    }
    printf("%s\n", token);
    fprintf(stderr, "token_admin: this is the only time that it is shown; its id is %s\n",
            id->text);
}

/* A token that nobody could read must not go on living. */
static int hand_over(admin *a, istauth_str subject, char *token, const istauth_id *id)
{
    bool is_lost;

    show(token, id, a->options->style);
    is_lost = fflush(stdout) || ferror(stdout);
    for (volatile char *p = token; p < token + ISTAUTH_TOKEN_SIZE; p++)
        *p = '\0';
    if (!is_lost)
        return EXIT_DONE;
    fprintf(stderr, "token_admin: it could not be written%s\n",
            istauth_personal_token_revoke(a->server, subject, istauth_id_str(id))
                ? "; revoke it"
                : ", and is revoked");
    return EXIT_FAILED;
}

int token_make(admin *a, const istauth_str *arguments, size_t count)
{
    const options *o = a->options;
    istauth_personal_wish wish = { .name = o->name, .scopes = o->scopes, .resource = o->resource };
    istauth_str ids[WORKSPACES_MAX];
    char token[ISTAUTH_TOKEN_SIZE];
    istauth_id id;
    istauth_status st;

    (void)count;
    if (!is_complete(o))
        return EXIT_USAGE;
    for (size_t i = 0; i < o->workspace_count; i++)
        ids[i] = o->workspaces[i].id;
    wish.workspaces = (istauth_str_list){ ids, o->workspace_count };
    if (o->days)
        wish.expires_at = (istauth_time)time(NULL) + o->days * 86400;
    st = istauth_personal_token_create(token, &id, a->server, arguments[0], &wish, &a->arena);
    return st ? admin_end(st, "") : hand_over(a, arguments[0], token, &id);
}

int token_revoke(admin *a, const istauth_str *arguments, size_t count)
{
    istauth_status st = istauth_personal_token_revoke(a->server, arguments[0], arguments[1]);

    (void)count;
    if (st)
        return admin_end(st, "this subject has no such token");
    print_done("revoked", 1, "personal tokens revoked", a->options->style);
    return EXIT_DONE;
}

/* Each call does a bounded piece of the work: the server goes on meanwhile. */
int purge(admin *a, const istauth_str *arguments, size_t count)
{
    size_t all = 0, removed;
    istauth_status st;

    (void)arguments;
    (void)count;
    do {
        st = istauth_purge(&removed, a->server, 1000);
        all += st ? 0 : removed;
    } while (!st && removed);
    if (st)
        return admin_end(st, "");
    print_done("removed", all, "records removed", a->options->style);
    return EXIT_DONE;
}
