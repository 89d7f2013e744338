/* The registered claims of a JSON Web Token (RFC 7519 4.1), read from a verified payload. */
#ifndef ISTAUTH_JWT_I_H
#define ISTAUTH_JWT_I_H

#include <istauth/arena.h>

/* Empty or 0: absent. */
typedef struct istauth__jwt {
    istauth_str issuer, subject, id;
    istauth_str_list audience;
    istauth_time expires_at, not_before, issued_at;
} istauth__jwt;

/* What a token has to say. */
typedef struct istauth__jwt_policy {
    istauth_str issuer, subject;   /* exactly these; empty: whatever it says */
    istauth_str_list audiences;    /* one of these, and nothing beside it */
    istauth_time now;
    istauth_time skew;             /* by how much another machine's clock may differ */
    istauth_time lifetime_max;     /* how far from now it may expire at most, so that its id is
                                      remembered for a bounded time */
} istauth__jwt_policy;

/* ISTAUTH_OK, ISTAUTH_E_INVALID_TOKEN (no JSON object, or a claim of the wrong type), NO_MEMORY.
 * Texts are in the arena. */
istauth_status istauth__jwt_parse(istauth__jwt *jwt, istauth_arena *arena, istauth_str payload);

/* Issuer, subject, sole audience, and a time window that it must have an end of.
 * ISTAUTH_OK, ISTAUTH_E_INVALID_TOKEN */
istauth_status istauth__jwt_check(const istauth__jwt *jwt, const istauth__jwt_policy *policy);

#endif
