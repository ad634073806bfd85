/* SPDX-License-Identifier: GPL-3.0-or-later
 * Any bytes as C-DNS. */
#include "tests/fuzz/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct source_opts opts = {.format = "cdns"};
    fuzz_source(data, n, &opts);
    return 0;
}
