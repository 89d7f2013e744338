/* What the parts of the ready-made consent page share. */
#ifndef ISTAUTH_CONSENT_I_H
#define ISTAUTH_CONSENT_I_H

#include <istauth/consent_page.h>

#include "endpoints/page_i.h"

/* A page to be shown. On the second showing what was ticked stays so. */
typedef struct istauth__asking {
    const istauth_server *server;
    const istauth_visitor *visitor;
    istauth_arena *arena;
    const char *mend; /* what to change; NULL on the first showing */
    int status;
    istauth_str_list scopes, workspaces; /* ticked before */
} istauth__asking;

/* The names of the form's fields. */
#define ISTAUTH__FIELD_TICKET "ticket"
#define ISTAUTH__FIELD_REQUEST "request"
#define ISTAUTH__FIELD_SCOPE "scope"
#define ISTAUTH__FIELD_IMPLIED "implied_scope"
#define ISTAUTH__FIELD_WORKSPACE "workspace"
#define ISTAUTH__FIELD_DECISION "decision"

/* As istauth_consent_page. */
istauth_status istauth__ask(istauth_response *response, const istauth__asking *asking,
                            const istauth_authorization *authorization);

/* Ask whom hooks.visitor names, or send her to sign in. The response is ready. */
void istauth__ask_visitor(istauth_response *response, const istauth_server *server,
                          const istauth_authorization *authorization,
                          const istauth_request *request, istauth_arena *arena);

/* Was it compiled with this library's idea of a visitor? ISTAUTH_OK, ISTAUTH_E_ARGUMENT */
istauth_status istauth__visitor_check(const istauth_visitor *visitor);

#endif
