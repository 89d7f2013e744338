/* What the parts of the application share. */
#ifndef HOSTS_SITE_I_H
#define HOSTS_SITE_I_H

#include "notes.h"
#include "site.h"

#include <sodium.h>

struct site {
    istauth_server *server;
    istauth_store store;
    bool in_memory; /* which decides how the store is closed */
    notes *notes;
    char issuer[ISTAUTH_IDENTIFIER_MAX + 1];
    char resource[ISTAUTH_IDENTIFIER_MAX + 8]; /* issuer/mcp */
    istauth_str mcp_path;
    istauth_str proxy; /* whose X-Real-IP is believed; empty: nobody's */
    bool https;
    uint8_t session_key[crypto_secretbox_KEYBYTES];
    uint8_t ticket_key[ISTAUTH_TICKET_KEY_SIZE];
};

/* --- people.c: the accounts --- */

typedef struct person {
    istauth_str subject, email, name;
} person;

const person *person_by_subject(istauth_str subject); /* NULL: there is no such account */
const person *person_by_password(istauth_str email, istauth_str password);
istauth_status person_workspaces(void *ctx, istauth_workspace_offer *offer, istauth_str subject,
                                 istauth_arena *arena); /* istauth_hooks.workspaces */

/* --- signin.c: who sits at the browser --- */

/* What the browser keeps for us, sealed: there is no table, so any process that has the key can
 * read it. The price is that no one can end a session before its time but the browser that holds
 * it. */
typedef struct session {
    istauth_time since;
    uint8_t browser[16]; /* random: what a consent page is bound to */
    char subject[24];
} session;

/* The signed-in person of a request, or NULL. */
const person *session_read(session *out, const site *s, const istauth_request *request);

/* The sign-in page for an authorization request, whose query it carries along. */
void signin_page(istauth_response *response, const istauth_authorization *authorization,
                 istauth_arena *arena);

/* Its form, posted to SIGNIN_PATH. */
#define SIGNIN_PATH "/signin"
void signin_answer(istauth_response *response, const site *s, const istauth_request *request,
                   istauth_arena *arena);

/* --- mcp.c --- */
void mcp_answer(istauth_response *response, site *s, const istauth_request *request,
                istauth_arena *arena);

/* --- site.c --- */
void site_add_header(istauth_response *response, const char *name, istauth_str value);

#endif
