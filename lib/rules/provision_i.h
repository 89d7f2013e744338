/* May a host have the client that it wants? */
#ifndef ISTAUTH_PROVISION_I_H
#define ISTAUTH_PROVISION_I_H

#include <istauth/provision.h>

/* What a server's configuration allows its clients. */
typedef struct istauth__provision_terms {
    const istauth_scope_catalogue *catalogue;
    istauth_scope_set offered;
    uint32_t client_auth;
    bool client_credentials;
    size_t workspaces; /* at most so many */
    istauth_time now;
} istauth__provision_terms;

/* *scopes gets its ceiling, empty when it names none. Statuses of istauth_client_provision but for
 * the resource, which only a server knows, and what a store answers. */
istauth_status istauth__provision_check(istauth_scope_set *scopes, istauth_arena *arena,
                                        const istauth__provision_terms *terms,
                                        const istauth_provision *wish, istauth_error *error);

#endif
