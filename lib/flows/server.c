#include "flows/server_i.h"

#include "base/crypto_i.h"
#include "flows/answers_i.h"
#include "flows/store_i.h"

/* Enough for the longest configuration that istauth__config_load accepts. */
#define MEMORY_CAP (16u * 1024u * 1024u)

static istauth_status load_ticket_key(istauth_server *server, const uint8_t *key)
{
    if (!key)
        return istauth__random(server, server->ticket_key, sizeof(server->ticket_key));
    memcpy(server->ticket_key, key, sizeof(server->ticket_key));
    return ISTAUTH_OK;
}

static istauth_status build(istauth_server *server, const istauth_config *config,
                            istauth_error *error)
{
    istauth_status st = istauth__config_load(server, config, error);

    if (st)
        return st;
    st = load_ticket_key(server, config->ticket_key);
    if (!st)
        st = istauth__signing_load(server, config, error);
    if (st)
        return st;
    st = istauth__answers_new(&server->answers, server);
    if (st)
        return st;
    return istauth__documents_build(server);
}

static istauth_status fail(istauth_error *error, istauth_status st)
{
    if (error && error->status != st) {
        error->status = st;
        error->detail[0] = '\0';
    }
    return st;
}

istauth_status istauth_server_new(istauth_server **server, const istauth_config *config,
                                  istauth_error *error)
{
    istauth_allocator allocator =
        config->allocator ? *config->allocator : istauth_allocator_default();
    istauth_server *made;
    istauth_status st;

    if (error)
        error->status = ISTAUTH_OK;
    if (istauth__crypto_start())
        return fail(error, ISTAUTH_E_CRYPTO);
    made = allocator.alloc(allocator.ctx, sizeof(*made));
    if (!made)
        return fail(error, ISTAUTH_E_NO_MEMORY);
    memset(made, 0, sizeof(*made));
    made->allocator = allocator;
    istauth_arena_init(&made->memory, NULL, 0, &allocator, MEMORY_CAP);
    st = build(made, config, error);
    if (st) {
        istauth_server_free(made);
        return fail(error, st);
    }
    *server = made;
    return ISTAUTH_OK;
}

void istauth_server_free(istauth_server *server)
{
    istauth_allocator allocator;

    if (!server)
        return;
    allocator = server->allocator;
    istauth__signing_free(server);
    istauth__answers_free(server->answers);
    istauth_arena_wipe(&server->memory);
    istauth__wipe(server, sizeof(*server));
    allocator.release(allocator.ctx, server);
}

void istauth_server_arena(const istauth_server *server, istauth_arena *arena, void *buffer,
                          size_t size)
{
    istauth_arena_init(arena, buffer, size, &server->allocator, server->config.limits.arena);
}

const istauth_scope_catalogue *istauth_server_scopes(const istauth_server *server)
{
    return &server->catalogue;
}

bool istauth__resource_is_meant(const istauth_server *server, const istauth__resource *resource,
                                istauth_str presented)
{
    unsigned flags = server->config.resource_count == 1 ? ISTAUTH_RESOURCE_ORIGIN : 0;

    return istauth_resource_matches(resource->identifier, presented, flags);
}

const istauth__resource *istauth__resource_meant(const istauth_server *server,
                                                 istauth_str presented)
{
    for (size_t i = 0; i < server->config.resource_count; i++)
        if (istauth__resource_is_meant(server, &server->resources[i], presented))
            return &server->resources[i];
    return NULL;
}

const istauth__resource *istauth__resource_named(const istauth_server *server,
                                                 istauth_str identifier)
{
    if (!identifier.n)
        return &server->resources[0];
    for (size_t i = 0; i < server->config.resource_count; i++)
        if (istauth_str_equal(server->resources[i].identifier, identifier))
            return &server->resources[i];
    return NULL;
}

istauth_status istauth_purge(size_t *removed, const istauth_server *server, size_t limit)
{
    const istauth_lifetimes *ttl = &server->config.lifetimes;
    istauth_purge_bounds bounds;
    size_t count = 0;
    istauth_time now;
    istauth_status st;

    st = istauth__now(&now, server);
    if (st)
        return st;
    bounds.now = now;
    bounds.unused_before = now - ttl->unused_client;
    bounds.idle_before = now - ttl->idle_client;
    bounds.limit = limit;
    st = istauth__store_purge(server, &bounds, &count);
    if (!st && removed)
        *removed = count;
    return st;
}
