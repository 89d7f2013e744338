/* S-11 beside live traffic. */
#include "check/cases_i.h"
#include "check/crew_i.h"

/* --- readers while everything changes --- */

#define FAMILIES 32

typedef struct traffic {
    store_world *w;
    atomic_uint reads, wrong;
} traffic;

/* What token_get may show of family n, at any moment. */
static bool is_sound(const istauth_token_entry *e, const istauth_key *key, unsigned n)
{
    return memcmp(&e->token.key, key, sizeof(*key)) == 0 &&
           strcmp(e->grant.id.text, id_of(n).text) == 0 &&
           istauth_str_equal(e->grant.subject, ISTAUTH_STR("ada")) &&
           istauth_str_equal(e->grant.resource, ISTAUTH_STR("https://is.example/mcp")) &&
           e->grant.workspaces.count <= 2 && !e->grant.pending &&
           (e->grant.workspaces.count || e->grant.revoked) && e->grant.issued_at == T0;
}

static void read_on(crew *c, unsigned number)
{
    traffic *t = c->arg;
    char buffer[4096];
    istauth_arena arena;

    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, ISTAUTH_ARENA_CAP);
    for (unsigned i = number; !atomic_load(&c->over); i++) {
        unsigned n = i % FAMILIES;
        istauth_key key = i & 64 ? access_key(n) : refresh_key(n);
        istauth_token_entry e;
        istauth_status st = CALL(t->w, token_get, &key, &arena, &e);

        if (st ? st != ISTAUTH_E_NOT_FOUND : !is_sound(&e, &key, n))
            atomic_fetch_add(&t->wrong, 1);
        atomic_fetch_add(&t->reads, 1);
        istauth_arena_wipe(&arena);
    }
}

/* Every way in which a token comes and goes. */
static void live_and_die(store_world *w, unsigned n, unsigned turn)
{
    istauth_id id = id_of(n);
    size_t count;

    have_app(w, n, "ada", "app");
    assert_true(is_live(w, access_key(n)));
    assert_status(rotate(w, n, n + 1000), ISTAUTH_OK);
    if (turn % 8 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_a"), T0,
                           &count), ISTAUTH_OK);
    if (turn % 16 == 0)
        assert_status(CALL(w, workspace_remove, ISTAUTH_STR("ada"), ISTAUTH_STR("ws_b"), T0,
                           &count), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &id, T0), ISTAUTH_OK);
    assert_false(is_live(w, access_key(n)));
    purge_all(w, bounds_at(INT64_MAX));
}

static void change_all(crew *c)
{
    traffic *t = c->arg;
    unsigned turns = t->w->options->rounds * 10;

    for (unsigned turn = 0; turn < turns || atomic_load(&t->reads) < 1000; turn++) {
        live_and_die(t->w, turn % FAMILIES, turn);
        istauth_arena_wipe(&t->w->arena);
    }
}

static void readers_see_whole_tokens_while_all_changes(store_world *w)
{
    traffic t = { .w = w };
    crew c = { 2, read_on, change_all, NULL, &t, false };

    have_client(w, "app");
    crew_run(&c);
    assert_int_equal(atomic_load(&t.wrong), 0);
}

static const check_case cases[] = {
    CASE("S-11", readers_see_whole_tokens_while_all_changes),
};

const check_cases check_traffic_cases = CASE_LIST(cases);
