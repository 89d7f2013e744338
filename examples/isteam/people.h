/* The directory: two people, their passwords and their workspaces.
 *
 * A demo: the passwords are in the source, and no one can change his. What it shows is the side
 * that libistauth leaves to the host. */
#ifndef ISTEAM_PEOPLE_H
#define ISTEAM_PEOPLE_H

#include <istauth.h>

typedef struct person {
    istauth_str subject; /* stable: the e-mail address may change one day */
    istauth_str name;
    istauth_str email;
    istauth_str picture; /* its path on this site */
    istauth_workspace_offer workspaces;
} person;

typedef struct people people;

/* Owned; NULL when there is no memory. Takes a moment: it hashes the passwords. Freeing takes NULL.
 */
people *people_new(void);
void people_free(people *directory);

/* In *who the person with this e-mail address and password, or NULL: which of the two was wrong is
 * told neither by the answer nor by the time it takes. False when too many are at it already:
 * proving a password takes its time, and one thread after the other would wait for it. */
bool people_sign_in(const person **who, people *directory, istauth_str email,
                    istauth_str password);

/* NULL when there is no such account. */
const person *people_by_subject(istauth_str subject);

/* NULL when he has no such workspace. */
const istauth_workspace *person_workspace(const person *who, istauth_str id);

#endif
