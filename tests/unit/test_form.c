#include "unit/unit.h"

#include "base/form_i.h"

static istauth_status parse(istauth__form *form, void **state, istauth_str text)
{
    istauth_str copy = exact(text);
    istauth_status st = istauth__form_parse(form, arena_of(state), copy);

    exact_free(copy); /* whatever came out must not point into it */
    return st;
}

static istauth_str get(const istauth__form *form, const char *name)
{
    istauth_str value = ISTAUTH_STR("untouched");

    assert_int_equal(istauth__form_get(&value, form, name), ISTAUTH_OK);
    return value;
}

static void test_ht_01_nul_is_refused(void **state)
{
    static const istauth_str bad[] = {
        ISTAUTH_STR_INIT("client_id=good%00evil"), ISTAUTH_STR_INIT("client_id=good\0evil"),
        ISTAUTH_STR_INIT("a%00=b"), ISTAUTH_STR_INIT("%00"), ISTAUTH_STR_INIT("a=b&c=%00"),
    };
    istauth__form form;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse(&form, state, bad[i]), ISTAUTH_E_INVALID_REQUEST);
}

static void test_ht_03_malformed_utf8_is_refused(void **state)
{
    static const char *const bad[] = { "a=%C0%AF", "a=%E0%80%AF", "a=%ED%A0%80", "a=%F5%80%80%80", "a=%FF",
                                       "a=\xC0\xAF", "%80=a", "a=%C3", "a=%C3&b=%A9", "a=%F4%90%80%80" };
    istauth__form form;

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse(&form, state, istauth_str_of(bad[i])), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(parse(&form, state, ISTAUTH_STR("a=%C3%A9\xC3\xA9")), ISTAUTH_OK);
    assert_says(get(&form, "a"), "\xC3\xA9\xC3\xA9");
}

static void test_ht_04_everything_is_decoded_once(void **state)
{
    istauth__form form;

    assert_int_equal(parse(&form, state, ISTAUTH_STR("state=a+b%2Bc&x=%2541&y=%26%3D%25&z=%c3%A9")),
                     ISTAUTH_OK);
    assert_says(get(&form, "state"), "a b+c");
    assert_says(get(&form, "x"), "%41");
    assert_says(get(&form, "y"), "&=%");
    assert_says(get(&form, "z"), "\xC3\xA9");
}

static void test_ht_05_odd_pairs_have_one_reading(void **state)
{
    istauth__form form;

    assert_int_equal(parse(&form, state, ISTAUTH_STR("&key&=x&a==b&c=&&d=1=2&")), ISTAUTH_OK);
    assert_int_equal(form.count, 5);
    assert_says(get(&form, "key"), "");
    assert_says(get(&form, ""), "x");
    assert_says(get(&form, "a"), "=b");
    assert_says(get(&form, "c"), "");
    assert_says(get(&form, "d"), "1=2");
    assert_says(get(&form, "absent"), "");
    assert_int_equal(parse(&form, state, ISTAUTH_STR("")), ISTAUTH_OK);
    assert_int_equal(form.count, 0);
    assert_int_equal(parse(&form, state, (istauth_str){ NULL, 0 }), ISTAUTH_OK);
}

static void test_ht_06_tk_07_repeats_are_refused_however_they_are_spelt(void **state)
{
    static const char *const bad[] = { "client%5Fid=a&client_id=b", "client_id=a&client_id=a",
                                       "client_id=&client_id=a", "client_id=a&x=1&client_id=",
                                       "client_id&client_id" };
    istauth__form form;

    for (size_t i = 0; i < COUNT(bad); i++) {
        istauth_str value = ISTAUTH_STR("untouched");

        assert_int_equal(parse(&form, state, istauth_str_of(bad[i])), ISTAUTH_OK);
        assert_int_equal(istauth__form_get(&value, &form, "client_id"), ISTAUTH_E_INVALID_REQUEST);
        assert_says(value, "untouched");
    }
    assert_int_equal(parse(&form, state, ISTAUTH_STR("x=1&x=2&client_id=a&Client_id=b&client_id2=c")),
                     ISTAUTH_OK);
    assert_says(get(&form, "client_id"), "a"); /* repeats of others are others' business */
}

static void test_tk_24_truncated_triples_are_refused_without_over_reading(void **state)
{
    static const char *const bad[] = { "a=%", "a=%4", "a=%g0", "a=%0g", "%", "%4", "a=b&%", "a=%%41", "a=% 1",
                                       "a=%+1", "a=%-1", "a=%0x" };
    istauth__form form;
    istauth_str out = ISTAUTH_STR("untouched");

    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(parse(&form, state, istauth_str_of(bad[i])), ISTAUTH_E_INVALID_REQUEST);
    assert_int_equal(istauth__form_decode(&out, arena_of(state), ISTAUTH_STR("%4")),
                     ISTAUTH_E_INVALID_REQUEST);
    assert_says(out, "untouched");
}

static void test_tk_24_any_bytes_are_read_in_bounds(void **state)
{
    static const char alphabet[] = "a=&%+41\xC3\xA9\0";
    uint32_t seed = 24;

    for (int round = 0; round < 20000; round++) {
        char bytes[20];
        size_t n = next_random(&seed) % sizeof(bytes);
        istauth__form form;

        for (size_t i = 0; i < n; i++)
            bytes[i] = alphabet[next_random(&seed) % (sizeof(alphabet) - 1)];
        if (parse(&form, state, (istauth_str){ bytes, n }) == ISTAUTH_OK)
            for (size_t i = 0; i < form.count; i++)
                assert_int_equal(strlen(form.fields[i].value.p), form.fields[i].value.n);
        if (round % 100 == 0)
            istauth_arena_wipe(arena_of(state));
    }
}

static void test_256_fields_and_not_257(void **state)
{
    istauth_str text = repeated(arena_of(state), '&', ISTAUTH__FORM_FIELDS_MAX);
    istauth__form form;

    assert_int_equal(parse(&form, state, text), ISTAUTH_E_INVALID_REQUEST);
    text.n--;
    assert_int_equal(parse(&form, state, text), ISTAUTH_OK);
    assert_int_equal(form.count, 0);
}

static void test_me_05_without_memory_nothing_is_written(void **state)
{
    istauth__form form = { NULL, 42 };
    istauth_status st = ISTAUTH_E_NO_MEMORY;

    (void)state;
    for (size_t cap = 0; st; cap += 8) {
        istauth_arena arena;

        assert_int_equal(form.count, 42);
        istauth_arena_init(&arena, NULL, 0, NULL, cap);
        st = istauth__form_parse(&form, &arena, ISTAUTH_STR("a=b&c=d"));
        istauth_arena_wipe(&arena);
        assert_true(st == ISTAUTH_OK || st == ISTAUTH_E_NO_MEMORY);
        assert_true(cap < 4096);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_ht_01_nul_is_refused),
        with_arena(test_ht_03_malformed_utf8_is_refused),
        with_arena(test_ht_04_everything_is_decoded_once),
        with_arena(test_ht_05_odd_pairs_have_one_reading),
        with_arena(test_ht_06_tk_07_repeats_are_refused_however_they_are_spelt),
        with_arena(test_tk_24_truncated_triples_are_refused_without_over_reading),
        with_arena(test_tk_24_any_bytes_are_read_in_bounds),
        with_arena(test_256_fields_and_not_257),
        cmocka_unit_test(test_me_05_without_memory_nothing_is_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
