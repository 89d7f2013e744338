#include <istauth/policy.h>

#include <istauth/workspace.h>

static bool scopes_suffice(const istauth_scope_catalogue *catalogue, istauth_scope_set granted,
                           istauth_str names)
{
    istauth_scope_set needed;
    size_t unknown;

    /* A name that is misspelt in the host's code must close the tool, not open it. */
    return istauth_scope_parse(&needed, &unknown, catalogue, names) == ISTAUTH_OK && !unknown &&
           istauth_scope_allows(catalogue, granted, needed);
}

istauth_status istauth_policy_check(const istauth_scope_catalogue *catalogue,
                                    const istauth_access *access,
                                    const istauth_operation *operation)
{
    if (!scopes_suffice(catalogue, access->scopes, operation->scope))
        return ISTAUTH_E_INSUFFICIENT_SCOPE;
    if (operation->workspace.n &&
        !istauth_workspace_allows(access->workspaces, operation->workspace))
        return ISTAUTH_E_WORKSPACE_NOT_GRANTED;
    return ISTAUTH_OK;
}
