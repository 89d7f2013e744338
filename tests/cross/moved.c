/* A SQLite file, and what its clients hold, taken from one machine to another: `moved write FOLDER`
 * leaves both in the folder, `moved read FOLDER` goes on with them, and a second round writes into the
 * file of the first. Run by tests/cross/run, on machines of either byte order and of 32 and 64 bits. */
#include "support/world.h"

#include <istauth/sqlite_store.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t ticket_key[ISTAUTH_TICKET_KEY_SIZE] = { 1, 2, 3 };
static const char *folder;

/* --- a line for each thing that a client holds --- */

static FILE *open_kept(world *w, const char *mode)
{
    FILE *f = fopen(world_text(w, "%s/kept", folder), mode);

    assert_non_null(f);
    return f;
}

static void keep(world *w, const char *name, const char *value)
{
    FILE *f = open_kept(w, "a");

    fprintf(f, "%s %s\n", name, value);
    assert_int_equal(fclose(f), 0);
}

/* What was kept last under this name: each round writes its own. */
static char *kept(world *w, const char *name)
{
    FILE *f = open_kept(w, "r");
    char line[4096], *value = NULL;
    size_t n = strlen(name);

    while (fgets(line, sizeof(line), f))
        if (strncmp(line, name, n) == 0 && line[n] == ' ')
            value = world_text(w, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
    fclose(f);
    assert_non_null(value);
    return value;
}

/* --- one server on the file --- */

static world *open_there(uint64_t seed)
{
    istauth_sqlite_options options = ISTAUTH_SQLITE_OPTIONS_INIT;
    istauth_error error;
    world *w = world_new();

    w->seed = seed; /* each round draws other identifiers */
    w->config.ticket_key = ticket_key;
    w->config.lifetimes.refresh_retry_window = 60;
    if (istauth_sqlite_store_open(&w->given, world_text(w, "%s/db", folder), &options, &error))
        fail_msg("%s", error.detail);
    world_open(w);
    return w;
}

static istauth_str ticket_of(world *w, const char *client_id)
{
    istauth_authorization authorization;
    istauth_consent consent;
    char *query = world_query(w, client_id, WORLD_CLIENT_REDIRECT, "scope=mcp");

    assert_int_equal(
        istauth_authorize_check(&authorization, w->server, istauth_str_of(query), &w->arena),
        ISTAUTH_OK);
    assert_int_equal(
        istauth_consent_open(&consent, w->server, &authorization, ADA, BROWSER, &w->arena),
        ISTAUTH_OK);
    return consent.ticket;
}

static void test_written(void **state)
{
    world *w = open_there((uint64_t)getpid() << 32);
    char *client, personal[ISTAUTH_TOKEN_SIZE];
    istauth_str workspaces[] = { ISTAUTH_STR("ws_engine") };
    istauth_personal_wish wish = { .name = ISTAUTH_STR("script"),
                                   .scopes = ISTAUTH_STR("mcp:read"),
                                   .workspaces = { workspaces, 1 } };
    istauth_id id;
    reply *first = world_connect(w, "mcp", &client);
    const char *spent = reply_str(first, "refresh_token");
    reply *second = world_refresh(w, client, spent);

    (void)state;
    keep(w, "client", client);
    keep(w, "spent", spent);
    keep(w, "answer", second->body);
    keep(w, "access", reply_str(second, "access_token"));
    keep(w, "refresh", reply_str(second, "refresh_token"));
    keep(w, "code", world_code(w, client, "scope=mcp"));
    keep(w, "ticket", ticket_of(w, client).p);
    assert_int_equal(istauth_personal_token_create(personal, &id, w->server, ADA, &wish, &w->arena),
                     ISTAUTH_OK);
    keep(w, "personal", personal);
}

static void assert_lives(world *w, const char *token)
{
    istauth_access access;

    assert_int_equal(world_verify(w, &access, token), ISTAUTH_OK);
    assert_true(istauth_str_equal(access.subject, ADA));
}

static void test_tokens_live(void **state)
{
    assert_lives(*state, kept(*state, "access"));
    assert_lives(*state, kept(*state, "personal"));
}

static void test_a_lost_answer_is_given_again(void **state)
{
    reply *r = world_refresh(*state, kept(*state, "client"), kept(*state, "spent"));

    assert_int_equal(r->status, 200);
    assert_string_equal(r->body, kept(*state, "answer"));
}

static void test_a_code_is_redeemed(void **state)
{
    reply *r = world_redeem(*state, kept(*state, "client"), kept(*state, "code"));

    assert_int_equal(r->status, 200);
    assert_lives(*state, reply_str(r, "access_token"));
}

static void test_a_ticket_is_answered(void **state)
{
    world *w = *state;
    istauth_str workspaces[] = { ISTAUTH_STR("ws_engine") };
    istauth_choice choice = { ISTAUTH_STR("mcp"), { workspaces, 1 } };
    istauth_str location;
    reply *r;

    assert_int_equal(istauth_consent_approve(&location, w->server, istauth_str_of(kept(w, "ticket")),
                                             ADA, BROWSER, &choice, &w->arena),
                     ISTAUTH_OK);
    r = world_redeem(w, kept(w, "client"), url_param(w, location.p, "code"));
    assert_int_equal(r->status, 200);
}

static void test_the_family_goes_on_and_dies(void **state)
{
    world *w = *state;
    reply *r = world_refresh(w, kept(w, "client"), kept(w, "refresh"));
    istauth_access access;

    assert_int_equal(r->status, 200);
    assert_lives(w, reply_str(r, "access_token"));
    expect_error(world_refresh(w, kept(w, "client"), kept(w, "spent")), 400, "invalid_grant");
    assert_int_equal(world_verify(w, &access, reply_str(r, "access_token")), ISTAUTH_E_INVALID_TOKEN);
}

static int setup(void **state)
{
    *state = open_there((uint64_t)getpid() << 32 | 1);
    return 0;
}

static int teardown(void **state)
{
    istauth_store store = ((world *)*state)->given;

    world_free(*state);
    istauth_sqlite_store_close(&store);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest writing[] = { cmocka_unit_test(test_written) };
    const struct CMUnitTest reading[] = {
        cmocka_unit_test(test_tokens_live),
        cmocka_unit_test(test_a_lost_answer_is_given_again),
        cmocka_unit_test(test_a_code_is_redeemed),
        cmocka_unit_test(test_a_ticket_is_answered),
        cmocka_unit_test(test_the_family_goes_on_and_dies),
    };

    if (argc != 3)
        return 2;
    folder = argv[2];
    if (strcmp(argv[1], "write") == 0)
        /* As a process that was killed, so that the log beside the file is moved, too. */
        _exit(cmocka_run_group_tests(writing, NULL, NULL));
    return cmocka_run_group_tests(reading, setup, teardown);
}
