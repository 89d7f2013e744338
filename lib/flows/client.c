/* Which client an id names: one that is recorded, or one whose id is the URL of its metadata
 * document.
 *
 * A document is fetched for an authorization request, where a person is at the other end and the
 * host has admitted the address; never because some request to the token endpoint names a URL. */
#include "flows/flows_i.h"

#include "flows/fetch_i.h"
#include "flows/store_i.h"
#include "rules/client_checks_i.h"

#include <istauth/metadata_document.h>

/* --- ids --- */

static bool is_document_url(const istauth_server *server, istauth_str client_id)
{
    return server->config.client_documents &&
           istauth_document_url_is_valid(client_id, server->config.document_flags);
}

/* Does the host want to have to do with the one who publishes there? */
static istauth_status check_host(const istauth_server *server, istauth_str url)
{
    const istauth_hooks *hooks = &server->config.hooks;
    istauth_status st = hooks->document_host
                            ? hooks->document_host(hooks->ctx, istauth_document_url_host(url))
                            : ISTAUTH_OK;

    if (!st || st == ISTAUTH_E_UNAVAILABLE)
        return st;
    return st == ISTAUTH_E_ACCESS_DENIED ? ISTAUTH_E_INVALID_CLIENT : ISTAUTH_E_INTERNAL;
}

static istauth_status check_id(const istauth_server *server, istauth_str client_id)
{
    if (istauth__client_id_is_valid(client_id))
        return ISTAUTH_OK;
    return is_document_url(server, client_id) ? check_host(server, client_id)
                                              : ISTAUTH_E_INVALID_CLIENT;
}

/* --- copies --- */

/* An end further off than any copy is given comes of a clock that was set back. */
static bool is_fresh(const istauth_client *copy, const istauth__call *call)
{
    return call->now < copy->expires_at &&
           copy->expires_at - call->now <= call->server->config.lifetimes.document_most;
}

static bool is_stale_for(const istauth_client *copy, const istauth__call *call,
                         istauth_time seconds)
{
    return copy->origin == ISTAUTH_CLIENT_DOCUMENT && call->now >= copy->expires_at + seconds;
}

/* --- fetching --- */

static istauth_status read(istauth_client *made, const istauth__call *call, istauth_str url,
                           const istauth_fetched *fetched)
{
    const istauth_server *server = call->server;
    const istauth_lifetimes *ttl = &server->config.lifetimes;
    istauth_status st = istauth_document_response_check(fetched);

    if (!st)
        st = istauth_document_parse(made, call->arena, &server->catalogue,
                                    server->config.client_auth, url, fetched->body, NULL);
    if (st)
        return st;
    made->registered_at = call->now;
    made->expires_at =
        call->now + istauth_document_freshness(fetched, ttl->document_least, ttl->document_most,
                                               call->now);
    return ISTAUTH_OK;
}

/* Somebody may have kept or purged the copy meanwhile: then the other verb is right, once. */
static istauth_status keep(const istauth_client *made, const istauth_server *server, bool known)
{
    istauth_status st = known ? istauth__store_client_update(server, made)
                              : istauth__store_client_put(server, made);

    if (st == ISTAUTH_E_NOT_FOUND)
        st = istauth__store_client_put(server, made);
    else if (st == ISTAUTH_E_EXISTS)
        st = istauth__store_client_update(server, made);
    return st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_EXISTS ? ISTAUTH_E_UNAVAILABLE : st;
}

/* The document as it is now. What is wrong with it the audit log learns, not the stranger. */
static istauth_status fetch(istauth_client *client, const istauth__call *call, istauth_str url,
                            bool known)
{
    istauth_client made = { .origin = ISTAUTH_CLIENT_DOCUMENT };
    istauth_fetched fetched = { .status = 0 };
    istauth_status st = istauth__fetch(&fetched, call, url, ISTAUTH_DOCUMENT_MAX);

    if (!st)
        st = read(&made, call, url, &fetched);
    if (!st)
        st = keep(&made, call->server, known);
    istauth__emit(call, (istauth_event){ .kind = ISTAUTH_EVENT_DOCUMENT_FETCHED,
                                         .status = st,
                                         .client_id = url });
    if (st == ISTAUTH_E_NOT_FOUND || st == ISTAUTH_E_INVALID_CLIENT_METADATA ||
        st == ISTAUTH_E_INVALID_REDIRECT_URI)
        return ISTAUTH_E_INVALID_CLIENT;
    if (!st)
        *client = made;
    return st;
}

/* --- clients --- */

istauth_status istauth__client_find(istauth_client *client, const istauth__call *call,
                                    istauth_str client_id)
{
    istauth_time most = call->server->config.lifetimes.document_stale;
    istauth_status st = check_id(call->server, client_id);

    if (!st)
        st = istauth__store_client_get(call, client_id, client);
    if (!st && is_stale_for(client, call, most))
        st = ISTAUTH_E_INVALID_CLIENT;
    return st == ISTAUTH_E_NOT_FOUND ? ISTAUTH_E_INVALID_CLIENT : st;
}

istauth_status istauth__client_resolve(istauth_client *client, const istauth__call *call,
                                       istauth_str client_id)
{
    istauth_client copy;
    istauth_status st = check_id(call->server, client_id);

    if (st)
        return st;
    st = istauth__store_client_get(call, client_id, &copy);
    if (st && st != ISTAUTH_E_NOT_FOUND)
        return st;
    if (!st && (copy.origin != ISTAUTH_CLIENT_DOCUMENT || is_fresh(&copy, call))) {
        *client = copy;
        return ISTAUTH_OK;
    }
    if (!is_document_url(call->server, client_id))
        return ISTAUTH_E_INVALID_CLIENT;
    return fetch(client, call, client_id, !st);
}

void istauth__client_renew(const istauth__call *call, const istauth_client *client)
{
    istauth_time half = call->server->config.lifetimes.document_stale / 2;
    istauth_client fetched;

    if (is_stale_for(client, call, half))
        (void)fetch(&fetched, call, client->client_id, true);
}
