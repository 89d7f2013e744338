#include "endpoints/consent_i.h"

#include "base/form_i.h"

#include <istauth/consent.h>

typedef struct answer {
    istauth_str ticket, request, decision;
    istauth_str_list scopes, implied, workspaces;
} answer;

/* Every value of a field that may come several times. */
static istauth_status collect(istauth_str_list *list, const istauth__form *form, const char *name,
                              istauth_arena *arena)
{
    istauth_str *items = istauth_arena_alloc(arena, (form->count + 1) * sizeof(*items));

    if (!items)
        return ISTAUTH_E_NO_MEMORY;
    list->items = items;
    list->count = 0;
    for (size_t i = 0; i < form->count; i++)
        if (istauth_str_equal(form->fields[i].name, istauth_str_of(name)))
            items[list->count++] = form->fields[i].value;
    return ISTAUTH_OK;
}

/* The form has the request in it twice, in the ticket and encoded once more, and as many workspaces as
 * one grant may have, each byte of an id as three. */
static size_t largest(const istauth_limits *limits)
{
    size_t workspace = sizeof("&" ISTAUTH__FIELD_WORKSPACE "=") + 3 * ISTAUTH_WORKSPACE_ID_MAX;

    return limits->form + 5 * limits->query + workspace * limits->workspaces;
}

static istauth_status check(const istauth_server *server, const istauth_request *request)
{
    if (!istauth_str_equal(request->method, ISTAUTH_STR("POST")))
        return ISTAUTH_E_METHOD;
    if (request->body.n > largest(&server->config.limits))
        return ISTAUTH_E_TOO_LARGE;
    if (!istauth__is_media_type(request, "application/x-www-form-urlencoded"))
        return ISTAUTH_E_CONTENT_TYPE;
    return ISTAUTH_OK;
}

static istauth_status read_answer(answer *a, const istauth__asking *asking,
                                  const istauth_request *request)
{
    size_t most = ISTAUTH__FORM_FIELDS_MAX + asking->server->config.limits.workspaces;
    istauth__form form;
    istauth_status st = check(asking->server, request);

    if (!st)
        st = istauth__form_parse_long(&form, asking->arena, request->body, most);
    if (!st)
        st = istauth__form_get(&a->ticket, &form, ISTAUTH__FIELD_TICKET);
    if (!st)
        st = istauth__form_get(&a->request, &form, ISTAUTH__FIELD_REQUEST);
    if (!st)
        st = istauth__form_get(&a->decision, &form, ISTAUTH__FIELD_DECISION);
    if (!st)
        st = collect(&a->scopes, &form, ISTAUTH__FIELD_SCOPE, asking->arena);
    if (!st)
        st = collect(&a->implied, &form, ISTAUTH__FIELD_IMPLIED, asking->arena);
    if (!st)
        st = collect(&a->workspaces, &form, ISTAUTH__FIELD_WORKSPACE, asking->arena);
    return st;
}

/* A set of names; one that is no scope breaks it. */
static istauth_status set_of(istauth_scope_set *set, const istauth_scope_catalogue *catalogue,
                             istauth_str_list names)
{
    istauth_scope_set one;

    set->bits = 0;
    for (size_t i = 0; i < names.count; i++) {
        if (istauth_scope_parse(&one, NULL, catalogue, names.items[i]))
            return ISTAUTH_E_INVALID_SCOPE;
        *set = istauth_scope_union(*set, one);
    }
    return ISTAUTH_OK;
}

/* What was left ticked. An implied scope that comes with a greater one is not named beside it, so that
 * an answer without a change grants just what was asked for. Nothing is not "everything". */
static istauth_status chosen_scopes(istauth_str *text, const istauth__asking *asking,
                                    const answer *a)
{
    const istauth_scope_catalogue *catalogue = &asking->server->catalogue;
    istauth_scope_set chosen, implied;
    istauth_status st = set_of(&chosen, catalogue, a->scopes);

    if (!st)
        st = set_of(&implied, catalogue, a->implied);
    if (st)
        return st;
    implied = istauth_scope_without(implied, istauth_scope_closure(catalogue, chosen));
    chosen = istauth_scope_union(chosen, implied);
    if (istauth_scope_is_empty(chosen))
        return ISTAUTH_E_INVALID_SCOPE;
    return istauth_scope_print(text, asking->arena, catalogue, chosen);
}

static istauth_status approve(istauth_str *location, const istauth__asking *asking,
                              const answer *a)
{
    istauth_choice choice = { { NULL, 0 }, a->workspaces };
    istauth_status st = chosen_scopes(&choice.scopes, asking, a);

    if (st)
        return st;
    return istauth_consent_approve(location, asking->server, a->ticket, asking->visitor->subject,
                                   asking->visitor->binding, &choice, asking->arena);
}

static istauth_status decide(istauth_str *location, const istauth__asking *asking,
                             const answer *a)
{
    const istauth_visitor *visitor = asking->visitor;

    if (!visitor->subject.n)
        return ISTAUTH_E_TICKET; /* signed out meanwhile */
    if (istauth_str_equal(a->decision, ISTAUTH_STR("allow")))
        return approve(location, asking, a);
    if (istauth_str_equal(a->decision, ISTAUTH_STR("deny")))
        return istauth_consent_deny(location, asking->server, a->ticket, visitor->subject,
                                    visitor->binding, asking->arena);
    return ISTAUTH_E_INVALID_REQUEST;
}

/* What to change on the page; NULL when that would not help. Only a whole answer gets these. */
static const char *mend(istauth_status status)
{
    switch (status) {
    case ISTAUTH_E_NO_WORKSPACE:
        return "Choose at least one workspace.";
    case ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE:
        return "One of those workspaces cannot be connected. Choose again.";
    case ISTAUTH_E_INVALID_SCOPE:
        return "Leave at least one thing that the app may do, or cancel.";
    default:
        return NULL;
    }
}

static istauth_str_list both(istauth_str_list a, istauth_str_list b, istauth_arena *arena)
{
    istauth_str_list all = { NULL, 0 };
    istauth_str *items = istauth_arena_alloc(arena, (a.count + b.count + 1) * sizeof(*items));

    if (!items)
        return all; /* then they are no longer ticked */
    memcpy(items, a.items, a.count * sizeof(*items));
    memcpy(items + a.count, b.items, b.count * sizeof(*items));
    all.items = items;
    all.count = a.count + b.count;
    return all;
}

/* The page once more. Its form carries the request, and the page gets a ticket for exactly that. */
static void ask_again(istauth_response *response, istauth__asking *asking, const answer *a,
                      istauth_status why)
{
    istauth_authorization authorization;

    asking->mend = mend(why);
    asking->status = istauth_status_http(why);
    asking->scopes = both(a->scopes, a->implied, asking->arena);
    asking->workspaces = a->workspaces;
    if (!a->request.n ||
        istauth_authorize_check(&authorization, asking->server, a->request, asking->arena) ||
        istauth__ask(response, asking, &authorization))
        istauth__page_refusal(response, why, asking->visitor->stylesheet, asking->arena);
}

void istauth_consent_answer(istauth_response *response, const istauth_server *server,
                            const istauth_request *request, const istauth_visitor *visitor,
                            istauth_arena *arena)
{
    istauth__asking asking = { .server = server, .visitor = visitor, .arena = arena };
    istauth_status st = istauth__visitor_check(visitor);
    istauth_str location;
    answer a;

    if (st) {
        istauth__page_refusal(response, st, istauth_str_of(NULL), arena);
        return;
    }
    st = read_answer(&a, &asking, request);
    if (!st)
        st = decide(&location, &asking, &a);
    if (!st)
        istauth__respond_redirect(response, location);
    else if (mend(st))
        ask_again(response, &asking, &a, st);
    else
        istauth__page_refusal(response, st, visitor->stylesheet, arena);
    if (st == ISTAUTH_E_METHOD)
        istauth__add_header(response, "Allow", ISTAUTH_STR("POST"));
}
