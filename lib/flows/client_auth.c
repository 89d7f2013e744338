#include "flows/flows_i.h"

#include "rules/secret_i.h"

#include <istauth/challenge.h>

#define AUTHORIZATION_MAX 4096 /* bytes of a header that are worth decoding */

/* What a request presents, before anyone looks whose it is. */
typedef struct presented {
    istauth_str id, secret;
    istauth_client_auth method; /* NONE: an id is all there is */
} presented;

/* An empty secret is none (Claude Code sends one). */
static istauth_status from_body(presented *p, const istauth__form *form)
{
    istauth_str assertion, type;

    if (istauth__form_get(&p->id, form, "client_id") ||
        istauth__form_get(&p->secret, form, "client_secret") ||
        istauth__form_get(&assertion, form, "client_assertion") ||
        istauth__form_get(&type, form, "client_assertion_type"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (p->secret.n)
        p->method = ISTAUTH_CLIENT_AUTH_SECRET_POST;
    return assertion.n || type.n ? ISTAUTH_E_INVALID_CLIENT : ISTAUTH_OK;
}

static istauth_status from_header(presented *p, const istauth__call *call, istauth_str header)
{
    istauth_status st;

    if (header.n > AUTHORIZATION_MAX)
        return ISTAUTH_E_INVALID_CLIENT;
    st = istauth_basic_parse(&p->id, &p->secret, call->arena, header);
    if (st)
        return st == ISTAUTH_E_NO_CREDENTIALS ? ISTAUTH_E_INVALID_CLIENT : st;
    if (p->secret.n)
        p->method = ISTAUTH_CLIENT_AUTH_SECRET_BASIC;
    return p->id.n ? ISTAUTH_OK : ISTAUTH_E_INVALID_CLIENT;
}

/* RFC 6749 2.3 forbids two methods at once; the same id in both places is what the MCP Python SDK
 * sends. */
static istauth_status read_claim(presented *p, const istauth__call *call,
                                 const istauth__client_claim *claim)
{
    presented body = { .method = ISTAUTH_CLIENT_AUTH_NONE }, header = body;
    istauth_status st = from_body(&body, claim->form);

    if (st)
        return st;
    if (claim->repeated)
        return ISTAUTH_E_INVALID_CLIENT;
    *p = body;
    if (!claim->authorization.n)
        return ISTAUTH_OK;
    st = from_header(&header, call, claim->authorization);
    if (st)
        return st;
    if (body.method)
        return ISTAUTH_E_INVALID_REQUEST;
    if (body.id.n && !istauth_str_equal(header.id, body.id))
        return ISTAUTH_E_INVALID_CLIENT;
    *p = header;
    return ISTAUTH_OK;
}

static bool is_secret_of(const istauth_client *client, const istauth__call *call,
                         istauth_str secret)
{
    bool matches = istauth__secret_matches(&client->secret_key, secret);

    return matches && (!client->secret_expires_at || call->now < client->secret_expires_at);
}

/* By the method that it is recorded with, and no other: a leaked secret is then of no use in another
 * place, and a client that lost its proof is not taken for a public one. */
static bool is_proven(const istauth_client *client, const istauth__call *call, const presented *p)
{
    if (p->method != client->auth)
        return false;
    if (p->method == ISTAUTH_CLIENT_AUTH_NONE)
        return true;
    return (call->server->config.client_auth & 1u << p->method) &&
           is_secret_of(client, call, p->secret);
}

static istauth_status deny(const istauth_client *client, const istauth__call *call)
{
    if (client->auth != ISTAUTH_CLIENT_AUTH_NONE)
        istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_CLIENT_DENIED,
                                             .status = ISTAUTH_E_INVALID_CLIENT,
                                             .client_id = client->client_id });
    return ISTAUTH_E_INVALID_CLIENT;
}

istauth_status istauth__client_authenticate(istauth_client *client, bool *by_header,
                                            const istauth__call *call,
                                            const istauth__client_claim *claim)
{
    presented p;
    istauth_status st;

    *by_header = claim->authorization.n || claim->repeated;
    st = read_claim(&p, call, claim);
    if (!st)
        st = istauth__client_find(client, call, p.id);
    if (st)
        return st;
    return is_proven(client, call, &p) ? ISTAUTH_OK : deny(client, call);
}
