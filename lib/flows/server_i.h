/* The built server, and what every flow needs of it. */
#ifndef ISTAUTH_SERVER_I_H
#define ISTAUTH_SERVER_I_H

#include <istauth/consent.h>
#include <istauth/discovery.h>
#include <istauth/server.h>

#include "rules/jwk_i.h"

/* A resource with its documents, built once. */
typedef struct istauth__resource {
    istauth_str identifier;
    istauth_str metadata_path; /* path form */
    istauth_str metadata_url;
    istauth_str metadata_json;
} istauth__resource;

struct istauth_server {
    istauth_config config; /* defaults filled in; texts in `memory` */
    istauth_store_ops ops;
    istauth_allocator allocator;
    istauth_arena memory;
    istauth_scope_catalogue catalogue;
    istauth_scope_set offered; /* what may be granted */
    istauth_scope_set challenge_scopes;
    istauth__resource *resources;
    istauth_str metadata_path; /* of the authorization server's document */
    istauth_str metadata_json;
    uint8_t ticket_key[ISTAUTH_TICKET_KEY_SIZE];
    istauth__private_key *signing_keys; /* the first signs */
    istauth__jwks jwks;                 /* their public halves; none: no OpenID Connect */
    istauth_str jwks_json;
    istauth_str openid_paths[2]; /* of the OpenID provider's document: inserted and appended */
    istauth_str openid_json;
    uint8_t pairwise_key[ISTAUTH_PAIRWISE_KEY_SIZE];
    bool pairwise; /* subjects are */
    struct istauth__answers *answers; /* of hooks.introspect; NULL: none are kept */
};

/* One call into the library: a flow's clock reading, memory and caller. */
typedef struct istauth__call {
    const istauth_server *server;
    istauth_arena *arena;
    istauth_time now;
    istauth_str address;
} istauth__call;

/* ISTAUTH_OK, ISTAUTH_E_CLOCK */
istauth_status istauth__call_start(istauth__call *call, const istauth_server *server,
                                   istauth_arena *arena, istauth_str address);

/* ISTAUTH_OK, ISTAUTH_E_CLOCK */
istauth_status istauth__now(istauth_time *now, const istauth_server *server);

/* ISTAUTH_OK, ISTAUTH_E_RANDOM (and then `bytes` is wiped) */
istauth_status istauth__random(const istauth_server *server, void *bytes, size_t count);

/* Fills in size, time and address, and tells the host. */
void istauth__emit(const istauth__call *call, istauth_event event);

/* A fresh id from 16 random bytes. */
void istauth__id_write(istauth_id *id, const uint8_t random[16]);

/* Fill the config with defaults and check it; texts are copied to server->memory.
 * ISTAUTH_OK, ISTAUTH_E_CONFIG, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__config_load(istauth_server *server, const istauth_config *config,
                                    istauth_error *error);

/* Is this an OpenID provider? */
static inline bool istauth__is_openid(const istauth_server *server)
{
    return server->jwks.count > 0;
}

/* Load the keys of OpenID Connect. ISTAUTH_OK, ISTAUTH_E_CONFIG, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__signing_load(istauth_server *server, const istauth_config *config,
                                     istauth_error *error);
void istauth__signing_free(istauth_server *server);

/* Build the discovery documents. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__documents_build(istauth_server *server);

/* Does a client's parameter mean this configured resource? */
bool istauth__resource_is_meant(const istauth_server *server, const istauth__resource *resource,
                                istauth_str presented);

/* The configured resource that it means, or NULL. */
const istauth__resource *istauth__resource_meant(const istauth_server *server,
                                                 istauth_str presented);

/* The configured resource with exactly this identifier; the first for an empty one; or NULL. */
const istauth__resource *istauth__resource_named(const istauth_server *server,
                                                 istauth_str identifier);

#endif
