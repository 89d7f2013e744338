#include "rules/provision_i.h"

#include <istauth/redirect.h>
#include <istauth/workspace.h>

#include "base/error_i.h"
#include "base/text_i.h"
#include "rules/client_checks_i.h"
#include "rules/client_i.h"

#define CLIENT_ID_MAX 128
#define GRANTS                                                     \
    (ISTAUTH_GRANT_AUTHORIZATION_CODE | ISTAUTH_GRANT_REFRESH_TOKEN | \
     ISTAUTH_GRANT_CLIENT_CREDENTIALS)

bool istauth__client_id_is_valid(istauth_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (!istauth__is_unreserved(id.p[i]))
            return false;
    return id.n > 0 && id.n <= CLIENT_ID_MAX;
}

static istauth_status bad(istauth_error *error, const char *detail)
{
    return istauth__fail(error, ISTAUTH_E_ARGUMENT, detail);
}

static istauth_status check_pages(const istauth_provision *wish, istauth_error *error)
{
    istauth_str pages[] = { wish->client_uri, wish->logo_uri, wish->policy_uri, wish->tos_uri };

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        if (pages[i].n && !istauth__client_page_is_valid(pages[i]))
            return bad(error, "a page of the client is not an http or https URL");
    return ISTAUTH_OK;
}

static istauth_status check_names(const istauth_provision *wish, istauth_error *error)
{
    if (wish->client_id.n && !istauth__client_id_is_valid(wish->client_id))
        return bad(error, "client_id: 1 to 128 characters of A-Z a-z 0-9 - . _ ~");
    if (!istauth__client_name_is_valid(wish->name))
        return bad(error, "name: 1 to 120 bytes of UTF-8 on one line");
    return check_pages(wish, error);
}

static istauth_status check_auth(const istauth__provision_terms *terms,
                                 const istauth_provision *wish, istauth_error *error)
{
    bool secret = wish->auth == ISTAUTH_CLIENT_AUTH_SECRET_BASIC ||
                  wish->auth == ISTAUTH_CLIENT_AUTH_SECRET_POST;

    if (wish->auth != ISTAUTH_CLIENT_AUTH_NONE &&
        ((unsigned)wish->auth > 31 || !(terms->client_auth & 1u << wish->auth)))
        return bad(error, "auth: istauth_config.client_auth does not have this method");
    if (wish->secret_expires_at && (!secret || wish->secret_expires_at <= terms->now))
        return bad(error, "secret_expires_at: in the past, or of no secret");
    return ISTAUTH_OK;
}

/* A machine, and a resource server, must prove who they are. */
static istauth_status check_roles(const istauth__provision_terms *terms,
                                  const istauth_provision *wish, istauth_error *error)
{
    bool machine = wish->grant_types & ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    bool is_public = wish->auth == ISTAUTH_CLIENT_AUTH_NONE;

    if (wish->grant_types & ~(uint32_t)GRANTS)
        return bad(error, "grant_types: has a bit that is no ISTAUTH_GRANT_...");
    if ((wish->grant_types & ISTAUTH_GRANT_REFRESH_TOKEN) &&
        !(wish->grant_types & ISTAUTH_GRANT_AUTHORIZATION_CODE))
        return bad(error, "grant_types: refresh_token without authorization_code");
    if (machine && (is_public || !terms->client_credentials))
        return bad(error, "grant_types: client_credentials need a secret or a key, and "
                          "istauth_config.client_credentials");
    if (wish->resource.n && is_public)
        return bad(error, "resource: its server needs a secret or a key");
    return ISTAUTH_OK;
}

static istauth_status check_redirects(const istauth_provision *wish, istauth_error *error)
{
    istauth_str_list uris = wish->redirect_uris;
    bool code = wish->grant_types & ISTAUTH_GRANT_AUTHORIZATION_CODE;

    if (code != (uris.count > 0) || uris.count > ISTAUTH_CLIENT_REDIRECT_URIS_MAX)
        return istauth__fail(error, ISTAUTH_E_INVALID_REDIRECT_URI,
                             "redirect_uris: 1 to 20 with authorization_code, none without it");
    for (size_t i = 0; i < uris.count; i++)
        if (istauth_redirect_check(uris.items[i]) == ISTAUTH_REDIRECT_REFUSED)
            return istauth__fail(error, ISTAUTH_E_INVALID_REDIRECT_URI,
                                 "redirect_uris: one of them is not acceptable");
    return ISTAUTH_OK;
}

static istauth_status check_scopes(istauth_scope_set *scopes,
                                   const istauth__provision_terms *terms,
                                   const istauth_provision *wish, istauth_error *error)
{
    istauth_scope_set named = { 0 }, own;
    size_t unknown = 0;

    if (wish->scopes.n &&
        (istauth_scope_parse(&named, &unknown, terms->catalogue, wish->scopes) || unknown ||
         !istauth_scope_is_subset(named, terms->offered)))
        return istauth__fail(error, ISTAUTH_E_INVALID_SCOPE,
                             "scopes: malformed, or one of them is not offered");
    own = istauth_scope_without(named,
                                istauth_scope_flagged(terms->catalogue, ISTAUTH_SCOPE_IDENTITY));
    if ((wish->grant_types & ISTAUTH_GRANT_CLIENT_CREDENTIALS) && istauth_scope_is_empty(own))
        return istauth__fail(error, ISTAUTH_E_INVALID_SCOPE,
                             "scopes: client_credentials need one that is not an identity scope");
    *scopes = named;
    return ISTAUTH_OK;
}

static istauth_status check_workspaces(const istauth__provision_terms *terms,
                                       const istauth_provision *wish, istauth_error *error)
{
    istauth_str_list list = wish->workspaces;

    if (list.count && !(wish->grant_types & ISTAUTH_GRANT_CLIENT_CREDENTIALS))
        return bad(error, "workspaces: only tokens of client_credentials have the client's own");
    if (list.count > terms->workspaces)
        return bad(error, "workspaces: more than istauth_limits.workspaces");
    for (size_t i = 0; i < list.count; i++) {
        if (!istauth_workspace_id_is_valid(list.items[i]))
            return bad(error, "workspaces: an id is not valid");
        for (size_t j = 0; j < i; j++)
            if (istauth_str_equal(list.items[i], list.items[j]))
                return bad(error, "workspaces: one of them is there twice");
    }
    return ISTAUTH_OK;
}

static istauth_status check_keys(istauth_arena *arena, const istauth_provision *wish,
                                 istauth_error *error)
{
    bool usable = true, wanted = wish->auth == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    istauth_status st;

    if ((wish->jwks.n > 0) + (wish->jwks_uri.n > 0) != wanted)
        return bad(error, "jwks, jwks_uri: private_key_jwt needs one of them, the others none");
    if (wish->jwks_uri.n && !istauth__client_jwks_uri_is_valid(wish->jwks_uri))
        return bad(error, "jwks_uri: no URL that may be fetched");
    if (!wish->jwks.n)
        return ISTAUTH_OK;
    st = istauth__client_check_jwks(&usable, arena, wish->jwks, error);
    if (!st && !usable)
        return istauth__fail(error, ISTAUTH_E_INVALID_CLIENT_METADATA, "jwks: no key is of use");
    return st;
}

istauth_status istauth__provision_check(istauth_scope_set *scopes, istauth_arena *arena,
                                        const istauth__provision_terms *terms,
                                        const istauth_provision *wish, istauth_error *error)
{
    istauth_status st;

    if ((st = check_names(wish, error)) || (st = check_auth(terms, wish, error)) ||
        (st = check_roles(terms, wish, error)) || (st = check_redirects(wish, error)) ||
        (st = check_workspaces(terms, wish, error)) || (st = check_keys(arena, wish, error)))
        return st;
    return check_scopes(scopes, terms, wish, error);
}
