/* What one account has connected, and its end. */
#include "admin.h"

enum { NAME, CLIENT_HOST, DOCUMENT_HOST, REDIRECT_HOST, CONNECTIONS, APP_WORKSPACES, CONNECTED_AT,
       APP_USED_AT, CLIENT_IDS, APP_COLUMNS };

static const column app_columns[APP_COLUMNS] = {
    [NAME] = { "name", "APP", COLUMN_TEXT },
    [CLIENT_HOST] = { "client_host", "SITE", COLUMN_TEXT },
    [DOCUMENT_HOST] = { "document_host", NULL, COLUMN_TEXT },
    [REDIRECT_HOST] = { "redirect_host", "ANSWERS TO", COLUMN_TEXT },
    [CONNECTIONS] = { "connections", "GRANTS", COLUMN_NUMBER },
    [APP_WORKSPACES] = { "workspaces", "WORKSPACES", COLUMN_LIST },
    [CONNECTED_AT] = { "connected_at", "SINCE", COLUMN_TIME },
    [APP_USED_AT] = { "used_at", "LAST USED", COLUMN_TIME },
    [CLIENT_IDS] = { "client_ids", "CLIENTS", COLUMN_IDS },
};

static void describe_app(cell *row, const istauth_app *app)
{
    row[NAME].text = app->name;
    row[CLIENT_HOST].text = app->client_host;
    row[DOCUMENT_HOST].text = app->document_host;
    row[REDIRECT_HOST].text = app->redirect_host;
    row[CONNECTIONS].number = (int64_t)app->connections;
    row[APP_WORKSPACES].list = app->workspaces;
    row[CONNECTED_AT].number = app->connected_at;
    row[APP_USED_AT].number = app->used_at;
    row[CLIENT_IDS].list = app->client_ids;
}

int subject_apps(admin *a, const istauth_str *arguments, size_t count)
{
    listing list = { .name = "apps", .columns = app_columns, .column_count = APP_COLUMNS };
    istauth_apps apps;
    istauth_status st;
    cell *cells;

    (void)count;
    st = istauth_apps_list(&apps, a->server, arguments[0], &a->arena);
    if (!st)
        st = istauth_apps_group(&apps, &apps, &a->arena);
    if (st)
        return admin_end(st, "");
    list.rows = apps.count;
    cells = admin_cells(a, &list);
    if (!cells)
        return admin_end(ISTAUTH_E_NO_MEMORY, "");
    for (size_t i = 0; i < apps.count; i++)
        describe_app(cells + i * APP_COLUMNS, &apps.items[i]);
    list.cells = cells;
    list.more = apps.truncated;
    print_list(&list, a->options->style);
    return EXIT_DONE;
}

enum { GRANT_ID, CLIENT_ID, CLIENT_NAME, SUBJECT, SCOPES, WORKSPACES, RESOURCE, CREATED_AT,
       ISSUED_AT, USED_AT, GRANT_COLUMNS };

static const column grant_columns[GRANT_COLUMNS] = {
    [GRANT_ID] = { "grant_id", "GRANT", COLUMN_ID },
    [CLIENT_ID] = { "client_id", "CLIENT", COLUMN_ID },
    [CLIENT_NAME] = { "client_name", "NAME", COLUMN_TEXT },
    [SUBJECT] = { "subject", "SUBJECT", COLUMN_ID },
    [SCOPES] = { "scopes", "SCOPES", COLUMN_TEXT },
    [WORKSPACES] = { "workspaces", "WORKSPACES", COLUMN_LIST },
    [RESOURCE] = { "resource", NULL, COLUMN_TEXT },
    [CREATED_AT] = { "created_at", "SINCE", COLUMN_TIME },
    [ISSUED_AT] = { "issued_at", NULL, COLUMN_TIME },
    [USED_AT] = { "used_at", "LAST USED", COLUMN_TIME },
};

static void describe_grant(cell *row, const istauth_grant_entry *e)
{
    row[GRANT_ID].text = istauth_id_str(&e->grant.id);
    row[CLIENT_ID].text = e->grant.client_id;
    row[CLIENT_NAME].text = e->client_name;
    row[SUBJECT].text = e->grant.subject;
    row[SCOPES].text = e->grant.scopes;
    row[WORKSPACES].list = e->grant.workspaces;
    row[RESOURCE].text = e->grant.resource;
    row[CREATED_AT].number = e->grant.created_at;
    row[ISSUED_AT].number = e->grant.issued_at;
    row[USED_AT].number = e->grant.used_at;
}

int admin_print_grants(admin *a, const istauth_grant_entries *grants, bool follows)
{
    listing list = { .name = "grants", .columns = grant_columns, .column_count = GRANT_COLUMNS };
    cell *cells;

    list.rows = grants->count;
    cells = admin_cells(a, &list);
    if (!cells)
        return admin_end(ISTAUTH_E_NO_MEMORY, "");
    for (size_t i = 0; i < grants->count; i++)
        describe_grant(cells + i * GRANT_COLUMNS, &grants->items[i]);
    list.cells = cells;
    list.more = grants->count == a->options->limit;
    if (list.more && follows)
        list.next = istauth_id_str(&grants->items[grants->count - 1].grant.id);
    print_list(&list, a->options->style);
    return EXIT_DONE;
}

int subject_grants(admin *a, const istauth_str *arguments, size_t count)
{
    istauth_grant_entries grants;
    istauth_status st;

    (void)count;
    st = istauth_subject_grants(&grants, a->server, arguments[0], a->options->limit, &a->arena);
    return st ? admin_end(st, "") : admin_print_grants(a, &grants, false);
}

int subject_disconnect(admin *a, const istauth_str *arguments, size_t count)
{
    const istauth_str_list clients = { arguments + 1, count - 1 };
    istauth_status st = istauth_app_disconnect(a->server, arguments[0], clients);

    if (st)
        return admin_end(st, "none of these clients is connected to this subject");
    print_done("disconnected", 1, "apps disconnected", a->options->style);
    return EXIT_DONE;
}

int subject_revoke(admin *a, const istauth_str *arguments, size_t count)
{
    size_t revoked = 0;
    istauth_status st = istauth_subject_revoke(&revoked, a->server, arguments[0]);

    (void)count;
    if (st)
        return admin_end(st, "");
    print_done("revoked", revoked, "grants and personal tokens revoked", a->options->style);
    return EXIT_DONE;
}
