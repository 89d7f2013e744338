/* Every client, and everybody's grants of one. */
#include "admin.h"

enum { ID, NAME, ORIGIN, AUTH, REDIRECT_URIS, SCOPES, GRANT_TYPES, CLIENT_URI, LOGO_URI, POLICY_URI,
       TOS_URI, SOFTWARE_ID, SOFTWARE_VERSION, JWKS_URI, HAS_KEYS, HAS_SECRET, SECRET_EXPIRES_AT,
       RESOURCE, WORKSPACES, REGISTERED_AT, USED_AT, EXPIRES_AT, COLUMNS };

static const column columns[COLUMNS] = {
    [ID] = { "client_id", "CLIENT", COLUMN_ID },
    [NAME] = { "name", "NAME", COLUMN_TEXT },
    [ORIGIN] = { "origin", "ORIGIN", COLUMN_TEXT },
    [AUTH] = { "auth", NULL, COLUMN_TEXT },
    [REDIRECT_URIS] = { "redirect_uris", "REDIRECT URIS", COLUMN_LIST },
    [SCOPES] = { "scopes", NULL, COLUMN_TEXT },
    [GRANT_TYPES] = { "grant_types", NULL, COLUMN_LIST },
    [CLIENT_URI] = { "client_uri", NULL, COLUMN_TEXT },
    [LOGO_URI] = { "logo_uri", NULL, COLUMN_TEXT },
    [POLICY_URI] = { "policy_uri", NULL, COLUMN_TEXT },
    [TOS_URI] = { "tos_uri", NULL, COLUMN_TEXT },
    [SOFTWARE_ID] = { "software_id", NULL, COLUMN_TEXT },
    [SOFTWARE_VERSION] = { "software_version", NULL, COLUMN_TEXT },
    [JWKS_URI] = { "jwks_uri", NULL, COLUMN_TEXT },
    [HAS_KEYS] = { "has_keys", NULL, COLUMN_FLAG },
    [HAS_SECRET] = { "has_secret", NULL, COLUMN_FLAG },
    [SECRET_EXPIRES_AT] = { "secret_expires_at", NULL, COLUMN_TIME },
    [RESOURCE] = { "resource", NULL, COLUMN_TEXT },
    [WORKSPACES] = { "workspaces", NULL, COLUMN_LIST },
    [REGISTERED_AT] = { "registered_at", "REGISTERED", COLUMN_TIME },
    [USED_AT] = { "used_at", "LAST CONNECTED", COLUMN_TIME },
    [EXPIRES_AT] = { "expires_at", NULL, COLUMN_TIME },
};

static istauth_str origin_of(const istauth_client *c)
{
    switch (c->origin) {
    case ISTAUTH_CLIENT_REGISTERED:
        return ISTAUTH_STR("registered");
    case ISTAUTH_CLIENT_PROVISIONED:
        return ISTAUTH_STR("provisioned");
    case ISTAUTH_CLIENT_DOCUMENT:
        return ISTAUTH_STR("document");
    }
    return ISTAUTH_STR("unknown");
}

static istauth_str auth_of(const istauth_client *c)
{
    switch (c->auth) {
    case ISTAUTH_CLIENT_AUTH_NONE:
        return ISTAUTH_STR("none");
    case ISTAUTH_CLIENT_AUTH_SECRET_BASIC:
        return ISTAUTH_STR("client_secret_basic");
    case ISTAUTH_CLIENT_AUTH_SECRET_POST:
        return ISTAUTH_STR("client_secret_post");
    case ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT:
        return ISTAUTH_STR("private_key_jwt");
    }
    return ISTAUTH_STR("unknown");
}

/* By the bits of grant_types: a piece of one row in which each combination lies together. */
static istauth_str_list grant_types_of(const istauth_client *c)
{
    static const istauth_str row[] = {
        ISTAUTH_STR_INIT("authorization_code"), ISTAUTH_STR_INIT("refresh_token"),
        ISTAUTH_STR_INIT("client_credentials"), ISTAUTH_STR_INIT("authorization_code"),
        ISTAUTH_STR_INIT("client_credentials"),
    };
    static const struct {
        unsigned char from, count;
    } pieces[8] = { { 0, 0 }, { 0, 1 }, { 1, 1 }, { 0, 2 }, { 2, 1 }, { 3, 2 }, { 1, 2 }, { 0, 3 } };
    unsigned bits = c->grant_types & 7;

    return (istauth_str_list){ row + pieces[bits].from, pieces[bits].count };
}

static bool is_set(const istauth_key *key)
{
    for (size_t i = 0; i < sizeof(key->bytes); i++)
        if (key->bytes[i])
            return true;
    return false;
}

static void describe(cell *row, const istauth_client *c)
{
    row[ID].text = c->client_id;
    row[NAME].text = c->name;
    row[ORIGIN].text = origin_of(c);
    row[AUTH].text = auth_of(c);
    row[REDIRECT_URIS].list = c->redirect_uris;
    row[SCOPES].text = c->scopes;
    row[GRANT_TYPES].list = grant_types_of(c);
    row[CLIENT_URI].text = c->client_uri;
    row[LOGO_URI].text = c->logo_uri;
    row[POLICY_URI].text = c->policy_uri;
    row[TOS_URI].text = c->tos_uri;
    row[SOFTWARE_ID].text = c->software_id;
    row[SOFTWARE_VERSION].text = c->software_version;
    row[JWKS_URI].text = c->jwks_uri;
    row[HAS_KEYS].number = c->jwks.n > 0;
    row[HAS_SECRET].number = is_set(&c->secret_key);
    row[SECRET_EXPIRES_AT].number = c->secret_expires_at;
    row[RESOURCE].text = c->resource;
    row[WORKSPACES].list = c->workspaces;
    row[REGISTERED_AT].number = c->registered_at;
    row[USED_AT].number = c->used_at;
    row[EXPIRES_AT].number = c->expires_at;
}

int client_list(admin *a, const istauth_str *arguments, size_t count)
{
    size_t limit = a->options->limit;
    listing list = { .name = "clients", .columns = columns, .column_count = COLUMNS };
    istauth_clients page;
    istauth_status st;
    cell *cells;

    (void)arguments;
    (void)count;
    st = istauth_clients_list(&page, a->server, a->options->after, limit, &a->arena);
    if (st)
        return admin_end(st, "");
    list.rows = page.count;
    cells = admin_cells(a, &list);
    if (!cells)
        return admin_end(ISTAUTH_E_NO_MEMORY, "");
    for (size_t i = 0; i < page.count; i++)
        describe(cells + i * COLUMNS, &page.items[i]);
    list.cells = cells;
    list.more = page.count == limit;
    if (list.more)
        list.next = page.items[page.count - 1].client_id;
    print_list(&list, a->options->style);
    return EXIT_DONE;
}

/* One client is the store's to give: this is the verb that every token request begins with. */
int client_show(admin *a, const istauth_str *arguments, size_t count)
{
    cell row[COLUMNS] = { { .number = 0 } };
    listing list = { .columns = columns, .column_count = COLUMNS, .cells = row, .rows = 1 };
    istauth_client client;
    istauth_status st;

    (void)count;
    st = a->store.ops->client_get(a->store.ctx, arguments[0], &a->arena, &client);
    if (st)
        return admin_end(st, "there is no such client");
    describe(row, &client);
    print_one(&list, a->options->style);
    return EXIT_DONE;
}

int client_grants(admin *a, const istauth_str *arguments, size_t count)
{
    istauth_grant_entries grants;
    istauth_client client;
    istauth_status st;

    (void)count;
    st = a->store.ops->client_get(a->store.ctx, arguments[0], &a->arena, &client);
    if (!st)
        st = istauth_client_grants(&grants, a->server, arguments[0], a->options->after,
                                   a->options->limit, &a->arena);
    return st ? admin_end(st, "there is no such client") : admin_print_grants(a, &grants, true);
}

int client_remove(admin *a, const istauth_str *arguments, size_t count)
{
    istauth_status st = istauth_client_remove(a->server, arguments[0]);

    (void)count;
    if (st)
        return admin_end(st, "there is no such client");
    print_done("removed", 1, "clients removed", a->options->style);
    return EXIT_DONE;
}

int grant_revoke(admin *a, const istauth_str *arguments, size_t count)
{
    istauth_status st = istauth_grant_revoke(a->server, arguments[0]);

    (void)count;
    if (st)
        return admin_end(st, "there is no such grant");
    print_done("revoked", 1, "grants revoked", a->options->style);
    return EXIT_DONE;
}
