/* Scopes: what a token may be used for (RFC 6749 3.3).
 *
 * A catalogue names the scopes that a server knows, at most 64, each with the
 * sentence that a consent page shows and the scopes that it implies. A set is a bit
 * per scope of one catalogue; it means nothing to another one, so stores keep text. */
#ifndef ISTAUTH_SCOPE_H
#define ISTAUTH_SCOPE_H

#include <istauth/arena.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ISTAUTH_SCOPE_MAX 64          /* scopes in one catalogue */
#define ISTAUTH_SCOPE_TEXT_MAX 4096   /* bytes of a scope parameter */

/* istauth_scope.flags. */
enum {
    /* Reveals who the person is and opens no operation: kept out of the protected
     * resource's metadata and of its challenges. */
    ISTAUTH_SCOPE_IDENTITY = 1u << 0,
    /* Granted when asked for, but not advertised in any metadata; of a server with signing keys
     * "openid" always is. */
    ISTAUTH_SCOPE_UNLISTED = 1u << 1
};

/* A scope that a server knows. */
typedef struct istauth_scope {
    istauth_str name;     /* scope-token of RFC 6749 3.3 */
    istauth_str sentence; /* for the consent page: what it allows, in words */
    istauth_str implies;  /* space-separated names in the same catalogue; may be empty */
    unsigned flags;       /* ISTAUTH_SCOPE_IDENTITY, ISTAUTH_SCOPE_UNLISTED */
} istauth_scope;

/* Built by istauth_scope_catalogue_init in the caller's memory; read-only afterwards. */
typedef struct istauth_scope_catalogue {
    const istauth_scope *scopes; /* borrowed */
    size_t count;                /* of scopes */
    uint64_t implied[ISTAUTH_SCOPE_MAX]; /* each scope's own bit and all that it implies */
} istauth_scope_catalogue;

/* Some scopes of one catalogue. */
typedef struct istauth_scope_set {
    uint64_t bits; /* 1 << a scope's place in the catalogue */
} istauth_scope_set;

/* mcp, mcp:read, openid, profile, email. Static. since 0.1 */
ISTAUTH_API const istauth_scope *istauth_scope_defaults(size_t *count);

/* Build a catalogue over `scopes`, which is borrowed for the catalogue's life.
 *
 * ISTAUTH_OK
 * ISTAUTH_E_ARGUMENT  none, more than 64, a bad or repeated name, or an implied
 *                     scope that is not in the list
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_scope_catalogue_init(istauth_scope_catalogue *catalogue, const istauth_scope *scopes,
                             size_t count);

/* Read a scope parameter: names separated by single spaces. Names that the catalogue does not
 * know are dropped and counted in *unknown (may be NULL); repeats are one. Case matters.
 *
 * ISTAUTH_OK               *set may be empty
 * ISTAUTH_E_INVALID_SCOPE  the text breaks the grammar or is over 4096 bytes
 * since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_scope_parse(istauth_scope_set *set, size_t *unknown,
                    const istauth_scope_catalogue *catalogue, istauth_str text);

/* The names of a set in the catalogue's order, separated by spaces, in the arena.
 * ISTAUTH_OK, ISTAUTH_E_NO_MEMORY. since 0.1 */
ISTAUTH_API ISTAUTH_MUST_USE istauth_status
istauth_scope_print(istauth_str *text, istauth_arena *arena,
                    const istauth_scope_catalogue *catalogue, istauth_scope_set set);

/* The set and everything that its members imply. since 0.1 */
ISTAUTH_API istauth_scope_set istauth_scope_closure(const istauth_scope_catalogue *catalogue,
                                                    istauth_scope_set set);

/* Does what was granted, with all that it implies, cover what is needed? since 0.1 */
ISTAUTH_API bool istauth_scope_allows(const istauth_scope_catalogue *catalogue,
                                      istauth_scope_set granted, istauth_scope_set needed);

/* The members that carry any of `flags`. since 0.1 */
ISTAUTH_API istauth_scope_set istauth_scope_flagged(const istauth_scope_catalogue *catalogue,
                                                    unsigned flags);

/* What is in either. since 0.1 */
static inline istauth_scope_set istauth_scope_union(istauth_scope_set a, istauth_scope_set b)
{
    istauth_scope_set r = { a.bits | b.bits };
    return r;
}

/* What is in both. since 0.1 */
static inline istauth_scope_set istauth_scope_intersection(istauth_scope_set a,
                                                           istauth_scope_set b)
{
    istauth_scope_set r = { a.bits & b.bits };
    return r;
}

/* What is in `a` and not in `b`. since 0.1 */
static inline istauth_scope_set istauth_scope_without(istauth_scope_set a, istauth_scope_set b)
{
    istauth_scope_set r = { a.bits & ~b.bits };
    return r;
}

/* Is all of `part` in `whole`? Nothing is implied here. since 0.1 */
static inline bool istauth_scope_is_subset(istauth_scope_set part, istauth_scope_set whole)
{
    return (part.bits & ~whole.bits) == 0;
}

/* Is nothing in it? since 0.1 */
static inline bool istauth_scope_is_empty(istauth_scope_set set)
{
    return set.bits == 0;
}

#ifdef __cplusplus
}
#endif

#endif
