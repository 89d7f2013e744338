/* What a person does, one step at a time: opens a consent page, answers it, makes a personal token;
 * and a world whose store counts its calls and can fail. */
#ifndef TEST_PERSON_H
#define TEST_PERSON_H

#include "support/world.h"

#include <istauth/store_check.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define JSON "Content-Type: application/json\r\n"

/* Words separated by single spaces, as a list; NULL or "" gives none. */
istauth_str_list word_list(world *w, const char *words);

/* A valid request's page, for this subject and this browser. */
istauth_consent open_page(world *w, const char *query, istauth_str subject, istauth_str binding);
/* The ticket of a page for ada in BROWSER. */
istauth_str open_ticket(world *w, const char *query);

/* Who answers a page, and how. */
typedef struct answer {
    istauth_str subject, binding;
    const char *scopes;     /* NULL: all that was asked for */
    const char *workspaces; /* NULL: none */
} answer;

#define ADA_SAYS_YES ((answer){ ADA, BROWSER, NULL, "ws_engine" })

/* *location is NULL unless it is ISTAUTH_OK. */
istauth_status approve(world *w, char **location, istauth_str ticket, answer a);
istauth_status deny(world *w, char **location, istauth_str ticket, answer a);
/* Ada says yes: the code. */
char *approved_code(world *w, istauth_str ticket);

/* A personal token of ada's for these scopes, ws_engine and ws_notes, without an end. */
char *personal_token(world *w, istauth_id *id, const char *scopes);
istauth_status make_personal(world *w, char **text, istauth_id *id, istauth_str subject,
                             const istauth_personal_wish *wish);

/* One client with its tokens. */
typedef struct connection {
    char *client_id, *access, *refresh;
} connection;

/* Register, approve for ada and redeem. */
connection connect_app(world *w, const char *scope);
/* The same for a client that is registered already; `more` as for world_query, may be NULL. */
connection connect_again(world *w, const char *client_id, const char *more);
bool opens(world *w, const char *token);
/* The refresh token is spent by asking. */
bool refreshes(world *w, const connection *c);
/* "Authorization: Bearer <token>" as a header line. */
char *bearer_line(world *w, const char *token);

istauth_apps apps_of(world *w, istauth_str subject);

/* A world on a store that counts and can fail; faulty* in *state. Its world is opened. */
typedef struct faulty {
    world *w;
    istauth_store_shim fault;
    istauth_store memory;
} faulty;

int faulty_setup(void **state);
int faulty_teardown(void **state);
/* istauth_store_shim_plan, _calls and _faults. */
void plan_fault(faulty *f, istauth_store_op op, size_t nth, istauth_status status, unsigned how);
size_t calls_of(faulty *f, istauth_store_op op);
size_t faults_of(faulty *f);
/* The nth call of this op from now on answers UNAVAILABLE; 0: none does. */
void break_op(faulty *f, istauth_store_op op, size_t nth);

#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
#define FAULTY_CASE(name) cmocka_unit_test_setup_teardown(name, faulty_setup, faulty_teardown)

#endif
