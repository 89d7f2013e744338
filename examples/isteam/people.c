#include "people.h"

#include "text.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>

#define UPGRADE "On the Free plan: upgrade to Pro or Max to connect apps"

#define WORKSPACE(id, name, plan)                                                               \
    {                                                                                           \
        ISTAUTH_STR_INIT(id), ISTAUTH_STR_INIT(name), ISTAUTH_STR_INIT(plan), { NULL, 0 }, true \
    }
#define FREE_WORKSPACE(id, name)                                                \
    {                                                                           \
        ISTAUTH_STR_INIT(id), ISTAUTH_STR_INIT(name), ISTAUTH_STR_INIT("Free"), \
            ISTAUTH_STR_INIT(UPGRADE), false                                    \
    }

static const istauth_workspace workspaces_of_ada[] = {
    WORKSPACE("ws_engine", "Analytical Engine", "Pro"),
    WORKSPACE("ws_notes", "Notes", "Max"),
    FREE_WORKSPACE("ws_home", "Home"),
};

static const istauth_workspace workspaces_of_grace[] = {
    WORKSPACE("ws_compilers", "Compilers", "Pro"),
    WORKSPACE("ws_navy", "Navy", "Max"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const person everyone[] = {
    { ISTAUTH_STR_INIT("person_ada"),
      ISTAUTH_STR_INIT("Ada Lovelace"),
      ISTAUTH_STR_INIT("ada@example.com"),
      ISTAUTH_STR_INIT("/people/ada.svg"),
      { workspaces_of_ada, COUNT(workspaces_of_ada) } },
    { ISTAUTH_STR_INIT("person_grace"),
      ISTAUTH_STR_INIT("Grace Hopper"),
      ISTAUTH_STR_INIT("grace@example.com"),
      ISTAUTH_STR_INIT("/people/grace.svg"),
      { workspaces_of_grace, COUNT(workspaces_of_grace) } },
};

/* Demo passwords, in the order of `everyone`. A real directory holds hashes only. */
static const char *const passwords[COUNT(everyone)] = { "lovelace", "hopper" };

#define VISITORS_MAX 2 /* one being served and one waiting: the other threads have other work */

struct people {
    pthread_mutex_t hashing; /* one at a time: each takes 64 MiB */
    atomic_uint visitors;
    char hashes[COUNT(everyone)][crypto_pwhash_STRBYTES];
};

static int hash(char out[crypto_pwhash_STRBYTES], const char *password)
{
    return crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE);
}

people *people_new(void)
{
    people *directory = calloc(1, sizeof(*directory));

    if (!directory)
        return NULL;
    pthread_mutex_init(&directory->hashing, NULL);
    atomic_init(&directory->visitors, 0);
    for (size_t i = 0; i < COUNT(everyone); i++) {
        if (hash(directory->hashes[i], passwords[i])) {
            people_free(directory);
            return NULL;
        }
    }
    return directory;
}

void people_free(people *directory)
{
    if (!directory)
        return;
    pthread_mutex_destroy(&directory->hashing);
    sodium_memzero(directory, sizeof(*directory));
    free(directory);
}

static const person *prove(people *directory, istauth_str email, istauth_str password)
{
    size_t who = COUNT(everyone);
    bool proven;

    email = text_trimmed(email);
    for (size_t i = 0; i < COUNT(everyone); i++)
        if (text_is_ignoring_case(everyone[i].email, email))
            who = i;
    pthread_mutex_lock(&directory->hashing);
    /* An unknown address costs as much as a known one: against someone else's hash, in vain. */
    proven = crypto_pwhash_str_verify(directory->hashes[who % COUNT(everyone)],
                                      password.n ? password.p : "", password.n) == 0;
    pthread_mutex_unlock(&directory->hashing);
    return proven && who < COUNT(everyone) ? &everyone[who] : NULL;
}

bool people_sign_in(const person **who, people *directory, istauth_str email, istauth_str password)
{
    bool admitted = atomic_fetch_add(&directory->visitors, 1) < VISITORS_MAX;

    if (admitted)
        *who = prove(directory, email, password);
    atomic_fetch_sub(&directory->visitors, 1);
    return admitted;
}

const person *people_by_subject(istauth_str subject)
{
    for (size_t i = 0; i < COUNT(everyone); i++)
        if (istauth_str_equal(everyone[i].subject, subject))
            return &everyone[i];
    return NULL;
}

const istauth_workspace *person_workspace(const person *who, istauth_str id)
{
    for (size_t i = 0; i < who->workspaces.count; i++)
        if (istauth_str_equal(who->workspaces.items[i].id, id))
            return &who->workspaces.items[i];
    return NULL;
}
