#include "unit/unit.h"

#include <istauth/workspace.h>

static const istauth_workspace items[] = {
    { ISTAUTH_STR_INIT("ws_engine"), ISTAUTH_STR_INIT("Analytical Engine"), ISTAUTH_STR_INIT("Pro"),
      { NULL, 0 }, true },
    { ISTAUTH_STR_INIT("ws_notes"), ISTAUTH_STR_INIT("Notes"), ISTAUTH_STR_INIT("Max"),
      { NULL, 0 }, true },
    { ISTAUTH_STR_INIT("ws_home"), ISTAUTH_STR_INIT("Home"), ISTAUTH_STR_INIT("Free"),
      ISTAUTH_STR_INIT("Needs Pro"), false },
};
static const istauth_workspace_offer offer = { items, COUNT(items) };

static istauth_status choose(istauth_str_list *chosen, void **state, const istauth_str *wanted,
                             size_t count)
{
    istauth_str_list list = { wanted, count };

    return istauth_workspace_choose(chosen, arena_of(state), offer, list);
}

static void test_choice_comes_back_in_the_order_of_the_offer(void **state)
{
    istauth_str wanted[] = { ISTAUTH_STR_INIT("ws_notes"), ISTAUTH_STR_INIT("ws_engine") };
    istauth_str_list chosen;

    assert_int_equal(choose(&chosen, state, wanted, 2), ISTAUTH_OK);
    assert_int_equal(chosen.count, 2);
    assert_says(chosen.items[0], "ws_engine");
    assert_says(chosen.items[1], "ws_notes");
    assert_ptr_not_equal(chosen.items[0].p, items[0].id.p);
}

static void test_choosing_nothing_is_an_empty_choice(void **state)
{
    istauth_str_list chosen = { NULL, 9 };

    assert_int_equal(choose(&chosen, state, NULL, 0), ISTAUTH_OK);
    assert_int_equal(chosen.count, 0);
}

static void test_co_09_what_was_not_offered_or_is_forbidden_fails_the_whole_choice(void **state)
{
    istauth_str long_id = repeated(arena_of(state), 'w', 65536);
    const istauth_str bad[] = {
        ISTAUTH_STR_INIT("ws_home"),      ISTAUTH_STR_INIT("ws_compilers"),
        ISTAUTH_STR_INIT(""),             ISTAUTH_STR_INIT("../"),
        ISTAUTH_STR_INIT("WS_ENGINE"),    ISTAUTH_STR_INIT("ws_engin"),
        ISTAUTH_STR_INIT("ws_engine\0"),  ISTAUTH_STR_INIT("ws_engine "),
        ISTAUTH_STR_INIT("' OR 1=1 --"),  ISTAUTH_STR_INIT("ws_notes"), /* twice */
        long_id,
    };

    for (size_t i = 0; i < COUNT(bad); i++) {
        istauth_str wanted[] = { ISTAUTH_STR_INIT("ws_notes"), exact(bad[i]) };
        istauth_str_list chosen = { NULL, 42 };

        assert_int_equal(choose(&chosen, state, wanted, 2), ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
        assert_int_equal(chosen.count, 42);
        exact_free(wanted[1]);
    }
}

static void test_co_09_an_id_that_is_offered_twice_is_choosable_only_if_both_are(void **state)
{
    istauth_workspace twice[] = { items[0], items[0] };
    istauth_workspace_offer two = { twice, 2 };
    istauth_str wanted = ISTAUTH_STR("ws_engine");
    istauth_str_list list = { &wanted, 1 }, chosen;

    assert_int_equal(istauth_workspace_choose(&chosen, arena_of(state), two, list), ISTAUTH_OK);
    assert_int_equal(chosen.count, 1);
    for (int i = 0; i < 2; i++) {
        twice[i].choosable = false;
        twice[1 - i].choosable = true;
        assert_int_equal(istauth_workspace_choose(&chosen, arena_of(state), two, list),
                         ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
    }
}

static void test_co_09_a_malformed_id_is_not_choosable_even_if_offered(void **state)
{
    istauth_workspace odd = { ISTAUTH_STR_INIT("a b"), { NULL, 0 }, { NULL, 0 }, { NULL, 0 }, true };
    istauth_workspace_offer one = { &odd, 1 };
    istauth_str_list list = { &odd.id, 1 }, chosen;

    assert_int_equal(istauth_workspace_choose(&chosen, arena_of(state), one, list),
                     ISTAUTH_E_WORKSPACE_NOT_CHOOSABLE);
}

static void test_an_id_is_1_to_128_visible_ascii_characters(void **state)
{
    istauth_str text = repeated(arena_of(state), 'w', ISTAUTH_WORKSPACE_ID_MAX + 1);

    assert_false(istauth_workspace_id_is_valid(text));
    text.n--;
    assert_true(istauth_workspace_id_is_valid(text));
    assert_false(istauth_workspace_id_is_valid(ISTAUTH_STR("")));
    for (int byte = 0; byte < 256; byte++) {
        char id[] = { 'w', (char)byte };

        assert_int_equal(istauth_workspace_id_is_valid((istauth_str){ id, 2 }),
                         byte >= 0x21 && byte <= 0x7E);
    }
}

static void test_only_what_was_granted_is_allowed(void **state)
{
    const istauth_str granted[] = { ISTAUTH_STR_INIT("ws_engine"), ISTAUTH_STR_INIT("ws_notes"),
                                    ISTAUTH_STR_INIT("") };
    const istauth_str_list list = { granted, COUNT(granted) }, none = { NULL, 0 };
    static const char *const bad[] = { "", "ws_engin", "ws_engine2", "WS_ENGINE", "ws_home", " " };

    (void)state;
    assert_true(istauth_workspace_allows(list, ISTAUTH_STR("ws_engine")));
    assert_true(istauth_workspace_allows(list, ISTAUTH_STR("ws_notes")));
    assert_false(istauth_workspace_allows(none, ISTAUTH_STR("ws_engine")));
    assert_false(istauth_workspace_allows(list, ISTAUTH_STR("ws_engine\0")));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(istauth_workspace_allows(list, istauth_str_of(bad[i])));
}

static void test_me_05_choosing_without_memory_writes_nothing(void **state)
{
    istauth_str wanted[] = { ISTAUTH_STR_INIT("ws_notes"), ISTAUTH_STR_INIT("ws_engine") };
    istauth_str_list list = { wanted, 2 }, chosen = { NULL, 42 };
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    (void)state;
    for (size_t cap = 0; st; cap += 16) {
        istauth_arena arena;

        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        assert_int_equal(chosen.count, 42);
        st = istauth_workspace_choose(&chosen, &arena, offer, list);
        istauth_arena_wipe(&arena);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_true(cap < 4096);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_choice_comes_back_in_the_order_of_the_offer),
        with_arena(test_choosing_nothing_is_an_empty_choice),
        with_arena(test_co_09_what_was_not_offered_or_is_forbidden_fails_the_whole_choice),
        with_arena(test_co_09_an_id_that_is_offered_twice_is_choosable_only_if_both_are),
        with_arena(test_co_09_a_malformed_id_is_not_choosable_even_if_offered),
        with_arena(test_an_id_is_1_to_128_visible_ascii_characters),
        cmocka_unit_test(test_only_what_was_granted_is_allowed),
        cmocka_unit_test(test_me_05_choosing_without_memory_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
