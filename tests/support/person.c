#include "support/person.h"

#include <stdlib.h>

#include "support/world_i.h"

istauth_str_list word_list(world *w, const char *words)
{
    istauth_str_list list = { NULL, 0 };
    istauth_str *items;
    size_t room = 1;

    for (const char *p = words; p && *p; p++)
        room += *p == ' ';
    items = istauth_arena_alloc(&w->arena, room * sizeof(*items));
    assert_non_null(items);
    list.items = items;
    for (const char *p = words; p && *p;) {
        size_t n = strcspn(p, " ");

        items[list.count++] = (istauth_str){ p, n };
        p += n + (p[n] == ' ');
    }
    return list;
}

istauth_consent open_page(world *w, const char *query, istauth_str subject, istauth_str binding)
{
    istauth_authorization authorization;
    istauth_consent consent;

    assert_int_equal(istauth_authorize_check(&authorization, w->server, istauth_str_of(query),
                                             &w->arena),
                     ISTAUTH_OK);
    assert_int_equal(istauth_consent_open(&consent, w->server, &authorization, subject, binding,
                                          &w->arena),
                     ISTAUTH_OK);
    return consent;
}

istauth_str open_ticket(world *w, const char *query)
{
    return open_page(w, query, ADA, BROWSER).ticket;
}

istauth_status approve(world *w, char **location, istauth_str ticket, answer a)
{
    istauth_choice choice = { istauth_str_of(a.scopes), word_list(w, a.workspaces) };
    istauth_str made = { NULL, 0 };
    istauth_arena arena;
    istauth_status st;

    istauth_server_arena(w->server, &arena, NULL, 0);
    st = istauth_consent_approve(&made, w->server, ticket, a.subject, a.binding, &choice, &arena);
    *location = NULL;
    if (st)
        assert_null(made.p); /* untouched on failure */
    else
        *location = world_text(w, "%s", made.p);
    istauth_arena_wipe(&arena);
    if (*location)
        world__keep_secret(w, url_param(w, *location, "code"));
    return st;
}

istauth_status deny(world *w, char **location, istauth_str ticket, answer a)
{
    istauth_str made = { NULL, 0 };
    istauth_arena arena;
    istauth_status st;

    istauth_server_arena(w->server, &arena, NULL, 0);
    st = istauth_consent_deny(&made, w->server, ticket, a.subject, a.binding, &arena);
    *location = st ? NULL : world_text(w, "%s", made.p);
    istauth_arena_wipe(&arena);
    return st;
}

char *approved_code(world *w, istauth_str ticket)
{
    char *location;

    assert_int_equal(approve(w, &location, ticket, ADA_SAYS_YES), ISTAUTH_OK);
    return url_param(w, location, "code");
}

istauth_status make_personal(world *w, char **text, istauth_id *id, istauth_str subject,
                             const istauth_personal_wish *wish)
{
    char made[ISTAUTH_TOKEN_SIZE] = "";
    istauth_status st =
        istauth_personal_token_create(made, id, w->server, subject, wish, &w->arena);

    *text = NULL;
    if (st) {
        assert_string_equal(made, ""); /* untouched on failure */
        return st;
    }
    *text = world_text(w, "%s", made);
    world__keep_secret(w, made);
    return st;
}

char *personal_token(world *w, istauth_id *id, const char *scopes)
{
    istauth_personal_wish wish = { .name = ISTAUTH_STR("Script"),
                                   .scopes = istauth_str_of(scopes),
                                   .workspaces = word_list(w, "ws_engine ws_notes") };
    char *text;

    assert_int_equal(make_personal(w, &text, id, ADA, &wish), ISTAUTH_OK);
    return text;
}

static connection tokens_of(world *w, const char *client_id, const reply *r)
{
    connection c = { world_text(w, "%s", client_id), NULL, NULL };

    if (r->status != 200)
        fail_msg("no tokens: %d %s", r->status, r->body);
    c.access = world_text(w, "%s", reply_str(r, "access_token"));
    if (reply_has(r, "refresh_token"))
        c.refresh = world_text(w, "%s", reply_str(r, "refresh_token"));
    return c;
}

connection connect_app(world *w, const char *scope)
{
    char *client_id;
    reply *r = world_connect(w, scope, &client_id);

    return tokens_of(w, client_id, r);
}

connection connect_again(world *w, const char *client_id, const char *more)
{
    return tokens_of(w, client_id, world_redeem(w, client_id, world_code(w, client_id, more)));
}

bool opens(world *w, const char *token)
{
    istauth_access access;
    istauth_status st = world_verify(w, &access, token);

    assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_INVALID_TOKEN);
    return st == ISTAUTH_OK;
}

bool refreshes(world *w, const connection *c)
{
    reply *r = world_refresh(w, c->client_id, c->refresh);

    if (r->status != 200)
        expect_error(r, 400, "invalid_grant");
    return r->status == 200;
}

char *bearer_line(world *w, const char *token)
{
    return world_text(w, "Authorization: Bearer %s\r\n", token);
}

istauth_apps apps_of(world *w, istauth_str subject)
{
    istauth_apps apps;

    assert_int_equal(istauth_apps_list(&apps, w->server, subject, &w->arena), ISTAUTH_OK);
    return apps;
}

int faulty_setup(void **state)
{
    istauth_memory_limits limits = ISTAUTH_MEMORY_LIMITS_INIT;
    faulty *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    limits.tokens = limits.grants = limits.codes = limits.clients = limits.nonces = 4096;
    assert_int_equal(istauth_memory_store_new(&f->memory, &limits, NULL), ISTAUTH_OK);
    f->w = world_new();
    f->w->given = istauth_store_shim_wrap(&f->fault, f->memory);
    world_open(f->w);
    *state = f;
    return 0;
}

int faulty_teardown(void **state)
{
    faulty *f = *state;

    world_free(f->w);
    istauth_memory_store_free(&f->memory);
    free(f);
    return 0;
}

void plan_fault(faulty *f, istauth_store_op op, size_t nth, istauth_status status, unsigned how)
{
    istauth_store_shim_plan(&f->fault, op, nth, status, how);
}

size_t calls_of(faulty *f, istauth_store_op op)
{
    return istauth_store_shim_calls(&f->fault, op);
}

size_t faults_of(faulty *f)
{
    return istauth_store_shim_faults(&f->fault);
}

void break_op(faulty *f, istauth_store_op op, size_t nth)
{
    plan_fault(f, op, nth, ISTAUTH_E_UNAVAILABLE, ISTAUTH_FAULT_ONCE);
}
