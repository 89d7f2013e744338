/* The fuzzers' corpora once more, and ten thousand mutations of each entry's neighbours, every input
 * placed so that the byte behind it cannot be read. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "support/fuzz_targets.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#define CORPUS "tests/fuzz/corpus"
#define MUTATIONS 2000
#define INPUT_MAX 8192
#define PAGE 4096

/* The input ends where a page begins that nobody may touch (ME-19). */
static uint8_t *guarded;

static int map_guard(void **state)
{
    size_t size = INPUT_MAX + PAGE;

    (void)state;
    guarded = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (guarded == MAP_FAILED)
        return -1;
    return mprotect(guarded + INPUT_MAX, PAGE, PROT_NONE);
}

static int unmap_guard(void **state)
{
    (void)state;
    return munmap(guarded, INPUT_MAX + PAGE);
}

static void run_guarded(const fuzz_target *target, const uint8_t *data, size_t n)
{
    uint8_t *at = guarded + INPUT_MAX - n;

    memmove(at, data, n);
    target->run(at, n);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One small change: a byte, a cut, a doubled piece, or a byte with a meaning. */
static size_t mutate(uint8_t *data, size_t n, uint32_t *seed)
{
    static const char special[] = "&=%+?#/:@\\\"'<>{}[], \r\n\0\xFF\x80*.";
    size_t at = n ? next_random(seed) % n : 0, length;

    switch (next_random(seed) % 4) {
    case 0:
        if (n)
            data[at] = (uint8_t)next_random(seed);
        return n;
    case 1:
        return at;
    case 2:
        length = n - at;
        if (n + length > INPUT_MAX)
            return n;
        memmove(data + n, data + at, length);
        return n + length;
    default:
        if (n)
            data[at] = (uint8_t)special[next_random(seed) % (sizeof(special) - 1)];
        return n;
    }
}

static size_t replay_file(const fuzz_target *target, const char *path)
{
    static uint8_t original[INPUT_MAX], data[INPUT_MAX];
    FILE *file = fopen(path, "rb");
    uint32_t seed = 1;
    size_t n;

    assert_non_null(file);
    n = fread(original, 1, sizeof(original), file);
    fclose(file);
    run_guarded(target, original, n);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t m = n;

        memcpy(data, original, n);
        for (uint32_t changes = 1 + next_random(&seed) % 4; changes; changes--)
            m = mutate(data, m, &seed);
        run_guarded(target, data, m);
    }
    return MUTATIONS + 1;
}

static size_t replay(const fuzz_target *target)
{
    char path[512];
    struct dirent *entry;
    size_t runs = 0;
    DIR *folder;

    snprintf(path, sizeof(path), CORPUS "/%s", target->name);
    folder = opendir(path);
    if (!folder)
        fail_msg("no corpus in %s (run from the project's folder)", path);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), CORPUS "/%s/%s", target->name, entry->d_name);
        runs += replay_file(target, path);
    }
    closedir(folder);
    return runs;
}

static void test_me_18_me_19_corpora_and_their_neighbours_break_nothing(void **state)
{
    size_t runs = 0;

    (void)state;
    for (size_t i = 0; i < fuzz_target_count; i++) {
        size_t one = replay(&fuzz_targets[i]);

        assert_true(one > MUTATIONS);
        runs += one;
    }
    print_message("%zu inputs\n", runs);
}

static void test_me_19_the_empty_input_breaks_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < fuzz_target_count; i++)
        run_guarded(&fuzz_targets[i], guarded, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_me_18_me_19_corpora_and_their_neighbours_break_nothing),
        cmocka_unit_test(test_me_19_the_empty_input_breaks_nothing),
    };

    return cmocka_run_group_tests(tests, map_guard, unmap_guard);
}
