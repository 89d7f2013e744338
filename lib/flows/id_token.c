#include "flows/openid_i.h"

#include "rules/id_token_i.h"
#include "rules/subject_i.h"

_Static_assert(ISTAUTH_PAIRWISE_KEY_SIZE == ISTAUTH__PAIRWISE_KEY_SIZE, "one key");

istauth_status istauth__subject_for_client(istauth_str *sub, const istauth__call *call,
                                           const istauth_client *client, istauth_str subject)
{
    if (!call->server->pairwise) {
        *sub = subject;
        return ISTAUTH_OK;
    }
    return istauth__subject_pairwise(sub, call->arena, call->server->pairwise_key,
                                     istauth__sector(client), subject);
}

static bool wants_one(const istauth_server *server, istauth_str scopes)
{
    istauth_scope_set granted, openid;

    return istauth__is_openid(server) &&
           !istauth_scope_parse(&openid, NULL, &server->catalogue, ISTAUTH_STR("openid")) &&
           !istauth_scope_parse(&granted, NULL, &server->catalogue, scopes) &&
           istauth_scope_allows(&server->catalogue, granted, openid);
}

istauth_status istauth__id_token_issue(istauth_str *jwt, const istauth__call *call,
                                       const istauth_client *client, const istauth_grant *grant,
                                       istauth_str scopes, istauth_str nonce,
                                       istauth_str access_token)
{
    const istauth_server *server = call->server;
    istauth__id_token token = { .issuer = server->config.issuer,
                                .client_id = client->client_id,
                                .nonce = nonce,
                                .access_token = access_token,
                                .auth_time = grant->auth_time,
                                .issued_at = call->now,
                                .expires_at = call->now + server->config.lifetimes.access };
    istauth_str payload;
    istauth_status st;

    if (!wants_one(server, scopes)) {
        *jwt = istauth_str_of(NULL);
        return ISTAUTH_OK;
    }
    token.alg = server->jwks.keys[0].key.alg;
    st = istauth__subject_for_client(&token.subject, call, client, grant->subject);
    if (!st)
        st = istauth__id_token_print(&payload, call->arena, &token);
    if (!st)
        st = istauth__sign(jwt, call, "JWT", payload);
    return st;
}
