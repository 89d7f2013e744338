#include "flows/server_i.h"

#include "base/error_i.h"
#include "base/text_i.h"
#include "base/url_i.h"
#include "flows/store_i.h"

#include <istauth/metadata_document.h>

/* Of the smallest config that is taken; to be spelt out by its last member once 0.1 is out. */
#define CONFIG_0_1_SIZE sizeof(istauth_config)

static istauth_status refuse(istauth_error *error, const char *why)
{
    return istauth__fail(error, ISTAUTH_E_CONFIG, why);
}

static void default_time(istauth_time *value, istauth_time otherwise)
{
    if (!*value)
        *value = otherwise;
}

static void default_size(size_t *value, size_t otherwise)
{
    if (!*value)
        *value = otherwise;
}

static void default_str(istauth_str *value, istauth_str otherwise)
{
    if (!value->n)
        *value = otherwise;
}

static const istauth_str default_jwks_path = ISTAUTH_STR_INIT("/.well-known/jwks.json");

static void fill_defaults(istauth_config *c)
{
    default_time(&c->lifetimes.code, 60);
    default_time(&c->lifetimes.access, 3600);
    default_time(&c->lifetimes.refresh, 30 * 86400);
    default_time(&c->lifetimes.ticket, 600);
    default_time(&c->lifetimes.touch, 60);
    default_time(&c->lifetimes.unused_client, 86400);
    default_time(&c->lifetimes.idle_client, 90 * 86400);
    default_time(&c->lifetimes.document_least, 60);
    default_time(&c->lifetimes.document_most, 86400);
    default_time(&c->lifetimes.document_stale, 30 * 86400);
    default_size(&c->limits.query, 16384);
    default_size(&c->limits.form, 16384);
    default_size(&c->limits.metadata, 65536);
    default_size(&c->limits.state, 4096);
    default_size(&c->limits.arena, ISTAUTH_ARENA_CAP);
    default_size(&c->limits.workspaces, 256);
    default_size(&c->limits.apps, 1000);
    default_size(&c->limits.introspection_cache, 1024);
    default_str(&c->paths.register_, ISTAUTH_STR("/api/oauth/register"));
    default_str(&c->paths.authorize, ISTAUTH_STR("/oauth/authorize"));
    default_str(&c->paths.token, ISTAUTH_STR("/api/oauth/token"));
    default_str(&c->paths.revoke, ISTAUTH_STR("/api/oauth/revoke"));
    default_str(&c->paths.userinfo, ISTAUTH_STR("/api/oauth/userinfo"));
    default_str(&c->paths.introspect, ISTAUTH_STR("/api/oauth/introspect"));
    default_str(&c->paths.consent, ISTAUTH_STR("/oauth/consent"));
    default_str(&c->paths.jwks, default_jwks_path);
    default_str(&c->token_prefix, ISTAUTH_STR("ist"));
    if (!c->scopes)
        c->scopes = istauth_scope_defaults(&c->scope_count);
    if (c->scope_count)
        default_str(&c->challenge_scope, c->scopes[0].name);
}

static istauth_status copy_scopes(istauth_server *server)
{
    istauth_config *c = &server->config;
    istauth_scope *copy = istauth_arena_alloc(&server->memory, c->scope_count * sizeof(*copy));

    if (!copy)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < c->scope_count; i++) {
        copy[i] = c->scopes[i];
        if (istauth_arena_copy(&copy[i].name, &server->memory, copy[i].name) ||
            istauth_arena_copy(&copy[i].sentence, &server->memory, copy[i].sentence) ||
            istauth_arena_copy(&copy[i].implies, &server->memory, copy[i].implies))
            return ISTAUTH_E_NO_MEMORY;
    }
    c->scopes = copy;
    return ISTAUTH_OK;
}

static istauth_status copy_resources(istauth_server *server)
{
    istauth_config *c = &server->config;
    istauth_resource *copy =
        istauth_arena_alloc(&server->memory, c->resource_count * sizeof(*copy));

    if (!copy)
        return ISTAUTH_E_NO_MEMORY;
    for (size_t i = 0; i < c->resource_count; i++)
        if (istauth_arena_copy(&copy[i].identifier, &server->memory, c->resources[i].identifier) ||
            istauth_arena_copy(&copy[i].name, &server->memory, c->resources[i].name))
            return ISTAUTH_E_NO_MEMORY;
    c->resources = copy;
    return ISTAUTH_OK;
}

static istauth_status copy_texts(istauth_server *server)
{
    istauth_config *c = &server->config;
    istauth_str *texts[] = { &c->issuer,          &c->challenge_scope,
                             &c->token_prefix,    &c->service_documentation,
                             &c->paths.register_, &c->paths.authorize,
                             &c->paths.token,     &c->paths.revoke,
                             &c->paths.userinfo,  &c->paths.introspect,
                             &c->paths.jwks,      &c->paths.consent,
                             &c->sign_in };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (istauth_arena_copy(texts[i], &server->memory, *texts[i]))
            return ISTAUTH_E_NO_MEMORY;
    if (copy_resources(server))
        return ISTAUTH_E_NO_MEMORY;
    return copy_scopes(server);
}

static bool is_path(istauth_str path)
{
    if (!path.n || path.p[0] != '/' || path.n > ISTAUTH_IDENTIFIER_MAX ||
        istauth__starts_with(path, ISTAUTH_STR("/.well-known/")))
        return false;
    for (size_t i = 0; i < path.n; i++)
        if (path.p[i] != '/' && !istauth__is_unreserved(path.p[i]))
            return false;
    return true;
}

static bool paths_are_good(const istauth_paths *p)
{
    istauth_str all[] = { p->register_, p->authorize,  p->token,   p->revoke,
                          p->userinfo,  p->introspect, p->consent, p->jwks };
    size_t count = sizeof(all) / sizeof(all[0]);

    for (size_t i = 0; i < count; i++) {
        if (!is_path(all[i]) && !(i == count - 1 && istauth_str_equal(all[i], default_jwks_path)))
            return false;
        for (size_t j = 0; j < i; j++)
            if (istauth_str_equal(all[i], all[j]))
                return false;
    }
    return true;
}

static bool lifetimes_are_good(const istauth_lifetimes *t)
{
    const istauth_time century = 100LL * 365 * 86400;
    istauth_time all[] = { t->code,        t->access, t->refresh,
                           t->ticket,      t->touch,  t->unused_client,
                           t->idle_client, t->refresh_retry_window, t->client_secret, t->introspection_cache,
                           t->document_least, t->document_most, t->document_stale };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i] < 0 || all[i] > century)
            return false;
    return t->code <= 600 && t->ticket <= 3600 && t->refresh_retry_window <= 60 &&
           t->introspection_cache <= 3600 &&
           t->document_least <= t->document_most;
}

static bool is_prefix(istauth_str prefix)
{
    if (!prefix.n || prefix.n > ISTAUTH_TOKEN_PREFIX_MAX)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (!istauth__is_digit(prefix.p[i]) && !(prefix.p[i] >= 'a' && prefix.p[i] <= 'z'))
            return false;
    return true;
}

/* The router looks at `paths` first: none may hide a document or the resource itself. */
static bool is_taken(const istauth_paths *p, istauth_str path)
{
    return istauth_str_equal(path, p->register_) || istauth_str_equal(path, p->authorize) ||
           istauth_str_equal(path, p->token) || istauth_str_equal(path, p->revoke) ||
           istauth_str_equal(path, p->userinfo) || istauth_str_equal(path, p->introspect) ||
           istauth_str_equal(path, p->jwks) || istauth_str_equal(path, p->consent);
}

static istauth_status check_resources(const istauth_config *c, istauth_error *error)
{
    if (!c->resource_count || c->resource_count > 1024 || !c->resources)
        return refuse(error, "resources: name 1 to 1024");
    for (size_t i = 0; i < c->resource_count; i++) {
        if (!istauth_resource_is_valid(c->resources[i].identifier))
            return refuse(error, "resources: an identifier must be an https URL without query or "
                                 "fragment (http on loopback only)");
        if (is_taken(&c->paths, istauth_identifier_path(c->resources[i].identifier)))
            return refuse(error, "paths: one of them is a resource's own path");
        if (!istauth__is_display_text(c->resources[i].name))
            return refuse(error, "resources: a name must be UTF-8 on one line");
        for (size_t j = 0; j < i; j++)
            if (istauth_resource_matches(c->resources[j].identifier, c->resources[i].identifier, 0))
                return refuse(error, "resources: two of them are the same");
    }
    return ISTAUTH_OK;
}

static istauth_status check_clients(const istauth_config *c, istauth_error *error)
{
    if (c->client_auth & ~(uint32_t)(ISTAUTH_ALLOW_SECRETS | ISTAUTH_ALLOW_PRIVATE_KEY_JWT))
        return refuse(error, "client_auth: has a bit that is no ISTAUTH_ALLOW_...");
    if (c->confidential_registration && !c->client_auth)
        return refuse(error, "confidential_registration: client_auth names no method");
    if (c->introspection && !c->client_auth)
        return refuse(error, "introspection: client_auth names no method");
    if (c->client_credentials && !c->client_auth)
        return refuse(error, "client_credentials: client_auth names no method");
    return ISTAUTH_OK;
}

/* What a Location begins with: a path of the issuer's own origin, and never of another host. */
static bool is_local_target(istauth_str target)
{
    if (target.n < 2 || target.n > ISTAUTH_IDENTIFIER_MAX || target.p[0] != '/' || target.p[1] == '/')
        return false;
    for (size_t i = 0; i < target.n; i++)
        if (target.p[i] <= ' ' || target.p[i] > '~' || target.p[i] == '\\' || target.p[i] == '#')
            return false;
    return true;
}

static istauth_status check_pages(const istauth_config *c, istauth_error *error)
{
    if (c->hooks.visitor && c->resource_server_only)
        return refuse(error, "hooks.visitor: not for resource_server_only");
    if (c->hooks.visitor && !is_local_target(c->sign_in))
        return refuse(error, "sign_in: hooks.visitor needs the path of your sign-in page, such as "
                             "/login?next=");
    return ISTAUTH_OK;
}

static bool is_on_loopback(istauth_str issuer)
{
    istauth__url url;

    return istauth__url_cut(&url, issuer) && istauth__url_is_loopback(url.host);
}

static istauth_status check_documents(const istauth_config *c, istauth_error *error)
{
    if (c->client_documents && !c->fetcher.get)
        return refuse(error, "client_documents: needs a fetcher");
    if (c->document_flags & ~(unsigned)(ISTAUTH_DOCUMENT_QUERY | ISTAUTH_DOCUMENT_LOOPBACK))
        return refuse(error, "document_flags: has a bit that is no ISTAUTH_DOCUMENT_...");
    if ((c->document_flags & ISTAUTH_DOCUMENT_LOOPBACK) && !is_on_loopback(c->issuer))
        return refuse(error, "document_flags: LOOPBACK is for an issuer on a loopback host");
    return ISTAUTH_OK;
}

static istauth_status check(const istauth_config *c, istauth_error *error)
{
    if (!istauth_issuer_is_valid(c->issuer))
        return refuse(error, "issuer: must be an https URL without trailing slash, query or "
                             "fragment (http on loopback only)");
    if (!paths_are_good(&c->paths))
        return refuse(error, "paths: each must be absolute, of unreserved characters, unique, and "
                             "outside /.well-known/ (but for jwks.json)");
    if (!lifetimes_are_good(&c->lifetimes))
        return refuse(error, "lifetimes: must be positive; code at most 600, ticket at most 3600, "
                             "refresh_retry_window at most 60, document_least at most document_most");
    if (!is_prefix(c->token_prefix))
        return refuse(error, "token_prefix: 1 to 3 characters of a-z and 0-9");
    if (c->service_documentation.n && !istauth_resource_is_valid(c->service_documentation))
        return refuse(error, "service_documentation: must be an https URL");
    if (check_clients(c, error) || check_documents(c, error) || check_pages(c, error))
        return ISTAUTH_E_CONFIG;
    return check_resources(c, error);
}

static istauth_status load_scopes(istauth_server *server, istauth_error *error)
{
    istauth_config *c = &server->config;
    istauth_scope_set all, identity;
    size_t unknown;

    if (istauth_scope_catalogue_init(&server->catalogue, c->scopes, c->scope_count))
        return refuse(error, "scopes: 1 to 64 with good, unique names that imply known ones");
    if (istauth_scope_parse(&server->challenge_scopes, &unknown, &server->catalogue,
                            c->challenge_scope) ||
        unknown || istauth_scope_is_empty(server->challenge_scopes))
        return refuse(error, "challenge_scope: names a scope that is not in scopes");
    all.bits = c->scope_count == 64 ? UINT64_MAX : (UINT64_C(1) << c->scope_count) - 1;
    identity = istauth_scope_flagged(&server->catalogue, ISTAUTH_SCOPE_IDENTITY);
    server->offered = c->hooks.claims ? all : istauth_scope_without(all, identity);
    if (!istauth_scope_is_subset(server->challenge_scopes, server->offered))
        return refuse(error, "challenge_scope: an identity scope without hooks.claims");
    return ISTAUTH_OK;
}

static istauth_status load_store(istauth_server *server, const istauth_config *config,
                                 istauth_error *error)
{
    const istauth_config *c = &server->config;

    if (c->hooks.introspect && !c->resource_server_only)
        return refuse(error, "hooks.introspect: is for resource_server_only");
    if (c->hooks.introspect && !config->store.ops)
        return ISTAUTH_OK; /* another server has the store */
    if (istauth__store_load(&server->ops, config->store.ops))
        return refuse(error, "store: an op is missing, or it was built for another version");
    return ISTAUTH_OK;
}

istauth_status istauth__config_load(istauth_server *server, const istauth_config *config,
                                    istauth_error *error)
{
    istauth_config *c = &server->config;
    istauth_status st;

    if (config->size < CONFIG_0_1_SIZE || config->size > sizeof(*c))
        return refuse(error, "size: start from ISTAUTH_CONFIG_INIT, with this library's headers");
    memcpy(c, config, config->size);
    c->ticket_key = c->pairwise_key = NULL; /* kept elsewhere, and wiped, */
    c->signing_keys = NULL;                 /* and so are these */
    c->allocator = NULL;
    fill_defaults(c);
    if (load_store(server, config, error))
        return ISTAUTH_E_CONFIG;
    st = check(c, error);
    if (st)
        return st;
    if (copy_texts(server))
        return ISTAUTH_E_NO_MEMORY;
    return load_scopes(server, error);
}
