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

static void add_key(struct text *t, const istauth_key *key)
{
    for (size_t i = 0; i < sizeof(key->bytes); i++)
        add(t, "%02x", key->bytes[i]);
    add(t, " ");
}

static void add_grant(struct text *t, const istauth_grant *g)
{
    add(t, " grant %s %s/%s/%s/%s/%s %lld %lld %lld %lld %d %d", g->id.text, g->subject.p,
        g->client_id.p, g->name.p, g->scopes.p, g->resource.p, (long long)g->auth_time,
        (long long)g->created_at, (long long)g->issued_at, (long long)g->used_at, g->pending, g->revoked);
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
    add(t, "code %s %s %s %lld %lld %d", e.code.redirect_uri.p, e.code.challenge.p, e.code.nonce.p,
        (long long)e.code.created_at, (long long)e.code.expires_at, e.code.spent);
    add_grant(t, &e.grant);
    add(t, "\n");
}

static void add_retry(store_world *w, struct text *t, unsigned n)
{
    istauth_key key = refresh_key(n);
    istauth_retry r;
    istauth_status st = CALL(w, retry_get, &key, &w->arena, &r);

    if (st == ISTAUTH_E_NOT_FOUND)
        return;
    assert_status(st, ISTAUTH_OK);
    add(t, "retry %zu %.*s %lld\n", r.sealed.n, (int)r.sealed.n, r.sealed.p,
        (long long)r.expires_at);
}

static void add_client(store_world *w, struct text *t, const char *client_id)
{
    istauth_client c;
    istauth_status st = CALL(w, client_get, istauth_str_of(client_id), &w->arena, &c);

    if (st == ISTAUTH_E_NOT_FOUND)
        return;
    assert_status(st, ISTAUTH_OK);
    add(t, "client %s %d %d %s/%s/%s/%s/%s/%s/%s/%s %u %d %lld %lld", c.client_id.p,
        (int)c.origin, (int)c.auth, c.name.p, c.client_uri.p, c.logo_uri.p, c.policy_uri.p,
        c.tos_uri.p, c.software_id.p, c.software_version.p, c.scopes.p, (unsigned)c.grant_types,
        c.native, (long long)c.registered_at, (long long)c.used_at);
    add(t, " %s/%s/%s %lld %lld ", c.jwks.p, c.jwks_uri.p, c.resource.p,
        (long long)c.secret_expires_at, (long long)c.expires_at);
    add_key(t, &c.secret_key);
    add_key(t, &c.management_key);
    for (size_t i = 0; i < c.redirect_uris.count; i++)
        add(t, " %s", c.redirect_uris.items[i].p);
    for (size_t i = 0; i < c.workspaces.count; i++)
        add(t, " %s", c.workspaces.items[i].p);
    add(t, "\n");
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

/* What the kit's clients are called is read above. */
static void add_pages(store_world *w, struct text *t)
{
    istauth_grant_entries grants;
    istauth_clients clients;

    assert_status(CALL(w, client_list, ISTAUTH_STR(""), 100, &w->arena, &clients), ISTAUTH_OK);
    for (size_t i = 0; i < clients.count; i++) {
        add(t, "of client %s", clients.items[i].client_id.p);
        assert_status(CALL(w, grant_list, clients.items[i].client_id, NULL, 100, &w->arena, &grants),
                      ISTAUTH_OK);
        for (size_t j = 0; j < grants.count; j++)
            add(t, " %s", grants.items[j].grant.id.text);
        add(t, "\n");
    }
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
        add_retry(w, &t, n);
    }
    add_lists(w, &t, "ada");
    add_lists(w, &t, "grace");
    add_pages(w, &t);
    return t.p;
}

static int line_length(const char *p)
{
    return (int)strcspn(p, "\n");
}

/* Says the first line that differs. */
void assert_snapshot_at(store_world *w, const char *before, const char *file, int line)
{
    const char *now = snapshot(w), *was = before;
    size_t n;

    while (*now && *now == *was)
        now++, was++;
    if (*now == *was)
        return;
    for (n = (size_t)(was - before); n && was[-1] != '\n'; n--)
        now--, was--;
    fail_at(file, line, "there was: %.*s\nthere is: %.*s", line_length(was), was, line_length(now),
            now);
}
