/* Workspaces: which were offered, which may be chosen, which were chosen. */
#ifndef ISTAUTH_WORKSPACE_H
#define ISTAUTH_WORKSPACE_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_WORKSPACE_ID_MAX 128 /* bytes */

/* A workspace as the host offers it to one person. */
typedef struct istauth_workspace {
    istauth_str id;     /* 1 to 128 bytes of %x21-7E */
    istauth_str name;   /* UTF-8, for the page */
    istauth_str plan;   /* such as "Pro"; for the page, may be empty */
    istauth_str reason; /* why it cannot be chosen, for the page; empty when it can */
    bool choosable;     /* whether this person may choose it */
} istauth_workspace;

/* All that one person is offered. */
typedef struct istauth_workspace_offer {
    const istauth_workspace *items; /* in the order in which to show them */
    size_t count;                   /* of items */
} istauth_workspace_offer;

/* Is this text a workspace's id? since 0.1 */
ISTAUTH_API bool istauth_workspace_id_is_valid(istauth_str id);

/* What a person chose, held against what was offered. `chosen` gets the ids in the
 * offer's order, in the arena.
 *
 * ISTAUTH_OK                         *chosen is empty when `wanted` is
 * ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE  one was not offered, may not be chosen, is malformed, or
 *                                    is named twice: nothing is chosen then
 * ISTAUTH_E_NO_MEMORY
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_workspace_choose(istauth_str_list *chosen, istauth_arena *arena,
                         istauth_workspace_offer offer, istauth_str_list wanted);

/* Is `workspace` one of those granted? Byte for byte; an empty id never is. since 0.1 */
ISTAUTH_API bool istauth_workspace_allows(istauth_str_list granted, istauth_str workspace);

#ifdef __cplusplus
}
#endif

#endif
