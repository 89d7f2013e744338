/* Everything that reads bytes from outside, as functions over one input: driven by libFuzzer
 * (tests/fuzz/fuzz.c) and replayed in make check (tests/endpoints/test_replay.c). Each aborts when
 * what must always hold does not. */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_target {
    const char *name;
    void (*run)(const uint8_t *data, size_t n);
} fuzz_target;

extern const fuzz_target fuzz_targets[];
extern const size_t fuzz_target_count;

#endif
