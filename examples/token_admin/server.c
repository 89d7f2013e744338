/* The library's server over the store: most of what this program does needs no more of it than that. */
#include "admin.h"

#include <stdio.h>

/* The workspaces that a token is made for are those that were named: the operator vouches. */
static istauth_status offer_workspaces(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                       istauth_arena *arena)
{
    const options *o = ctx;

    (void)subject;
    (void)arena;
    offer->items = o->workspaces;
    offer->count = o->workspace_count;
    return ISTAUTH_OK;
}

/* Scopes, too, are taken as they are named; the server knows what they mean. */
static size_t name_scopes(istauth_scope out[ISTAUTH_SCOPE_MAX], istauth_str text)
{
    size_t count = 0;

    while (text.n && count < ISTAUTH_SCOPE_MAX) {
        const char *space = memchr(text.p, ' ', text.n);
        size_t n = space ? (size_t)(space - text.p) : text.n;

        out[count++] = (istauth_scope){ .name = { text.p, n }, .sentence = ISTAUTH_STR("-") };
        text.p += n + (space != NULL);
        text.n -= n + (space != NULL);
    }
    return count;
}

/* It issues nothing but personal tokens, so that its issuer is never seen. */
bool admin_make_server(admin *a)
{
    const options *o = a->options;
    istauth_config config = ISTAUTH_CONFIG_INIT;
    istauth_resource resource = { o->resource.n ? o->resource
                                                : ISTAUTH_STR("https://token-admin.invalid/mcp"),
                                  ISTAUTH_STR("") };
    istauth_scope scopes[ISTAUTH_SCOPE_MAX];
    istauth_error error = { .detail = "" };
    istauth_status st;

    config.issuer = ISTAUTH_STR("https://token-admin.invalid");
    config.resources = &resource;
    config.resource_count = 1;
    config.store = a->store;
    config.token_prefix = o->prefix;
    config.scope_count = name_scopes(scopes, o->scopes);
    config.scopes = config.scope_count ? scopes : NULL;
    config.limits.apps = o->limit;
    config.hooks.ctx = (void *)(uintptr_t)o;
    config.hooks.workspaces = o->workspace_count ? offer_workspaces : NULL;
    config.lifetimes.unused_client = o->unused_days * 86400;
    config.lifetimes.idle_client = o->idle_days * 86400;
    st = istauth_server_new(&a->server, &config, &error);
    if (st)
        fprintf(stderr, "token_admin: %s\n",
                error.detail[0] ? error.detail : istauth_status_name(st));
    return !st;
}
