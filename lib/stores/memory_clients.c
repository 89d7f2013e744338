#include "stores/memory_i.h"

enum { ID, NAME, CLIENT_URI, LOGO_URI, POLICY_URI, TOS_URI, SOFTWARE_ID, SOFTWARE_VERSION, SCOPES,
       JWKS, JWKS_URI, RESOURCE, TEXTS };

static struct mem_pack *pack_client(struct mem *m, const istauth_client *client)
{
    const istauth_str texts[TEXTS] = {
        [ID] = client->client_id,           [NAME] = client->name,
        [CLIENT_URI] = client->client_uri,  [LOGO_URI] = client->logo_uri,
        [POLICY_URI] = client->policy_uri,  [TOS_URI] = client->tos_uri,
        [SOFTWARE_ID] = client->software_id, [SOFTWARE_VERSION] = client->software_version,
        [SCOPES] = client->scopes,          [JWKS] = client->jwks,
        [JWKS_URI] = client->jwks_uri,      [RESOURCE] = client->resource,
    };
    const istauth_str_list lists[] = { client->redirect_uris, client->workspaces };
    size_t room = istauth__mem_pack_room(texts, TEXTS, lists, 2);
    struct mem_pack *pack = room ? istauth__mem_alloc(m, room) : NULL;

    if (pack)
        istauth__mem_pack_write(pack, texts, TEXTS, lists, 2);
    return pack;
}

/* It comes first in the pack. */
istauth_str istauth__mem_client_id(const struct mem_client *c)
{
    istauth_str id = { istauth__mem_pack_text(c->texts), c->texts->lengths[ID] };

    return id;
}

struct mem_client *istauth__mem_client_find(const struct mem *m, istauth_str client_id)
{
    struct mem_link *l = istauth__mem_index_first(
        &m->clients, istauth__mem_hash(m, client_id.p, client_id.n));

    while (l && !istauth_str_equal(istauth__mem_client_id((struct mem_client *)l), client_id))
        l = istauth__mem_index_next(l);
    return (struct mem_client *)l;
}

static void describe(struct mem_client *c, const istauth_client *client)
{
    c->auth = client->auth;
    c->grant_types = client->grant_types;
    c->redirect_uris = (uint32_t)client->redirect_uris.count; /* pack_client took no more */
    c->native = client->native;
    c->secret_key = client->secret_key;
    c->secret_expires_at = client->secret_expires_at;
    c->management_key = client->management_key;
    c->expires_at = client->expires_at;
}

static istauth_status insert(struct mem *m, const istauth_client *client)
{
    struct mem_client *c;

    if (istauth__mem_client_find(m, client->client_id))
        return ISTAUTH_E_EXISTS;
    if (m->clients.count >= m->limits.clients)
        return ISTAUTH_E_NO_MEMORY;
    c = istauth__mem_alloc(m, sizeof(*c));
    if (!c)
        return ISTAUTH_E_NO_MEMORY;
    c->texts = pack_client(m, client);
    if (!c->texts) {
        istauth__mem_release(m, c);
        return ISTAUTH_E_NO_MEMORY;
    }
    describe(c, client);
    c->origin = client->origin;
    c->registered_at = client->registered_at;
    c->used_at = client->used_at;
    istauth__mem_ring_init(&c->grants);
    istauth__mem_ring_append(&m->all_clients, &c->all);
    c->by_id.hash = istauth__mem_hash(m, client->client_id.p, client->client_id.n);
    istauth__mem_index_add(m, &m->clients, &c->by_id);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_client_put(void *ctx, const istauth_client *client)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = insert(m, client);
    istauth__mem_unlock(m);
    return st;
}

istauth_status istauth__mem_client_copy(istauth_client *out, const struct mem_client *c,
                                        istauth_arena *arena)
{
    istauth_str texts[TEXTS];
    istauth_str_list lists;
    istauth_client copy;

    if (istauth__mem_pack_copy(texts, TEXTS, &lists, NULL, c->texts, arena))
        return ISTAUTH_E_NO_MEMORY;
    copy.client_id = texts[ID];
    copy.origin = c->origin;
    copy.auth = c->auth;
    copy.name = texts[NAME];
    copy.client_uri = texts[CLIENT_URI];
    copy.logo_uri = texts[LOGO_URI];
    copy.policy_uri = texts[POLICY_URI];
    copy.tos_uri = texts[TOS_URI];
    copy.software_id = texts[SOFTWARE_ID];
    copy.software_version = texts[SOFTWARE_VERSION];
    copy.redirect_uris.items = lists.items;
    copy.redirect_uris.count = c->redirect_uris;
    copy.workspaces.items = lists.items + c->redirect_uris;
    copy.workspaces.count = lists.count - c->redirect_uris;
    copy.scopes = texts[SCOPES];
    copy.grant_types = c->grant_types;
    copy.native = c->native;
    copy.registered_at = c->registered_at;
    copy.used_at = c->used_at;
    copy.secret_key = c->secret_key;
    copy.secret_expires_at = c->secret_expires_at;
    copy.management_key = c->management_key;
    copy.jwks = texts[JWKS];
    copy.jwks_uri = texts[JWKS_URI];
    copy.resource = texts[RESOURCE];
    copy.expires_at = c->expires_at;
    *out = copy;
    return ISTAUTH_OK;
}

istauth_status istauth__mem_client_shown(istauth_grant_entry *out, const struct mem_client *c,
                                         istauth_arena *arena)
{
    istauth_client copy;

    if (istauth__mem_client_copy(&copy, c, arena))
        return ISTAUTH_E_NO_MEMORY;
    out->client_name = copy.name;
    out->client_uri = copy.client_uri;
    out->redirect_uri = copy.redirect_uris.count ? copy.redirect_uris.items[0] : ISTAUTH_STR("");
    return ISTAUTH_OK;
}

istauth_status istauth__mem_client_get(void *ctx, istauth_str client_id, istauth_arena *arena,
                                       istauth_client *out)
{
    struct mem *m = ctx;
    struct mem_client *c;
    istauth_status st = ISTAUTH_E_NOT_FOUND;

    istauth__mem_lock(m);
    c = istauth__mem_client_find(m, client_id);
    if (c)
        st = istauth__mem_client_copy(out, c, arena);
    istauth__mem_unlock(m);
    return st;
}

static istauth_status replace(struct mem *m, const istauth_client *client)
{
    struct mem_client *c = istauth__mem_client_find(m, client->client_id);
    struct mem_pack *texts;

    if (!c)
        return ISTAUTH_E_NOT_FOUND;
    texts = pack_client(m, client);
    if (!texts)
        return ISTAUTH_E_NO_MEMORY;
    istauth__mem_release(m, c->texts);
    c->texts = texts;
    describe(c, client);
    return ISTAUTH_OK;
}

istauth_status istauth__mem_client_update(void *ctx, const istauth_client *client)
{
    struct mem *m = ctx;
    istauth_status st;

    istauth__mem_lock(m);
    st = replace(m, client);
    istauth__mem_unlock(m);
    return st;
}

void istauth__mem_client_remove(struct mem *m, struct mem_client *c)
{
    while (!istauth__mem_ring_is_empty(&c->grants)) {
        struct mem_grant *g = MEM_OWNER(struct mem_grant, of_client, c->grants.next);

        (void)istauth__mem_grant_kill(g);
        g->client = NULL;
        istauth__mem_ring_remove(&g->of_client);
    }
    istauth__mem_index_remove(&m->clients, &c->by_id);
    istauth__mem_ring_remove(&c->all);
    istauth__mem_release(m, c->texts);
    istauth__mem_release(m, c);
}

istauth_status istauth__mem_client_delete(void *ctx, istauth_str client_id, istauth_time now)
{
    struct mem *m = ctx;
    struct mem_client *c;

    (void)now;
    istauth__mem_lock(m);
    c = istauth__mem_client_find(m, client_id);
    if (c)
        istauth__mem_client_remove(m, c);
    istauth__mem_unlock(m);
    return c ? ISTAUTH_OK : ISTAUTH_E_NOT_FOUND;
}
