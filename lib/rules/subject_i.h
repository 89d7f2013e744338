/* The same person under another name for each client (OpenID Connect Core 8.1). */
#ifndef ISTAUTH_SUBJECT_I_H
#define ISTAUTH_SUBJECT_I_H

#include <istauth/arena.h>
#include <istauth/records.h>

#define ISTAUTH__PAIRWISE_KEY_SIZE 32

/* Who a client is to a pairwise subject: the one host of all its redirect URIs, in one spelling, or
 * its client_id when there is no such host, or it is this computer's, which every native app
 * shares. Borrowed. */
istauth_str istauth__sector(const istauth_client *client);

/* 43 characters that only the key gives. ISTAUTH_OK, ISTAUTH_E_NO_MEMORY */
istauth_status istauth__subject_pairwise(istauth_str *out, istauth_arena *arena,
                                         const uint8_t key[ISTAUTH__PAIRWISE_KEY_SIZE],
                                         istauth_str sector, istauth_str subject);

#endif
