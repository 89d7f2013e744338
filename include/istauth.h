/* libistauth: OAuth 2.1 in front of an MCP server, as functions over a store of your choice.
 *
 * Rules need nothing but their arguments; flows and endpoints need an istauth_server, which is
 * immutable, and an istauth_arena per request. Start with docs/getting-started.md. */
#ifndef ISTAUTH_H
#define ISTAUTH_H

#include <istauth/version.h>

#include <istauth/base.h>
#include <istauth/status.h>
#include <istauth/arena.h>

/* rules */
#include <istauth/address.h>
#include <istauth/challenge.h>
#include <istauth/client.h>
#include <istauth/discovery.h>
#include <istauth/fetch.h>
#include <istauth/html.h>
#include <istauth/introspection.h>
#include <istauth/metadata_document.h>
#include <istauth/pkce.h>
#include <istauth/policy.h>
#include <istauth/redirect.h>
#include <istauth/scope.h>
#include <istauth/token.h>
#include <istauth/workspace.h>

/* a server and its store */
#include <istauth/config.h>
#include <istauth/memory_store.h>
#include <istauth/server.h>

/* the authorization server's side */
#include <istauth/consent.h>
#include <istauth/consent_page.h>
#include <istauth/endpoints.h>
#include <istauth/provision.h>

/* the account owner's side */
#include <istauth/account.h>
#include <istauth/personal_token.h>

/* the operator's side */
#include <istauth/operator.h>

/* the resource server's side */
#include <istauth/verify.h>

#endif
