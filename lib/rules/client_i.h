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

/* Does a list hold a text? */
bool istauth__client_lists(istauth_str_list list, istauth_str text);

#endif
