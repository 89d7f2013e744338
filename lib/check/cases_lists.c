/* What an operator reads a page at a time: clients, and the grants of one. */
#include "check/cases_i.h"
#include "check/crew_i.h"

#include <stdio.h>

static istauth_clients clients_behind(store_world *w, const char *after, size_t limit)
{
    istauth_clients page;

    assert_status(CALL(w, client_list, istauth_str_of(after), limit, &w->arena, &page), ISTAUTH_OK);
    return page;
}

/* Their ids in order, ended by NULL. */
static void assert_ids(istauth_clients page, const char *const *want)
{
    size_t i = 0;

    for (; want[i]; i++) {
        assert_true(i < page.count);
        assert_text(page.items[i].client_id, want[i]);
    }
    assert_int_equal(page.count, i);
}

static void clients_are_listed_by_the_bytes_of_their_ids(store_world *w)
{
    static const char *const shuffled[] = { "b", "~", "ab", "B", "a.", "a", "A_", "10", "9", "_b" };
    static const char *const all[] = { "10", "9", "A_", "B", "_b", "a", "a.", "ab", "b", "~", NULL };

    assert_int_equal(clients_behind(w, "", 9).count, 0);
    for (size_t i = 0; i < sizeof(shuffled) / sizeof(shuffled[0]); i++)
        have_client(w, shuffled[i]);
    assert_ids(clients_behind(w, "", 99), all);
    assert_ids(clients_behind(w, "", 10), all);
    assert_ids(clients_behind(w, "", SIZE_MAX), all);
    assert_ids(clients_behind(w, "a", 99), all + 6);
    assert_ids(clients_behind(w, "a!", 99), all + 6); /* no client's, and it has its place */
    assert_ids(clients_behind(w, "~", 99), all + 10);
    assert_ids(clients_behind(w, "~~", 99), all + 10);
    assert_int_equal(clients_behind(w, "", 0).count, 0);
}

/* The last page is the one that is not full. */
static void pages_of_clients_meet_each_once(store_world *w)
{
    char id[8];
    istauth_clients page = { NULL, 0 };

    for (unsigned n = 0; n < 10; n++) {
        snprintf(id, sizeof(id), "c%u", (n * 7) % 10);
        have_client(w, id);
    }
    for (unsigned n = 0; n < 10; n++) {
        if (n % 3 == 0)
            page = clients_behind(w, n ? page.items[2].client_id.p : "", 3);
        assert_int_equal(page.count, n < 9 ? 3 : 1);
        snprintf(id, sizeof(id), "c%u", n);
        assert_text(page.items[n % 3].client_id, id);
    }
}

static void a_listed_client_is_whole(store_world *w)
{
    istauth_client first = client_of("app"), second = client_of("other");
    istauth_clients page;

    first.redirect_uris.count = 1;
    first.name = ISTAUTH_STR("");
    second.origin = ISTAUTH_CLIENT_PROVISIONED;
    second.workspaces.count = 0;
    assert_status(CALL(w, client_put, &second), ISTAUTH_OK);
    assert_status(CALL(w, client_put, &first), ISTAUTH_OK);
    second.name = ISTAUTH_STR("Renamed");
    assert_status(CALL(w, client_update, &second), ISTAUTH_OK);
    page = clients_behind(w, "", 9);
    assert_int_equal(page.count, 2);
    assert_clients_equal(&page.items[0], &first);
    assert_clients_equal(&page.items[1], &second);
}

/* Even when it is the last of a page that goes. */
static void a_walk_goes_on_when_clients_come_and_go(store_world *w)
{
    static const char *const ids[] = { "b", "d", "f", "h", NULL }, *const rest[] = { "f", "h", NULL };

    for (size_t i = 0; ids[i]; i++)
        have_client(w, ids[i]);
    assert_text(clients_behind(w, "", 2).items[1].client_id, "d");
    assert_status(CALL(w, client_delete, ISTAUTH_STR("d"), T0), ISTAUTH_OK);
    have_client(w, "a");
    assert_ids(clients_behind(w, "d", 9), rest);
}

static istauth_grant_entries grants_behind(store_world *w, const char *client_id, unsigned after,
                                           size_t limit)
{
    istauth_id id = id_of(after);
    istauth_grant_entries page;

    assert_status(CALL(w, grant_list, istauth_str_of(client_id), after ? &id : NULL, limit,
                       &w->arena, &page), ISTAUTH_OK);
    return page;
}

static void assert_numbers(istauth_grant_entries page, const unsigned *want)
{
    size_t i = 0;

    for (; want[i]; i++) {
        assert_true(i < page.count);
        assert_string_equal(page.items[i].grant.id.text, id_of(want[i]).text);
    }
    assert_int_equal(page.count, i);
}

/* A page is as full as it can be, whatever lies between its grants. */
static void grants_of_a_client_are_listed_by_their_ids(store_world *w)
{
    static const unsigned shuffled[] = { 0xb0, 9, 3, 0x10, 1, 7 };
    static const unsigned all[] = { 1, 3, 5, 7, 9, 0x10, 0xb0, 0 };

    have_client(w, "app");
    have_client(w, "App");
    for (unsigned i = 0; i < sizeof(shuffled) / sizeof(shuffled[0]); i++)
        have_app(w, shuffled[i], i % 2 ? "ada" : "grace", "app");
    have_machine(w, 5, "app");
    have_code(w, 6, "ada", "app"); /* pending */
    have_app(w, 4, "ada", "App");
    have_personal(w, 8, "ada");
    assert_numbers(grants_behind(w, "app", 0, 99), all);
    assert_numbers(grants_behind(w, "app", 0, SIZE_MAX), all);
    assert_numbers(grants_behind(w, "app", 3, 3), (const unsigned[]){ 5, 7, 9, 0 });
    assert_numbers(grants_behind(w, "app", 4, 3), (const unsigned[]){ 5, 7, 9, 0 });
    assert_numbers(grants_behind(w, "app", 0xb0, 3), all + 7);
    assert_numbers(grants_behind(w, "App", 0, 3), (const unsigned[]){ 4, 0 });
    assert_numbers(grants_behind(w, "app", 0, 0), all + 7);
    assert_numbers(grants_behind(w, "", 0, 9), all + 7); /* no personal tokens */
    assert_numbers(grants_behind(w, "nobody", 0, 9), all + 7);
}

static void a_listed_grant_shows_its_client(store_world *w)
{
    istauth_grant_entry e;
    istauth_grant want;

    have_client(w, "app");
    have_app(w, 1, "ada", "app");
    want = token_at(w, access_key(1)).grant;
    e = grants_behind(w, "app", 0, 9).items[0];
    assert_grants_equal(&e.grant, &want);
    assert_text(e.client_name, "Notebook");
    assert_text(e.client_uri, "https://client.example/");
    assert_text(e.redirect_uri, "http://127.0.0.1/callback");
    assert_int_equal(e.token_expires_at, 0);
}

static void only_live_grants_are_listed(store_world *w)
{
    istauth_id second = id_of(2), fourth = id_of(4);
    size_t count;

    have_client(w, "app");
    for (unsigned n = 1; n <= 6; n++)
        have_app(w, n, n == 3 ? "grace" : "ada", "app");
    assert_status(CALL(w, grant_revoke, &second, T0), ISTAUTH_OK);
    assert_status(CALL(w, grant_revoke, &fourth, T0), ISTAUTH_OK);
    assert_numbers(grants_behind(w, "app", 0, 3), (const unsigned[]){ 1, 3, 5, 0 });
    assert_numbers(grants_behind(w, "app", 4, 3), (const unsigned[]){ 5, 6, 0 });
    assert_status(CALL(w, subject_revoke, ISTAUTH_STR("ada"), T0, &count), ISTAUTH_OK);
    assert_numbers(grants_behind(w, "app", 0, 9), (const unsigned[]){ 3, 0 });
    assert_status(CALL(w, client_delete, ISTAUTH_STR("app"), T0), ISTAUTH_OK);
    assert_numbers(grants_behind(w, "app", 0, 9), (const unsigned[]){ 0 });
}

/* --- walks while everything changes --- */

#define STAY 8

typedef struct walks {
    store_world *w;
    atomic_uint done, wrong;
} walks;

/* Those that stay, each once and in order, whatever else there is between them. */
static bool walk(store_world *w, istauth_arena *arena)
{
    char last[16] = "";
    unsigned met = 0;
    istauth_clients page;

    do {
        if (CALL(w, client_list, istauth_str_of(last), 3, arena, &page))
            return false;
        for (size_t i = 0; i < page.count; i++) {
            char stays[16];

            snprintf(stays, sizeof(stays), "%u", met + 1);
            met += istauth_str_equal(page.items[i].client_id, istauth_str_of(stays));
            if (strcmp(page.items[i].client_id.p, last) <= 0)
                return false;
            snprintf(last, sizeof(last), "%s", page.items[i].client_id.p);
        }
    } while (page.count == 3);
    return met == STAY;
}

static void walk_on(crew *c, unsigned number)
{
    walks *x = c->arg;
    char buffer[8192];
    istauth_arena arena;

    (void)number;
    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, ISTAUTH_ARENA_CAP);
    while (!atomic_load(&c->over)) {
        if (!walk(x->w, &arena))
            atomic_fetch_add(&x->wrong, 1);
        atomic_fetch_add(&x->done, 1);
        istauth_arena_wipe(&arena);
    }
}

static void come_and_go(crew *c)
{
    walks *x = c->arg;

    for (unsigned turn = 0; turn < x->w->options->rounds || atomic_load(&x->done) < 10; turn++) {
        char id[16];

        snprintf(id, sizeof(id), "%u.%u", turn % STAY, turn % 3); /* in front of and between them */
        have_client(x->w, id);
        assert_status(CALL(x->w, client_delete, istauth_str_of(id), T0), ISTAUTH_OK);
    }
}

static void a_walk_meets_what_stays_while_others_come_and_go(store_world *w)
{
    walks x = { .w = w };
    crew c = { 2, walk_on, come_and_go, NULL, &x, false };

    for (unsigned n = 1; n <= STAY; n++) {
        char id[16];

        snprintf(id, sizeof(id), "%u", n);
        have_client(w, id);
    }
    crew_run(&c);
    assert_int_equal(atomic_load(&x.wrong), 0);
}

static const check_case cases[] = {
    CASE("S-5 S-8", clients_are_listed_by_the_bytes_of_their_ids),
    CASE("S-5", pages_of_clients_meet_each_once),
    CASE("S-5", a_listed_client_is_whole),
    CASE("S-5", a_walk_goes_on_when_clients_come_and_go),
    CASE("S-5", grants_of_a_client_are_listed_by_their_ids),
    CASE("S-5", a_listed_grant_shows_its_client),
    CASE("S-5 S-3", only_live_grants_are_listed),
    CASE("S-5 S-11", a_walk_meets_what_stays_while_others_come_and_go),
};

const check_cases check_list_cases = CASE_LIST(cases);
