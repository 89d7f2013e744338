/* The client_credentials grant (RFC 6749 4.4): a client that the host provisioned acts for itself. */
#include "flows/flows_i.h"

#include "flows/issue_i.h"
#include "flows/resource_i.h"
#include "flows/store_i.h"

/* Whatever a record says: nobody becomes a machine by registering, nor without a proof. */
static bool is_machine(const istauth_client *client)
{
    return client->origin == ISTAUTH_CLIENT_PROVISIONED &&
           client->auth != ISTAUTH_CLIENT_AUTH_NONE &&
           (client->grant_types & ISTAUTH_GRANT_CLIENT_CREDENTIALS) && client->scopes.n;
}

/* Within its ceiling, and nothing that tells who a person is: there is none. */
static istauth_status choose_scopes(istauth_str *scopes, const istauth__call *call,
                                    const istauth_client *client, const istauth__form *form)
{
    const istauth_scope_catalogue *catalogue = &call->server->catalogue;
    istauth_scope_set asked, identity = istauth_scope_flagged(catalogue, ISTAUTH_SCOPE_IDENTITY);
    istauth_str text;

    if (istauth__form_get(&text, form, "scope"))
        return ISTAUTH_E_INVALID_REQUEST;
    if (istauth_scope_parse(&asked, NULL, catalogue, text.n ? text : client->scopes))
        return ISTAUTH_E_INVALID_SCOPE;
    asked = istauth_scope_intersection(asked, istauth__client_ceiling(call->server, client));
    asked = istauth_scope_without(asked, identity);
    if (istauth_scope_is_empty(asked))
        return ISTAUTH_E_INVALID_SCOPE;
    return istauth_scope_print(scopes, call->arena, catalogue, asked);
}

static istauth_status fill_grant(istauth_grant *grant, const istauth__call *call,
                                 const istauth_client *client, const istauth__form *form)
{
    const istauth__resource *resource;
    uint8_t random[16];
    istauth_status st = istauth__resource_asked(&resource, call->server, form, NULL);

    if (!st)
        st = choose_scopes(&grant->scopes, call, client, form);
    if (!st)
        st = istauth__random(call->server, random, sizeof(random));
    if (st)
        return st;
    istauth__id_write(&grant->id, random);
    grant->client_id = client->client_id;
    grant->workspaces = client->workspaces;
    grant->resource = resource->identifier;
    grant->created_at = grant->issued_at = call->now;
    return ISTAUTH_OK;
}

/* An access token alone (RFC 6749 4.4.3): it can ask again at any time. */
static istauth_status mint(istauth__minted *minted, const istauth__call *call,
                           const istauth_client *client, const istauth_grant *grant)
{
    istauth_client alone = *client;

    alone.grant_types = ISTAUTH_GRANT_CLIENT_CREDENTIALS;
    return istauth__mint(minted, call, &alone, grant, istauth_str_of(NULL), istauth_str_of(NULL));
}

istauth_status istauth__machine(istauth__issued *issued, const istauth__call *call,
                                const istauth_client *client, const istauth__form *form)
{
    istauth_grant grant = { .pending = false };
    istauth__minted minted;
    istauth_status st;

    if (!is_machine(client))
        return ISTAUTH_E_UNAUTHORIZED_CLIENT;
    st = fill_grant(&grant, call, client, form);
    if (!st)
        st = mint(&minted, call, client, &grant);
    if (st)
        return st;
    st = istauth__store_machine_put(call->server, &minted.records[0], &grant);
    if (st == ISTAUTH_E_NOT_FOUND)
        return ISTAUTH_E_INVALID_CLIENT; /* removed while it asked */
    if (st)
        return st == ISTAUTH_E_EXISTS ? ISTAUTH_E_INTERNAL : st;
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_TOKEN_ISSUED,
                                         .client_id = client->client_id,
                                         .grant_id = istauth_id_str(&grant.id),
                                         .scopes = grant.scopes });
    *issued = minted.issued;
    return ISTAUTH_OK;
}
