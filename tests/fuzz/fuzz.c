/* libFuzzer's door to tests/support/fuzz_targets.c. `make fuzz TARGET=form` builds it with the name
 * of one target. */
#include "support/fuzz_targets.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < fuzz_target_count; i++)
        if (strcmp(fuzz_targets[i].name, FUZZ_TARGET) == 0) {
            fuzz_targets[i].run(data, size);
            return 0;
        }
    abort(); /* no such target */
}
