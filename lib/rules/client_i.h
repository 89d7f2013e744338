/* Reading client metadata, whoever wrote it: a client that registers, or a metadata document. */
#ifndef ISTAUTH_CLIENT_I_H
#define ISTAUTH_CLIENT_I_H

#include <istauth/client.h>

struct cJSON;

/* What istauth_client_parse makes of a parsed body; the same statuses. `client` starts out empty and
 * is of no use on failure. */
istauth_status istauth__client_read(istauth_client *client, istauth_arena *arena,
                                    const istauth_scope_catalogue *catalogue, uint32_t methods,
                                    const struct cJSON *object, istauth_error *error);

/* Its jwks or its jwks_uri, if it has one. A set without a key of use counts as none.
 * ISTAUTH_OK, INVALID_CLIENT_METADATA, NO_MEMORY */
istauth_status istauth__client_read_keys(istauth_client *client, istauth_arena *arena,
                                         const struct cJSON *object, istauth_error *error);

/* Is this a JWK Set of public keys, and has it one of use? Statuses as above. */
istauth_status istauth__client_check_jwks(bool *usable, istauth_arena *arena, istauth_str jwks,
                                          istauth_error *error);

/* May keys be fetched from there? */
bool istauth__client_jwks_uri_is_valid(istauth_str uri);

/* Does a list hold a text? */
bool istauth__client_lists(istauth_str_list list, istauth_str text);

#endif
