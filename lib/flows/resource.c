#include "flows/resource_i.h"

istauth_status istauth__resource_asked(const istauth__resource **resource,
                                       const istauth_server *server, const istauth__form *form,
                                       const istauth__resource *bound)
{
    const istauth__resource *found = bound;

    for (size_t i = 0; i < form->count; i++) {
        const istauth__field *f = &form->fields[i];

        if (!istauth_str_equal(f->name, ISTAUTH_STR("resource")) || !f->value.n)
            continue;
        if (!found)
            found = istauth__resource_meant(server, f->value); /* one search, however many come */
        if (!found || !istauth__resource_is_meant(server, found, f->value))
            return ISTAUTH_E_INVALID_TARGET;
    }
    *resource = found ? found : &server->resources[0];
    return ISTAUTH_OK;
}
