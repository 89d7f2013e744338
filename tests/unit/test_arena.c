#include "unit/unit.h"

#include "base/buf_i.h"

#include <stdalign.h>

/* An allocator that counts, and keeps what is released readable for the test to look at. */
typedef struct keeper {
    unsigned char *blocks[64];
    size_t sizes[64];
    size_t count, released;
} keeper;

static void *keep_alloc(void *ctx, size_t size)
{
    keeper *k = ctx;

    if (k->count == COUNT(k->blocks))
        return NULL;
    k->blocks[k->count] = malloc(size);
    k->sizes[k->count] = size;
    return k->blocks[k->count++];
}

static void keep_release(void *ctx, void *block)
{
    if (block)
        ((keeper *)ctx)->released++;
}

static void keeper_free(keeper *k)
{
    for (size_t i = 0; i < k->count; i++)
        free(k->blocks[i]);
}

static bool holds_secret(const unsigned char *p, size_t n)
{
    for (size_t i = 0; i + 4 <= n; i++)
        if (memcmp(p + i, "SSSS", 4) == 0)
            return true;
    return false;
}

static void test_every_block_is_aligned_and_apart(void **state)
{
    alignas(max_align_t) char buffer[512];
    istauth_arena arena;
    char *before = NULL;
    size_t before_size = 0;

    (void)state;
    istauth_arena_init(&arena, buffer + 1, sizeof(buffer) - 1, NULL, 1 << 20); /* a crooked buffer */
    for (size_t size = 0; size < 300; size += 7) {
        char *p = istauth_arena_alloc(&arena, size);

        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        memset(p, 'x', size);
        if (before)
            assert_true(p >= before + before_size || p + size <= before);
        before = p;
        before_size = size;
    }
    istauth_arena_wipe(&arena);
}

static void test_the_cap_holds_to_the_byte(void **state)
{
    istauth_arena arena;

    (void)state;
    istauth_arena_init(&arena, NULL, 0, NULL, 1000);
    assert_null(istauth_arena_alloc(&arena, 1001));
    assert_non_null(istauth_arena_alloc(&arena, 1000));
    assert_null(istauth_arena_alloc(&arena, 1));
    istauth_arena_wipe(&arena);
    assert_non_null(istauth_arena_alloc(&arena, 1000));
    istauth_arena_wipe(&arena);
}

/* Refuses, and notices a size that wrapped around on its way here. */
static void *refuse_huge(void *ctx, size_t size)
{
    (void)ctx;
    assert_true(size > SIZE_MAX / 2);
    return NULL;
}

static void test_me_07_sizes_near_the_end_of_the_address_space_fail(void **state)
{
    istauth_allocator allocator = { refuse_huge, keep_release, NULL };
    char buffer[64];
    istauth_str out = ISTAUTH_STR("untouched"), huge = { "x", SIZE_MAX };
    istauth_str_list list = { &huge, SIZE_MAX }, copy = { NULL, 42 };
    istauth_arena arena;

    (void)state;
    istauth_arena_init(&arena, buffer, sizeof(buffer), &allocator, SIZE_MAX);
    for (size_t less = 0; less < 64; less++)
        assert_null(istauth_arena_alloc(&arena, SIZE_MAX - less));
    assert_int_equal(istauth_arena_copy(&out, &arena, huge), ISTAUTH_E_NO_MEMORY);
    assert_int_equal(istauth_arena_copy_list(&copy, &arena, list), ISTAUTH_E_NO_MEMORY);
    assert_says(out, "untouched");
    assert_int_equal(copy.count, 42);
    istauth_arena_wipe(&arena);
}

static void test_without_overflow_only_the_buffer_is_used(void **state)
{
    alignas(max_align_t) char buffer[64];
    istauth_arena arena;
    char *p;

    (void)state;
    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 0);
    p = istauth_arena_alloc(&arena, sizeof(buffer));
    assert_ptr_equal(p, buffer);
    assert_null(istauth_arena_alloc(&arena, 1));
    istauth_arena_wipe(&arena);
    assert_ptr_equal(istauth_arena_alloc(&arena, 1), buffer);
}

static void test_cr_05_wipe_zeroes_buffer_and_overflow(void **state)
{
    alignas(max_align_t) unsigned char buffer[256];
    keeper k = { .count = 0 };
    istauth_allocator allocator = { keep_alloc, keep_release, &k };
    istauth_arena arena;

    (void)state;
    memset(buffer, 0, sizeof(buffer));
    istauth_arena_init(&arena, buffer, sizeof(buffer), &allocator, 1 << 20);
    for (size_t size = 8; size < 9000; size = size * 3 / 2) {
        char *p = istauth_arena_alloc(&arena, size);

        assert_non_null(p);
        memset(p, 'S', size);
    }
    assert_true(k.count > 1);
    assert_true(holds_secret(buffer, sizeof(buffer)));
    istauth_arena_wipe(&arena);
    assert_int_equal(k.released, k.count);
    assert_false(holds_secret(buffer, sizeof(buffer)));
    for (size_t i = 0; i < k.count; i++)
        assert_false(holds_secret(k.blocks[i], k.sizes[i]));
    keeper_free(&k);
}

static void test_cr_05_an_arena_can_be_used_and_wiped_again(void **state)
{
    alignas(max_align_t) unsigned char buffer[256];
    istauth_arena arena;

    (void)state;
    istauth_arena_init(&arena, buffer, sizeof(buffer), NULL, 1 << 16);
    for (int round = 0; round < 100; round++) {
        memset(istauth_arena_alloc(&arena, 200), 'S', 200);
        memset(istauth_arena_alloc(&arena, 5000), 'S', 5000);
        istauth_arena_wipe(&arena);
        assert_false(holds_secret(buffer, sizeof(buffer)));
    }
    istauth_arena_wipe(&arena);
}

static void test_a_failing_allocator_is_no_memory(void **state)
{
    keeper full = { .count = COUNT(full.blocks) };
    istauth_allocator allocator = { keep_alloc, keep_release, &full };
    istauth_str out = ISTAUTH_STR("untouched");
    istauth_arena arena;

    (void)state;
    istauth_arena_init(&arena, NULL, 0, &allocator, 1 << 20);
    assert_null(istauth_arena_alloc(&arena, 1));
    assert_int_equal(istauth_arena_copy(&out, &arena, ISTAUTH_STR("x")), ISTAUTH_E_NO_MEMORY);
    assert_says(out, "untouched");
    istauth_arena_wipe(&arena);
    assert_int_equal(full.released, 0);
}

static void test_copies_end_in_nul_and_are_independent(void **state)
{
    char text[] = "hello";
    istauth_str items[] = { { text, 5 }, { NULL, 0 }, { text, 2 } };
    istauth_str_list list = { items, 3 }, copy;
    istauth_str out;

    assert_int_equal(istauth_arena_copy(&out, arena_of(state), items[0]), ISTAUTH_OK);
    assert_int_equal(istauth_arena_copy_list(&copy, arena_of(state), list), ISTAUTH_OK);
    memset(text, 'x', 5);
    assert_string_equal(out.p, "hello");
    assert_int_equal(copy.count, 3);
    assert_string_equal(copy.items[0].p, "hello");
    assert_string_equal(copy.items[1].p, "");
    assert_string_equal(copy.items[2].p, "he");
}

static void test_a_buffer_of_text_grows_and_reports_failure_once(void **state)
{
    istauth__buf b = istauth__buf_in(arena_of(state)), none;
    istauth_str text;
    istauth_arena empty;

    for (int i = 0; i < 1000; i++)
        istauth__buf_text(&b, "0123456789");
    assert_int_equal(istauth__buf_done(&text, &b), ISTAUTH_OK);
    assert_int_equal(text.n, 10000);
    assert_int_equal(strlen(text.p), 10000);
    assert_memory_equal(text.p + 9990, "0123456789", 10);

    istauth_arena_init(&empty, NULL, 0, NULL, 300);
    none = istauth__buf_in(&empty);
    text = ISTAUTH_STR("untouched");
    for (int i = 0; i < 1000; i++)
        istauth__buf_text(&none, "0123456789");
    istauth__buf_char(&none, 'x'); /* would fit: but the text has a hole by now */
    assert_int_equal(istauth__buf_done(&text, &none), ISTAUTH_E_NO_MEMORY);
    assert_says(text, "untouched");
    istauth_arena_wipe(&empty);
}

static void test_an_empty_buffer_is_an_empty_text(void **state)
{
    istauth__buf b = istauth__buf_in(arena_of(state));
    istauth_str text;

    assert_int_equal(istauth__buf_done(&text, &b), ISTAUTH_OK);
    assert_int_equal(text.n, 0);
    assert_string_equal(text.p, "");
}

static void test_me_09_integers_of_every_size(void **state)
{
    static const struct {
        int64_t value;
        const char *text;
    } rows[] = {
        { 0, "0" },
        { 7, "7" },
        { -1, "-1" },
        { 3600, "3600" },
        { INT64_C(2147483648), "2147483648" },
        { INT64_C(4294967296), "4294967296" },
        { INT64_MAX, "9223372036854775807" },
        { INT64_MIN, "-9223372036854775808" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        istauth__buf b = istauth__buf_in(arena_of(state));
        istauth_str text;

        istauth__buf_int(&b, rows[i].value);
        assert_int_equal(istauth__buf_done(&text, &b), ISTAUTH_OK);
        assert_says(text, rows[i].text);
    }
}

static void test_az_07_url_encoding_leaves_only_unreserved(void **state)
{
    istauth__buf b = istauth__buf_in(arena_of(state));
    istauth_str text;

    istauth__buf_url(&b, ISTAUTH_STR("aZ09-._~ +&#%=/?\r\n\0\"\xC3\xA9"));
    assert_int_equal(istauth__buf_done(&text, &b), ISTAUTH_OK);
    assert_says(text, "aZ09-._~%20%2B%26%23%25%3D%2F%3F%0D%0A%00%22%C3%A9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_block_is_aligned_and_apart),
        cmocka_unit_test(test_the_cap_holds_to_the_byte),
        cmocka_unit_test(test_me_07_sizes_near_the_end_of_the_address_space_fail),
        cmocka_unit_test(test_without_overflow_only_the_buffer_is_used),
        cmocka_unit_test(test_cr_05_wipe_zeroes_buffer_and_overflow),
        cmocka_unit_test(test_cr_05_an_arena_can_be_used_and_wiped_again),
        cmocka_unit_test(test_a_failing_allocator_is_no_memory),
        with_arena(test_copies_end_in_nul_and_are_independent),
        with_arena(test_a_buffer_of_text_grows_and_reports_failure_once),
        with_arena(test_an_empty_buffer_is_an_empty_text),
        with_arena(test_me_09_integers_of_every_size),
        with_arena(test_az_07_url_encoding_leaves_only_unreserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
