#include "check/assert_i.h"
#include "check/world_i.h"

#include <stdarg.h>
#include <stdio.h>

#define NUMBERS 16 /* of records that a snapshot looks for */

struct text {
    char *p;
    size_t n, room;
};

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void add(struct text *t, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(t->p + t->n, t->room - t->n, format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < t->room - t->n);
    t->n += (size_t)n;
}

static void add_grant(struct text *t, const istauth_grant *g)
{
    add(t, " grant %s %s/%s/%s/%s/%s %lld %lld %lld %d %d", g->id.text, g->subject.p,
        g->client_id.p, g->name.p, g->scopes.p, g->resource.p, (long long)g->created_at,
        (long long)g->issued_at, (long long)g->used_at, g->pending, g->revoked);
    for (size_t i = 0; i < g->workspaces.count; i++)
        add(t, " %s", g->workspaces.items[i].p);
}

static void add_token(store_world *w, struct text *t, istauth_key key)
{
    istauth_token_entry e;
    istauth_status st = CALL(w, token_get, &key, &w->arena, &e);

    if (st == ISTAUTH_E_NOT_FOUND)
        return;
    assert_status(st, ISTAUTH_OK);
    add(t, "token %d %s %s %lld %lld %d %d", (int)e.token.kind, e.token.grant_id.text,
        e.token.scopes.p, (long long)e.token.issued_at, (long long)e.token.expires_at,
        e.token.spent, e.token.revoked);
    add_grant(t, &e.grant);
    add(t, "\n");
}

static void add_code(store_world *w, struct text *t, unsigned n)
{
    istauth_key key = code_key(n);
    istauth_code_entry e;
    istauth_status st = CALL(w, code_get, &key, &w->arena, &e);

    if (st == ISTAUTH_E_NOT_FOUND)
        return;
    assert_status(st, ISTAUTH_OK);
    add(t, "code %s %s %lld %lld %d", e.code.redirect_uri.p, e.code.challenge.p,
        (long long)e.code.created_at, (long long)e.code.expires_at, e.code.spent);
    add_grant(t, &e.grant);
    add(t, "\n");
}

static void add_client(store_world *w, struct text *t, const char *client_id)
{
    istauth_client c;
    istauth_status st = CALL(w, client_get, istauth_str_of(client_id), &w->arena, &c);

    if (st == ISTAUTH_E_NOT_FOUND)
        return;
    assert_status(st, ISTAUTH_OK);
    add(t, "client %s %s %s %lld %lld %s %zu\n", c.client_id.p, c.name.p, c.scopes.p,
        (long long)c.registered_at, (long long)c.used_at, c.jwks.p, c.workspaces.count);
}

static void add_lists(store_world *w, struct text *t, const char *subject)
{
    istauth_grant_entries list;

    assert_status(CALL(w, app_list, istauth_str_of(subject), 100, &w->arena, &list), ISTAUTH_OK);
    for (size_t i = 0; i < list.count; i++)
        add(t, "app %s %s\n", list.items[i].grant.id.text, list.items[i].client_name.p);
    assert_status(CALL(w, personal_list, istauth_str_of(subject), 100, &w->arena, &list),
                  ISTAUTH_OK);
    for (size_t i = 0; i < list.count; i++)
        add(t, "personal %s\n", list.items[i].grant.id.text);
}

const char *snapshot(store_world *w)
{
    struct text t = { NULL, 0, 64 * 1024 };

    t.p = istauth_arena_alloc(&w->arena, t.room);
    assert_non_null(t.p);
    add(&t, "\n");
    add_client(w, &t, "app");
    add_client(w, &t, "other");
    for (unsigned n = 0; n < NUMBERS; n++) {
        add_code(w, &t, n);
        add_token(w, &t, access_key(n));
        add_token(w, &t, refresh_key(n));
        add_token(w, &t, personal_key(n));
    }
    add_lists(w, &t, "ada");
    add_lists(w, &t, "grace");
    return t.p;
}
