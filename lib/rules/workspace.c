#include <istauth/workspace.h>

#include "base/text_i.h"

bool istauth_workspace_id_is_valid(istauth_str id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] < 0x21 || id.p[i] > 0x7E)
            return false;
    return id.n > 0 && id.n <= ISTAUTH_WORKSPACE_ID_MAX;
}

/* Offered, and nowhere in the offer forbidden: an id that a host lists twice, once as
 * choosable and once not, is not. */
static bool is_choosable(istauth_workspace_offer offer, istauth_str id)
{
    bool offered = false;

    for (size_t i = 0; i < offer.count; i++) {
        if (!istauth_str_equal(offer.items[i].id, id))
            continue;
        if (!offer.items[i].choosable)
            return false;
        offered = true;
    }
    return offered;
}

static bool may_choose(istauth_workspace_offer offer, istauth_str_list wanted)
{
    for (size_t i = 0; i < wanted.count; i++) {
        istauth_str_list before = { wanted.items, i };

        if (!istauth_workspace_id_is_valid(wanted.items[i]) ||
            istauth__list_has(before, wanted.items[i]) ||
            !is_choosable(offer, wanted.items[i]))
            return false;
    }
    return true;
}

istauth_status istauth_workspace_choose(istauth_str_list *chosen, istauth_arena *arena,
                                        istauth_workspace_offer offer, istauth_str_list wanted)
{
    istauth_str_list made = { NULL, 0 };
    istauth_str *items;

    if (!may_choose(offer, wanted))
        return ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE;
    if (!wanted.count) {
        *chosen = made;
        return ISTAUTH_OK;
    }
    if (wanted.count > SIZE_MAX / sizeof(*items))
        return ISTAUTH_E_NO_MEMORY;
    items = istauth_arena_alloc(arena, wanted.count * sizeof(*items));
    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    made.items = items;
    for (size_t i = 0; i < offer.count; i++) {
        istauth_str id = offer.items[i].id;

        if (!istauth__list_has(wanted, id) || istauth__list_has(made, id))
            continue;
        if (istauth_arena_copy(&items[made.count], arena, id))
            return ISTAUTH_E_NO_MEMORY;
        made.count++;
    }
    *chosen = made;
    return ISTAUTH_OK;
}

bool istauth_workspace_allows(istauth_str_list granted, istauth_str workspace)
{
    return workspace.n && istauth__list_has(granted, workspace);
}
