/* The keys that sign ID tokens: read from files, which are made when they are not there yet, or
 * made for this run alone. */
#ifndef ISTEAM_KEYRING_H
#define ISTEAM_KEYRING_H

#include <istauth.h>

#define KEYRING_MAX 8

typedef struct keyring {
    istauth_signing_key keys[KEYRING_MAX]; /* for istauth_config; the first signs */
    size_t count;
} keyring;

/* `files` are names, `count` of them at most KEYRING_MAX; none: one key that no file has. What
 * there was to say when it fails has been said. */
bool keyring_open(keyring *ring, const char *const *files, size_t count);

/* Wipes them: a server that was built has what it needs. */
void keyring_close(keyring *ring);

#endif
