/* The operator's side: all clients, one's grants, one person's, and the end of a single grant. */
#include "support/person.h"

static istauth_clients clients_behind(world *w, istauth_str after, size_t limit)
{
    istauth_clients page;

    assert_int_equal(istauth_clients_list(&page, w->server, after, limit, &w->arena), ISTAUTH_OK);
    return page;
}

static istauth_grant_entries grants_of(world *w, const char *client_id, size_t limit)
{
    istauth_grant_entries page;

    assert_int_equal(istauth_client_grants(&page, w->server, istauth_str_of(client_id),
                                           ISTAUTH_STR(""), limit, &w->arena), ISTAUTH_OK);
    return page;
}

static istauth_grant_entries grants_of_subject(world *w, istauth_str subject)
{
    istauth_grant_entries page;

    assert_int_equal(istauth_subject_grants(&page, w->server, subject, 9, &w->arena), ISTAUTH_OK);
    return page;
}

static void test_a_walk_shows_every_client_in_order(void **state)
{
    world *w = *state;
    istauth_str last = ISTAUTH_STR("");
    size_t met = 0;
    istauth_clients page;

    for (int i = 0; i < 7; i++)
        (void)world_register(w, WORLD_CLIENT_REDIRECT);
    do {
        page = clients_behind(w, last, 3);
        for (size_t i = 0; i < page.count; i++, met++) {
            assert_true(strcmp(page.items[i].client_id.p, last.n ? last.p : "") > 0);
            last = page.items[i].client_id;
        }
    } while (page.count == 3);
    assert_int_equal(met, 7);
}

static void test_a_clients_grants_are_everybodys(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    connection other = connect_app(w, "mcp:read");
    istauth_grant_entries page;
    istauth_id first;

    (void)connect_again(w, c.client_id, NULL);
    page = grants_of(w, c.client_id, 9);
    assert_int_equal(page.count, 2);
    first = page.items[0].grant.id;
    assert_true(istauth_str_equal(page.items[0].grant.client_id, istauth_str_of(c.client_id)));
    assert_int_equal(istauth_client_grants(&page, w->server, istauth_str_of(c.client_id),
                                           istauth_id_str(&first), 9, &w->arena), ISTAUTH_OK);
    assert_int_equal(page.count, 1);
    assert_int_equal(grants_of(w, other.client_id, 9).count, 1);
    assert_int_equal(grants_of(w, "nobody", 9).count, 0);
    assert_int_equal(grants_of_subject(w, ADA).count, 3);
    assert_int_equal(grants_of_subject(w, GRACE).count, 0);
    assert_int_equal(grants_of_subject(w, ISTAUTH_STR("")).count, 0);
}

/* Not its sister, and not the person's other tokens. */
static void test_one_grant_is_revoked_and_no_other(void **state)
{
    world *w = *state;
    connection first = connect_app(w, "mcp"), second = connect_again(w, first.client_id, NULL);
    istauth_str gone = istauth_id_str(&grants_of_subject(w, ADA).items[0].grant.id);
    istauth_id personal;
    char *token = personal_token(w, &personal, "mcp");

    assert_int_equal(istauth_grant_revoke(w->server, gone), ISTAUTH_OK);
    assert_int_equal(opens(w, first.access) + opens(w, second.access), 1);
    assert_int_equal(refreshes(w, &first) + refreshes(w, &second), 1);
    assert_int_equal(istauth_grant_revoke(w->server, gone), ISTAUTH_OK);
    assert_true(opens(w, token));
    assert_int_equal(istauth_grant_revoke(w->server, istauth_id_str(&personal)), ISTAUTH_OK);
    assert_false(opens(w, token));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 3);
    assert_non_null(strstr(w->log, gone.p));
}

static void test_what_names_no_grant_revokes_none(void **state)
{
    world *w = *state;
    connection c = connect_app(w, "mcp");
    istauth_id id = grants_of_subject(w, ADA).items[0].grant.id;
    istauth_str whole = istauth_id_str(&id);
    char upper[ISTAUTH_ID_SIZE], other[ISTAUTH_ID_SIZE];

    for (size_t i = 0; i <= whole.n; i++)
        upper[i] = (char)(id.text[i] >= 'a' ? id.text[i] - 32 : id.text[i]);
    memcpy(other, id.text, sizeof(other));
    other[31] = other[31] == '0' ? '1' : '0';
    {
        const istauth_str names[] = { ISTAUTH_STR(""), istauth_str_of(other), { id.text, 31 },
                                      istauth_str_of("%"), istauth_str_of(c.client_id),
                                      { "0000000000000000000000000000000\0", 32 },
                                      { id.text, sizeof(id.text) } };

        for (size_t i = 0; i < COUNT(names); i++)
            assert_int_equal(istauth_grant_revoke(w->server, names[i]), ISTAUTH_E_NOT_FOUND);
    }
    if (strcmp(upper, id.text) != 0)
        assert_int_equal(istauth_grant_revoke(w->server, istauth_str_of(upper)),
                         ISTAUTH_E_NOT_FOUND);
    assert_true(opens(w, c.access));
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
}

static void test_what_is_no_page_is_refused(void **state)
{
    world *w = *state;
    const istauth_str none = ISTAUTH_STR("");
    istauth_grant_entries grants = { NULL, 5 };
    istauth_clients clients = { NULL, 5 };

    assert_int_equal(istauth_clients_list(&clients, w->server, none, 0, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_clients_list(&clients, w->server, ISTAUTH_STR("\xFF"), 9, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_clients_list(&clients, w->server, ISTAUTH_STR("a\n"), 9, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_client_grants(&grants, w->server, none, none, 0, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_client_grants(&grants, w->server, none, ISTAUTH_STR("abc"), 9,
                                           &w->arena), ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_subject_grants(&grants, w->server, ADA, 0, &w->arena),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(clients.count, 5);
    assert_int_equal(grants.count, 5);
}

static void test_a_store_that_fails_is_no_empty_list(void **state)
{
    faulty *f = *state;
    world *w = f->w;
    connection c = connect_app(w, "mcp");
    istauth_id id = grants_of_subject(w, ADA).items[0].grant.id;
    const istauth_str none = ISTAUTH_STR("");
    istauth_grant_entries grants = { NULL, 5 };
    istauth_clients clients = { NULL, 5 };

    break_op(f, ISTAUTH_STORE_CLIENT_LIST, 1);
    assert_int_equal(istauth_clients_list(&clients, w->server, none, 9, &w->arena),
                     ISTAUTH_E_UNAVAILABLE);
    break_op(f, ISTAUTH_STORE_GRANT_LIST, 1);
    assert_int_equal(istauth_client_grants(&grants, w->server, istauth_str_of(c.client_id), none, 9,
                                           &w->arena), ISTAUTH_E_UNAVAILABLE);
    plan_fault(f, ISTAUTH_STORE_APP_LIST, 1, ISTAUTH_E_NOT_FOUND, ISTAUTH_FAULT_ONCE);
    assert_int_equal(istauth_subject_grants(&grants, w->server, ADA, 9, &w->arena),
                     ISTAUTH_E_INTERNAL);
    break_op(f, ISTAUTH_STORE_GRANT_REVOKE, 1);
    assert_int_equal(istauth_grant_revoke(w->server, istauth_id_str(&id)), ISTAUTH_E_UNAVAILABLE);
    assert_int_equal(world_events(w, ISTAUTH_EVENT_REVOKED), 0);
    assert_true(opens(w, c.access));
    assert_int_equal(clients.count, 5);
    assert_int_equal(grants.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_walk_shows_every_client_in_order),
        CASE(test_a_clients_grants_are_everybodys),
        CASE(test_one_grant_is_revoked_and_no_other),
        CASE(test_what_names_no_grant_revokes_none),
        CASE(test_what_is_no_page_is_refused),
        FAULTY_CASE(test_a_store_that_fails_is_no_empty_list),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
