#include "flows/flows_i.h"

#include "base/text_i.h"
#include "flows/store_i.h"

#include <istauth/challenge.h>

#define CLIENT_ID_MAX 128
#define AUTHORIZATION_MAX 4096 /* bytes of a header that are worth decoding */

static bool is_client_id(istauth_str id)
{
    if (!id.n || id.n > CLIENT_ID_MAX)
        return false;
    for (size_t i = 0; i < id.n; i++)
        if (!istauth__is_unreserved(id.p[i]))
            return false;
    return true;
}

istauth_status istauth__client_find(istauth_client *client, const istauth__call *call,
                                    istauth_str client_id)
{
    istauth_status st;

    if (!is_client_id(client_id))
        return ISTAUTH_E_INVALID_CLIENT;
    st = istauth__store_client_get(call, client_id, client);
    return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_CLIENT : st;
}

/* Id and secret from the body; an empty secret is none (Claude Code sends one). */
static istauth_status from_body(istauth_str *id, istauth_str *secret, const istauth__form *form)
{
    istauth_str assertion, type;

    if (istauth__form_get(id, form, "client_id") ||
        istauth__form_get(secret, form, "client_secret") ||
        istauth__form_get(&assertion, form, "client_assertion") ||
        istauth__form_get(&type, form, "client_assertion_type"))
        return ISTAUTH_E_INVALID_REQUEST;
    return assertion.n || type.n ? ISTAUTH_E_INVALID_CLIENT : ISTAUTH_OK;
}

static istauth_status from_header(istauth_str *id, istauth_str *secret, const istauth__call *call,
                                  istauth_str header)
{
    istauth_status st;

    if (header.n > AUTHORIZATION_MAX)
        return ISTAUTH_E_INVALID_CLIENT;
    st = istauth_basic_parse(id, secret, call->arena, header);
    return st == ISTAUTH_E_NO_CREDENTIALS ? ISTAUTH_E_INVALID_CLIENT : st;
}

/* Every client here is public: an id is all that it may present. RFC 6749 2.3 forbids two
 * methods at once; the same id in both places is what the MCP Python SDK sends. */
static istauth_status claimed_id(istauth_str *id, const istauth__call *call,
                                 const istauth__client_claim *claim)
{
    istauth_str body_id, body_secret, header_id = { NULL, 0 }, header_secret = { NULL, 0 };
    istauth_status st = from_body(&body_id, &body_secret, claim->form);

    if (st)
        return st;
    if (claim->repeated)
        return ISTAUTH_E_INVALID_CLIENT;
    if (claim->authorization.n) {
        st = from_header(&header_id, &header_secret, call, claim->authorization);
        if (st)
            return st;
        if (body_secret.n)
            return ISTAUTH_E_INVALID_REQUEST;
        if (!header_id.n || (body_id.n && !istauth_str_equal(header_id, body_id)))
            return ISTAUTH_E_INVALID_CLIENT;
    }
    if (body_secret.n || header_secret.n)
        return ISTAUTH_E_INVALID_CLIENT;
    *id = header_id.n ? header_id : body_id;
    return ISTAUTH_OK;
}

istauth_status istauth__client_authenticate(istauth_client *client, bool *by_header,
                                            const istauth__call *call,
                                            const istauth__client_claim *claim)
{
    istauth_str id;
    istauth_status st;

    *by_header = claim->authorization.n || claim->repeated;
    st = claimed_id(&id, call, claim);
    if (st)
        return st;
    return istauth__client_find(client, call, id);
}
