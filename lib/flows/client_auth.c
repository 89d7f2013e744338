#include "flows/flows_i.h"

#include "flows/assertion_i.h"
#include "rules/secret_i.h"

#include <istauth/challenge.h>

#define AUTHORIZATION_MAX 4096 /* bytes of a header that are worth decoding */

/* What a request presents, before anyone looks whose it is. */
typedef struct presented {
    istauth_str id, secret, assertion;
    istauth_client_auth method; /* NONE: an id is all there is */
} presented;

#define JWT_BEARER ISTAUTH_STR("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")

/* An assertion without its type, or of another one, proves nothing (RFC 7521 4.2.1). */
static istauth_status read_assertion(presented *p, const istauth__form *form)
{
    istauth_str type;

    if (istauth__form_get(&p->assertion, form, "client_assertion") ||
        istauth__form_get(&type, form, "client_assertion_type"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (!p->assertion.n && !type.n)
        return ISTAUTH_OK;
    if (p->method)
        return ISTAUTH_E_INVALID_REQUEST;
    if (!p->assertion.n || !istauth_str_equal(type, JWT_BEARER))
        return ISTAUTH_E_INVALID_CLIENT;
    p->method = ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT;
    return ISTAUTH_OK;
}

/* An empty secret is none (Claude Code sends one). */
static istauth_status from_body(presented *p, const istauth__form *form)
{
    if (istauth__form_get(&p->id, form, "client_id") ||
        istauth__form_get(&p->secret, form, "client_secret"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (p->secret.n)
        p->method = ISTAUTH_CLIENT_AUTH_SECRET_POST;
    return read_assertion(p, form);
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
 * place, and a client that lost its proof is not taken for a public one. Only a document may offer "none"
 * and its keys at once (ChatGPT's does): its client is public, and may all the same use them. */
static bool may_use(const istauth_client *client, istauth_client_auth method)
{
    return method == client->auth ||
           (client->origin == ISTAUTH_CLIENT_DOCUMENT &&
            method == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT &&
            (client->jwks.n || client->jwks_uri.n));
}

static istauth_status prove(const istauth_client *client, const istauth__call *call,
                            const presented *p)
{
    if (!may_use(client, p->method))
        return ISTAUTH_E_INVALID_CLIENT;
    if (p->method == ISTAUTH_CLIENT_AUTH_NONE)
        return ISTAUTH_OK;
    if (!(call->server->config.client_auth & 1u << p->method))
        return ISTAUTH_E_INVALID_CLIENT;
    if (p->method == ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        return istauth__assertion_verify(call, client, p->assertion);
    return is_secret_of(client, call, p->secret) ? ISTAUTH_OK : ISTAUTH_E_INVALID_CLIENT;
}

static void tell(const istauth_client *client, const istauth__call *call)
{
    if (client->auth != ISTAUTH_CLIENT_AUTH_NONE)
        istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_CLIENT_DENIED,
                                             .status = ISTAUTH_E_INVALID_CLIENT,
                                             .client_id = client->client_id });
}

/* Who it says that it is: with an assertion that is enough (RFC 7521 4.2). */
static istauth_status name_it(presented *p, const istauth__call *call)
{
    istauth_str subject;
    istauth_status st;

    if (p->method != ISTAUTH_CLIENT_AUTH_PRIVATE_KEY_JWT)
        return ISTAUTH_OK;
    if (!(call->server->config.client_auth & ISTAUTH_ALLOW_PRIVATE_KEY_JWT))
        return ISTAUTH_E_INVALID_CLIENT;
    st = istauth__assertion_subject(&subject, call, p->assertion);
    if (st)
        return st;
    if (p->id.n && !istauth_str_equal(p->id, subject))
        return ISTAUTH_E_INVALID_CLIENT;
    p->id = subject;
    return ISTAUTH_OK;
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
        st = name_it(&p, call);
    if (!st)
        st = istauth__client_find(client, call, p.id);
    if (st)
        return st;
    st = prove(client, call, &p);
    if (st == ISTAUTH_E_INVALID_CLIENT)
        tell(client, call);
    return st;
}
