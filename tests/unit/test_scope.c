#include "unit/unit.h"

#include <istauth/scope.h>

static istauth_scope_catalogue catalogue(void)
{
    istauth_scope_catalogue c;
    size_t count;
    const istauth_scope *scopes = istauth_scope_defaults(&count);

    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, count), ISTAUTH_OK);
    return c;
}

static istauth_scope_set set_of(const istauth_scope_catalogue *c, const char *text)
{
    istauth_scope_set set = { 0 };

    assert_int_equal(istauth_scope_parse(&set, NULL, c, istauth_str_of(text)), ISTAUTH_OK);
    return set;
}

static void test_names_are_read_and_printed_in_catalogue_order(void **state)
{
    static const struct {
        const char *in, *out;
        size_t unknown;
    } rows[] = {
        { "", "", 0 },
        { "mcp", "mcp", 0 },
        { "email mcp:read mcp", "mcp mcp:read email", 0 },
        { "mcp mcp mcp", "mcp", 0 },
        { "mcp offline_access claudeai", "mcp", 2 },
        { "foo", "", 1 },
        { "MCP Mcp mcp: xmcp mcp2 mcp:read2", "", 6 },
        { "!#[]^~", "", 1 }, /* the corners of the grammar */
    };
    istauth_scope_catalogue c = catalogue();

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_str in = exact(istauth_str_of(rows[i].in)), out;
        istauth_scope_set set;
        size_t unknown = 99;

        assert_int_equal(istauth_scope_parse(&set, &unknown, &c, in), ISTAUTH_OK);
        assert_int_equal(unknown, rows[i].unknown);
        assert_int_equal(istauth_scope_print(&out, arena_of(state), &c, set), ISTAUTH_OK);
        assert_says(out, rows[i].out);
        exact_free(in);
    }
}

static void test_az_19_text_outside_the_grammar_is_refused(void **state)
{
    static const istauth_str rows[] = {
        ISTAUTH_STR_INIT(" "),         ISTAUTH_STR_INIT(" mcp"),
        ISTAUTH_STR_INIT("mcp "),      ISTAUTH_STR_INIT("mcp  email"),
        ISTAUTH_STR_INIT("mcp\temail"), ISTAUTH_STR_INIT("mcp\n"),
        ISTAUTH_STR_INIT("mcp\"x"),    ISTAUTH_STR_INIT("mc\\p"),
        ISTAUTH_STR_INIT("mcp\0"),     ISTAUTH_STR_INIT("mcp\x7F"),
        ISTAUTH_STR_INIT("mcp \x80"),  ISTAUTH_STR_INIT("mcp \xC3\xA9"),
        ISTAUTH_STR_INIT("\x1F"),
    };
    istauth_scope_catalogue c = catalogue();

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth_scope_set set = { 77 };
        istauth_str in = exact(rows[i]);
        size_t unknown = 99;

        assert_int_equal(istauth_scope_parse(&set, &unknown, &c, in), ISTAUTH_E_INVALID_SCOPE);
        assert_int_equal(set.bits, 77);
        assert_int_equal(unknown, 99);
        exact_free(in);
    }
}

static void test_az_19_length_is_limited_to_the_byte(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_scope_set set;
    istauth_str text = repeated(arena_of(state), 'x', ISTAUTH_SCOPE_TEXT_MAX + 1);

    assert_int_equal(istauth_scope_parse(&set, NULL, &c, text), ISTAUTH_E_INVALID_SCOPE);
    text.n--;
    assert_int_equal(istauth_scope_parse(&set, NULL, &c, text), ISTAUTH_OK);
    assert_true(istauth_scope_is_empty(set));
}

static void test_every_byte_is_judged_as_rfc_6749_3_3_says(void **state)
{
    istauth_scope_catalogue c = catalogue();

    (void)state;
    assert_int_equal(set_of(&c, NULL).bits, 0);
    for (int byte = 0; byte < 256; byte++) {
        char text[] = { 'a', (char)byte, 'b' };
        istauth_scope_set set;
        bool fine = (byte >= 0x20 && byte <= 0x7E) && byte != '"' && byte != '\\';

        assert_int_equal(istauth_scope_parse(&set, NULL, &c, (istauth_str){ text, 3 }),
                         fine ? ISTAUTH_OK : ISTAUTH_E_INVALID_SCOPE);
    }
}

static void test_be_12_mcp_implies_reading_and_not_the_other_way(void **state)
{
    istauth_scope_catalogue c = catalogue();

    (void)state;
    assert_true(istauth_scope_allows(&c, set_of(&c, "mcp"), set_of(&c, "mcp:read")));
    assert_true(istauth_scope_allows(&c, set_of(&c, "mcp"), set_of(&c, "mcp mcp:read")));
    assert_true(istauth_scope_allows(&c, set_of(&c, "mcp:read"), set_of(&c, "")));
    assert_false(istauth_scope_allows(&c, set_of(&c, "mcp:read"), set_of(&c, "mcp")));
    assert_false(istauth_scope_allows(&c, set_of(&c, "mcp"), set_of(&c, "mcp email")));
    assert_false(istauth_scope_allows(&c, set_of(&c, ""), set_of(&c, "mcp:read")));
    assert_false(istauth_scope_allows(&c, set_of(&c, "openid profile email"), set_of(&c, "mcp")));
}

static void test_default_scopes_carry_their_flags_and_a_sentence(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_scope_set identity = istauth_scope_flagged(&c, ISTAUTH_SCOPE_IDENTITY);
    istauth_scope_set unlisted = istauth_scope_flagged(&c, ISTAUTH_SCOPE_UNLISTED);

    (void)state;
    assert_int_equal(identity.bits, set_of(&c, "openid profile email").bits);
    assert_int_equal(unlisted.bits, set_of(&c, "openid").bits);
    assert_int_equal(istauth_scope_flagged(&c, 0).bits, 0);
    for (size_t i = 0; i < c.count; i++)
        assert_true(c.scopes[i].sentence.n > 10);
}

static const istauth_scope chain[] = {
    { ISTAUTH_STR_INIT("a"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("b"), 0 },
    { ISTAUTH_STR_INIT("b"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("c d"), 0 },
    { ISTAUTH_STR_INIT("c"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("e"), 0 },
    { ISTAUTH_STR_INIT("d"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT(""), 0 },
    { ISTAUTH_STR_INIT("e"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("c"), 0 }, /* a circle */
    { ISTAUTH_STR_INIT("f"), ISTAUTH_STR_INIT(""), ISTAUTH_STR_INIT("f"), 0 }, /* itself */
};

static void test_implications_are_followed_all_the_way(void **state)
{
    istauth_scope_catalogue c;

    (void)state;
    assert_int_equal(istauth_scope_catalogue_init(&c, chain, COUNT(chain)), ISTAUTH_OK);
    assert_int_equal(istauth_scope_closure(&c, set_of(&c, "a")).bits, set_of(&c, "a b c d e").bits);
    assert_int_equal(istauth_scope_closure(&c, set_of(&c, "e")).bits, set_of(&c, "c e").bits);
    assert_int_equal(istauth_scope_closure(&c, set_of(&c, "d")).bits, set_of(&c, "d").bits);
    assert_int_equal(istauth_scope_closure(&c, set_of(&c, "f")).bits, set_of(&c, "f").bits);
    assert_int_equal(istauth_scope_closure(&c, set_of(&c, "")).bits, 0);
    assert_false(istauth_scope_allows(&c, set_of(&c, "b"), set_of(&c, "a")));
}

static void test_bad_catalogues_are_refused_and_nothing_is_written(void **state)
{
    static const istauth_scope pairs[][2] = {
        { { ISTAUTH_STR_INIT("a"), { 0 }, { 0 }, 0 }, { ISTAUTH_STR_INIT("a"), { 0 }, { 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), { 0 }, { 0 }, 0 }, { ISTAUTH_STR_INIT(""), { 0 }, { 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), { 0 }, { 0 }, 0 }, { ISTAUTH_STR_INIT("b c"), { 0 }, { 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), { 0 }, { 0 }, 0 }, { ISTAUTH_STR_INIT("b\""), { 0 }, { 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), { 0 }, ISTAUTH_STR_INIT("c"), 0 },
          { ISTAUTH_STR_INIT("b"), { 0 }, { 0 }, 0 } },
        { { ISTAUTH_STR_INIT("a"), { 0 }, ISTAUTH_STR_INIT("b "), 0 },
          { ISTAUTH_STR_INIT("b"), { 0 }, { 0 }, 0 } },
    };
    istauth_scope_catalogue c = { NULL, 42, { 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_int_equal(istauth_scope_catalogue_init(&c, pairs[i], 2), ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_scope_catalogue_init(&c, pairs[0], 0), ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_scope_catalogue_init(&c, NULL, 1), ISTAUTH_E_ARGUMENT);
    assert_int_equal(c.count, 42);
    assert_int_equal(istauth_scope_catalogue_init(&c, pairs[0], 1), ISTAUTH_OK);
}

static void test_a_catalogue_holds_64_scopes_and_not_65(void **state)
{
    istauth_scope scopes[ISTAUTH_SCOPE_MAX + 1] = { { { 0 }, { 0 }, { 0 }, 0 } };
    istauth_scope_catalogue c;
    istauth_scope_set last;

    for (size_t i = 0; i < COUNT(scopes); i++)
        scopes[i].name = repeated(arena_of(state), 's', i + 1);
    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, ISTAUTH_SCOPE_MAX + 1),
                     ISTAUTH_E_ARGUMENT);
    assert_int_equal(istauth_scope_catalogue_init(&c, scopes, ISTAUTH_SCOPE_MAX), ISTAUTH_OK);
    last = set_of(&c, scopes[ISTAUTH_SCOPE_MAX - 1].name.p);
    assert_true(last.bits == UINT64_C(1) << 63);
    assert_true(istauth_scope_allows(&c, last, last));
}

static void test_set_algebra(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_scope_set a = set_of(&c, "mcp email"), b = set_of(&c, "email profile");

    (void)state;
    assert_int_equal(istauth_scope_union(a, b).bits, set_of(&c, "mcp email profile").bits);
    assert_int_equal(istauth_scope_intersection(a, b).bits, set_of(&c, "email").bits);
    assert_int_equal(istauth_scope_without(a, b).bits, set_of(&c, "mcp").bits);
    assert_false(istauth_scope_is_subset(a, b));
    assert_true(istauth_scope_is_subset(set_of(&c, ""), b));
}

static void test_me_05_print_without_memory_writes_nothing(void **state)
{
    istauth_scope_catalogue c = catalogue();
    istauth_str text = ISTAUTH_STR("untouched");
    istauth_arena none;

    (void)state;
    istauth_arena_init(&none, NULL, 0, NULL, 0);
    assert_int_equal(istauth_scope_print(&text, &none, &c, set_of(&c, "mcp")),
                     ISTAUTH_E_NO_MEMORY);
    assert_says(text, "untouched");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_names_are_read_and_printed_in_catalogue_order),
        cmocka_unit_test(test_az_19_text_outside_the_grammar_is_refused),
        with_arena(test_az_19_length_is_limited_to_the_byte),
        cmocka_unit_test(test_every_byte_is_judged_as_rfc_6749_3_3_says),
        cmocka_unit_test(test_be_12_mcp_implies_reading_and_not_the_other_way),
        cmocka_unit_test(test_default_scopes_carry_their_flags_and_a_sentence),
        cmocka_unit_test(test_implications_are_followed_all_the_way),
        cmocka_unit_test(test_bad_catalogues_are_refused_and_nothing_is_written),
        with_arena(test_a_catalogue_holds_64_scopes_and_not_65),
        cmocka_unit_test(test_set_algebra),
        cmocka_unit_test(test_me_05_print_without_memory_writes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
