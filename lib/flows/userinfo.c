/* What the identity scopes reveal (OpenID Connect Core 5.3 and 5.4): each exactly its own claims.
 */
#include "flows/flows_i.h"

#include "base/json_i.h"
#include "flows/openid_i.h"
#include "flows/store_i.h"

static bool has(const istauth_server *server, const istauth_access *access, const char *name)
{
    istauth_scope_set needed;
    size_t unknown;

    return !istauth_scope_parse(&needed, &unknown, &server->catalogue, istauth_str_of(name)) &&
           !unknown && istauth_scope_allows(&server->catalogue, access->scopes, needed);
}

static istauth_status ask_host(istauth_claims *claims, const istauth__call *call,
                               istauth_str subject)
{
    const istauth_hooks *hooks = &call->server->config.hooks;
    istauth_status st;

    memset(claims, 0, sizeof(*claims));
    if (!hooks->claims)
        return ISTAUTH_OK;
    st = hooks->claims(hooks->ctx, claims, subject, call->arena);
    if (st == ISTAUTH_E_NOT_FOUND)
        return ISTAUTH_E_INVALID_TOKEN; /* the account is gone */
    if (st && st != ISTAUTH_E_UNAVAILABLE && st != ISTAUTH_E_NO_MEMORY)
        return ISTAUTH_E_INTERNAL;
    return st;
}

/* As in the ID token. Only where clients see different subjects does it matter which one asks. */
static istauth_status subject_of(istauth_str *sub, const istauth__call *call,
                                 const istauth_access *access)
{
    istauth_client client = { .client_id = access->client_id };
    istauth_status st = ISTAUTH_OK;

    if (call->server->pairwise)
        st = istauth__store_client_get(call, access->client_id, &client);
    if (st)
        return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_TOKEN : st;
    return istauth__subject_for_client(sub, call, &client, access->subject);
}

istauth_status istauth__userinfo(istauth_str *json, const istauth__call *call,
                                 const istauth_access *access)
{
    bool openid = has(call->server, access, "openid");
    bool profile = has(call->server, access, "profile");
    bool email = has(call->server, access, "email");
    istauth__json j = istauth__json_in(call->arena);
    istauth_claims claims;
    istauth_str sub;
    istauth_status st;

    if (access->kind != ISTAUTH_TOKEN_ACCESS)
        return ISTAUTH_E_INVALID_TOKEN;
    if (!openid && !profile && !email)
        return ISTAUTH_E_INSUFFICIENT_SCOPE;
    st = ask_host(&claims, call, access->subject);
    if (!st)
        st = subject_of(&sub, call, access);
    if (st)
        return st;
    istauth__json_open(&j, NULL, '{');
    if (openid)
        istauth__json_str(&j, "sub", sub);
    if (profile) {
        istauth__json_optional(&j, "name", claims.name);
        istauth__json_optional(&j, "picture", claims.picture);
    }
    if (email && claims.email.n) {
        istauth__json_str(&j, "email", claims.email);
        istauth__json_bool(&j, "email_verified", claims.email_verified);
    }
    istauth__json_close(&j, '}');
    return istauth__buf_done(json, &j.buf);
}
